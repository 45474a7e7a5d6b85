/*
 * parts.c - see parts.h.
 */
#include "conn/parts.h"

json *
parts_model(struct arena *a, const struct conn *c, const json *reading)
{
	const struct kind *k = kind_find(c->provider);
	json *list = json_list(a), *o;

	if (!k || !k->parts || !reading || !kind_object(k, json_stored(a, c->config)))
		return NULL;
	for (const struct kind_part *p = k->parts; p->word; p++) {
		const char *property = json_str(reading, p->word);

		o = json_new(a);
		json_set_str(o, "connectionId", c->id);
		json_set_str(o, "word", p->word);
		json_set_str(o, "label", p->label);
		json_set_str(o, "property", property);
		json_set_bool(o, "missing", !property);
		json_set_bool(o, "shown", p->shown);
		json_add(list, o);
	}
	return list;
}

json *
parts_add(struct arena *a, const struct conn *c, const char *word)
{
	const struct kind *k = kind_find(c->provider);
	json *change = json_new(a), *config = json_new(a), *map = json_new(a);
	const json *have = k && k->parts ? json_at(json_stored(a, c->config), k->parts_field)
					 : NULL;
	bool known = false;

	for (const struct kind_part *p = k ? k->parts : NULL; p && p->word; p++)
		known |= word && !strcmp(p->word, word);
	if (!known)
		return NULL;
	for (struct json_iter it = { 0 }; json_each(have, &it);)
		json_set(map, it.key, it.value);
	json_set_str(map, word, "+");
	json_set(config, k->parts_field, map);
	json_set(change, "config", config);
	return change;
}
