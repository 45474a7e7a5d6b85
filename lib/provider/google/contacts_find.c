/*
 * contacts_find.c - single people of an address book, to choose from: those who are chosen already,
 * by their names, and those whom a word finds. Google looks for them in a cache of its own: it asks
 * for a request with an empty query before a search, and for a pause between the two
 * (developers.google.com, "Search the user's contacts"). So nobody found is asked again a little
 * later, before it is believed.
 */
#include "provider/google/contacts.h"

#include "base/clock.h"
#include "provider/google/api.h"

enum { FOUND_MOST = 30, NAMES_MOST = 200, NAMES_BYTES = 9000, NAME_MOST = 64 };

#define FIND_MASK "names,nicknames,emailAddresses,phoneNumbers,organizations"

static const int pauses_ms[] = { 500, 1500 };
enum { PAUSES = sizeof pauses_ms / sizeof *pauses_ms };

/* --- one person --- */

static const char *
find_text(const json *person, const char *field, const char *member)
{
	const char *text = json_str(gcontacts_item(person, field), member);

	return text && *text ? text : NULL;
}

/* What a person is called by, the best first; what comes behind it is shown beside it. */
static json *
find_choice(struct arena *a, const char *id, const json *person)
{
	static const char *const told[][2] = { { "names", "displayName" }, { "nicknames", "value" },
		{ "emailAddresses", "value" }, { "phoneNumbers", "value" },
		{ "organizations", "name" } };
	enum { TOLD = sizeof told / sizeof *told, REACH = 2 };
	const char *title = NULL, *detail = NULL;
	json *o = json_new(a);
	size_t i;

	for (i = 0; i < TOLD && !title; i++)
		title = find_text(person, told[i][0], told[i][1]);
	for (i = i < REACH ? REACH : i; i < TOLD && !detail; i++)
		detail = find_text(person, told[i][0], told[i][1]);
	json_set_str(o, "id", id);
	json_set_str(o, "title", title ? title : "Somebody without a name");
	json_set_str(o, "detail", detail);
	json_set_bool(o, "gone", false);
	json_set_bool(o, "found", false);
	return o;
}

static json *
find_gone(struct arena *a, const char *id)
{
	json *o = json_new(a);

	json_set_str(o, "id", id);
	json_set_str(o, "title", "Somebody who is gone");
	json_set_str(o, "detail", id);
	json_set_bool(o, "gone", true);
	json_set_bool(o, "found", false);
	return o;
}

static json *
find_in(const json *list, const char *id)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (!strcmp(json_str(json_nth(list, i), "id"), id))
			return json_nth(list, i);
	return NULL;
}

/* --- who is chosen --- */

/* Could it be a name of Google's? Whoever is called otherwise is not there. */
static bool
find_name(const char *id)
{
	size_t n;

	if (!id || !str_starts(str_c(id), "people/"))
		return false;
	id += sizeof "people/" - 1;
	n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
	return n && n <= NAME_MOST && !id[n];
}

/* Of the names from *i on, as many as one call may ask for and an address has room for: {their
 * names: what Google has of them}. */
static enum rc
find_persons(struct ctx *cx, const struct source *src, const json *names, size_t *i, json *persons)
{
	struct buf *b = buf_in(cx->a, 64 * 1024);
	struct rest_call call;
	struct rest_reply reply;
	const json *list;
	int calls = 0, n = 0;

	buf_str(b, "/v1/people:batchGet?sources=READ_SOURCE_TYPE_CONTACT&personFields=" FIND_MASK);
	for (; *i < json_len(names) && n < NAMES_MOST && b->n < NAMES_BYTES; ++*i) {
		const char *id = json_value_str(json_nth(names, *i));

		if (!find_name(id))
			continue;
		gcontacts_param(b, "resourceNames", id);
		n++;
	}
	if (!n)
		return RC_OK;
	call = gcontacts_call(buf_c(b));
	TRY(rest_call(cx, src->remote, &call, &calls, &reply));
	list = json_at(reply.value, "responses");
	for (size_t k = 0; k < json_len(list); k++) {
		const json *one = json_nth(list, k);
		const char *id = json_str(one, "requestedResourceName");

		if (id && json_at(one, "person"))
			json_set(persons, id, json_at(one, "person"));
	}
	return RC_OK;
}

static enum rc
find_chosen(struct ctx *cx, const struct source *src, json *people)
{
	const json *names = json_at(src->config, "people");
	json *persons = json_new(cx->a);

	for (size_t i = 0; i < json_len(names);)
		TRY(find_persons(cx, src, names, &i, persons));
	for (size_t i = 0; i < json_len(names); i++) {
		const char *id = json_value_str(json_nth(names, i));
		const json *person = json_at(persons, id);

		if (!find_in(people, id))
			json_add(
			    people, person ? find_choice(cx->a, id, person) : find_gone(cx->a, id));
	}
	return RC_OK;
}

/* --- who is found --- */

static enum rc
find_ask(struct ctx *cx, const struct source *src, const char *word, json **results)
{
	struct buf *b = buf_in(cx->a, 16 * 1024);
	struct rest_call call;
	struct rest_reply reply;
	int calls = 0;

	buf_printf(b,
	    "/v1/people:searchContacts?sources=READ_SOURCE_TYPE_CONTACT&pageSize=%d&"
	    "readMask=" FIND_MASK,
	    FOUND_MOST);
	gcontacts_param(b, "query", word);
	call = gcontacts_call(buf_c(b));
	TRY(rest_call(cx, src->remote, &call, &calls, &reply));
	*results = json_at(reply.value, "results");
	return RC_OK;
}

static enum rc
find_search(struct ctx *cx, const struct source *src, json **results)
{
	TRY(find_ask(cx, src, "", results));
	TRY(find_ask(cx, src, src->search, results));
	for (size_t i = 0; i < PAUSES && !json_len(*results); i++) {
		clock_sleep_ms(pauses_ms[i]);
		TRY(find_ask(cx, src, src->search, results));
	}
	return RC_OK;
}

static const char *
find_said(struct arena *a, size_t n)
{
	if (n == 0)
		return "Nobody is called that.";
	if (n == 1)
		return "1 person is found.";
	if (n < FOUND_MOST)
		return arena_printf(a, "%zu people are found.", n);
	return arena_printf(a,
	    "These are the first %zu who are found; there may be more. Write more of the name.", n);
}

static enum rc
find_add(struct ctx *cx, const struct source *src, json *people, json *choices)
{
	json *results, *search = json_new(cx->a);

	TRY(find_search(cx, src, &results));
	for (size_t i = 0; i < json_len(results); i++) {
		const json *person = json_at(json_nth(results, i), "person");
		const char *id = json_str(person, "resourceName");

		if (id && !find_in(people, id))
			json_add(people, find_choice(cx->a, id, person));
		if (id)
			json_set_bool(find_in(people, id), "found", true);
	}
	json_set_str(search, "word", src->search);
	json_set_i64(search, "found", (int64_t)json_len(results));
	json_set_bool(search, "more", json_len(results) >= FOUND_MOST);
	json_set_str(search, "message", find_said(cx->a, json_len(results)));
	json_set(choices, "search", search);
	return RC_OK;
}

enum rc
gcontacts_find(struct ctx *cx, const struct source *src, json *choices)
{
	json *people = json_list(cx->a);

	TRY(find_chosen(cx, src, people));
	if (src->search)
		TRY(find_add(cx, src, people, choices));
	json_set(choices, "people", people);
	return RC_OK;
}
