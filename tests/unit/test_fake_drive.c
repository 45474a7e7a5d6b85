/* The stand-in's files: who sees them, versions, lists, and notifications. */
#include "unit/fake_fixture.h"

#define F "/drive/v3/files/" SHEET

static void
make(void)
{
	control("{\"account\": {\"email\": \"other@example.com\"}, \"token\": {\"value\": \"o\", "
		"\"email\": \"other@example.com\"}, \"file\": {\"id\": \"" SHEET
		"\", \"name\": \"It's a test\", \"owner\": \"" OWNER "\"}}");
}

static int64_t
version(void)
{
	int64_t n = -1;

	assert_int_equal(
	    ask("GET", F "?fields=id,version,trashed&supportsAllDrives=true", NULL), 200);
	assert_true(str_i64(str_c(text_at("version")), 1, INT64_MAX, &n));
	return n;
}

static void
a_file_shows_what_is_asked_for(void **state)
{
	(void)state;
	make();
	assert_int_equal(ask("GET", F, NULL), 200);
	assert_string_equal(buf_c(rep.body),
	    "{\"kind\":\"drive#file\",\"id\":\"" SHEET
	    "\",\"name\":\"It's a test\",\"mimeType\":\"application/"
	    "vnd.google-apps.spreadsheet\"}");
	assert_int_equal(
	    ask("GET", F "?fields=modifiedTime,owners/emailAddress,md5Checksum", NULL), 200);
	assert_string_equal(json_of("owners"), "[{\"emailAddress\":\"" OWNER "\"}]");
	assert_int_equal(strlen(text_at("modifiedTime")), 24);
	assert_memory_equal(text_at("modifiedTime"), "2026-09-21T14:1", 15);
	assert_null(at("md5Checksum"));
	assert_int_equal(ask("GET", F "?fields=versoin", NULL), 400);
	assert_string_equal(text_at("error.errors.0.location"), "fields");
}

static void
the_version_grows_with_every_change_and_only_then(void **state)
{
	static const char *const changes[] = { "{\"edit\": {\"file\": \"" SHEET
					       "\", \"range\": \"Sheet1!A1\", \"values\": [[1]]}}",
		"{\"edit\": {\"file\": \"" SHEET "\", \"requests\": [{\"addSheet\": {}}]}}",
		"{\"share\": {\"file\": \"" SHEET
		"\", \"email\": \"other@example.com\", \"role\": \"reader\"}}",
		"{\"trash\": \"" SHEET "\"}", "{\"untrash\": \"" SHEET "\"}" };
	int64_t before;

	(void)state;
	make();
	before = version();
	assert_int_equal(version(), before);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		control(changes[i]);
		assert_true(version() > before);
		before = version();
	}
}

static void
a_file_of_another_is_hidden_shared_or_gone(void **state)
{
	(void)state;
	make();
	bearer = "o";
	assert_int_equal(ask("GET", F, NULL), 404);
	assert_string_equal(text_at("error.message"), "File not found: " SHEET ".");
	assert_string_equal(text_at("error.errors.0.reason"), "notFound");
	assert_int_equal(ask("GET", "/v4/spreadsheets/" SHEET, NULL), 403);
	assert_string_equal(text_at("error.message"), "The caller does not have permission");
	control("{\"share\": {\"file\": \"" SHEET
		"\", \"email\": \"other@example.com\", \"role\": \"reader\"}}");
	assert_int_equal(ask("GET", F, NULL), 200);
	assert_int_equal(ask("PUT", "/v4/spreadsheets/" SHEET "/values/A1?valueInputOption=RAW",
			     "{\"values\": [[1]]}"),
	    403);
	control("{\"share\": {\"file\": \"" SHEET
		"\", \"email\": \"other@example.com\", \"role\": null}}");
	assert_int_equal(ask("GET", F, NULL), 404);
	bearer = "t";
	control("{\"delete\": \"" SHEET "\"}");
	assert_int_equal(ask("GET", "/v4/spreadsheets/" SHEET, NULL), 404);
	assert_string_equal(text_at("error.status"), "NOT_FOUND");
}

static void
the_narrow_scope_sees_what_was_picked(void **state)
{
	(void)state;
	make();
	control("{\"token\": {\"value\": \"n\", \"email\": \"" OWNER
		"\", \"scope\": \"https://www.googleapis.com/auth/drive.file\"}}");
	bearer = "n";
	assert_int_equal(ask("GET", F, NULL), 404);
	assert_int_equal(ask("GET", "/v4/spreadsheets/" SHEET, NULL), 404);
	control("{\"pick\": \"" SHEET "\"}");
	assert_int_equal(ask("GET", F, NULL), 200);
	assert_int_equal(ask("GET", "/v4/spreadsheets/" SHEET, NULL), 200);
}

static void
lists_are_filtered_and_paged(void **state)
{
	(void)state;
	make();
	for (int i = 0; i < 4; i++)
		control(arena_printf(cx.a, "{\"file\": {\"name\": \"File %d\"}}", i));
	control("{\"trash\": \"" SHEET "\"}");
	assert_int_equal(
	    ask("GET",
		"/drive/v3/files?q=trashed%20%3D%20false%20and%20mimeType%3D'application/"
		"vnd.google-apps.spreadsheet'&fields=files(name)",
		NULL),
	    200);
	assert_string_equal(json_of("files"),
	    "[{\"name\":\"File 3\"},{\"name\":\"File 2\"},{\"name\":\"File 1\"},"
	    "{\"name\":\"File 0\"}]");
	assert_int_equal(
	    ask("GET", "/drive/v3/files?q=name%3D'It\\'s%20a%20test'&fields=files(name)", NULL),
	    200);
	assert_int_equal(json_len(at("files")), 1);
	assert_int_equal(ask("GET", "/drive/v3/files?pageSize=3", NULL), 200);
	assert_int_equal(json_len(at("files")), 3);
	assert_int_equal(ask("GET",
			     arena_printf(cx.a, "/drive/v3/files?pageSize=3&pageToken=%s",
				 text_at("nextPageToken")),
			     NULL),
	    200);
	assert_int_equal(json_len(at("files")), 2);
	assert_null(at("nextPageToken"));
	assert_int_equal(
	    ask("GET", "/drive/v3/files?orderBy=name%20desc&fields=files(name)&pageSize=2", NULL),
	    200);
	assert_string_equal(json_of("files"), "[{\"name\":\"It's a test\"},{\"name\":\"File 3\"}]");
	assert_int_equal(
	    ask("GET", "/drive/v3/files?orderBy=modifiedTime&fields=files(name)&pageSize=1", NULL),
	    200);
	assert_int_equal(ask("GET", "/drive/v3/files?orderBy=size%20desc", NULL), 400);
	assert_string_equal(text_at("error.errors.0.location"), "orderBy");
	assert_int_equal(ask("GET", "/drive/v3/files?q=colour%3D'red'", NULL), 400);
	assert_int_equal(ask("GET", "/drive/v3/files?pageSize=0", NULL), 400);
}

/*
 * Push.
 */
static struct fake_note note;

static const char *
note_header(const char *name)
{
	const char *p = strstr(note.headers, arena_printf(cx.a, "%s: ", name));

	return p ? arena_dup_str(cx.a,
		       (struct str){ p + strlen(name) + 2, strcspn(p + strlen(name) + 2, "\r") })
		 : NULL;
}

static void
watch(const char *id)
{
	if (ask("POST", F "/watch",
		arena_printf(cx.a,
		    "{\"id\": \"%s\", \"type\": \"web_hook\", \"address\": \"https://"
		    "sync.example.com/hook\", \"token\": \"secret\"}",
		    id)) != 200)
		flunk("%s", buf_c(rep.body));
}

static void
edit(void)
{
	control(
	    "{\"edit\": {\"file\": \"" SHEET "\", \"range\": \"Sheet1!A1\", \"values\": [[1]]}}");
}

static void
a_channel_begins_with_sync_and_tells_of_changes(void **state)
{
	(void)state;
	make();
	watch("ch1");
	assert_string_equal(text_at("kind"), "api#channel");
	/* An hour. */
	assert_string_equal(text_at("expiration"), "1790003600000");
	/* It is on its way before the answer is. */
	assert_true(fake_note_take(world, &note));
	assert_string_equal(note.url, "https://sync.example.com/hook");
	assert_string_equal(note_header("X-Goog-Resource-State"), "sync");
	assert_string_equal(note_header("X-Goog-Message-Number"), "1");
	assert_string_equal(note_header("X-Goog-Channel-ID"), "ch1");
	assert_string_equal(note_header("X-Goog-Channel-Token"), "secret");
	assert_memory_equal(note_header("X-Goog-Channel-Expiration"), "Mon, 21 Sep 2026 15:1", 21);
	assert_string_equal(note_header("X-Goog-Resource-ID"), text_at("resourceId"));
	assert_int_equal(fake_note_wait(world), -1);
	edit();
	assert_true(fake_note_take(world, &note));
	assert_string_equal(note_header("X-Goog-Resource-State"), "update");
	assert_string_equal(note_header("X-Goog-Changed"), "content");
	control("{\"trash\": \"" SHEET "\"}");
	assert_true(fake_note_take(world, &note));
	assert_string_equal(note_header("X-Goog-Resource-State"), "trash");
}

static void
a_stopped_or_expired_channel_is_silent(void **state)
{
	(void)state;
	make();
	watch("ch1");
	assert_true(fake_note_take(world, &note));
	assert_int_equal(ask("POST", "/drive/v3/channels/stop",
			     arena_printf(cx.a, "{\"id\": \"ch1\", \"resourceId\": \"%s\"}",
				 text_at("resourceId"))),
	    204);
	assert_int_equal(rep.body->n, 0);
	edit();
	assert_false(fake_note_take(world, &note));
	assert_int_equal(
	    ask("POST", "/drive/v3/channels/stop", "{\"id\": \"ch1\", \"resourceId\": \"x\"}"),
	    404);
	watch("ch2");
	assert_true(fake_note_take(world, &note));
	control("{\"clock\": {\"advance_ms\": 3600001}}");
	edit();
	assert_false(fake_note_take(world, &note));
}

static void
a_channel_can_be_refused(void **state)
{
	(void)state;
	make();
	watch("ch1");
	assert_int_equal(ask("POST", F "/watch",
			     "{\"id\": \"ch1\", \"type\": \"web_hook\", \"address\": \"https://"
			     "sync.example.com/hook\"}"),
	    400);
	assert_string_equal(text_at("error.errors.0.reason"), "channelIdNotUnique");
	assert_int_equal(ask("POST", F "/watch",
			     "{\"id\": \"ch2\", \"type\": \"web_hook\", \"address\": \"http://"
			     "sync.example.com/hook\"}"),
	    400);
	assert_string_equal(text_at("error.errors.0.reason"), "push.webhookUrlNotHttps");
	control("{\"push\": {\"refuse\": true}}");
	assert_int_equal(ask("POST", F "/watch",
			     "{\"id\": \"ch2\", \"type\": \"web_hook\", \"address\": \"https://"
			     "sync.example.com/hook\"}"),
	    401);
	assert_string_equal(text_at("error.errors.0.reason"), "push.webhookUrlUnauthorized");
}

static void
notifications_are_dropped_doubled_late_or_sent_elsewhere(void **state)
{
	const char *number;

	(void)state;
	make();
	watch("ch1");
	assert_true(fake_note_take(world, &note));
	control("{\"push\": {\"drop\": 1}}");
	edit();
	assert_false(fake_note_take(world, &note));
	control("{\"push\": {\"duplicate\": 1, \"origin\": \"http://127.0.0.1:81\"}}");
	edit();
	assert_true(fake_note_take(world, &note));
	assert_string_equal(note.url, "http://127.0.0.1:81/hook");
	number = note_header("X-Goog-Message-Number");
	assert_true(fake_note_take(world, &note));
	assert_string_equal(note_header("X-Goog-Message-Number"), number);
	control("{\"push\": {\"delay_ms\": 5000}}");
	edit();
	assert_false(fake_note_take(world, &note));
	assert_in_range(fake_note_wait(world), 1, 5000);
	control("{\"clock\": {\"advance_ms\": 5000}}");
	assert_true(fake_note_take(world, &note));
}

static void
a_notification_that_met_an_error_is_sent_again(void **state)
{
	(void)state;
	make();
	watch("ch1");
	assert_true(fake_note_take(world, &note));
	fake_note_done(world, note.note, 503);
	assert_in_range(fake_note_wait(world), 1, 1000);
	control("{\"clock\": {\"advance_ms\": 1000}}");
	assert_true(fake_note_take(world, &note));
	assert_string_equal(note_header("X-Goog-Resource-State"), "sync");
	fake_note_done(world, note.note, 404);
	assert_int_equal(fake_note_wait(world), -1);
	assert_int_equal(ask("GET", "/fake/control", NULL), 200);
	assert_string_equal(json_of("push"), "{\"sent\":1,\"delivered\":0,\"failed\":1}");
}

static void
a_spreadsheet_is_made_copied_exported_and_deleted(void **state)
{
	const char *id;

	(void)state;
	assert_int_equal(
	    ask("POST", "/drive/v3/files",
		"{\"name\": \"Fresh\", \"mimeType\": \"application/vnd.google-apps.spreadsheet\"}"),
	    200);
	id = arena_dup(cx.a, text_at("id"));
	assert_int_equal(strlen(id), 44);
	assert_int_equal(
	    ask("PUT", arena_printf(cx.a, "/v4/spreadsheets/%s/values/A1?valueInputOption=RAW", id),
		"{\"values\": [[\"a,b\", \"say \\\"x\\\"\"], [\"007\"]]}"),
	    200);
	assert_int_equal(ask("POST", arena_printf(cx.a, "/drive/v3/files/%s/copy", id), "{}"), 200);
	assert_string_equal(text_at("name"), "Copy of Fresh");
	assert_int_equal(
	    ask("GET",
		arena_printf(cx.a, "/drive/v3/files/%s/export?mimeType=text/csv", text_at("id")),
		NULL),
	    200);
	assert_string_equal(buf_c(rep.body), "\"a,b\",\"say \"\"x\"\"\"\r\n007,");
	assert_int_equal(ask("DELETE", arena_printf(cx.a, "/drive/v3/files/%s", id), NULL), 204);
	assert_int_equal(ask("DELETE", arena_printf(cx.a, "/drive/v3/files/%s", id), NULL), 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(a_file_shows_what_is_asked_for),
		world_test(the_version_grows_with_every_change_and_only_then),
		world_test(a_file_of_another_is_hidden_shared_or_gone),
		world_test(the_narrow_scope_sees_what_was_picked),
		world_test(lists_are_filtered_and_paged),
		world_test(a_channel_begins_with_sync_and_tells_of_changes),
		world_test(a_stopped_or_expired_channel_is_silent),
		world_test(a_channel_can_be_refused),
		world_test(notifications_are_dropped_doubled_late_or_sent_elsewhere),
		world_test(a_notification_that_met_an_error_is_sent_again),
		world_test(a_spreadsheet_is_made_copied_exported_and_deleted),
	};
	return cmocka_run_group_tests_name("fake_drive", tests, NULL, NULL);
}
