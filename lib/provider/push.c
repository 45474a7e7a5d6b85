/*
 * push.c - see provider.h: what a push makes of a record.
 */
#include "provider/provider.h"

const json *
push_all(struct arena *a, const struct push *p)
{
	json *all;

	if (p->all || !p->values)
		return p->all;
	all = json_new(a);
	for (struct json_iter it = { 0 }; json_each(p->was, &it);)
		json_set(all, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(p->values, &it);)
		if (json_is_null(it.value))
			json_unset(all, it.key);
		else
			json_set(all, it.key, it.value);
	return all;
}
