/* What somebody asks of a schedule, applied to it: tests/table/schedule.txt. */
#include "unit/unit.h"

#include "app/schedule.h"
#include "base/clock.h"
#include "unit/table_file.h"

#define NOW (1000 * MINUTE_MS)

static void
before(struct sched *s, const char *text)
{
	struct str rest = str_c(text);

	*s = (struct sched){
		.enabled = true,
		.freq = FREQ_HOURLY,
		.interval_minutes = 60,
		.max_retries = 3,
		.next_poll_at = NOW + HOUR_MS,
		.last_polled_at = NOW,
	};
	while (rest.p && rest.n) {
		struct str w = str_cut(rest, ' ', &rest);
		int64_t m;

		if (str_is(w, "off")) {
			s->enabled = false;
			s->next_poll_at = 0;
		} else if (str_is(w, "attention"))
			s->health = HEALTH_ATTENTION;
		else if (str_is(w, "failing"))
			s->failing = true;
		else if (str_is(w, "rule")) {
			s->freq = FREQ_CUSTOM;
			s->rrule = "FREQ=DAILY";
			s->interval_minutes = 1440;
		} else if (str_starts(w, "code="))
			s->error_code = arena_dup_str(cx.a, (struct str){ w.p + 5, w.n - 5 });
		else if (str_starts(w, "next=")) {
			assert_true(str_i64((struct str){ w.p + 5, w.n - 5 }, 0, 99999, &m));
			s->next_poll_at = m * MINUTE_MS;
		} else if (!str_is(w, "on"))
			flunk("unknown word: %.*s", (int)w.n, w.p);
	}
}

static const char *
said(const struct sched *s)
{
	const char *next = "none";

	if (s->next_poll_at)
		next = arena_printf(cx.a, "%lld", (long long)(s->next_poll_at / MINUTE_MS));
	return arena_printf(cx.a, "%s %lld next=%s %s %s", freq_name(s->freq),
	    (long long)s->interval_minutes, next, s->enabled ? "on" : "off",
	    health_name(s->health));
}

static void
one_case(char *const *columns, int n, const char *where)
{
	struct complaints wrong = { .list = NULL };
	struct schedule_rule rule = { .rrule = NULL };
	struct sched s;
	const char *got;
	json *change;
	enum rc rc;

	assert_int_equal(n, 3);
	before(&s, columns[0]);
	assert_ok(json_parse(&cx, where, str_c(columns[1]), &change));
	if (json_str(change, "rrule"))
		rule = (struct schedule_rule){
			.rrule = json_str(change, "rrule"),
			.zone = json_str(change, "timeZone"),
			.gap_minutes = 1440,
			.next_at = 1500 * MINUTE_MS,
		};
	rc = schedule_merge(&cx, &wrong, &s, change, &rule, NOW);
	if (rc == RC_OK)
		got = said(&s);
	else
		got = arena_printf(cx.a, "!%s", json_str(json_nth(wrong.list, 0), "field"));
	if (strcmp(got, columns[2]))
		flunk("%s | %s: %s, not %s", where, columns[1], got, columns[2]);
	if (rc == RC_OK)
		assert_true(s.set_at == NOW);
}

static void
a_change_does_what_the_table_says(void **state)
{
	(void)state;
	assert_true(table_each("tests/table/schedule.txt", one_case) > 30);
}

static void
what_is_mended_begins_anew(void **state)
{
	struct sched s;

	(void)state;
	before(&s, "on attention failing code=bad_csv");
	s.retry_count = s.deferrals = 4;
	schedule_mended(&s);
	assert_int_equal(s.health, HEALTH_OK);
	assert_false(s.failing);
	assert_int_equal(s.retry_count + s.deferrals, 0);
	assert_null(s.error_code);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_change_does_what_the_table_says, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(what_is_mended_begins_anew, unit_open, unit_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
