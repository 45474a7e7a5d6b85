/*
 * differ.c - see differ.h.
 */
#include "sync/write/differ.h"

static bool
asked_names(const json *asked, const char *name)
{
	for (size_t i = 0; i < json_len(asked); i++)
		if (!strcmp(json_str(json_nth(asked, i), "field"), name))
			return true;
	return false;
}

/* It is asked about itself, or is a part of what is: places in a series are nothing by themselves
 * while two of them stand against each other. */
static bool
asked_about(const struct merge_rules *rules, const json *asked, const char *field)
{
	for (size_t i = 0; i < rules->n_groups; i++)
		if (*field == rules->groups[i].part && asked_names(asked, rules->groups[i].name))
			return true;
	return asked_names(asked, merge_unit_of(rules, field));
}

const json *
differ_confirmed(struct arena *a, const json *base, const json *values, const json *whole)
{
	json *out = json_new(a);

	for (struct json_iter it = { 0 }; json_each(base, &it);)
		json_set(out, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(values, &it);)
		slot_set(out, it.key, slot_of(whole, it.key));
	return out;
}

/* Nothing is there: all of it goes out. */
static void
differ_put(struct arena *a, const struct differ_in *in, struct differ *out)
{
	*out = (struct differ){
		.any = true,
		.values = differ_confirmed(a, NULL, in->here, in->here),
		.whole = in->here,
	};
}

static void
differ_fields(struct arena *a, const struct merge_rules *rules, const struct differ_in *in,
    struct differ *out)
{
	const struct policy_facts facts = { .policy = POLICY_APPLICATION };
	const struct merge_in merge_of = {
		.base = in->base,
		.local = in->here,
		.remote = in->base,
		.policy = &facts,
	};
	struct field_list list = { 0 };
	struct merged m;

	merge(a, rules, &merge_of, &m);
	list.v = m.to_remote.v;
	for (size_t i = 0; i < m.to_remote.n; i++)
		if (!asked_about(rules, in->asked, m.to_remote.v[i]))
			list.v[list.n++] = m.to_remote.v[i];
	if (!list.n)
		return;
	out->any = true;
	out->values = merge_patch(a, in->here, &list);
	out->whole = differ_confirmed(a, in->base, out->values, in->here);
}

void
differ(struct arena *a, const struct merge_rules *rules, const struct differ_in *in,
    struct differ *out)
{
	*out = (struct differ){ 0 };
	if (asked_names(in->asked, "deleted"))
		return;
	if (!in->here)
		out->any = in->base != NULL;
	else if (!in->base)
		differ_put(a, in, out);
	else
		differ_fields(a, rules, in, out);
}
