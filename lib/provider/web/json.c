/*
 * json.c - JSON by address: the records of a list, of an object of objects, of lines of JSON, or of
 * pages of them.
 *
 * A record's members become columns by name. Texts are cells as they read; everything else stays
 * JSON to the letter, so that 12345678901234567890 and 1.10 survive; null and absent are the
 * same. Items that are no objects have the column "value", items that are lists those that a list
 * beside them names, or "column_1", "column_2". In an object of objects the member name is the
 * column "_key" and, when no key was chosen, the identity of the record. A key may be a path into
 * the record: its value then gets a column of that name. Memory: one record.
 */
#include <stdio.h>

#include "provider/web/json_lines.h"
#include "provider/web/json_list.h"
#include "base/vec.h"
#include "provider/web/json_end.h"
#include "provider/web/json_names.h"
#include "provider/web/json_pages.h"
#include "provider/web/json_where.h"
#include "provider/web/known.h"
#include "provider/web/unpack.h"
#include "provider/web/url.h"

enum {
	READ_BYTES = 64 * 1024,
	KEYS_MAX = 8,
	KEY_TEXT_MAX = 64 * 1024,
	LEVELS_MAX = 24,
	NAMES_MAX = 512
};

/* A chosen key that leads into the record. */
struct key_path {
	const char *name;
	struct jpath path;
	struct buf *scratch;
	struct str found; /* raw, in the present record */
};

/* One parse. */
struct json_load {
	struct sink *sink;
	struct json_list where;
	struct json_finder *finder;
	char *chunk;
	struct jscan *js;
	struct jscan_events events;
	struct json_end end;
	struct json_names labels; /* of the columns of records that are lists */
	bool by_position;         /* they have none, or had none before */
	int page;                 /* from 1; 0: there is but one */
	bool were_members;        /* an object of objects, as it was before */
	bool own_keys;            /* the member names of an object of objects are the identity */
	struct key_path keys[KEYS_MAX];
	size_t n_keys;
	struct buf *name; /* scratch */
	struct arena *a;
	int64_t item;       /* records so far, on all pages */
	struct cell *cells; /* by column number */
	int64_t *seen;      /* by column number: the item that set it last */
	char **names;       /* by column number */
	size_t n, cap;
	/* the column of the member at this place in the record before, + 1 */
	size_t *guess;
	size_t n_guess;
};

/* A column has a place in each of these arrays, which grow together. */
static void
load_grow(struct json_load *l, size_t want)
{
	size_t cap[4] = { l->cap, l->cap, l->cap, l->cap };

	VEC_HOLD(l->a, l->cells, cap[0], want, VEC_ROWS_MAX);
	VEC_HOLD(l->a, l->seen, cap[1], want, VEC_ROWS_MAX);
	VEC_HOLD(l->a, l->names, cap[2], want, VEC_ROWS_MAX);
	VEC_HOLD(l->a, l->guess, cap[3], want, VEC_ROWS_MAX);
	l->cap = cap[0];
}

/* Records of one source mostly have the same members in the same order: the column of the record
 * before is tried first. */
static enum rc
column_of(struct ctx *cx, struct json_load *l, struct str name, size_t place, size_t *no)
{
	if (place < l->cap && l->guess[place] > 0 && str_is(name, l->names[l->guess[place] - 1])) {
		*no = l->guess[place] - 1;
		return RC_OK;
	}
	TRY(l->sink->column(cx, l->sink, name, no));
	load_grow(l, (*no > place ? *no : place) + 1);
	if (!l->names[*no])
		l->names[*no] = arena_dup_str(l->a, name);
	l->guess[place] = *no + 1;
	if (*no >= l->n)
		l->n = *no + 1;
	return RC_OK;
}

static enum rc
put_cell(struct ctx *cx, struct json_load *l, struct str name, struct cell cell, size_t place)
{
	size_t no;

	TRY(column_of(cx, l, name, place, &no));
	if (l->seen[no] == l->item)
		TRY(l->sink->warn(cx, l->sink, "duplicate_member",
		    "A record has the member \"%.*s\" twice (first seen in item "
		    "%lld); the last one counts.",
		    (int)str_utf8_cut(name, 100).n, name.p, (long long)l->item));
	l->seen[no] = l->item;
	l->cells[no] = cell;
	return RC_OK;
}

/* Does an object inside the value have a name twice? Readers of stored JSON refuse that. Objects
 * too large to look at are let through. */
static bool
repeats_names(struct str raw)
{
	struct str names[NAMES_MAX];
	struct jparts parts = jparts_of(raw);
	struct jpart part;
	size_t n = 0;

	while (jparts_next(&parts, &part)) {
		for (size_t i = 0; part.name.p && i < n; i++)
			if (str_eq(names[i], part.name))
				return true;
		if (part.name.p && n < NAMES_MAX)
			names[n++] = part.name;
		if (part.depth > 0 && repeats_names(part.value))
			return true;
	}
	return false;
}

static enum rc
cell_of(struct ctx *cx, struct json_load *l, const struct jpart *part, struct cell *out)
{
	const enum jtype type = jtext_type(part->value);

	if (type == J_NULL)
		*out = (struct cell){ CELL_NONE, { NULL, 0 } };
	else if (type == J_TEXT)
		*out = (struct cell){ CELL_TEXT, jtext_decode(part->value) };
	else
		*out = (struct cell){ CELL_JSON, part->value };
	if (part->depth > LEVELS_MAX) {
		out->kind = CELL_TEXT;
		return l->sink->warn(cx, l->sink, "deep_value",
		    "Values nested deeper than %d levels are kept as text "
		    "(first seen in item %lld).",
		    LEVELS_MAX, (long long)l->item);
	}
	if (part->depth > 0 && repeats_names(part->value)) {
		out->kind = CELL_TEXT;
		return l->sink->warn(cx, l->sink, "repeated_name",
		    "Values with a name twice in one object are kept as text "
		    "(first seen in item %lld).",
		    (long long)l->item);
	}
	return RC_OK;
}

/* Before any text is decoded in place. */
static void
find_keys(struct json_load *l, struct str text)
{
	for (size_t i = 0; i < l->n_keys; i++)
		l->keys[i].found = jpath_find(&l->keys[i].path, text, l->name);
}

/* The columns of keys that lead into the record, unless a member has that very name. */
static enum rc
put_keys(struct ctx *cx, struct json_load *l, size_t place)
{
	for (size_t i = 0; i < l->n_keys; i++) {
		struct key_path *key = &l->keys[i];
		struct cell cell = { CELL_JSON, key->found };
		size_t no;

		if (!key->found.p || jtext_type(key->found) == J_NULL)
			continue;
		if (jtext_type(key->found) == J_TEXT)
			cell = (struct cell){ CELL_TEXT, jtext_read(key->found, key->scratch) };
		TRY(column_of(cx, l, str_c(key->name), place + i, &no));
		if (l->seen[no] != l->item)
			l->cells[no] = cell;
	}
	return RC_OK;
}

static enum rc
put_parts(struct ctx *cx, struct json_load *l, struct str text, size_t place)
{
	const bool list = jtext_type(text) == J_LIST;
	struct jparts parts = jparts_of(text);
	struct jpart part;
	struct cell cell;
	char position[32];
	int64_t n = 0;

	if (!list)
		find_keys(l, text);
	for (; jparts_next(&parts, &part); place++) {
		struct str name;

		TRY(cell_of(cx, l, &part, &cell));
		if (list && (size_t)n < l->labels.n)
			name = l->labels.v[n++];
		else if (list)
			name = (struct str){ position,
				(size_t)snprintf(
				    position, sizeof position, "column_%lld", (long long)++n) };
		else
			name = jtext_read(part.name, l->name);
		TRY(put_cell(cx, l, name, cell, place));
	}
	return list ? RC_OK : put_keys(cx, l, place);
}

/* The identity of a member of an object of objects; it goes into addresses, so without control
 * characters. */
static struct str
json_identity(struct json_load *l, struct str name)
{
	buf_clear(l->name);
	buf_add(l->name, name.p, name.n);
	for (size_t i = 0; i < l->name->n; i++)
		if ((unsigned char)l->name->p[i] < 0x20 || l->name->p[i] == 0x7f)
			l->name->p[i] = ' ';
	return buf_s(l->name);
}

static enum rc
put_record(struct ctx *cx, struct json_load *l, struct jscan *js, struct str text)
{
	const struct jframe *parent = l->where.shape == JSON_MEMBERS ? &js->frame[js->depth - 1]
								     : NULL;
	struct row row = { .line = ++l->item, .page = l->page };
	struct jpart part = { .value = text };
	struct cell cell;
	size_t place = 0;

	if (parent && parent->name_over)
		return l->sink->skip(cx, l->sink, "name_too_long", l->item,
		    "The name of the record is longer than 1,000 bytes.");
	if (parent && jtext_type(text) != J_OBJECT && l->were_members)
		return l->sink->skip(cx, l->sink, "no_record", l->item,
		    "The member is no object as the others are.");
	if (jtext_type(text) == J_NULL)
		return l->sink->skip(cx, l->sink, "null_record", l->item, "The item is null.");
	if (js->mended)
		TRY(l->sink->warn(cx, l->sink, "text_mended",
		    "A text has an escape that stands for no character; it is shown as "
		    "\xef\xbf\xbd (first seen in item %lld).",
		    (long long)l->item));
	memset(l->cells, 0, l->n * sizeof *l->cells);
	if (parent)
		TRY(put_cell(
		    cx, l, STR("_key"), (struct cell){ CELL_TEXT, parent->name }, place++));
	if (jtext_type(text) == J_OBJECT || jtext_type(text) == J_LIST)
		TRY(put_parts(cx, l, text, place));
	else {
		TRY(cell_of(cx, l, &part, &cell));
		TRY(put_cell(cx, l, STR("value"), cell, place));
	}
	row.cells = l->cells;
	row.n = l->n;
	if (parent && l->own_keys)
		row.key = json_identity(l, parent->name);
	return l->sink->row(cx, l->sink, &row);
}

static enum rc
load_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	struct json_load *l = arg;
	const struct jpath *path = &l->where.path;
	const size_t depth = path->n + (l->where.shape != JSON_ONE);

	if (l->where.shape == JSON_NOWHERE || (size_t)js->depth != depth ||
	    jpath_follow(path, js) != path->n)
		return json_says_begin(cx, &l->end.says, js, type, keep);
	l->end.says.what = 0;
	*keep = l->where.shape == JSON_ONE ||
	    js->frame[js->depth - 1].type == (l->where.shape == JSON_LIST ? J_LIST : J_OBJECT);
	return RC_OK;
}

static enum rc
load_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct json_load *l = arg;
	const struct str value = { text, n };

	if (!text)
		return RC_OK;
	return json_says_keeps(&l->end.says) ? json_says_end(cx, &l->end.says, type, value)
					     : put_record(cx, l, js, value);
}

static enum rc
scan_page(struct ctx *cx, struct page_in *page, struct jscan *js, char *chunk)
{
	size_t got;

	jscan_begin(js);
	do {
		TRY(page->read(cx, page->arg, chunk, READ_BYTES, &got));
		TRY(jscan_feed(cx, js, (struct str){ chunk, got }));
	} while (got > 0 && !js->stopped);
	return jscan_end(cx, js, page->cut);
}

/* The paths among the chosen keys; plain names are members, which the engine finds by itself. */
static void
read_keys(struct ctx *cx, struct json_load *l, const json *config)
{
	const json *key = json_at(config, "key");
	const char *why;

	for (size_t i = 0; i < (json_is_list(key) ? json_len(key) : 1) && l->n_keys < KEYS_MAX;
	     i++) {
		struct key_path *k = &l->keys[l->n_keys];

		k->name = json_value_str(json_is_list(key) ? json_nth(key, i) : key);
		if (!k->name || !jpath_parse(cx->a, k->name, &k->path, &why) || k->path.n < 2)
			continue;
		k->scratch = buf_in(cx->a, KEY_TEXT_MAX);
		l->n_keys++;
	}
	l->own_keys = !key || (json_is_list(key) && json_len(key) == 0);
}

/* The names of the columns, of records that are lists. Where they were found, they are looked for
 * again. */
static enum rc
load_names(struct ctx *cx, struct json_load *l, struct page_in *page)
{
	const char *known = known_str(l->end.src, "names");

	TRY(scan_page(cx, page, json_names_scan(cx->a, &l->where.path, &l->labels), l->chunk));
	TRY(page->restart(cx, page->arg));
	l->by_position = !l->labels.member;
	if (l->by_position && known)
		return fail(cx, E_SHAPE,
		    "The names of the columns are not there any more: they were in \"%.60s\".",
		    known);
	return RC_OK;
}

/* One page. All of them are read in the way that the first one showed. */
static enum rc
load_page(struct ctx *cx, struct json_load *l, struct page_in *page, struct json_where *where)
{
	json_finder_begin(l->finder);
	TRY(scan_page(cx, page, json_finder_scan(l->finder), l->chunk));
	TRY(json_where_explain(cx, where, json_finder_end(cx, l->finder, page->cut, &l->where)));
	TRY(page->restart(cx, page->arg));
	if (l->where.lists && !l->by_position && !l->labels.member)
		TRY(load_names(cx, l, page));
	TRY(scan_page(cx, page, l->js, l->chunk));
	if (l->where.shape == JSON_NOWHERE || where->shape != JSON_NOWHERE)
		return RC_OK;
	where->any = false;
	where->path = l->where.path;
	where->shape = l->where.shape;
	l->finder = json_where_finder(cx->a, where, false);
	return RC_OK;
}

/* Was a page left empty because it brought nothing new? */
static enum rc
page_is_empty(struct ctx *cx, struct page_in *page, bool *empty)
{
	size_t got;
	char c;

	TRY(page->read(cx, page->arg, &c, 1, &got));
	*empty = got == 0;
	return page->restart(cx, page->arg);
}

/* Where the records are belongs to the dataset once there were some. */
static enum rc
tell_where(struct ctx *cx, struct json_load *l, const struct json_where *where)
{
	const char *path = jpath_text(cx->a, &where->path), *why;
	struct jpath again;

	if (l->item == 0 || where->any || !jpath_parse(cx->a, path, &again, &why) ||
	    !jpath_same(&again, &where->path))
		return RC_OK;
	TRY(known_tell(cx, l->sink, "records", path));
	TRY(known_tell(cx, l->sink, "names", l->labels.member));
	return known_tell(cx, l->sink, "shape", json_shape_word(where->shape));
}

static enum rc
json_parse_pages(
    struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	struct json_load *l = arena_alloc(cx->a, sizeof *l);
	struct json_where where;

	TRY(json_where(cx, src, &where));
	TRY(json_end_new(cx, src, sink, &l->end));
	l->were_members = where.shape == JSON_MEMBERS;
	l->by_position = known_has(src, STR("column_1"));
	l->sink = sink;
	l->a = cx->a;
	l->name = buf_in(cx->a, JSCAN_KEEP_MAX);
	l->events = (struct jscan_events){ load_begin, load_end, l };
	l->js = jscan_new(cx->a, &l->events);
	read_keys(cx, l, src->config);
	l->chunk = arena_alloc(cx->a, READ_BYTES);
	l->finder = json_where_finder(cx->a, &where, false);
	load_grow(l, 1);
	TRY(sink->dataset(cx, sink, "", url_title(cx->a, url_home(cx->a, src))));
	TRY(known_begin(cx, src, sink));
	for (size_t i = 0; i < n; i++) {
		struct page_in *page;

		TRY(unpack_open(cx, &pages[i], &page));
		TRY(json_lines_open(cx, page, &page));
		if (i > 0)
			TRY(page_is_empty(cx, page, &l->end.dropped));
		if (l->end.dropped)
			break;
		l->page = n > 1 ? (int)i + 1 : 0;
		json_end_page_begin(&l->end);
		TRY(load_page(cx, l, page, &where));
		json_end_page(&l->end, l->item);
	}
	TRY(tell_where(cx, l, &where));
	return n > 0 && pages[n - 1].cut ? RC_OK : json_end_finish(cx, &l->end);
}

const struct reader reader_json = {
	.fetch = json_pages_fetch,
	.parse = json_parse_pages,
};
