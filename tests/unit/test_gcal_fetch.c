/* Google Calendar, the network half of reading, against a world of the stand-in: what a first read
 * and what one of changes asks for, what is told of series, tokens that have ended, choices. */
#include "unit/gcal_fixture.h"

#include "unit/fake_transport.h"

static struct remote lent;
static json *read_config;
static struct buf *spooled[40]; /* pages of the last read */
static int spooled_n, read_calls;
static bool was_delta;
static const char *meanwhile; /* how "serial" is changed behind the first request */

static enum rc
spool_write(struct ctx *c, void *arg, const char *bytes, size_t n)
{
	(void)c;
	(void)arg;
	buf_add(spooled[spooled_n], bytes, n);
	return RC_OK;
}

/* One read from the cursor; what comes of it is the next one. */
static enum rc
read_from(const json *cursor, json **next)
{
	const struct source src = {
		.config = read_config,
		.cursor = cursor,
		.remote = &lent,
	};
	const char *page = NULL;

	*next = NULL;
	for (spooled_n = 0, read_calls = 0; spooled_n < 40; spooled_n++) {
		struct fetch f = { .page = spooled_n, .next = page, .write = spool_write };
		enum rc rc;

		spooled[spooled_n] = buf_in(cx.a, 8 << 20);
		rc = reader_gcal.fetch(&cx, &src, &f);
		read_calls += f.calls;
		if (rc != RC_OK)
			return rc;
		page = f.next_page;
		was_delta = f.delta;
		*next = f.cursor;
		if (meanwhile)
			ask("PATCH", EVENTS "/serial", meanwhile);
		meanwhile = NULL;
		if (!page) {
			spooled_n++;
			return RC_OK;
		}
	}
	return fail(&cx, E_BUG, "it never ends");
}

static void
spooled_pages(struct fixture_page *pages)
{
	for (int i = 0; i < spooled_n; i++)
		pages[i] = (struct fixture_page){ .bytes = buf_s(spooled[i]), .step = 1000 };
}

static const char *
rows_read(void)
{
	struct fixture *f = fixture_new(cx.a);
	struct fixture_page pages[40];

	spooled_pages(pages);
	assert_ok(fixture_parse(&cx, &reader_gcal, gcal_config, pages, (size_t)spooled_n, f));
	return buf_c(f->text);
}

static struct twin_notes
twins_read(const json *cursor)
{
	const struct source src = { .config = read_config, .cursor = cursor };
	struct twin_notes notes = { .sink.twin = notes_twin, .text = buf_in(cx.a, 4 << 20) };
	struct fixture_page pages[40];
	struct page_in in[40];

	spooled_pages(pages);
	for (int i = 0; i < spooled_n; i++) {
		in[i] = (struct page_in){
			.read = fixture_read,
			.restart = fixture_restart,
			.arg = &pages[i],
		};
	}
	assert_ok(reader_gcal.twins(&cx, &src, in, (size_t)spooled_n, &notes.sink));
	return notes;
}

static int
read_open(void **state)
{
	world_open(state);
	control("{\"calendar\":{\"owner\":\"" OWNER "\",\"id\":\"" OWNER
		"\",\"zone\":\"Europe/Berlin\"}}");
	lent = fake_remote();
	read_config = json_stored(cx.a, gcal_config);
	net_transport_set(fake_transport, &world);
	return 0;
}

static int
read_close(void **state)
{
	net_transport_set(NULL, NULL);
	return world_close(state);
}

#define DAILY(id) \
	"{\"id\":\"" id "\",\"summary\":\"Daily\",\"start\":{\"dateTime\":" \
	"\"2026-10-05T10:00:00\",\"timeZone\":\"Europe/Berlin\"},\"end\":{\"dateTime\":" \
	"\"2026-10-05T11:00:00\",\"timeZone\":\"Europe/Berlin\"},\"recurrence\":" \
	"[\"RRULE:FREQ=DAILY\"]}"

static void
done(int status, int wanted)
{
	if (status != wanted)
		flunk("%d: %s", status, buf_c(rep.body));
}

static void
an_unchanged_calendar_costs_one_call(void **state)
{
	json *first, *second, *third;

	(void)state;
	control("{\"fill\":{\"calendar\":\"" OWNER "\",\"count\":1200}}");
	assert_ok(read_from(NULL, &first));
	assert_int_equal(read_calls, 3);
	assert_false(was_delta);
	assert_int_equal(twins_read(NULL).n, 1200);
	assert_string_equal(json_str(first, "zone"), "Europe/Berlin");
	assert_string_equal(json_str(first, "role"), "owner");
	assert_ok(read_from(first, &second));
	assert_int_equal(read_calls, 1);
	assert_true(was_delta);
	assert_int_equal(twins_read(first).n + twins_read(first).gone, 0);
	assert_ok(read_from(second, &third));
	assert_int_equal(read_calls, 1);
}

/* How many pages had been wanted ahead when a page's first bytes were there to be taken in. */
static int wanted_before;

static enum rc
wanted_write(struct ctx *c, void *arg, const char *bytes, size_t n)
{
	if (wanted_before < 0)
		wanted_before = fake_wanted_ahead;
	return spool_write(c, arg, bytes, n);
}

static void
the_next_page_is_asked_for_before_the_one_that_has_come_is_taken_in(void **state)
{
	const struct source src = { .config = read_config, .remote = &lent };
	struct fetch f = { 0 };
	int pages = 0;

	(void)state;
	lent.spare = fake_lent_spare;
	control("{\"fill\":{\"calendar\":\"" OWNER "\",\"count\":1200}}");
	for (fake_wanted_ahead = 0, spooled_n = 0; pages == 0 || f.next_page; pages++) {
		f = (struct fetch){
			.page = pages,
			.next = f.next_page,
			.ahead = true,
			.write = wanted_write,
		};
		wanted_before = -1;
		spooled[0] = buf_in(cx.a, 8 << 20);
		assert_ok(reader_gcal.fetch(&cx, &src, &f));
		/* After the last one there is none. */
		assert_int_equal(wanted_before, pages + (f.next_page != NULL));
		assert_int_equal(fake_wanted_ahead, wanted_before);
	}
	assert_true(pages > 2);
	/* Who is to ask slowly does not. */
	f = (struct fetch){ .write = wanted_write };
	assert_ok(reader_gcal.fetch(&cx, &src, &f));
	assert_non_null(f.next_page);
	assert_int_equal(fake_wanted_ahead, pages - 1);
}

static void
pages_may_hold_nothing(void **state)
{
	json *first, *second;

	(void)state;
	control("{\"fill\":{\"calendar\":\"" OWNER "\",\"count\":700},\"brief_pages\":true}");
	assert_ok(read_from(NULL, &first));
	assert_int_equal(twins_read(NULL).n, 700);
	control("{\"fill\":{\"calendar\":\"" OWNER "\",\"count\":3}}");
	assert_ok(read_from(first, &second));
	assert_int_equal(twins_read(first).n, 3);
}

/* Whatever of it has changed. */
static void
a_series_of_which_anything_has_changed_is_read_whole(void **state)
{
	struct twin_notes t;
	json *cursor;

	(void)state;
	done(ask("POST", EVENTS, DAILY("serial")), 200);
	done(ask("PATCH", EVENTS "/serial_20261006T080000Z", "{\"summary\":\"One\"}"), 200);
	done(ask("DELETE", EVENTS "/serial_20261007T080000Z", NULL), 204);
	assert_ok(read_from(NULL, &cursor));
	t = twins_read(NULL);
	assert_int_equal(t.n, 1);
	assert_string_equal(
	    json_text(cx.a, json_at(t.last.values, "@20261006T080000Z")), "{\"title\":\"One\"}");
	assert_string_equal(json_text(cx.a, json_at(t.last.values, "@20261007T080000Z")),
	    "{\"status\":\"cancelled\"}");
	/* The series alone. */
	done(ask("PATCH", EVENTS "/serial", "{\"location\":\"L\"}"), 200);
	assert_ok(read_from(cursor, &cursor));
	t = twins_read(cursor);
	assert_int_equal(read_calls, 2);
	assert_int_equal(t.n, 1);
	assert_string_equal(json_str(t.last.values, "location"), "L");
	assert_true(json_has(t.last.values, "@20261006T080000Z") &&
	    json_has(t.last.values, "@20261007T080000Z"));
	/* An occurrence that is changed. */
	done(ask("PATCH", EVENTS "/serial_20261008T080000Z", "{\"summary\":\"Two\"}"), 200);
	assert_ok(read_from(cursor, &cursor));
	t = twins_read(cursor);
	assert_int_equal(read_calls, 2);
	assert_int_equal(t.n, 1);
	assert_int_equal(json_len(t.last.values), 12);
	/* One that is left out, of which only the id is told. */
	done(ask("DELETE", EVENTS "/serial_20261009T080000Z", NULL), 204);
	assert_ok(read_from(cursor, &cursor));
	t = twins_read(cursor);
	assert_int_equal(read_calls, 3);
	assert_int_equal(t.n, 1);
	assert_true(json_has(t.last.values, "@20261009T080000Z"));
	/* All of it is deleted. */
	done(ask("DELETE", EVENTS "/serial", NULL), 204);
	assert_ok(read_from(cursor, &cursor));
	t = twins_read(cursor);
	assert_int_equal(t.n, 0);
	assert_non_null(strstr(buf_c(t.text), "gone serial\n"));
}

/* Told of before the series ended, it is no event of its own after that; nothing tells so. */
static void
what_goes_with_its_place_between_two_requests_is_gone(void **state)
{
	static const char *const ends[] = {
		"{\"recurrence\":[\"RRULE:FREQ=DAILY;UNTIL=20261005T200000Z\"]}",
		"{\"status\":\"cancelled\"}",
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct twin_notes t;
		json *cursor;

		read_close(state);
		read_open(state);
		done(ask("POST", EVENTS, DAILY("serial")), 200);
		assert_ok(read_from(NULL, &cursor));
		done(ask("PATCH", EVENTS "/serial_20261006T080000Z", "{\"summary\":\"One\"}"), 200);
		meanwhile = ends[i];
		assert_ok(read_from(cursor, &cursor));
		t = twins_read(cursor);
		assert_int_equal(t.n, i == 0);
		assert_non_null(strstr(buf_c(t.text), "gone serial_20261006T080000Z\n"));
		assert_non_null(strstr(rows_read(), "gone [serial_20261006T080000Z]\n"));
		/* And nothing more is told. */
		assert_ok(read_from(cursor, &cursor));
		assert_int_equal(twins_read(cursor).n, i == 0);
	}
}

static void
this_and_following_are_two_series(void **state)
{
	struct twin_notes t;
	json *cursor;

	(void)state;
	done(ask("POST", EVENTS, DAILY("serial")), 200);
	done(ask("PATCH", EVENTS "/serial_20261012T080000Z", "{\"summary\":\"One\"}"), 200);
	assert_ok(read_from(NULL, &cursor));
	control("{\"split\":{\"calendar\":\"" OWNER "\",\"event\":\"serial_20261009T080000Z\","
		"\"changes\":{\"summary\":\"Later\"}}}");
	assert_ok(read_from(cursor, &cursor));
	t = twins_read(cursor);
	assert_int_equal(t.n, 2);
	assert_non_null(strstr(buf_c(t.text), "twin serial {"));
	assert_non_null(strstr(buf_c(t.text), "twin serial_R20261009T080000Z {"));
	assert_null(strstr(buf_c(t.text), "@20261012"));
}

static void
a_token_that_has_ended_is_told(void **state)
{
	json *cursor, *next;

	(void)state;
	done(ask("POST", EVENTS, DAILY("serial")), 200);
	assert_ok(read_from(NULL, &cursor));
	control("{\"sync_tokens\":{\"calendar\":\"" OWNER "\"}}");
	assert_error(read_from(cursor, &next), E_CURSOR);
	/* One for another size of pages. */
	json_set_str(cursor, "token", "S.1.2.3.4.x=");
	assert_error(read_from(cursor, &next), E_CURSOR);
	assert_ok(read_from(NULL, &next));
	assert_int_equal(twins_read(NULL).n, 1);
}

static void
calendars_are_shown_to_choose_from(void **state)
{
	const struct source src = { .config = read_config, .remote = &lent };
	json *choices = json_new(cx.a);
	const json *list;
	json *sources;
	bool more;

	(void)state;
	control(
	    "{\"account\":{\"email\":\"bob@example.com\"},\"calendar\":{\"owner\":"
	    "\"bob@example.com\",\"id\":\"team@group.calendar.google.com\",\"summary\":\"Team\"},"
	    "\"calendar_share\":{\"calendar\":\"team@group.calendar.google.com\",\"email\":"
	    "\"" OWNER "\",\"role\":\"reader\"}}");
	assert_ok(reader_gcal.choices(&cx, &src, choices));
	list = json_at(choices, "calendars");
	assert_int_equal(json_len(list), 2);
	assert_string_equal(json_str(choices, "timeZone"), "Europe/Berlin");
	assert_true(json_flag(json_nth(list, 0), "primary", false));
	assert_true(json_flag(json_nth(list, 0), "writable", false));
	assert_string_equal(json_str(json_nth(list, 1), "title"), "Team");
	assert_false(json_flag(json_nth(list, 1), "writable", true));
	sources = json_list(cx.a);
	more = true;
	assert_ok(reader_gcal.sources(&cx, &src, sources, &more));
	assert_false(more);
	assert_string_equal(json_text(cx.a, sources),
	    "[{\"id\":\"" OWNER "\",\"title\":\"" OWNER "\",\"link\":\"primary\","
	    "\"note\":\"main calendar\"},{\"id\":\"team@group.calendar.google.com\","
	    "\"title\":\"Team\",\"link\":\"team@group.calendar.google.com\","
	    "\"note\":\"can only be read\"}]");
	/* A login that may not list them. */
	control("{\"token\":{\"value\":\"t\",\"email\":\"" OWNER
		"\",\"scope\":\"https://www.googleapis.com/auth/calendar.events\"}}");
	choices = json_new(cx.a);
	assert_ok(reader_gcal.choices(&cx, &src, choices));
	assert_int_equal(json_len(json_at(choices, "calendars")), 0);
	assert_error(reader_gcal.sources(&cx, &src, json_list(cx.a), &more), E_SCOPES);
	json_set_str(read_config, "calendar", "nobody@example.com");
	assert_error(reader_gcal.choices(&cx, &src, choices), E_SOURCE_GONE);
}

#define read_test(f) cmocka_unit_test_setup_teardown(f, read_open, read_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		read_test(an_unchanged_calendar_costs_one_call),
		read_test(the_next_page_is_asked_for_before_the_one_that_has_come_is_taken_in),
		read_test(pages_may_hold_nothing),
		read_test(a_series_of_which_anything_has_changed_is_read_whole),
		read_test(what_goes_with_its_place_between_two_requests_is_gone),
		read_test(this_and_following_are_two_series),
		read_test(a_token_that_has_ended_is_told),
		read_test(calendars_are_shown_to_choose_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
