/*
 * registry.c - the table of what reads, writes and watches each kind, made from providers.def.
 */
#include "provider/provider.h"

const struct writer no_writer;
const struct watcher no_watcher;

static const struct provider providers[] = {
#define PROVIDER(id, reader_, writer_, watcher_) \
	{ \
		.kind = &kind_##id, \
		.reader = &reader_, \
		.writer = &writer_, \
		.watcher = &watcher_, \
	},
#include "provider/providers.def"
#undef PROVIDER
};

const struct provider *
provider_find(const char *kind_id)
{
	for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++)
		if (kind_id && !strcmp(providers[i].kind->id, kind_id))
			return &providers[i];
	return NULL;
}
