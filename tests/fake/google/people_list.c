/*
 * people_list.c - lists of people: pages, tokens, and what has changed.
 *
 * The usual order is that in which changes were seen, and a page token names the last one that was
 * listed. So somebody who is changed while the pages are read comes again at the end; somebody who
 * is removed meanwhile is told by the sync token of the last page, which remembers where the first
 * one began.
 */
#include "fake/google/people.h"

#include <stdlib.h>

#include "base/clock.h"

enum { PEOPLE_USUAL = 100, PEOPLE_MOST = 1000, PEOPLE_TOKEN_DAYS = 7, BATCH_MOST = 200 };

/*
 * Tokens: kind, world, epoch, version, place, when the full read began, what must stay the same.
 */
static const char *
people_same(struct call *c)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < c->query.n; i++) {
		const struct param *q = &c->query.v[i];

		if (strcmp(q->name, "pageToken") == 0 || strcmp(q->name, "syncToken") == 0)
			continue;
		for (const char *p = q->name; *p; p++)
			h = (h ^ (unsigned char)*p) * 1099511628211u;
		for (const char *p = q->value; *p; p++)
			h = (h ^ (unsigned char)*p ^ 256) * 1099511628211u;
	}
	return arena_printf(c->a, "%llx", (unsigned long long)h);
}

enum { TOKEN_WORLD, TOKEN_EPOCH, TOKEN_AT, TOKEN_PLACE, TOKEN_FULL, TOKEN_NUMBERS };

static const char *
people_token(const struct people_ask *k, char kind, int64_t place)
{
	const struct people *part = people_of(k->c->f);

	return arena_printf(k->c->a, "%c.%lld.%lld.%lld.%lld.%lld.%s=", kind,
	    (long long)part->began, (long long)part->epoch, (long long)k->at, (long long)place,
	    (long long)k->full_at, k->same);
}

const char *
people_page_token(const struct people_ask *k, int64_t skip)
{
	return people_token(k, k->since ? 'D' : 'P', skip);
}

const char *
people_sync_token(const struct people_ask *k)
{
	return people_token(k, 'S', 0);
}

static bool
ask_numbers(const char *text, char kind, int64_t v[TOKEN_NUMBERS], struct str *same)
{
	struct str rest = str_c(text);

	if (rest.n < 3 || *rest.p != kind || !str_ends(rest, "="))
		return false;
	rest.n--;
	str_cut(rest, '.', &rest);
	for (int i = 0; i < TOKEN_NUMBERS; i++)
		if (!rest.p || !str_i64(str_cut(rest, '.', &rest), 0, INT64_MAX, &v[i]))
			return false;
	*same = rest;
	return rest.p != NULL;
}

static bool
ask_expired(struct call *c)
{
	refuse(c,
	    &(struct refusal){
		.status = 400,
		.word = "FAILED_PRECONDITION",
		.reason = "EXPIRED_SYNC_TOKEN",
		.message = "Sync token is expired. Clear local cache and retry call without the "
			   "sync token.",
	    });
	return false;
}

static bool
ask_sync(struct people_ask *k)
{
	const char *text = query_of(k->c, "syncToken");
	const struct people *part = people_of(k->c->f);
	const int64_t now = fake_now(k->c->f);
	int64_t v[TOKEN_NUMBERS];
	struct str same;

	k->full_at = now;
	if (!text)
		return true;
	if (!ask_numbers(text, 'S', v, &same) || v[TOKEN_WORLD] != part->began ||
	    v[TOKEN_EPOCH] != part->epoch || !str_is(same, k->same) ||
	    now - v[TOKEN_FULL] > PEOPLE_TOKEN_DAYS * DAY_MS)
		return ask_expired(k->c);
	k->since = v[TOKEN_AT];
	k->full_at = v[TOKEN_FULL];
	return true;
}

static bool
ask_page(struct people_ask *k)
{
	const char *text = query_of(k->c, "pageToken");
	const struct people *part = people_of(k->c->f);
	int64_t v[TOKEN_NUMBERS];
	struct str same;

	k->at = part->last_version;
	k->skip = k->since;
	if (!text)
		return true;
	if (!ask_numbers(text, k->since ? 'D' : 'P', v, &same) || v[TOKEN_WORLD] != part->began ||
	    !str_is(same, k->same)) {
		refuse_argument(k->c,
		    "Request contains an invalid argument: pageToken. All other parameters must "
		    "be those of the first call.");
		return false;
	}
	k->at = v[TOKEN_AT];
	k->skip = v[TOKEN_PLACE];
	k->full_at = v[TOKEN_FULL];
	return true;
}

bool
people_ask_read(struct call *c, int64_t usual, struct people_ask *k)
{
	const char *size = query_of(c, "pageSize");

	*k = (struct people_ask){ .c = c, .same = people_same(c), .limit = usual };
	if (size && !str_i64(str_c(size), 0, PEOPLE_MOST, &k->limit)) {
		refuse_argument(
		    c, "Page size must be between 1 and %d, inclusive.", (int)PEOPLE_MOST);
		return false;
	}
	k->limit = k->limit ? k->limit : usual;
	people_settle(c->f);
	return ask_sync(k) && ask_page(k);
}

/*
 * Lists.
 */
struct listed {
	const struct person **v;
	size_t n;
};

static int
listed_by_version(const void *x, const void *y)
{
	const struct person *a = *(const struct person *const *)x;
	const struct person *b = *(const struct person *const *)y;

	return (a->version > b->version) - (a->version < b->version);
}

static int
listed_by_name(const void *x, const void *y)
{
	const json *a = (*(const struct person *const *)x)->seen.content;
	const json *b = (*(const struct person *const *)y)->seen.content;
	const char *s = json_str(json_nth(json_at(a, "names"), 0), "givenName");
	const char *t = json_str(json_nth(json_at(b, "names"), 0), "givenName");

	return strcmp(s ? s : "", t ? t : "");
}

/* Is it told by who goes on in its place? Not by one that is gone, too. */
static bool
listed_hushed(const struct person *p)
{
	while (p->into && p->seen.gone && p->seen.hushed)
		p = p->into;
	return !p->seen.gone;
}

static bool
listed_fits(const struct people_ask *k, const struct person *p, bool other)
{
	if (p->owner != k->c->who || p->other != other || p->version <= k->since)
		return false;
	return p->seen.gone ? k->since > 0 && !listed_hushed(p) : true;
}

static struct listed
listed_of(const struct people_ask *k, bool other, bool by_name)
{
	struct listed l = { NULL, 0 };

	for (const struct person *p = people_of(k->c->f)->list; p; p = p->next)
		l.n += listed_fits(k, p, other);
	l.v = arena_array(k->c->a, l.n + 1, sizeof *l.v);
	l.n = 0;
	for (const struct person *p = people_of(k->c->f)->list; p; p = p->next)
		if (listed_fits(k, p, other))
			l.v[l.n++] = p;
	qsort(l.v, l.n, sizeof *l.v, by_name ? listed_by_name : listed_by_version);
	return l;
}

/* The first one that is not on an earlier page. */
static size_t
listed_from(const struct people_ask *k, const struct listed *l, bool by_name)
{
	size_t i = 0;

	if (by_name)
		return (size_t)k->skip < l->n ? (size_t)k->skip : l->n;
	while (i < l->n && l->v[i]->version <= k->skip)
		i++;
	return i;
}

static void
people_reply(const struct people_ask *k, bool other, const char *fields)
{
	struct call *c = k->c;
	const char *order = query_of(c, "sortOrder");
	const bool by_name = order && strstr(order, "NAME");
	const struct listed l = listed_of(k, other, by_name);
	size_t i = listed_from(k, &l, by_name), end = i + (size_t)k->limit;
	json *top = json_new(c->a), *items = json_list(c->a);

	end = end > l.n ? l.n : end;
	for (; i < end; i++)
		json_add(items, person_json(c, l.v[i], &l.v[i]->seen, fields, k->since > 0));
	if (json_len(items))
		json_set(top, other ? "otherContacts" : "connections", items);
	if (end < l.n)
		json_set_str(top, "nextPageToken",
		    people_page_token(k, by_name ? (int64_t)end : l.v[end - 1]->version));
	else if (query_flag(c, "requestSyncToken"))
		json_set_str(top, "nextSyncToken", people_sync_token(k));
	json_set_i64(top, other ? "totalSize" : "totalItems", (int64_t)l.n);
	if (!other)
		json_set_i64(top, "totalPeople", (int64_t)l.n);
	reply_json(c, 200, top);
}

void
people_connections(struct call *c)
{
	const char *order = query_of(c, "sortOrder");
	struct people_ask k;

	if (strcmp(c->part[0], "me") != 0) {
		refuse_argument(c, "Resource name must be people/me.");
		return;
	}
	if (!people_mask(c, "personFields", query_of(c, "personFields"), person_fields_known))
		return;
	if (order && strcmp(order, "LAST_MODIFIED_ASCENDING") != 0 &&
	    query_flag(c, "requestSyncToken")) {
		refuse_argument(
		    c, "Sync tokens are given in the order LAST_MODIFIED_ASCENDING only.");
		return;
	}
	if (people_ask_read(c, PEOPLE_USUAL, &k))
		people_reply(&k, false, query_of(c, "personFields"));
}

void
people_others(struct call *c)
{
	struct people_ask k;

	if (people_mask(c, "readMask", query_of(c, "readMask"), other_fields_known) &&
	    people_ask_read(c, PEOPLE_USUAL, &k))
		people_reply(&k, true, query_of(c, "readMask"));
}

/*
 * Single people.
 */
/* The caller as he sees himself. */
static json *
get_me(struct call *c, const char *fields)
{
	struct person me = { .owner = c->who, .name = "people/c0" };
	json *content = json_new(c->a), *one = json_new(c->a), *list = json_list(c->a);

	json_set_str(one, "unstructuredName", c->who->name);
	json_add(list, one);
	json_set(content, "names", list);
	me.name = arena_printf(c->a, "people/%s", c->who->sub);
	me.now.content = content;
	return person_json(c, &me, &me.now, fields, false);
}

static json *
get_one(struct call *c, const char *name, const char *fields)
{
	const struct person *p;

	if (strcmp(name, "people/me") == 0)
		return get_me(c, fields);
	p = person_by(c->f, c->who, name);
	return p && !p->now.gone ? person_json(c, p, &p->now, fields, false) : NULL;
}

void
people_get(struct call *c)
{
	const char *fields = query_of(c, "personFields");
	json *one;

	if (!people_mask(c, "personFields", fields, person_fields_known))
		return;
	one = get_one(c, arena_printf(c->a, "people/%s", c->part[0]), fields);
	if (one)
		reply_json(c, 200, one);
	else
		refuse(c,
		    &(struct refusal){
			.status = 404,
			.reason = "notFound",
			.message = "Requested entity was not found.",
		    });
}

static json *
get_response(struct call *c, const char *name, const char *fields)
{
	json *r = json_new(c->a), *status = json_new(c->a);
	json *one = get_one(c, name, fields);

	json_set_str(r, "requestedResourceName", name);
	json_set_i64(r, "httpStatusCode", one ? 200 : 404);
	json_set_i64(status, "code", one ? 0 : 5);
	if (!one)
		json_set_str(status, "message", "Requested entity was not found.");
	json_set(r, "status", status);
	if (one)
		json_set(r, "person", one);
	return r;
}

void
people_batch_get(struct call *c)
{
	const char *fields = query_of(c, "personFields");
	json *top = json_new(c->a), *list = json_list(c->a);

	if (!people_mask(c, "personFields", fields, person_fields_known))
		return;
	for (size_t i = 0; i < c->query.n; i++)
		if (strcmp(c->query.v[i].name, "resourceNames") == 0)
			json_add(list, get_response(c, c->query.v[i].value, fields));
	if (json_len(list) == 0 || json_len(list) > BATCH_MOST) {
		refuse_argument(c, "Between 1 and %d resource names must be given.", BATCH_MOST);
		return;
	}
	json_set(top, "responses", list);
	reply_json(c, 200, top);
}
