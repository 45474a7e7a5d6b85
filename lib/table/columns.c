/*
 * columns.c - see columns.h. Which column a header cell belongs to is found in columns_match.c,
 * what a text looks like in types.c.
 */
#include "table/columns.h"
#include "table/columns_match.h"
#include "base/vec.h"
#include "table/types.h"

enum { COLUMNS_TOTAL = 4 * COLUMNS_MAX, TOLD_NAMES = 8, TOLD_BYTES = 60 };

/* Labels to column numbers, open addressed, for sources without a header: they look every member
 * of every record up. */
struct column_index {
	int *slot;   /* column number + 1; 0: free */
	size_t cap;  /* a power of two */
	size_t last; /* found last: members mostly come in the same order */
	size_t met;  /* columns met in this read */
};

static size_t
label_hash(struct str s)
{
	uint64_t h = UINT64_C(1469598103934665603);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

static int *
index_slot(const struct columns *c, struct str label)
{
	size_t mask = c->index->cap - 1, i = label_hash(label) & mask;

	while (c->index->slot[i] && !str_is(label, c->v[c->index->slot[i] - 1].label))
		i = (i + 1) & mask;
	return &c->index->slot[i];
}

static void
index_build(struct columns *c)
{
	size_t cap = 64;

	while (cap < 2 * c->cap)
		cap *= 2;
	c->index->cap = cap;
	c->index->slot = arena_array(c->a, cap, sizeof *c->index->slot);
	for (size_t i = 0; i < c->n; i++) {
		int *slot = index_slot(c, str_c(c->v[i].label));

		if (!*slot)
			*slot = (int)i + 1;
	}
}

static struct column *
column_add(struct columns *c, const char *label)
{
	if (c->n == c->cap) {
		VEC_HOLD(c->a, c->v, c->cap, c->n + 1, VEC_ROWS_MAX);
		index_build(c);
	}
	c->v[c->n] = (struct column){
		.name = arena_dup(c->a, ""),
		.label = arena_dup(c->a, label),
		.place = -1,
		.exact = true,
	};
	c->n++;
	return &c->v[c->n - 1];
}

/* The name that a record has for what is ours, in all that is given out. */
#define RESERVED "_meta"

static bool
is_reserved(const char *name)
{
	return !strcmp(name, RESERVED);
}

struct columns *
columns_new(struct arena *a, const json *stored)
{
	struct columns *c = arena_alloc(a, sizeof *c);

	c->a = a;
	c->index = arena_alloc(a, sizeof *c->index);
	for (size_t i = 0; i < json_len(stored) && i < COLUMNS_TOTAL; i++) {
		json *o = json_nth(stored, i);
		const char *name = json_str(o, "name"), *label = json_str(o, "label");
		struct column *col;

		if (!label)
			label = name ? name : "";
		col = column_add(c, label);
		col->name = name ? arena_dup(a, name) : arena_printf(a, "column_%zu", i + 1);
		/* of a dataset from before the name was kept free */
		if (is_reserved(col->name))
			col->name = arena_printf(a, "_meta_%zu", i + 2);
		col->place = (int)json_num(o, "place", -1);
		col->gone = json_flag(o, "gone", false);
		col->exact = json_flag(o, "exact", false);
		col->type = type_word(json_str(o, "type"));
		if (!col->type)
			col->type = "text";
	}
	index_build(c);
	return c;
}

int
columns_find(const struct columns *c, const char *name)
{
	const bool reserved = is_reserved(name);

	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(reserved ? c->v[i].label : c->v[i].name, name))
			return (int)i;
	return -1;
}

/*
 * Warnings: one of each code, with the first few names.
 */

struct told {
	struct buf *b;
	size_t n;
};

static struct told
told_new(struct arena *a)
{
	return (struct told){ buf_in(a, (size_t)8 * 1024), 0 };
}

static bool
told_next(struct told *t, const char *separator)
{
	if (t->n++ >= TOLD_NAMES)
		return false;
	if (t->n > 1)
		buf_str(t->b, separator);
	return true;
}

static void
told_quote(struct told *t, const char *name)
{
	struct str s = str_utf8_cut(str_c(name), TOLD_BYTES);

	buf_printf(t->b, "\"%.*s%s\"", (int)s.n, s.p, s.n < strlen(name) ? "..." : "");
}

static void
told_name(struct told *t, const char *name)
{
	if (told_next(t, ", "))
		told_quote(t, name);
}

/* The message is `before`, the list, `after`. */
static void
told_warn(struct columns *c, const struct told *t, const char *code, const char *before,
    const char *after, json *warnings)
{
	const char *list = buf_c(t->b);
	json *w;

	if (t->n == 0)
		return;
	if (t->n > TOLD_NAMES)
		list = arena_printf(c->a, "%s and %zu more", list, t->n - TOLD_NAMES);
	w = json_new(c->a);
	json_set_str(w, "code", code);
	json_set_str(w, "message", arena_printf(c->a, "%s%s%s", before, list, after));
	json_add(warnings, w);
}

/*
 * Headers.
 */

static bool
name_taken(const struct columns *c, const char *name, const struct column *but)
{
	int i = columns_find(c, name);

	return is_reserved(name) || (i >= 0 && &c->v[i] != but);
}

/* nth: 1, or which repetition of its name in the header this is. */
static void
column_name(struct columns *c, struct column *col, struct str base, int nth, size_t place)
{
	char *name = base.n ? arena_dup_str(c->a, base)
			    : arena_printf(c->a, "column_%zu", place + 1);
	struct str stem = str_utf8_cut(str_c(name), COLUMN_NAME_MAX - 8);

	for (int k = nth > 2 ? nth : 2; nth > 1 || name_taken(c, name, col); k++, nth = 1)
		name = arena_printf(c->a, "%.*s_%d", (int)stem.n, stem.p, k);
	col->name = name;
}

/* A label as it is kept: a text, so without NUL and in UTF-8. */
static char *
label_text(struct arena *a, struct str label)
{
	struct str s = str_utf8_cut(label, 4 * COLUMN_NAME_MAX);
	char *p;

	if (!str_utf8_ok(s))
		s.n = 0;
	p = arena_dup_str(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (!p[i])
			p[i] = ' ';
	return p;
}

/* Gives each header cell its column, and new and renamed ones their names: names that stand once
 * first, so that "a, a, a_2" leaves "a_2" to the third. */
static void
header_place(struct columns *c, struct head *h, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (h[i].column < 0) {
			h[i].column = (int)c->n;
			column_add(c, "")->fresh = true;
		}
		c->by_place[i] = h[i].column;
	}
	for (int repeated = 0; repeated < 2; repeated++)
		for (size_t i = 0; i < n; i++) {
			struct column *col = &c->v[h[i].column];
			int nth = h[i].base.n ? h[i].nth : 1;

			const bool second = nth > 1 || str_is(h[i].base, RESERVED);

			if ((col->fresh || (h[i].renamed && h[i].base.n)) && second == repeated)
				column_name(c, col, h[i].base, nth, i);
		}
	for (size_t i = 0; i < n; i++) {
		struct column *col = &c->v[h[i].column];

		col->label = label_text(c->a, h[i].label);
		col->place = (int)i;
		col->met = true;
		col->back = col->gone;
		col->gone = false;
	}
}

/* Did columns that were there before change their order among themselves? An insertion moves
 * nothing. */
static bool
order_changed(const struct columns *c, const int *old_place)
{
	int last = -1;

	for (size_t i = 0; i < c->places; i++) {
		int old = old_place[c->by_place[i]];

		if (old < 0)
			continue;
		if (old < last)
			return true;
		last = old;
	}
	return false;
}

static void
header_repeats(struct columns *c, const struct head *h, size_t n, json *warnings)
{
	struct told names = told_new(c->a);

	for (size_t i = 0; i < n; i++)
		if (h[i].base.n && h[i].nth > 1)
			told_name(&names, c->v[h[i].column].name);
	told_warn(c, &names, "column_duplicate",
	    "Some names stand more than once in the header; the later columns are kept as ", ".",
	    warnings);
}

static void
header_drift(struct columns *c, const struct head *h, size_t n, char *const *old_name,
    const int *old_place, json *warnings)
{
	struct told renamed = told_new(c->a), lost = told_new(c->a);

	for (size_t i = 0; i < n; i++)
		if (h[i].renamed && told_next(&renamed, ", ")) {
			told_quote(&renamed, old_name[h[i].column]);
			buf_str(renamed.b,
			    h[i].base.n ? " is now "
					: " has no name in the header any more and stays ");
			told_quote(&renamed, c->v[h[i].column].name);
		}
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].gone && old_place[i] >= 0)
			told_name(&lost, c->v[i].name);
	told_warn(c, &renamed, "column_renamed", "Renamed: ", ".", warnings);
	told_warn(c, &lost, "column_gone", "No longer in the source: ", ".", warnings);
	if (order_changed(c, old_place)) {
		struct told moved = told_new(c->a);

		moved.n = 1;
		told_warn(c, &moved, "column_moved",
		    "The columns stand in another order; values follow their names.", "", warnings);
	}
}

enum rc
columns_header(struct ctx *cx, struct columns *c, const struct str *names, size_t n, bool first,
    json *warnings)
{
	struct head *h = arena_array(c->a, n + 1, sizeof *h);
	int *old_place = arena_array(c->a, c->n + n + 1, sizeof *old_place);
	char **old_name = arena_array(c->a, c->n + 1, sizeof *old_name);
	size_t stored = c->n;

	for (c->blank_from = n; c->blank_from > 0 && str_trim(names[c->blank_from - 1]).n == 0;
	     c->blank_from--)
		continue;
	if (c->blank_from > COLUMNS_MAX)
		return fail(cx, E_SOURCE_TOO_LARGE,
		    "The header has %zu columns; at most %d can be read.", c->blank_from,
		    COLUMNS_MAX);
	if (n > COLUMNS_MAX)
		n = COLUMNS_MAX;
	for (size_t i = 0; i < n; i++)
		h[i].label = names[i];
	heads_read(c->a, h, n);
	heads_match(c->a, h, n, c);
	memset(old_place, 0xff, (stored + n) * sizeof *old_place);
	for (size_t i = 0; i < stored; i++) {
		old_name[i] = c->v[i].name;
		old_place[i] = c->v[i].gone ? -1 : c->v[i].place;
		c->v[i].place = -1;
	}
	c->by_place = arena_array(c->a, n + 1, sizeof *c->by_place);
	c->places = n;
	header_place(c, h, n);
	for (size_t i = 0; i < stored; i++)
		c->v[i].gone = !c->v[i].met;
	if (c->n > COLUMNS_TOTAL)
		return fail(cx, E_SOURCE_TOO_LARGE,
		    "This table has had %zu different columns; at most %d can be kept.", c->n,
		    COLUMNS_TOTAL);
	header_repeats(c, h, n, warnings);
	if (!first)
		header_drift(c, h, n, old_name, old_place, warnings);
	return RC_OK;
}

/*
 * Columns by name.
 */

static void
named_met(struct columns *c, struct column *col)
{
	if (col->met)
		return;
	col->met = true;
	col->back = col->gone;
	col->gone = false;
	col->place = (int)c->index->met++;
}

/* The name is the label itself where that is possible: members that differ only in white space
 * stay apart. */
static struct str
member_base(struct arena *a, struct str name)
{
	struct str base = column_base(a, name);

	if (str_eq(str_trim(name), base) && name.n <= COLUMN_NAME_MAX && base.n)
		return name;
	return base;
}

/* The column with this label; -1: none. */
static int
named_find(struct columns *c, struct str name)
{
	size_t next = c->index->last + 1 < c->n ? c->index->last + 1 : 0;

	if (next < c->n && str_is(name, c->v[next].label))
		return (int)next;
	return *index_slot(c, name) - 1;
}

/* Names are texts without NUL; a member whose name has some gets spaces for them. */
static struct str
name_text(struct str name, char *buf, size_t cap)
{
	if (!memchr(name.p, 0, name.n))
		return name;
	name = str_utf8_cut(name, cap);
	for (size_t i = 0; i < name.n; i++)
		buf[i] = name.p[i] ? name.p[i] : ' ';
	return (struct str){ buf, name.n };
}

enum rc
columns_named(struct ctx *cx, struct columns *c, struct str name, size_t *no)
{
	char buf[4 * COLUMN_NAME_MAX];
	struct column *col;
	int found = named_find(c, name);

	if (found < 0) {
		name = name_text(name, buf, sizeof buf);
		found = named_find(c, name);
	}
	if (found < 0) {
		if (c->index->met >= COLUMNS_MAX || c->n >= COLUMNS_TOTAL)
			return fail(cx, E_SOURCE_TOO_LARGE,
			    "The records have more than %d different members.", COLUMNS_MAX);
		found = (int)c->n;
		col = column_add(c, arena_dup_str(c->a, name));
		col->fresh = true;
		*index_slot(c, name) = found + 1;
		column_name(c, col, member_base(c->a, name), 1, c->index->met);
	}
	named_met(c, &c->v[found]);
	*no = c->index->last = (size_t)found;
	return RC_OK;
}

/*
 * Types.
 */

void
columns_see(struct column *col, struct str text)
{
	if (text.n == 0)
		return;
	col->values++;
	/* Once a column has shown text, nothing can make it anything else. */
	if (!(col->seen & TYPE_TEXT))
		col->seen |= type_of(text);
}

void
columns_see_json(struct column *col, struct str value)
{
	if (value.n == 0 || str_is(value, "null") || str_is(value, "\"\""))
		return;
	col->values++;
	if (!(col->seen & TYPE_TEXT))
		col->seen |= type_of_json(value);
	if (!type_exact(value))
		col->exact = false;
}

static void
types_decide(struct columns *c, json *warnings)
{
	struct told changed = told_new(c->a);

	for (size_t i = 0; i < c->n; i++) {
		struct column *col = &c->v[i];
		const char *found = !col->seen && col->values ? "text" : type_decide(col->seen);
		const char *type = type_widen(col->type, found);

		if (col->type && strcmp(col->type, "empty") && strcmp(col->type, type) &&
		    told_next(&changed, "; ")) {
			told_quote(&changed, col->name);
			buf_printf(changed.b,
			    " was %s, now there is %s in it too: it is %s from now on", col->type,
			    found, type);
		}
		col->type = type;
	}
	told_warn(c, &changed, "type_changed", "",
	    ". The values themselves are kept as they stand in the source.", warnings);
}

/*
 * The end of a read.
 */

static bool
is_blank(const struct columns *c, const struct column *col)
{
	return column_base(c->a, str_c(col->label)).n == 0;
}

/* The empty right side of a sheet: blank header cells at the end without a single value are no
 * columns. Those that are stored stay. */
static void
trim_right(struct columns *c)
{
	while (c->n > 0 && c->v[c->n - 1].fresh && c->v[c->n - 1].values == 0 &&
	    is_blank(c, &c->v[c->n - 1])) {
		c->by_place[c->v[c->n - 1].place] = -1;
		c->n--;
	}
}

/* Nothing is gone from a read without a single record: the source's own emptiness is dealt with
 * elsewhere. */
static void
members_gone(struct columns *c, bool first, json *warnings)
{
	struct told lost = told_new(c->a);

	for (size_t i = 0; i < c->n && c->index->met > 0; i++)
		if (!c->v[i].met && !c->v[i].gone) {
			c->v[i].gone = true;
			c->v[i].place = -1;
			told_name(&lost, c->v[i].name);
		}
	if (!first)
		told_warn(c, &lost, "column_gone", "No record has these members any more: ", ".",
		    warnings);
}

void
columns_finish(struct columns *c, bool first, bool had_header, json *warnings)
{
	struct told fresh = told_new(c->a), back = told_new(c->a), blank = told_new(c->a);
	struct told ours = told_new(c->a);

	if (had_header)
		trim_right(c);
	else
		members_gone(c, first, warnings);
	for (size_t i = 0; i < c->n; i++) {
		struct column *col = &c->v[i];

		if (col->fresh)
			told_name(&fresh, col->name);
		if (col->back)
			told_name(&back, col->name);
		if (had_header && col->met && col->values > 0 && is_blank(c, col))
			told_name(&blank, col->name);
		if (!col->gone && is_reserved(arena_dup_str(c->a, str_trim(str_c(col->label)))))
			told_name(&ours, col->name);
	}
	told_warn(c, &blank, "column_blank", "Columns without a name in the header are kept as ",
	    ".", warnings);
	told_warn(c, &ours, "column_reserved",
	    "Records have a \"_meta\" of Tidemark's own; what the source calls so is kept as ", ".",
	    warnings);
	if (!first) {
		told_warn(c, &fresh, "column_added", "New in the source: ", ".", warnings);
		told_warn(c, &back, "column_added", "Back in the source: ", ".", warnings);
	}
	types_decide(c, warnings);
}

json *
columns_json(struct arena *a, const struct columns *c)
{
	json *list = json_list(a);

	for (size_t i = 0; i < c->n; i++) {
		const struct column *col = &c->v[i];
		json *o = json_new(a);

		json_set_str(o, "name", col->name);
		json_set_str(o, "label", col->label);
		json_set_str(o, "type", col->type ? col->type : "empty");
		json_set_i64(o, "place", col->place);
		if (col->gone)
			json_set_bool(o, "gone", true);
		if (col->exact)
			json_set_bool(o, "exact", true);
		json_add(list, o);
	}
	return list;
}
