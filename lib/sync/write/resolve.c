/*
 * resolve.c - see resolve.h.
 *
 * An answer changes the base, so that the table of decide.h comes to what was chosen by itself: a
 * field whose version there is overruled was agreed on as it is there, and edited here.
 */
#include "sync/write/resolve.h"

#include "store/outbox.h"
#include "queue/edit.h"
#include "sync/write/meet.h"

struct answering {
	const struct twoway *t;
	const struct answer *answer;
	struct conflict conflict;
	struct link link;
	struct here here;
	json *base, *value; /* as they become; NULL: nothing */
	json *kept;
	bool look; /* what is there must be read first */
};

static json *
resolve_copy(struct arena *a, const json *from)
{
	json *to = json_new(a);

	for (struct json_iter it = { 0 }; json_each(from, &it);)
		json_set(to, it.key, it.value);
	return to;
}

static const struct merge_group *
resolve_group(const struct merge_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->n_groups; i++)
		if (!strcmp(rules->groups[i].name, name))
			return &rules->groups[i];
	return NULL;
}

/* A field's version as the conflict tells it: of a group, each member. */
static void
resolve_put(const struct merge_rules *rules, const char *name, struct slot version, json *to)
{
	const struct merge_group *g = resolve_group(rules, name);

	if (!g) {
		slot_set(to, name, version);
		return;
	}
	for (const char *const *m = g->members; *m; m++)
		slot_set(to, *m, slot_of(version.v, *m));
}

/* As it is here by now: it may have been edited since it was asked. */
static struct slot
resolve_here(struct arena *a, const struct answering *w, const char *name)
{
	const struct merge_group *g = resolve_group(w->t->rules, name);
	struct slot s = { .there = true };

	if (!g)
		return slot_of(w->here.value, name);
	s.v = json_new(a);
	for (const char *const *m = g->members; *m; m++)
		slot_set(s.v, *m, slot_of(w->here.value, *m));
	return s;
}

static void
resolve_field(struct arena *a, struct answering *w, const json *f)
{
	const char *name = json_str(f, "field");
	struct slot there = slot_of(f, "remote");
	bool ours = w->answer->pick == PICK_LOCAL;

	resolve_put(w->t->rules, name, there, w->base);
	if (!ours)
		resolve_put(w->t->rules, name, there, w->value);
	slot_set(w->kept, name, ours ? there : resolve_here(a, w, name));
}

/* It is gone from here since it was asked: decided anew, and what was there is kept. */
static void
resolve_too_late(struct answering *w, const json *f)
{
	w->look = true;
	slot_set(w->kept, json_str(f, "field"), slot_of(f, "remote"));
}

/* An edit against a deletion. */
static void
resolve_deletion(struct answering *w, const json *f)
{
	bool ours = w->answer->pick == PICK_LOCAL, there = json_flag(f, "remote", false);

	json_set_bool(w->kept, "deleted", there == ours);
	if (there) {
		w->base = NULL;
		w->value = ours ? w->value : NULL;
	} else if (w->here.value) {
		/* It came back here since it was asked: decided anew. */
		w->look = true;
	} else if (ours) {
		/* What is there is known, and shall go. */
		w->base = json_at(f, "value");
		json_set(w->kept, "value", w->base);
	} else {
		/* It comes back as it is there. */
		w->base = NULL;
		w->look = true;
	}
}

static void
resolve_decide(struct ctx *cx, struct answering *w)
{
	json *fields = json_stored(cx->a, w->conflict.fields);

	for (size_t i = 0; i < json_len(fields); i++) {
		const json *f = json_nth(fields, i);

		if (!strcmp(json_str(f, "field"), "deleted"))
			resolve_deletion(w, f);
		else if (w->value && w->base)
			resolve_field(cx->a, w, f);
		else
			resolve_too_late(w, f);
	}
}

static enum rc
resolve_write_here(struct ctx *cx, struct db *db, const struct answering *w)
{
	const struct twoway *t = w->t;
	const struct edit e = {
		.owner = t->owner,
		.object = w->link.object,
		.rules = t->rules,
		.before = w->here.value,
		.after = w->value,
		.connection_id = t->connection_id,
		.actor = w->answer->by,
		.reason = "A conflict was answered.",
		.now = w->answer->now,
	};

	if (w->value)
		TRY(t->ops->put(cx, db, t, w->link.object.key, w->value));
	else if (w->here.value)
		TRY(t->ops->remove(cx, db, t, w->link.object.key));
	return edit_tell(cx, db, &e);
}

static enum rc
resolve_save(struct ctx *cx, struct db *db, struct answering *w)
{
	struct link *l = &w->link;
	struct outbox o = {
		.owner = w->t->owner,
		.link_id = l->id,
		.connection_id = w->t->connection_id,
		.op = w->value ? OUTBOX_PUT : OUTBOX_DELETE,
	};

	l->base = w->base ? json_text(cx->a, w->base) : NULL;
	l->etag = w->look ? NULL : l->etag;
	l->state = LINK_QUEUED;
	l->updated_at = w->answer->now;
	TRY(link_save(cx, db, l));
	return outbox_put(cx, db, &o, w->answer->now);
}

static enum rc
resolve_row(struct ctx *cx, struct db *db, struct answering *w)
{
	json *said = json_new(cx->a);

	json_set_str(said, "choice", pick_word(w->answer->pick));
	w->conflict.kept = json_text(cx->a, w->kept);
	w->conflict.resolved_by = w->answer->by;
	w->conflict.answer = json_text(cx->a, said);
	w->conflict.resolved_at = w->answer->now;
	return conflict_resolve(cx, db, &w->conflict);
}

enum rc
resolve_conflict(struct ctx *cx, struct db *db, const struct twoway *t, const struct answer *answer)
{
	struct answering w = { .t = t, .answer = answer, .kept = json_new(cx->a) };

	TRY(conflict_get(cx, db, t->owner, answer->conflict_id, &w.conflict));
	TRY(link_get(cx, db, t->owner, w.conflict.link_id, &w.link));
	TRY(t->ops->get(cx, db, t, w.link.object.key, &w.here));
	w.value = w.here.value ? resolve_copy(cx->a, w.here.value) : NULL;
	w.base = w.link.base ? resolve_copy(cx->a, meet_base(cx->a, &w.link)) : NULL;
	resolve_decide(cx, &w);
	TRY(resolve_row(cx, db, &w));
	TRY(resolve_write_here(cx, db, &w));
	return resolve_save(cx, db, &w);
}
