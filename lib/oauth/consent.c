/*
 * consent.c - see consent.h.
 */
#include "oauth/consent.h"

#include "base/buf.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/pct.h"

enum { QUERY_MAX = 16 * 1024 };

void
form_put(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(b, "%s%s=", b->n ? "&" : "", name);
	url_encode(b, value);
}

static const char *
consent_challenge(struct arena *a, const char *verifier)
{
	unsigned char sum[SHA256_LEN];

	hash_sha256(str_c(verifier), sum);
	return base64url_encode(a, (struct str){ (char *)sum, sizeof sum });
}

const char *
consent_nonce(struct arena *a, const struct oauth_provider *p, const char *verifier)
{
	return p->issuer ? consent_challenge(a, arena_printf(a, "nonce %s", verifier)) : NULL;
}

bool
consent_from(const struct oauth_provider *p, const char *iss)
{
	const char https[] = "https://";

	return !iss ||
	    (p->issuer && str_starts(str_c(iss), https) &&
		!strcmp(iss + sizeof https - 1, p->issuer));
}

/* Scopes are kept with spaces between. */
static const char *
consent_scopes(struct arena *a, const char *scopes, const char *separator)
{
	struct buf *b = buf_in(a, QUERY_MAX);
	struct str rest = str_c(scopes);

	while (rest.p && rest.n) {
		struct str word = str_cut(rest, ' ', &rest);
		buf_printf(b, "%s%.*s", b->n ? separator : "", (int)word.n, word.p);
	}
	return buf_c(b);
}

char *
consent_url(struct arena *a, const struct consent *c)
{
	const struct oauth_provider *p = c->provider;
	struct buf *b = buf_in(a, QUERY_MAX);

	form_put(b, "client_id", conf_str(p->client_id));
	form_put(b, "redirect_uri", c->redirect);
	form_put(b, "response_type", "code");
	if (c->scopes && *c->scopes)
		form_put(b, "scope", consent_scopes(a, c->scopes, p->separator));
	if (p->query)
		buf_printf(b, "&%s", p->query);
	form_put(b, "state", c->state);
	if (p->pkce) {
		form_put(b, "code_challenge", consent_challenge(a, c->verifier));
		form_put(b, "code_challenge_method", "S256");
	}
	form_put(b, "nonce", consent_nonce(a, p, c->verifier));
	if (p->hint)
		form_put(b, p->hint, c->hint);
	if (c->again && p->query_again)
		buf_printf(b, "&%s", p->query_again);
	return arena_printf(a, "%s?%s", oauth_at(a, &p->authorize), buf_c(b));
}

const char *
consent_redirect(struct arena *a, const char *provider)
{
	return arena_printf(a, "%s/api/auth/%s/callback", conf_app_url(a), provider);
}

static struct str
scope_words(struct str scope)
{
	const struct oauth_provider *p;

	for (size_t i = 0; (p = oauth_nth(i)); i++)
		for (size_t k = 0; k < OAUTH_WORDS && p->words[k].scope; k++)
			if (str_ends(scope, p->words[k].scope))
				return str_c(p->words[k].words);
	return scope;
}

const char *
consent_words(struct arena *a, const char *scopes)
{
	struct str rest = str_c(scopes);
	struct buf *b = buf_in(a, QUERY_MAX);

	while (rest.p && rest.n) {
		struct str words = scope_words(str_cut(rest, ' ', &rest));
		buf_printf(b, "%s%.*s", b->n ? ", " : "", (int)words.n, words.p);
	}
	return buf_c(b);
}

bool
consent_covers(struct arena *a, const char *granted, const char *needed, const char **missing)
{
	struct str rest = str_c(needed);
	struct buf *b = buf_in(a, 4000);

	while (rest.p && rest.n) {
		const struct str word = str_cut(rest, ' ', &rest);

		if (word.n > 0 && !str_has_word(str_c(granted), ' ', word))
			buf_printf(b, "%s%.*s", b->n ? " " : "", (int)word.n, word.p);
	}
	if (missing)
		*missing = buf_c(b);
	return b->n == 0;
}
