/* Series from the application to Google and back: a thousand at random, with what differs in them,
 * and those of calendars that people have. They come when python-dateutil says, when the stand-in
 * lists them, and when they are read again. With a number as its argument the program takes other
 * ones at random. */
#include "unit/gcal_fixture.h"

#include "base/zone_name.h"
#include "event/event.h"
#include "unit/fake_transport.h"

enum { SERIES = CASES(1000), LINE_BYTES = 64 * 1024, YEARS = 5, BACK = 5 };

#define SPAN ((int64_t)YEARS * 366 * 86400)

static struct remote lent;
static struct source there;
static const struct zone *berlin;
static int64_t seed = 20261126;

static int
series_open(void **state)
{
	world_open(state);
	control(
	    "{\"calendar\":{\"owner\":\"" OWNER "\",\"id\":\"" OWNER
	    "\",\"zone\":\"Europe/Berlin\"},\"quota\":{\"calendar\":{\"user\":0,\"project\":0}}}");
	lent = fake_remote();
	there = (struct source){
		.config = json_stored(cx.a, gcal_config),
		.cursor = json_stored(cx.a, "{\"zone\":\"Europe/Berlin\",\"role\":\"owner\"}"),
		.remote = &lent,
	};
	berlin = zone_system(cx.a, STR("Europe/Berlin"));
	net_transport_set(fake_transport, &world);
	return 0;
}

static int
series_close(void **state)
{
	net_transport_set(NULL, NULL);
	return world_close(state);
}

/*
 * When it comes.
 */
struct span {
	int64_t from, until; /* UTC; of days and floating times by the clock of the calendar */
	bool bent;           /* it is by the clock, which changes in it */
};

struct spans {
	struct span *v;
	size_t n;
};

static int
span_order(const void *x, const void *y)
{
	const struct span *a = x, *b = y;

	return (a->from > b->from) - (a->from < b->from);
}

static int64_t
first_of(const json *value)
{
	struct event_span s;

	assert_true(event_span(cx.a, value, &s));
	return when_utc(&s.start, berlin);
}

static struct spans
comes_here(struct arena *a, const json *value, int64_t from)
{
	struct occurrence *o;
	struct spans out = { .n = 0 };
	size_t n = occur_between(a, value, berlin, from, from + SPAN, &o);

	assert_true(n <= OCCUR_MAX);
	out.v = arena_array(a, n + 1, sizeof *out.v);
	for (size_t i = 0; i < n; i++) {
		const struct zone *zone = o[i].start.zone ? o[i].start.zone : berlin;
		struct span s = {
			.from = when_utc(&o[i].start, berlin),
			.until = when_utc(&o[i].end, berlin),
		};

		s.bent = o[i].start.kind != WHEN_MOMENT &&
		    (zone_offset(zone, s.from) != zone_offset(zone, s.until) ||
			zone_to_local(zone, s.from) != o[i].start.local);
		if (s.from >= from && s.from < from + SPAN)
			out.v[out.n++] = s;
	}
	qsort(out.v, out.n, sizeof *out.v, span_order);
	return out;
}

static int64_t
moment_of(const json *time)
{
	struct when w;

	if (!when_read(json_s(time, json_has(time, "date") ? "date" : "dateTime"), NULL, &w))
		flunk("no time: %s", json_text(cx.a, time));
	return w.kind == WHEN_DAY ? zone_to_utc(berlin, w.local) : w.utc;
}

static const char *
stamp(int64_t utc)
{
	char text[CLOCK_TEXT];

	return arena_dup(cx.a, clock_text(utc * 1000, text));
}

static struct spans
comes_there(struct arena *a, const char *key, int64_t from)
{
	const struct fake_request req = {
		.a = a,
		.method = "GET",
		.target = arena_printf(a,
		    EVENTS "/%s/instances?maxResults=2500&timeMin=%s&timeMax=%s"
			   "&fields=items(start,end),nextPageToken",
		    key, stamp(from - 86400), stamp(from + SPAN + 86400)),
		.headers = { .n = 0 },
	};
	struct fake_request with = req;
	struct fake_reply answer;
	struct spans out = { .n = 0 };
	const json *top, *items;

	params_add(&with.headers, "authorization", "Bearer t");
	fake_handle(world, &with, &answer);
	top = json_stored(a, buf_c(answer.body));
	items = json_at(top, "items");
	if (answer.status != 200 || json_str(top, "nextPageToken"))
		flunk("%s: %d %.300s", key, answer.status, buf_c(answer.body));
	out.v = arena_array(a, json_len(items) + 1, sizeof *out.v);
	for (size_t i = 0; i < json_len(items); i++) {
		const struct span s = {
			.from = moment_of(json_at(json_nth(items, i), "start")),
			.until = moment_of(json_at(json_nth(items, i), "end")),
		};

		if (s.from >= from && s.from < from + SPAN)
			out.v[out.n++] = s;
	}
	qsort(out.v, out.n, sizeof *out.v, span_order);
	return out;
}

static void
both_alike(const char *key, const json *value)
{
	struct arena *a = arena_new("occurrences", (size_t)256 << 20, 0);
	const int64_t from = first_of(value);
	const struct spans ours = comes_here(a, value, from), theirs = comes_there(a, key, from);

	for (size_t i = 0; i < ours.n && i < theirs.n; i++)
		if (ours.v[i].from != theirs.v[i].from ||
		    (ours.v[i].until != theirs.v[i].until && !ours.v[i].bent))
			flunk("%s\n the %zu. is %s to %s here, %s to %s there",
			    json_text(cx.a, value), i, stamp(ours.v[i].from),
			    stamp(ours.v[i].until), stamp(theirs.v[i].from),
			    stamp(theirs.v[i].until));
	if (ours.n != theirs.n)
		flunk("%s\n %zu here, %zu there", json_text(cx.a, value), ours.n, theirs.n);
	arena_free(a);
}

/*
 * There and back.
 */
static void
same_value(const json *x, const json *y)
{
	if (!y || !merge_same(cx.a, &event_rules, x, y))
		flunk("%s\n is not %s", json_text(cx.a, x), y ? json_text(cx.a, y) : "there");
}

static const char *
sent(const json *value, const char *id)
{
	const struct push p = { .id = id, .dataset = "", .values = value, .all = value };
	struct pushed out = { 0 };

	if (writer_gcal.send(&cx, &there, &p, &out) != RC_OK)
		flunk("%s: %s", json_text(cx.a, value), cx.err.detail);
	same_value(value, out.values);
	if (json_has(value, "recurrence"))
		both_alike(out.key, value);
	return out.key;
}

static json *
read_back(const char *key)
{
	const struct push p = { .id = "", .key = key };
	struct pushed out = { 0 };

	assert_ok(writer_gcal.look(&cx, &there, &p, &out));
	assert_non_null(out.values);
	return out.values;
}

/* What differs: one is called otherwise, one is left out, one is an hour later. */
static void
differ_somewhere(json *value, const struct spans *all, int no)
{
	struct occurrence o;
	struct event_span s;

	assert_true(event_span(cx.a, value, &s));
	for (size_t i = 0; all->n > 4 && i < 3; i++) {
		struct when slot = s.start, from, until;
		json *differs = json_new(cx.a);

		slot.utc = all->v[(i + 1 + (size_t)no) * 7 % all->n].from;
		slot.local = s.start.zone ? zone_to_local(s.start.zone, slot.utc) : slot.utc;
		if (s.start.kind != WHEN_MOMENT)
			slot.utc = slot.local = zone_to_local(berlin, slot.utc);
		if (!occur_at(cx.a, value, &slot, &o) || o.differs)
			continue;
		if (i == 0)
			json_set_str(differs, "title", "Another");
		else if (i == 1)
			json_set_str(differs, "status", "cancelled");
		else {
			int64_t later = s.start.kind == WHEN_DAY ? 86400 : 3600;

			from = when_later(&o.start, later);
			until = when_later(&o.end, later);
			json_set_str(differs, "startDateTime", when_text(cx.a, &from));
			json_set_str(differs, "endDateTime", when_text(cx.a, &until));
			json_set(differs, "allDay", json_at(value, "allDay"));
			json_set(differs, "timeZone", json_at(value, "timeZone"));
		}
		json_set(value, arena_printf(cx.a, "@%s", when_slot(cx.a, &slot)), differs);
	}
}

/* Somebody edits it there. */
static void
edited_there(const char *key)
{
	const char *path = arena_printf(cx.a, EVENTS "/%s", key);
	json *now;

	assert_int_equal(ask("PATCH", path, "{\"location\":\"L\"}"), 200);
	now = read_back(key);
	assert_string_equal(json_str(now, "location"), "L");
	if (json_has(now, "recurrence"))
		both_alike(key, now);
}

/* Up to a day before the end of what was listed: where days end is another question. */
static void
as_dateutil_says(const json *value, struct str starts, struct spans *all)
{
	const int64_t from = first_of(value), limit = from + SPAN - 86400;
	struct event_span s;
	size_t i = 0;
	int64_t at;

	*all = comes_here(cx.a, value, from);
	assert_true(event_span(cx.a, value, &s));
	while (str_i64(str_cut(starts, ' ', &starts), INT64_MIN, INT64_MAX, &at)) {
		if (s.start.kind != WHEN_MOMENT)
			at = zone_to_utc(berlin, at);
		if (at >= limit)
			break;
		if (i == all->n || all->v[i].from != at)
			flunk("%s\n the %zu. is %s, not %s", json_text(cx.a, value), i,
			    i < all->n ? stamp(all->v[i].from) : "missing", stamp(at));
		i++;
		if (!starts.p)
			break;
	}
	if (i < all->n && all->v[i].from < limit)
		flunk("%s\n %s is one too many", json_text(cx.a, value), stamp(all->v[i].from));
}

static void
random_series_come_back_as_they_went(void **state)
{
	const char *command = arena_printf(cx.a,
	    "tests/oracle/python tests/oracle/series.py %lld %d", (long long)seed, (int)SERIES);
	FILE *f = popen(command, "re");
	static char line[LINE_BYTES];
	int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		struct str starts, text = str_cut(str_trim(str_c(line)), '\t', &starts);
		json *value = json_stored(cx.a, arena_dup_str(cx.a, text));
		struct spans all;
		const char *key;

		assert_non_null(value);
		as_dateutil_says(value, starts, &all);
		differ_somewhere(value, &all, n);
		key = sent(value, arena_printf(cx.a, "push-%d", n));
		same_value(value, read_back(key));
		if (n % BACK == 0)
			edited_there(key);
		/* Memory and time of a world grow with it. */
		if (++n % 50 == 0) {
			series_close(state);
			series_open(state);
		}
	}
	assert_int_equal(pclose(f), 0);
	assert_int_equal(n, SERIES);
}

static json *
floats(const char *more)
{
	return json_stored(cx.a,
	    arena_printf(cx.a,
		"{\"title\":\"Floats\",\"allDay\":false,\"status\":\"confirmed\","
		"\"busy\":true,%s}",
		more));
}

/* What is by the clock wherever one is has times that the calendar's clock skips; those that the
 * clock changes are not told as edits. */
static void
times_that_the_clock_there_skips_come_back_as_they_went(void **state)
{
	static const char *const values[] = {
		"\"startDateTime\":\"2025-03-30T00:15:00\",\"endDateTime\":\"2025-03-30T02:00:00\","
		"\"recurrence\":[\"RRULE:FREQ=MONTHLY;INTERVAL=6\"],"
		"\"@20270330T001500\":{\"title\":\"Another\"}",
		"\"startDateTime\":\"2025-03-30T02:30:00\",\"endDateTime\":\"2025-03-30T02:45:00\"",
		"\"startDateTime\":\"2025-03-28T02:30:00\",\"endDateTime\":\"2025-03-28T04:00:00\","
		"\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=9\"],"
		"\"@20250330T023000\":{\"title\":\"Another\"},"
		"\"@20250331T023000\":{\"title\":\"One more\"}",
		"\"startDateTime\":\"2025-03-28T02:30:00\",\"endDateTime\":\"2025-03-28T04:00:00\","
		"\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=9\"],"
		"\"@20250330T023000\":{\"status\":\"cancelled\"}",
		"\"startDateTime\":\"2025-03-28T00:15:00\",\"endDateTime\":\"2025-03-28T04:15:00\","
		"\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=9\"],"
		"\"@20250330T001500\":{\"title\":\"Another\"}",
		"\"startDateTime\":\"2025-10-25T00:15:00\",\"endDateTime\":\"2025-10-25T04:15:00\","
		"\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=9\"],"
		"\"@20251026T001500\":{\"title\":\"Another\"}",
	};
	const json *now;
	const char *key;

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		const json *value = floats(values[i]);

		key = sent(value, arena_printf(cx.a, "skipped-%zu", i));
		same_value(value, read_back(key));
	}
	/* Whoever moves it there moves it, skipped or not. */
	key = sent(floats(values[1]), "skipped");
	assert_int_equal(ask("PATCH", arena_printf(cx.a, EVENTS "/%s", key),
			     "{\"end\":{\"dateTime\":\"2025-03-30T04:00:00\","
			     "\"timeZone\":\"Europe/Berlin\"}}"),
	    200);
	now = read_back(key);
	assert_string_equal(json_str(now, "startDateTime"), "2025-03-30T03:30:00");
	assert_string_equal(json_str(now, "endDateTime"), "2025-03-30T04:00:00");
}

/* Google counts from its first time, which is not shown there. */
static void
a_series_that_begins_at_a_skipped_time_is_not_sent(void **state)
{
	json *value = floats("\"startDateTime\":\"2025-03-30T02:30:00\",\"endDateTime\":"
			     "\"2025-03-30T05:00:00\",\"recurrence\":[\"RRULE:FREQ=DAILY\"]");
	const struct push p = { .id = "skipped-first", .values = value, .all = value };
	struct pushed out;

	(void)state;
	assert_error(writer_gcal.send(&cx, &there, &p, &out), E_UNSUPPORTED);
	assert_non_null(strstr(cx.err.detail, "Let it begin on another day"));
}

/*
 * Calendars that people have, as the reader of iCalendar understands them.
 */
struct calendar_rows {
	struct sink sink;
	struct str column[64];
	size_t columns;
	json *events; /* {uid: value} */
	int refused, differing;
};

static enum rc
rows_dataset(struct ctx *c, struct sink *s, const char *id, const char *title)
{
	(void)c;
	(void)s;
	(void)id;
	(void)title;
	return RC_OK;
}

static enum rc
rows_column(struct ctx *c, struct sink *s, struct str name, size_t *no)
{
	struct calendar_rows *r = (struct calendar_rows *)s;

	*no = r->columns;
	r->column[r->columns++] = (struct str){ arena_dup_str(c->a, name), name.n };
	return RC_OK;
}

static const char *
rows_cell(const struct calendar_rows *r, const struct row *row, const char *name)
{
	for (size_t i = 0; i < row->n; i++)
		if (str_is(r->column[i], name) && row->cells[i].kind != CELL_NONE)
			return arena_dup_str(cx.a, row->cells[i].v);
	return NULL;
}

/* "FREQ=DAILY\nFREQ=YEARLY" as the lines of a recurrence; parameters stand in front. */
static void
rows_lines(json *lines, const char *name, const char *cell)
{
	struct str rest = str_c(cell);

	while (rest.p && rest.n) {
		struct str one = str_cut(rest, '\n', &rest);
		const char *between = memchr(one.p, ':', one.n) ? ";" : ":";

		json_add_str(
		    lines, arena_printf(cx.a, "%s%s%.*s", name, between, (int)one.n, one.p));
	}
}

static void
rows_set(json *value, const char *name, const char *text)
{
	if (text && *text)
		json_set_str(value, name, text);
}

static json *
rows_value(const struct calendar_rows *r, const struct row *row)
{
	const char *zone = rows_cell(r, row, "time_zone");
	json *v = json_new(cx.a), *lines = json_list(cx.a);

	rows_set(v, "title", rows_cell(r, row, "summary"));
	rows_set(v, "startDateTime", rows_cell(r, row, "start"));
	rows_set(v, "endDateTime", rows_cell(r, row, "end"));
	rows_set(v, "timeZone", zone);
	rows_lines(lines, "RRULE", rows_cell(r, row, "rrule"));
	rows_lines(lines, "RDATE", rows_cell(r, row, "rdate"));
	rows_lines(lines, "EXDATE", rows_cell(r, row, "exdate"));
	if (json_len(lines) > 0)
		json_set(v, "recurrence", lines);
	return v;
}

/* An occurrence that differs goes into its series, which came before. */
static void
rows_differ(struct calendar_rows *r, json *series, const char *slot_text, const json *in)
{
	struct complaints wrong = { 0 };
	struct occurrence o;
	struct event_span s;
	struct when slot;
	json *differs;

	if (!event_span(cx.a, series, &s) || !when_read(str_c(slot_text), s.start.zone, &slot) ||
	    !occur_at(cx.a, series, &slot, &o) ||
	    event_take_one(&cx, &wrong, o.value, o.value, in, &differs) != RC_OK)
		return;
	if (json_len(differs) > 0) {
		json_set(series, arena_printf(cx.a, "@%s", when_slot(cx.a, &slot)), differs);
		r->differing++;
	}
}

static enum rc
rows_row(struct ctx *c, struct sink *s, const struct row *row)
{
	struct calendar_rows *r = (struct calendar_rows *)s;
	const char *named = rows_cell(r, row, "uid");
	const char *uid = named ? named : arena_dup_str(cx.a, row->key);
	const char *slot = rows_cell(r, row, "recurrence_id");
	struct complaints wrong = { 0 };
	json *value;

	(void)c;
	if (slot && json_at(r->events, uid))
		rows_differ(r, json_at(r->events, uid), slot, rows_value(r, row));
	else if (!slot && event_take(&cx, &wrong, NULL, rows_value(r, row), &value) == RC_OK)
		json_set(r->events, uid, value);
	else
		r->refused++;
	return RC_OK;
}

static enum rc
rows_skip(struct ctx *c, struct sink *s, const char *reason, int64_t no, const char *detail)
{
	(void)c;
	(void)reason;
	(void)no;
	(void)detail;
	((struct calendar_rows *)s)->refused++;
	return RC_OK;
}

static enum rc
    PRINTF(4, 5) rows_warn(struct ctx *c, struct sink *s, const char *code, const char *fmt, ...)
{
	(void)c;
	(void)s;
	(void)code;
	(void)fmt;
	return RC_OK;
}

static void
series_of_calendars_come_back_as_they_went(void **state)
{
	struct calendar_rows r = {
		.sink = {
			.dataset = rows_dataset,
			.column = rows_column,
			.row = rows_row,
			.skip = rows_skip,
			.warn = rows_warn,
		},
		.events = json_new(cx.a),
	};
	const struct source src = { .config = json_stored(cx.a, "{\"url\":\"http://x/\"}") };
	const char *path = getenv("TIDEMARK_CALENDAR");
	FILE *f = fopen(path ? path : "tests/table/ical_series.ics", "re");
	char *bytes = arena_alloc(cx.a, 4 << 20);
	struct fixture_page page;
	struct page_in in = { .read = fixture_read, .restart = fixture_restart, .arg = &page };
	int n = 0;

	(void)state;
	assert_non_null(f);
	page = (struct fixture_page){ .bytes = { bytes, fread(bytes, 1, 4 << 20, f) } };
	fclose(f);
	assert_ok(reader_ical.parse(&cx, &src, &in, 1, &r.sink));
	for (struct json_iter it = { 0 }; json_each(r.events, &it);) {
		struct arena *outer = cx.a;
		const char *key;

		cx.a = arena_new("series", (size_t)256 << 20, 0);
		key = sent(it.value, arena_printf(cx.a, "push-%d", n++));
		same_value(it.value, read_back(key));
		edited_there(key);
		arena_free(cx.a);
		cx.a = outer;
	}
	if (path)
		print_message("%d, %d that differ, %d refused\n", n, r.differing, r.refused);
	else {
		assert_int_equal(n, 112);
		assert_int_equal(r.differing, 138);
		/* Without a time, and rules that are none. */
		assert_int_equal(r.refused, 4);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_series_that_begins_at_a_skipped_time_is_not_sent, series_open, series_close),
		cmocka_unit_test_setup_teardown(
		    times_that_the_clock_there_skips_come_back_as_they_went, series_open,
		    series_close),
		cmocka_unit_test_setup_teardown(
		    series_of_calendars_come_back_as_they_went, series_open, series_close),
		cmocka_unit_test_setup_teardown(
		    random_series_come_back_as_they_went, series_open, series_close),
	};

	if (argc > 1 && !str_i64(str_c(argv[1]), 0, INT64_MAX, &seed))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
