/*
 * planned.c - see planned.h.
 */
#include "conn/planned.h"

#include "base/words.h"
#include "kind/kind.h"
#include "kind/ways.h"

enum { VALUE_SHOWN = 4000, VALUE_BYTES = 64 * 1024, PLANNED_PART = 50 };

static const struct {
	const char *word, *place;
} planned_sides[] = {
	{ "local", "here" },
	{ "remote", "there" },
};

static const struct {
	const char *word, *past, *kind;
} planned_actions[] = {
	{ "add", "added", "ok" },
	{ "update", "changed", "warning" },
	{ "delete", "deleted", "error" },
};

enum { PLANNED_SIDES = 2, PLANNED_ACTIONS = 3 };

bool
planned_knows(const char *side, const char *action)
{
	bool here = !side, is = !action;

	for (size_t i = 0; i < PLANNED_SIDES; i++)
		here = here || !strcmp(planned_sides[i].word, side);
	for (size_t i = 0; i < PLANNED_ACTIONS; i++)
		is = is || !strcmp(planned_actions[i].word, action);
	return here && is;
}

/* --- one field --- */

struct value_shown {
	const struct wall *wall; /* NULL: it is of a record */
	const char *field;
};

static void
planned_value(struct arena *a, struct buf *b, const struct value_shown *of, const json *v)
{
	const char *sep = "", *time = of->wall ? wall_time(a, of->wall, of->field, v) : NULL;

	if (json_is_str(v))
		buf_str(b, time ? time : json_value_str(v));
	else if (json_is_bool(v))
		buf_str(b, json_value_bool(v) ? "yes" : "no");
	else if (json_is_obj(v))
		for (struct json_iter it = { 0 }; json_each(v, &it); sep = "\n") {
			const struct value_shown member = { .wall = of->wall, .field = it.key };

			buf_printf(b, "%s%s: ", sep, page_event_field(it.key));
			planned_value(a, b, &member, it.value);
		}
	else if (json_is_list(v))
		for (size_t i = 0; i < json_len(v); i++, sep = ", ") {
			buf_str(b, sep);
			planned_value(a, b, of, json_nth(v, i));
		}
	else if (v && !json_is_null(v))
		buf_str(b, json_text(a, v));
}

static const char *
planned_value_text(struct arena *a, const struct value_shown *of, const json *v)
{
	struct buf *b = buf_in(a, VALUE_BYTES);

	planned_value(a, b, of, v);
	return arena_dup_str(a, str_utf8_cut(buf_s(b), VALUE_SHOWN));
}

const char *
planned_text(struct arena *a, const json *v)
{
	return planned_value_text(a, &(struct value_shown){ 0 }, v);
}

const char *
planned_event_text(struct arena *a, const struct wall *w, const char *field, const json *v)
{
	return planned_value_text(a, &(struct value_shown){ .wall = w, .field = field }, v);
}

/* One side of it, with the words that the other has not got marked. */
static json *
planned_version(struct arena *a, const char *heading, const char *text, const char *other)
{
	const struct str others[] = { str_c(other) };
	json *o = json_new(a), *list = json_list(a), *part;
	struct words_part *v;
	size_t n = words_parts(a, str_c(text), others, *other ? 1 : 0, &v);

	for (size_t i = 0; i < n; i++) {
		part = json_new(a);
		json_set_s(part, "text", v[i].text);
		json_set_bool(part, "own", v[i].differs);
		json_add(list, part);
	}
	json_set_str(o, "heading", heading);
	json_set_bool(o, "none", !*text);
	json_set_bool(o, "stands", false);
	json_set(o, "parts", list);
	return o;
}

static json *
planned_field(struct arena *a, const struct wall *w, const json *field)
{
	const struct value_shown of = { .wall = w, .field = json_str(field, "field") };
	const char *before = planned_value_text(a, &of, json_at(field, "before"));
	const char *after = planned_value_text(a, &of, json_at(field, "after"));
	json *o = json_new(a), *versions = json_list(a);

	json_set_str(o, "label", w ? wall_label(a, w, field) : page_event_field(of.field));
	if (*before || !*after)
		json_add(versions, planned_version(a, "Before", before, after));
	if (*after || !*before)
		json_add(versions, planned_version(a, "After", after, before));
	json_set(o, "versions", versions);
	return o;
}

/* --- changes --- */

static size_t
planned_action(const char *word)
{
	size_t i = 0;

	while (i + 1 < PLANNED_ACTIONS && strcmp(planned_actions[i].word, word))
		i++;
	return i;
}

static json *
planned_change(struct arena *a, const struct wall *w, const json *change)
{
	const size_t action = planned_action(json_str(change, "action"));
	const char *side = json_str(change, "side"), *item = json_str(change, "item");
	const bool there = side && !strcmp(side, planned_sides[1].word);
	json *o = json_new(a), *fields = json_list(a), *list = json_at(change, "fields");

	/* Of what is held, the fields are names alone. */
	for (size_t i = 0; i < json_len(list); i++)
		if (json_is_obj(json_nth(list, i)))
			json_add(fields, planned_field(a, w, json_nth(list, i)));
	json_set_str(o, "name", item && *item ? item : "(no title)");
	json_set_str(o, "did",
	    arena_printf(a, "%s %s", planned_actions[action].past, planned_sides[there].place));
	json_set_str(o, "kind", planned_actions[action].kind);
	json_set_bool(o, "updates", action == 1);
	json_set_bool(o, "hasFields", json_len(fields) > 0);
	json_set(o, "fields", fields);
	return o;
}

void
planned_changes(struct arena *a, const struct wall *w, const json *changes, json *model)
{
	json *list = json_list(a);

	for (size_t i = 0; i < json_len(changes); i++)
		json_add(list, planned_change(a, w, json_nth(changes, i)));
	json_set(model, "planned", list);
	json_set_bool(model, "hasPlanned", json_len(list) > 0);
}

/* --- counts --- */

static int64_t
planned_count(const json *counts, size_t side, size_t action)
{
	return json_num(json_at(counts, planned_sides[side].word), planned_actions[action].word, 0);
}

bool
planned_writes(const char *provider, const json *config)
{
	const struct kind *k = kind_find(provider);

	return k && kind_object(k, config) && ways_of(config).direction != WAYS_PULL;
}

const struct wall *
planned_wall(struct req *r, const char *provider, const json *config)
{
	const struct kind *k = kind_find(provider);
	struct wall *w;

	if (!k || !kind_object(k, config))
		return NULL;
	w = arena_array(r->cx->a, 1, sizeof *w);
	wall_of(r, w);
	return w;
}

void
planned_counts(struct arena *a, const json *counts, bool writes, const char *link, json *model)
{
	json *sides = json_list(a);
	int64_t all = 0, n;

	for (size_t s = 0; s < PLANNED_SIDES; s++) {
		json *o = json_new(a), *cells = json_list(a);
		const int64_t before = all;

		for (size_t i = 0; i < PLANNED_ACTIONS; i++) {
			json *cell = json_new(a);

			all += n = planned_count(counts, s, i);
			json_set_str(cell, "n", page_count(a, n));
			json_set_str(cell, "what", planned_actions[i].past);
			json_set_str(cell, "link",
			    link && n ? arena_printf(a, "%sside=%s&action=%s", link,
					    planned_sides[s].word, planned_actions[i].word)
				      : NULL);
			json_add(cells, cell);
		}
		json_set_str(o, "place", s ? "There" : "Here");
		json_set(o, "cells", cells);
		if (!s || writes || all > before)
			json_add(sides, o);
	}
	json_set(model, "sides", sides);
	json_set_bool(model, "nothing", counts && all == 0);
}

const char *
planned_brief(struct arena *a, const json *counts)
{
	struct buf *b = buf_in(a, 400);

	for (size_t s = 0; s < PLANNED_SIDES; s++)
		for (size_t i = 0; i < PLANNED_ACTIONS; i++)
			if (planned_count(counts, s, i))
				buf_printf(b, "%s%s %s %s", b->n ? ", " : "",
				    page_count(a, planned_count(counts, s, i)),
				    planned_actions[i].past, planned_sides[s].place);
	return b->n ? buf_c(b) : NULL;
}

/* --- in parts --- */

enum rc
planned_wish(struct req *r, struct question_list *out)
{
	const char *cursor = req_form(r, "cursor");

	*out = (struct question_list){ .limit = PLANNED_PART };
	if (cursor && !str_i64(str_c(cursor), 0, INT32_MAX, &out->from))
		return input_fail_one(r, "cursor", "The cursor is not one that this list gave.");
	return RC_OK;
}

/* The settings that say which way edits go, as they were typed. */
static json *
planned_typed(struct req *r)
{
	static const char *const fields[][2] = { { "mode", "f_mode" },
		{ "direction", "f_direction" } };
	json *config = json_new(r->cx->a);

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (req_form(r, fields[i][1]))
			json_set_str(config, fields[i][0], req_form(r, fields[i][1]));
	return config;
}

void
planned_part(struct req *r, const char *provider, json *answer)
{
	const json *config = planned_typed(r);
	const bool writes = planned_writes(provider, config);
	struct question_list list = { 0 };

	if (planned_wish(r, &list) != RC_OK)
		return;
	planned_changes(
	    r->cx->a, planned_wall(r, provider, config), json_at(answer, "changes"), answer);
	planned_counts(r->cx->a, json_at(answer, "counts"), writes, NULL, answer);
	json_set_i64(answer, "plannedFrom", list.from + 1);
	json_set_str(answer, "first", list.from ? "0" : NULL);
	json_set_str(answer, "more", json_str(answer, "nextCursor"));
}
