/*
 * moved.c - which server a configuration reads from, and so whose its secrets are (provider.h).
 * Apart from the table of kinds, which tests replace.
 */
#include "net/http.h"
#include "provider/provider.h"

bool
provider_moved(struct arena *a, const json *stored, const json *config)
{
	const char *from = json_str(stored, "url"), *to = json_str(config, "url");

	if (!from && !to)
		return false;
	return !from || !to || !http_same_origin(a, from, to);
}
