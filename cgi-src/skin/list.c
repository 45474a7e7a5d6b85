/*
 * list.c - see page.h: the list of connections as pages show it, chosen, sorted and cut into pages.
 * What is counted is counted over all of them.
 *
 * A page is asked for by its number; what somebody has mistyped in the address counts as not said.
 */
#include "app/conn_search.h"
#include "skin/page.h"

enum { LIST_WORDS = 6, WORDS_MAX = 200 };

/* The words of the address, in the order in which links have them. */
static const char *const list_words[LIST_WORDS] = { "tab", "q", "provider", "status", "sort",
	"page" };

static bool
is_state(const char *word)
{
	for (int s = 0; word && s < STATE__MAX; s++)
		if (!strcmp(conn_states[s].word, word))
			return true;
	return false;
}

static const char *
list_value(struct req *r, const struct page_list *how, const char *word)
{
	const char *v = r->method == M_POST ? NULL : req_query(r, word);

	if (!strcmp(word, "tab"))
		return how->tab ? how->tab : "";
	if (!v || (!strcmp(word, "status") && !is_state(v)) ||
	    (!strcmp(word, "provider") && !kind_find(v)))
		return "";
	return arena_dup_str(r->cx->a, str_utf8_cut(str_trim(str_c(v)), WORDS_MAX));
}

/* The address of the list with one word changed; without that of a page, which begins anew. */
static const char *
list_link(struct req *r, const struct page_list *how, const char *word, const char *value)
{
	struct buf *b = buf_in(r->cx->a, 4096);
	char sep = '?';

	buf_str(b, how->path);
	for (size_t i = 0; i < LIST_WORDS; i++) {
		bool changed = !strcmp(list_words[i], word);
		const char *v = changed ? value : list_value(r, how, list_words[i]);

		if (!*v || (!changed && !strcmp(list_words[i], "page")))
			continue;
		buf_printf(b, "%c%s=", sep, list_words[i]);
		url_encode(b, v);
		sep = '&';
	}
	return buf_c(b);
}

static void
list_option(struct arena *a, json *list, const char *value, const char *label, const char *now)
{
	json *o = json_new(a);

	json_set_str(o, "value", value);
	json_set_str(o, "label", label);
	json_set_bool(o, "selected", !strcmp(value, now));
	json_add(list, o);
}

static json *
list_sorts(struct req *r, const struct page_list *how)
{
	static const char *const rows[][2] = {
		{ "state", "Needs attention first" },
		{ "name", "By name" },
		{ "created", "Oldest first" },
		{ "-created", "Newest first" },
		{ "next", "Next sync first" },
		{ "-fresh", "Latest data first" },
		{ "fresh", "Oldest data first" },
		{ "-records", "Most records first" },
	};
	const char *now = list_value(r, how, "sort");
	json *list = json_list(r->cx->a);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		list_option(r->cx->a, list, rows[i][0], rows[i][1], *now ? now : how->sort);
	return list;
}

static json *
list_kinds(struct req *r, const struct page_list *how)
{
	const char *now = list_value(r, how, "provider");
	json *list = json_list(r->cx->a);
	const struct kind *k;

	list_option(r->cx->a, list, "", "All kinds", now);
	for (size_t i = 0; (k = kind_nth(i)); i++)
		list_option(r->cx->a, list, k->id, k->title, now);
	return list;
}

static json *
list_states(struct req *r, const struct page_list *how)
{
	const char *now = list_value(r, how, "status");
	json *list = json_list(r->cx->a);

	list_option(r->cx->a, list, "", "All states", now);
	for (int s = 0; s < STATE__MAX; s++)
		list_option(r->cx->a, list, conn_states[s].word, conn_states[s].text, now);
	return list;
}

/* "find": the form above the list. */
static json *
list_find(struct req *r, const struct page_list *how, const struct conn_found *found)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a);

	json_set_str(o, "path", how->path);
	json_set_str(o, "tab", how->tab);
	json_set_str(o, "q", list_value(r, how, "q"));
	json_set(o, "kinds", list_kinds(r, how));
	/* Where there are tabs, they choose the state. */
	json_set(o, "states", how->tab ? list_states(r, how) : NULL);
	json_set_str(o, "status", how->tab ? NULL : list_value(r, how, "status"));
	json_set_bool(o, "hasStates", how->tab != NULL);
	json_set(o, "sorts", list_sorts(r, how));
	if (!*list_value(r, how, "q") && !*list_value(r, how, "provider") &&
	    !*list_value(r, how, "status"))
		return o;
	json_set_str(
	    o, "all", how->tab ? arena_printf(a, "%s?tab=%s", how->path, how->tab) : how->path);
	json_set_str(o, "said",
	    arena_printf(a, "%s of %s", page_count(a, found->chosen),
		page_plural(a, found->all, "connection", "connections")));
	return o;
}

/* "stateTabs": one for each state, with how many there are of it. */
static json *
list_tabs(struct req *r, const struct page_list *how, const struct conn_found *found)
{
	const char *now = list_value(r, how, "status");
	json *list = json_list(r->cx->a), *o;

	for (int s = -1; s < STATE__MAX; s++) {
		const char *word = s < 0 ? "" : conn_states[s].word;

		o = json_new(r->cx->a);
		json_set_str(o, "path", list_link(r, how, "status", word));
		json_set_str(o, "title", s < 0 ? "All" : conn_states[s].text);
		json_set_str(
		    o, "count", page_count(r->cx->a, s < 0 ? found->all : found->count[s]));
		json_set_bool(o, "current", !strcmp(now, word));
		json_add(list, o);
	}
	return list;
}

/* "pager": which part of the list this is, and the way to the others; NULL when it is whole. */
static json *
list_pager(struct req *r, const struct page_list *how, int64_t page, int64_t total)
{
	const int64_t pages = (total + how->size - 1) / how->size;
	const int64_t last = page * how->size < total ? page * how->size : total;
	struct arena *a = r->cx->a;
	json *o = json_new(a);

	if (pages < 2)
		return NULL;
	json_set_str(o, "text",
	    arena_printf(a, "%s to %s of %s", page_count(a, (page - 1) * how->size + 1),
		page_count(a, last), page_count(a, total)));
	json_set_str(o, "back",
	    page > 1 ? list_link(r, how, "page", arena_printf(a, "%lld", (long long)page - 1))
		     : NULL);
	json_set_str(o, "on",
	    page < pages ? list_link(r, how, "page", arena_printf(a, "%lld", (long long)page + 1))
			 : NULL);
	return o;
}

/* The number of the page that is asked for, among those that there are. */
static int64_t
list_page(struct req *r, const struct page_list *how, int64_t total)
{
	const int64_t pages = total > how->size ? (total + how->size - 1) / how->size : 1;
	int64_t page = 1;

	if (!str_i64(str_c(list_value(r, how, "page")), 1, pages, &page))
		page = 1;
	return page;
}

static enum rc
list_search(struct req *r, const struct page_list *how, struct conn_found *found)
{
	struct conn_wish wish = {
		.words = list_value(r, how, "q"),
		.provider = list_value(r, how, "provider"),
		.status = list_value(r, how, "status"),
		.sort = list_value(r, how, "sort"),
	};
	enum rc rc;

	if (!*wish.sort)
		wish.sort = how->sort;
	rc = conn_search(r->cx, r->db, r->who.user_id, &wish, found);
	if (rc != RC_INVALID)
		return rc;
	wish.sort = how->sort;
	return conn_search(r->cx, r->db, r->who.user_id, &wish, found);
}

static void
list_words_of(struct req *r, const struct page_list *how, const struct conn_found *found,
    int64_t page, json *model)
{
	json_set_bool(model, "none", found->all == 0);
	json_set_bool(model, "noneShown", found->all && !found->n);
	json_set_i64(model, "attentionCount", found->count[STATE_ATTENTION]);
	json_set_i64(model, "runningCount", found->count[STATE_SYNCING]);
	json_set_i64(model, "connectionCount", found->all);
	json_set_i64(model, "recordCount", found->records);
	json_set(model, "stateTabs", list_tabs(r, how, found));
	json_set(model, "find", found->all > 1 ? list_find(r, how, found) : NULL);
	json_set(model, "pager", list_pager(r, how, page, found->chosen));
}

enum rc
page_connections(struct req *r, const struct page_list *how, json *model)
{
	json *list = json_list(r->cx->a), *o;
	struct conn_found found;
	int64_t page;

	/* The counts and the list are of one moment. */
	TRY(db_read_begin(r->cx, r->db));
	TRY(list_search(r, how, &found));
	page = list_page(r, how, found.chosen);
	for (int64_t i = (page - 1) * how->size; i < page * how->size && i < found.chosen; i++) {
		struct conn c;

		TRY(conn_get(
		    r->cx, r->db, r->who.user_id, conn_found_nth(&found, (size_t)i)->id, &c));
		TRY(page_conn_model(r, &c, &o));
		if (how->each)
			TRY(how->each(r, &c, o));
		json_add(list, o);
	}
	db_read_end(r->db);
	json_set(model, "connections", list);
	list_words_of(r, how, &found, page, model);
	return RC_OK;
}
