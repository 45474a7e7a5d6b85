/* Calendars: every tests/table/ical/NAME.ics gives what NAME.rows says, however its bytes are
 * cut; and files that are none. */
#include "unit/unit.h"

#include "provider/web/ical_time.h"
#include "unit/provider_fixture.h"

#define CONFIG "{\"url\":\"https://example.com/cal.ics\"}"
#define OPEN "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
#define CLOSE "END:VCALENDAR\r\n"
#define EVENT "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101T100000Z\r\nEND:VEVENT\r\n"

static struct str
file_read(const char *path)
{
	struct buf *b = buf_in(cx.a, 1 << 20);
	FILE *f = fopen(path, "re");
	char chunk[4096];
	size_t n;

	if (!f)
		flunk("%s is missing", path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(b, chunk, n);
	fclose(f);
	return (struct str){ buf_c(b), b->n };
}

static enum rc
parse(struct str bytes, size_t step, bool cut, struct fixture **f)
{
	struct fixture_page page = { .bytes = bytes, .step = step };

	*f = fixture_new(cx.a);
	(*f)->cut = cut;
	return fixture_parse(&cx, &reader_ical, CONFIG, &page, 1, *f);
}

static void
expect_file(const char *name)
{
	const struct str bytes = file_read(arena_printf(cx.a, "tests/table/ical/%s.ics", name));
	const struct str want = file_read(arena_printf(cx.a, "tests/table/ical/%s.rows", name));
	static const size_t steps[] = { 0, 1, 2, 3, 75 };
	struct fixture *f;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		assert_ok(parse(bytes, steps[i], false, &f));
		assert_string_equal(buf_c(f->text), want.p);
	}
}

static void
nights_when_the_clock_changes_have_the_right_utc(void **state)
{
	(void)state;
	expect_file("clock_changes");
}

static void
whole_days_and_floating_times_stay_as_they_are(void **state)
{
	(void)state;
	expect_file("whole_days");
}

static void
series_keep_their_rules_and_changed_occurrences_their_own_record(void **state)
{
	(void)state;
	expect_file("series");
}

static void
texts_are_unfolded_and_unescaped(void **state)
{
	(void)state;
	expect_file("texts");
}

static void
damaged_events_do_not_spoil_the_others(void **state)
{
	(void)state;
	expect_file("damaged");
}

static void
zones_are_known_by_all_names_that_programs_write(void **state)
{
	(void)state;
	expect_file("zone_names");
}

static void
zones_that_a_calendar_defines_are_followed_as_far_as_it_says(void **state)
{
	(void)state;
	expect_file("zone_rules");
}

static void
what_is_left_out_is_told_and_broken_lines_go_on(void **state)
{
	(void)state;
	expect_file("left_out");
}

static void
line_ends_of_any_kind_are_read(void **state)
{
	static const char *const same[] = {
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260101T100000Z\nEND:VEVENT\n"
		"END:VCALENDAR",
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:\r\n a\r\nDTSTART:2026\r\n"
		"\t0101T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n\r\n",
		"BEGIN:VCALENDAR\rBEGIN:VEVENT\rUID:a\rDTSTART:20260101T100000Z\rEND:VEVENT\rEND:"
		"VCALENDAR\r",
		"\xef\xbb\xbf"
		"begin:vcalendar\r\nBegin:VEvent \r\nuid:a\r\ndtstart:20260101T100000Z\r\n"
		"End:VEvent\r\nend:vcalendar\r\n",
	};
	static const char want[] =
	    "[a] uid=\"a\" start=\"2026-01-01T10:00:00Z\" end=\"2026-01-01T10:00:00Z\" "
	    "all_day=\"false\"";
	struct fixture *f;

	(void)state;
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		for (size_t step = 0; step < 4; step++) {
			assert_ok(parse(str_c(same[i]), step, false, &f));
			if (!strstr(buf_c(f->text), want))
				flunk("%s", buf_c(f->text));
		}
}

static void
other_encodings_are_read(void **state)
{
	struct fixture *f;

	(void)state;
	assert_ok(parse(
	    STR(OPEN "BEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Caf\xe9\r\nDTSTART:20260101T100000Z\r\n"
		     "END:VEVENT\r\n" CLOSE),
	    0, false, &f));
	assert_non_null(strstr(buf_c(f->text), "summary=\"Caf\xc3\xa9\""));
	/* Told once, and after the dataset. */
	assert_true(str_starts(buf_s(f->text), "dataset \"cal.ics\"\nwarn encoding_unsure\nrow"));
}

static void
what_is_no_calendar_is_named(void **state)
{
	static const struct {
		const char *text;
		enum error_kind kind;
	} bad[] = {
		{ "", E_EMPTY },
		{ "\r\n \r\n", E_EMPTY },
		{ "<!DOCTYPE html><html></html>", E_HTML },
		{ "id,name\r\n1,2\r\n", E_ICAL },
		{ "{\"a\":1}", E_ICAL },
		{ "BEGIN:VCARD\r\nEND:VCARD\r\n", E_ICAL },
		{ OPEN EVENT, E_TRUNCATED },
		{ OPEN "BEGIN:VEVENT\r\nUID:a\r\n", E_TRUNCATED },
		{ OPEN EVENT "END:VCALENDA", E_TRUNCATED },
		{ "PK\003\004", E_ENCODING },
	};
	struct fixture *f;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_error(parse(str_c(bad[i].text), 0, false, &f), bad[i].kind);
		/* Found in the first pass: nothing was said to the sink. */
		assert_string_equal(buf_c(f->text), "");
	}
	assert_ok(parse(STR(OPEN CLOSE), 0, false, &f));
	assert_int_equal(f->rows, 0);
}

static void
a_cut_calendar_gives_what_is_there(void **state)
{
	static const char text[] = OPEN EVENT EVENT CLOSE;
	struct fixture *f;
	int64_t rows = 0;

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		assert_ok(parse((struct str){ text, n }, 0, true, &f));
		assert_in_range(f->rows, rows, 2);
		rows = f->rows;
	}
	assert_int_equal(rows, 2);
}

static void
memory_does_not_grow_with_the_calendar(void **state)
{
	struct fixture_page page = {
		.bytes = STR(OPEN),
		.repeat = STR(EVENT),
		.times = 50000,
		.last = STR(CLOSE),
	};
	struct fixture *f = fixture_new(cx.a);
	size_t before = arena_used(cx.a);

	(void)state;
	f->quiet = true;
	assert_ok(fixture_parse(&cx, &reader_ical, CONFIG, &page, 1, f));
	assert_int_equal(f->rows, 50000);
	assert_in_range(arena_used(cx.a) - before, 0, 2 << 20);
	/* An attachment is nothing to us; a text that large is too large, and the next event is
	 * read. */
	page = (struct fixture_page){
		.bytes = STR(OPEN "BEGIN:VEVENT\r\nUID:b\r\nDTSTART:20260101\r\nATTACH:"),
		.repeat = STR("0123456789abcdef\r\n "),
		.times = 200000,
		.last = STR("\r\nEND:VEVENT\r\n" EVENT CLOSE),
	};
	f = fixture_new(cx.a);
	assert_ok(fixture_parse(&cx, &reader_ical, CONFIG, &page, 1, f));
	assert_int_equal(f->rows, 2);
	page.bytes = STR(OPEN "BEGIN:VEVENT\r\nUID:b\r\nDTSTART:20260101\r\nDESCRIPTION:");
	fixture_restart(&cx, &page);
	f = fixture_new(cx.a);
	assert_ok(fixture_parse(&cx, &reader_ical, CONFIG, &page, 1, f));
	assert_int_equal(f->rows, 1);
	assert_non_null(strstr(buf_c(f->text), "skip too_large 3\n"));
}

static void
webcal_addresses_become_https(void **state)
{
	static const char *const cases[][2] = {
		{ "webcal://example.com/a.ics", "https://example.com/a.ics" },
		{ "WEBCALS://example.com/a", "https://example.com/a" },
		{ "http://example.com/a?x", "http://example.com/a?x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json *config = json_new(cx.a), *errors = json_list(cx.a);
		json_set_str(config, "url", cases[i][0]);
		kind_ical.configure(cx.a, config, errors);
		assert_int_equal(json_len(errors), 0);
		assert_string_equal(json_str(config, "url"), cases[i][1]);
	}
	json *config = json_new(cx.a), *errors = json_list(cx.a);
	json_set_str(config, "url", "calendar");
	kind_ical.configure(cx.a, config, errors);
	assert_int_equal(json_len(errors), 1);
}

#define SEASON_BEGIN \
	"BEGIN:STANDARD\nDTSTART:20200101T030000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\n"
#define SEASON_END "END:STANDARD\n"

/* A zone whose rules are these one after the other, n times. */
static struct str
zone_text(const char *name, const char *rule, int n)
{
	struct buf *b = buf_in(cx.a, 100000);

	buf_printf(b, "BEGIN:VTIMEZONE\nTZID:%s\n" SEASON_BEGIN, name);
	while (n-- > 0)
		buf_printf(b, "RRULE:%s\n", rule);
	buf_str(b, SEASON_END "END:VTIMEZONE\n");
	return buf_s(b);
}

static void
rules_of_zones_that_are_too_many_are_not_followed(void **state)
{
	static const struct {
		const char *rule;
		int n;
		bool good;
	} cases[] = {
		{ "FREQ=YEARLY", 1, true },
		{ "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;BYHOUR=3;BYMINUTE=0;BYSECOND=0", 1, true },
		{ "FREQ=MONTHLY", 1, true },
		/* 2200 is followed to: 4,000 changes at most. */
		{ "FREQ=MONTHLY;BYMONTHDAY=1,15", 1, false },
		{ "FREQ=YEARLY;BYDAY=MO", 1, false },
		{ "FREQ=DAILY", 1, false },
		{ "FREQ=SECONDLY", 1, false },
		{ "FREQ=DAILY;COUNT=100", 1, true },
		{ "FREQ=DAILY;COUNT=4000", 1, true },
		{ "FREQ=DAILY;COUNT=4001", 1, false },
		{ "FREQ=YEARLY;COUNT=2", 64, true },
		{ "FREQ=YEARLY;COUNT=2", 65, false },
		{ "FREQ=SOMETIMES", 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ical_zones *zs = ical_zones_new(cx.a);
		const struct ical_zone *z;

		if (ical_zones_add(zs, zone_text("Z", cases[i].rule, cases[i].n)) != cases[i].good)
			flunk("case %d", (int)i);
		z = ical_zones_find(zs, STR("Z"));
		assert_true(z->defined);
		assert_int_equal(z->zone != NULL, cases[i].good);
	}
}

static void
rules_and_zones_of_a_calendar_have_an_end(void **state)
{
	struct ical_zones *zs = ical_zones_new(cx.a);
	int n = 0;

	(void)state;
	for (; n < 20; n++)
		assert_true(ical_zones_add(
		    zs, zone_text(arena_printf(cx.a, "Z%d", n), "FREQ=YEARLY;COUNT=2", 50)));
	/* 1,000 rules are followed. */
	assert_false(ical_zones_add(zs, zone_text("Z1000", "FREQ=YEARLY;COUNT=2", 1)));
	assert_true(ical_zones_add(zs, zone_text("No rule", "", 0)));
	for (n += 2; n < 1000; n++)
		assert_string_equal(
		    ical_zones_find(zs, str_c(arena_printf(cx.a, "Mars/%d", n)))->name,
		    arena_printf(cx.a, "Mars/%d", n));
	/* 1,000 names are kept. */
	assert_null(ical_zones_find(zs, STR("Europe/Berlin"))->zone);
	assert_false(ical_zones_add(zs, zone_text("One more", "", 0)));
	assert_non_null(ical_zones_find(zs, STR("no rule"))->zone);
}

#define SUMMER "20260701T120000"

/* The warnings of a calendar with an event in each zone. */
static const char *
zones_told(const char *definitions, const char *const *zones, size_t n)
{
	struct buf *b = buf_in(cx.a, 100000);
	struct fixture *f = fixture_new(cx.a);
	struct fixture_page page = { 0 };
	const char *told;

	buf_printf(b, OPEN "%s", definitions);
	for (size_t i = 0; i < n; i++)
		buf_printf(b,
		    "BEGIN:VEVENT\r\nUID:%zu\r\nDTSTART;TZID=%s:" SUMMER "\r\nDTEND;TZID=%s:" SUMMER
		    "\r\nEND:VEVENT\r\n",
		    i, zones[i], zones[(i + 1) % n]);
	buf_str(b, CLOSE);
	page.bytes = buf_s(b);
	f->sentences = true;
	assert_ok(fixture_parse(&cx, &reader_ical, CONFIG, &page, 1, f));
	told = strstr(buf_c(f->text), "\nwarn ");
	return told ? told + 1 : "";
}

static void
every_zone_with_which_something_is_wrong_is_named(void **state)
{
	static const char *const one[] = { "Middle Earth", "Europe/Berlin" };
	static const char *const two[] = { "Narnia", "Europe/Berlin", "Middle Earth", "Narnia" };
	static const char *const mixed[] = { "Narnia", "Sometimes", "Oz" };
	const char *many[12], *told;

	(void)state;
	assert_string_equal(zones_told("", one, 2),
	    "warn time_zone_unknown: The time zone \"Middle Earth\" is neither defined in the "
	    "calendar nor known; times in it are kept as they are, without UTC.\n");
	assert_string_equal(zones_told("", two, 4),
	    "warn time_zone_unknown: These time zones are neither defined in the calendar nor "
	    "known; times in them are kept as they are, without UTC: \"Narnia\", \"Middle "
	    "Earth\".\n");
	told = zones_told(zone_text("Sometimes", "FREQ=SOMETIMES", 1).p, mixed, 3);
	assert_non_null(strstr(told, "without UTC: \"Narnia\", \"Oz\".\n"));
	assert_non_null(strstr(told, "warn time_zone_unclear: The time zone \"Sometimes\" is "));
	for (int i = 0; i < 12; i++)
		many[i] = arena_printf(cx.a, "Mars/%d", i);
	told = zones_told("", many, 12);
	assert_non_null(strstr(told, "\"Mars/0\", \"Mars/1\", "));
	assert_non_null(strstr(told, "\"Mars/9\" and others.\n"));
	assert_null(strstr(told, "Mars/10"));
}

static void
durations_have_an_end_and_are_what_they_say(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: it is none */
	} cases[] = {
		{ "P1D", 86400 },
		{ "P2W", 14 * 86400 },
		{ "+PT1H30M5S", 5405 },
		{ "P1DT1S", 86401 },
		{ " PT0S ", 0 },
		{ "P100000D", INT64_C(100000) * 86400 },
		{ "P100001D", -1 },
		{ "PT2400000H", INT64_C(100000) * 86400 },
		{ "PT2400000H1S", -1 },
		{ "PT100000001S", -1 },
		{ "P", -1 },
		{ "PT", -1 },
		{ "P1", -1 },
		{ "PD", -1 },
		{ "1D", -1 },
		{ "P1H", -1 },
		{ "PT1D", -1 },
		{ "PT1HT1M", -1 },
		{ "", -1 },
		{ "-", -1 },
	};
	const struct ical_when w = { .clock = ICAL_UTC, .local = 5 };
	struct ical_when out;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const bool some = ical_when_add(&w, str_c(cases[i].text), &out);

		if (some != (cases[i].seconds >= 0) ||
		    (some && out.local != w.local + cases[i].seconds))
			flunk("%s", cases[i].text);
	}
	assert_true(ical_when_add(&w, STR("-P1DT5S"), &out));
	assert_true(out.local == -86400);
	/* A day has no time to which hours could be added. */
	assert_true(ical_when_add(&(struct ical_when){ .clock = ICAL_DATE }, STR("P1DT5H"), &out));
	assert_true(out.local == 86400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nights_when_the_clock_changes_have_the_right_utc),
		cmocka_unit_test(whole_days_and_floating_times_stay_as_they_are),
		cmocka_unit_test(series_keep_their_rules_and_changed_occurrences_their_own_record),
		cmocka_unit_test(texts_are_unfolded_and_unescaped),
		cmocka_unit_test(damaged_events_do_not_spoil_the_others),
		cmocka_unit_test(zones_are_known_by_all_names_that_programs_write),
		cmocka_unit_test(zones_that_a_calendar_defines_are_followed_as_far_as_it_says),
		cmocka_unit_test(what_is_left_out_is_told_and_broken_lines_go_on),
		cmocka_unit_test(rules_of_zones_that_are_too_many_are_not_followed),
		cmocka_unit_test(rules_and_zones_of_a_calendar_have_an_end),
		cmocka_unit_test(every_zone_with_which_something_is_wrong_is_named),
		cmocka_unit_test(line_ends_of_any_kind_are_read),
		cmocka_unit_test(other_encodings_are_read),
		cmocka_unit_test(what_is_no_calendar_is_named),
		cmocka_unit_test(a_cut_calendar_gives_what_is_there),
		cmocka_unit_test(memory_does_not_grow_with_the_calendar),
		cmocka_unit_test(webcal_addresses_become_https),
		cmocka_unit_test(durations_have_an_end_and_are_what_they_say),
	};

	return cmocka_run_group_tests(tests, unit_open, unit_close);
}
