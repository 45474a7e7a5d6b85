/*
 * events.c - see events.h.
 */
#include "app/events.h"

#include "app/calendar.h"
#include "ask/ask.h"
#include "base/buf.h"
#include "base/clock.h"
#include "event/event.h"
#include "event/occur.h"
#include "queue/event_edit.h"
#include "queue/post.h"
#include "store/outbox.h"

enum { SOON_MS = 1000 };

/* One edit: what it was, and what is made of it. */
struct event_change {
	const struct caller *by;
	struct event_row *e;
	const json *before, *after; /* NULL: there was, there is nothing */
	const char *action;         /* for the audit */
	const char *reason;         /* for the history; NULL: none is needed */
};

static json *
event_value(struct ctx *cx, const struct event_row *e)
{
	return json_stored(cx->a, e->value);
}

/* In the caller's write. */
static enum rc
event_write(struct ctx *cx, struct db *db, const struct event_change *d)
{
	const struct edit edit = {
		.owner = d->e->owner,
		.before = d->before,
		.after = d->after,
		.actor = d->by->actor.name,
		.reason = d->reason,
		.now = clock_ms(),
	};

	TRY(event_edit(cx, db, &edit, d->e));
	return caller_audit(
	    cx, db, d->by, d->action, d->e->id, json_str(d->after ? d->after : d->before, "title"));
}

struct events_write {
	const struct caller *by;
	const struct event_place *place;
	const json *said;
	struct event_done *out;
};

/* What is to be sent of it is sent at once. It is done by then: whoever was told of a failure would
 * do it once more. */
static enum rc
events_do(struct ctx *cx, struct db *db, db_write_fn *fn, struct events_write *w)
{
	struct object o = { .kind = OBJECT_EVENT };
	struct link_list links;

	TRY(caller_need(cx, w->by, SCOPE_WRITE));
	TRY(db_write(cx, db, fn, w));
	o.key = w->out->e.id;
	if (link_list(cx, db, w->by->owner, &o, &links) != RC_OK || links.n > 0)
		wake_tick();
	return RC_OK;
}

/* The event that is meant, as it was seen. */
static enum rc
event_find(struct ctx *cx, struct db *db, const struct events_write *w)
{
	struct event_row *e = &w->out->e;

	*w->out = (struct event_done){ .lost = NULL };
	TRY(event_get(cx, db, w->by->owner, w->place->id, e));
	if (w->place->rev && w->place->rev != e->rev)
		return fail(cx, E_STALE, "The event was changed meanwhile. Read it again.");
	return RC_OK;
}

/*
 * Whole events.
 */
static enum rc
events_add_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct events_write *w = arg;
	json *value;

	*w->out = (struct event_done){ .e = { .owner = w->by->owner } };
	TRY(event_take(cx, w->by->wrong, NULL, w->said, &value));
	return event_write(cx, db,
	    &(struct event_change){
		.by = w->by,
		.e = &w->out->e,
		.after = value,
		.action = "event made",
	    });
}

enum rc
events_add(struct ctx *cx, struct db *db, const struct caller *by, const json *said,
    struct event_done *out)
{
	struct events_write w = { .by = by, .said = said, .out = out };

	return events_do(cx, db, events_add_write, &w);
}

/* "2026-10-05 10:00" */
static const char *
event_day(struct arena *a, const char *text)
{
	return text[10] ? arena_printf(a, "%.10s %.5s", text, text + 11) : text;
}

/* Why the history has less of it than before; NULL: it has not. */
static const char *
event_lost_words(struct arena *a, const json *lost)
{
	enum { NAMED = 5 };
	const size_t n = json_len(lost);
	struct buf *b = buf_in(a, 2000);

	if (n == 0)
		return NULL;
	buf_str(b, "The series does not come any more on ");
	for (size_t i = 0; i < n && i < NAMED; i++)
		buf_printf(b, "%s%s", i ? ", " : "",
		    event_day(a, json_str(json_nth(lost, i), "occurrence")));
	if (n > NAMED)
		buf_printf(b, " and at %zu further times", n - NAMED);
	buf_str(b, ": what was different there has gone with it.");
	return buf_c(b);
}

/* What is as it was is not written. */
static enum rc
event_change(struct ctx *cx, struct db *db, const struct caller *by, struct event_row *e,
    const json *after, const json *lost)
{
	const json *before = event_value(cx, e);

	if (merge_same(cx->a, &event_rules, before, after))
		return RC_OK;
	return event_write(cx, db,
	    &(struct event_change){
		.by = by,
		.e = e,
		.before = before,
		.after = after,
		.action = "event changed",
		.reason = event_lost_words(cx->a, lost),
	    });
}

/* The whole of it. */
static enum rc
event_rewrite(struct ctx *cx, struct db *db, const struct events_write *w)
{
	const json *before = event_value(cx, &w->out->e);
	json *after;

	TRY(event_take(cx, w->by->wrong, before, w->said, &after));
	w->out->lost = occur_listed(cx->a, before, occur_lost(cx->a, before, after));
	return event_change(cx, db, w->by, &w->out->e, after, w->out->lost);
}

static enum rc
events_change_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct events_write *w = arg;

	TRY(event_find(cx, db, w));
	return event_rewrite(cx, db, w);
}

enum rc
events_change(struct ctx *cx, struct db *db, const struct caller *by,
    const struct event_place *place, const json *said, struct event_done *out)
{
	struct events_write w = { .by = by, .place = place, .said = said, .out = out };

	return events_do(cx, db, events_change_write, &w);
}

static enum rc
event_drop(struct ctx *cx, struct db *db, const struct caller *by, struct event_row *e)
{
	return event_write(cx, db,
	    &(struct event_change){
		.by = by,
		.e = e,
		.before = event_value(cx, e),
		.action = "event deleted",
	    });
}

static enum rc
events_remove_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct events_write *w = arg;

	TRY(event_find(cx, db, w));
	return event_drop(cx, db, w->by, &w->out->e);
}

enum rc
events_remove(struct ctx *cx, struct db *db, const struct caller *by,
    const struct event_place *place, struct event_done *out)
{
	struct events_write w = { .by = by, .place = place, .out = out };

	return events_do(cx, db, events_remove_write, &w);
}

static enum rc
events_restore_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct events_write *w = arg;
	struct event_row *e = &w->out->e;

	*w->out = (struct event_done){ .lost = NULL };
	TRY(event_any(cx, db, w->by->owner, w->place->id, e));
	if (!e->deleted_at)
		return fail(cx, E_STATE, "The event is not deleted.");
	return event_write(cx, db,
	    &(struct event_change){
		.by = w->by,
		.e = e,
		.after = event_value(cx, e),
		.action = "event restored",
	    });
}

enum rc
events_restore(struct ctx *cx, struct db *db, const struct caller *by,
    const struct event_place *place, struct event_done *out)
{
	struct events_write w = { .by = by, .place = place, .out = out };

	return events_do(cx, db, events_restore_write, &w);
}

/*
 * One occurrence.
 */
struct event_found {
	json *value;
	struct occurrence o;
	const char *key; /* of the value's member */
};

static enum rc
event_find_one(struct ctx *cx, struct db *db, const struct events_write *w, struct event_found *f)
{
	struct event_span span;
	struct when slot;

	TRY(event_find(cx, db, w));
	f->value = event_value(cx, &w->out->e);
	if (!event_span(cx->a, f->value, &span) || !span.series ||
	    !when_slot_read(str_c(w->place->slot), &span.start, &slot) ||
	    !occur_at(cx->a, f->value, &slot, &f->o))
		return fail(cx, E_NOT_FOUND,
		    "The event has no occurrence there. Name it by its start as planned.");
	f->key = arena_printf(cx->a, "@%s", when_slot(cx->a, &slot));
	return RC_OK;
}

/* The value with that occurrence so; differs {}: as the series has it. */
static json *
event_with(struct ctx *cx, const struct event_found *f, json *differs)
{
	json *out = json_copy(cx->a, f->value);

	if (json_len(differs) > 0)
		json_set(out, f->key, differs);
	else
		json_unset(out, f->key);
	return out;
}

/* As the series has it. */
static const json *
event_plain(struct ctx *cx, const struct event_found *f)
{
	json *value = json_copy(cx->a, f->value);
	struct occurrence o;

	json_unset(value, f->key);
	return occur_at(cx->a, value, &f->o.slot, &o) ? o.value : f->o.value;
}

/* The series ends before it; *after: the one that begins with it. */
static enum rc
event_end_before(struct ctx *cx, struct db *db, const struct events_write *w,
    const struct event_found *f, json **after)
{
	json *before;

	if (!occur_split(cx->a, f->value, &f->o.slot, &before, after))
		return fail(cx, E_BUG, "A series has nothing before its first occurrence.");
	return event_change(cx, db, w->by, &w->out->e, before, NULL);
}

static bool
event_is_first(struct ctx *cx, const struct event_found *f)
{
	struct event_span span;

	return event_span(cx->a, f->value, &span) && f->o.slot.utc <= span.start.utc;
}

/* A rule that is said is the new series'; one that is not goes on. */
static enum rc
event_go_on(
    struct ctx *cx, struct db *db, const struct events_write *w, const struct event_found *f)
{
	struct event_row e = { .owner = w->by->owner, .origin = w->out->e.origin };
	struct mirror mirror;
	json *after, *value;

	TRY(event_end_before(cx, db, w, f, &after));
	TRY(event_take(cx, w->by->wrong, after, w->said, &value));
	w->out->lost = occur_listed(cx->a, after, occur_lost(cx->a, after, value));
	TRY(event_write(cx, db,
	    &(struct event_change){
		.by = w->by,
		.e = &e,
		.after = value,
		.action = "event made",
		.reason = event_lost_words(cx->a, w->out->lost),
	    }));
	TRY(mirror_open(cx, db, e.owner, &mirror));
	TRY(mirror_split(cx, db, &mirror, w->out->e.id, &e, e.updated_at));
	w->out->following = e;
	return RC_OK;
}

static enum rc
events_change_one_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct events_write *w = arg;
	struct event_found f;
	json *differs;

	TRY(event_find_one(cx, db, w, &f));
	if (w->place->following && !event_is_first(cx, &f))
		return event_go_on(cx, db, w, &f);
	if (w->place->following)
		return event_rewrite(cx, db, w);
	if (f.o.left_out && json_len(w->said) > 0 && !json_has(w->said, "status"))
		return fail(cx, E_STATE,
		    "This occurrence is left out of its series, and an edit alone does not bring "
		    "it back: set its status to \"confirmed\" as well.");
	TRY(event_take_one(cx, w->by->wrong, f.o.value, event_plain(cx, &f), w->said, &differs));
	return event_change(cx, db, w->by, &w->out->e, event_with(cx, &f, differs), NULL);
}

enum rc
events_change_one(struct ctx *cx, struct db *db, const struct caller *by,
    const struct event_place *place, const json *said, struct event_done *out)
{
	struct events_write w = { .by = by, .place = place, .said = said, .out = out };

	return events_do(cx, db, events_change_one_write, &w);
}

static enum rc
events_remove_one_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct events_write *w = arg;
	struct event_found f;
	json *gone = json_new(cx->a), *after;

	TRY(event_find_one(cx, db, w, &f));
	if (w->place->following && event_is_first(cx, &f))
		return event_drop(cx, db, w->by, &w->out->e);
	if (w->place->following)
		return event_end_before(cx, db, w, &f, &after);
	json_set_str(gone, "status", "cancelled");
	return event_change(cx, db, w->by, &w->out->e, event_with(cx, &f, gone), NULL);
}

enum rc
events_remove_one(struct ctx *cx, struct db *db, const struct caller *by,
    const struct event_place *place, struct event_done *out)
{
	struct events_write w = { .by = by, .place = place, .out = out };

	return events_do(cx, db, events_remove_one_write, &w);
}

/*
 * What becomes of it elsewhere.
 */
/* Is something of the link on its way, and will soon have arrived? */
static enum rc
event_link_moves(struct ctx *cx, struct db *db, const struct link *l, bool *moves)
{
	const int64_t by = clock_ms() + SOON_MS;
	struct outbox o;
	struct conn c;
	enum rc rc;

	*moves = false;
	if (strcmp(l->state, LINK_QUEUED) != 0)
		return RC_OK;
	rc = conn_get(cx, db, l->owner, l->connection_id, &c);
	if (rc == RC_NOTFOUND) {
		cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	TRY(outbox_of_link(cx, db, l->owner, l->id, &o));
	if (!calendar_is(cx->a, &c) || !conn_sends(&c) || !o.id)
		return RC_OK;
	*moves = !strcmp(o.state, OUTBOX_SENDING);
	if (strcmp(o.state, OUTBOX_WAITING) != 0 || o.next_at > by)
		return RC_OK;
	return post_soon(cx, db, &c, by, moves);
}

enum rc
events_arrived(struct ctx *cx, struct db *db, const char *owner, const char *id, bool *settled)
{
	const struct object o = { .kind = OBJECT_EVENT, .key = id };
	struct link_list links;
	bool moves = false;

	TRY(link_list(cx, db, owner, &o, &links));
	for (size_t i = 0; i < links.n && !moves; i++)
		TRY(event_link_moves(cx, db, &links.v[i], &moves));
	*settled = !moves;
	return RC_OK;
}
