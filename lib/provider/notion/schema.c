/*
 * schema.c - the properties of a data source: what is kept of them, and what has changed. The id of
 * a property stays, whatever it is called.
 */
#include "base/clock.h"
#include "provider/notion/notion.h"

json *
notion_schema(struct arena *a, const json *data_source)
{
	json *list = json_list(a);

	for (struct json_iter it = { 0 }; json_each(json_at(data_source, "properties"), &it);) {
		json *o = json_new(a);
		const char *type = json_str(it.value, "type");

		if (!json_str(it.value, "id") || !type)
			continue;
		json_set_str(o, "id", json_str(it.value, "id"));
		json_set_str(o, "name", it.key);
		json_set_str(o, "type", type);
		if (json_str(json_at(it.value, "relation"), "data_source_id"))
			json_set_str(
			    o, "source", json_str(json_at(it.value, "relation"), "data_source_id"));
		json_add(list, o);
	}
	return list;
}

static const json *
schema_by(const json *schema, const char *member, const char *value)
{
	for (size_t i = 0; value && i < json_len(schema); i++)
		if (!strcmp(json_str(json_nth(schema, i), member), value))
			return json_nth(schema, i);
	return NULL;
}

/* Is it the property that we add ourselves, and not known yet? */
static bool
schema_is_own(const json *schema, const char *name, const char *type)
{
	return !strcmp(name, NOTION_MARK) && type && !strcmp(type, "rich_text") &&
	    !schema_by(schema, "name", name);
}

bool
notion_schema_fits(const json *schema, const json *page, bool own)
{
	size_t n = 0;

	for (struct json_iter it = { 0 }; json_each(json_at(page, "properties"), &it);) {
		const json *p = schema_by(schema, "name", it.key);
		const char *id = json_str(it.value, "id"), *type = json_str(it.value, "type");

		if (own && schema_is_own(schema, it.key, type))
			continue;
		if (!p || !id || !type || strcmp(id, json_str(p, "id")) ||
		    strcmp(type, json_str(p, "type")))
			return false;
		n++;
	}
	for (size_t i = 0; i < json_len(schema); i++)
		n += json_flag(json_nth(schema, i), "foreseen", false);
	return n == json_len(schema);
}

static void
schema_note(struct arena *a, json *out, const char *list, const char *const members[3],
    const char *const values[3])
{
	json *o = json_new(a);

	for (size_t i = 0; i < 3 && members[i]; i++)
		json_set_str(o, members[i], values[i]);
	if (!json_at(out, list))
		json_set(out, list, json_list(a));
	json_add(json_at(out, list), o);
}

void
notion_schema_drift(struct arena *a, const json *before, const json *now, json *out)
{
	for (size_t i = 0; i < json_len(before); i++) {
		const json *old = json_nth(before, i);
		const json *new = schema_by(now, "id", json_str(old, "id"));
		const char *name = json_str(new, "name"), *type = json_str(new, "type");

		if (new &&strcmp(name, json_str(old, "name")))
			schema_note(a, out, "renamed", (const char *const[3]){ "from", "to" },
			    (const char *const[3]){ json_str(old, "name"), name });
		if (new &&strcmp(type, json_str(old, "type")))
			schema_note(a, out, "retyped",
			    (const char *const[3]){ "name", "from", "to" },
			    (const char *const[3]){ name, json_str(old, "type"), type });
	}
}

/*
 * Events.
 */

/* How long what a property could say is taken for not said where it is empty: until it is filled
 * in. Somebody who empties it meanwhile has it filled in again. */
#define FRESH_MS (6 * HOUR_MS)

struct mapping {
	struct arena *a;
	const json *config, *schema;
	const json *before, *known; /* the last read: its calendar, by ids; by names. NULL: none */
	json *out, *types, *fresh, *lost;
	int64_t now;
};

static bool
calendar_fits(const json *p, const char *types)
{
	return p && str_has_word(str_c(types), ' ', str_c(json_str(p, "type")));
}

/* By its id or its name. */
static const json *
calendar_named(const json *schema, const char *name)
{
	const json *p = schema_by(schema, "id", name);

	return p ? p : schema_by(schema, "name", name);
}

/* As it was found before, also before it was gone for a while. */
static const char *
calendar_before(const struct mapping *m, const char *word)
{
	const char *id = json_str(m->before, word);

	return id ? id : json_str(json_at(m->before, "lost"), word);
}

static const json *
calendar_guess(const json *schema, const struct notion_word *w)
{
	const json *any = NULL;

	for (size_t i = 0; i < json_len(schema); i++) {
		const json *p = json_nth(schema, i);

		if (!calendar_fits(p, w->types))
			continue;
		if (str_has_word(str_c(w->names), '|', str_c(json_str(p, "name"))))
			return p;
		any = any ? any : p;
	}
	return w->how == NOTION_FIRST ? any : NULL;
}

/* That another property takes the place of one that is gone is for a person to say, where it is
 * what makes a page an event. */
static const json *
calendar_find(const struct mapping *m, const struct notion_word *w)
{
	bool add;
	const char *name = notion_wish(m->config, w->word, &add);
	const char *before = calendar_before(m, w->word);
	const json *p = name ? calendar_named(m->schema, name) : NULL;

	if (!p && before)
		p = schema_by(m->schema, "id", before);
	if (calendar_fits(p, w->types) || name || (before && w->how == NOTION_FIRST))
		return calendar_fits(p, w->types) ? p : NULL;
	return calendar_guess(m->schema, w);
}

/* Since when does it say that? ms; 0: it always did. */
static int64_t
calendar_since(const struct mapping *m, const struct notion_word *w, const json *p)
{
	const json *last = m->before ? m->before : m->known;
	const char *was = json_str(last, w->word);
	const char *is = json_str(p, m->before ? "id" : "name");

	if (last && (!was || strcmp(was, is) != 0))
		return m->now;
	return json_num(json_at(m->before, "fresh"), w->word, 0);
}

static void
calendar_map(const struct mapping *m, const struct notion_word *w)
{
	const json *p = calendar_find(m, w);
	int64_t since;

	if (!p) {
		json_set_str(m->lost, w->word, calendar_before(m, w->word));
		return;
	}
	json_set_str(m->out, w->word, json_str(p, "id"));
	json_set_str(m->types, w->word, json_str(p, "type"));
	since = calendar_since(m, w, p);
	if (since && m->now - since < FRESH_MS && m->now >= since)
		json_set_i64(m->fresh, w->word, since);
}

json *
notion_calendar(struct arena *a, const struct source *src, const json *schema)
{
	static const struct notion_word own = {
		.word = "mark", .types = "rich_text", .names = NOTION_MARK, .how = NOTION_BOTH
	};
	struct mapping m = {
		.a = a,
		.config = src->config,
		.schema = schema,
		.before = json_at(src->cursor, "calendar"),
		.known = json_str(src->known, "date") ? src->known : NULL,
		.out = json_new(a),
		.types = json_new(a),
		.fresh = json_new(a),
		.lost = json_new(a),
		.now = clock_ms(),
	};

	for (const struct notion_word *w = notion_words; w->word; w++)
		calendar_map(&m, w);
	calendar_map(&m, &own);
	json_unset(m.fresh, own.word);
	json_set(m.out, "types", m.types);
	json_set(m.out, "fresh", m.fresh);
	json_set(m.out, "lost", m.lost);
	json_set(m.out, "where", notion_where(a, m.config, m.before, schema));
	return m.out;
}
