/*
 * conn.c - see conn.h.
 */
#include "app/conn.h"
#include "app/contacts.h"
#include "app/draft.h"
#include "app/limits.h"
#include "app/login_choice.h"
#include "app/once.h"
#include "app/plan.h"
#include "app/quota.h"
#include "app/schedule.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/rand.h"
#include "kind/veil_url.h"
#include "queue/channel.h"
#include "queue/queue.h"
#include "queue/sched.h"
#include "seal/secret.h"
#include "store/outbox.h"
#include "store/room.h"

enum { NAME_CHARS = 200 };

/* A name when none was given: the file's of the address, or the host's; without an address, what
 * the kind is called. */
static const char *
conn_default_name(struct arena *a, const json *config, const char *provider)
{
	const char *url = json_str(config, "url");

	if (!url || !strstr(url, "://"))
		return kind_find(provider)->title;
	return arena_dup_str(a, str_utf8_cut(str_c(veil_url_name(a, url)), NAME_CHARS));
}

static enum rc
conn_name_ok(struct ctx *cx, const struct caller *by, const char *name)
{
	struct str s = str_trim(str_c(name));

	if (!s.n || str_chars(s) > NAME_CHARS)
		return caller_wrong(cx, by, "name", "A name has 1 to 200 characters.");
	if (!str_line_ok(s))
		return caller_wrong(
		    cx, by, "name", "A name is one line of text, without control characters.");
	return RC_OK;
}

static void
conn_hurry(const struct conn *c)
{
	/* One that was switched off may have a channel to be stopped. */
	if (!c->sched.enabled || (c->sched.next_poll_at && c->sched.next_poll_at <= clock_ms()))
		wake_tick();
}

/*
 * Making.
 */

struct conn_create {
	const struct caller *by;
	const struct conn *c;
	const json *secret;
	bool start;
};

static enum rc
conn_create_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct conn_create *w = arg;
	const struct caller *by = w->by;
	const struct conn *c = w->c;
	const json *secret = w->secret;
	bool start = w->start;
	const char *sync_id;

	TRY(room_for(cx, db, c->owner, ROOM_CONNECTIONS, 1, E_STATE));
	TRY(once_only(cx, db, c));
	TRY(conn_insert(cx, db, c));
	if (c->limits.percent || c->limits.items)
		TRY(conn_set_limits(cx, db, c->owner, c->id, &c->limits));
	TRY(secret_save(cx, db, c->owner, c->id, secret));
	TRY(caller_audit(cx, db, by, "connected", c->id, c->name));
	return start ? sync_enqueue(cx, db, c, "first", &sync_id) : RC_OK;
}

enum rc
conn_create(struct ctx *cx, struct db *db, const struct caller *by, const struct conn_input *in,
    const char **id)
{
	const struct draft draft = {
		.provider = in->provider,
		.config = in->config,
		.secret = in->secret,
	};
	struct conn c = { .owner = by->owner, .provider = in->provider, .created_at = clock_ms() };
	struct quota_wish wish = { .provider = in->provider, .after = &c.sched };
	struct login_wish login = { .provider = in->provider, .given = in->account_id };
	struct schedule_rule rule;
	char uuid[UUID_TEXT];
	json *checked;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(limits_fit(cx, by->wrong, in->limits));
	limits_read(in->limits, &c.limits);
	TRY(draft_check(cx, by->wrong, &draft, &checked));
	TRY(draft_reach(cx, by->wrong, in->provider, json_at(checked, "config"), NULL));
	TRY(draft_origins(cx, db, by->owner, by->wrong, json_at(checked, "config")));
	login.secret = json_at(checked, "secret");
	TRY(login_choose(cx, db, by->owner, by->wrong, &login, &c.account_id));
	c.id = *id = arena_dup(cx->a, rand_uuid(uuid));
	c.name = in->name && str_trim(str_c(in->name)).n
	    ? arena_dup_str(cx->a, str_trim(str_c(in->name)))
	    : conn_default_name(cx->a, json_at(checked, "config"), in->provider);
	TRY(conn_name_ok(cx, by, c.name));
	c.config = json_text(cx->a, json_at(checked, "config"));
	TRY(contacts_first(cx, db, by->owner, in->provider, c.created_at, &c.sched));
	if (in->schedule) {
		TRY(schedule_rule(cx, by->wrong, in->schedule, &rule));
		TRY(schedule_merge(cx, by->wrong, &c.sched, in->schedule, &rule, c.created_at));
	}
	wish.account_id = c.account_id;
	TRY(quota_fits(cx, db, by->owner, by->wrong, &wish));

	struct conn_create w = {
		.by = by,
		.c = &c,
		.secret = json_at(checked, "secret"),
		.start = in->start,
	};

	TRY(db_write(cx, db, conn_create_write, &w));
	if (in->start)
		wake_tick();
	return RC_OK;
}

/*
 * Changing.
 */

/* What is to be changed, checked. */
struct conn_edit {
	const char *name;
	const char *config, *account_id; /* NULL: as it is */
	const json *secret;              /* NULL: as it is */
	const json *schedule;            /* NULL: as it is */
	const char *guard;               /* "", "always"; NULL: as it is */
	struct conn_limits limits;
	bool limited; /* they are others */
	struct schedule_rule rule;
	struct plan plan;
	const struct kept *kept; /* what the rest was checked with */
};

/* The address and the secret were checked together: neither may have changed since. */
static enum rc
conn_edit_fits(struct ctx *cx, struct db *db, const struct conn *c, const struct conn *now,
    const struct conn_edit *e)
{
	struct kept kept;

	if (!e->config && !e->secret)
		return RC_OK;
	TRY(kept_open(cx, db, now, &kept));
	if (!strcmp(c->config, now->config) && kept_same(cx->a, &kept, e->kept))
		return RC_OK;
	return fail(cx, E_STATE,
	    "Somebody else has changed this source meanwhile. Look at it and try again.");
}

/* The schedule of *c with the change, if it fits into the quotas. other: another account reads
 * from now on, of which nothing is used yet. */
static enum rc
conn_merge_schedule(struct ctx *cx, struct db *db, const struct caller *by, struct conn *c,
    const struct conn_edit *e, bool other)
{
	const struct sched before = c->sched;
	const struct quota_wish wish = {
		.provider = c->provider,
		.account_id = c->account_id,
		.conn_id = c->id,
		.before = other ? NULL : &before,
		.after = &c->sched,
	};

	if (e->schedule)
		TRY(schedule_merge(cx, by->wrong, &c->sched, e->schedule, &e->rule, clock_ms()));
	return quota_fits(cx, db, by->owner, by->wrong, &wish);
}

/* Saves *c with its schedule, and says so. */
static enum rc
conn_save_schedule(struct ctx *cx, struct db *db, const struct caller *by, struct conn *c,
    const struct conn_edit *e)
{
	TRY(sched_save(cx, db, c));
	if (!c->sched.enabled)
		TRY(channel_end(cx, db, c));
	return caller_audit(cx, db, by, "schedule changed", c->id, json_text(cx->a, e->schedule));
}

static bool
conn_is_twoway(const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);

	return k && k->object;
}

struct conn_change {
	const struct caller *by;
	const struct conn *before;
	struct conn *c;
	const struct conn_edit *e;
};

static const char *
conn_change_name(const struct conn_edit *e, bool edited)
{
	if (e->plan.review)
		return "change of settings held";
	return edited ? "source changed" : "settings changed";
}

static enum rc
conn_change_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct conn_change *w = arg;
	const struct caller *by = w->by;
	const struct conn *before = w->before;
	struct conn *c = w->c;
	const struct conn_edit *e = w->e;
	struct conn edit;
	const char *config;
	bool edited, other;

	/* Read again: the schedule may have been changed meanwhile, by a run or by a person. */
	TRY(conn_get(cx, db, by->owner, before->id, c));
	TRY(conn_edit_fits(cx, db, before, c, e));
	config = e->config ? e->config : c->config;
	other = e->account_id && (!c->account_id || strcmp(e->account_id, c->account_id));
	edited = strcmp(config, c->config) != 0 || e->secret || other;
	edit = *c;
	edit.name = e->name;
	edit.config = config;
	edit.account_id = other ? e->account_id : c->account_id;
	TRY(once_only(cx, db, &edit));
	TRY(conn_update(cx, db, &edit, clock_ms()));
	if (e->plan.review || e->config)
		TRY(plan_hold(cx, db, c, &e->plan));
	if (e->guard)
		TRY(conn_set_guard(cx, db, c->owner, c->id, e->guard, ""));
	if (e->limited) {
		c->limits = e->limits;
		TRY(conn_set_limits(cx, db, c->owner, c->id, &e->limits));
		TRY(caller_audit(
		    cx, db, by, "guard changed", c->id, limits_text(cx->a, &e->limits)));
	}
	if (e->secret)
		TRY(secret_save(cx, db, c->owner, c->id, e->secret));
	if (other) {
		TRY(conn_set_account(cx, db, c->owner, c->id, e->account_id));
		c->account_id = e->account_id;
	}
	/* What is watched may be another thing now, or watched by another account. */
	if (other || strcmp(config, before->config) != 0)
		TRY(channel_end(cx, db, c));
	/* An edit is the owner's mending: what had stopped is tried again, and where both sides
	 * write what is to be written is seen at once. */
	if (edited && (c->sched.health != HEALTH_OK || conn_is_twoway(c))) {
		schedule_mended(&c->sched);
		c->sched.set_at = clock_ms();
		c->sched.next_poll_at = c->sched.enabled ? c->sched.set_at : 0;
	}
	TRY(caller_audit(cx, db, by, conn_change_name(e, edited), c->id, e->name));
	if (e->schedule || e->account_id)
		TRY(conn_merge_schedule(cx, db, by, c, e, e->account_id != NULL));
	return e->schedule ? conn_save_schedule(cx, db, by, c, e) : sched_save(cx, db, c);
}

static enum rc
conn_change_fields(struct ctx *cx, const struct caller *by, const json *change)
{
	static const char *const known[] = { "name", "accountId", "guard", "guardPercent",
		"guardItems", "config", "secret", "schedule", NULL };
	static const char *const objects[] = { "config", "secret", "schedule" };
	const char *guard = json_str(change, "guard");

	TRY(caller_known(cx, by, change, known, "This cannot be changed."));
	TRY(limits_fit(cx, by->wrong, change));
	if (json_has(change, "name") && !json_is_str(json_at(change, "name")))
		return caller_wrong(cx, by, "name", "This must be a text.");
	if (json_has(change, "guard") &&
	    (!guard || (strcmp(guard, "ask") && strcmp(guard, "always"))))
		return caller_wrong(cx, by, "guard", "The guard is one of ask and always.");
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
		if (json_at(change, objects[i]) && !json_is_obj(json_at(change, objects[i])))
			return caller_wrong(cx, by, objects[i], "This must be an object.");
	return RC_OK;
}

/* Worked out before the transaction: it asks the worker. */
static enum rc
conn_edit_read(struct ctx *cx, struct db *db, const struct caller *by, const struct conn *c,
    const json *change, struct conn_edit *e)
{
	const struct login_wish login = {
		.provider = c->provider,
		.given = json_str(change, "accountId"),
	};
	struct kept *kept = arena_alloc(cx->a, sizeof *kept);
	json *checked;

	*e = (struct conn_edit){ .name = c->name, .kept = kept };
	if (login.given)
		TRY(login_choose(cx, db, by->owner, by->wrong, &login, &e->account_id));
	if (json_str(change, "name"))
		e->name = arena_dup_str(cx->a, str_trim(json_s(change, "name")));
	TRY(conn_name_ok(cx, by, e->name));
	/* A stored secret that cannot be read is no hindrance: a new one may be on its way. */
	TRY(kept_open(cx, db, c, kept));
	TRY(draft_override(cx, by->wrong, c, kept, change, &checked));
	TRY(draft_reach(
	    cx, by->wrong, c->provider, json_at(checked, "config"), json_stored(cx->a, c->config)));
	TRY(draft_origins(cx, db, by->owner, by->wrong, json_at(change, "config")));
	if (json_at(change, "config"))
		e->config = json_text(cx->a, json_at(checked, "config"));
	/* A configuration has headers that are secrets. */
	if (json_at(change, "secret") ||
	    (e->config && kept->opened == RC_OK && draft_secret_differs(cx->a, kept, checked)))
		e->secret = json_at(checked, "secret");
	e->schedule = json_at(change, "schedule");
	if (json_str(change, "guard"))
		e->guard = strcmp(json_str(change, "guard"), "always") ? "" : "always";
	e->limits = c->limits;
	limits_read(change, &e->limits);
	e->limited = memcmp(&e->limits, &c->limits, sizeof e->limits) != 0;
	return schedule_rule(cx, by->wrong, e->schedule, &e->rule);
}

/* What is held is not part of the change. */
static enum rc
conn_edit_plan(struct ctx *cx, struct db *db, const struct caller *by, const struct conn *c,
    const json *change, struct conn_edit *e)
{
	json *body = json_new(cx->a);
	struct planning p = {
		.by = by,
		.conn = c,
		.change = body,
		.config = json_stored(cx->a, e->config),
	};

	if (!e->config)
		return RC_OK;
	json_set(body, "config", json_at(change, "config"));
	if (e->secret || e->account_id)
		p.unseen = "Who reads it is changed, too.";
	TRY(plan_look(cx, db, &p, &e->plan));
	if (e->plan.review)
		e->config = NULL;
	return RC_OK;
}

enum rc
conn_change(struct ctx *cx, struct db *db, const struct caller *by, const char *id,
    const json *change, json **plan)
{
	struct conn_edit e;
	struct conn c, now;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(conn_change_fields(cx, by, change));
	TRY(conn_get(cx, db, by->owner, id, &c));
	TRY(conn_edit_read(cx, db, by, &c, change, &e));
	TRY(conn_edit_plan(cx, db, by, &c, change, &e));
	*plan = e.plan.shown;

	struct conn_change w = {
		.by = by,
		.before = &c,
		.c = &now,
		.e = &e,
	};

	TRY(db_write(cx, db, conn_change_write, &w));
	/* It may have a channel to be opened anew. */
	if (e.config || e.account_id)
		wake_tick();
	else
		conn_hurry(&now);
	return RC_OK;
}

/*
 * A change that was held.
 */

struct conn_decide {
	struct conn_change change;
	const struct conn_decision *d;
	const char *id;
};

static enum rc
conn_decide_write(struct ctx *cx, struct db *db, void *arg)
{
	struct conn_decide *w = arg;
	const struct run *run = w->d->run;
	const json *review = json_stored(cx->a, run->review);
	const bool always = !strcmp(w->d->answer, "always");
	struct conn c;

	TRY(conn_get(cx, db, run->owner, run->connection_id, &c));
	if (!c.plan || strcmp(c.plan, run->id) != 0)
		return fail(cx, E_STATE,
		    "This question is over: another change of the settings came after it.");
	w->id = run->id;
	if (!w->change.e)
		return plan_drop(cx, db, &c, "Discarded: the settings stay as they were.");
	TRY(plan_drop(cx, db, &c, "Applied: the settings are changed as was planned."));
	TRY(conn_change_write(cx, db, &w->change));
	TRY(outbox_allow(cx, db, c.owner, c.id));
	TRY(conn_set_guard(cx, db, c.owner, c.id, always ? "always" : "plan",
	    always ? "" : json_str(review, "plan")));
	return sync_follow(cx, db, w->change.c, "approve", &w->id);
}

enum rc
conn_decide(struct ctx *cx, struct db *db, const struct conn_decision *d, const char **next)
{
	const json *review = json_stored(cx->a, d->run->review);
	json *change = json_new(cx->a);
	struct conn_decide w = { .d = d };
	struct conn c, now;
	struct conn_edit e;

	if (strcmp(d->answer, "keep") != 0) {
		json_set(change, "config", plan_config(cx->a, review));
		TRY(conn_get(cx, db, d->by->owner, d->run->connection_id, &c));
		TRY(conn_edit_read(cx, db, d->by, &c, change, &e));
		w.change = (struct conn_change){
			.by = d->by,
			.before = &c,
			.c = &now,
			.e = &e,
		};
	}
	TRY(db_write(cx, db, conn_decide_write, &w));
	*next = w.id;
	return RC_OK;
}

/*
 * The schedule alone.
 */

struct conn_schedule {
	const struct caller *by;
	struct conn *c;
	const struct conn_edit *e;
};

static enum rc
conn_schedule_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct conn_schedule *w = arg;
	const struct caller *by = w->by;
	struct conn *c = w->c;
	const struct conn_edit *e = w->e;

	TRY(conn_get(cx, db, c->owner, c->id, c));
	TRY(conn_merge_schedule(cx, db, by, c, e, false));
	return conn_save_schedule(cx, db, by, c, e);
}

enum rc
conn_schedule(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const json *change)
{
	struct conn_edit e = { .schedule = change };
	struct conn c;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(conn_get(cx, db, by->owner, id, &c));
	TRY(schedule_rule(cx, by->wrong, change, &e.rule));

	struct conn_schedule w = {
		.by = by,
		.c = &c,
		.e = &e,
	};

	TRY(db_write(cx, db, conn_schedule_write, &w));
	conn_hurry(&c);
	return RC_OK;
}

struct conn_pause {
	const struct caller *by;
	const char *id;
};

static enum rc
conn_pause_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct conn_pause *w = arg;
	const struct caller *by = w->by;
	const char *id = w->id;
	struct conn c;

	TRY(conn_get(cx, db, by->owner, id, &c));
	c.sched.enabled = false;
	c.sched.set_at = clock_ms();
	c.sched.next_poll_at = 0;
	TRY(sched_save(cx, db, &c));
	TRY(channel_end(cx, db, &c));
	return caller_audit(cx, db, by, "paused", c.id, "");
}

enum rc
conn_pause(struct ctx *cx, struct db *db, const struct caller *by, const char *id)
{
	TRY(caller_need(cx, by, SCOPE_WRITE));

	struct conn_pause w = {
		.by = by,
		.id = id,
	};

	TRY(db_write(cx, db, conn_pause_write, &w));
	wake_tick();
	return RC_OK;
}

struct conn_resume {
	const struct caller *by;
	struct conn *c;
};

static enum rc
conn_resume_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct conn_resume *w = arg;
	const struct caller *by = w->by;
	struct conn *c = w->c;
	struct sched before;
	struct quota_wish wish = { .before = &before, .after = &c->sched };

	TRY(conn_get(cx, db, by->owner, c->id, c));
	before = c->sched;
	wish.provider = c->provider;
	wish.account_id = c->account_id;
	wish.conn_id = c->id;
	c->sched.enabled = true;
	c->sched.set_at = c->sched.next_poll_at = clock_ms();
	schedule_mended(&c->sched);
	TRY(quota_fits(cx, db, by->owner, by->wrong, &wish));
	TRY(sched_save(cx, db, c));
	return caller_audit(cx, db, by, "resumed", c->id, "");
}

enum rc
conn_resume(struct ctx *cx, struct db *db, const struct caller *by, const char *id)
{
	struct conn c;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(conn_get(cx, db, by->owner, id, &c));

	struct conn_resume w = {
		.by = by,
		.c = &c,
	};

	TRY(db_write(cx, db, conn_resume_write, &w));
	wake_tick();
	return RC_OK;
}
