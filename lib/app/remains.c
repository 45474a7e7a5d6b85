/*
 * remains.c - see remains.h.
 */
#include "app/contacts.h"
#include "app/draft.h"
#include "app/login_choice.h"
#include "app/once.h"
#include "app/quota.h"
#include "app/remains.h"
#include "app/schedule.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "kind/veil.h"
#include "queue/doomed.h"
#include "queue/queue.h"
#include "seal/secret.h"
#include "store/removal.h"

struct remains_doing {
	const struct caller *by;
	const char *id;
	struct conn *c;
	const json *secret;
};

static enum rc
remains_delete_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct remains_doing *w = arg;
	struct remains r;

	TRY(remains_get(cx, db, w->by->owner, w->id, &r));
	TRY(removal_doom(cx, db, w->by->owner, w->id, clock_ms()));
	TRY(doomed_ask(cx, db, w->by->owner, clock_ms()));
	return caller_audit(cx, db, w->by, "kept data deleted", w->id, r.name);
}

enum rc
remains_delete(struct ctx *cx, struct db *db, const struct caller *by, const char *id)
{
	struct remains_doing w = { .by = by, .id = id };

	TRY(caller_need(cx, by, SCOPE_WRITE));
	db_urgent(db);
	TRY(db_write(cx, db, remains_delete_write, &w));
	wake_tick();
	return RC_OK;
}

static enum rc
remains_reconnect_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct remains_doing *w = arg;
	const char *sync_id;

	TRY(once_only(cx, db, w->c));
	TRY(remains_connect(cx, db, w->c, clock_ms()));
	TRY(secret_save(cx, db, w->c->owner, w->c->id, w->secret));
	TRY(caller_audit(cx, db, w->by, "connected again", w->c->id, w->c->name));
	return sync_enqueue(cx, db, w->c, "first", &sync_id);
}

/* What was set up, without the headers whose values went with the other secrets. */
static json *
remains_config(struct arena *a, const struct remains *r)
{
	json *config = json_stored(a, r->config);
	const json *open = veil_open(a, config);

	json_unset(config, "headers");
	if (open)
		json_set(config, "headers", (json *)open);
	return config;
}

/* The source as it was, with what is given instead, checked like a new one. */
static enum rc
remains_check(struct ctx *cx, struct db *db, const struct caller *by, const struct remains *r,
    const json *given, struct remains_doing *w)
{
	static const char *const known[] = { "config", "secret", "accountId", NULL };
	json *config = remains_config(cx->a, r), *checked;
	const struct draft draft = {
		.provider = r->provider,
		.config = json_at(given, "config") ? json_at(given, "config") : config,
		.secret = json_at(given, "secret"),
		.later = true,
	};
	struct login_wish login = {
		.provider = r->provider,
		.given = json_has(given, "accountId") ? json_str(given, "accountId")
						      : r->account_id,
	};
	struct quota_wish wish = { .provider = r->provider, .after = &w->c->sched };

	TRY(caller_known(cx, by, given, known, "There is no such member."));
	for (size_t i = 0; i < 2; i++)
		if (json_at(given, known[i]) && !json_is_obj(json_at(given, known[i])))
			return caller_wrong(cx, by, known[i], "This must be an object.");
	TRY(draft_check(cx, by->wrong, &draft, &checked));
	TRY(draft_reach(cx, by->wrong, r->provider, json_at(checked, "config"), NULL));
	login.secret = json_at(checked, "secret");
	TRY(login_choose(cx, db, by->owner, by->wrong, &login, &w->c->account_id));
	w->c->config = json_text(cx->a, json_at(checked, "config"));
	w->secret = json_at(checked, "secret");
	TRY(contacts_first(cx, db, by->owner, r->provider, clock_ms(), &w->c->sched));
	wish.account_id = w->c->account_id;
	return quota_fits(cx, db, by->owner, by->wrong, &wish);
}

enum rc
remains_reconnect(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const json *given)
{
	struct conn c = { .id = id, .owner = by->owner };
	struct remains_doing w = { .by = by, .id = id, .c = &c };
	struct remains r;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(remains_get(cx, db, by->owner, id, &r));
	if (r.doomed_at)
		return fail(cx, E_STATE, "This is being removed, and cannot be connected again.");
	c.provider = r.provider;
	c.name = r.name;
	TRY(remains_check(cx, db, by, &r, given, &w));
	TRY(db_write(cx, db, remains_reconnect_write, &w));
	wake_tick();
	return RC_OK;
}
