/*
 * login_choice.c - see login_choice.h.
 */
#include "app/login_choice.h"
#include "kind/kind.h"
#include "oauth/consent.h"
#include "store/login.h"

bool
login_ready(const char *provider)
{
	const struct oauth_provider *p = oauth_find(provider);

	return p && oauth_ready(p);
}

const char *
login_service_provider(const char *given)
{
	const struct oauth_provider *p;

	for (size_t i = 0; !given && (p = oauth_nth(i)); i++)
		if (p->audience)
			return p->id;
	return given ? given : "";
}

/* May the kind be read with it at all? A service account may what its key says. */
static enum rc
login_allows(
    struct ctx *cx, struct db *db, const char *owner, const struct kind *kind, const char *id)
{
	const char *missing;
	struct login acc;

	TRY(login_get(cx, db, owner, id, &acc));
	if (!strcmp(acc.kind, "service") ||
	    consent_covers(cx->a, acc.scopes, kind->scopes, &missing))
		return RC_OK;
	return fail(cx, E_SCOPES,
	    "%.200s does not let Tidemark %s yet." LOGIN_ALLOW
	    "%s/api/auth/%s/start?account=%s&for=%s",
	    acc.address, consent_words(cx->a, missing), conf_app_url(cx->a), kind->account, id,
	    kind->id);
}

static enum rc
login_find(struct ctx *cx, struct db *db, const char *owner, struct complaints *wrong,
    const struct login_wish *wish, const char **id)
{
	const struct kind *kind = kind_find(wish->provider);
	struct login acc;
	bool several;
	enum rc rc;

	*id = NULL;
	if (!kind || !kind->account || (kind->token && json_str(wish->secret, kind->token)))
		return RC_OK;
	if (wish->given && *wish->given) {
		rc = login_get(cx, db, owner, wish->given, &acc);
		if (rc == RC_NOTFOUND || (rc == RC_OK && strcmp(acc.provider, kind->account)))
			return complaints_now(cx, wrong, "accountId", "There is no such account.");
		TRY(rc);
		*id = acc.id;
		return RC_OK;
	}
	TRY(remote_only(cx, db, owner, kind->account, id, &several));
	if (several)
		return complaints_now(cx, wrong, "accountId", "Say which account to read with.");
	if (*id || kind_token(kind, wish->secret))
		return RC_OK;
	return complaints_now(cx, wrong, "accountId",
	    kind->token
		? arena_printf(cx->a,
		      "Connect an account first (/settings?tab=accounts), or give %s.", kind->token)
		: "Connect an account first: /settings?tab=accounts");
}

enum rc
login_choose(struct ctx *cx, struct db *db, const char *owner, struct complaints *wrong,
    const struct login_wish *wish, const char **id)
{
	TRY(login_find(cx, db, owner, wrong, wish, id));
	return *id ? login_allows(cx, db, owner, kind_find(wish->provider), *id) : RC_OK;
}
