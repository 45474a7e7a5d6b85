/* What the stand-in refuses, and how it fails on request. */
#include "unit/fake_fixture.h"

#define S "/v4/spreadsheets/" SHEET

static void
make(void)
{
	control("{\"file\": {\"id\": \"" SHEET
		"\", \"tabs\": [{\"title\": \"T\", \"values\": [[\"a\"]]}]}}");
}

static void
callers_must_say_who_they_are(void **state)
{
	(void)state;
	make();
	bearer = NULL;
	assert_int_equal(ask("GET", S, NULL), 401);
	assert_string_equal(text_at("error.status"), "UNAUTHENTICATED");
	assert_memory_equal(text_at("error.message"), "Request is missing", 18);
	assert_int_equal(ask("GET", "/drive/v3/files", NULL), 401);
	assert_string_equal(text_at("error.errors.0.reason"), "required");
	bearer = "wrong";
	assert_int_equal(ask("GET", S, NULL), 401);
	assert_memory_equal(text_at("error.message"), "Request had invalid authentication", 34);
	assert_non_null(strstr(params_get(&rep.headers, "WWW-Authenticate"), "invalid_token"));
	assert_int_equal(ask("GET", "/drive/v3/files", NULL), 401);
	assert_string_equal(buf_c(rep.body),
	    "{\"error\":{\"code\":401,\"message\":\"Invalid Credentials\","
	    "\"errors\":[{\"message\":\"Invalid Credentials\",\"domain\":\"global\","
	    "\"reason\":\"authError\",\"location\":\"Authorization\","
	    "\"locationType\":\"header\"}]}}");
}

static void
scopes_are_enforced(void **state)
{
	(void)state;
	make();
	control("{\"token\": {\"value\": \"r\", \"email\": \"" OWNER
		"\", \"scope\": \"https://www.googleapis.com/auth/spreadsheets.readonly\"}}");
	bearer = "r";
	assert_int_equal(ask("GET", S "/values/T", NULL), 200);
	assert_int_equal(
	    ask("PUT", S "/values/T?valueInputOption=RAW", "{\"values\": [[1]]}"), 403);
	assert_string_equal(text_at("error.details.0.reason"), "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
	assert_string_equal(text_at("error.details.0.metadata.service"), "sheets.googleapis.com");
	assert_int_equal(
	    ask("POST", S "/values:batchGetByDataFilter", "{\"dataFilters\": []}"), 403);
	assert_int_equal(ask("GET", "/drive/v3/files/" SHEET, NULL), 403);
}

static void
unknown_and_wrong_parameters_are_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "?colour=red",
		    "Invalid JSON payload received. Unknown name \"colour\": Cannot bind query "
		    "parameter. Field 'colour' could not be found in request message." },
		{ "?includeGridData=maybe",
		    "Invalid value at 'include_grid_data' (TYPE_BOOL), \"maybe\"" },
		{ "/values/T?valueRenderOption=PRETTY",
		    "Invalid value at 'value_render_option' (type.googleapis.com/"
		    "google.apps.sheets.v4.ValueRenderOption), \"PRETTY\"" },
		{ "/values/T?majorDimension=ROWS&majorDimension=ROWS",
		    "Invalid JSON payload received. Unknown name \"majorDimension\": Proto field "
		    "is not repeating, cannot start list." },
		{ "?fields=sheets.tabs", "Invalid field selection: sheets/tabs" },
		{ "?fields=sheets(properties", "Invalid field selection: sheets(properties" },
	};

	(void)state;
	make();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(ask("GET", arena_printf(cx.a, S "%s", rows[i][0]), NULL), 400);
		assert_string_equal(text_at("error.message"), rows[i][1]);
		assert_string_equal(text_at("error.status"), "INVALID_ARGUMENT");
	}
	assert_int_equal(ask("GET", "/drive/v3/files/" SHEET "?colour=red", NULL), 400);
	assert_string_equal(text_at("error.errors.0.location"), "colour");
	assert_int_equal(
	    ask("GET", "/drive/v3/files/" SHEET "?supportsAllDrives=maybe", NULL), 400);
	assert_int_equal(ask("GET", "/drive/v3/files/" SHEET "/export", NULL), 400);
}

static void
unknown_and_wrong_members_are_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"valeus\": [[1]]}",
		    "Invalid JSON payload received. Unknown name \"valeus\": Cannot find field." },
		{ "{\"values\": \"X\"}",
		    "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue)"
		    ", \"X\"" },
		{ "{\"values\": [1]}",
		    "Invalid value at 'data.values[0]' (type.googleapis.com/"
		    "google.protobuf.ListValue), 1" },
		{ "{\"values\": [[{}]]}", "Invalid values[0][0]: struct_value" },
	};

	(void)state;
	make();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(ask("PUT", S "/values/T?valueInputOption=RAW", rows[i][0]), 400);
		assert_string_equal(text_at("error.message"), rows[i][1]);
	}
	assert_int_equal(ask("PUT", S "/values/T?valueInputOption=RAW", "{\"values\":"), 400);
	assert_int_equal(
	    ask("POST", S ":batchUpdate", "{\"requests\": [{\"paintTab\": {}}]}"), 400);
	assert_int_equal(ask("POST", S ":batchUpdate", "{\"requests\": []}"), 400);
	assert_int_equal(ask("POST", "/drive/v3/files/" SHEET "/watch", "{\"id\": 5}"), 400);
}

static void
unknown_addresses_answer_in_html(void **state)
{
	(void)state;
	assert_int_equal(ask("GET", "/v4/nothing", NULL), 404);
	assert_string_equal(rep.type, "text/html; charset=UTF-8");
	assert_int_equal(ask("DELETE", S, NULL), 405);
	assert_int_equal(ask("GET", "/fake/sheets/v4/spreadsheets/none", NULL), 404);
	assert_string_equal(text_at("error.status"), "NOT_FOUND");
}

static void
quotas_count_by_the_minute(void **state)
{
	(void)state;
	make();
	control(
	    "{\"quota\": {\"sheets.read\": {\"user\": 2, \"project\": 3}}, "
	    "\"account\": {\"email\": \"b@example.com\"}, \"token\": {\"value\": \"b\", \"email\": "
	    "\"b@example.com\"}}");
	control("{\"share\": {\"file\": \"" SHEET
		"\", \"email\": \"b@example.com\", \"role\": \"reader\"}}");
	assert_int_equal(ask("GET", S, NULL), 200);
	assert_int_equal(ask("GET", S, NULL), 200);
	assert_int_equal(ask("GET", S, NULL), 429);
	assert_string_equal(text_at("error.status"), "RESOURCE_EXHAUSTED");
	assert_string_equal(
	    text_at("error.details.0.metadata.quota_limit"), "ReadRequestsPerMinutePerUser");
	assert_string_equal(text_at("error.details.0.metadata.quota_limit_value"), "2");
	bearer = "b";
	assert_int_equal(ask("GET", S, NULL), 200);
	assert_int_equal(ask("GET", S, NULL), 429);
	assert_string_equal(
	    text_at("error.details.0.metadata.quota_limit"), "ReadRequestsPerMinutePerProject");
	control("{\"clock\": {\"advance_ms\": 60000}}");
	assert_int_equal(ask("GET", S, NULL), 200);
	assert_int_equal(ask("GET", "/fake/control", NULL), 200);
	assert_string_equal(json_of("quota.sheets.read"), "(nothing)");
	got = at("quota");
	assert_string_equal(json_text(cx.a, json_at(got, "sheets.read")),
	    "{\"calls\":4,\"units\":4,\"refused\":2,\"most_user\":2,\"most_project\":3}");
	control("{\"quota\": {\"drive\": {\"user\": 1}}}");
	assert_int_equal(ask("GET", "/drive/v3/files", NULL), 200);
	assert_int_equal(ask("GET", "/drive/v3/files", NULL), 403);
	assert_string_equal(text_at("error.errors.0.reason"), "userRateLimitExceeded");
}

/*
 * Faults.
 */
static void
faults_meet_the_calls_they_are_meant_for(void **state)
{
	(void)state;
	make();
	control(
	    "{\"faults\": [{\"kind\": \"429\", \"method\": \"GET\", \"path\": \"/v4/\", \"skip\": "
	    "1, \"count\": 2, \"retry_after\": 7}]}");
	assert_int_equal(ask("GET", S, NULL), 200);
	assert_int_equal(ask("GET", "/drive/v3/files", NULL), 200);
	assert_int_equal(ask("GET", S, NULL), 429);
	assert_string_equal(params_get(&rep.headers, "Retry-After"), "7");
	assert_string_equal(text_at("error.status"), "RESOURCE_EXHAUSTED");
	assert_int_equal(ask("GET", S, NULL), 429);
	assert_int_equal(ask("GET", S, NULL), 200);
}

static void
each_kind_of_fault_has_its_shape(void **state)
{
	static const struct {
		const char *kind;
		int sheets;
		const char *reason;
		int token;
		const char *error;
	} rows[] = {
		{ "429", 429, "rateLimitExceeded", 429, "temporarily_unavailable" },
		{ "rateLimitExceeded", 403, "rateLimitExceeded", 403, "temporarily_unavailable" },
		{ "userRateLimitExceeded", 403, "userRateLimitExceeded", 403,
		    "temporarily_unavailable" },
		{ "500", 500, "backendError", 500, "internal_failure" },
		{ "503", 503, "backendError", 503, "temporarily_unavailable" },
		{ "authError", 401, "authError", 401, "invalid_client" },
		{ "notFound", 404, "notFound", 404, "invalid_request" },
		{ "invalid_grant", 400, "badRequest", 400, "invalid_grant" },
	};

	(void)state;
	make();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		control(arena_printf(
		    cx.a, "{\"faults\": [{\"kind\": \"%s\", \"count\": 3}]}", rows[i].kind));
		assert_int_equal(ask("GET", S, NULL), rows[i].sheets);
		assert_null(params_get(&rep.headers, "Retry-After"));
		assert_null(at("error.errors"));
		assert_int_equal(ask("GET", "/drive/v3/files", NULL), rows[i].sheets);
		assert_string_equal(text_at("error.errors.0.reason"), rows[i].reason);
		assert_int_equal(post_form("/token", "grant_type=refresh_token"), rows[i].token);
		assert_string_equal(text_at("error"), rows[i].error);
	}
	control("{\"faults\": [{\"kind\": \"429\"}, {\"kind\": \"disabled\", \"count\": 2}, "
		"{\"kind\": \"invalid_rapt\"}]}");
	ask("GET", S, NULL);
	assert_string_equal(
	    text_at("error.details.0.metadata.quota_limit"), "ReadRequestsPerMinutePerUser");
	assert_int_equal(ask("GET", S, NULL), 403);
	assert_string_equal(text_at("error.details.0.reason"), "SERVICE_DISABLED");
	assert_memory_equal(
	    text_at("error.message"), "Google Sheets API has not been used in project", 46);
	assert_int_equal(ask("GET", "/drive/v3/files", NULL), 403);
	assert_string_equal(text_at("error.errors.0.reason"), "accessNotConfigured");
	assert_int_equal(post_form("/token", "grant_type=refresh_token"), 400);
	assert_string_equal(text_at("error_subtype"), "invalid_rapt");
	control("{\"faults\": [{\"kind\": \"html\"}]}");
	assert_int_equal(ask("GET", S, NULL), 200);
	assert_string_equal(rep.type, "text/html; charset=UTF-8");
}

static void
a_lost_answer_has_had_its_effect_and_a_reset_one_has_not(void **state)
{
	(void)state;
	make();
	control("{\"faults\": [{\"kind\": \"lost\", \"method\": \"PUT\"}]}");
	ask("PUT", S "/values/T?valueInputOption=RAW", "{\"values\": [[\"b\"]]}");
	assert_int_equal(rep.fate, FAKE_LOST);
	ask("GET", S "/values/T", NULL);
	assert_string_equal(json_of("values"), "[[\"b\"]]");
	control("{\"faults\": [{\"kind\": \"reset\", \"method\": \"PUT\"}]}");
	ask("PUT", S "/values/T?valueInputOption=RAW", "{\"values\": [[\"c\"]]}");
	assert_int_equal(rep.fate, FAKE_RESET);
	ask("GET", S "/values/T", NULL);
	assert_string_equal(json_of("values"), "[[\"b\"]]");
	control("{\"faults\": [{\"kind\": \"cut\"}, {\"kind\": \"slow\", \"delay_ms\": 250}]}");
	ask("GET", S, NULL);
	assert_int_equal(rep.fate, FAKE_CUT);
	ask("GET", S, NULL);
	assert_int_equal(rep.fate, FAKE_SENT);
	assert_int_equal(rep.delay_ms, 250);
	control("{\"latency_ms\": 100}");
	ask("GET", S, NULL);
	assert_int_equal(rep.delay_ms, 100);
}

static void
everything_can_expire_at_once(void **state)
{
	(void)state;
	make();
	control("{\"faults\": [{\"kind\": \"expired\"}]}");
	assert_int_equal(ask("GET", S, NULL), 401);
	assert_int_equal(ask("GET", S, NULL), 401);
}

static void
the_log_tells_what_was_asked_without_secrets(void **state)
{
	(void)state;
	make();
	control("{\"reset\": true}");
	ask("GET", S "/values/T?majorDimension=ROWS", NULL);
	for (int i = 0; i < 4500; i++)
		ask("GET", "/oauth2/v2/userinfo?access_token=hidden", NULL);
	assert_int_equal(ask("GET", "/fake/control", NULL), 200);
	assert_string_equal(json_of("calls"), "4501");
	assert_int_equal(json_len(at("log")), 2000);
	assert_string_equal(text_at("log.1999.path"), "/oauth2/v2/userinfo");
	assert_string_equal(text_at("log.0.who"), OWNER);
	assert_null(strstr(buf_c(rep.body), "hidden"));
}

static void
mistaken_commands_are_refused(void **state)
{
	static const char *const rows[] = { "{\"explode\": true}",
		"{\"faults\": [{\"kind\": \"gremlins\"}]}", "{\"trash\": \"no such file\"}",
		"{\"token\": {\"email\": \"nobody@example.com\"}}", "[]" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(ask("POST", "/fake/control", rows[i]), 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(callers_must_say_who_they_are),
		world_test(scopes_are_enforced),
		world_test(unknown_and_wrong_parameters_are_refused),
		world_test(unknown_and_wrong_members_are_refused),
		world_test(unknown_addresses_answer_in_html),
		world_test(quotas_count_by_the_minute),
		world_test(faults_meet_the_calls_they_are_meant_for),
		world_test(each_kind_of_fault_has_its_shape),
		world_test(a_lost_answer_has_had_its_effect_and_a_reset_one_has_not),
		world_test(everything_can_expire_at_once),
		world_test(the_log_tells_what_was_asked_without_secrets),
		world_test(mistaken_commands_are_refused),
	};
	return cmocka_run_group_tests_name("fake_strict", tests, NULL, NULL);
}
