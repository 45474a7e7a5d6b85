/*
 * outbox.c - see outbox.h.
 */
#include "store/outbox.h"

#include "base/json.h"
#include "base/rand.h"

enum { OUTBOX_PAGE_MAX = 500, OUTBOX_CONNS_MAX = 1000 };

/* The columns stand in the same order in every statement of sql/outbox.sql. */
static void
outbox_read(struct ctx *cx, struct db *db, enum sql q, struct outbox *o)
{
	struct arena *a = cx->a;

	o->id = db_dup(a, db, q, C_OUTBOX_ID);
	o->owner = db_dup(a, db, q, C_OUTBOX_OWNER);
	o->link_id = db_dup(a, db, q, C_OUTBOX_LINK_ID);
	o->connection_id = db_dup(a, db, q, C_OUTBOX_CONNECTION_ID);
	o->op = db_dup(a, db, q, C_OUTBOX_OP);
	o->fields = db_dup(a, db, q, C_OUTBOX_FIELDS);
	o->state = db_dup(a, db, q, C_OUTBOX_STATE);
	o->edits = db_num(db, q, C_OUTBOX_EDITS);
	o->taken = db_num(db, q, C_OUTBOX_TAKEN);
	o->mark = db_dup(a, db, q, C_OUTBOX_MARK);
	o->attempts = db_num(db, q, C_OUTBOX_ATTEMPTS);
	o->next_at = db_num(db, q, C_OUTBOX_NEXT_AT);
	o->fence = db_num(db, q, C_OUTBOX_FENCE);
	o->error_code = db_dup(a, db, q, C_OUTBOX_ERROR_CODE);
	o->error_detail = db_dup(a, db, q, C_OUTBOX_ERROR_DETAIL);
	o->created_at = db_num(db, q, C_OUTBOX_CREATED_AT);
	o->updated_at = db_num(db, q, C_OUTBOX_UPDATED_AT);
	o->finished_at = db_num(db, q, C_OUTBOX_FINISHED_AT);
	o->question = db_dup(a, db, q, C_OUTBOX_QUESTION);
	o->harms = db_num(db, q, C_OUTBOX_HARMS) != 0;
}

static void
outbox_read_one(struct ctx *cx, struct db *db, enum sql q, bool found, struct outbox *out)
{
	*out = (struct outbox){ 0 };
	if (found)
		outbox_read(cx, db, q, out);
	db_reset(db, q);
}

enum rc
outbox_get(struct ctx *cx, struct db *db, const char *owner, const char *id, struct outbox *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_OUTBOX_GET, "ss", id, owner));
	outbox_read_one(cx, db, Q_OUTBOX_GET, found, out);
	return found ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such item in the queue.");
}

enum rc
outbox_of_link(
    struct ctx *cx, struct db *db, const char *owner, const char *link_id, struct outbox *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_OUTBOX_OF_LINK, "ss", link_id, owner));
	outbox_read_one(cx, db, Q_OUTBOX_OF_LINK, found, out);
	return RC_OK;
}

/* The page that was asked for with one more than it has. */
static enum rc
outbox_read_page(struct ctx *cx, struct db *db, enum sql q, int64_t limit, struct outbox_list *out)
{
	while (out->n <= (size_t)limit && db_next(db, q))
		outbox_read(cx, db, q, &out->v[out->n++]);
	TRY(db_done(cx, db, q));
	if (out->n > (size_t)limit) {
		out->n = (size_t)limit;
		out->next = out->v[limit - 1].id;
	}
	return RC_OK;
}

/* Two pages, each of which has as many as there may be, are one. */
static void
outbox_merge(
    struct arena *a, int64_t limit, const struct outbox_list *more, struct outbox_list *out)
{
	const struct outbox_list x = *out, *const y = more;
	size_t i = 0, k = 0;

	if (!y->n)
		return;
	*out = (struct outbox_list){ .v = arena_array(a, (size_t)limit, sizeof *out->v) };
	while (out->n < (size_t)limit && (i < x.n || k < y->n)) {
		const bool first = k == y->n || (i < x.n && strcmp(x.v[i].id, y->v[k].id) < 0);

		out->v[out->n++] = first ? x.v[i++] : y->v[k++];
	}
	if (i < x.n || k < y->n || x.next || y->next)
		out->next = out->v[out->n - 1].id;
}

/* As if it waited already. */
static enum rc
outbox_list_ruled(struct ctx *cx, struct db *db, const struct outbox_page *p, int64_t limit,
    struct outbox_list *out)
{
	const enum sql q = Q_OUTBOX_LIST_RULED;

	*out = (struct outbox_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, q, "ssi", p->owner, p->after, limit + 1));
	TRY(outbox_read_page(cx, db, q, limit, out));
	for (size_t i = 0; i < out->n; i++)
		out->v[i].state = OUTBOX_WAITING;
	return RC_OK;
}

enum rc
outbox_list_state(
    struct ctx *cx, struct db *db, const struct outbox_page *p, struct outbox_list *out)
{
	enum sql q = Q_OUTBOX_LIST_STATE;
	int64_t limit = p->limit < 1 || p->limit > OUTBOX_PAGE_MAX ? OUTBOX_PAGE_MAX : p->limit;
	struct outbox_list ruled;

	*out = (struct outbox_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(cx, db, q, "sssi", p->owner, p->state, p->after, limit + 1));
	TRY(outbox_read_page(cx, db, q, limit, out));
	if (strcmp(p->state, OUTBOX_WAITING) != 0)
		return RC_OK;
	TRY(outbox_list_ruled(cx, db, p, limit, &ruled));
	outbox_merge(cx->a, limit, &ruled, out);
	return RC_OK;
}

enum rc
outbox_next(struct ctx *cx, struct db *db, const char *conn_id, int64_t *at)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_OUTBOX_NEXT, "s", conn_id));
	*at = found ? db_num(db, Q_OUTBOX_NEXT, 0) : 0;
	db_reset(db, Q_OUTBOX_NEXT);
	return RC_OK;
}

enum rc
outbox_again(struct ctx *cx, struct db *db, const char *conn_id, int64_t now, bool *again)
{
	TRY(db_row(cx, db, again, Q_OUTBOX_AGAIN, "si", conn_id, now));
	db_reset(db, Q_OUTBOX_AGAIN);
	return RC_OK;
}

/* --- what the guard asks about --- */

enum rc
outbox_harm(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t since,
    struct outbox_harm *out)
{
	enum sql q = Q_OUTBOX_HARM;
	bool found;

	*out = (struct outbox_harm){ 0 };
	TRY(db_row(cx, db, &found, q, "ssi", conn_id, owner, since));
	if (found) {
		out->waiting = db_num(db, q, C_OUTBOX_HARM_WAITING);
		out->open = db_num(db, q, C_OUTBOX_HARM_OPEN);
		out->done = db_num(db, q, C_OUTBOX_HARM_DONE);
		out->deleted = db_num(db, q, C_OUTBOX_HARM_DELETED);
		out->asked = db_num(db, q, C_OUTBOX_HARM_ASKED) > 0;
	}
	db_reset(db, q);
	if (!out->waiting)
		return RC_OK;
	TRY(db_row(cx, db, &found, Q_OUTBOX_THERE, "ss", conn_id, owner));
	out->there = found ? db_num(db, Q_OUTBOX_THERE, 0) : 0;
	db_reset(db, Q_OUTBOX_THERE);
	return RC_OK;
}

enum rc
outbox_unjudged(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, bool *any)
{
	TRY(db_row(cx, db, any, Q_OUTBOX_UNJUDGED, "ss", conn_id, owner));
	db_reset(db, Q_OUTBOX_UNJUDGED);
	return RC_OK;
}

enum rc
outbox_judged(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	return db_run(cx, db, NULL, Q_OUTBOX_JUDGED, "ss", conn_id, owner);
}

enum rc
outbox_asking(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, const char **id)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_OUTBOX_ASKING, "ss", conn_id, owner));
	*id = found ? db_dup(cx->a, db, Q_OUTBOX_ASKING, 0) : NULL;
	db_reset(db, Q_OUTBOX_ASKING);
	return RC_OK;
}

enum rc
outbox_held(struct ctx *cx, struct db *db, const char *owner, const char *question, int64_t *n,
    int64_t *deletions)
{
	enum sql q = Q_OUTBOX_QUESTION_COUNTS;
	bool found;

	TRY(db_row(cx, db, &found, q, "ss", question, owner));
	*n = found ? db_num(db, q, C_OUTBOX_ASK_N) : 0;
	*deletions = found ? db_num(db, q, C_OUTBOX_ASK_DELETED) : 0;
	db_reset(db, q);
	return RC_OK;
}

enum rc
outbox_question_open(
    struct ctx *cx, struct db *db, const char *owner, const char *question, bool *open)
{
	TRY(db_row(cx, db, open, Q_OUTBOX_QUESTION_OPEN, "ss", question, owner));
	db_reset(db, Q_OUTBOX_QUESTION_OPEN);
	return RC_OK;
}

enum rc
outbox_places(struct ctx *cx, struct db *db, const char *owner, const char *question,
    struct outbox_place out[OUTBOX_PLACES], size_t *n)
{
	enum sql q = Q_OUTBOX_PLACES;

	*n = 0;
	TRY(db_query(cx, db, q, "ssi", question, owner, (int64_t)OUTBOX_PLACES));
	for (; *n < OUTBOX_PLACES && db_next(db, q); (*n)++)
		out[*n] = (struct outbox_place){
			.connection_id = db_dup(cx->a, db, q, C_OUTBOX_PLACE_CONNECTION_ID),
			.n = db_num(db, q, C_OUTBOX_PLACE_N),
			.deletions = db_num(db, q, C_OUTBOX_PLACE_DELETED),
		};
	return db_done(cx, db, q);
}

enum rc
outbox_questions(struct ctx *cx, struct db *db, const char *owner,
    struct outbox_question out[OUTBOX_QUESTIONS], size_t *n)
{
	enum sql q = Q_OUTBOX_QUESTIONS;

	*n = 0;
	TRY(db_query(cx, db, q, "si", owner, (int64_t)OUTBOX_QUESTIONS));
	for (; *n < OUTBOX_QUESTIONS && db_next(db, q); (*n)++)
		out[*n] = (struct outbox_question){
			.id = db_dup(cx->a, db, q, C_OUTBOX_QUESTION_QUESTION),
			.n = db_num(db, q, C_OUTBOX_QUESTION_N),
		};
	return db_done(cx, db, q);
}

enum rc
outbox_held_at(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    struct outbox_question *out)
{
	bool found;

	*out = (struct outbox_question){ 0 };
	TRY(db_row(cx, db, &found, Q_OUTBOX_HELD_AT, "ss", conn_id, owner));
	if (found) {
		out->id = db_dup(cx->a, db, Q_OUTBOX_HELD_AT, C_OUTBOX_QUESTION_QUESTION);
		out->n = db_num(db, Q_OUTBOX_HELD_AT, C_OUTBOX_QUESTION_N);
		db_reset(db, Q_OUTBOX_HELD_AT);
	}
	return RC_OK;
}

enum rc
outbox_of_question(
    struct ctx *cx, struct db *db, const struct outbox_asked *p, struct outbox_list *out)
{
	enum sql q = Q_OUTBOX_OF_QUESTION;
	int64_t limit = p->limit < 1 || p->limit > OUTBOX_PAGE_MAX ? OUTBOX_PAGE_MAX : p->limit;

	*out = (struct outbox_list){ .v = arena_array(cx->a, (size_t)limit + 1, sizeof *out->v) };
	TRY(db_query(
	    cx, db, q, "sssis", p->question, p->owner, p->after, limit + 1, p->connection_id));
	return outbox_read_page(cx, db, q, limit, out);
}

enum rc
outbox_conns(struct ctx *cx, struct db *db, const char *owner, const char ***v, size_t *n)
{
	enum sql q = Q_OUTBOX_CONNS;

	*v = arena_array(cx->a, OUTBOX_CONNS_MAX, sizeof **v);
	*n = 0;
	TRY(db_query(cx, db, q, "si", owner, (int64_t)OUTBOX_CONNS_MAX));
	while (*n < OUTBOX_CONNS_MAX && db_next(db, q))
		(*v)[(*n)++] = db_dup(cx->a, db, q, 0);
	return db_done(cx, db, q);
}

/* --- writing --- */

static enum rc
outbox_insert(struct ctx *cx, struct db *db, struct outbox *o, int64_t now)
{
	char id[UUID_TEXT];

	const struct db_arg args[P_OUTBOX_INSERT__N] = {
		[P_OUTBOX_INSERT_ID] = db_s(rand_uuid(id)),
		[P_OUTBOX_INSERT_OWNER] = db_s(o->owner),
		[P_OUTBOX_INSERT_LINK_ID] = db_s(o->link_id),
		[P_OUTBOX_INSERT_CONNECTION_ID] = db_s(o->connection_id),
		[P_OUTBOX_INSERT_OP] = db_s(o->op),
		[P_OUTBOX_INSERT_FIELDS] = db_s(o->fields),
		[P_OUTBOX_INSERT_STATE] = db_s(OUTBOX_WAITING),
		[P_OUTBOX_INSERT_NOW] = db_i(now),
		[P_OUTBOX_INSERT_ALLOWED] = db_i(o->allowed),
	};

	return db_run_named(cx, db, NULL, Q_OUTBOX_INSERT, args, P_OUTBOX_INSERT__N);
}

static bool
names_hold(const json *names, const char *name)
{
	for (size_t i = 0; i < json_len(names); i++)
		if (!strcmp(json_value_str(json_nth(names, i)), name))
			return true;
	return false;
}

/* All the names of both; NULL: all that there are. */
static const char *
names_united(struct arena *a, const char *x, const char *y)
{
	json *all = json_stored(a, x), *more = json_stored(a, y);

	if (!all || !more)
		return NULL;
	for (size_t i = 0; i < json_len(more); i++) {
		const char *name = json_value_str(json_nth(more, i));

		if (!names_hold(all, name))
			json_add_str(all, name);
	}
	return json_text(a, all);
}

static enum rc
outbox_join(
    struct ctx *cx, struct db *db, const struct outbox *o, const struct outbox *open, int64_t now)
{
	/* A put after a deletion brings the whole of it back. */
	const char *fields = strcmp(o->op, open->op) ? NULL
						     : names_united(cx->a, o->fields, open->fields);
	const bool dead = !strcmp(open->state, OUTBOX_FAILED);
	const bool rests = !strcmp(open->state, OUTBOX_WAITING) && open->error_code &&
	    !strcmp(open->error_code, OUTBOX_BY_TURNS);

	return db_run(cx, db, NULL, Q_OUTBOX_JOIN, "sssssiii", open->id, open->owner, o->op, fields,
	    dead ? OUTBOX_WAITING : open->state, dead || rests ? now : open->next_at, now,
	    (int64_t)o->allowed);
}

enum rc
outbox_put(struct ctx *cx, struct db *db, struct outbox *o, int64_t now)
{
	struct outbox open;

	TRY(outbox_of_link(cx, db, o->owner, o->link_id, &open));
	if (open.id)
		TRY(outbox_join(cx, db, o, &open, now));
	else
		TRY(outbox_insert(cx, db, o, now));
	return outbox_of_link(cx, db, o->owner, o->link_id, o);
}

enum rc
outbox_claim(struct ctx *cx, struct db *db, const char *conn_id, int64_t now, int64_t until,
    struct outbox *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_OUTBOX_CLAIM, "sii", conn_id, now, until));
	outbox_read_one(cx, db, Q_OUTBOX_CLAIM, found, out);
	return RC_OK;
}

enum rc
outbox_orphaned(struct ctx *cx, struct db *db, int64_t pid, int64_t now)
{
	return db_run(cx, db, NULL, Q_OUTBOX_ORPHANED, "iiis", pid, now, now + OUTBOX_LANDS_MS,
	    error_row(E_INTERRUPTED)->code);
}

static enum rc
outbox_met(struct ctx *cx, int64_t changed)
{
	return changed ? RC_OK : fail(cx, E_LEASE, NULL);
}

enum rc
outbox_mark(struct ctx *cx, struct db *db, struct outbox *o, const char *mark, int64_t until)
{
	int64_t changed;

	TRY(db_run(
	    cx, db, &changed, Q_OUTBOX_MARK, "ssisi", o->id, o->owner, o->fence, mark, until));
	TRY(outbox_met(cx, changed));
	o->mark = arena_dup(cx->a, mark);
	o->next_at = until;
	return RC_OK;
}

static bool
state_waits(const char *state)
{
	return !strcmp(state, OUTBOX_WAITING) || !strcmp(state, OUTBOX_UNSURE);
}

enum rc
outbox_settle(struct ctx *cx, struct db *db, const struct outbox *o, const struct outbox_end *end,
    struct outbox *out)
{
	bool done = !strcmp(end->state, OUTBOX_DONE), over;
	struct outbox row;
	const char *state;
	int64_t changed, next_at;

	TRY(outbox_get(cx, db, o->owner, o->id, &row));
	over = done && row.edits == row.taken;
	state = done && !over ? OUTBOX_WAITING : end->state;
	next_at = done && !over ? end->now : end->next_at;

	const struct db_arg args[P_OUTBOX_SETTLE__N] = {
		[P_OUTBOX_SETTLE_ID] = db_s(o->id),
		[P_OUTBOX_SETTLE_OWNER] = db_s(o->owner),
		[P_OUTBOX_SETTLE_FENCE] = db_i(o->fence),
		[P_OUTBOX_SETTLE_STATE] = db_s(state),
		[P_OUTBOX_SETTLE_NEXT_AT] = db_i(state_waits(state) ? next_at : 0),
		[P_OUTBOX_SETTLE_FINISHED_AT] = db_i(over ? end->now : 0),
		[P_OUTBOX_SETTLE_ERROR_CODE] = db_s(end->error_code),
		[P_OUTBOX_SETTLE_ERROR_DETAIL] = db_s(end->error_detail),
		[P_OUTBOX_SETTLE_ATTEMPTS] = db_i(done && !over ? 0 : row.attempts),
		[P_OUTBOX_SETTLE_NOW] = db_i(end->now),
	};

	TRY(db_run_named(cx, db, &changed, Q_OUTBOX_SETTLE, args, P_OUTBOX_SETTLE__N));
	TRY(outbox_met(cx, changed));
	return out ? outbox_get(cx, db, o->owner, o->id, out) : RC_OK;
}

enum rc
outbox_hurry(struct ctx *cx, struct db *db, const char *owner, const char *id, int64_t now)
{
	struct outbox row;
	int64_t changed;

	TRY(outbox_get(cx, db, owner, id, &row));
	TRY(db_run(cx, db, &changed, Q_OUTBOX_HURRY, "ssi", id, owner, now));
	if (changed)
		return RC_OK;
	return fail(cx, E_STATE,
	    row.finished_at ? "It is done already." : "It is being sent; look again in a minute.");
}

enum rc
outbox_hold(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    const char *question, int64_t now)
{
	return db_run(cx, db, NULL, Q_OUTBOX_HOLD, "sssi", conn_id, owner, question, now);
}

enum rc
outbox_allow_one(struct ctx *cx, struct db *db, const struct outbox *o)
{
	return db_run(cx, db, NULL, Q_OUTBOX_ALLOW_ONE, "ss", o->id, o->owner);
}

enum rc
outbox_on_way(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t *n)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_OUTBOX_ON_WAY, "ss", conn_id, owner));
	*n = found ? db_num(db, Q_OUTBOX_ON_WAY, 0) : 0;
	db_reset(db, Q_OUTBOX_ON_WAY);
	return RC_OK;
}

enum rc
outbox_hold_one(
    struct ctx *cx, struct db *db, const struct outbox *o, const char *question, int64_t now)
{
	return db_run(cx, db, NULL, Q_OUTBOX_HOLD_ONE, "sssi", o->id, o->owner, question, now);
}

enum rc
outbox_hold_copies(struct ctx *cx, struct db *db, const char *owner, int64_t now)
{
	return db_run(cx, db, NULL, Q_OUTBOX_HOLD_COPIES, "si", owner, now);
}

enum rc
outbox_unask(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t now)
{
	return db_run(cx, db, NULL, Q_OUTBOX_UNASK, "ssi", owner, conn_id, now);
}

enum rc
outbox_free(struct ctx *cx, struct db *db, const char *owner, const char *question, const char *to,
    int64_t now)
{
	return db_run(cx, db, NULL, Q_OUTBOX_FREE, "ssis", question, owner, now, to);
}

enum rc
outbox_allow(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	return db_run(cx, db, NULL, Q_OUTBOX_ALLOW, "ss", conn_id, owner);
}

enum rc
outbox_harmless(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	return db_run(cx, db, NULL, Q_OUTBOX_HARMLESS, "ss", conn_id, owner);
}

enum rc
outbox_drop(struct ctx *cx, struct db *db, const struct outbox *o)
{
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_OUTBOX_DROP, "sss", o->id, o->owner, o->state));
	return changed ? RC_OK : fail(cx, E_STATE, "It has moved on meanwhile. Look again.");
}

enum rc
outbox_hurry_all(struct ctx *cx, struct db *db, const char *owner, int64_t now, int64_t *n)
{
	return db_run(cx, db, n, Q_OUTBOX_HURRY_ALL, "si", owner, now);
}

enum rc
outbox_clear(
    struct ctx *cx, struct db *db, const char *owner, int64_t before, int64_t max, int64_t *n)
{
	int64_t failed;

	TRY(db_run(cx, db, n, Q_OUTBOX_CLEAR, "sii", owner, before, max));
	TRY(db_run(cx, db, &failed, Q_OUTBOX_CLEAR_FAILED, "sii", owner, before, max));
	*n += failed;
	return RC_OK;
}
