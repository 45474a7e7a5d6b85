/*
 * columns.c - see columns.h.
 */
#include "sync/columns.h"
#include "sync/types.h"

/* A growing table of names, open addressed: sources may have a thousand columns and look each up in every record. */
struct column_index {
	int *slot;        /* column number + 1; 0: free */
	size_t cap;
};

static size_t
name_hash(struct str s)
{
	uint64_t h = UINT64_C(1469598103934665603);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	return (size_t)h;
}

static int *
index_slot(const struct columns *c, struct str name)
{
	size_t i = name_hash(name) & (c->index->cap - 1);

	while (c->index->slot[i] && !str_is(name, c->v[c->index->slot[i] - 1].name))
		i = (i + 1) & (c->index->cap - 1);
	return &c->index->slot[i];
}

static void
index_rebuild(struct columns *c)
{
	while (c->index->cap < 4 * (c->cap + 1))
		c->index->cap = c->index->cap ? c->index->cap * 2 : 64;
	c->index->slot = arena_array(c->a, c->index->cap, sizeof *c->index->slot);
	for (size_t i = 0; i < c->n; i++)
		*index_slot(c, str_c(c->v[i].name)) = (int)i + 1;
}

int
columns_find(const struct columns *c, const char *name)
{
	return *index_slot(c, str_c(name)) - 1;
}

static struct column *
column_add(struct columns *c, struct str name, struct str label, int place)
{
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		struct column *v = arena_array(c->a, cap, sizeof *v);
		if (c->n)
			memcpy(v, c->v, c->n * sizeof *v);
		c->v = v;
		c->cap = cap;
		index_rebuild(c);
	}
	c->v[c->n] = (struct column){ .name = arena_dup_str(c->a, name), .label = arena_dup_str(c->a, str_utf8_cut(label, COLUMN_NAME_MAX)), .place = place };
	*index_slot(c, name) = (int)c->n + 1;
	return &c->v[c->n++];
}

struct columns *
columns_new(struct arena *a, const json *stored)
{
	struct columns *c = arena_alloc(a, sizeof *c);

	c->a = a;
	c->index = arena_alloc(a, sizeof *c->index);
	index_rebuild(c);
	for (size_t i = 0; i < json_len(stored); i++) {
		json *o = json_nth(stored, i);
		struct column *col = column_add(c, json_s(o, "name"), json_s(o, "label"), (int)json_num(o, "place", -1));
		col->gone = json_flag(o, "gone", false);
		col->type = type_word(json_str(o, "type"));
	}
	return c;
}

static void
warn(struct columns *c, json *warnings, const char *code, const char *fmt, ...)
{
	json *w = json_new(c->a);
	va_list ap;

	va_start(ap, fmt);
	json_set_str(w, "code", code);
	json_set_str(w, "message", arena_vprintf(c->a, fmt, ap));
	va_end(ap);
	json_add(warnings, w);
}

/*
 * Headers.
 */

/* Names of a header as they will be: trimmed, one line, never blank, never twice. */
static void
header_names(struct columns *c, const struct str *raw, size_t n, struct str *out, json *warnings)
{
	struct columns *used = columns_new(c->a, NULL);
	size_t blank = 0, twice = 0;

	for (size_t i = 0; i < n; i++) {
		struct str name = str_utf8_cut(str_trim(raw[i]), COLUMN_NAME_MAX - 12);
		char *p = arena_dup_str(c->a, name);

		for (size_t k = 0; k < name.n; k++)
			if ((unsigned char)p[k] < 0x20)
				p[k] = ' ';
		name.p = p;
		if (!name.n) {
			blank++;
			name = str_c(arena_printf(c->a, "column_%zu", i + 1));
		}
		if (columns_find(used, name.p) >= 0) {
			struct str base = name;
			twice++;
			for (int k = 2; columns_find(used, name.p) >= 0; k++)
				name = str_c(arena_printf(c->a, "%.*s_%d", (int)base.n, base.p, k));
		}
		column_add(used, name, raw[i], (int)i);
		out[i] = name;
	}
	if (blank)
		warn(c, warnings, "column_blank", "%zu column%s no name in the header and %s named by %s place.", blank, blank == 1 ? " has" : "s have",
		    blank == 1 ? "is" : "are", blank == 1 ? "its" : "their");
	if (twice)
		warn(c, warnings, "column_duplicate", "%zu column name%s more than once in the header; the later ones got a number.", twice,
		    twice == 1 ? " stands" : "s stand");
}

/* A stored column that is not in the new header, last seen at this place: the header was renamed. -1: none. */
static int
renamed_from(const struct columns *c, const bool *present, size_t stored, int place)
{
	for (size_t i = 0; i < stored; i++)
		if (!present[i] && !c->v[i].gone && c->v[i].place == place)
			return (int)i;
	return -1;
}

static void
rename_column(struct columns *c, int no, struct str name, struct str label, json *warnings, bool first)
{
	if (!first)
		warn(c, warnings, "column_renamed", "The column \"%s\" is now called \"%.*s\"; its values go on in the same place.", c->v[no].name, (int)name.n, name.p);
	c->v[no].name = arena_dup_str(c->a, name);
	c->v[no].label = arena_dup_str(c->a, str_utf8_cut(label, COLUMN_NAME_MAX));
	index_rebuild(c);
}

/* Did the order of the columns that stayed change? An insertion before them is not a move. */
static bool
order_changed(const struct columns *c, const int *old_place, size_t stored)
{
	for (size_t i = 0; i < stored; i++)
		for (size_t k = i + 1; k < stored; k++)
			if (old_place[i] >= 0 && old_place[k] >= 0 && c->v[i].place >= 0 && c->v[k].place >= 0 &&
			    (old_place[i] < old_place[k]) != (c->v[i].place < c->v[k].place))
				return true;
	return false;
}

static void
match_names(struct columns *c, const struct str *names, const struct str *raw, size_t n, size_t stored, bool first, json *warnings)
{
	bool *present = arena_array(c->a, stored + 1, sizeof *present);

	for (size_t i = 0; i < n; i++) {
		c->by_place[i] = columns_find(c, names[i].p);
		if (c->by_place[i] >= 0)
			present[c->by_place[i]] = true;
	}
	for (size_t i = 0; i < n; i++) {
		if (c->by_place[i] < 0 && (c->by_place[i] = renamed_from(c, present, stored, (int)i)) >= 0) {
			present[c->by_place[i]] = true;
			rename_column(c, c->by_place[i], names[i], raw[i], warnings, first);
		}
		if (c->by_place[i] < 0) {
			column_add(c, names[i], raw[i], (int)i);
			c->by_place[i] = (int)c->n - 1;
		}
	}
}

enum rc
columns_header(struct ctx *cx, struct columns *c, const struct str *raw, size_t n, bool first, json *warnings)
{
	struct str *names;
	int *old_place;
	size_t stored = c->n;

	/* Trailing blank headers are the spreadsheet's empty right side; with values they come back as places beyond the header. */
	if (n > COLUMNS_MAX)
		return fail(cx, E_SOURCE_TOO_LARGE, "The header has %zu columns; at most %d can be read.", n, COLUMNS_MAX);
	names = arena_array(c->a, n + 1, sizeof *names);
	old_place = arena_array(c->a, stored + 1, sizeof *old_place);
	c->by_place = arena_array(c->a, n + 1, sizeof *c->by_place);
	c->places = n;
	header_names(c, raw, n, names, warnings);
	match_names(c, names, raw, n, stored, first, warnings);
	for (size_t i = 0; i < stored; i++) {
		old_place[i] = c->v[i].gone ? -1 : c->v[i].place;
		c->v[i].place = -1;
	}
	for (size_t i = 0; i < n; i++)
		c->v[c->by_place[i]].place = (int)i;
	for (size_t i = 0; i < stored; i++) {
		bool gone = c->v[i].place < 0;
		if (gone && !c->v[i].gone && !first)
			warn(c, warnings, "column_gone", "The column \"%s\" is no longer in the source.", c->v[i].name);
		else if (!gone && c->v[i].gone && !first)
			warn(c, warnings, "column_added", "The column \"%s\" is back.", c->v[i].name);
		c->v[i].gone = gone;
	}
	for (size_t i = stored; i < c->n && !first; i++)
		warn(c, warnings, "column_added", "There is a new column \"%s\".", c->v[i].name);
	if (!first && order_changed(c, old_place, stored))
		warn(c, warnings, "column_moved", "Columns stand in another order; values follow their headers.");
	return RC_OK;
}

enum rc
columns_named(struct ctx *cx, struct columns *c, struct str name, size_t *no)
{
	struct str cut = str_utf8_cut(name, COLUMN_NAME_MAX);
	int *slot = index_slot(c, cut);

	if (*slot) {
		*no = (size_t)*slot - 1;
		return RC_OK;
	}
	if (c->n >= COLUMNS_MAX)
		return fail(cx, E_SOURCE_TOO_LARGE, "The records have more than %d different members.", COLUMNS_MAX);
	column_add(c, cut.n ? cut : STR("_"), name, (int)c->n);
	*no = c->n - 1;
	return RC_OK;
}

/*
 * Types.
 */

void
columns_see(struct column *col, struct str text)
{
	if (!text.n)
		return;
	col->values++;
	/* Once a column has shown text, nothing can make it anything else. */
	if (!(col->seen & TYPE_TEXT))
		col->seen |= type_of(text);
}

void
columns_see_json(struct column *col, struct str value)
{
	col->values++;
	col->seen |= type_of_json(value);
}

void
columns_finish(struct columns *c, bool first, bool had_header, json *warnings)
{
	for (size_t i = 0; i < c->n; i++) {
		struct column *col = &c->v[i];
		const char *found = type_decide(col->seen), *now;

		if (!had_header && !first && !col->values && !col->gone && col->type && strcmp(col->type, "empty")) {
			warn(c, warnings, "column_gone", "No record has a member \"%s\" any more.", col->name);
			col->gone = true;
		} else if (!had_header && col->values)
			col->gone = false;
		if (!had_header && !first && !col->type)
			warn(c, warnings, "column_added", "Records have a new member \"%s\".", col->name);
		now = type_widen(col->type, found);
		if (col->type && strcmp(col->type, "empty") && strcmp(col->type, now))
			warn(c, warnings, "type_changed", "The column \"%s\" was %s and now also has %s: it is %s from now on. Its values are kept as they are.", col->name,
			    col->type, found, now);
		col->type = now;
	}
	/* The empty right side of a spreadsheet: unnamed columns without a single value are no columns. */
	while (first && c->n && !c->v[c->n - 1].values && str_trim(str_c(c->v[c->n - 1].label)).n == 0)
		c->n--;
}

json *
columns_json(struct arena *a, const struct columns *c)
{
	json *list = json_list(a);

	for (size_t i = 0; i < c->n; i++) {
		json *o = json_new(a);
		json_set_str(o, "name", c->v[i].name);
		json_set_str(o, "label", c->v[i].label);
		json_set_str(o, "type", c->v[i].type ? c->v[i].type : "empty");
		json_set_i64(o, "place", c->v[i].place);
		if (c->v[i].gone)
			json_set_bool(o, "gone", true);
		json_add(list, o);
	}
	return list;
}
