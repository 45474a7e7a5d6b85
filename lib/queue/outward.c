/*
 * outward.c - see outward.h.
 */
#include "queue/outward.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/rand.h"
#include "kind/kind.h"
#include "kind/ways.h"
#include "queue/heed.h"
#include "queue/mailbox.h"
#include "queue/post.h"
#include "store/conn.h"

enum { OUTWARD_SHOWN = 50 };

/* --- what is asked --- */

static bool
outward_large(const struct conn_limits *l, const struct outbox_harm *h)
{
	const int64_t harmed = h->open + h->done, stored = h->there + h->deleted;
	const int64_t percent = l->percent ? l->percent : LIMIT_PERCENT;

	return harmed > (l->items ? l->items : LIMIT_ITEMS_THERE) &&
	    harmed * 100 > stored * percent;
}

const char *
outward_name(struct arena *a, const struct link *l)
{
	const json *base = json_stored(a, l->base);
	const char *title = json_str(base, "title"), *start = json_str(base, "startDateTime");

	if (!title)
		return l->remote_id ? l->remote_id : l->object.key;
	return start ? arena_printf(a, "%s (%.10s)", title, start) : title;
}

/* One of those that are shown, by its name and as a change of the plan. */
static enum rc
outward_show(struct ctx *cx, struct db *db, const struct outbox *o, json *items, json *changes)
{
	json *change = json_new(cx->a);
	const char *name;
	struct link l;

	TRY(link_get(cx, db, o->owner, o->link_id, &l));
	name = outward_name(cx->a, &l);
	json_add_str(items, name);
	json_set_str(change, "side", "remote");
	json_set_str(change, "action", strcmp(o->op, OUTBOX_DELETE) ? "update" : "delete");
	json_set_str(change, "item", name);
	json_set_str(change, "eventId", l.object.key);
	json_set_str(change, "connectionId", l.connection_id);
	json_set(change, "fields", json_stored(cx->a, o->fields));
	json_add(changes, change);
	return RC_OK;
}

/* Where it would be done. */
static const char *
outward_place(const struct conn *c)
{
	return kind_place(c->provider, "the other calendar");
}

static const char *
outward_said(struct arena *a, const struct conn *c, const char *review)
{
	const json *o = json_stored(a, review);

	return arena_printf(a,
	    "Of %lld events in %s, %lld would be deleted and %lld overwritten%s. Nothing of it was "
	    "sent.",
	    (long long)json_num(o, "stored", 0), outward_place(c),
	    (long long)json_num(o, "deletions", 0), (long long)json_num(o, "replaced", 0),
	    json_flag(o, "again", false) ? ", which was kept before" : " within ten minutes");
}

/* What is held at these places, or at the one alone that the page names. */
static void
outward_sum(const struct outbox_asked *page, const struct outbox_place *v, size_t n,
    struct outbox_place *sum)
{
	*sum = (struct outbox_place){ .connection_id = page->connection_id };
	for (size_t i = 0; i < n; i++) {
		if (page->connection_id && strcmp(v[i].connection_id, page->connection_id) != 0)
			continue;
		sum->n += v[i].n;
		sum->deletions += v[i].deletions;
	}
}

/* Of the connection that it is asked about: of copies elsewhere the same is true, and they are
 * other numbers (outward_places()). What an undo asks is about all places. */
static enum rc
outward_review(struct ctx *cx, struct db *db, const struct outbox_asked *page, int64_t stored,
    const char **out)
{
	json *review = json_new(cx->a), *items = json_list(cx->a), *changes = json_list(cx->a);
	struct outbox_place places[OUTBOX_PLACES], sum;
	struct outbox_list list;
	size_t n;

	TRY(outbox_places(cx, db, page->owner, page->question, places, &n));
	outward_sum(page, places, n, &sum);
	TRY(outbox_of_question(cx, db, page, &list));
	for (size_t i = 0; i < list.n; i++)
		TRY(outward_show(cx, db, &list.v[i], items, changes));
	json_set_str(review, "side", "remote");
	json_set_i64(review, "stored", stored);
	json_set_i64(review, "deletions", sum.deletions);
	json_set_i64(review, "replaced", sum.n - sum.deletions);
	json_set(review, "items", items);
	json_set(review, "changes", changes);
	*out = json_text(cx->a, review);
	return RC_OK;
}

/* The schedule goes on: what comes from there harms nothing. */
static enum rc
outward_tell(struct ctx *cx, struct db *db, const struct conn *c, const char *run_id)
{
	const char *subject = arena_printf(cx->a, "Tidemark asks before it changes %s", c->name);

	return mail_tell(cx, db, c->owner, subject,
	    arena_printf(cx->a,
		"So much of %s would be deleted or overwritten at once in %s that Tidemark holds "
		"it back.\n\nLook at it and say whether it is meant:\n"
		"%s/syncs/%s\n\nEverything else goes on.\n",
		c->name, outward_place(c), conf_app_url(cx->a), run_id));
}

/* What is asked of a connection. */
struct outward_asking {
	const struct conn *conn;
	const struct outbox_harm *harm;
	bool again; /* a person wants to be asked */
};

static enum rc
outward_asked(struct ctx *cx, struct db *db, const struct outward_asking *w, const char *id,
    const char **review)
{
	const struct outbox_harm *h = w->harm;
	const struct outbox_asked page = {
		.owner = w->conn->owner,
		.question = id,
		.after = "",
		.connection_id = w->conn->id,
		.limit = OUTWARD_SHOWN,
	};
	json *o;

	TRY(outward_review(cx, db, &page, h->there + h->deleted, review));
	if (!w->again)
		return RC_OK;
	o = json_stored(cx->a, *review);
	json_set_bool(o, "again", true);
	*review = json_text(cx->a, o);
	return RC_OK;
}

static enum rc
outward_ask(struct ctx *cx, struct db *db, const struct outward_asking *w, int64_t now)
{
	const struct conn *c = w->conn;
	struct run run = {
		.connection_id = c->id,
		.owner = c->owner,
		.trigger = "guard",
		.message = arena_printf(cx->a,
		    "Held: so much would be deleted or overwritten in %s at once.",
		    outward_place(c)),
	};
	const char *mine;
	char id[UUID_TEXT];
	bool known = false;

	if (w->again)
		run.message = "Held: what was kept is asked about again.";
	TRY(outbox_asking(cx, db, c->owner, c->id, &mine));
	run.id = mine ? mine : arena_dup(cx->a, rand_uuid(id));
	TRY(outbox_hold(cx, db, c->owner, c->id, run.id, now));
	TRY(outbox_hold_copies(cx, db, c->owner, now));
	TRY(outward_asked(cx, db, w, run.id, &run.review));
	run.error_detail = outward_said(cx->a, c, run.review);
	if (mine)
		TRY(run_asks_more(cx, db, &run, now, &known));
	if (known)
		return RC_OK;
	TRY(run_insert_asked(cx, db, &run, now));
	return w->again ? RC_OK : outward_tell(cx, db, c, run.id);
}

enum rc
outward_judge(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t now)
{
	struct outbox_harm h;
	struct conn c;

	TRY(conn_get(cx, db, owner, conn_id, &c));
	if (ways_of(json_stored(cx->a, c.config)).direction == WAYS_PULL)
		return outbox_harmless(cx, db, owner, conn_id);
	TRY(outbox_judged(cx, db, owner, conn_id));
	TRY(outbox_harm(cx, db, owner, conn_id, now - OUTWARD_MINUTES * MINUTE_MS, &h));
	if (!h.waiting)
		return RC_OK;
	if (h.asked)
		TRY(outbox_hold_copies(cx, db, owner, now));
	if (!outward_large(&c.limits, &h))
		return RC_OK;
	return strcmp(c.guard, "always")
	    ? outward_ask(cx, db, &(struct outward_asking){ .conn = &c, .harm = &h }, now)
	    : RC_OK;
}

/* To the question that is open: id. */
static enum rc
outward_add(struct ctx *cx, struct db *db, const struct conn *c, const struct outward_again *w,
    const char *id)
{
	struct run run;
	json *review;
	bool known;

	TRY(outbox_hold(cx, db, c->owner, c->id, id, w->now));
	TRY(outbox_hold_copies(cx, db, c->owner, w->now));
	TRY(run_get(cx, db, c->owner, id, &run));
	review = json_stored(cx->a, run.review);
	json_set_i64(review, "deletions", json_num(review, "deletions", 0) + w->deletions);
	json_set_i64(review, "replaced", json_num(review, "replaced", 0) + w->replaced);
	json_set_bool(review, "again", true);
	run.review = json_text(cx->a, review);
	run.error_detail = outward_said(cx->a, c, run.review);
	return run_asks_more(cx, db, &run, w->now, &known);
}

enum rc
outward_again(struct ctx *cx, struct db *db, const struct outward_again *w)
{
	struct outbox_harm h;
	struct conn c;
	const struct outward_asking asking = { .conn = &c, .harm = &h, .again = true };
	const char *id;

	TRY(conn_get(cx, db, w->owner, w->conn_id, &c));
	if (!strcmp(c.guard, "always"))
		return RC_OK;
	TRY(outbox_judged(cx, db, w->owner, w->conn_id));
	TRY(outbox_asking(cx, db, w->owner, w->conn_id, &id));
	if (id && w->more)
		return outward_add(cx, db, &c, w, id);
	TRY(outbox_harm(cx, db, w->owner, w->conn_id, w->now - OUTWARD_MINUTES * MINUTE_MS, &h));
	return h.waiting ? outward_ask(cx, db, &asking, w->now) : RC_OK;
}

enum rc
outward_judge_new(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t now)
{
	bool any;

	TRY(outbox_unjudged(cx, db, owner, conn_id, &any));
	return any ? outward_judge(cx, db, owner, conn_id, now) : RC_OK;
}

enum rc
outward_undone(
    struct ctx *cx, struct db *db, const struct run *run, const char **review, int64_t *n)
{
	const struct outbox_asked page = {
		.owner = run->owner,
		.question = run->id,
		.after = "",
		.limit = OUTWARD_SHOWN,
	};
	int64_t deletions;
	json *o;

	*review = NULL;
	TRY(outbox_held(cx, db, run->owner, run->id, n, &deletions));
	if (!*n)
		return RC_OK;
	TRY(outward_review(cx, db, &page, *n, review));
	o = json_stored(cx->a, *review);
	json_set_bool(o, "undo", true);
	*review = json_text(cx->a, o);
	return RC_OK;
}

enum rc
outward_places(
    struct ctx *cx, struct db *db, const struct run *run, struct outward_place **v, size_t *n)
{
	struct outbox_place places[OUTBOX_PLACES];
	size_t found;
	struct conn c;

	TRY(outbox_places(cx, db, run->owner, run->id, places, &found));
	*v = arena_array(cx->a, found + 1, sizeof **v);
	*n = 0;
	for (int own = 1; own >= 0; own--)
		for (size_t i = 0; i < found; i++) {
			if (own != !strcmp(places[i].connection_id, run->connection_id))
				continue;
			TRY(conn_get(cx, db, run->owner, places[i].connection_id, &c));
			(*v)[(*n)++] = (struct outward_place){ c.name, places[i].n };
		}
	return RC_OK;
}

/* --- the answer --- */

static bool
outward_is(const struct link *l, const char *code)
{
	return !strcmp(l->state, LINK_SKIPPED) && l->error_code && !strcmp(l->error_code, code);
}

bool
outward_kept(const struct link *l)
{
	return outward_was_asked(l) || outward_is(l, OUTWARD_LEFT);
}

bool
outward_was_asked(const struct link *l)
{
	return outward_is(l, OUTWARD_KEPT);
}

bool
outward_resumes(const struct link *l)
{
	return outward_kept(l) || (link_is_refused(l) && !strcmp(l->error_code, LINK_REFUSED));
}

bool
outward_asks(struct arena *a, const struct run *run)
{
	const char *side = json_str(json_stored(a, run->review), "side");

	return side && !strcmp(side, "remote");
}

enum rc
outward_open(struct ctx *cx, struct db *db, const struct run *run, bool *open)
{
	return outbox_question_open(cx, db, run->owner, run->id, open);
}

enum rc
outward_gone(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t now)
{
	TRY(outbox_unask(cx, db, owner, conn_id, now));
	return post_hurry_all(cx, db, owner, now);
}

enum rc
outward_answer(
    struct ctx *cx, struct db *db, const struct run *run, const char *answer, int64_t now)
{
	struct ruling a = {
		.question = run->id,
		.owner = run->owner,
		.keep = !strcmp(answer, "keep"),
		.said = "Answered: what was held is sent.",
	};
	struct run over = *run;
	struct conn c;
	bool open;

	TRY(outward_open(cx, db, run, &open));
	if (!open)
		return fail(cx, E_STATE, "This question is over: nothing is held by it any more.");
	TRY(conn_get(cx, db, run->owner, run->connection_id, &c));
	if (a.keep)
		a.said = arena_printf(cx->a, "Answered: what is in %s is kept.", outward_place(&c));
	if (run->task)
		a.said = arena_printf(cx->a, "%s. %s", run->message, a.said);
	over.message = arena_printf(cx->a, "%s This is being carried out.", a.said);
	TRY(run_answered(cx, db, &over, now));
	return heed_note(cx, db, &a, now);
}
