/*
 * json_names.c - see json_names.h.
 */
#include "provider/web/json_names.h"

enum { NAMED_MAX = 1000 };

struct namer {
	struct arena *a;
	const struct jpath *path;
	struct json_names *out;
	struct jscan_events events;
};

bool
json_names_is(struct str member)
{
	static const char *const words[] = { "columns", "column_names", "columnNames", "cols",
		"fields", "headers", "header", "names", "meta", "schema" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_ieq(member, str_c(words[i])))
			return true;
	return false;
}

/* Beside the rows, or within something beside them that is called so itself: meta.view.columns. */
static bool
names_beside(const struct jpath *rows, const struct jscan *js)
{
	const size_t depth = (size_t)js->depth;

	if (rows->n == 0 || depth < rows->n || jpath_follow(rows, js) + 1 != rows->n)
		return false;
	return depth == rows->n || json_names_is(js->frame[rows->n - 1].name);
}

static enum rc
names_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	const struct namer *nm = arg;
	const struct jframe *parent = js->depth > 0 ? &js->frame[js->depth - 1] : NULL;

	(void)cx;
	*keep = type == J_LIST && parent && parent->type == J_OBJECT && !nm->out->member &&
	    names_beside(nm->path, js) && !parent->name_over && json_names_is(parent->name);
	return RC_OK;
}

/* A text, or what an object is called; {NULL, 0}: nothing. */
static struct str
one_name(struct arena *a, struct str raw)
{
	const struct jpath name = { .n = 1, .step = { { STR("name"), -1 } } };
	struct buf *scratch = buf_in(a, raw.n + 64);

	if (jtext_type(raw) == J_OBJECT)
		raw = jpath_find(&name, raw, scratch);
	if (!raw.p || jtext_type(raw) != J_TEXT)
		return (struct str){ NULL, 0 };
	raw = str_trim(jtext_read(raw, scratch));
	return (struct str){ arena_dup_str(a, raw), raw.n };
}

/* The same name twice: the later one gets a number. */
static struct str
own_name(struct arena *a, const struct json_names *names, struct str name)
{
	struct str own = name;

	for (size_t i = 0, k = 2; i < names->n; i++)
		if (str_eq(names->v[i], own)) {
			own = str_c(arena_printf(a, "%.*s_%zu", (int)name.n, name.p, k++));
			i = (size_t)-1;
		}
	return own;
}

static enum rc
names_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct namer *nm = arg;
	struct json_names found = { .v = arena_array(nm->a, NAMED_MAX, sizeof *found.v) };
	struct jparts parts;
	struct jpart part;

	(void)cx;
	(void)type;
	if (!text)
		return RC_OK;
	parts = jparts_of((struct str){ text, n });
	while (jparts_next(&parts, &part)) {
		const struct str name = one_name(nm->a, part.value);

		if (name.n == 0 || found.n == NAMED_MAX)
			return RC_OK;
		found.v[found.n] = own_name(nm->a, &found, name);
		found.n++;
	}
	if (found.n > 0) {
		found.member = arena_dup_str(nm->a, js->frame[js->depth - 1].name);
		*nm->out = found;
	}
	return RC_OK;
}

struct jscan *
json_names_scan(struct arena *a, const struct jpath *path, struct json_names *out)
{
	struct namer *nm = arena_alloc(a, sizeof *nm);

	*nm = (struct namer){ .a = a, .path = path, .out = out };
	nm->events = (struct jscan_events){ names_begin, names_end, nm };
	*out = (struct json_names){ 0 };
	return jscan_new(a, &nm->events);
}
