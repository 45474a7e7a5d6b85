/*
 * people_search.c - people found by the beginning of a word of theirs. The service looks in a cache
 * of its own, which only a request with an empty query brings level: what was written since the
 * last one is not found, and without any nobody is. people_search_lag: how many searches after such
 * a request still see what was there before.
 */
#include "fake/google/people.h"

#include "base/fold.h"

enum { FOUND_USUAL = 10, FOUND_MOST = 30 };

struct found {
	const struct person *p;
	struct person_state as;
};

struct people_cache {
	struct people_cache *next;
	const struct account *owner;
	struct found *v, *coming; /* coming: seen by the search after `lag` more */
	size_t n, n_coming;
	int64_t lag;
};

static struct people_cache *
cache_of(struct call *c)
{
	struct people *part = people_of(c->f);
	struct people_cache *k = part->caches;

	while (k && k->owner != c->who)
		k = k->next;
	if (k)
		return k;
	k = arena_alloc(c->f->a, sizeof *k);
	*k = (struct people_cache){ .next = part->caches, .owner = c->who };
	part->caches = k;
	return k;
}

static bool
cache_holds(const struct call *c, const struct person *p)
{
	return p->owner == c->who && !p->other && p->version && !p->seen.gone;
}

static void
cache_warm(struct call *c)
{
	struct people_cache *k = cache_of(c);
	size_t n = 0;

	people_settle(c->f);
	for (const struct person *p = people_of(c->f)->list; p; p = p->next)
		n += cache_holds(c, p);
	k->coming = arena_array(c->f->a, n + 1, sizeof *k->coming);
	k->n_coming = 0;
	k->lag = people_of(c->f)->search_lag;
	for (const struct person *p = people_of(c->f)->list; p; p = p->next)
		if (cache_holds(c, p))
			k->coming[k->n_coming++] = (struct found){ p, p->seen };
}

static const struct people_cache *
cache_search(struct call *c)
{
	struct people_cache *k = cache_of(c);

	if (k->coming && k->lag-- <= 0) {
		k->v = k->coming;
		k->n = k->n_coming;
		k->coming = NULL;
	}
	return k;
}

/* "foo name" is found by "f", "foo n" and "nam", and not by "oo n". */
static bool
search_text(struct arena *a, const char *text, struct str query)
{
	struct str rest = fold_case(a, str_c(text ? text : ""));

	while (rest.p && rest.n) {
		if (rest.n >= query.n && memcmp(rest.p, query.p, query.n) == 0)
			return true;
		str_cut(rest, ' ', &rest);
	}
	return false;
}

/* The fields that are looked in, and of them what; a name as it is shown. */
static const char *const searched[][2] = {
	{ "nicknames", "value" },
	{ "emailAddresses", "value" },
	{ "phoneNumbers", "value" },
	{ "organizations", "name" },
	{ "organizations", "title" },
};

static bool
search_person(struct arena *a, const json *content, struct str query)
{
	const json *names = json_at(content, "names");

	for (size_t i = 0; i < json_len(names); i++)
		if (search_text(a, person_called(a, json_nth(names, i)), query))
			return true;
	for (size_t f = 0; f < sizeof searched / sizeof *searched; f++) {
		const json *items = json_at(content, searched[f][0]);

		for (size_t i = 0; i < json_len(items); i++)
			if (search_text(a, json_str(json_nth(items, i), searched[f][1]), query))
				return true;
	}
	return false;
}

/* How many are asked for; over the most there are, that many. Less than 0: refused. */
static int64_t
search_size(struct call *c)
{
	const char *text = query_of(c, "pageSize");
	int64_t n = 0;

	if (text && !str_i64(str_c(text), 0, INT32_MAX, &n)) {
		refuse_argument(c, "Page size must be at least 0.");
		return -1;
	}
	n = n ? n : FOUND_USUAL;
	return n < FOUND_MOST ? n : FOUND_MOST;
}

static json *
search_results(struct call *c, struct str query, const char *fields, int64_t most)
{
	const struct people_cache *k = cache_search(c);
	json *list = json_list(c->a), *one;

	for (size_t i = 0; i < k->n && (int64_t)json_len(list) < most; i++) {
		if (!search_person(c->a, k->v[i].as.content, query))
			continue;
		one = json_new(c->a);
		json_set(one, "person", person_json(c, k->v[i].p, &k->v[i].as, fields, false));
		json_add(list, one);
	}
	return list;
}

void
people_search(struct call *c)
{
	const char *fields = query_of(c, "readMask"), *query = query_of(c, "query");
	json *top = json_new(c->a), *list;
	int64_t most;

	if (!people_mask(c, "readMask", fields, person_fields_known))
		return;
	most = search_size(c);
	if (most < 0)
		return;
	if (!query || !*query) {
		cache_warm(c);
		reply_json(c, 200, top);
		return;
	}
	list = search_results(c, fold_case(c->a, str_c(query)), fields, most);
	if (json_len(list))
		json_set(top, "results", list);
	reply_json(c, 200, top);
}
