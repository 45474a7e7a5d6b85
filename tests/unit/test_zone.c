/* Time zones: 100,000 moments against Python's zoneinfo, and all that calendars call a zone. */
#include "unit/unit.h"

#include "base/civil.h"
#include "base/zone_name.h"

enum { MOMENTS = 100000, SEED = 20261126, LINE_BYTES = 500, HOUR = 3600, DAY = 24 * HOUR };

static int64_t
utc(int year, int month, int day, int hour)
{
	return civil_days(year, month, day) * DAY + hour * HOUR;
}

static void
all_zones_are_as_the_system_has_them(void **state)
{
	const char *command = arena_printf(
	    cx.a, "tests/oracle/python tests/oracle/zones.py %d %d", (int)SEED, (int)MOMENTS);
	FILE *f = popen(command, "re");
	char line[LINE_BYTES], name[100], last[100] = "";
	struct arena *a = arena_new("zones", 64 << 20, 0);
	const struct zone *z = NULL;
	long long at, offset, local, back;
	int n = 0, wrong = 0;

	(void)state;
	assert_non_null(f);
	for (; fgets(line, sizeof line, f); n++) {
		assert_int_equal(
		    sscanf(line, "%99s %lld %lld %lld %lld", name, &at, &offset, &local, &back), 5);
		if (strcmp(name, last) != 0) {
			arena_reset(a);
			z = zone_system(a, str_c(name));
			strcpy(last, name);
		}
		if (z && zone_offset(z, at) == offset && zone_to_utc(z, local) == back)
			continue;
		wrong++;
		print_error("%s", line);
	}
	assert_int_equal(pclose(f), 0);
	assert_int_equal(n, MOMENTS);
	assert_int_equal(wrong, 0);
	arena_free(a);
}

static void
assert_named(const char *name, const char *as)
{
	/* In winter and in summer, now and after the last change that the tables have. */
	static const int64_t at[] = { 1768471200, 1784116800, 2531304000, 2547028800 };
	const struct zone *z = zone_named(cx.a, str_c(name)), *want = zone_system(cx.a, str_c(as));

	if (!z)
		flunk("unknown: %s", name);
	assert_non_null(want);
	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		if (zone_offset(z, at[i]) != zone_offset(want, at[i]))
			flunk("%s is not %s", name, as);
}

static void
calendars_call_zones_many_things(void **state)
{
	static const char *const names[][2] = {
		{ "europe/berlin", "Europe/Berlin" },
		{ " Europe/Berlin ", "Europe/Berlin" },
		{ "America/New York", "America/New_York" },
		{ "AMERICA/ARGENTINA/BUENOS AIRES", "America/Argentina/Buenos_Aires" },
		{ "/example.org/20260101/Europe/Paris", "Europe/Paris" },
		{ "/freeassociation.sourceforge.net/Tzfile/America/Indiana/Knox",
		    "America/Indiana/Knox" },
		{ "W. Europe Standard Time", "Europe/Berlin" },
		{ "w. europe standard time", "Europe/Berlin" },
		{ "Eastern Standard Time", "America/New_York" },
		{ "(UTC-05:00) Eastern Time (US & Canada)", "America/New_York" },
		{ "(GMT-05:00) Eastern Time (US & Canada)", "America/New_York" },
		{ "Eastern Time (US & Canada)", "America/New_York" },
		{ "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin" },
		{ "(UTC) Coordinated Universal Time", "UTC" },
		{ "UTC+12", "Etc/GMT-12" },
		{ "GMT+05:30", "Asia/Kolkata" },
		{ "UTC-3", "Etc/GMT+3" },
		{ "GMT+0545", "Asia/Kathmandu" },
		{ "-08:00", "Etc/GMT+8" },
		{ "Etc/GMT+5", "Etc/GMT+5" },
		{ "EST5EDT", "EST5EDT" },
		{ "UTC", "Etc/UTC" },
		{ "gmt", "UTC" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_named(names[i][0], names[i][1]);
}

static void
every_name_of_windows_is_a_zone_of_the_system(void **state)
{
	static const char *const rows[][3] = {
#define W(name, shown, zone) { name, shown, zone },
#include "base/zone_windows.def"
#undef W
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_named(rows[i][0], rows[i][2]);
		assert_named(arena_printf(cx.a, "(UTC+00:00) %s", rows[i][1]), rows[i][2]);
		for (size_t k = 0; k < i; k++)
			assert_true(strcmp(rows[i][0], rows[k][0]) != 0 &&
			    strcmp(rows[i][1], rows[k][1]) != 0);
	}
}

static void
what_is_no_zone_is_none(void **state)
{
	static const char *const names[] = { "", " ", "/", "Middle Earth", "../../etc/passwd",
		"Europe/../etc/passwd", "/usr/share/zoneinfo/", "localtime", "posixrules",
		"Factory", "Europe", "zone.tab", "tzdata.zi", "Europe/Berlin/x", "GMT+99",
		"GMT+5:3", "GMT+05-30", "+", "UTC+", "GMT+1234567", "UTC++5", "(UTC-05:00)" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (zone_named(cx.a, str_c(names[i])))
			flunk("known: %s", names[i]);
	assert_null(zone_system(cx.a, STR("europe/berlin")));
	assert_null(zone_system(cx.a, STR("GMT+05:30")));
	assert_null(zone_system(cx.a, STR("Europe/../Europe/Berlin")));
	/* They count leap seconds. */
	assert_null(zone_system(cx.a, STR("right/Europe/Berlin")));
}

static void
rules_for_years_to_come_are_understood(void **state)
{
	static const struct {
		const char *rule;
		int year, month, day, hour; /* UTC */
		int32_t offset;
	} cases[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2099, 7, 1, 0, 2 * HOUR },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2099, 3, 29, 0, HOUR },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2099, 3, 29, 1, 2 * HOUR },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2099, 10, 25, 0, 2 * HOUR },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 2099, 10, 25, 1, HOUR },
		{ "<+0330>-3:30", 2050, 7, 1, 0, 3 * HOUR + HOUR / 2 },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", 2050, 7, 1, 0, HOUR },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", 2050, 1, 1, 0, 0 },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2050, 3, 27, 0, -2 * HOUR },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2050, 3, 27, 1, -HOUR },
		{ "AAA0BBB,J60,J300", 2048, 2, 29, 12, 0 },
		{ "AAA0BBB,J60,J300", 2048, 3, 1, 3, HOUR },
		{ "AAA0BBB,59,300", 2048, 2, 29, 3, HOUR },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tz_rule r;
		int64_t next;

		assert_true(tz_rule_read(str_c(cases[i].rule), &r));
		if (tz_rule_span(&r,
			utc(cases[i].year, cases[i].month, cases[i].day, cases[i].hour),
			&next) != cases[i].offset)
			flunk("%s, case %d", cases[i].rule, (int)i);
	}
}

/* A rule that changes twice a year holds from each change to the next, at the turn of years and
 * before 1970, too. */
static void
a_rule_holds_until_its_next_change(void **state)
{
	static const char *const rules[] = { "CET-1CEST,M3.5.0,M10.5.0/3", "AAA0BBB,J1/0,J365/23",
		"AAA0BBB,364/1,0/2", "<-03>3<-02>,M12.5.0/24,M1.1.0/0" };
	static const int years[] = { 1901, 1968, 1969, 1970, 2000, 2023, 2024, 2099 };

	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		for (size_t k = 0; k < sizeof years / sizeof *years; k++) {
			int64_t at = utc(years[k], 1, 1, 0) - 3 * DAY, next, after;
			const int64_t end = at + 372 * DAY;
			struct tz_rule r;
			int changes = 0;

			assert_true(tz_rule_read(str_c(rules[i]), &r));
			for (; at < end; at = next, changes++) {
				const int32_t offset = tz_rule_span(&r, at, &next);

				assert_true(next > at && next - at < 366 * DAY);
				assert_int_equal(tz_rule_span(&r, next - 1, &after), offset);
				assert_true(after == next);
				assert_int_not_equal(tz_rule_span(&r, next, &after), offset);
			}
			assert_in_range(changes, 3, 5);
		}
}

static void
rules_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = { "", "CET", "-1", "CET-1CEST", "CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,M3.5.0,M10.5.0,", "CET-1CEST,M3.5,M10.5.0", "CET-200", "<CET-1",
		"CET-1CEST,J0,J1", "CET-1CEST,J366,J1", "CET-1:60" };
	struct tz_rule r;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (tz_rule_read(str_c(bad[i]), &r))
			flunk("taken: %s", bad[i]);
}

static void
a_damaged_file_is_no_zone(void **state)
{
	char bytes[8192];
	FILE *f = fopen("/usr/share/zoneinfo/Europe/Berlin", "re");
	struct tz_table z;
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	assert_true(tzif_read(cx.a, (struct str){ bytes, n }, &z));
	/* Cut anywhere it is read no further than it goes. */
	for (size_t i = 0; i < n - 40; i++)
		assert_false(tzif_read(cx.a, (struct str){ bytes, i }, &z));
	for (size_t i = 0; i < n; i++) {
		struct zone_made made = { .open = true };
		const char was = bytes[i];

		bytes[i] = (char)0xff;
		if (tzif_read(cx.a, (struct str){ bytes, n }, &made.table))
			(void)zone_to_utc(zone_make(cx.a, &made), 1795170600);
		bytes[i] = was;
	}
}

static void
a_made_zone_asks_another_where_it_says_nothing(void **state)
{
	static const struct tz_change v[] = { { 1000000000, 3 * HOUR }, { 1100000000, HOUR } };
	const struct tz_change beyond_v[] = { { 0, 7 * HOUR } };
	const struct zone *beyond = zone_make(
	    cx.a, &(struct zone_made){ .table = { .v = beyond_v, .n = 1 }, .open = true });
	struct zone_made made = { .table = { .v = v, .n = 2, .before = 2 * HOUR } };
	const struct zone *z = zone_make(cx.a, &made);

	(void)state;
	assert_int_equal(zone_offset(z, 999999999), 2 * HOUR);
	assert_int_equal(zone_offset(z, 1000000000), 3 * HOUR);
	assert_int_equal(zone_offset(z, 1100000000), HOUR);
	assert_int_equal(zone_next_change(z, 0), 1000000000);
	assert_true(zone_next_change(z, 1100000000) == INT64_MAX);
	made.beyond = beyond;
	z = zone_make(cx.a, &made);
	assert_int_equal(zone_offset(z, 999999999), 7 * HOUR);
	assert_int_equal(zone_offset(z, 1000000000), 3 * HOUR);
	assert_int_equal(zone_offset(z, 1100000000), 7 * HOUR);
	made.open = true;
	z = zone_make(cx.a, &made);
	assert_int_equal(zone_offset(z, 1200000000), HOUR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_zones_are_as_the_system_has_them),
		cmocka_unit_test(calendars_call_zones_many_things),
		cmocka_unit_test(every_name_of_windows_is_a_zone_of_the_system),
		cmocka_unit_test(what_is_no_zone_is_none),
		cmocka_unit_test(rules_for_years_to_come_are_understood),
		cmocka_unit_test(a_rule_holds_until_its_next_change),
		cmocka_unit_test(rules_that_are_none_are_refused),
		cmocka_unit_test(a_damaged_file_is_no_zone),
		cmocka_unit_test(a_made_zone_asks_another_where_it_says_nothing),
	};

	return cmocka_run_group_tests(tests, unit_open, unit_close);
}
