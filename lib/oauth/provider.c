/*
 * provider.c - see provider.h.
 */
#include "oauth/provider.h"

static const struct oauth_provider providers[] = {
#define OAUTH(id_, ...) { .id = #id_, __VA_ARGS__ },
#include "oauth/oauth.def"
#undef OAUTH
};

enum { PROVIDERS = sizeof providers / sizeof providers[0] };

const struct oauth_provider *
oauth_nth(size_t i)
{
	return i < PROVIDERS ? &providers[i] : NULL;
}

const struct oauth_provider *
oauth_find(const char *id)
{
	for (size_t i = 0; i < PROVIDERS; i++)
		if (id && !strcmp(providers[i].id, id))
			return &providers[i];
	return NULL;
}

const char *
oauth_title(const char *id)
{
	const struct oauth_provider *p = oauth_find(id);

	return p ? p->title : "The provider";
}

bool
oauth_ready(const struct oauth_provider *p)
{
	return conf_set(p->client_id) && conf_set(p->client_secret);
}

bool
oauth_real(const struct oauth_provider *p)
{
	return conf_set(p->client_id) &&
	    (!p->real || str_starts(str_c(conf_str(p->token.base)), p->real));
}

const char *
oauth_at(struct arena *a, const struct oauth_address *at)
{
	struct str url = str_c(conf_str(at->base));

	if (!at->path)
		return NULL;
	if (url.n == 0)
		url = str_c(conf_str(at->otherwise));
	while (str_ends(url, "/"))
		url.n--;
	return arena_printf(a, "%.*s%s", (int)url.n, url.p, at->path);
}
