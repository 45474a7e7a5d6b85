/*
 * strew_fixture.h - a database of the stand-in's Notion in this process, with a series in it that
 * has a page for each of its occurrences, and Paula, who edits them.
 *
 * Days are counted from that of the test; 21 of them lie between two occurrences.
 */
#ifndef UNIT_STREW_FIXTURE_H
#define UNIT_STREW_FIXTURE_H

#include "unit/notion_fixture.h"
#include "unit/read_fixture.h"

#include "base/civil.h"
#include "provider/notion/notion.h"

#define PUSH "0193b1f4-7c1e-7e55-8a3c-3b8f5b1f6c11"
#define ONE ""
#define EACH ", \"series\": \"each\"" /* a page for each occurrence */

static struct buf *told; /* what was told of pages, a line each */
static int refused_at;   /* which of the next requests is refused; 0: none */

static inline const char *
day_with(const char *dash, int n)
{
	int year, month, of;

	civil_date(WORLD_MS / DAY_MS + n, &year, &month, &of);
	return arena_printf(cx.a, "%04d%s%02d%s%02d", year, dash, month, dash, of);
}

static inline const char *
day(int n)
{
	return day_with("-", n);
}

static inline const char *
slot(int n)
{
	return day_with("", n);
}

/* --- Paula --- */

static inline void
paula(const char *method, const char *path, const char *body)
{
	bearer = "paula";
	fine(method, path, body);
	bearer = "n";
	clock_step_by(2 * MINUTE_MS);
}

static inline void
paula_edits(const char *id, const char *properties)
{
	paula("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    arena_printf(cx.a, "{\"properties\": {%s}}", properties));
}

static inline void
paula_trashes(const char *id, bool in)
{
	paula("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    in ? "{\"in_trash\": true}" : "{\"in_trash\": false}");
}

/* --- what is there --- */

/* All pages, by when they were made. */
static inline json *
pages_there(void)
{
	fine("POST", arena_printf(cx.a, N "/data_sources/%s/query", source),
	    "{\"page_size\": 100, \"sorts\": [{\"timestamp\": \"created_time\", \"direction\": "
	    "\"ascending\"}]}");
	return at("results");
}

static inline const char *
date_of_page(const json *page)
{
	const json *date = json_at(json_at(json_at(page, "properties"), "When"), "date");
	const char *start = json_str(date, "start");

	return start ? arena_printf(cx.a, "%.10s", start) : "";
}

/* The page on that day; NULL: none. */
static inline const char *
page_on(int n)
{
	const json *all = pages_there();

	for (size_t i = 0; i < json_len(all); i++)
		if (!strcmp(date_of_page(json_nth(all, i)), day(n)))
			return arena_dup(cx.a, json_str(json_nth(all, i), "id"));
	return NULL;
}

static inline int
text_order(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static inline const char *
joined(const char **v, size_t n)
{
	struct buf *b = buf_in(cx.a, 1 << 16);

	qsort(v, n, sizeof *v, text_order);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s ", v[i]);
	return buf_c(b);
}

static inline const char *
days_there(void)
{
	const json *all = pages_there();
	const char *v[100];
	size_t n = 0;

	for (size_t i = 0; i < json_len(all); i++)
		if (*date_of_page(json_nth(all, i)))
			v[n++] = date_of_page(json_nth(all, i));
	return joined(v, n);
}

/* Pages are on these days and on no other; up to a 999. */
static inline void
pages_are_on(const int *days)
{
	const char *v[100];
	size_t n = 0;

	for (; days[n] != 999; n++)
		v[n] = day(days[n]);
	assert_string_equal(days_there(), joined(v, n));
}
#define PAGES_ARE_ON(...) pages_are_on((const int[]){ __VA_ARGS__, 999 })
#define NO_PAGES pages_are_on((const int[]){ 999 })

/* --- the connection --- */

static inline void
strew_listens(struct ctx *c, void *arg, const struct net_request *in, struct net_response *out)
{
	if (refused_at && --refused_at == 0) {
		out->status = 400;
		out->body = str_c("{\"code\":\"validation_error\",\"message\":\"No.\"}");
		return;
	}
	read_listens(c, arg, in, out);
}

/* Is refused one request after the other, and then none: n of them. `level` says that all is as it
 * shall be after whatever was broken off. */
static inline int
refused_each(enum rc (*work)(void), void (*again)(int n), void (*level)(int n))
{
	for (int n = 1;; n++) {
		enum rc rc;

		again(n);
		refused_at = n;
		rc = work();
		if (refused_at > 0) {
			refused_at = 0;
			assert_ok(rc);
			return n - 1;
		}
		if (rc == RC_OK)
			flunk("nothing is said of the refusal of request %d", n);
		cx.err = (struct err){ 0 };
		level(n);
	}
}

static inline void
settings(const char *more)
{
	from.config = json_stored(cx.a,
	    arena_printf(cx.a, "{\"dataSource\": \"%s\", \"mode\": \"calendar\"%s}", source, more));
}

static inline void
begin(const char *more)
{
	conf_override(CONF_NOTION_API_BASE, "https://api.notion.com/fake/notion");
	read_begin(&reader_notion, "n", "{}");
	net_transport_set(strew_listens, &world);
	refused_at = 0;
	settings(more);
	told = buf_in(cx.a, 1 << 16);
	assert_ok(reads());
}

/* It is all day, and comes each three weeks from `first` on; more: ",\"@...\": {...}". */
static inline const char *
choir(int first, const char *more)
{
	return arena_printf(cx.a,
	    "{\"title\":\"Choir\",\"startDateTime\":\"%s\",\"endDateTime\":\"%s\",\"allDay\":true,"
	    "\"status\":\"confirmed\",\"busy\":true,\"recurrence\":[\"RRULE:FREQ=DAILY;"
	    "INTERVAL=21\"]%s}",
	    day(first), day(first + 1), more);
}

static inline struct pushed
looked(const char *key)
{
	const struct push p = { .id = PUSH, .key = key };
	struct pushed out = { 0 };

	assert_ok(writer_notion.look(&cx, &from, &p, &out));
	return out;
}

/* What is agreed on of the series; NULL: nothing. */
static inline const char *
agreed(const char *key)
{
	const struct pushed p = looked(key);

	return p.values ? json_text(cx.a, p.values) : NULL;
}

/* key NULL: it is made; all NULL: it is deleted. */
static inline struct pushed
push(const char *key, const char *all)
{
	const struct pushed now = key ? looked(key) : (struct pushed){ 0 };
	struct push p = {
		.id = PUSH,
		.dataset = "",
		.key = key,
		.etag = now.etag,
		.object = "object",
		.uid = "uid",
		.was = now.values,
		.all = json_stored(cx.a, all),
	};
	json *values = json_stored(cx.a, all);
	struct pushed out;

	/* What is gone from it is sent as nothing. */
	for (struct json_iter it = { 0 }; values && json_each(now.values, &it);)
		if (!json_has(values, it.key))
			json_set_null(values, it.key);
	p.values = values;
	assert_ok(writer_notion.send(&cx, &from, &p, &out));
	clock_step_by(2 * MINUTE_MS);
	return out;
}

static enum rc
told_of(struct ctx *c, void *arg, const struct bestowal *b)
{
	(void)c;
	(void)arg;
	for (size_t i = 0; i < json_len(b->keys); i++)
		buf_printf(told, "%s %s%s\n", json_value_str(json_nth(b->keys, i)),
		    b->gone ? "went: " : "", b->what);
	return RC_OK;
}

static inline enum rc
tends(void)
{
	const struct keeping kept = { .told = told_of };
	int calls = 0;

	buf_clear(told);
	cx.err = (struct err){ 0 };
	return reader_notion.tend(&cx, &from, &kept, &calls);
}

/* A run: it reads, and then does what is to be done there. */
static inline void
runs(void)
{
	assert_ok(reads());
	clock_step_by(2 * MINUTE_MS);
	assert_ok(tends());
	clock_step_by(2 * MINUTE_MS);
}

/* The series, with a page on each of the days -4, 17, 38 and 59. */
static inline const char *
choir_is_there(void)
{
	const char *key;

	begin(EACH);
	key = arena_dup(cx.a, push(NULL, choir(-46, "")).key);
	runs();
	PAGES_ARE_ON(-4, 17, 38, 59);
	return key;
}

static inline int
strew_open(void **state)
{
	int failed = notion_open(state);

	control("{\"notion_user\": {\"token\": \"paula\", \"name\": \"Paula\"}}");
	control("{\"quota\": {\"notion\": {\"user\": 0}}}");
	return failed;
}

static inline int
strew_close(void **state)
{
	read_end();
	return notion_close(state);
}

#define strew_test(f) cmocka_unit_test_setup_teardown(f, strew_open, strew_close)

#endif
