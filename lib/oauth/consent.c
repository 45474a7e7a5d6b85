/*
 * consent.c - see consent.h. Google: a refresh token comes only with access_type=offline, and
 * again only with prompt=consent.
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

char *
consent_url(struct arena *a, const char *provider, const char *redirect, const char *scopes,
    const char *state, const char *verifier, const char *hint, bool again)
{
	struct str base = str_c(conf_str(CONF_GOOGLE_ACCOUNTS_BASE));
	struct buf *b = buf_in(a, QUERY_MAX);
	unsigned char sum[SHA256_LEN];

	(void)provider; /* Google is the only one so far */
	while (str_ends(base, "/"))
		base.n--;
	hash_sha256(str_c(verifier), sum);
	form_put(b, "client_id", conf_str(CONF_GOOGLE_CLIENT_ID));
	form_put(b, "redirect_uri", redirect);
	form_put(b, "response_type", "code");
	form_put(b, "scope", scopes);
	form_put(b, "access_type", "offline");
	form_put(b, "include_granted_scopes", "true");
	form_put(b, "state", state);
	form_put(b, "code_challenge", base64url_encode(a, (struct str){ (char *)sum, sizeof sum }));
	form_put(b, "code_challenge_method", "S256");
	form_put(b, "login_hint", hint);
	form_put(b, "prompt", again ? "consent" : NULL);
	return arena_printf(a, "%.*s/o/oauth2/v2/auth?%s", (int)base.n, base.p, buf_c(b));
}

const char *
consent_redirect(struct arena *a, const char *provider)
{
	return arena_printf(a, "%s/api/auth/%s/callback", conf_app_url(a), provider);
}

const char *
consent_words(struct arena *a, const char *scopes)
{
	static const struct {
		const char *scope, *words;
	} rows[] = {
		{ "spreadsheets.readonly", "see your spreadsheets" },
		{ "drive.metadata.readonly", "see the names and dates of your files" },
		{ "userinfo.email", "see your e-mail address" },
		{ "openid", "know who you are" },
	};
	struct str rest = str_c(scopes);
	struct buf *b = buf_in(a, QUERY_MAX);

	while (rest.p && rest.n) {
		struct str scope = str_cut(rest, ' ', &rest), words = scope;
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
			if (str_ends(scope, rows[i].scope))
				words = str_c(rows[i].words);
		buf_printf(b, "%s%.*s", b->n ? ", " : "", (int)words.n, words.p);
	}
	return buf_c(b);
}
