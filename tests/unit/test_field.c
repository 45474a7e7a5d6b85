/* Inputs against rows of fields: bodies and forms. */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/field.h"

static const struct field rows[] = {
	{ .name = "url", .type = FIELD_URL, .required = true, .label = "Address" },
	{ .name = "name", .type = FIELD_TEXT, .label = "Name", .help = "Any.", .min = 2, .max = 5 },
	{ .name = "count", .type = FIELD_INT, .label = "Count", .min = 1, .max = 10 },
	{ .name = "any", .type = FIELD_INT, .label = "Any" },
	{ .name = "on", .type = FIELD_BOOL, .label = "On" },
	{ .name = "sep",
	    .type = FIELD_CHOICE,
	    .label = "Separator",
	    .choices = "auto|comma|tab",
	    .labels = "|Comma" },
	{ .name = "cols", .type = FIELD_LIST, .label = "Columns" },
	{ .name = "few", .type = FIELD_LIST, .label = "Two", .max = 2 },
	{ .name = "headers", .type = FIELD_MAP, .label = "Headers", .advanced = true },
	{ .name = "token", .type = FIELD_SECRET, .label = "Token", .placeholder = "..." },
	{ .name = NULL },
};

static json *out, *secrets, *errors;

static const char *
run(const char *text)
{
	json *in = json_stored(cx.a, text);

	assert_true(in || strcmp(text, "null") == 0);
	out = json_new(cx.a);
	secrets = json_new(cx.a);
	errors = json_list(cx.a);
	field_check(cx.a, rows, "config", in, &(struct field_out){ out, secrets, errors });
	return json_text(cx.a, out);
}

/* The one complaint there must be. */
static void
assert_complaint(const char *text, const char *field)
{
	run(text);
	if (json_len(errors) != 1)
		flunk("%s: %s", text, json_text(cx.a, errors));
	assert_string_equal(json_str(json_nth(errors, 0), "field"), field);
	assert_true(strlen(json_str(json_nth(errors, 0), "message")) > 5);
}

static void
assert_accepts(const char *text, const char *want)
{
	const char *got = run(text);

	if (json_len(errors) != 0)
		flunk("%s: %s", text, json_text(cx.a, errors));
	assert_string_equal(got, want);
}

#define U "\"url\":\"https://a.example\""

static void
a_body_keeps_its_types(void **state)
{
	(void)state;
	assert_accepts("{" U
		       ",\"name\":\" abc \",\"count\":10,\"any\":-9223372036854775808,\"on\":false,"
		       "\"sep\":\"tab\",\"cols\":[\"a\",\" b \"],\"headers\":{\"X-A\":\"1\"}}",
	    "{" U ",\"name\":\"abc\",\"count\":10,\"any\":-9223372036854775808,\"on\":false,"
	    "\"sep\":\"tab\",\"cols\":[\"a\",\"b\"],\"headers\":{\"X-A\":\"1\"}}");
}

static void
a_form_sends_texts(void **state)
{
	(void)state;
	assert_accepts("{" U ",\"name\":\"\",\"count\":\" 3 \",\"on\":\"on\",\"cols\":\"a, b,,c \","
		       "\"headers\":\"X-A: 1:2\\r\\n\\r\\nX-B:\\n\"}",
	    "{" U
	    ",\"count\":3,\"on\":true,\"cols\":[\"a\",\"b\",\"c\"],\"headers\":{\"X-A\":\"1:2\","
	    "\"X-B\":\"\"}}");
}

static void
what_means_yes_and_no_is_a_boolean(void **state)
{
	static const char *const yes[] = { "true", "\"true\"", "\"on\"", "\" 1 \"" };
	static const char *const no[] = { "false", "\"false\"", "\"off\"", "\"0\"" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_accepts(
		    arena_printf(cx.a, "{" U ",\"on\":%s}", yes[i]), "{" U ",\"on\":true}");
		assert_accepts(
		    arena_printf(cx.a, "{" U ",\"on\":%s}", no[i]), "{" U ",\"on\":false}");
	}
}

static const struct field needed[] = {
	{ .name = "cols", .type = FIELD_LIST, .label = "Columns", .required = true },
	{ .name = "headers", .type = FIELD_MAP, .label = "Headers", .required = true },
	{ .name = NULL },
};

static void
a_list_of_blanks_is_no_answer_where_one_is_needed(void **state)
{
	const struct field_out into = { json_new(cx.a), json_new(cx.a), json_list(cx.a) };

	(void)state;
	field_check(
	    cx.a, needed, "", json_stored(cx.a, "{\"cols\":\" , \",\"headers\":{}}"), &into);
	assert_string_equal(json_text(cx.a, into.errors),
	    "[{\"field\":\"cols\",\"message\":\"This is needed.\"},"
	    "{\"field\":\"headers\",\"message\":\"This is needed.\"}]");
}

/* So many items, and one more. */
static void
lists_and_maps_have_a_limit(void **state)
{
	struct buf *list = buf_in(cx.a, 1 << 16), *map = buf_in(cx.a, 1 << 16);

	(void)state;
	for (int i = 0; i <= 200; i++) {
		buf_printf(list, "%s\"a\"", i ? "," : "");
		buf_printf(map, "%s\"n%d\":\"v\"", i ? "," : "", i);
		if (i < 199)
			continue;
		run(arena_printf(
		    cx.a, "{" U ",\"cols\":[%s],\"headers\":{%s}}", buf_c(list), buf_c(map)));
		assert_int_equal(json_len(errors), i < 200 ? 0 : 2);
	}
}

static void
empty_and_null_count_as_absent(void **state)
{
	(void)state;
	assert_accepts("{" U
		       ",\"name\":\"  \",\"count\":null,\"sep\":\"\",\"cols\":[],\"headers\":{},\""
		       "token\":\"\"}",
	    "{" U "}");
	assert_int_equal(json_len(secrets), 0);
	assert_complaint("{}", "config.url");
	assert_complaint("null", "config.url");
	assert_complaint("{\"url\":\" \"}", "config.url");
}

static void
secrets_go_their_own_way(void **state)
{
	(void)state;
	assert_accepts("{" U ",\"token\":\"-----BEGIN\\nx\"}", "{" U "}");
	assert_string_equal(json_text(cx.a, secrets), "{\"token\":\"-----BEGIN\\nx\"}");
	assert_complaint("{" U ",\"token\":\"a\\u0001b\"}", "config.token");
}

static void
wrong_values_are_complained_about(void **state)
{
	static const struct {
		const char *member, *field;
	} bad[] = {
		{ "\"name\":\"x\"", "config.name" },
		{ "\"name\":\"abcdef\"", "config.name" },
		{ "\"name\":5", "config.name" },
		{ "\"name\":\"a\\nb\"", "config.name" },
		{ "\"count\":0", "config.count" },
		{ "\"count\":11", "config.count" },
		{ "\"count\":1.5", "config.count" },
		{ "\"count\":\"x\"", "config.count" },
		{ "\"count\":true", "config.count" },
		{ "\"any\":9223372036854775808", "config.any" },
		{ "\"on\":1", "config.on" },
		{ "\"on\":\"yes!\"", "config.on" },
		{ "\"sep\":\"com\"", "config.sep" },
		{ "\"sep\":\"auto|comma\"", "config.sep" },
		{ "\"cols\":[1]", "config.cols" },
		{ "\"cols\":{}", "config.cols" },
		{ "\"headers\":[\"a\"]", "config.headers" },
		{ "\"headers\":{\"a\":1}", "config.headers" },
		{ "\"headers\":\"no colon\"", "config.headers" },
		{ "\"headers\":\": x\"", "config.headers" },
		{ "\"headers\":\"A: 1\\nA: 2\"", "config.headers" },
		{ "\"headers\":{\"A\":\"x\\r\\nB: y\"}", "config.headers" },
		{ "\"nope\":1", "config.nope" },
		{ "\"token\":7", "config.token" },
		{ "\"token\":\"a\\u007fb\"", "config.token" },
		{ "\"name\":\"a\\tb\"", "config.name" },
		{ "\"on\":\"TRUE\"", "config.on" },
		{ "\"on\":[]", "config.on" },
		{ "\"sep\":1", "config.sep" },
		{ "\"sep\":\"|comma\"", "config.sep" },
		{ "\"cols\":\"a,\\u0001\"", "config.cols" },
		{ "\"cols\":[\"a\",\"b\\nc\"]", "config.cols" },
		{ "\"headers\":{\"A\\u0001\":\"x\"}", "config.headers" },
		{ "\"few\":[\"a\",\"b\",\"c\"]", "config.few" },
		{ "\"few\":\"a,b,c\"", "config.few" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_complaint(arena_printf(cx.a, "{" U ",%s}", bad[i].member), bad[i].field);
	/* Characters count, not bytes. */
	assert_accepts("{" U ",\"name\":\"\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\"}",
	    "{" U ",\"name\":\"\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\"}");
}

static void
addresses_need_scheme_and_host(void **state)
{
	static const char *const bad[] = { "ftp://a", "a.example", "https://", "http:///x",
		"https://?x", "https://a b", "https://a/\\\"", "javascript:x", "http:/a",
		"https://:80" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_complaint(arena_printf(cx.a, "{\"url\":\"%s\"}", bad[i]), "config.url");
	assert_accepts(
	    "{\"url\":\"HTTP://[::1]:80/x?y=z\"}", "{\"url\":\"HTTP://[::1]:80/x?y=z\"}");
}

static void
all_complaints_come_at_once(void **state)
{
	(void)state;
	run("{\"count\":99,\"nope\":1,\"sep\":\"x\"}");
	assert_int_equal(json_len(errors), 4);
	field_check(cx.a, rows, "", NULL, &(struct field_out){ out, secrets, errors });
	assert_string_equal(json_str(json_nth(errors, 4), "field"), "url");
}

static void
the_description_draws_the_form(void **state)
{
	json *d = field_describe(cx.a, rows);

	(void)state;
	assert_int_equal(json_len(d), 10);
	assert_string_equal(json_text(cx.a, json_nth(d, 1)),
	    "{\"name\":\"name\",\"type\":\"text\",\"required\":false,\"advanced\":false,"
	    "\"items\":false,\"label\":\"Name\",\"help\":\"Any.\","
	    "\"placeholder\":null,\"min\":2,\"max\":5}");
	assert_string_equal(
	    json_text(cx.a, json_at(json_nth(d, 5), "choices")), "[\"auto\",\"comma\",\"tab\"]");
	assert_string_equal(json_text(cx.a, json_at(json_nth(d, 5), "choiceLabels")),
	    "[\"Automatic\",\"Comma\",\"tab\"]");
	assert_true(json_flag(json_nth(d, 0), "required", false));
	assert_true(json_flag(json_nth(d, 8), "advanced", false));
	assert_string_equal(json_str(json_nth(d, 9), "type"), "secret");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_keeps_its_types),
		cmocka_unit_test(a_form_sends_texts),
		cmocka_unit_test(what_means_yes_and_no_is_a_boolean),
		cmocka_unit_test(a_list_of_blanks_is_no_answer_where_one_is_needed),
		cmocka_unit_test(lists_and_maps_have_a_limit),
		cmocka_unit_test(empty_and_null_count_as_absent),
		cmocka_unit_test(secrets_go_their_own_way),
		cmocka_unit_test(wrong_values_are_complained_about),
		cmocka_unit_test(addresses_need_scheme_and_host),
		cmocka_unit_test(all_complaints_come_at_once),
		cmocka_unit_test(the_description_draws_the_form),
	};
	return cmocka_run_group_tests_name("field", tests, unit_open, unit_close);
}
