/*
 * drive_list.c - files.list: what is asked for by mimeType, name and trashed, joined by "and".
 */
#include "fake/google/drive.h"

#include <strings.h>

/* One condition, "name = 'x'", in its parts; the value without its quotes. */
struct term {
	struct str name;
	bool contains, compares, equal;
	const char *value;
};

static struct term
list_term(struct arena *a, struct str text)
{
	struct str t = str_trim(text), rest;
	struct term term = { .name = t };
	size_t n = 0, op;

	while (n < t.n && t.p[n] != ' ' && t.p[n] != '=' && t.p[n] != '!')
		n++;
	term.name.n = n;
	rest = str_trim((struct str){ t.p + n, t.n - n });
	op = strspn(arena_dup_str(a, rest), "=!");
	term.contains = str_istarts(rest, "contains");
	if (term.contains)
		op = strlen("contains");
	term.compares = op > 0;
	term.equal = rest.n > 0 && *rest.p == '=';
	rest = str_trim((struct str){ rest.p + op, rest.n - op });
	if (rest.n >= 2 && (*rest.p == '\'' || *rest.p == '"'))
		rest = (struct str){ rest.p + 1, rest.n - 2 };
	term.value = arena_dup_str(a, rest);
	return term;
}

/* Quotes in names come escaped. */
static const char *
list_unescaped(struct arena *a, const char *quoted)
{
	struct buf *b = buf_in(a, 4000);

	for (const char *p = quoted; *p; p++)
		if (*p != '\\' || !p[1])
			buf_ch(b, *p);
	return buf_c(b);
}

static bool
list_term_fits(struct arena *a, struct str text, const struct file *file, bool *bad)
{
	const struct term t = list_term(a, text);

	if (t.contains && str_is(t.name, "name"))
		return strcasestr(file->name, t.value) != NULL;
	if (str_is(t.name, "mimeType") && t.compares)
		return (strcmp(t.value, file->kind->mime) == 0) == t.equal;
	if (str_is(t.name, "name") && t.compares)
		return (strcmp(list_unescaped(a, t.value), file->name) == 0) == t.equal;
	if (str_is(t.name, "trashed") && t.compares)
		return file->trashed == ((strcmp(t.value, "true") == 0) == t.equal);
	*bad = true;
	return false;
}

static bool
list_query_fits(struct arena *a, const char *q, const struct file *file, bool *bad)
{
	while (q && *q) {
		const char *and = strcasestr(q, " and ");
		size_t n = and? (size_t)(and-q) : strlen(q);

		if (!list_term_fits(a, (struct str){ q, n }, file, bad))
			return false;
		q = and? and+5 : NULL;
	}
	return true;
}

static int64_t
files_compare(size_t key, const struct file *x, const struct file *y)
{
	if (key == 0)
		return x->created - y->created;
	return key == 1 ? x->modified - y->modified : strcasecmp(x->name, y->name);
}

/* Insertion keeps equals in their order. */
static void
list_sort(const struct file **v, size_t n, size_t key, bool down)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j > 0; j--) {
			const struct file *x = v[j - 1], *y = v[j];
			int64_t order = files_compare(key, x, y);

			if ((down ? -order : order) <= 0)
				break;
			v[j - 1] = y;
			v[j] = x;
		}
}

/*
 * "modifiedTime desc,name": the first key that counts here; others are known and change nothing.
 * False for one that is none.
 */
static bool
list_order(const char *orders, const struct file **v, size_t n)
{
	static const char *const known[] = {
		"createdTime",
		"modifiedTime",
		"name",
		"name_natural",
		"folder",
		"modifiedByMeTime",
		"quotaBytesUsed",
		"recency",
		"sharedWithMeTime",
		"starred",
		"viewedByMeTime",
	};
	struct str rest = str_c(orders), way, one;
	size_t k;
	bool down;

	while (rest.p) {
		one = str_cut(str_trim(str_cut(rest, ',', &rest)), ' ', &way);
		down = way.p && str_is(str_trim(way), "desc");
		for (k = 0; k < sizeof known / sizeof *known && !str_is(one, known[k]);)
			k++;
		if (k == sizeof known / sizeof *known || (way.p && !down))
			return false;
		if (k < 4) {
			list_sort(v, n, k, down);
			n = 0;
		}
	}
	return true;
}

/* The files that the caller sees and asks for. */
static size_t
list_find(struct call *c, const struct file **found, bool *bad)
{
	const bool only_picked = !scopes_any(
	    c->token->scopes, "drive drive.readonly drive.metadata drive.metadata.readonly");
	size_t n = 0;

	for (const struct file *file = drive_of(c->f)->files; file; file = file->next)
		if (!file->gone && file_seen_by(file, c->who) &&
		    !json_str(file->shared, "anyone") && (!only_picked || file->picked) &&
		    list_query_fits(c->a, query_of(c, "q"), file, bad))
			found[n++] = file;
	return n;
}

/* "~200": where the next page begins. */
static bool
list_skip(const char *page, size_t *skip)
{
	int64_t n = 0;

	*skip = 0;
	if (!page || !*page)
		return true;
	if (*page != '~' || !str_i64(str_c(page + 1), 0, INT32_MAX, &n))
		return false;
	*skip = (size_t)n;
	return true;
}

static void
drive_list_reply(struct call *c, const struct file **found, size_t n, size_t skip)
{
	const char *size = query_of(c, "pageSize");
	json *top = json_new(c->a), *list = json_list(c->a);
	int64_t limit = 100;
	size_t end;

	if (size)
		str_i64(str_c(size), 1, 1000, &limit);
	end = skip + (size_t)limit;
	for (size_t i = skip; i < n && i < end; i++)
		json_add(list, drive_file_json(c, found[i]));
	if (n > end)
		json_set_str(top, "nextPageToken", arena_printf(c->a, "~%zu", end));
	json_set_str(top, "kind", "drive#fileList");
	json_set_bool(top, "incompleteSearch", false);
	json_set(top, "files", list);
	if (!query_of(c, "fields"))
		c->fields = mask_parse(
		    c->a, "kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType)");
	reply_json(c, 200, top);
}

void
drive_list(struct call *c)
{
	const char *order = query_of(c, "orderBy"), *wrong = NULL;
	const struct file **found;
	size_t n, all = 0, skip;
	bool bad = false;

	for (const struct file *file = drive_of(c->f)->files; file; file = file->next)
		all++;
	found = arena_array(c->a, all + 1, sizeof *found);
	n = list_find(c, found, &bad);
	if (bad)
		wrong = "q";
	if (!list_skip(query_of(c, "pageToken"), &skip))
		wrong = "pageToken";
	if (order && !list_order(order, found, n))
		wrong = "orderBy";
	if (!wrong) {
		drive_list_reply(c, found, n, skip);
		return;
	}
	refuse(c,
	    &(struct refusal){
		.status = 400,
		.reason = "invalid",
		.message = "Invalid Value",
		.location_type = "parameter",
		.location = wrong,
	    });
}
