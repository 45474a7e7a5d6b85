/*
 * verbs.c - what a person or a program can do to a connection, shared by the interface and the
 * pages. Each is one short transaction; what needs provider code is asked of the worker before
 * it.
 */
#include "logins/logins.h"
#include "base/clock.h"
#include "base/rand.h"
#include "kind/kind.h"
#include "logins/quota.h"
#include "store/audit.h"
#include "ask/ask.h"
#include "queue/queue.h"
#include "queue/sched.h"
#include "seal/secret.h"

enum { NAME_MAX_BYTES = 200, DELETE_PAGE = 1000, SCHED_TRIES = 10 };

enum rc
providers_list(struct req *r, json **out)
{
	*out = kind_list(r->cx->a);
	return RC_OK;
}

/* {provider, config, secret} checked and normalised; complaints become the reply. stored: the
 * configuration that the secret was stored with, when nobody has entered it anew; else NULL. */
static enum rc
configured(struct req *r, const char *provider, const json *config, const json *secret,
    const json *stored, json **out)
{
	*out = kind_check(r->cx->a, provider, config, secret, stored);
	return json_len(json_at(*out, "errors")) ? input_fail(r, json_at(*out, "errors")) : RC_OK;
}

/* A name from the address when none was given: the file's name, or the host's. */
static const char *
default_name(struct arena *a, const json *config, const char *provider)
{
	const char *url = json_str(config, "url"), *p, *slash;
	struct str s, rest;

	if (!url || !(p = strstr(url, "://")))
		return provider;
	s = str_cut(str_c(p + 3), '?', &rest);
	s = str_cut(s, '#', &rest);
	slash = s.n ? memrchr(s.p, '/', s.n) : NULL;
	if (slash && slash + 1 < s.p + s.n)
		s = (struct str){ slash + 1, (size_t)(s.p + s.n - slash - 1) };
	else
		s = str_cut(s, '/', &rest);
	return arena_dup_str(a, str_utf8_cut(s, NAME_MAX_BYTES));
}

static enum rc
name_check(struct req *r, const char *name)
{
	struct str s = str_trim(str_c(name));

	if (!s.n || s.n > NAME_MAX_BYTES)
		return input_fail_one(r, "name", "A name has 1 to 200 characters.");
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20)
			return input_fail_one(r, "name", "A name is one line of text.");
	return RC_OK;
}

/*
 * Schedules.
 */

static enum rc
rule_set(struct req *r, struct sched *s, const char *rule, const char *zone)
{
	json *q = json_new(r->cx->a), *answer;
	enum rc rc;

	json_set_str(q, "rrule", rule);
	json_set_str(q, "timeZone", zone);
	rc = ask_worker(r->cx, "rrule", q, &answer);
	if (rc == RC_INVALID)
		return input_fail_one(r, "schedule.rrule", arena_dup(r->cx->a, r->cx->err.detail));
	TRY(rc);
	s->freq = FREQ_CUSTOM;
	s->rrule = rule;
	s->time_zone = zone;
	s->interval_minutes = json_num(answer, "gapMinutes", 60);
	(void)clock_parse(json_s(answer, "next"), &s->next_poll_at);
	return RC_OK;
}

/* Frequency, interval or rule from the input; *timing says that the next time must be set anew. */
static enum rc
timing_change(struct req *r, struct sched *s, const json *in, bool *timing)
{
	const char *freq = json_str(in, "frequency");
	const char *rule = json_str(in, "rrule");
	const char *zone = json_str(in, "timeZone");
	int64_t minutes;

	*timing = true;
	if (rule && *rule)
		return rule_set(r, s, arena_dup(r->cx->a, rule), arena_dup(r->cx->a, zone));
	if (json_i64(in, "intervalMinutes", &minutes) && (!freq || !strcmp(freq, "custom"))) {
		if (minutes < 1 || minutes > 576000)
			return input_fail_one(r, "schedule.intervalMinutes",
			    "The interval is from 1 minute to 400 days (576000 minutes).");
		s->freq = FREQ_CUSTOM;
		/* A custom interval that is a named one is shown by its name. */
		for (int f = 0; !freq && f < FREQ_CUSTOM; f++)
			if (freq_minutes((enum freq)f) == minutes)
				s->freq = (enum freq)f;
		s->interval_minutes = minutes;
	} else if (freq) {
		if (!freq_from(freq, &s->freq))
			return input_fail_one(r, "schedule.frequency",
			    "The frequency is one of 15min, 30min, hourly, daily, weekly, custom.");
		if (s->freq == FREQ_CUSTOM && !s->rrule)
			return input_fail_one(r, "schedule.intervalMinutes",
			    "A custom frequency needs intervalMinutes or an rrule.");
		if (s->freq != FREQ_CUSTOM)
			s->interval_minutes = freq_minutes(s->freq);
	} else {
		*timing = false;
		return RC_OK;
	}
	if (freq_minutes(s->freq) || json_has(in, "intervalMinutes"))
		s->rrule = s->time_zone = NULL;
	return RC_OK;
}

static enum rc
schedule_fields(struct req *r, const json *in)
{
	/* What GET shows may be sent back with PUT; the rest of it is not for setting. */
	static const char *const known[] = { "enabled", "frequency", "intervalMinutes", "rrule",
		"timeZone", "nextPollAt", "lastPolledAt", "retryCount", "maxRetries" };

	for (struct json_iter it = { 0 }; json_each(in, &it);) {
		size_t i = 0;
		while (i < sizeof known / sizeof *known && strcmp(known[i], it.key))
			i++;
		if (i == sizeof known / sizeof *known)
			return input_fail_one(r, arena_printf(r->cx->a, "schedule.%.60s", it.key),
			    "There is no such setting.");
	}
	if (json_has(in, "enabled") && !json_is_bool(json_at(in, "enabled")))
		return input_fail_one(r, "schedule.enabled", "This must be true or false.");
	if (json_at(in, "intervalMinutes") && !json_is_int(json_at(in, "intervalMinutes")))
		return input_fail_one(
		    r, "schedule.intervalMinutes", "This must be a whole number.");
	if (json_at(in, "frequency") && !json_is_str(json_at(in, "frequency")))
		return input_fail_one(r, "schedule.frequency", "This must be a text.");
	if (json_at(in, "maxRetries") &&
	    (!json_is_int(json_at(in, "maxRetries")) || json_num(in, "maxRetries", 0) < 0 ||
		json_num(in, "maxRetries", 0) > 100))
		return input_fail_one(r, "schedule.maxRetries", "This must be from 0 to 100.");
	return RC_OK;
}

/* Applies the input to a schedule in memory. */
static enum rc
sched_merge(struct req *r, struct sched *s, const json *in)
{
	int64_t now = clock_ms();
	bool was = s->enabled, timing;

	TRY(schedule_fields(r, in));
	s->enabled = json_flag(in, "enabled", s->enabled);
	s->max_retries = json_num(in, "maxRetries", s->max_retries);
	TRY(timing_change(r, s, in, &timing));
	if (!s->enabled)
		s->next_poll_at = 0;
	else if (s->health != HEALTH_ATTENTION ||
	    error_by_code(s->error_code)->retry == RETRY_NONE) {
		if ((timing || !was) && !s->rrule)
			s->next_poll_at = s->last_polled_at && was ? sched_next(s, now)
			    : was                                  ? sched_next(s, now)
								   : now;
	} else if (!was) {
		/* Switching on again is a wish to try again. */
		s->health = HEALTH_OK;
		s->retry_count = s->deferrals = 0;
		s->failing = false;
		s->next_poll_at = now;
	} else
		s->next_poll_at = 0;
	s->set_at = now;
	return RC_OK;
}

/* What had stopped or failed is tried again, counted from zero. */
static void
mended(struct sched *s)
{
	s->health = HEALTH_OK;
	s->failing = false;
	s->retry_count = s->deferrals = 0;
	s->error_code = s->error_detail = NULL;
}

/* Nobody has changed it since it was read? Every change sets set_at anew. */
static bool
sched_same(const struct sched *x, const struct sched *y)
{
	return x->set_at == y->set_at && x->next_poll_at == y->next_poll_at &&
	    x->enabled == y->enabled && x->health == y->health &&
	    x->interval_minutes == y->interval_minutes && x->max_retries == y->max_retries;
}

/* One try to save what was merged into `read`; *again: somebody was quicker, and c is as they
 * left it. */
static enum rc
sched_try(struct req *r, struct conn *c, const struct sched *read, const json *change, bool *again)
{
	struct sched merged = c->sched;

	TRY(conn_get(r->cx, r->db, c->owner, c->id, c));
	*again = !sched_same(&c->sched, read);
	if (*again)
		return RC_OK;
	c->sched = merged;
	TRY(sched_save(r->cx, r->db, c));
	return audit_add(r->cx, r->db, c->owner, &r->who.by, "schedule changed", c->id,
	    json_text(r->cx->a, change));
}

enum rc
sched_change(struct req *r, struct conn *c, const json *change)
{
	bool again = true;

	/* A rule is asked of the worker, which a transaction cannot wait for: so merge first,
	 * and once more when somebody else saved meanwhile. */
	for (int tries = 0; again && tries < SCHED_TRIES; tries++) {
		struct sched read = c->sched;

		TRY(sched_merge(r, &c->sched, change));
		TRY(quota_fits(r, c->provider, c->account_id, c->id, &read, &c->sched));
		TRY(db_begin(r->cx, r->db));
		TRY(db_end(r->cx, r->db, sched_try(r, c, &read, change, &again)));
	}
	if (again)
		return fail(r->cx, E_UNAVAILABLE, NULL);
	if (c->sched.next_poll_at && c->sched.next_poll_at <= clock_ms())
		wake_tick();
	return RC_OK;
}

/*
 * Connections.
 */

static enum rc
create_in_tx(struct req *r, const struct conn *c, const json *secret, bool start)
{
	const char *sync_id;

	TRY(conn_insert(r->cx, r->db, c));
	TRY(secret_save(r->cx, r->db, c->owner, c->id, secret));
	TRY(audit_add(r->cx, r->db, c->owner, &r->who.by, "connected", c->id, c->name));
	return start ? sync_enqueue(r->cx, r->db, c, "first", &sync_id) : RC_OK;
}

enum rc
conn_create(struct req *r, const struct conn_input *in, const char **id)
{
	struct arena *a = r->cx->a;
	int64_t now = clock_ms();
	char uuid[UUID_TEXT];
	json *checked;
	struct conn c = { .owner = r->who.user_id, .provider = in->provider, .created_at = now };

	TRY(configured(r, in->provider, in->config, in->secret, NULL, &checked));
	TRY(account_choose(r, in->provider, in->account_id, &c.account_id));
	c.id = *id = arena_dup(a, rand_uuid(uuid));
	c.name = in->name && str_trim(str_c(in->name)).n
	    ? arena_dup_str(a, str_trim(str_c(in->name)))
	    : default_name(a, json_at(checked, "config"), in->provider);
	TRY(name_check(r, c.name));
	c.config = json_text(a, json_at(checked, "config"));
	c.sched = (struct sched){
		.enabled = true,
		.freq = FREQ_HOURLY,
		.interval_minutes = 60,
		.max_retries = 3,
		.set_at = now,
	};
	c.sched.next_poll_at = sched_next(&c.sched, now);
	if (in->schedule)
		TRY(sched_merge(r, &c.sched, in->schedule));
	TRY(quota_fits(r, c.provider, c.account_id, NULL, NULL, &c.sched));
	TRY(db_begin(r->cx, r->db));
	TRY(db_end(r->cx, r->db, create_in_tx(r, &c, json_at(checked, "secret"), in->start)));
	if (in->start)
		wake_tick();
	return RC_OK;
}

/* The secret of a connection as it is stored. */
struct kept {
	enum rc opened; /* not RC_OK: there is one that cannot be read now */
	json *secret;   /* NULL: none */
};

static void
kept_open(struct req *r, const struct conn *c, struct kept *out)
{
	out->opened = secret_open(r->cx, r->db, c, &out->secret);
	if (out->opened != RC_OK)
		out->secret = NULL;
}

static bool
kept_same(struct arena *a, const struct kept *x, const struct kept *y)
{
	const char *one = json_text(a, x->secret), *two = json_text(a, y->secret);

	return x->opened == y->opened && !strcmp(one, two);
}

/* A connection with what `given` overrides, checked: the one place where a stored secret meets an
 * address that somebody gives. It stays with the server that it was entered for. */
static enum rc
conn_configured(
    struct req *r, const struct conn *c, const json *given, struct kept *kept, json **out)
{
	json *stored = json_stored(r->cx->a, c->config), *config = json_at(given, "config");
	json *secret = json_at(given, "secret");

	kept_open(r, c, kept);
	return configured(r, c->provider, config ? config : stored, secret ? secret : kept->secret,
	    !secret && (kept->opened != RC_OK || json_len(kept->secret)) ? stored : NULL, out);
}

struct conn_edit {
	const char *name;
	const char *config, *account_id; /* NULL: as it is */
	const json *secret;              /* NULL: as it is */
	const struct kept *kept;         /* what the rest was checked with */
};

/* The address and the secret were checked together: neither may have changed since. */
static enum rc
edit_still_fits(
    struct req *r, const struct conn *c, const struct conn *now, const struct conn_edit *e)
{
	struct kept kept;

	if (!e->config && !e->secret)
		return RC_OK;
	kept_open(r, now, &kept);
	if (!strcmp(c->config, now->config) && kept_same(r->cx->a, &kept, e->kept))
		return RC_OK;
	return fail(r->cx, E_STATE,
	    "Somebody else has changed this source meanwhile. Look at it and "
	    "try again.");
}

/* What was stored, with what is given on top: the configuration is replaced as a whole, secrets
 * only when they are given. */
static enum rc
change_in_tx(struct req *r, struct conn *c, const struct conn_edit *e)
{
	const char *config = e->config, *account_id = e->account_id;
	const struct conn before = *c;
	bool edited, other;

	/* Read again: the schedule may have been changed meanwhile, by a run or by a person. */
	TRY(conn_get(r->cx, r->db, c->owner, c->id, c));
	TRY(edit_still_fits(r, &before, c, e));
	if (!config)
		config = c->config;
	other = account_id && (!c->account_id || strcmp(account_id, c->account_id));
	edited = strcmp(config, c->config) != 0 || e->secret || other;
	TRY(conn_update(r->cx, r->db, c->owner, c->id, e->name, config, clock_ms()));
	if (e->secret)
		TRY(secret_save(r->cx, r->db, c->owner, c->id, e->secret));
	if (other)
		TRY(conn_set_account(r->cx, r->db, c->owner, c->id, account_id));
	/* An edit is the owner's mending: what had stopped is tried again. */
	if (edited && c->sched.health != HEALTH_OK) {
		mended(&c->sched);
		c->sched.set_at = clock_ms();
		c->sched.next_poll_at = c->sched.enabled ? c->sched.set_at : 0;
	}
	TRY(sched_save(r->cx, r->db, c));
	return audit_add(r->cx, r->db, c->owner, &r->who.by,
	    edited ? "source changed" : "settings changed", c->id, e->name);
}

static enum rc
change_fields(struct req *r, const json *change)
{
	static const char *const known[] = { "name", "accountId", "config", "secret", "schedule" };

	for (struct json_iter it = { 0 }; json_each(change, &it);) {
		size_t i = 0;
		while (i < sizeof known / sizeof *known && strcmp(known[i], it.key))
			i++;
		if (i == sizeof known / sizeof *known)
			return input_fail_one(
			    r, arena_printf(r->cx->a, "%.60s", it.key), "This cannot be changed.");
	}
	if (json_has(change, "name") && !json_is_str(json_at(change, "name")))
		return input_fail_one(r, "name", "This must be a text.");
	for (size_t i = 2; i < sizeof known / sizeof *known; i++)
		if (json_at(change, known[i]) && !json_is_obj(json_at(change, known[i])))
			return input_fail_one(r, known[i], "This must be an object.");
	return RC_OK;
}

enum rc
conn_change(struct req *r, const char *id, const json *change)
{
	struct conn c;
	json *checked, *schedule = json_at(change, "schedule");
	struct conn_edit e = { .name = NULL };
	const char *account_id = NULL;
	struct sched trial;
	struct kept kept;

	TRY(change_fields(r, change));
	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	if (json_str(change, "accountId"))
		TRY(account_choose(r, c.provider, json_str(change, "accountId"), &account_id));
	e.name = json_str(change, "name")
	    ? arena_dup_str(r->cx->a, str_trim(json_s(change, "name")))
	    : c.name;
	TRY(name_check(r, e.name));
	/* A stored secret that cannot be read is no hindrance: a new one may be on its way. */
	TRY(conn_configured(r, &c, change, &kept, &checked));
	e.kept = &kept;
	e.account_id = account_id;
	if (json_at(change, "config"))
		e.config = json_text(r->cx->a, json_at(checked, "config"));
	if (json_at(change, "secret"))
		e.secret = json_at(checked, "secret");
	/* All of it is right, or none of it is done. */
	trial = c.sched;
	if (schedule)
		TRY(sched_merge(r, &trial, schedule));
	if (schedule || account_id)
		TRY(quota_fits(r, c.provider, account_id ? account_id : c.account_id, c.id,
		    account_id ? NULL : &c.sched, &trial));
	TRY(db_begin(r->cx, r->db));
	TRY(db_end(r->cx, r->db, change_in_tx(r, &c, &e)));
	if (schedule)
		return sched_change(r, &c, schedule);
	if (c.sched.next_poll_at && c.sched.next_poll_at <= clock_ms())
		wake_tick();
	return RC_OK;
}

static enum rc
pause_in_tx(struct req *r, const char *id, bool resume)
{
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	c.sched.enabled = resume;
	c.sched.set_at = clock_ms();
	c.sched.next_poll_at = resume ? c.sched.set_at : 0;
	if (resume)
		mended(&c.sched);
	TRY(sched_save(r->cx, r->db, &c));
	return audit_add(
	    r->cx, r->db, c.owner, &r->who.by, resume ? "resumed" : "paused", c.id, "");
}

enum rc
conn_pause(struct req *r, const char *id, bool resume)
{
	struct sched trial;
	struct conn c;

	if (resume) {
		TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
		trial = c.sched;
		trial.enabled = true;
		TRY(quota_fits(r, c.provider, c.account_id, c.id, &c.sched, &trial));
	}
	TRY(db_begin(r->cx, r->db));
	TRY(db_end(r->cx, r->db, pause_in_tx(r, id, resume)));
	if (resume)
		wake_tick();
	return RC_OK;
}

/* Deletes all data of a connection, a page at a time, so that nobody else waits long. */
static enum rc
delete_data(struct req *r, const char *id)
{
	bool more = true;

	while (more) {
		TRY(db_begin(r->cx, r->db));
		TRY(db_end(r->cx, r->db,
		    data_delete_page(r->cx, r->db, r->who.user_id, id, DELETE_PAGE, &more)));
	}
	return RC_OK;
}

static enum rc
reset_in_tx(struct req *r, const char *id, bool clear, const char **sync_id)
{
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(sync_reset(r->cx, r->db, &c, clear, sync_id));
	return audit_add(
	    r->cx, r->db, c.owner, &r->who.by, clear ? "cleared" : "read again", id, "");
}

enum rc
conn_reset(struct req *r, const char *id, const char *mode, const char **sync_id)
{
	if (!mode || (strcmp(mode, "refetch") && strcmp(mode, "clear")))
		return input_fail_one(r, "mode",
		    "The mode is refetch (read everything again, data stays readable) or clear (drop the data first).");
	TRY(db_begin(r->cx, r->db));
	TRY(db_end(r->cx, r->db, reset_in_tx(r, id, !strcmp(mode, "clear"), sync_id)));
	wake_tick();
	return RC_OK;
}

enum rc
conn_disconnect(struct req *r, const char *id, bool data)
{
	struct conn c;
	struct run active;
	enum rc rc;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(run_active(r->cx, r->db, r->who.user_id, id, &active));
	if (active.id)
		TRY(sync_cancel(r->cx, r->db, r->who.user_id, active.id));
	TRY(db_begin(r->cx, r->db));
	rc = conn_remove(r->cx, r->db, c.owner, id, clock_ms());
	if (rc == RC_OK)
		rc = audit_add(r->cx, r->db, c.owner, &r->who.by,
		    data ? "disconnected, data deleted" : "disconnected, data kept", id, c.name);
	TRY(db_end(r->cx, r->db, rc));
	if (!data)
		return RC_OK;
	TRY(delete_data(r, id));
	TRY(db_begin(r->cx, r->db));
	return db_end(r->cx, r->db, conn_delete(r->cx, r->db, c.owner, id));
}

/*
 * Questions to the worker.
 */

enum rc
source_ask(struct req *r, const char *verb, const json *body, json **answer)
{
	json *q = json_new(r->cx->a), *checked;
	const char *provider = json_str(body, "provider"), *account_id;

	if (!provider)
		return input_fail_one(r, "provider",
		    "Say which kind of source this is; GET /api/providers lists them.");
	TRY(configured(
	    r, provider, json_at(body, "config"), json_at(body, "secret"), NULL, &checked));
	json_set_str(q, "provider", provider);
	json_set(q, "config", json_at(checked, "config"));
	json_set(q, "secret", json_at(checked, "secret"));
	TRY(account_choose(r, provider, json_str(body, "accountId"), &account_id));
	json_set_str(q, "accountId", account_id);
	json_set_str(q, "owner", r->who.user_id);
	return ask_worker(r->cx, verb, q, answer);
}

enum rc
source_list(struct req *r, const json *body, json **answer)
{
	json *q = json_new(r->cx->a);
	const char *provider = json_str(body, "provider"), *account_id;

	TRY(account_choose(r, provider, json_str(body, "accountId"), &account_id));
	json_set_str(q, "provider", provider);
	json_set_str(q, "accountId", account_id);
	json_set_str(q, "owner", r->who.user_id);
	return ask_worker(r->cx, "sources", q, answer);
}

enum rc
conn_ask(struct req *r, const char *verb, const char *id, const json *body, json **answer)
{
	json *q = json_new(r->cx->a), *checked;
	struct kept kept;
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(conn_configured(r, &c, body, &kept, &checked));
	if (!json_at(body, "secret"))
		TRY(secret_open(r->cx, r->db, &c, &kept.secret));
	json_set_str(q, "provider", c.provider);
	json_set(q, "config", json_at(checked, "config"));
	json_set(q, "secret", json_at(checked, "secret"));
	json_set_str(q, "connectionId", c.id);
	json_set_str(q, "owner", c.owner);
	if (json_str(body, "accountId")) {
		const char *account_id;
		TRY(account_choose(r, c.provider, json_str(body, "accountId"), &account_id));
		json_set_str(q, "accountId", account_id);
	}
	return ask_worker(r->cx, verb, q, answer);
}
