/* What of an address is a secret, and how it comes back. */
#include "unit/unit.h"

#include "kind/kind.h"
#include "kind/veil_url.h"

static void
what_somebody_else_could_read_with_is_veiled(void **state)
{
	static const char *const rows[][2] = {
		{ "https://x.example/y.csv?api_key=SECRET&token=t&page=2",
		    "https://x.example/y.csv?api_key=(stored)&token=(stored)&page=2" },
		{ "https://x.example/y?Subscription-Key=a%20b#top",
		    "https://x.example/y?Subscription-Key=(stored)#top" },
		{ "https://x.example/y?api%5Fkey=a", "https://x.example/y?api%5Fkey=(stored)" },
		{ "https://calendar.google.com/calendar/ical/ann%40x.example/"
		  "private-0123456789abcdef0123456789abcdef/basic.ics",
		    "https://calendar.google.com/calendar/ical/ann%40x.example/(stored)/"
		    "basic.ics" },
		{ "https://hooks.slack.example/services/T024BE7LD/B024BE7LF/"
		  "XQ4e7Kd2mPz81LwRtYb5NvCs",
		    "https://hooks.slack.example/services/T024BE7LD/B024BE7LF/(stored)" },
		{ "https://www.bnb.example/calendar/ical/12345.ics?s="
		  "3f2a9c1d7e5b8a604c2d1e9f8b7a6c5d",
		    "https://www.bnb.example/calendar/ical/12345.ics?s=(stored)" },
		{ "https://admin.b.example/ical.html?t=2b8c1e0e-7a54-4a57-9a4e-6a1c9c1c2d3e",
		    "https://admin.b.example/ical.html?t=(stored)" },
		{ "https://n.example/webhook/2b8c1e0e-7a54-4a57-9a4e-6a1c9c1c2d3e",
		    "https://n.example/webhook/(stored)" },
		{ "https://i.example/trigger/sold/with/key/abcdefgh",
		    "https://i.example/trigger/sold/with/key/(stored)" },
		{ "https://x.blob.example/c/f.csv?sv=2022-11-02&sig=a%2Bb%3D&se=2027-01-01",
		    "https://x.blob.example/c/f.csv?sv=2022-11-02&sig=(stored)&se=2027-01-01" },
		{ "/items?page=2&access_token=abc", "/items?page=2&access_token=(stored)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *missing, *shown = veil_url(cx.a, rows[i][0]);

		assert_string_equal(shown, rows[i][1]);
		assert_string_equal(veil_url(cx.a, shown), shown);
		assert_true(veil_url_veiled(shown) && !veil_url_veiled(rows[i][0]));
		assert_string_equal(
		    veil_url_fill(cx.a, shown, veil_url_parts(cx.a, rows[i][0]), &missing),
		    rows[i][0]);
		assert_null(veil_url_fill(cx.a, shown, NULL, &missing));
		assert_non_null(missing);
		assert_null(veil_url_parts(cx.a, shown));
	}
}

static void
what_names_things_is_shown(void **state)
{
	static const char *const rows[] = {
		"https://x.example/people.csv",
		"https://x.example/data/API_SP.POP.TOTL_DS2_en_csv_v2_3404396.csv?format=csv",
		"https://x.example/covid-19-cases-by-county-2020-11-26-final-version.csv",
		"https://x.example/wiki/%D0%9A%D0%BD%D0%B8%D0%B3%D0%B0%D0%9A%D0%BD%D0%B8.csv",
		"https://x.example/exportFeatureTableOfAllStations.json?orderBy=name&limit=100",
		"https://data.example/dataset/2b8c1e0e-7a54-4a57-9a4e-6a1c9c1c2d3e/resource/"
		"7a5c1e0e-7a54-4a57-9a4e-6a1c9c1c2d3e/download/stops.csv",
		"https://data.example/api?resource_id=7a5c1e0e-7a54-4a57-9a4e-6a1c9c1c2d3e",
		"https://x.example/y?from=2024-01-01T00:00:00Z&to=20241231T235959Z&keyword=tea",
		"https://x.example/y?lat=52.5200066&lon=13.4049540&id=1234567890123456789",
		"https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74Og/"
		"export?format=csv&gid=0",
		"https://x.example/y?api_key=&token",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_string_equal(veil_url(cx.a, rows[i]), rows[i]);
		assert_null(veil_url_parts(cx.a, rows[i]));
	}
}

static void
values_come_back_by_their_names_and_segments_in_their_order(void **state)
{
	const char *parts = veil_url_parts(
	    cx.a, "https://x.example/key/aaa/token/bbb/f?api_key=1&x=2&sig=3&api_key=4");
	const char *missing;

	(void)state;
	assert_string_equal(parts, "/aaa/bbb?api_key=1&sig=3&api_key=4");
	assert_string_equal(veil_url_fill(cx.a,
				"https://x.example/key/(stored)/new/%28STORED%29?sig=(stored)&"
				"api_key=(stored)&y=5&api_key=(stored)",
				parts, &missing),
	    "https://x.example/key/aaa/new/bbb?sig=3&api_key=1&y=5&api_key=4");
	assert_null(veil_url_fill(cx.a, "https://x.example/?other=(stored)", parts, &missing));
	assert_string_equal(missing, "other");
	assert_null(
	    veil_url_fill(cx.a, "https://x.example/(stored)/(stored)/(stored)", parts, &missing));
	/* A page that the source names: what it adds is not among the parts. */
	assert_string_equal(
	    veil_url_like(cx.a, "https://x.example/f?sig=3&cursor=4&api_key=1", parts),
	    "https://x.example/f?sig=(stored)&cursor=4&api_key=(stored)");
	assert_string_equal(veil_url_like(cx.a, "https://x.example/f?sig=1&api_key=4", parts),
	    "https://x.example/f?sig=1&api_key=4");
}

static void
a_name_has_nothing_secret(void **state)
{
	static const char *const rows[][2] = {
		{ "https://x.example/a/people.csv?token=1", "people.csv" },
		{ "https://x.example/a/", "a" },
		{ "https://x.example:8443", "x.example:8443" },
		{ "https://x.example/feed/XQ4e7Kd2mPz81LwRtYb5NvCs", "x.example" },
		{ "https://x.example/with/key/abc", "x.example" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(veil_url_name(cx.a, rows[i][0]), rows[i][1]);
}

/* Any text at all is walked from its beginning to its end. */
static void
a_text_without_secrets_is_left_as_it_is(void **state)
{
	static const char letters[] = "ab/?&=#;:%(). ";
	const char *missing;
	char text[20];

	(void)state;
	for (unsigned n = 0; n < 20000; n++) {
		unsigned x = n * 2654435761u;

		for (size_t i = 0; i < sizeof text - 1; i++, x = x * 1664525u + 1013904223u)
			text[i] = letters[(x >> 16) % (sizeof letters - 1)];
		text[n % sizeof text] = '\0';
		text[sizeof text - 1] = '\0';
		assert_string_equal(veil_url(cx.a, text), text);
		assert_string_equal(veil_url_fill(cx.a, text, NULL, &missing), text);
		arena_reset(cx.a);
	}
}

static json *
checked(const char *kind, const struct kind_given *given)
{
	return kind_check(cx.a, kind, given);
}

static void
the_configuration_of_every_kind_by_address_has_no_secret(void **state)
{
	static const char *const rows[][2] = {
		{ "csv", "https://x.example/a.csv?token=of-ann" },
		{ "json", "https://x.example/key/of-ann/a.json" },
		{ "ical", "webcal://x.example/private-of-ann/a.ics" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json *config = json_new(cx.a), *first, *again, *secret;

		json_set_str(config, "url", rows[i][1]);
		first = checked(rows[i][0], &(struct kind_given){ .config = config });
		secret = json_at(first, "secret");
		assert_null(strstr(json_text(cx.a, json_at(first, "config")), "of-ann"));
		assert_non_null(strstr(json_text(cx.a, secret), "of-ann"));
		again = checked(rows[i][0],
		    &(struct kind_given){
			.config = json_at(first, "config"),
			.kept = secret,
			.stored = json_at(first, "config"),
		    });
		assert_int_equal(json_len(json_at(again, "errors")), 0);
		assert_string_equal(
		    json_text(cx.a, json_at(again, "secret")), json_text(cx.a, secret));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_somebody_else_could_read_with_is_veiled),
		TEST(what_names_things_is_shown),
		TEST(values_come_back_by_their_names_and_segments_in_their_order),
		TEST(a_name_has_nothing_secret),
		TEST(a_text_without_secrets_is_left_as_it_is),
		TEST(the_configuration_of_every_kind_by_address_has_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
