/*
 * unseen.c - see unseen.h.
 */
#include "sync/write/unseen.h"

#include "agree/value.h"

const json *
unseen_base(struct arena *a, const json *base, const struct there *there)
{
	json *out = NULL;

	if (!base)
		return base;
	for (struct json_iter it = { 0 }; json_each(there->unseen, &it);) {
		const struct slot agreed = slot_of(base, it.key);

		if (!slot_same(a, agreed, slot_of(there->unseen, it.key)) ||
		    slot_same(a, agreed, slot_of(there->values, it.key)))
			continue;
		out = out ? out : json_copy(a, base);
		json_unset(out, it.key);
	}
	return out ? out : base;
}
