/*
 * caller.c - see caller.h.
 */
#include "app/caller.h"
#include "store/audit.h"

const char *
scope_name(enum scope s)
{
	switch (s) {
	case SCOPE_OPERATOR:
		return "operator";
	case SCOPE_WRITE:
		return "write";
	case SCOPE_SYNC:
		return "sync";
	default:
		return "read";
	}
}

enum rc
caller_need(struct ctx *cx, const struct caller *by, enum scope need)
{
	if ((by->scopes & need) == (unsigned)need)
		return RC_OK;
	return fail(
	    cx, E_FORBIDDEN, "This needs a credential with the scope \"%s\".", scope_name(need));
}

enum rc
caller_person(struct ctx *cx, const struct caller *by)
{
	if (by->session)
		return RC_OK;
	return fail(cx, E_FORBIDDEN, "A token cannot do this; sign in with a browser.");
}

enum rc
caller_wrong(struct ctx *cx, const struct caller *by, const char *field, const char *message)
{
	return complaints_now(cx, by->wrong, field, message);
}

enum rc
caller_known(struct ctx *cx, const struct caller *by, const json *in, const char *const *known,
    const char *message)
{
	for (struct json_iter it = { 0 }; json_each(in, &it);) {
		size_t i = 0;

		while (known[i] && strcmp(known[i], it.key))
			i++;
		if (!known[i])
			return caller_wrong(cx, by, arena_printf(cx->a, "%.60s", it.key), message);
	}
	return RC_OK;
}

enum rc
caller_audit(struct ctx *cx, struct db *db, const struct caller *by, const char *action,
    const char *object, const char *detail)
{
	return audit_add(cx, db, by->owner, &by->actor, &(struct deed){ action, object, detail });
}
