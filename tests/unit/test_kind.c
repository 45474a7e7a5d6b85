/* What every kind of source must say of itself, and whose a stored secret is. */
#include "unit/unit.h"

#include "base/buf.h"
#include "kind/kind.h"
#include "kind/veil.h"
#include "net/origin.h"
#include "oauth/provider.h"

static void
addresses_of_one_server_are_told_from_others(void **state)
{
	static const struct {
		const char *x, *y;
		bool same;
	} rows[] = {
		{ "https://a.example/x", "https://A.example:443/y?z#w", true },
		{ "HTTP://a.example", "http://a.example:80/", true },
		{ "https://a.example:/x", "https://a.example/y", true },
		{ "https://[::1]:8443/x", "https://[::1]:8443/", true },
		{ "https://a.example/", "http://a.example/", false },
		{ "https://a.example/", "https://b.a.example/", false },
		{ "https://a.example/", "https://a.example:444/", false },
		{ "https://a.example/", "https://a.example.evil/", false },
		/* What can be read in two ways is nobody's. */
		{ "https://a.example@evil.example/", "https://a.example/", false },
		{ "https://a.example\\@evil.example/", "https://a.example\\@evil.example/", false },
		{ "https://a.ex%61mple/", "https://a.ex%61mple/", false },
		{ "https://a.example:99999/", "https://a.example:99999/", false },
		{ "https://a.example:80x/", "https://a.example:80x/", false },
		{ "https://[::1/", "https://[::1/", false },
		{ "https://[::1]x/", "https://[::1]x/", false },
		{ "https:///x", "https:///x", false },
		{ "ftp://a.example/", "ftp://a.example/", false },
		{ "a.example", "a.example", false },
		{ "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (origin_same(rows[i].x, rows[i].y) != rows[i].same ||
		    origin_same(rows[i].y, rows[i].x) != rows[i].same)
			flunk("%s and %s\n", rows[i].x, rows[i].y);
	assert_false(origin_same(NULL, "https://a.example/"));
	assert_false(origin_same(NULL, NULL));
}

static bool
moved(const char *kind, const char *from, const char *to)
{
	return kind_moved(cx.a, kind_find(kind), json_stored(cx.a, from), json_stored(cx.a, to));
}

static void
a_secret_belongs_to_the_server_of_the_address_whatever_the_field_is(void **state)
{
	(void)state;
	assert_false(moved(
	    "csv", "{\"url\": \"https://a.example/1\"}", "{\"url\": \"https://a.example/2\"}"));
	assert_true(moved(
	    "csv", "{\"url\": \"https://a.example/1\"}", "{\"url\": \"https://b.example/1\"}"));
	assert_true(moved("json", "{\"url\": \"https://a.example/1\"}", "{}"));
	/* It is a text there, because of webcal: addresses. */
	assert_true(moved(
	    "ical", "{\"url\": \"https://a.example/1\"}", "{\"url\": \"https://b.example/1\"}"));
	assert_false(
	    moved("google-sheets", "{\"spreadsheet\": \"a\"}", "{\"spreadsheet\": \"b\"}"));
}

static bool
asks_secret(const json *checked)
{
	return json_len(json_at(checked, "errors")) &&
	    str_starts(json_s(json_nth(json_at(checked, "errors"), 0), "field"), "secret.");
}

static json *
check(const char *kind, struct kind_given given)
{
	return kind_check(cx.a, kind, &given);
}

static void
a_stored_secret_is_asked_for_again_when_the_address_moves(void **state)
{
	const json *stored = json_stored(cx.a, "{\"url\": \"https://a.example/1\"}");
	const json *there = json_stored(cx.a, "{\"url\": \"https://b.example/1\"}");
	const json *here = json_stored(cx.a, "{\"url\": \"https://a.example/2\"}");
	const json *secret = json_stored(cx.a, "{\"authorization\": \"Bearer x\"}");

	(void)state;
	assert_true(asks_secret(check(
	    "csv", (struct kind_given){ .config = there, .kept = secret, .stored = stored })));
	/* One that cannot be read now stays where it is, too. */
	assert_true(
	    asks_secret(check("csv", (struct kind_given){ .config = there, .stored = stored })));
	assert_false(asks_secret(check(
	    "csv", (struct kind_given){ .config = there, .secret = secret, .stored = stored })));
	assert_false(asks_secret(
	    check("csv", (struct kind_given){ .config = here, .kept = secret, .stored = stored })));
	assert_string_equal(
	    json_str(
		json_nth(
		    json_at(check("none", (struct kind_given){ .config = here }), "errors"), 0),
		"field"),
	    "provider");
}

/* The secrets of a kind whose address stands in a plain text would go anywhere. */
static bool
has_origin(const struct kind *k)
{
	bool secret = false, address = k->origin != NULL || k->account != NULL;

	for (const struct field *f = k->fields; f->name; f++) {
		secret |= f->type == FIELD_SECRET;
		address |= f->type == FIELD_URL;
	}
	return !secret || address;
}

static void
every_kind_is_whole(void **state)
{
	const struct kind *k;

	(void)state;
	for (size_t i = 0; (k = kind_nth(i)); i++) {
		assert_ptr_equal(kind_find(k->id), k);
		assert_true(k->title && k->blurb && k->icon && k->fields && has_origin(k));
		assert_int_equal(k->receiver != NULL, (k->caps & KIND_HOOK) != 0);
		if (!k->account)
			continue;
		assert_non_null(oauth_find(k->account));
		assert_true(k->scopes && k->words.things && k->words.look && k->words.open);
		assert_int_equal(k->more_scopes != NULL, k->words.without != NULL);
		/* Not every kind is of use to a service account, which has no contacts. */
		assert_true(!k->words.share || oauth_find(k->account)->audience);
		assert_int_equal(kind_first_of(k->account)->words.share != NULL,
		    oauth_find(k->account)->audience != NULL);
	}
	for (const char *p = kind_receiving("google-drive")->receiver->name; *p; p++)
		assert_true(*p == '-' || (*p >= 'a' && *p <= 'z'));
	assert_null(kind_receiving("none"));
	assert_null(kind_find(NULL));
}

/* The settings of a kind: "!" it has to be there, "~" folded in the form, "+" a change of it is a
 * plan first, "*" of use for items that both sides edit alone; and the range or the length. */
static const char *
settings_of(const struct kind *k)
{
	struct buf *b = buf_in(cx.a, 4096);

	for (const struct field *f = k->fields; f->name; f++) {
		buf_printf(b, "%s%s %s%s%s%s%s", f == k->fields ? "" : ", ", f->name,
		    field_type_name(f->type), f->required ? "!" : "", f->advanced ? "~" : "",
		    f->plans ? "+" : "", f->items ? "*" : "");
		if (f->min)
			buf_printf(b, " %lld to", (long long)f->min);
		if (f->max)
			buf_printf(b, " %lld", (long long)f->max);
	}
	return buf_c(b);
}

static void
the_settings_of_each_kind_are_asked_for_and_changed_as_is_said(void **state)
{
	static const struct {
		const char *kind, *settings;
	} rows[] = {
		{ "csv",
		    "url url!, key list+, delimiter choice~, quote choice~, "
		    "escape choice~, encoding choice~, header choice~, "
		    "skip_rows integer~ 1000, headers map~, authorization secret~" },
		{ "json",
		    "url url!, records text+, key list+, next text, "
		    "page_param text~ 100, headers map~, authorization secret~" },
		{ "ical", "url text!, headers map~, authorization secret~" },
		{ "google-sheets",
		    "spreadsheet text!+ 2000, tabs list+, key list+, "
		    "header_row integer~ 1 to 100000, range text~+ 200, columns list~+, "
		    "where list~+, hidden boolean~, contacts boolean~, "
		    "name_column text~ 200, email_column text~ 200, "
		    "phone_column text~ 200" },
		{ "google-calendar",
		    "calendar text+ 400, direction choice+*, write choice+*, "
		    "writeFrom list~+*, conflicts choice*, from text~+* 10, to text~+* 10" },
		{ "google-contacts",
		    "labels list+, people list+ 500, fields list~+, "
		    "otherContacts boolean~+, label text~ 100" },
		{ "notion",
		    "dataSource text!+ 2000, token secret 400, mode choice+, "
		    "properties map~+* 2000, series choice+*, where list~+*, "
		    "direction choice+*, write choice+*, writeFrom list~+*, "
		    "conflicts choice*, from text~+* 10, to text~+* 10" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(settings_of(kind_find(rows[i].kind)), rows[i].settings);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, unit_open, unit_close)

enum { LABEL_MAX = 40 }; /* so many can be read of a choice on a telephone */

/* Words that a label was forgotten for would be read as the next one's. */
static void
each_choice_of_a_kind_has_its_label(void **state)
{
	(void)state;
	for (size_t i = 0; kind_nth(i); i++)
		for (const struct field *f = kind_nth(i)->fields; f->name; f++) {
			struct str words = str_c(f->choices ? f->choices : "");
			struct str labels = str_c(f->labels ? f->labels : "");

			if (!f->labels)
				continue;
			for (; words.p && labels.p; str_cut(words, '|', &words))
				if (str_cut(labels, '|', &labels).n > LABEL_MAX)
					flunk("%s: %s: a long choice", kind_nth(i)->id, f->name);
			if (words.p || labels.p)
				flunk("%s: %s: %s", kind_nth(i)->id, f->name, f->labels);
		}
}

static void
only_the_labels_that_were_put_on_or_taken_off_are_our_own_doing(void **state)
{
	static const struct {
		const char *before, *now, *acts;
		bool echo;
	} rows[] = {
		{ "{\"labels\":[\"Tea\"],\"updatedAt\":\"1\"}",
		    "{\"labels\":[\"Ours\",\"Tea\"],\"updatedAt\":\"2\"}", "{\"Ours\":true}",
		    true },
		{ "{\"labels\":[]}", "{\"labels\":[\"Ours\"]}", "{\"Ours\":true}", true },
		{ "{}", "{\"labels\":[\"Ours\"]}", "{\"Ours\":true}", true },
		{ "{\"labels\":[\"Ours\"]}", "{\"labels\":[]}", "{\"Ours\":false}", true },
		{ "{\"labels\":[\"Ours\"]}", "{}", "{\"Ours\":null}", true },
		{ "{\"labels\":[\"Old\",\"Tea\"]}", "{\"labels\":[\"New\",\"Tea\"]}",
		    "{\"New\":true,\"Old\":false}", true },
		/* Without the labels only the time tells. */
		{ "{\"updatedAt\":\"1\"}", "{\"updatedAt\":\"2\"}", "{\"Ours\":true}", true },
		{ "{\"labels\":[\"Ours\"]}", "{\"labels\":[]}", "{\"Ours\":true}", false },
		{ "{\"labels\":[]}", "{\"labels\":[\"Ours\"]}", "{\"Ours\":false}", false },
		{ "{\"labels\":[]}", "{\"labels\":[\"Ours\",\"Tea\"]}", "{\"Ours\":true}", false },
		{ "{\"labels\":[\"Tea\"]}", "{\"labels\":[\"Ours\"]}", "{\"Ours\":true}", false },
		{ "{\"labels\":[],\"notes\":\"x\"}", "{\"labels\":[\"Ours\"],\"notes\":\"y\"}",
		    "{\"Ours\":true}", false },
		{ "{\"labels\":[]}", "{\"labels\":[\"Ours\"],\"notes\":\"y\"}", "{\"Ours\":true}",
		    false },
		{ NULL, "{\"labels\":[\"Ours\"]}", "{\"Ours\":true}", false },
		{ "{\"labels\":[\"Ours\"]}", NULL, "{\"Ours\":false}", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (kind_find("google-contacts")
			->echoes(cx.a, json_stored(cx.a, rows[i].before),
			    json_stored(cx.a, rows[i].now),
			    json_stored(cx.a, rows[i].acts)) != rows[i].echo)
			flunk("%s, %s, %s", rows[i].before, rows[i].now, rows[i].acts);
}

#define AT_A "\"url\":\"https://a.example/1\""

/* Of a table of that address with those headers. */
static json *
check_headers(const char *headers, struct kind_given g)
{
	g.config = json_stored(cx.a, arena_printf(cx.a, "{" AT_A ",\"headers\":%s}", headers));
	return check("csv", g);
}

static void
headers_that_are_secrets_are_sealed_and_come_back(void **state)
{
	const json *kept = json_stored(cx.a, "{\"headers\":{\"x-KEY\":\"k1\"}}");
	const json *given = json_stored(cx.a, "{\"headers\":{\"X-Key\":\"k2\"}}");
	const json *here = json_stored(cx.a, "{" AT_A "}");
	const json *there = json_stored(cx.a, "{\"url\":\"https://b.example/1\"}");
	const char *stored = "{\"X-Key\":\"(stored)\"}";
	json *o;

	(void)state;
	o = check_headers("{\"X-Key\":\"k1\",\"ACCEPT\":\"text/csv\",\"Api-Version\":\"3\","
			  "\"-Version\":\"4\"}",
	    (struct kind_given){ 0 });
	assert_string_equal(json_text(cx.a, json_at(json_at(o, "config"), "headers")),
	    "{\"X-Key\":\"(stored)\",\"ACCEPT\":\"text/csv\",\"Api-Version\":\"3\","
	    "\"-Version\":\"(stored)\"}");
	assert_string_equal(json_text(cx.a, json_at(json_at(o, "secret"), "headers")),
	    "{\"X-Key\":\"k1\",\"-Version\":\"4\"}");
	assert_string_equal(json_text(cx.a, veil_open(cx.a, json_at(o, "config"))),
	    "{\"ACCEPT\":\"text/csv\",\"Api-Version\":\"3\"}");
	assert_null(veil_open(cx.a, here));
	/* What is shown comes back as what it stands for. */
	o = check_headers(stored, (struct kind_given){ .kept = kept, .stored = here });
	assert_int_equal(json_len(json_at(o, "errors")), 0);
	assert_string_equal(
	    json_text(cx.a, json_at(o, "secret")), "{\"headers\":{\"X-Key\":\"k1\"}}");
	o = check_headers(
	    stored, (struct kind_given){ .kept = kept, .secret = given, .stored = here });
	assert_string_equal(
	    json_text(cx.a, json_at(o, "secret")), "{\"headers\":{\"X-Key\":\"k2\"}}");
	/* Not for another server, and not where there is nothing. */
	o = check_headers(stored, (struct kind_given){ .kept = kept, .stored = there });
	assert_string_equal(json_str(json_nth(json_at(o, "errors"), 0), "field"), "config.headers");
	o = check_headers("{\"X-Other\":\"(stored)\"}", (struct kind_given){ .kept = kept });
	assert_string_equal(json_str(json_nth(json_at(o, "errors"), 0), "message"),
	    "Enter the value of X-Other: nothing is stored of it.");
	o = check_headers(
	    "{\"X-Other\":\"(stored)\"}", (struct kind_given){ .kept = kept, .later = true });
	assert_int_equal(json_len(json_at(o, "errors")), 0);
}

static void
secrets_of_an_address_come_back_to_their_server_alone(void **state)
{
	static const char veiled[] = "{\"url\":\"https://a.example/1?api_key=(stored)\"}";
	const json *kept = json_stored(cx.a, "{\"urls\":{\"url\":\"?api_key=s3cr3t\"}}");
	const json *config = json_stored(cx.a, veiled), *moved_to;
	json *o;

	(void)state;
	o = check("csv", (struct kind_given){ .config = config, .kept = kept, .stored = config });
	assert_int_equal(json_len(json_at(o, "errors")), 0);
	assert_string_equal(json_text(cx.a, json_at(o, "config")), veiled);
	assert_string_equal(
	    json_str(json_at(json_at(o, "secret"), "urls"), "url"), "?api_key=s3cr3t");
	o = check("csv", (struct kind_given){ .config = config });
	assert_string_equal(json_str(json_nth(json_at(o, "errors"), 0), "message"),
	    "Enter the address with api_key: nothing is stored of it.");
	o = check("csv", (struct kind_given){ .config = config, .later = true });
	assert_int_equal(json_len(json_at(o, "errors")), 0);
	moved_to = json_stored(cx.a, "{\"url\":\"https://b.example/1?api_key=(stored)\"}");
	o = check("csv", (struct kind_given){ .config = moved_to, .kept = kept, .stored = config });
	assert_string_equal(json_str(json_nth(json_at(o, "errors"), 0), "field"), "config.url");
}

static const json *
shown(const char *id)
{
	const json *list = json_at(kind_list(cx.a), "data");

	for (size_t i = 0; i < json_len(list); i++)
		if (strcmp(json_str(json_nth(list, i), "id"), id) == 0)
			return json_nth(list, i);
	flunk("%s is not shown", id);
	return NULL;
}

static void
what_a_kind_can_do_and_costs_is_shown(void **state)
{
	const json *csv = shown("csv"), *calendar = shown("google-calendar");

	(void)state;
	assert_string_equal(json_text(cx.a, json_at(csv, "capabilities")), "[\"pull\"]");
	assert_null(json_str(csv, "account"));
	assert_null(json_str(csv, "scopes"));
	assert_false(json_flag(csv, "sources", true));
	assert_string_equal(json_text(cx.a, json_at(csv, "cost")), "[]");
	assert_string_equal(
	    json_text(cx.a, json_at(calendar, "capabilities")), "[\"pull\",\"push\",\"webhook\"]");
	assert_string_equal(json_str(calendar, "account"), "google");
	assert_non_null(strstr(json_str(calendar, "scopes"), "auth/calendar"));
	assert_true(json_flag(calendar, "sources", false));
	assert_true(json_len(json_at(calendar, "cost")) > 0);
	assert_int_equal(json_num(json_nth(json_at(shown("notion"), "cost"), 0), "calls", 0), 1);
}

/* A database by its id, with those members. */
static json *
check_notion(const char *members)
{
	return check("notion",
	    (struct kind_given){
		.config = json_stored(cx.a,
		    arena_printf(cx.a,
			"{\"dataSource\":\"https://www.notion.so/x-0123456789abcdef0123456789abcdef"
			"?v=1\"%s}",
			members)),
		.secret = json_stored(cx.a, "{\"token\":\"ntn_x\"}") });
}

static void
properties_of_notion_are_named_by_their_words(void **state)
{
	json *o = check_notion(",\"properties\":{\"title\":\"+\",\"date\":\"+  When \","
			       "\"location\":\"Ort\"}");
	const json *config = json_at(o, "config");

	(void)state;
	assert_string_equal(json_text(cx.a, json_at(o, "errors")), "[]");
	assert_string_equal(json_str(config, "mode"), "calendar");
	assert_string_equal(json_text(cx.a, json_at(config, "properties")),
	    "{\"title\":\"+Title\",\"date\":\"+When\",\"location\":\"Ort\"}");
	o = check_notion(",\"properties\":{\"when\":\"Date\"}");
	assert_string_equal(
	    json_str(json_nth(json_at(o, "errors"), 0), "field"), "config.properties");
	assert_non_null(strstr(
	    json_str(json_nth(json_at(o, "errors"), 0), "message"), "title, date, description"));
	o = check_notion(",\"where\":[\"Status\"]");
	assert_string_equal(json_str(json_nth(json_at(o, "errors"), 0), "field"), "config.where");
	/* A table has no events to choose among. */
	o = check_notion(",\"mode\":\"table\",\"where\":[\"Status\"],\"series\":\"each\"");
	assert_string_equal(json_text(cx.a, json_at(o, "errors")), "[]");
	assert_false(
	    json_has(json_at(o, "config"), "where") || json_has(json_at(o, "config"), "series"));
	o = check("notion",
	    (struct kind_given){ .config = json_stored(cx.a, "{\"dataSource\":\"My plans\"}") });
	assert_string_equal(
	    json_str(json_nth(json_at(o, "errors"), 0), "field"), "config.dataSource");
}

static void
a_token_of_its_own_is_sent_before_that_of_the_installation(void **state)
{
	const struct kind *notion = kind_find("notion");
	const json *own = json_stored(cx.a, "{\"token\":\"ntn_own\"}");

	(void)state;
	conf_override(notion->token_setting, "");
	assert_string_equal(kind_token(notion, own), "ntn_own");
	assert_null(kind_token(notion, NULL));
	conf_override(notion->token_setting, "ntn_all");
	assert_string_equal(kind_token(notion, own), "ntn_own");
	assert_string_equal(kind_token(notion, NULL), "ntn_all");
	assert_null(kind_token(kind_find("csv"), own));
	assert_true(kind_sends(notion->token_setting));
	assert_false(kind_sends(CONF_PORT));
	conf_override(notion->token_setting, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_choice_of_a_kind_has_its_label),
		TEST(addresses_of_one_server_are_told_from_others),
		TEST(a_secret_belongs_to_the_server_of_the_address_whatever_the_field_is),
		TEST(a_stored_secret_is_asked_for_again_when_the_address_moves),
		TEST(every_kind_is_whole),
		TEST(the_settings_of_each_kind_are_asked_for_and_changed_as_is_said),
		TEST(only_the_labels_that_were_put_on_or_taken_off_are_our_own_doing),
		TEST(headers_that_are_secrets_are_sealed_and_come_back),
		TEST(secrets_of_an_address_come_back_to_their_server_alone),
		TEST(what_a_kind_can_do_and_costs_is_shown),
		TEST(properties_of_notion_are_named_by_their_words),
		TEST(a_token_of_its_own_is_sent_before_that_of_the_installation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
