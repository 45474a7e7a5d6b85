/* The table of errors and what fail() leaves behind. */
#include "unit/unit.h"

#include <errno.h>

#include "sync/read/spool.h"

static void
every_row_is_whole(void **state)
{
	static const char *const buttons[] = { "", "retry", "edit", "review", "reconnect" };

	(void)state;
	for (int i = E_NONE + 1; i < E__MAX; i++) {
		const struct error_row *r = error_row((enum error_kind)i);
		bool known = false;

		assert_int_equal(
		    strspn(r->code, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(r->code));
		assert_ptr_equal(error_by_code(r->code), r);
		assert_int_not_equal(r->rc, RC_OK);
		assert_true(str_ends(str_c(r->title), "."));
		assert_true(*r->advice != '\0');
		for (size_t b = 0; b < sizeof buttons / sizeof *buttons; b++)
			known |= strcmp(buttons[b], r->fix) == 0;
		assert_true(known);
	}
	assert_int_equal(error_row(E_NONE)->rc, RC_OK);
}

/* What each error does to the schedule of the run that ends with it. */
static const struct {
	enum retry_class class;
	const char *codes;
} classes[] = {
	/* its owner must do something: it is not read until then */
	{ RETRY_STOP,
	    "bad_address address_blocked source_unauthorized source_forbidden "
	    "source_not_found reconnect permission_missing api_disabled "
	    "secret_unreadable webhook_gone webhook_failing" },
	/* it may pass: so many in a row, and it stops */
	{ RETRY_COUNT,
	    "internal crashed timed_out tls source_status source_unsupported "
	    "redirect_loop page_loop source_too_large oauth_setup "
	    "cursor_refused html_not_data empty_source bad_encoding bad_archive "
	    "bad_csv bad_json no_records bad_calendar source_changed "
	    "key_column_missing column_missing" },
	/* it passes by itself: it is tried again for as long as it takes */
	{ RETRY_DEFER,
	    "unavailable out_of_memory disk_full database_damaged database_read_only "
	    "disk_error schema_mismatch database_newer database_foreign interrupted dns "
	    "network source_silent "
	    "truncated source_unavailable source_not_ready rate_limited quota "
	    "unsure changed_meanwhile" },
	/* of a request alone; no run ends so */
	{ RETRY_CALLER,
	    "bad_request invalid_input unauthorized forbidden csrf not_found "
	    "gone method_not_allowed unsupported_media_type too_large "
	    "reply_too_large too_many_requests already_running cooldown wrong_state "
	    "idempotency_mismatch cursor_expired not_available precondition_failed paused" },
	/* no failure */
	{ RETRY_NONE, "none cancelled enough later lease_lost needs_approval" },
};

static void
each_error_does_to_a_schedule_what_it_is_meant_to(void **state)
{
	int n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		for (struct str rest = str_c(classes[i].codes); rest.p; n++) {
			const char *code = arena_dup_str(cx.a, str_cut(rest, ' ', &rest));

			assert_string_equal(error_by_code(code)->code, code);
			if (error_by_code(code)->retry != classes[i].class)
				flunk("%s", code);
		}
	/* None is missing here. */
	assert_int_equal(n, E__MAX);
}

static void
unknown_codes_are_bugs(void **state)
{
	(void)state;
	assert_null(error_by_code(NULL));
	assert_ptr_equal(error_by_code("no such word"), error_row(E_BUG));
	assert_ptr_equal(error_row((enum error_kind)9999), error_row(E_BUG));
	assert_int_equal(rc_http((enum rc)9999), 500);
	assert_int_equal(rc_http(RC_NOTFOUND), 404);
}

static void
fail_fills_kind_place_and_detail(void **state)
{
	(void)state;
	cx.err.wait_ms = 77;
	assert_int_equal(fail(&cx, E_URL, "The %s is %d.", "port", 5), RC_INVALID);
	assert_int_equal(cx.err.kind, E_URL);
	assert_string_equal(cx.err.detail, "The port is 5.");
	assert_non_null(strstr(cx.err.where, "test_err.c:"));
	assert_int_equal(cx.err.wait_ms, 0);
	assert_int_equal(fail(&cx, E_DNS, NULL), RC_RETRY);
	assert_string_equal(cx.err.detail, "");
}

static void
the_old_detail_may_be_part_of_the_new(void **state)
{
	(void)state;
	fail(&cx, E_URL, "inner");
	fail(&cx, E_URL, "outer: %s", cx.err.detail);
	assert_string_equal(cx.err.detail, "outer: inner");
}

static void
details_are_plain_utf8_of_bounded_length(void **state)
{
	char big[2000];

	(void)state;
	memset(big, 'x', sizeof big);
	/* A euro sign across the limit. */
	memcpy(big + sizeof cx.err.detail - 3, "\xE2\x82\xAC", 3);
	big[sizeof big - 1] = '\0';
	fail(&cx, E_URL, "%s", big);
	assert_int_equal(strlen(cx.err.detail), sizeof cx.err.detail - 3);
	assert_true(str_utf8_ok(str_c(cx.err.detail)));
	fail(&cx, E_URL, "a\r\nb\x1B[31m\x7F%s", "\xFF\xFE");
	assert_string_equal(cx.err.detail, "a  b [31m ??");
}

/* What is beside the database is told as what it is, too. */
static void
a_file_that_cannot_be_had_is_told_by_its_reason(void **state)
{
	static const struct {
		int err;
		enum error_kind kind;
	} row[] = {
		{ ENOSPC, E_DISK_FULL },
		{ EDQUOT, E_DISK_FULL },
		{ EFBIG, E_DISK_FULL },
		{ EROFS, E_READ_ONLY },
		{ EACCES, E_READ_ONLY },
		{ EPERM, E_READ_ONLY },
		{ EIO, E_DISK_BROKEN },
		{ ENOMEM, E_MEMORY },
		{ EMFILE, E_UNAVAILABLE },
		{ ELOOP, E_UNAVAILABLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_error(fail_file(&cx, row[i].err, "It is so."), row[i].kind);
		assert_string_equal(cx.err.detail, "It is so.");
		/* The working files of a sync, too; a full disk has words of its own. */
		assert_error(spool_fail(&cx, row[i].err), row[i].kind);
		assert_int_equal(*cx.err.detail == '\0', row[i].kind == E_DISK_FULL);
	}
	assert_error(fail_file(&cx, EROFS, NULL), E_READ_ONLY);
	assert_string_equal(cx.err.detail, "");
}

static enum rc
passes_on(enum rc rc)
{
	TRY(rc);
	return RC_OK;
}

static void
try_hands_the_outcome_on(void **state)
{
	(void)state;
	assert_int_equal(passes_on(RC_OK), RC_OK);
	assert_int_equal(passes_on(RC_AUTH), RC_AUTH);
}

static void
bugs_are_loud_in_test_builds_only(void **state)
{
	(void)state;
	assert_bug(fail(&cx, E_BUG, "On purpose."));
	assert_string_equal(cx.err.detail, "On purpose.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(each_error_does_to_a_schedule_what_it_is_meant_to),
		cmocka_unit_test(unknown_codes_are_bugs),
		cmocka_unit_test(fail_fills_kind_place_and_detail),
		cmocka_unit_test(the_old_detail_may_be_part_of_the_new),
		cmocka_unit_test(details_are_plain_utf8_of_bounded_length),
		cmocka_unit_test(a_file_that_cannot_be_had_is_told_by_its_reason),
		cmocka_unit_test(try_hands_the_outcome_on),
		cmocka_unit_test(bugs_are_loud_in_test_builds_only),
	};
	return cmocka_run_group_tests_name("err", tests, unit_open, unit_close);
}
