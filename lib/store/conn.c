/*
 * conn.c - see conn.h. A connection without a schedule row is shown as one that is switched off,
 * never hidden.
 */
#include "store/conn.h"

#include "base/clamp.h"

enum { CONN_PAGE_MAX = 500 };

static const struct {
	const char *name;
	int64_t minutes;
} freqs[FREQ__MAX] = {
	[FREQ_15MIN] = { "15min", 15 },
	[FREQ_30MIN] = { "30min", 30 },
	[FREQ_HOURLY] = { "hourly", 60 },
	[FREQ_DAILY] = { "daily", 24 * 60 },
	[FREQ_WEEKLY] = { "weekly", 7 * 24 * 60 },
	[FREQ_CUSTOM] = { "custom", 0 },
};

static const char *const healths[HEALTH__MAX] = { "ok", "retrying", "attention" };

const char *
freq_name(enum freq f)
{
	return freqs[f].name;
}

bool
freq_from(const char *name, enum freq *out)
{
	for (int i = 0; name && i < FREQ__MAX; i++)
		if (!strcmp(freqs[i].name, name)) {
			*out = (enum freq)i;
			return true;
		}
	return false;
}

int64_t
freq_minutes(enum freq f)
{
	return freqs[f].minutes;
}

enum freq
freq_of_minutes(int64_t minutes)
{
	for (int f = 0; f < FREQ_CUSTOM; f++)
		if (freq_minutes((enum freq)f) == minutes)
			return (enum freq)f;
	return FREQ_CUSTOM;
}

const char *
health_name(enum health h)
{
	return healths[h];
}

enum health
health_from(const char *name)
{
	for (int i = 0; name && i < HEALTH__MAX; i++)
		if (!strcmp(healths[i], name))
			return (enum health)i;
	return HEALTH_OK;
}

static void
sched_read(struct ctx *cx, struct db *db, enum sql q, struct sched *s)
{
	struct arena *a = cx->a;

	*s = (struct sched){ .freq = FREQ_HOURLY };
	s->enabled = db_flag(db, q, C_CONN_ENABLED);
	s->health = health_from(db_text(db, q, C_CONN_HEALTH));
	s->failing = db_flag(db, q, C_CONN_FAILING);
	s->failing_since = db_num(db, q, C_CONN_FAILING_SINCE);
	(void)freq_from(db_text(db, q, C_CONN_FREQUENCY), &s->freq);
	s->interval_minutes = db_null(db, q, C_CONN_INTERVAL_MINUTES)
	    ? freq_minutes(FREQ_HOURLY)
	    : db_num(db, q, C_CONN_INTERVAL_MINUTES);
	s->rrule = db_dup(a, db, q, C_CONN_RRULE);
	s->time_zone = db_dup(a, db, q, C_CONN_TIME_ZONE);
	s->next_poll_at = db_num(db, q, C_CONN_NEXT_POLL_AT);
	s->set_at = db_num(db, q, C_CONN_SET_AT);
	s->last_polled_at = db_num(db, q, C_CONN_LAST_POLLED_AT);
	s->last_success_at = db_num(db, q, C_CONN_LAST_SUCCESS_AT);
	s->retry_count = db_num(db, q, C_CONN_RETRY_COUNT);
	s->deferrals = db_num(db, q, C_CONN_DEFERRALS);
	s->max_retries = db_num(db, q, C_CONN_MAX_RETRIES);
	s->error_code = db_dup(a, db, q, C_CONN_ERROR_CODE);
	s->error_detail = db_dup(a, db, q, C_CONN_ERROR_DETAIL);
}

static void
conn_read(struct ctx *cx, struct db *db, enum sql q, struct conn *c)
{
	struct arena *a = cx->a;

	c->id = db_dup(a, db, q, C_CONN_ID);
	c->owner = db_dup(a, db, q, C_CONN_OWNER);
	c->provider = db_dup(a, db, q, C_CONN_PROVIDER);
	c->name = db_dup(a, db, q, C_CONN_NAME);
	c->config = db_dup(a, db, q, C_CONN_CONFIG);
	c->config_rev = db_num(db, q, C_CONN_CONFIG_REV);
	c->cursor = db_dup(a, db, q, C_CONN_CURSOR);
	c->guard = db_dup(a, db, q, C_CONN_GUARD);
	c->guard_plan = db_dup(a, db, q, C_CONN_GUARD_PLAN);
	c->limits.percent = db_num(db, q, C_CONN_GUARD_PERCENT);
	c->limits.items = db_num(db, q, C_CONN_GUARD_ITEMS);
	c->plan = db_dup(a, db, q, C_CONN_PLAN);
	c->created_at = db_num(db, q, C_CONN_CREATED_AT);
	c->updated_at = db_num(db, q, C_CONN_UPDATED_AT);
	sched_read(cx, db, q, &c->sched);
	c->account_id = db_dup(a, db, q, C_CONN_ACCOUNT_ID);
	c->clearing = db_flag(db, q, C_CONN_CLEARING);
	c->leaving = db_flag(db, q, C_CONN_LEAVING);
	c->read_only = db_flag(db, q, C_CONN_READ_ONLY);
	c->held = db_flag(db, q, C_CONN_HELD);
}

static enum rc
conn_get_by(
    struct ctx *cx, struct db *db, enum sql q, const char *owner, const char *id, struct conn *out)
{
	bool found;

	*out = (struct conn){ 0 };
	TRY(db_row(cx, db, &found, q, "ss", id, owner));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no such connection.");
	conn_read(cx, db, q, out);
	db_reset(db, q);
	return RC_OK;
}

enum rc
conn_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct conn *out)
{
	return conn_get_by(cx, db, Q_CONN_GET, owner, id, out);
}

enum rc
conn_get_any(struct ctx *cx, struct db *db, const char *owner, const char *id, struct conn *out)
{
	return conn_get_by(cx, db, Q_CONN_ANY, owner, id, out);
}

bool
conn_sends(const struct conn *c)
{
	return c->sched.enabled || c->leaving;
}

bool
conn_is_set_as(const struct conn *a, const struct conn *b)
{
	const char *of_a = a->account_id ? a->account_id : "";
	const char *of_b = b->account_id ? b->account_id : "";

	return a->config_rev == b->config_rev && !strcmp(of_a, of_b);
}

enum rc
conn_config(struct ctx *cx, const struct conn *c, json **out)
{
	*out = json_stored(cx->a, c->config);
	return json_is_obj(*out)
	    ? RC_OK
	    : fail(cx, E_UNSUPPORTED,
		  "The settings of this connection are damaged. Choose and save them again.");
}

enum rc
conn_find(
    struct ctx *cx, struct db *db, const char *owner, const char *id_or_name, struct conn *out)
{
	const char *id = NULL;
	int n = 0;
	enum rc rc = conn_get(cx, db, owner, id_or_name, out);

	if (rc != RC_NOTFOUND)
		return rc;
	TRY(db_query(cx, db, Q_CONN_NAMED, "ss", owner, id_or_name));
	for (; db_next(db, Q_CONN_NAMED); n++)
		id = db_dup(cx->a, db, Q_CONN_NAMED, 0);
	TRY(db_done(cx, db, Q_CONN_NAMED));
	if (n == 0)
		return fail(cx, E_NOT_FOUND, "There is no connection with this id or name.");
	if (n > 1)
		return fail(cx, E_INPUT,
		    "Several connections have this name; give the id of the one you mean.");
	return conn_get(cx, db, owner, id, out);
}

static int64_t
page_limit(int64_t limit)
{
	return clamp(limit, 1, CONN_PAGE_MAX);
}

/* Reads the rows of a statement that is under way, at most max, behind those that are in the list.
 */
static enum rc
list_read(struct ctx *cx, struct db *db, enum sql q, int64_t max, struct conn_list *out)
{
	for (int64_t i = 0; i < max && db_next(db, q); i++)
		conn_read(cx, db, q, &out->v[out->n++]);
	return db_done(cx, db, q);
}

enum rc
conn_list(struct ctx *cx, struct db *db, const char *owner, const char *after, int64_t limit,
    struct conn_list *out)
{
	limit = page_limit(limit);
	*out = (struct conn_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, Q_CONN_LIST, "ssi", owner, after ? after : "", limit + 1));
	TRY(list_read(cx, db, Q_CONN_LIST, limit + 1, out));
	if (out->n > (size_t)limit) {
		out->n = (size_t)limit;
		out->next = out->v[limit - 1].id;
	}
	return RC_OK;
}

static struct conn_brief
brief_read(struct ctx *cx, struct db *db)
{
	const enum sql q = Q_CONN_BRIEF;

	return (struct conn_brief){
		.id = db_dup(cx->a, db, q, C_CONN_BRIEF_ID),
		.provider = db_dup(cx->a, db, q, C_CONN_BRIEF_PROVIDER),
		.name = db_dup(cx->a, db, q, C_CONN_BRIEF_NAME),
		.enabled = db_flag(db, q, C_CONN_BRIEF_ENABLED),
		.active = db_flag(db, q, C_CONN_BRIEF_ACTIVE),
		.health = health_from(db_text(db, q, C_CONN_BRIEF_HEALTH)),
		.next_poll_at = db_num(db, q, C_CONN_BRIEF_NEXT_POLL_AT),
		.last_success_at = db_num(db, q, C_CONN_BRIEF_LAST_SUCCESS_AT),
		.records = db_num(db, q, C_CONN_BRIEF_RECORDS),
	};
}

enum rc
conn_briefs(struct ctx *cx, struct db *db, const char *owner, struct conn_briefs *out)
{
	size_t room = 128;

	*out = (struct conn_briefs){ .v = arena_array(cx->a, room, sizeof *out->v) };
	TRY(db_query(cx, db, Q_CONN_BRIEF, "s", owner));
	while (db_next(db, Q_CONN_BRIEF)) {
		if (out->n == room) {
			struct conn_brief *more = arena_array(cx->a, room *= 2, sizeof *more);

			memcpy(more, out->v, out->n * sizeof *more);
			out->v = more;
		}
		out->v[out->n++] = brief_read(cx, db);
	}
	return db_done(cx, db, Q_CONN_BRIEF);
}

enum rc
conn_tally(struct ctx *cx, struct db *db, const char *owner, struct conn_tally *out)
{
	const enum sql q = owner ? Q_CONN_TALLY : Q_CONN_TALLY_ALL;

	*out = (struct conn_tally){ 0 };
	TRY(owner ? db_query(cx, db, q, "s", owner) : db_query(cx, db, q, ""));
	while (db_next(db, q))
		out->n[health_from(db_text(db, q, C_CONN_TALLY_HEALTH))][db_flag(
		    db, q, C_CONN_TALLY_ENABLED)][db_flag(db, q, C_CONN_TALLY_ACTIVE)] += db_num(db,
		    q, C_CONN_TALLY_N);
	return db_done(cx, db, q);
}

/* Two lists into one, by turns: however many of them fail, the others have half of the places. */
static void
due_merge(struct arena *a, struct conn_list *out, size_t split, size_t limit)
{
	struct conn *v = arena_array(a, limit, sizeof *v);
	size_t i = 0, k = split, n = 0;

	while (n < limit && (i < split || k < out->n))
		v[n++] = k == out->n || (i < split && i <= k - split) ? out->v[i++] : out->v[k++];
	out->v = v;
	out->n = n;
}

enum rc
conn_due(struct ctx *cx, struct db *db, const char *owner, int64_t now, int64_t limit,
    struct conn_list *out)
{
	const enum sql q = owner ? Q_CONN_DUE_OWNER : Q_CONN_DUE_ALL;
	size_t split = 0;

	limit = clamp(limit, 1, CONN_DUE_MAX);
	*out = (struct conn_list){ .v = arena_array(cx->a, 2 * (size_t)limit, sizeof *out->v) };
	for (int64_t failing = 0; failing < 2; failing++) {
		split = out->n;
		if (owner)
			TRY(db_query(cx, db, q, "siii", owner, failing, now, limit));
		else
			TRY(db_query(cx, db, q, "iii", failing, now, limit));
		TRY(list_read(cx, db, q, limit, out));
	}
	due_merge(cx->a, out, split, (size_t)limit);
	return RC_OK;
}

/*
 * Writing.
 */

/* The outcome of a change that must have met its one row. */
static enum rc
conn_met(struct ctx *cx, int64_t changed)
{
	return changed ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such connection.");
}

/* Times of 0 are stored as null. */
enum rc
sched_save(struct ctx *cx, struct db *db, const struct conn *c)
{
	const struct sched *s = &c->sched;
	const struct db_arg args[P_SCHED_SAVE__N] = {
		[P_SCHED_SAVE_CONNECTION_ID] = db_s(c->id),
		[P_SCHED_SAVE_OWNER] = db_s(c->owner),
		[P_SCHED_SAVE_ENABLED] = db_i(s->enabled),
		[P_SCHED_SAVE_HEALTH] = db_s(health_name(s->health)),
		[P_SCHED_SAVE_FAILING] = db_i(s->failing),
		[P_SCHED_SAVE_FAILING_SINCE] = db_i(s->failing_since),
		[P_SCHED_SAVE_FREQUENCY] = db_s(freq_name(s->freq)),
		[P_SCHED_SAVE_INTERVAL_MINUTES] = db_i(s->interval_minutes),
		[P_SCHED_SAVE_RRULE] = db_s(s->rrule),
		[P_SCHED_SAVE_TIME_ZONE] = db_s(s->time_zone),
		[P_SCHED_SAVE_NEXT_POLL_AT] = db_i(s->next_poll_at),
		[P_SCHED_SAVE_SET_AT] = db_i(s->set_at),
		[P_SCHED_SAVE_LAST_POLLED_AT] = db_i(s->last_polled_at),
		[P_SCHED_SAVE_LAST_SUCCESS_AT] = db_i(s->last_success_at),
		[P_SCHED_SAVE_RETRY_COUNT] = db_i(s->retry_count),
		[P_SCHED_SAVE_DEFERRALS] = db_i(s->deferrals),
		[P_SCHED_SAVE_MAX_RETRIES] = db_i(s->max_retries),
		[P_SCHED_SAVE_ERROR_CODE] = db_s(s->error_code),
		[P_SCHED_SAVE_ERROR_DETAIL] = db_s(s->error_detail),
	};
	int64_t changed;

	TRY(db_run_named(cx, db, &changed, Q_SCHED_SAVE, args, P_SCHED_SAVE__N));
	return conn_met(cx, changed);
}

enum rc
conn_stored(
    struct ctx *cx, struct db *db, const char *after, struct conn_stored v[CONN_PAGE], size_t *n)
{
	const enum sql q = Q_CONN_STORED;

	*n = 0;
	TRY(db_query(cx, db, q, "s", after));
	while (*n < CONN_PAGE && db_next(db, q))
		v[(*n)++] = (struct conn_stored){
			.id = db_dup(cx->a, db, q, C_CONN_STORED_ID),
			.owner = db_dup(cx->a, db, q, C_CONN_STORED_OWNER),
			.provider = db_dup(cx->a, db, q, C_CONN_STORED_PROVIDER),
			.config = db_dup(cx->a, db, q, C_CONN_STORED_CONFIG),
			.removed = db_flag(db, q, C_CONN_STORED_REMOVED),
		};
	return db_done(cx, db, q);
}

enum rc
conn_rewrite(
    struct ctx *cx, struct db *db, const struct conn_stored *c, const char *config, bool *done)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_REWRITE, "ssss", c->id, c->owner, config, c->config));
	*done = changed > 0;
	return RC_OK;
}

enum rc
conn_insert(struct ctx *cx, struct db *db, const struct conn *c)
{
	const struct db_arg args[P_CONN_INSERT__N] = {
		[P_CONN_INSERT_ID] = db_s(c->id),
		[P_CONN_INSERT_OWNER] = db_s(c->owner),
		[P_CONN_INSERT_PROVIDER] = db_s(c->provider),
		[P_CONN_INSERT_NAME] = db_s(c->name),
		[P_CONN_INSERT_CONFIG] = db_s(c->config),
		[P_CONN_INSERT_CONFIG_REV] = db_i(c->config_rev ? c->config_rev : 1),
		[P_CONN_INSERT_CURSOR] = db_s(c->cursor),
		[P_CONN_INSERT_GUARD] = db_s(c->guard ? c->guard : ""),
		[P_CONN_INSERT_GUARD_PLAN] = db_s(c->guard_plan ? c->guard_plan : ""),
		[P_CONN_INSERT_CREATED_AT] = db_i(c->created_at),
		[P_CONN_INSERT_UPDATED_AT] = db_i(c->updated_at ? c->updated_at : c->created_at),
		[P_CONN_INSERT_ACCOUNT_ID] = db_s(c->account_id),
	};

	TRY(db_run_named(cx, db, NULL, Q_CONN_INSERT, args, P_CONN_INSERT__N));
	return sched_save(cx, db, c);
}

enum rc
conn_update(struct ctx *cx, struct db *db, const struct conn *c, int64_t now)
{
	int64_t changed;

	TRY(db_run(
	    cx, db, &changed, Q_CONN_UPDATE, "ssssi", c->id, c->owner, c->name, c->config, now));
	return conn_met(cx, changed);
}

enum rc
conn_set_account(
    struct ctx *cx, struct db *db, const char *owner, const char *id, const char *account_id)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_ACCOUNT, "sss", id, owner, account_id));
	return conn_met(cx, changed);
}

enum rc
conn_leave(struct ctx *cx, struct db *db, const char *owner, const char *id, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_LEAVE, "ssi", id, owner, now));
	return conn_met(cx, changed);
}

enum rc
conn_remove(struct ctx *cx, struct db *db, const char *owner, const char *id, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_REMOVE, "ssi", id, owner, now));
	TRY(conn_met(cx, changed));
	TRY(db_run(cx, db, NULL, Q_SCHED_DROP, "ss", id, owner));
	return db_run(cx, db, NULL, Q_CRED_DROP_ALL, "ss", id, owner);
}

enum rc
conn_set_cursor(
    struct ctx *cx, struct db *db, const char *owner, const char *id, const char *cursor)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_CURSOR, "sss", id, owner, cursor));
	return conn_met(cx, changed);
}

enum rc
conn_set_read_only(struct ctx *cx, struct db *db, const char *owner, const char *id, bool read_only)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_READ_ONLY, "ssi", id, owner, (int64_t)read_only));
	return conn_met(cx, changed);
}

enum rc
conn_set_guard(struct ctx *cx, struct db *db, const char *owner, const char *id, const char *guard,
    const char *plan)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_GUARD, "ssss", id, owner, guard, plan));
	return conn_met(cx, changed);
}

enum rc
conn_set_limits(
    struct ctx *cx, struct db *db, const char *owner, const char *id, const struct conn_limits *l)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_LIMITS, "ssii", id, owner, l->percent, l->items));
	return conn_met(cx, changed);
}

enum rc
conn_set_plan(struct ctx *cx, struct db *db, const char *owner, const char *id, const char *run)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_PLAN, "sss", id, owner, run));
	return conn_met(cx, changed);
}

enum rc
conn_planned(struct ctx *cx, struct db *db, const char *owner,
    struct conn_planned out[CONN_PLANNED], size_t *n)
{
	const enum sql q = Q_CONN_PLANNED;

	*n = 0;
	TRY(db_query(cx, db, q, "si", owner, (int64_t)CONN_PLANNED));
	while (db_next(db, q))
		out[(*n)++] = (struct conn_planned){
			.id = db_dup(cx->a, db, q, C_CONN_PLANNED_ID),
			.name = db_dup(cx->a, db, q, C_CONN_PLANNED_NAME),
			.run = db_dup(cx->a, db, q, C_CONN_PLANNED_PLAN),
		};
	return db_done(cx, db, q);
}

enum rc
conn_guard_over(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	return db_run(cx, db, NULL, Q_CONN_GUARD_OVER, "ss", id, owner);
}

enum rc
conn_clear(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_CLEAR, "ss", id, owner));
	return conn_met(cx, changed);
}

enum rc
conn_cleared(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_CLEARED, "ss", id, owner));
	return conn_met(cx, changed);
}

/*
 * Credentials.
 */

enum rc
cred_get(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *purpose,
    const char **sealed)
{
	bool found;

	*sealed = NULL;
	TRY(db_row(cx, db, &found, Q_CRED_GET, "sss", conn_id, purpose, owner));
	if (found)
		*sealed = db_dup(cx->a, db, Q_CRED_GET, 0);
	db_reset(db, Q_CRED_GET);
	return RC_OK;
}

enum rc
cred_put(struct ctx *cx, struct db *db, const struct cred *c, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CRED_PUT, "ssssi", c->conn_id, c->purpose, c->owner,
	    c->sealed, now));
	return conn_met(cx, changed);
}

enum rc
cred_drop(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *purpose)
{
	return db_run(cx, db, NULL, Q_CRED_DROP, "sss", conn_id, purpose, owner);
}
