/*
 * over.c - see over.h.
 */
#include "agree/over.h"

static const char *const over_keys[] = { [OVER_BEFORE] = "before", [OVER_AFTER] = "after" };

static json *
over_row(struct arena *a, const char *field, struct slot before, struct slot after)
{
	json *o = json_new(a);

	json_set_str(o, "field", field);
	slot_set(o, over_keys[OVER_BEFORE], before);
	slot_set(o, over_keys[OVER_AFTER], after);
	return o;
}

static const char *
over_deletion(struct arena *a, bool before)
{
	json *o = json_new(a), *list = json_list(a);

	json_set_str(o, "field", "deleted");
	json_set_bool(o, over_keys[OVER_BEFORE], before);
	json_set_bool(o, over_keys[OVER_AFTER], !before);
	json_add(list, o);
	return json_text(a, list);
}

static const char *
over_text(struct arena *a, const json *list)
{
	return json_len(list) ? json_text(a, list) : NULL;
}

const char *
over_all(struct arena *a, const struct merge_rules *rules, const json *there, const json *here)
{
	const struct policy_facts facts = { .policy = POLICY_APPLICATION };
	const struct merge_in in = {
		.base = there,
		.local = here,
		.remote = there,
		.policy = &facts,
	};
	json *list = json_list(a);
	struct merged m;

	if (!there || !here)
		return there || here ? over_deletion(a, !there) : NULL;
	merge(a, rules, &in, &m);
	for (size_t i = 0; i < m.to_remote.n; i++) {
		const char *f = m.to_remote.v[i];

		json_add(list, over_row(a, f, slot_of(there, f), slot_of(here, f)));
	}
	return over_text(a, list);
}

/* By its own name, or by that of its group. */
static bool
over_collides(const struct merge_rules *rules, const struct merged *m, const char *field)
{
	const char *unit = merge_unit_of(rules, field);

	for (size_t i = 0; i < m->n_collisions; i++)
		if (!strcmp(m->collisions[i].field, unit))
			return true;
	return false;
}

const char *
over_merged(struct arena *a, const struct merge_rules *rules, const struct merge_in *in,
    const struct merged *m)
{
	json *list = json_list(a);

	for (size_t i = 0; i < m->to_remote.n; i++) {
		const char *f = m->to_remote.v[i];

		if (!in->base || over_collides(rules, m, f))
			json_add(
			    list, over_row(a, f, slot_of(in->remote, f), slot_of(m->value, f)));
	}
	return over_text(a, list);
}

enum over_what
over_what(const json *over)
{
	const json *first = json_nth(over, 0);
	const char *field = json_str(first, "field");

	if (!field || strcmp(field, "deleted"))
		return OVER_FIELDS;
	return json_flag(first, over_keys[OVER_AFTER], false) ? OVER_DELETED : OVER_REVIVED;
}

json *
over_put(struct arena *a, const json *value, const json *over, enum over_side side)
{
	json *out = json_new(a);

	for (struct json_iter it = { 0 }; json_each(value, &it);)
		json_set(out, it.key, it.value);
	for (size_t i = 0; i < json_len(over); i++) {
		const json *f = json_nth(over, i);

		slot_set(out, json_str(f, "field"), slot_of(f, over_keys[side]));
	}
	return out;
}

bool
over_is(struct arena *a, const struct merge_rules *rules, const json *value, const json *over,
    enum over_side side)
{
	return merge_same(a, rules, value, over_put(a, value, over, side));
}

const char *
over_reversed(struct arena *a, const json *over)
{
	json *list = json_list(a);

	for (size_t i = 0; i < json_len(over); i++) {
		const json *f = json_nth(over, i);

		json_add(list,
		    over_row(a, json_str(f, "field"), slot_of(f, over_keys[OVER_AFTER]),
			slot_of(f, over_keys[OVER_BEFORE])));
	}
	return json_text(a, list);
}
