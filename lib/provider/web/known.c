/*
 * known.c - see known.h. The address is kept as a digest: it may hold a token.
 */
#include "provider/web/known.h"

#include "base/hash.h"
#include "provider/web/url.h"

/* In memory of its own: it is asked for once for each column. */
static const char *
known_address(const struct source *src, char out[SHA256_HEX])
{
	struct arena *own = arena_new("address", 256 * 1024, ARENA_WIPE);

	hash_sha256_hex(str_c(url_home(own, src)), out);
	arena_free(own);
	return out;
}

static bool
is_known(const struct source *src)
{
	char hash[SHA256_HEX];

	return src->known &&
	    hash_equal_c(json_str(src->known, "address"), known_address(src, hash));
}

const char *
known_str(const struct source *src, const char *name)
{
	return is_known(src) ? json_str(src->known, name) : NULL;
}

bool
known_has(const struct source *src, struct str label)
{
	const json *columns = json_at(src->known, "columns");

	label = str_trim(label);
	for (size_t i = 0; label.n > 0 && i < json_len(columns); i++)
		if (str_eq(str_trim(str_c(json_value_str(json_nth(columns, i)))), label))
			return true;
	return false;
}

bool
known_column(const struct source *src, struct str label)
{
	return is_known(src) && known_has(src, label);
}

enum rc
known_tell(struct ctx *cx, struct sink *sink, const char *name, const char *value)
{
	return sink->found ? sink->found(cx, sink, name, value) : RC_OK;
}

enum rc
known_begin(struct ctx *cx, const struct source *src, struct sink *sink)
{
	char hash[SHA256_HEX];

	return known_tell(cx, sink, "address", known_address(src, hash));
}
