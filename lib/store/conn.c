/*
 * conn.c - see conn.h.
 */
#include "base/clock.h"
#include "store/conn.h"

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

static const char *const healths[HEALTH__MAX] = { [HEALTH_OK] = "ok", [HEALTH_RETRYING] = "retrying", [HEALTH_ATTENTION] = "attention" };

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

const char *
health_name(enum health h)
{
	return healths[h];
}

/* The columns of conn_get and conn_list. */
static void
conn_read(struct arena *a, struct db *db, enum sql q, struct conn *c)
{
	int i = 0, h;
	const char *health;

	c->id = db_dup(a, db, q, i++);
	c->owner = db_dup(a, db, q, i++);
	c->provider = db_dup(a, db, q, i++);
	c->name = db_dup(a, db, q, i++);
	c->config = db_dup(a, db, q, i++);
	c->config_rev = db_num(db, q, i++);
	c->cursor = db_dup(a, db, q, i++);
	c->guard = db_dup(a, db, q, i++);
	c->guard_count = db_num(db, q, i++);
	c->created_at = db_num(db, q, i++);
	c->updated_at = db_num(db, q, i++);
	c->sched.enabled = db_num(db, q, i++) != 0;
	health = db_text(db, q, i++);
	for (h = 0; h < HEALTH__MAX - 1 && strcmp(healths[h], health); h++)
		continue;
	c->sched.health = (enum health)h;
	c->sched.failing = db_num(db, q, i++) != 0;
	(void)freq_from(db_text(db, q, i++), &c->sched.freq);
	c->sched.interval_minutes = db_num(db, q, i++);
	c->sched.rrule = db_dup(a, db, q, i++);
	c->sched.time_zone = db_dup(a, db, q, i++);
	c->sched.next_poll_at = db_num(db, q, i++);
	c->sched.set_at = db_num(db, q, i++);
	c->sched.last_polled_at = db_num(db, q, i++);
	c->sched.last_success_at = db_num(db, q, i++);
	c->sched.retry_count = db_num(db, q, i++);
	c->sched.deferrals = db_num(db, q, i++);
	c->sched.max_retries = db_num(db, q, i++);
	c->sched.error_code = db_dup(a, db, q, i++);
	c->sched.error_detail = db_dup(a, db, q, i++);
}

enum rc
conn_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct conn *out)
{
	bool found;

	*out = (struct conn){ 0 };
	TRY(db_row(cx, db, &found, Q_CONN_GET, "ss", owner, id));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no connection with this id.");
	conn_read(cx->a, db, Q_CONN_GET, out);
	db_reset(db, Q_CONN_GET);
	return RC_OK;
}

enum rc
conn_find(struct ctx *cx, struct db *db, const char *owner, const char *id_or_name, struct conn *out)
{
	const char *id = NULL;
	int n = 0;

	if (conn_get(cx, db, owner, id_or_name, out) == RC_OK)
		return RC_OK;
	TRY(db_query(cx, db, Q_CONN_BY_NAME, "ss", owner, id_or_name));
	while (db_next(db, Q_CONN_BY_NAME)) {
		id = db_dup(cx->a, db, Q_CONN_BY_NAME, 0);
		n++;
	}
	TRY(db_done(cx, db, Q_CONN_BY_NAME));
	if (n > 1)
		return fail(cx, E_INPUT, "Several connections are called \"%.100s\": use the id.", id_or_name);
	return n ? conn_get(cx, db, owner, id, out) : fail(cx, E_NOT_FOUND, "There is no connection \"%.100s\".", id_or_name);
}

enum rc
conn_list(struct ctx *cx, struct db *db, const char *owner, const char *after, int64_t limit, struct conn_list *out)
{
	size_t cap = (size_t)limit + 1;

	*out = (struct conn_list){ .v = arena_array(cx->a, cap, sizeof *out->v) };
	TRY(db_query(cx, db, Q_CONN_LIST, "ssi", owner, after ? after : "", limit + 1));
	while (out->n < cap && db_next(db, Q_CONN_LIST))
		conn_read(cx->a, db, Q_CONN_LIST, &out->v[out->n++]);
	TRY(db_done(cx, db, Q_CONN_LIST));
	if ((int64_t)out->n > limit) {
		out->n--;
		out->next = out->v[out->n - 1].id;
	}
	return RC_OK;
}

struct id_pair {
	const char *id, *owner;
};

static enum rc
due_ids(struct ctx *cx, struct db *db, enum sql q, int64_t limit, struct id_pair *ids, size_t *n)
{
	while ((int64_t)*n < limit && db_next(db, q)) {
		ids[*n] = (struct id_pair){ db_dup(cx->a, db, q, 0), db_dup(cx->a, db, q, 1) };
		(*n)++;
	}
	return db_done(cx, db, q);
}

enum rc
conn_due(struct ctx *cx, struct db *db, const char *owner, int64_t now, int64_t limit, struct conn_list *out)
{
	struct id_pair *ids = arena_array(cx->a, (size_t)limit + 1, sizeof *ids);
	size_t n = 0;

	*out = (struct conn_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	if (owner) {
		TRY(db_query(cx, db, Q_CONN_DUE_OF, "sii", owner, now, limit));
		TRY(due_ids(cx, db, Q_CONN_DUE_OF, limit, ids, &n));
	} else
		for (int64_t failing = 0; failing < 2; failing++) {
			TRY(db_query(cx, db, Q_CONN_DUE_ALL, "iii", failing, now, limit));
			TRY(due_ids(cx, db, Q_CONN_DUE_ALL, limit, ids, &n));
		}
	for (size_t i = 0; i < n; i++)
		if (conn_get(cx, db, ids[i].owner, ids[i].id, &out->v[out->n]) == RC_OK)
			out->n++;
	return RC_OK;
}

enum rc
conn_insert(struct ctx *cx, struct db *db, const struct conn *c)
{
	TRY(db_run(cx, db, NULL, Q_CONN_INSERT, "sssssi", c->id, c->owner, c->provider, c->name, c->config, c->created_at));
	return sched_save(cx, db, c);
}

static enum rc
one(struct ctx *cx, int64_t changed)
{
	return changed ? RC_OK : fail(cx, E_NOT_FOUND, "There is no connection with this id.");
}

enum rc
conn_update(struct ctx *cx, struct db *db, const char *owner, const char *id, const char *name, const char *config, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_UPDATE, "ssssi", owner, id, name, config, now));
	return one(cx, changed);
}

enum rc
conn_remove(struct ctx *cx, struct db *db, const char *owner, const char *id, int64_t now)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_REMOVE, "ssi", owner, id, now));
	TRY(one(cx, changed));
	TRY(db_run(cx, db, NULL, Q_SCHED_DROP, "ss", owner, id));
	return db_run(cx, db, NULL, Q_CRED_DROP, "sss", owner, id, "");
}

enum rc
conn_delete(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_DELETE, "ss", owner, id));
	return one(cx, changed);
}

enum rc
conn_set_cursor(struct ctx *cx, struct db *db, const char *owner, const char *id, const char *cursor)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_SET_CURSOR, "sss", owner, id, cursor));
	return one(cx, changed);
}

enum rc
conn_set_guard(struct ctx *cx, struct db *db, const char *owner, const char *id, const char *guard, int64_t count)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_CONN_SET_GUARD, "sssi", owner, id, guard, count));
	return one(cx, changed);
}

enum rc
sched_save(struct ctx *cx, struct db *db, const struct conn *c)
{
	const struct sched *s = &c->sched;

	/* next_poll_at is null when the connection is not scheduled: the index of what is due leaves it out. */
	if (!s->next_poll_at)
		return db_run(cx, db, NULL, Q_SCHED_SAVE, "ssisisissniiiiiiss", c->id, c->owner, (int64_t)s->enabled, health_name(s->health), (int64_t)s->failing,
		    freq_name(s->freq), s->interval_minutes, s->rrule, s->time_zone, s->set_at, s->last_polled_at, s->last_success_at, s->retry_count, s->deferrals,
		    s->max_retries, s->error_code, s->error_detail);
	return db_run(cx, db, NULL, Q_SCHED_SAVE, "ssisisissiiiiiiiss", c->id, c->owner, (int64_t)s->enabled, health_name(s->health), (int64_t)s->failing, freq_name(s->freq),
	    s->interval_minutes, s->rrule, s->time_zone, s->next_poll_at, s->set_at, s->last_polled_at, s->last_success_at, s->retry_count, s->deferrals,
	    s->max_retries, s->error_code, s->error_detail);
}

enum rc
cred_get(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *purpose, const char **sealed)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_CRED_GET, "sss", owner, conn_id, purpose));
	*sealed = found ? db_dup(cx->a, db, Q_CRED_GET, 0) : NULL;
	db_reset(db, Q_CRED_GET);
	return RC_OK;
}

enum rc
cred_put(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *purpose, const char *sealed, int64_t now)
{
	return db_run(cx, db, NULL, Q_CRED_PUT, "ssssi", owner, conn_id, purpose, sealed, now);
}

enum rc
cred_drop(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char *purpose)
{
	return db_run(cx, db, NULL, Q_CRED_DROP, "sss", owner, conn_id, purpose);
}
