/*
 * silent.c - see silent.h.
 */
#include "sync/write/silent.h"

json *
silent_values(
    struct arena *a, const json *values, const json *silent, const json *from, json **fills)
{
	json *out = NULL;

	*fills = NULL;
	for (struct json_iter it = { 0 }; values && json_each(silent, &it);) {
		if (json_has(values, it.key) || !json_has(from, it.key))
			continue;
		out = out ? out : json_copy(a, values);
		json_set(out, it.key, json_at(from, it.key));
		if (!json_value_bool(it.value))
			continue;
		*fills = *fills ? *fills : json_new(a);
		json_set_bool(*fills, it.key, true);
	}
	return out ? out : (json *)(uintptr_t)values;
}

enum rc
silent_there(struct ctx *cx, struct db *db, const struct twoway *t, const struct link *l,
    const struct there *there, struct there *out)
{
	const json *from = json_stored(cx->a, l->base);
	struct here here = { 0 };
	json *fills;

	*out = *there;
	if (!there->values || !json_len(there->silent))
		return RC_OK;
	if (!from) {
		TRY(t->ops->get(cx, db, t, l->object.key, &here));
		from = here.value;
	}
	out->values = silent_values(cx->a, there->values, there->silent, from, &fills);
	if (!fills)
		return RC_OK;
	for (struct json_iter it = { 0 }; json_each(there->unfilled, &it);)
		json_set_bool(fills, it.key, true);
	out->unfilled = fills;
	return RC_OK;
}

const json *
silent_last(struct arena *a, const struct twoway *t, const struct there *there, const json *base)
{
	const char all[] = { t->part, '\0' };
	json *fills, *last = silent_values(a, there->last, there->silent, base, &fills);

	return t->part && t->rules->part_moved && json_has(there->silent, all)
	    ? t->rules->part_moved(a, base, last)
	    : last;
}
