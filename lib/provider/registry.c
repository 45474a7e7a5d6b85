/*
 * registry.c - the table of kinds of source, made from providers.def.
 */
#include "provider/provider.h"

static const struct provider *const providers[] = {
#define PROVIDER(id) &provider_##id,
#include "provider/providers.def"
#undef PROVIDER
};

enum { PROVIDERS = sizeof providers / sizeof providers[0] };

const struct provider *
provider_find(const char *id)
{
	for (size_t i = 0; i < PROVIDERS; i++)
		if (id && strcmp(providers[i]->id, id) == 0)
			return providers[i];
	return NULL;
}

const struct provider *
provider_nth(size_t i)
{
	return i < PROVIDERS ? providers[i] : NULL;
}
