/* What is asked of a source, as its owner asks it: what the worker is given to answer, and what is
 * refused before that. The worker's own part is test_preview.c and test_ask.c. */
#include "unit/db_fixture.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#include "unit/caller_fixture.h"

#include "app/conn.h"
#include "app/question.h"
#include "ask/ask.h"
#include "kind/google_call.h"
#include "kind/sheets_kind.h"

#include "unit/fault_fixture.h"

/* In place of the worker: notes what it is asked, and answers with what stands here. */
static const char *asked_verb, *asked_text, *says;

enum rc
ask_worker(struct ctx *c, const char *verb, const json *question, json **answer)
{
	asked_verb = verb;
	asked_text = json_text(c->a, question);
	*answer = json_stored(c->a, says);
	return RC_OK;
}

void
wake_tick(void)
{
}

static json *answer;

static void
not_asked(void)
{
	assert_null(asked_verb);
}

static enum rc
asks_new(const char *what, const char *body)
{
	const struct conn_question ask = { .what = what, .body = said(body) };

	asked_verb = asked_text = NULL;
	return source_ask(&cx, db, &owner_calls, &ask, &answer);
}

static enum rc
asks(const char *id, const char *what, const char *body)
{
	const struct conn_question ask = { .what = what, .body = said(body) };

	asked_verb = asked_text = NULL;
	return conn_ask(&cx, db, &owner_calls, id, &ask, &answer);
}

static bool
told(const char *text)
{
	return asked_text && strstr(asked_text, text) != NULL;
}

#define TEA "{\"url\":\"https://example.com/tea.csv?token=0123456789abcdef0123456789abcdef\"}"

static const char *
connection(void)
{
	const json *m = said("{\"authorization\":\"Bearer of-the-shop\"}");
	const struct conn_input in = {
		.provider = "csv", .name = "Tea", .config = said(TEA), .secret = m
	};
	const char *id = NULL;

	ok_once(conn_create(&cx, db, &owner_calls, &in, &id));
	return id;
}

static int
open_question(void **state)
{
	says = "{\"ok\":true}";
	asked_verb = asked_text = NULL;
	return verbs_open(state);
}

static void
a_source_that_is_not_saved_is_asked_with_what_is_given(void **state)
{
	(void)state;
	assert_ok(asks_new("test", "{\"provider\":\"csv\",\"config\":" TEA "}"));
	assert_string_equal(asked_verb, "test");
	assert_true(told("\"provider\":\"csv\"") && told("0123456789abcdef"));
	assert_true(told("\"owner\":\"" OWNER "\""));
	assert_true(json_flag(answer, "ok", false));
	assert_ok(asks_new("preview",
	    "{\"provider\":\"csv\",\"config\":" TEA
	    ",\"secret\":{\"authorization\":\"Bearer x\"}}"));
	assert_string_equal(asked_verb, "preview");
	assert_true(told("Bearer x"));
	assert_int_equal(raw_number("SELECT count(*) FROM audit"), 0);
}

static void
which_changes_a_preview_shows_is_passed_on(void **state)
{
	const struct question_list list = {
		.side = "remote", .action = "delete", .from = 40, .limit = 20
	};
	const struct conn_question ask = { "preview",
		said("{\"provider\":\"csv\",\"config\":" TEA "}"), &list };

	(void)state;
	assert_ok(source_ask(&cx, db, &owner_calls, &ask, &answer));
	assert_true(told("\"side\":\"remote\"") && told("\"action\":\"delete\""));
	assert_true(told("\"from\":40") && told("\"limit\":20"));
}

static void
what_is_wrong_with_it_is_said_before_anybody_is_asked(void **state)
{
	static const struct {
		const char *what, *body, *field;
	} rows[] = {
		{ "test", "{}", "provider" },
		{ "test", "{\"provider\":\"fax\",\"config\":{}}", "provider" },
		{ "test", "{\"provider\":\"csv\",\"config\":{}}", "config.url" },
		{ "test", "{\"provider\":\"csv\",\"config\":" TEA ",\"search\":\"ann\"}",
		    "search" },
		{ "test", "{\"provider\":\"fax\",\"config\":{},\"search\":\"ann\"}", "search" },
		{ "preview", "{\"provider\":\"google-contacts\",\"config\":{},\"search\":\"ann\"}",
		    "search" },
		{ "test", "{\"provider\":\"google-contacts\",\"config\":{},\"search\":\"  \"}",
		    "search" },
		{ "test", "{\"provider\":\"google-contacts\",\"config\":{},\"search\":7}",
		    "search" },
		{ "test", "{\"provider\":\"google-contacts\",\"config\":{},\"accountId\":\"none\"}",
		    "accountId" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (asks_new(rows[i].what, rows[i].body) == RC_OK || cx.err.kind != E_INPUT ||
		    asked_verb || strcmp(wrong_field(), rows[i].field) != 0)
			flunk("row %zu: %s, %s", i, error_row(cx.err.kind)->code, wrong_field());
	}
}

static void
a_saved_source_is_asked_with_what_is_stored_unless_other_is_given(void **state)
{
	const char *id = connection();

	(void)state;
	assert_ok(asks(id, "test", "{}"));
	assert_true(told(arena_printf(cx.a, "\"connectionId\":\"%s\"", id)));
	assert_true(told("0123456789abcdef") && told("Bearer of-the-shop"));
	assert_ok(asks(id, "preview", "{\"secret\":{\"authorization\":\"Bearer other\"}}"));
	assert_true(told("Bearer other") && !told("of-the-shop"));
	assert_ok(asks(id, "test", "{\"config\":{\"url\":\"https://example.com/milk.csv\"}}"));
	assert_true(told("milk.csv") && told("Bearer of-the-shop"));
}

static void
what_is_stored_is_not_carried_to_another_server(void **state)
{
	const char *id = connection();

	(void)state;
	assert_error(
	    asks(id, "test", "{\"config\":{\"url\":\"https://evil.example.com/tea.csv\"}}"),
	    E_INPUT);
	not_asked();
	assert_error(
	    asks(id, "preview", "{\"config\":{\"url\":\"http://example.com/tea.csv\"}}"), E_INPUT);
	not_asked();
	assert_ok(asks(id, "test",
	    "{\"config\":{\"url\":\"https://other.example.com/tea.csv\"},"
	    "\"secret\":{\"authorization\":\"Bearer theirs\"}}"));
	assert_true(told("Bearer theirs") && !told("of-the-shop"));
}

static void
a_saved_source_is_not_searched_where_there_is_nothing_to_search(void **state)
{
	const char *id = connection();

	(void)state;
	assert_error(asks(id, "test", "{\"search\":\"ann\"}"), E_INPUT);
	assert_string_equal(wrong_field(), "search");
	not_asked();
}

#define READS GOOGLE_SCOPE_SHEETS " " GOOGLE_SCOPE_DRIVE

/* An account at Google with these scopes. */
static void
account(const char *id, const char *scopes)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes, "
	    "sealed, granted_at, created_at) VALUES ('%s', '" OWNER "', 'google', 'oauth', '%s', "
	    "'%s@a.example', '" GOOGLE_SCOPES_WHO " %s', 'x', 1, 1)",
	    id, id, id, scopes));
}

static void
what_could_be_named_is_listed_where_nothing_is_named_yet(void **state)
{
	static const char ask[] = "{\"provider\":\"google-sheets\",\"config\":{}}";

	(void)state;
	assert_error(asks_new("test", ask), E_INPUT);
	assert_string_equal(wrong_field(), "accountId");
	account("one", READS);
	says = "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}";
	assert_ok(asks_new("test", ask));
	assert_string_equal(asked_verb, "sources");
	assert_true(told("\"accountId\":\"one\""));
	assert_true(json_flag(answer, "ok", false));
	assert_int_equal(json_len(json_at(json_at(answer, "choices"), "spreadsheets")), 2);
	assert_non_null(strstr(json_str(answer, "message"), "config.spreadsheet"));
	says = "{\"data\":[{\"id\":\"a\"}],\"more\":true}";
	assert_ok(asks_new("test", ask));
	assert_non_null(strstr(json_str(answer, "message"), "there are more"));
	says = "{\"data\":[]}";
	assert_ok(asks_new("test", ask));
	assert_non_null(strstr(json_str(answer, "message"), "Share one"));
	/* What is wrong beside it is said first; and nothing can be shown of what is not named. */
	assert_error(
	    asks_new("test", "{\"provider\":\"google-sheets\",\"config\":{\"header_row\":\"x\"}}"),
	    E_INPUT);
	not_asked();
	assert_error(asks_new("preview", ask), E_INPUT);
	assert_string_equal(wrong_field(), "config.spreadsheet");
}

static void
it_is_asked_with_an_account_that_may_read_it(void **state)
{
	static const char ask[] = "{\"provider\":\"google-sheets\",\"config\":{}}";
	const char *people =
	    "{\"provider\":\"google-contacts\",\"config\":{},\"search\":\" ann \"}";

	(void)state;
	account("one", READS);
	assert_error(asks_new("test", people), E_SCOPES);
	not_asked();
	account("two", READS " https://www.googleapis.com/auth/contacts.readonly");
	assert_error(asks_new("test", ask), E_INPUT);
	assert_string_equal(wrong_field(), "accountId");
	says = "{\"data\":[]}";
	assert_ok(asks_new(
	    "test", "{\"provider\":\"google-sheets\",\"config\":{},\"accountId\":\"two\"}"));
	assert_true(told("\"accountId\":\"two\""));
	assert_ok(asks_new("test",
	    "{\"provider\":\"google-contacts\",\"config\":{},\"search\":\" ann \","
	    "\"accountId\":\"two\"}"));
	assert_string_equal(asked_verb, "test");
	assert_true(told("\"search\":\"ann\""));
}

static void
nobody_asks_what_he_may_not_or_of_what_is_not_his(void **state)
{
	const char *id = connection();
	const struct conn_question ask = { .what = "test", .body = said("{}") };
	const struct caller *reader = owner_may(SCOPE_READ | SCOPE_SYNC);

	(void)state;
	assert_error(conn_ask(&cx, db, reader, id, &ask, &answer), E_FORBIDDEN);
	assert_error(source_ask(&cx, db, reader, &ask, &answer), E_FORBIDDEN);
	assert_error(source_list(&cx, db, reader, said("{}"), &answer), E_FORBIDDEN);
	assert_error(conn_ask(&cx, db, other_calls(), id, &ask, &answer), E_NOT_FOUND);
	not_asked();
}

int
main(void)
{
#define QUESTION(name) cmocka_unit_test_setup_teardown(name, open_question, db_teardown)
	const struct CMUnitTest tests[] = {
		QUESTION(a_source_that_is_not_saved_is_asked_with_what_is_given),
		QUESTION(which_changes_a_preview_shows_is_passed_on),
		QUESTION(what_is_wrong_with_it_is_said_before_anybody_is_asked),
		QUESTION(a_saved_source_is_asked_with_what_is_stored_unless_other_is_given),
		QUESTION(what_is_stored_is_not_carried_to_another_server),
		QUESTION(a_saved_source_is_not_searched_where_there_is_nothing_to_search),
		QUESTION(what_could_be_named_is_listed_where_nothing_is_named_yet),
		QUESTION(it_is_asked_with_an_account_that_may_read_it),
		QUESTION(nobody_asks_what_he_may_not_or_of_what_is_not_his),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
