/*
 * sheets_link.c - the forms of Google Sheets addresses.
 *
 *	/spreadsheets/d/ID/edit#gid=7
 *	    (also view, htmlview, preview, copy, export, nothing; /u/0/ and /a/domain/ before)
 *	    -> /spreadsheets/d/ID/export?format=csv&gid=7
 *	/spreadsheets/d/e/2PACX-.../pubhtml?gid=7&single=true
 *	    (also pub, and older documents' /d/ID/pub)
 *	    -> .../pub?output=csv&gid=7&single=true
 *	/spreadsheets/d/ID/gviz/tq?sheet=Name  -> .../gviz/tq?tqx=out:csv&sheet=Name
 */
#include "kind/sheets_link.h"

#include "base/buf.h"
#include "base/pct.h"

enum { LINK_MAX = 4000, PARTS_MAX = 12, ID_MIN = 10, ID_MAX = 200 };

struct link {
	struct str path[PARTS_MAX];
	size_t n;
	struct str query, fragment;
};

static bool
link_split(const char *url, struct link *l)
{
	struct str s = str_c(url), rest, host, path;

	if (str_istarts(s, "https://"))
		s = (struct str){ s.p + 8, s.n - 8 };
	else if (str_istarts(s, "http://"))
		s = (struct str){ s.p + 7, s.n - 7 };
	s = str_cut(s, '#', &l->fragment);
	path = str_cut(s, '?', &l->query);
	host = str_cut(path, '/', &rest);
	if (!str_ieq(host, STR("docs.google.com")) &&
	    !str_ieq(host, STR("spreadsheets.google.com")))
		return false;
	for (l->n = 0; rest.p && l->n < PARTS_MAX;) {
		struct str part = str_cut(rest, '/', &rest);
		if (part.n > 0)
			l->path[l->n++] = part;
	}
	return true;
}

static bool
is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			c == '-' || c == '_'))
			return false;
	}
	return s.n > 0;
}

/* As it may stand in an address: nothing that would end the query or the line. */
static bool
is_spelt(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '#' || s.p[i] == 0x7f)
			return false;
	return true;
}

/* Copies a parameter as it is spelt; the fragment wins, being what the browser showed last. */
static void
link_keep(struct buf *b, const struct link *l, const char *name)
{
	struct str value = url_parameter(l->fragment, name);

	if (!value.p)
		value = url_parameter(l->query, name);
	if (value.p && is_spelt(value)) {
		buf_printf(b, "&%s=", name);
		buf_add(b, value.p, value.n);
	}
}

static void
keep_all(struct buf *b, const struct link *l, const char *const *names)
{
	for (; *names; names++)
		link_keep(b, l, *names);
}

static bool
is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_is(s, *words))
			return true;
	return false;
}

/* l->path[at] follows "/spreadsheets": "d", ID, verb. */
static bool
link_rewrite(struct buf *b, const struct link *l, size_t at)
{
	static const char *const shared[] = { "edit", "view", "htmlview", "htmlembed", "preview",
		"copy", "export", "mobilebasic", NULL };
	static const char *const published[] = { "pub", "pubhtml", NULL };
	const struct str none = { "", 0 };
	struct str id, verb;
	bool is_pub = false;

	if (at >= l->n || !str_is(l->path[at], "d"))
		return false;
	if (at + 2 < l->n && str_is(l->path[at + 1], "e")) {
		is_pub = true;
		at++;
	}
	if (at + 1 >= l->n || !is_word(l->path[at + 1]) ||
	    (!is_pub && str_is(l->path[at + 1], "e")))
		return false;
	id = l->path[at + 1];
	verb = at + 2 < l->n ? l->path[at + 2] : none;
	buf_printf(b, "https://docs.google.com/spreadsheets/d/%s%.*s/", is_pub ? "e/" : "",
	    (int)id.n, id.p);
	if (is_pub || is_one_of(verb, published)) {
		if (verb.n > 0 && !is_one_of(verb, published) && !is_one_of(verb, shared))
			return false;
		buf_str(b, "pub?output=csv");
		keep_all(
		    b, l, (const char *const[]){ "gid", "single", "range", "resourcekey", NULL });
		return true;
	}
	if (str_is(verb, "gviz")) {
		buf_str(b, "gviz/tq?tqx=out:csv");
		keep_all(b, l,
		    (const char *const[]){
			"sheet", "gid", "range", "headers", "tq", "resourcekey", NULL });
		return true;
	}
	if (verb.n > 0 && !is_one_of(verb, shared))
		return false;
	buf_str(b, "export?format=csv");
	keep_all(b, l, (const char *const[]){ "gid", "range", "resourcekey", NULL });
	return true;
}

char *
sheets_link_csv(struct arena *a, const char *url)
{
	struct link l = { 0 };
	struct buf *b;
	size_t at = 0;

	if (!url || !link_split(url, &l))
		return NULL;
	if (l.n > 2 && str_is(l.path[0], "a")) /* /a/example.com/spreadsheets/... */
		at = 2;
	if (at >= l.n || !str_is(l.path[at], "spreadsheets"))
		return NULL;
	at++;
	/* /spreadsheets/u/0/d/... */
	if (at + 1 < l.n && (str_is(l.path[at], "u") || str_is(l.path[at], "a")))
		at += 2;
	b = buf_in(a, LINK_MAX);
	if (!link_rewrite(b, &l, at) || b->over)
		return NULL;
	return buf_c(b);
}

char *
sheets_link_id(struct arena *a, const char *text)
{
	struct str s = str_trim(str_c(text));
	struct link l = { 0 };

	if (is_word(s) && s.n >= ID_MIN && s.n <= ID_MAX)
		return arena_dup_str(a, s);
	if (!link_split(arena_dup_str(a, s), &l))
		return NULL;
	/* Published ones, /d/e/..., have no id that the interface knows. */
	for (size_t i = 0; i + 1 < l.n; i++)
		if (str_is(l.path[i], "d"))
			return is_word(l.path[i + 1]) && l.path[i + 1].n >= ID_MIN &&
				l.path[i + 1].n <= ID_MAX
			    ? arena_dup_str(a, l.path[i + 1])
			    : NULL;
	return NULL;
}
