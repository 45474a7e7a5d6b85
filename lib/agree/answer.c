/*
 * answer.c - see answer.h.
 */
#include "agree/answer.h"

#include "base/buf.h"

enum { ANSWER_WORDS = 2000 };

/* How one field was answered. */
enum answer_way { WAY_LOCAL, WAY_REMOTE, WAY_ENTERED };

struct answering {
	struct arena *a;
	const struct merge_rules *rules;
	const struct answer_in *in;
	struct answered *out;
	struct buf *words;
};

static json *
answer_copy(struct arena *a, const json *from)
{
	json *to = json_new(a);

	for (struct json_iter it = { 0 }; json_each(from, &it);)
		json_set(to, it.key, it.value);
	return to;
}

static const struct merge_group *
answer_group(const struct merge_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->n_groups; i++)
		if (!strcmp(rules->groups[i].name, name))
			return &rules->groups[i];
	return NULL;
}

static enum answer_way
answer_way(const struct answering *w, const char *name)
{
	const json *one = json_at(w->in->answer->fields, name);
	const char *side = json_str(one, "side");

	if (w->in->answer->pick != PICK_NONE)
		return w->in->answer->pick == PICK_LOCAL ? WAY_LOCAL : WAY_REMOTE;
	if (json_has(one, "value"))
		return WAY_ENTERED;
	return side && !strcmp(side, pick_word(PICK_REMOTE)) ? WAY_REMOTE : WAY_LOCAL;
}

/* --- a field --- */

/* A field's version as the conflict tells it: of a group, each member. */
static void
answer_put(const struct merge_rules *rules, const char *name, struct slot version, json *to)
{
	const struct merge_group *g = answer_group(rules, name);

	if (!g) {
		slot_set(to, name, version);
		return;
	}
	for (const char *const *m = g->members; *m; m++)
		slot_set(to, *m, slot_of(version.v, *m));
}

/* As it is here by now: it may have been edited since it was asked. */
static struct slot
answer_here(struct answering *w, const char *name)
{
	const struct merge_group *g = answer_group(w->rules, name);
	struct slot s = { .there = true };

	if (!g)
		return slot_of(w->in->here, name);
	s.v = json_new(w->a);
	for (const char *const *m = g->members; *m; m++)
		slot_set(s.v, *m, slot_of(w->in->here, *m));
	return s;
}

/* Of a group those members that are named; the others stay as they are here. */
static void
answer_enter(struct answering *w, const char *name)
{
	json *value = json_at(json_at(w->in->answer->fields, name), "value");

	if (!w->out->entered)
		w->out->entered = json_new(w->a);
	if (!answer_group(w->rules, name)) {
		json_set(w->out->entered, name, value);
		return;
	}
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		json_set(w->out->entered, it.key, it.value);
}

static void
answer_field(struct answering *w, const json *f)
{
	const char *name = json_str(f, "field");
	struct slot there = slot_of(f, "remote");
	enum answer_way way = answer_way(w, name);

	answer_put(w->rules, name, there, w->out->base);
	if (way == WAY_REMOTE)
		answer_put(w->rules, name, there, w->out->value);
	if (way == WAY_ENTERED)
		answer_enter(w, name);
	/* It may have gone along with what it is a part of since. */
	w->out->look |= *name == '@';
	slot_set(w->out->kept, name, way == WAY_REMOTE ? answer_here(w, name) : there);
}

/* It is gone from here since it was asked: decided anew, and what was there is kept. */
static void
answer_too_late(struct answering *w, const json *f)
{
	w->out->look = true;
	slot_set(w->out->kept, json_str(f, "field"), slot_of(f, "remote"));
}

/* --- an edit against a deletion --- */

static bool
answer_ours(const struct answering *w, const json *f)
{
	const json *value = json_at(json_at(w->in->answer->fields, "deleted"), "value");

	if (answer_way(w, "deleted") != WAY_ENTERED)
		return answer_way(w, "deleted") == WAY_LOCAL;
	return json_value_bool(value) == json_flag(f, "local", false);
}

/* It comes back as it was there when that was asked; what was edited there since a look finds. Also
 * whoever is asked the same elsewhere is asked about something that is here again. */
static void
answer_back(struct answering *w, const json *f)
{
	const json *there = json_at(f, "value");

	w->out->base = there ? answer_copy(w->a, there) : NULL;
	w->out->value = there ? answer_copy(w->a, there) : NULL;
	w->out->look = true;
}

static void
answer_deletion(struct answering *w, const json *f)
{
	bool ours = answer_ours(w, f), there = json_flag(f, "remote", false);

	json_set_bool(w->out->kept, "deleted", there == ours);
	if (there) {
		w->out->base = NULL;
		w->out->value = ours ? w->out->value : NULL;
	} else if (w->in->here) {
		/* It came back here since it was asked: decided anew. */
		w->out->look = true;
	} else if (ours) {
		/* What is there is known, and shall go. */
		w->out->base = json_at(f, "value");
		json_set(w->out->kept, "value", w->out->base);
	} else {
		answer_back(w, f);
	}
}

/* --- parts of what is taken as it is there --- */

static bool
answer_moves(const struct answering *w, const struct merge_group *g)
{
	for (const char *const *m = g->members; *m; m++)
		if (!slot_same(w->a, slot_of(w->in->here, *m), slot_of(w->out->value, *m)))
			return true;
	return false;
}

/* What was edited here has the names of before; what has no place any more is kept. */
static void
answer_carry(struct answering *w, char part)
{
	json *value = w->out->value, *was = json_new(w->a);
	const json *lost;

	for (struct json_iter it = { 0 }; json_each(w->in->here, &it);)
		if (*it.key != part)
			json_set(was, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key == part)
			json_set(was, it.key, it.value);
	lost = w->rules->part_lost(w->a, was, value);
	for (struct json_iter it = { 0 }; json_each(lost, &it);)
		if (!json_has(w->out->kept, it.key))
			slot_set(w->out->kept, it.key, slot_of(lost, it.key));
	w->out->value = w->rules->part_moved(w->a, was, value);
	w->out->look = true;
}

static void
answer_carry_all(struct answering *w)
{
	if (!w->rules->part_moved || !w->in->here || !w->out->value)
		return;
	for (size_t i = 0; i < w->rules->n_groups; i++)
		if (w->rules->groups[i].part && answer_moves(w, &w->rules->groups[i]))
			answer_carry(w, w->rules->groups[i].part);
}

/* --- the whole --- */

/* The conflict's row, and a part of the sentence. */
static void
answer_tell(struct answering *w, const json *f)
{
	static const char *const chosen[] = { "local", "remote", "edited" };
	static const char *const words[] = { "as it is here", "as it is there", "as entered" };
	const char *name = json_str(f, "field");
	bool deletion = !strcmp(name, "deleted");
	enum answer_way way = answer_way(w, name);
	json *row = answer_copy(w->a, f);

	if (deletion)
		way = answer_ours(w, f) ? WAY_LOCAL : WAY_REMOTE;
	json_set_str(row, "chosen", chosen[way]);
	json_add(w->out->fields, row);
	if (w->rules->called)
		name = w->rules->called(w->a, name);
	else if (*name == '@')
		name = arena_printf(w->a, "the one of %s", name + 1);
	buf_printf(w->words, "%s %s %s", w->words->n ? "," : ":",
	    deletion ? "whether it is deleted" : name, words[way]);
}

void
answer_apply(struct arena *a, const struct merge_rules *rules, const struct answer_in *in,
    struct answered *out)
{
	struct answering w = {
		.a = a,
		.rules = rules,
		.in = in,
		.out = out,
		.words = buf_in(a, ANSWER_WORDS),
	};

	*out = (struct answered){
		.base = in->base ? answer_copy(a, in->base) : NULL,
		.value = in->here ? answer_copy(a, in->here) : NULL,
		.fields = json_list(a),
		.kept = json_new(a),
	};
	for (size_t i = 0; i < json_len(in->fields); i++) {
		const json *f = json_nth(in->fields, i);

		if (!strcmp(json_str(f, "field"), "deleted"))
			answer_deletion(&w, f);
		else if (out->value && out->base)
			answer_field(&w, f);
		else
			answer_too_late(&w, f);
		answer_tell(&w, f);
	}
	answer_carry_all(&w);
	out->reason = arena_printf(a, "A conflict was answered%s.", buf_c(w.words));
}
