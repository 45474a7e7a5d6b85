/* The stand-in's address books: people, labels, what has changed by tokens, merges. */
#include "unit/fake_fixture.h"

#define L "/v1/people/me/connections?personFields=names,metadata&requestSyncToken=true"

static void
person(const char *id, const char *members)
{
	control(arena_printf(
	    cx.a, "{\"person\": {\"id\": \"people/%s\", \"content\": {%s}}}", id, members));
}

static void
named(const char *id, const char *name)
{
	person(id, arena_printf(cx.a, "\"names\": [{\"givenName\": \"%s\"}]", name));
}

/* The ids of a list, "c1 c2-": - for one that is deleted, <c0 for what it was before. */
static const char *
listed(const char *target)
{
	struct buf *b = buf_in(cx.a, 100000);

	if (ask("GET", target, NULL) != 200)
		return arena_printf(cx.a, "%d %s", rep.status, text_at("error.details.0.reason"));
	for (size_t i = 0; i < json_len(at("connections")); i++) {
		const json *p = json_nth(at("connections"), i), *m = json_at(p, "metadata");
		const json *before = json_at(m, "previousResourceNames");

		buf_printf(b, "%s%s%s", i ? " " : "", json_str(p, "resourceName") + 7,
		    json_flag(m, "deleted", false) ? "-" : "");
		for (size_t k = 0; k < json_len(before); k++)
			buf_printf(b, "<%s", json_value_str(json_nth(before, k)) + 7);
	}
	return buf_c(b);
}

static const char *
token(void)
{
	struct buf *b = buf_in(cx.a, 1000);

	url_encode(b, text_at("nextSyncToken"));
	return arena_printf(cx.a, L "&syncToken=%s", buf_c(b));
}

static void
a_person_is_told_as_google_tells_it(void **state)
{
	(void)state;
	person("c1",
	    "\"names\": [{\"givenName\": \"Ada\", \"familyName\": \"Martens\"}], "
	    "\"emailAddresses\": [{\"value\": \"a@x\", \"type\": \"home\"}, {\"value\": \"b@x\"}], "
	    "\"phoneNumbers\": [{\"value\": \"+49 30 55\"}, {\"value\": \"030 55\"}], "
	    "\"birthdays\": [{\"date\": {\"month\": 7, \"day\": 30}}]");
	assert_int_equal(ask("GET",
			     "/v1/people/c1?personFields=names,emailAddresses,phoneNumbers,"
			     "birthdays,memberships,photos,metadata,addresses",
			     NULL),
	    200);
	assert_string_equal(text_at("resourceName"), "people/c1");
	assert_string_equal(text_at("names.0.displayName"), "Ada Martens");
	assert_string_equal(json_of("emailAddresses.0.metadata"),
	    "{\"primary\":true,\"source\":{\"type\":\"CONTACT\",\"id\":\"1\"}}");
	assert_null(at("emailAddresses.1.metadata.primary"));
	assert_string_equal(text_at("phoneNumbers.0.canonicalForm"), "+493055");
	assert_null(at("phoneNumbers.1.canonicalForm"));
	assert_string_equal(json_of("birthdays.0.date"), "{\"month\":7,\"day\":30}");
	assert_string_equal(
	    text_at("memberships.0.contactGroupMembership.contactGroupResourceName"),
	    "contactGroups/myContacts");
	assert_string_equal(json_of("photos.0.default"), "true");
	assert_string_equal(text_at("metadata.sources.0.type"), "CONTACT");
	assert_null(at("addresses"));
	assert_int_equal(ask("GET", "/v1/people/me?personFields=names", NULL), 200);
	assert_string_equal(text_at("names.0.displayName"), "Olga Owner");
}

static void
what_cannot_be_asked_for_is_refused(void **state)
{
	static const struct {
		const char *method, *target, *body;
		int status;
	} rows[] = {
		{ "GET", "/v1/people/me/connections", NULL, 400 },
		{ "GET", "/v1/people/me/connections?personFields=names,colour", NULL, 400 },
		{ "GET", "/v1/people/me/connections?personFields=names&pageSize=2000", NULL, 400 },
		{ "GET", "/v1/people/c1/connections?personFields=names", NULL, 400 },
		{ "GET", L "&sortOrder=FIRST_NAME_ASCENDING", NULL, 400 },
		{ "GET", L "&colour=red", NULL, 400 },
		{ "GET", "/v1/people/nobody?personFields=names", NULL, 404 },
		{ "GET", "/v1/otherContacts?readMask=addresses", NULL, 400 },
		{ "POST", "/v1/people:createContact", "{\"names\": [{}, {}]}", 400 },
		{ "POST", "/v1/people:createContact", "{\"name\": \"Ada\"}", 400 },
		{ "PATCH", "/v1/people/c1:updateContact?updatePersonFields=names", "{}", 400 },
		{ "PATCH", "/v1/people/c1:updateContact",
		    "{\"etag\": \"x\", \"metadata\": {\"sources\": [{\"type\": \"CONTACT\"}]}}",
		    400 },
		{ "DELETE", "/v1/people/nobody:deleteContact", NULL, 404 },
		{ "POST", "/v1/contactGroups", "{\"contactGroup\": {}}", 400 },
		{ "PUT", "/v1/contactGroups/friends", "{\"contactGroup\": {\"name\": \"x\"}}",
		    400 },
		{ "POST", "/v1/contactGroups/friends/members:modify",
		    "{\"resourceNamesToAdd\": [\"people/c1\"]}", 400 },
		{ "POST", "/v1/contactGroups/starred/members:modify", "{}", 400 },
	};

	(void)state;
	named("c1", "Ada");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (ask(rows[i].method, rows[i].target, rows[i].body) != rows[i].status)
			flunk("%s %s: %d %s", rows[i].method, rows[i].target, rep.status,
			    buf_c(rep.body));
}

static void
pages_go_on_where_the_one_before_ended_and_only_the_last_has_a_token(void **state)
{
	(void)state;
	for (int i = 1; i <= 5; i++)
		named(arena_printf(cx.a, "c%d", i), "x");
	assert_string_equal(listed(L "&pageSize=2"), "c1 c2");
	assert_string_equal(json_of("totalItems"), "5");
	assert_null(at("nextSyncToken"));
	const char *page = text_at("nextPageToken");
	/* One that is changed meanwhile comes again at the end; one that is new, too. */
	named("c1", "y");
	named("c6", "x");
	assert_string_equal(
	    listed(arena_printf(cx.a, L "&pageSize=2&pageToken=%s", page)), "c3 c4");
	page = text_at("nextPageToken");
	assert_string_equal(
	    listed(arena_printf(cx.a, L "&pageSize=3&pageToken=%s", page)), "400 (nothing)");
	assert_string_equal(
	    listed(arena_printf(cx.a, L "&pageSize=2&pageToken=%s", page)), "c5 c1");
	page = text_at("nextPageToken");
	assert_string_equal(listed(arena_printf(cx.a, L "&pageSize=2&pageToken=%s", page)), "c6");
	/* And what has changed since the first page is told once more. */
	page = text_at("nextSyncToken");
	assert_string_equal(
	    listed(arena_printf(cx.a, L "&pageSize=2&syncToken=%s", page)), "c1 c6");
	ask("GET", "/v1/people/me/connections?personFields=names", NULL);
	assert_null(at("nextSyncToken"));
	assert_string_equal(json_of("totalItems"), "6");
}

static void
a_token_tells_what_has_changed_since(void **state)
{
	const char *since;

	(void)state;
	named("c1", "Ada");
	named("c2", "Bruno");
	named("c3", "Chiara");
	named("c4", "Dmitri");
	assert_string_equal(listed(L), "c1 c2 c3 c4");
	since = token();
	assert_string_equal(listed(since), "");
	assert_null(at("connections"));
	named("c2", "Bruno O.");
	assert_int_equal(ask("DELETE", "/v1/people/c1:deleteContact", NULL), 200);
	control("{\"merge_people\": {\"into\": \"people/c3\", \"from\": [\"people/c4\"]}}");
	assert_string_equal(listed(since), "c2 c1- c4- c3<c4");
	assert_string_equal(json_of("connections.1.metadata.deleted"), "true");
	assert_null(at("connections.1.names"));
	assert_string_equal(listed(token()), "");
	assert_string_equal(listed(L), "c2 c3");
	/* The survivor under another name, and nobody told as deleted. */
	since = token();
	control("{\"merge_people\": {\"into\": \"people/c3\", \"from\": [\"people/c2\"], \"as\": "
		"\"people/c9\", \"hushed\": true}}");
	assert_string_equal(listed(since), "c9<c2<c4<c3");
	assert_string_equal(listed(L), "c9");
}

static void
a_token_ends_seven_days_after_the_full_read_and_with_other_parameters(void **state)
{
	const char *since;

	(void)state;
	named("c1", "Ada");
	listed(L);
	since = token();
	control("{\"clock\": {\"advance_ms\": 500000000}}");
	assert_string_equal(listed(since), "");
	/* The chain began with the full read. */
	since = token();
	control("{\"clock\": {\"advance_ms\": 104800000}}");
	assert_string_equal(listed(since), "");
	control("{\"clock\": {\"advance_ms\": 1000}}");
	assert_string_equal(listed(since), "400 EXPIRED_SYNC_TOKEN");
	assert_string_equal(text_at("error.status"), "FAILED_PRECONDITION");
	listed(L);
	since = token();
	assert_string_equal(
	    listed(arena_printf(cx.a, "%s&sources=READ_SOURCE_TYPE_CONTACT", since)),
	    "400 EXPIRED_SYNC_TOKEN");
	assert_string_equal(listed(since), "");
	control("{\"people_tokens\": true}");
	assert_string_equal(listed(since), "400 EXPIRED_SYNC_TOKEN");
}

static void
what_is_written_comes_late_into_lists(void **state)
{
	const char *since;

	(void)state;
	named("c1", "Ada");
	listed(L);
	since = token();
	control("{\"people_delay_ms\": 60000}");
	named("c1", "Ada M.");
	named("c2", "Bruno");
	assert_string_equal(listed(since), "");
	assert_string_equal(listed(L), "c1");
	assert_string_equal(text_at("connections.0.names.0.givenName"), "Ada");
	ask("GET", "/v1/people/c1?personFields=names", NULL);
	assert_string_equal(text_at("names.0.givenName"), "Ada M.");
	control("{\"clock\": {\"advance_ms\": 60000}}");
	assert_string_equal(listed(since), "c1 c2");
	assert_string_equal(text_at("connections.0.names.0.givenName"), "Ada M.");
}

static void
a_person_is_made_and_changed_by_who_has_seen_it(void **state)
{
	const char *name, *old;

	(void)state;
	assert_int_equal(ask("POST", "/v1/people:createContact?personFields=names,memberships",
			     "{\"names\": [{\"givenName\": \"Ada\"}], \"emailAddresses\": "
			     "[{\"value\": \"a@x\"}]}"),
	    200);
	name = text_at("resourceName");
	old = text_at("etag");
	assert_string_equal(
	    text_at("memberships.0.contactGroupMembership.contactGroupId"), "myContacts");
	const char *update = arena_printf(cx.a,
	    "/v1/%s:updateContact?updatePersonFields=names&personFields=names,emailAddresses",
	    name);
	const char *body = arena_printf(cx.a,
	    "{\"etag\": \"%s\", \"metadata\": {\"sources\": [{\"type\": \"CONTACT\"}]}, \"names\": "
	    "[{\"givenName\": \"Eve\"}]}",
	    old);
	assert_int_equal(ask("PATCH", update, body), 200);
	assert_string_equal(text_at("names.0.displayName"), "Eve");
	assert_string_equal(text_at("emailAddresses.0.value"), "a@x");
	assert_int_equal(ask("PATCH", update, body), 400);
	assert_string_equal(text_at("error.status"), "FAILED_PRECONDITION");
	assert_memory_equal(text_at("error.message"), "Request person.etag is different", 32);
	assert_int_equal(
	    ask("DELETE", arena_printf(cx.a, "/v1/%s:deleteContact", name), NULL), 200);
	assert_int_equal(
	    ask("DELETE", arena_printf(cx.a, "/v1/%s:deleteContact", name), NULL), 404);
}

static void
labels_are_made_once_and_put_on_people(void **state)
{
	const char *id;

	(void)state;
	named("c1", "Ada");
	assert_int_equal(
	    ask("POST", "/v1/contactGroups", "{\"contactGroup\": {\"name\": \"Tea\"}}"), 200);
	id = text_at("resourceName");
	assert_int_equal(
	    ask("POST", "/v1/contactGroups", "{\"contactGroup\": {\"name\": \"Tea\"}}"), 409);
	assert_string_equal(text_at("error.status"), "ALREADY_EXISTS");
	const char *modify = arena_printf(cx.a, "/v1/%s/members:modify", id);
	assert_int_equal(
	    ask("POST", modify, "{\"resourceNamesToAdd\": [\"people/c1\", \"people/c2\"]}"), 200);
	assert_string_equal(buf_c(rep.body), "{\"notFoundResourceNames\":[\"people/c2\"]}");
	assert_int_equal(ask("GET", arena_printf(cx.a, "/v1/%s?maxMembers=5", id), NULL), 200);
	assert_string_equal(json_of("memberResourceNames"), "[\"people/c1\"]");
	assert_string_equal(json_of("memberCount"), "1");
	assert_int_equal(ask("PUT", arena_printf(cx.a, "/v1/%s", id),
			     "{\"contactGroup\": {\"name\": \"Green tea\"}}"),
	    200);
	ask("POST", "/v1/contactGroups/myContacts/members:modify",
	    "{\"resourceNamesToRemove\": [\"people/c1\"]}");
	ask("POST", modify, "{\"resourceNamesToRemove\": [\"people/c1\"]}");
	assert_string_equal(
	    json_of("canNotRemoveLastContactGroupResourceNames"), "[\"people/c1\"]");
	assert_int_equal(ask("DELETE", arena_printf(cx.a, "/v1/%s", id), NULL), 200);
	ask("GET", "/v1/people/c1?personFields=memberships", NULL);
	assert_string_equal(
	    text_at("memberships.0.contactGroupMembership.contactGroupId"), "myContacts");
}

static void
labels_are_listed_with_what_has_changed(void **state)
{
	const char *since;

	(void)state;
	named("c1", "Ada");
	ask("POST", "/v1/contactGroups", "{\"contactGroup\": {\"name\": \"Tea\"}}");
	assert_int_equal(ask("GET", "/v1/contactGroups?pageSize=8", NULL), 200);
	assert_int_equal(json_len(at("contactGroups")), 8);
	assert_string_equal(text_at("contactGroups.0.formattedName"), "My Contacts");
	assert_null(at("nextSyncToken"));
	ask("GET",
	    arena_printf(
		cx.a, "/v1/contactGroups?pageSize=8&pageToken=%s", text_at("nextPageToken")),
	    NULL);
	assert_string_equal(text_at("contactGroups.0.name"), "Tea");
	since = arena_printf(
	    cx.a, "/v1/contactGroups?pageSize=8&syncToken=%s", text_at("nextSyncToken"));
	ask("DELETE", arena_printf(cx.a, "/v1/%s", text_at("contactGroups.0.resourceName")), NULL);
	ask("GET", since, NULL);
	assert_string_equal(json_of("contactGroups.0.metadata.deleted"), "true");
	control("{\"clock\": {\"advance_ms\": 604801000}}");
	assert_int_equal(ask("GET", since, NULL), 400);
	assert_string_equal(text_at("error.details.0.reason"), "EXPIRED_SYNC_TOKEN");
}

static void
other_contacts_are_a_list_of_their_own(void **state)
{
	(void)state;
	named("c1", "Ada");
	control("{\"person\": {\"id\": \"otherContacts/c5\", \"content\": {\"emailAddresses\": "
		"[{\"value\": \"x@y\"}]}}}");
	assert_string_equal(listed(L), "c1");
	assert_int_equal(
	    ask("GET", "/v1/otherContacts?readMask=emailAddresses,metadata", NULL), 200);
	assert_string_equal(text_at("otherContacts.0.resourceName"), "otherContacts/c5");
	assert_string_equal(json_of("totalSize"), "1");
	assert_int_equal(ask("POST", "/v1/otherContacts/c5:copyOtherContactToMyContactsGroup",
			     "{\"copyMask\": \"names,emailAddresses\"}"),
	    200);
	ask("GET", L, NULL);
	assert_int_equal(json_len(at("connections")), 2);
}

static void
address_books_are_apart_and_scopes_and_quotas_hold(void **state)
{
	(void)state;
	named("c1", "Ada");
	control("{\"account\": {\"email\": \"b@example.com\"}, \"token\": {\"value\": \"b\", "
		"\"email\": \"b@example.com\"}}");
	bearer = "b";
	assert_string_equal(listed(L), "");
	assert_int_equal(ask("GET", "/v1/people/c1?personFields=names", NULL), 404);
	control("{\"token\": {\"value\": \"r\", \"email\": \"" OWNER "\", \"scope\": "
		"\"https://www.googleapis.com/auth/contacts.readonly\"}}");
	bearer = "r";
	assert_string_equal(listed(L), "c1");
	assert_int_equal(ask("POST", "/v1/people:createContact", "{}"), 403);
	assert_string_equal(text_at("error.details.0.reason"), "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
	assert_int_equal(ask("GET", "/v1/otherContacts?readMask=names", NULL), 403);
	control("{\"reset\": true, \"quota\": {\"people\": {\"user\": 1}}}");
	assert_string_equal(listed(L), "c1");
	assert_int_equal(ask("GET", L, NULL), 429);
	assert_string_equal(text_at("error.status"), "RESOURCE_EXHAUSTED");
	control("{\"reset\": true, \"faults\": [{\"kind\": \"EXPIRED_SYNC_TOKEN\"}]}");
	assert_string_equal(listed(L), "400 EXPIRED_SYNC_TOKEN");
}

static void
several_are_read_and_removed_at_once(void **state)
{
	(void)state;
	named("c1", "Ada");
	named("c2", "Bruno");
	assert_int_equal(ask("GET",
			     "/v1/people:batchGet?personFields=names&resourceNames=people/c1"
			     "&resourceNames=people/c7",
			     NULL),
	    200);
	assert_string_equal(text_at("responses.0.person.names.0.givenName"), "Ada");
	assert_string_equal(json_of("responses.1.httpStatusCode"), "404");
	assert_int_equal(
	    ask("POST", "/v1/people:batchDeleteContacts", "{\"resourceNames\": [\"people/c1\"]}"),
	    200);
	assert_string_equal(listed(L), "c2");
}

/* The ids of who is found. */
static const char *
found(const char *query)
{
	struct buf *b = buf_in(cx.a, 10000);
	int status;

	buf_str(b, "/v1/people:searchContacts?readMask=names&pageSize=50&query=");
	url_encode(b, query);
	status = ask("GET", buf_c(b), NULL);
	if (status != 200)
		return arena_printf(cx.a, "%d %s", status, text_at("error.status"));
	buf_clear(b);
	for (size_t i = 0; i < json_len(at("results")); i++)
		buf_printf(b, "%s%s", i ? " " : "",
		    json_str(json_at(json_nth(at("results"), i), "person"), "resourceName") + 7);
	return buf_c(b);
}

static void
people_are_found_by_the_beginning_of_a_word(void **state)
{
	(void)state;
	person("c1",
	    "\"names\": [{\"givenName\": \"Ada\", \"familyName\": \"Martens\"}], "
	    "\"emailAddresses\": [{\"value\": \"hello@x.example\"}], \"organizations\": "
	    "[{\"name\": \"Nowak\", \"title\": \"Buyer\"}]");
	person("c2",
	    "\"names\": [{\"givenName\": \"Adam\"}], \"nicknames\": [{\"value\": "
	    "\"Ace\"}], \"phoneNumbers\": [{\"value\": \"+49 30 55\"}]");
	assert_string_equal(found(""), "");
	assert_null(at("results"));
	assert_string_equal(found("ada"), "c1 c2");
	assert_string_equal(text_at("results.0.person.names.0.displayName"), "Ada Martens");
	assert_null(at("results.0.person.emailAddresses"));
	assert_string_equal(found("Ada M"), "c1");
	assert_string_equal(found("MART"), "c1");
	assert_string_equal(found("artens"), "");
	assert_string_equal(found("da M"), "");
	assert_string_equal(found("hello@"), "c1");
	assert_string_equal(found("now"), "c1");
	assert_string_equal(found("ace"), "c2");
	assert_string_equal(found("+49 30"), "c2");
}

static void
a_search_looks_in_a_cache_that_an_empty_one_brings_level(void **state)
{
	(void)state;
	named("c1", "Ada");
	assert_string_equal(found("ada"), "");
	found("");
	assert_string_equal(found("ada"), "c1");
	named("c1", "Bea");
	named("c2", "Ada");
	assert_string_equal(found("ada"), "c1");
	control("{\"people_search_lag\": 1}");
	found("");
	assert_string_equal(found("ada"), "c1");
	assert_string_equal(found("ada"), "c2");
	assert_string_equal(found("bea"), "c1");
	control("{\"account\": {\"email\": \"b@example.com\"}, \"token\": {\"value\": \"b\", "
		"\"email\": \"b@example.com\"}}");
	bearer = "b";
	found("");
	found("ada");
	assert_string_equal(found("ada"), "");
}

static void
a_search_answers_ten_or_at_most_thirty(void **state)
{
	(void)state;
	control("{\"fill_people\": {\"owner\": \"" OWNER "\", \"count\": 31}}");
	found("");
	found("person");
	assert_int_equal(json_len(at("results")), 30);
	ask("GET", "/v1/people:searchContacts?readMask=names&query=person", NULL);
	assert_int_equal(json_len(at("results")), 10);
	ask("GET", "/v1/people:searchContacts?readMask=names&query=person&pageSize=3", NULL);
	assert_int_equal(json_len(at("results")), 3);
	assert_int_equal(ask("GET", "/v1/people:searchContacts?query=person", NULL), 400);
	assert_int_equal(
	    ask("GET", "/v1/people:searchContacts?readMask=names&query=p&pageSize=-1", NULL), 400);
	control("{\"token\": {\"value\": \"n\", \"email\": \"" OWNER "\", \"scope\": "
		"\"https://www.googleapis.com/auth/contacts.other.readonly\"}}");
	bearer = "n";
	assert_string_equal(found("person"), "403 PERMISSION_DENIED");
}

static void
the_page_of_the_demo_changes_the_contacts(void **state)
{
	(void)state;
	assert_true(page_says("/fake/contacts",
	    "do=add&given=Ada&family=Martens&email=a%40x&phone=030+55&label=Tea", "Saved."));
	/* Loaded again, it does nothing, and says no more that it did. */
	assert_int_equal(ask("GET", "/fake/contacts", NULL), 200);
	assert_null(strstr(buf_c(rep.body), "Saved."));
	assert_string_equal(listed(L), "c7000000000000001");
	post_form("/fake/contacts", "do=add&given=A.+M.");
	assert_true(page_says("/fake/contacts",
	    "do=merge&person=people/c7000000000000003&into=people/c7000000000000001", "Merged."));
	assert_string_equal(listed(L), "c7000000000000001");
	post_form("/fake/contacts", "do=save&person=people/c7000000000000001&given=Eve&label=");
	ask("GET", "/v1/people/c7000000000000001?personFields=names,emailAddresses", NULL);
	assert_string_equal(text_at("names.0.displayName"), "Eve");
	assert_null(at("emailAddresses"));
	post_form("/fake/contacts", "do=delete&person=people/c7000000000000001");
	assert_string_equal(listed(L), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(a_person_is_told_as_google_tells_it),
		world_test(what_cannot_be_asked_for_is_refused),
		world_test(pages_go_on_where_the_one_before_ended_and_only_the_last_has_a_token),
		world_test(a_token_tells_what_has_changed_since),
		world_test(a_token_ends_seven_days_after_the_full_read_and_with_other_parameters),
		world_test(what_is_written_comes_late_into_lists),
		world_test(a_person_is_made_and_changed_by_who_has_seen_it),
		world_test(labels_are_made_once_and_put_on_people),
		world_test(labels_are_listed_with_what_has_changed),
		world_test(other_contacts_are_a_list_of_their_own),
		world_test(address_books_are_apart_and_scopes_and_quotas_hold),
		world_test(several_are_read_and_removed_at_once),
		world_test(people_are_found_by_the_beginning_of_a_word),
		world_test(a_search_looks_in_a_cache_that_an_empty_one_brings_level),
		world_test(a_search_answers_ten_or_at_most_thirty),
		world_test(the_page_of_the_demo_changes_the_contacts),
	};
	return cmocka_run_group_tests_name("fake_people", tests, NULL, NULL);
}
