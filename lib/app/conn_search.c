/*
 * conn_search.c - see conn_search.h. Each connection gets a key to be sorted by; a cursor is the
 * key of the last one shown, so that a page goes on at the right place even when that connection
 * has gone.
 */
#include "app/conn_search.h"

#include <stdlib.h>

#include "base/hash.h"
#include "kind/kind.h"

/* A connection that was chosen, and what it is sorted by. */
struct hit {
	struct conn_brief c;
	int64_t num;
	const char *text;
	int sign; /* -1: the other way round */
};

static const char *
search_folded(struct arena *a, const char *text)
{
	char *out = arena_dup(a, text);

	for (char *p = out; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p | 32 : *p);
	return out;
}

static int64_t
key_nothing(const struct conn_brief *c)
{
	(void)c;
	return 0;
}

/* The order of the first page; those that are well stay together. */
static int64_t
key_state(const struct conn_brief *c)
{
	enum state s = conn_state_of(c->health, c->enabled, c->active);

	return s < STATE_ACTIVE ? s : STATE_ACTIVE;
}

/* What is never read comes last. */
static int64_t
key_next(const struct conn_brief *c)
{
	return c->next_poll_at ? c->next_poll_at : INT64_MAX;
}

static int64_t
key_fresh(const struct conn_brief *c)
{
	return c->last_success_at;
}

static int64_t
key_records(const struct conn_brief *c)
{
	return c->records;
}

static const struct sort {
	const char *word;
	int64_t (*num)(const struct conn_brief *);
	bool by_name;
} sorts[] = {
	{ "created", key_nothing, false },
	{ "name", key_nothing, true },
	{ "state", key_state, false },
	{ "next", key_next, false },
	{ "fresh", key_fresh, false },
	{ "records", key_records, false },
};

static enum rc
sort_of(struct ctx *cx, const char *word, const struct sort **sort, int *sign)
{
	if (!word || !*word)
		word = sorts->word;
	*sign = *word == '-' ? -1 : 1;
	word += *word == '-';
	for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++)
		if (!strcmp(sorts[i].word, word)) {
			*sort = &sorts[i];
			return RC_OK;
		}
	return fail_input(cx, "sort",
	    "sort is one of created, name, state, next, fresh, records, or one of these with a "
	    "\"-\" in front for the other way round.");
}

static enum rc
wish_ok(struct ctx *cx, const struct conn_wish *wish)
{
	int s = 0;

	if (wish->provider && *wish->provider && !kind_find(wish->provider))
		return fail_input(cx, "provider",
		    "There is no such kind of source; GET /api/providers lists them.");
	if (!wish->status || !*wish->status)
		return RC_OK;
	while (s < STATE__MAX && strcmp(conn_states[s].word, wish->status))
		s++;
	return s < STATE__MAX
	    ? RC_OK
	    : fail_input(
		  cx, "status", "status is one of attention, syncing, retrying, active, manual.");
}

/* Is each of the words in the text? Both are folded. */
static bool
has_words(struct arena *a, const char *text, struct str words)
{
	while (words.p && words.n) {
		struct str one = str_cut(words, ' ', &words);

		if (one.n && !strstr(text, arena_dup_str(a, one)))
			return false;
	}
	return true;
}

static bool
is_wished(struct arena *a, const struct conn_brief *c, const struct conn_wish *wish)
{
	const struct kind *kind = kind_find(c->provider);
	const enum state state = conn_state_of(c->health, c->enabled, c->active);

	if (wish->provider && *wish->provider && strcmp(wish->provider, c->provider))
		return false;
	if (wish->status && *wish->status && strcmp(wish->status, conn_states[state].word))
		return false;
	return !wish->words || !*wish->words ||
	    has_words(a,
		search_folded(
		    a, arena_printf(a, "%s %s", c->name, kind ? kind->title : c->provider)),
		str_c(search_folded(a, wish->words)));
}

/* Ids are in order of making, so that no two are equal. */
static int
hit_order(const void *one, const void *other)
{
	const struct hit *a = one, *b = other;
	int by = strcmp(a->text, b->text);

	if (a->num != b->num)
		by = a->num < b->num ? -1 : 1;
	else if (!by)
		by = strcmp(a->c.id, b->c.id);
	return by * a->sign;
}

static const char *
hit_cursor(struct arena *a, const struct hit *h)
{
	return base64url_encode(
	    a, str_c(arena_printf(a, "%lld %s %s", (long long)h->num, h->c.id, h->text)));
}

/* The place that a cursor names, whether or not its connection is still there. */
static enum rc
hit_place(struct ctx *cx, const char *cursor, int sign, struct hit *out)
{
	struct str text, rest, num;

	*out = (struct hit){ .text = "", .sign = sign };
	if (!base64url_decode(cx->a, str_c(cursor), &text) || memchr(text.p, 0, text.n))
		return fail_input(cx, "cursor", "The cursor is not one that this list gave.");
	num = str_cut(text, ' ', &rest);
	if (!rest.p || !str_i64(num, INT64_MIN, INT64_MAX, &out->num))
		return fail_input(cx, "cursor", "The cursor is not one that this list gave.");
	out->c.id = arena_dup_str(cx->a, str_cut(rest, ' ', &rest));
	out->text = arena_dup_str(cx->a, rest);
	return RC_OK;
}

static void
found_count(struct conn_found *out, const struct conn_briefs *all)
{
	out->all = (int64_t)all->n;
	for (size_t i = 0; i < all->n; i++) {
		const struct conn_brief *c = &all->v[i];

		out->count[conn_state_of(c->health, c->enabled, c->active)]++;
		out->records += c->records;
	}
}

/* Those that are wished, each with its key. */
static size_t
found_choose(struct arena *a, const struct conn_briefs *all, const struct conn_wish *wish,
    const struct sort *sort, int sign, struct hit *hits)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct conn_brief *c = &all->v[i];

		if (is_wished(a, c, wish))
			hits[n++] = (struct hit){
				.c = *c,
				.num = sort->num(c),
				.text = sort->by_name ? search_folded(a, c->name) : "",
				.sign = sign,
			};
	}
	return n;
}

enum rc
conn_search(struct ctx *cx, struct db *db, const char *owner, const struct conn_wish *wish,
    struct conn_found *out)
{
	const struct sort *sort;
	struct conn_briefs all;
	struct hit *hits, place;
	size_t n, from = 0;
	int sign;

	*out = (struct conn_found){ 0 };
	TRY(wish_ok(cx, wish));
	TRY(sort_of(cx, wish->sort, &sort, &sign));
	TRY(conn_briefs(cx, db, owner, &all));
	found_count(out, &all);
	hits = arena_array(cx->a, all.n + 1, sizeof *hits);
	n = found_choose(cx->a, &all, wish, sort, sign, hits);
	qsort(hits, n, sizeof *hits, hit_order);
	if (wish->after && *wish->after) {
		TRY(hit_place(cx, wish->after, sign, &place));
		while (from < n && hit_order(&hits[from], &place) <= 0)
			from++;
	}
	out->chosen = (int64_t)n;
	out->hits = hits + from;
	out->n = n - from;
	return RC_OK;
}

const struct conn_brief *
conn_found_nth(const struct conn_found *f, size_t i)
{
	return &f->hits[i].c;
}

const char *
conn_found_next(struct arena *a, const struct conn_found *f, size_t i)
{
	return i + 1 < f->n ? hit_cursor(a, &f->hits[i]) : NULL;
}
