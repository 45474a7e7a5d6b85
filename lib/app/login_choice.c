/*
 * login_choice.c - see login_choice.h.
 */
#include "app/login_choice.h"
#include "oauth/consent.h"

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

/* A service account may what its key says. */
const char *
login_lacks(struct arena *a, const struct login *acc, const struct kind *kind)
{
	const char *missing;

	if (!strcmp(acc->kind, "service") || consent_covers(a, acc->scopes, kind->scopes, &missing))
		return NULL;
	return arena_printf(
	    a, "%.200s does not let Tidemark %s yet.", acc->address, consent_words(a, missing));
}

const char *
login_allow(struct arena *a, const struct login *acc, const struct kind *kind)
{
	return arena_printf(
	    a, "/api/auth/%s/start?account=%s&add=%s", kind->account, acc->id, kind->id);
}

/* May the kind be read with it at all? */
static enum rc
login_allows(
    struct ctx *cx, struct db *db, const char *owner, const struct kind *kind, const char *id)
{
	const char *lacks;
	struct login acc;

	TRY(login_get(cx, db, owner, id, &acc));
	lacks = login_lacks(cx->a, &acc, kind);
	return lacks ? fail(cx, E_SCOPES, "%s" LOGIN_ALLOW "%s%s", lacks, conf_app_url(cx->a),
			   login_allow(cx->a, &acc, kind))
		     : RC_OK;
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
