/*
 * notion_query.c - lists: queries of data sources, searches, and their pages. Both read the index.
 * A cursor is the id of the row that comes next: where that row moves, the list goes on from there.
 */
#include "fake/notion/notion.h"

#include <stdlib.h>
#include <strings.h>

enum { SORTS_MAX = 10 };

/*
 * Pages of lists.
 */
bool
list_asked(struct call *c, size_t *size, const char **start)
{
	const bool query = strcmp(c->req->method, "GET") == 0;
	const char *text = query ? query_of(c, "page_size") : NULL;
	const char *in = query ? "query" : "body";
	int64_t n = json_num(c->body, "page_size", LIST_MAX);

	if (text && !str_i64(str_c(text), INT32_MIN, INT32_MAX, &n))
		n = 0;
	if (n < 1 || n > LIST_MAX) {
		refuse_invalid(c,
		    "%s failed validation: %s.page_size should be %s `%d`, instead was `%lld`.", in,
		    in, n < 1 ? "≥" : "≤", n < 1 ? 1 : LIST_MAX, (long long)n);
		return false;
	}
	*size = (size_t)n;
	if (notion_of(c->f)->brief && *size > 2)
		*size = *size / 2;
	*start = query ? query_of(c, "start_cursor") : json_str(c->body, "start_cursor");
	if (*start && !strstr(c->route->path, "/properties/")) {
		const char *id = id_read(c->a, *start);

		if (!id)
			refuse_invalid(c,
			    "%s failed validation: %s.start_cursor should be a valid uuid, "
			    "instead was `\"%.100s\"`.",
			    in, in, *start);
		*start = id;
	}
	return !c->refused;
}

json *
list_json(struct call *c, json *results, const char *next, const char *type)
{
	json *j = json_new(c->a);

	json_set_str(j, "object", "list");
	json_set(j, "results", results);
	json_set_str(j, "next_cursor", next);
	json_set_bool(j, "has_more", next != NULL);
	json_set_str(j, "type", type);
	json_set(j, type, json_new(c->a));
	return j;
}

json *
list_part(struct call *c, struct notion_object **all, size_t n, const char *type,
    json *(*show)(struct call *, const struct notion_object *))
{
	json *results = json_list(c->a);
	const char *start;
	size_t size, from = 0;

	if (!list_asked(c, &size, &start))
		return NULL;
	while (start && from < n && strcmp(all[from]->id, start) != 0)
		from++;
	if (start && from == n) {
		refuse_invalid(c, "The start_cursor provided is invalid: %s", start);
		return NULL;
	}
	for (size_t i = from; i < n && i < from + size; i++)
		json_add(results, show(c, all[i]));
	return list_json(c, results, from + size < n ? all[from + size]->id : NULL, type);
}

/*
 * Sorting. Without a wish the order is nobody's.
 */
struct query_sort {
	const char *stamp; /* "created_time", "last_edited_time"; NULL */
	const json *property;
	bool down;
};

static struct query_sorts {
	struct arena *a;
	struct query_sort v[SORTS_MAX];
	size_t n;
} sorting;

static int
query_sign(double x, double y)
{
	return (x > y) - (x < y);
}

/* A text that sorts as the value does; numbers are compared as such. */
static const char *
query_text(struct arena *a, const json *property, const json *v)
{
	if (type_is(property, "title") || type_is(property, "rich_text"))
		return text_of(a, v);
	if (type_is(property, "select") || type_is(property, "status"))
		return json_str(v, "name");
	if (type_is(property, "date"))
		return json_str(v, "start");
	if (type_is(property, "checkbox"))
		return json_value_bool(v) ? "1" : "0";
	return json_value_str(v);
}

static int
query_order(
    const struct query_sort *s, const struct notion_object *x, const struct notion_object *y)
{
	const char *id, *p, *q;
	const json *v, *w;

	if (s->stamp && *s->stamp == 'c')
		return query_sign((double)(x->created / 60000), (double)(y->created / 60000));
	if (s->stamp)
		return query_sign((double)(x->now.edited / 60000), (double)(y->now.edited / 60000));
	id = json_str(s->property, "id");
	v = json_at(x->now.values, id);
	w = json_at(y->now.values, id);
	if (json_is_num(v) && json_is_num(w))
		return query_sign(
		    strtod(json_text(sorting.a, v), NULL), strtod(json_text(sorting.a, w), NULL));
	p = query_text(sorting.a, s->property, v);
	q = query_text(sorting.a, s->property, w);
	return strcasecmp(p ? p : "", q ? q : "");
}

static int
query_compare(const void *a, const void *b)
{
	const struct notion_object *x = *(struct notion_object *const *)a;
	const struct notion_object *y = *(struct notion_object *const *)b;

	for (size_t i = 0; i < sorting.n; i++) {
		const int order = query_order(&sorting.v[i], x, y);

		if (order)
			return sorting.v[i].down ? -order : order;
	}
	/* Ids are random, their ends too. */
	return strcmp(x->id + UUID_LEN - 12, y->id + UUID_LEN - 12);
}

static bool
query_sorts(struct call *c, const struct notion_object *source)
{
	const json *list = json_at(c->body, "sorts");

	sorting = (struct query_sorts){ .a = c->a };
	for (size_t i = 0; i < json_len(list) && i < SORTS_MAX; i++) {
		const json *one = json_nth(list, i);
		const char *name = json_str(one, "property"), *way = json_str(one, "direction");
		struct query_sort *s = &sorting.v[sorting.n++];

		s->stamp = json_str(one, "timestamp");
		s->property = name ? property_by(source, name) : NULL;
		s->down = way && strcmp(way, "descending") == 0;
		if (name && !s->property) {
			refuse_invalid(c, "Could not find sort property with name or id: %s", name);
			return false;
		}
		if ((!s->stamp && !name) ||
		    (s->stamp && strcmp(s->stamp, "created_time") != 0 &&
			strcmp(s->stamp, "last_edited_time") != 0) ||
		    (way && !s->down && strcmp(way, "ascending") != 0)) {
			refuse_invalid(
			    c, "body failed validation: body.sorts[%zu] is not a valid sort.", i);
			return false;
		}
	}
	return true;
}

/*
 * Queries. What the index has is a copy of the object with its state of then.
 */
static struct notion_object *
query_seen(struct call *c, struct notion_object *o)
{
	const struct notion_state *s = object_indexed(c->f, o);
	struct notion_object *copy;

	if (s == &o->now)
		return o;
	copy = arena_alloc(c->a, sizeof *copy);
	*copy = *o;
	copy->now = *s;
	return copy;
}

static size_t
query_rows(struct call *c, struct notion_object *source, struct notion_object **out)
{
	const json *filter = json_at(c->body, "filter");
	size_t n = 0;

	for (struct notion_object *o = notion_of(c->f)->first; o; o = o->next) {
		struct notion_object *seen;

		if (o->kind != OBJECT_PAGE || o->space != source->space)
			continue;
		seen = query_seen(c, o);
		if (!seen->now.there || seen->now.parent != source || seen->now.trash ||
		    seen->archived || !object_seen(bot_of(c), seen) ||
		    !filter_fits(c, source, seen, filter))
			continue;
		out[n++] = seen;
	}
	return n;
}

static size_t
query_room(const struct fake *f)
{
	size_t n = 1;

	for (const struct notion_object *o = notion_of(f)->first; o; o = o->next)
		n++;
	return n;
}

void
sources_query(struct call *c)
{
	struct notion_object *o = object_of_call(c, OBJECT_SOURCE, c->part[0]), **rows;
	const json *filter = json_at(c->body, "filter");
	const size_t cap = (size_t)notion_of(c->f)->cap;
	json *list, *status;
	size_t n;

	if (!o || (filter && !filter_check(c, o, filter, 0)) || !query_sorts(c, o))
		return;
	if (object_trashed(o)) {
		refuse_invalid(c, "The data source is in the trash.");
		return;
	}
	rows = arena_array(c->a, query_room(c->f), sizeof *rows);
	n = query_rows(c, o, rows);
	qsort(rows, n, sizeof *rows, query_compare);
	list = list_part(c, rows, n > cap ? cap : n, "page_or_data_source", page_json);
	if (!list)
		return;
	if (n > cap) {
		status = json_stored(c->a,
		    "{\"type\": \"incomplete\", \"incomplete_reason\": "
		    "\"query_result_limit_reached\"}");
		json_set(list, "request_status", status);
	}
	reply_notion(c, list);
}

/*
 * Searches.
 */
static json *
search_show(struct call *c, const struct notion_object *o)
{
	return o->kind == OBJECT_PAGE ? page_json(c, o) : source_json(c, o);
}

static bool
search_fits(struct call *c, const struct notion_object *seen, const char *text, const char *kind)
{
	const bool page = seen->kind == OBJECT_PAGE;

	if ((!page && seen->kind != OBJECT_SOURCE) || !seen->now.there || object_trashed(seen) ||
	    !object_seen(bot_of(c), seen))
		return false;
	if (kind && strcmp(kind, page ? "page" : "data_source") != 0)
		return false;
	return !text || strcasestr(object_title(c->a, seen), text);
}

void
notion_search(struct call *c)
{
	struct notion_object **rows = arena_array(c->a, query_room(c->f), sizeof *rows);
	const char *text = json_str(c->body, "query");
	const json *filter = json_at(c->body, "filter"), *sort = json_at(c->body, "sort");
	const char *kind = json_str(filter, "value"), *way = json_str(sort, "direction");
	size_t n = 0;
	json *list;

	if (filter &&
	    (!kind || !json_str(filter, "property") ||
		(strcmp(kind, "page") != 0 && strcmp(kind, "data_source") != 0))) {
		refuse_invalid(c,
		    "body failed validation: body.filter.value should be `\"page\"` or "
		    "`\"data_source\"`, instead was `%s`.",
		    kind ? kind : "undefined");
		return;
	}
	for (struct notion_object *o = notion_of(c->f)->first; o; o = o->next) {
		struct notion_object *seen = query_seen(c, o);

		if (search_fits(c, seen, text, kind))
			rows[n++] = seen;
	}
	sorting = (struct query_sorts){ .a = c->a, .n = 1 };
	sorting.v[0].stamp = "last_edited_time";
	sorting.v[0].down = !way || strcmp(way, "descending") == 0;
	qsort(rows, n, sizeof *rows, query_compare);
	list = list_part(c, rows, n, "page_or_data_source", search_show);
	if (list)
		reply_notion(c, list);
}
