/*
 * api_data.c - datasets and records over HTTP: the feed in order of change, exports, one record
 * and its history.
 */
#include "ask/place.h"
#include "base/clock.h"
#include "base/hash.h"
#include "skin/model.h"
#include "store/change.h"
#include "store/feed.h"
#include "store/payload.h"

enum { EXPORT_PAGE = 500, PAGE_BYTES = 4 * 1024 * 1024, EXPORT_MS = 10 * MINUTE_MS };

enum rc
api_datasets(struct req *r, struct resp *w)
{
	struct dataset_list list;
	json *data = json_list(r->cx->a);

	TRY(dataset_list(r->cx, r->db, r->who.user_id, r->path_param[0], &list));
	if (!list.n) {
		struct conn c;
		TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	}
	for (size_t i = 0; i < list.n; i++)
		json_add(data, model_dataset(r->cx->a, &list.v[i]));
	TRY(model_list(r, data, &data));
	resp_json(w, 200, r->cx->a, data);
	return RC_OK;
}

struct feed {
	struct dataset d;
	json *columns;
	int64_t names; /* bytes that the names of the columns take in each record */
	struct feed_place at;
	int64_t since, limit;
	bool deleted, safe;
	/* Of an export: */
	bool begun;
	int64_t until;      /* monotonic */
	struct arena *page; /* reset after each page */
};

static enum rc
data_flag(struct req *r, const char *name, bool dflt, bool *out)
{
	const char *v = req_query(r, name);

	*out = dflt;
	if (!v)
		return RC_OK;
	if (strcmp(v, "true") && strcmp(v, "false") && strcmp(v, "1") && strcmp(v, "0"))
		return fail_input(r->cx, name, "%s is true or false.", name);
	*out = !strcmp(v, "true") || !strcmp(v, "1");
	return RC_OK;
}

/* The dataset and the place in it, of the moment that feed_open() has taken. */
static enum rc
feed_find(struct req *r, struct feed *f)
{
	TRY(dataset_get(r->cx, r->db, r->who.user_id, r->path_param[0], &f->d));
	f->columns = json_stored(r->cx->a, f->d.columns);
	f->names = 0;
	for (size_t i = 0; i < json_len(f->columns); i++)
		f->names += (int64_t)json_s(json_nth(f->columns, i), "name").n;
	return feed_seek(
	    r->cx, r->db, &f->d, req_query(r, "cursor"), f->deleted ? f->since : 0, &f->at);
}

static enum rc
feed_read(struct req *r, struct feed *f)
{
	const char *since = req_query(r, "modifiedAfter");

	TRY(req_limit(r, &f->limit));
	TRY(data_flag(r, "includeDeleted", false, &f->deleted));
	TRY(data_flag(r, "safe", true, &f->safe));
	if (since && !clock_parse(str_c(since), &f->since))
		return fail_input(
		    r->cx, "modifiedAfter", "modifiedAfter is a time like 2026-11-20T10:30:00Z.");
	/* "After" a time given in seconds: the rest of that second is still to come. */
	if (since)
		f->since++;
	TRY(feed_open(r->cx, r->db));
	return feed_find(r, f);
}

/*
 * Exports.
 */

/* A number, a telephone number, a date: "-5", "+49 30 1234-56", "-1.5e-7". Digits and what
 * stands between them can do nothing. */
static bool
is_number(struct str s)
{
	size_t i = 1;

	if (s.n < 2 || (s.p[0] != '-' && s.p[0] != '+') || !strchr("0123456789.,(", s.p[1]))
		return false;
	while (i < s.n && strchr("0123456789 .,()/:-%", s.p[i]) && s.p[i])
		i++;
	if (i + 1 < s.n && (s.p[i] == 'e' || s.p[i] == 'E') && s.p[i - 1] >= '0' &&
	    s.p[i - 1] <= '9') {
		i += s.p[i + 1] == '-' || s.p[i + 1] == '+' ? 2 : 1;
		if (i == s.n)
			return false;
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
	}
	return i == s.n;
}

/* Would a spreadsheet take the cell for a formula? It looks past blanks, quotes and control
 * characters, and knows full-width signs. A cell that begins with our own mark before such a
 * sign is marked once more, so that taking one mark away gives every cell back. */
static bool
is_formula(struct str s)
{
	static const char *const skipped[] = { " ", "\"", "'", "\xc2\xa0", "\xe2\x80\x8b",
		"\xef\xbb\xbf", "\xe3\x80\x80" };
	static const char *const signs[] = { "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0" };
	struct str all = s;
	size_t i = 0, n;

	while (i < sizeof skipped / sizeof *skipped) {
		n = strlen(skipped[i]);
		if (str_starts(s, skipped[i])) {
			s = (struct str){ s.p + n, s.n - n };
			i = 0;
		} else
			i++;
	}
	if (s.n && (unsigned char)s.p[0] < ' ')
		return true;
	for (i = 0; i < sizeof signs / sizeof *signs; i++)
		if (str_starts(s, signs[i]))
			return !is_number(all);
	return false;
}

/* Does a formula begin here? A spreadsheet that was told of another separator begins cells within
 * ours: it does not take quotes inside a cell for quotes. */
static bool
csv_begins(struct str s, size_t i)
{
	static const char ends[] = ";\t\r\n";
	struct str rest = { s.p + i, 0 };

	if (i == 0)
		return is_formula(s);
	if (!strchr(ends, s.p[i - 1]))
		return false;
	while (i + rest.n < s.n && !strchr(ends, rest.p[rest.n]))
		rest.n++;
	return is_formula(rest);
}

static bool
csv_quoted(struct str s)
{
	if (s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' '))
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] && strchr(",;\t\"\r\n", s.p[i]))
			return true;
	return false;
}

static void
csv_cell(struct buf *b, struct str s, bool safe)
{
	bool quote = csv_quoted(s);

	if (quote)
		buf_ch(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (safe && csv_begins(s, i))
			buf_ch(b, '\'');
		if (s.p[i] == '"')
			buf_ch(b, '"');
		buf_ch(b, s.p[i]);
	}
	if (quote)
		buf_ch(b, '"');
}

static void
csv_header(struct buf *b, const struct feed *f)
{
	bool first = true;

	for (size_t i = 0; i < json_len(f->columns); i++) {
		json *c = json_nth(f->columns, i);
		if (json_flag(c, "gone", false))
			continue;
		if (!first)
			buf_ch(b, ',');
		first = false;
		csv_cell(b, json_s(c, "name"), f->safe);
	}
	buf_str(b, "\r\n");
}

static void
csv_row(struct buf *b, const struct feed *f, const struct record *rec, struct buf *cell)
{
	struct payload it = { rec->payload, 0 };
	struct str value;
	bool first = true;

	for (size_t i = 0; i < json_len(f->columns); i++) {
		bool have = payload_next(&it, &value);
		if (json_flag(json_nth(f->columns, i), "gone", false))
			continue;
		if (!first)
			buf_ch(b, ',');
		first = false;
		buf_clear(cell);
		if (have)
			payload_plain(cell, value);
		csv_cell(b, buf_s(cell), f->safe);
	}
	buf_str(b, "\r\n");
}

/* The records that come next, into the arena of cx. */
static enum rc
feed_page(
    struct ctx *cx, struct req *r, const struct feed *f, int64_t limit, struct record_list *out)
{
	const struct record_page page = {
		.after = f->at.after,
		.since = f->since,
		.deleted_too = f->deleted,
		.limit = limit,
		.bytes = PAGE_BYTES,
		.each = f->names,
	};

	return record_page(cx, r->db, r->who.user_id, &f->d, &page, out);
}

/* An export is of one moment, which the database holds for it; a reader who is so slow that it
 * would be held for long gets no more. */
static enum rc
stream_begin(struct ctx *cx, struct req *r, struct feed *f)
{
	enum rc rc = feed_open(r->cx, r->db);

	f->begun = true;
	f->until = clock_mono_ms() + EXPORT_MS;
	if (rc == RC_OK)
		rc = feed_find(r, f);
	cx->err = r->cx->err;
	return rc;
}

static enum rc
stream_read(struct ctx *cx, struct req *r, struct feed *f, struct record_list *out)
{
	if (clock_mono_ms() > f->until)
		return fail(cx, E_UNAVAILABLE, "The export was not taken in time.");
	return feed_page(cx, r, f, EXPORT_PAGE, out);
}

static bool
stream_page(struct req *r, struct resp *w, struct buf *out, bool csv)
{
	struct feed *f = w->stream_arg;
	struct ctx cx = { .a = f->page };
	struct record_list list;
	struct buf *cell;
	bool first = !f->begun;

	arena_reset(f->page);
	cell = buf_in(f->page, 64 * 1024 * 1024);
	/* The head of the reply has gone out: a failure can only break it off. */
	w->broken = (first && stream_begin(&cx, r, f) != RC_OK) ||
	    stream_read(&cx, r, f, &list) != RC_OK;
	if (w->broken) {
		r->cx->err = cx.err;
		return false;
	}
	if (first && csv)
		csv_header(out, f);
	for (size_t i = 0; i < list.n; i++) {
		if (csv)
			csv_row(out, f, &list.v[i], cell);
		else {
			model_record(out, f->columns, &list.v[i]);
			buf_ch(out, '\n');
		}
	}
	w->broken = out->over;
	if (w->broken)
		(void)fail(r->cx, E_REPLY_LARGE, "A record is too large to be exported.");
	f->at.after = list.next;
	return list.next != 0 && !w->broken;
}

static bool
stream_csv(struct req *r, struct resp *w, struct buf *out)
{
	return stream_page(r, w, out, true);
}

static bool
stream_ndjson(struct req *r, struct resp *w, struct buf *out)
{
	return stream_page(r, w, out, false);
}

static const char *
file_name(struct arena *a, const char *name, const char *ending)
{
	char *p = arena_dup_str(a, str_utf8_cut(str_c(name), 60));

	for (char *c = p; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			(*c >= '0' && *c <= '9') || *c == '-' || *c == '_'))
			*c = '_';
	return arena_printf(a, "attachment; filename=\"%s.%s\"", *p ? p : "data", ending);
}

static void
data_export(struct req *r, struct resp *w, struct feed *f, bool csv)
{
	f->page = arena_inside(r->cx->a, "export", (size_t)128 * 1024 * 1024);
	w->stream = csv ? stream_csv : stream_ndjson;
	w->stream_arg = f;
	w->type = csv ? "text/csv" : "application/x-ndjson";
	resp_header(
	    w, "Content-Disposition", file_name(r->cx->a, f->d.name, csv ? "csv" : "ndjson"));
}

/* Where to go on later, for what changes from now: behind all that this reply has looked at. */
static enum rc
feed_reply_end(struct req *r, struct resp *w, struct feed *f, int64_t next)
{
	const char *end;

	f->at.after = next ? next : feed_end(&f->d);
	TRY(feed_cursor(r->cx, r->db, &f->at, &end));
	buf_str(w->body, "],\"nextCursor\":");
	if (next)
		json_quote(w->body, str_c(end));
	else
		buf_str(w->body, "null");
	buf_str(w->body, ",\"endCursor\":");
	json_quote(w->body, str_c(end));
	buf_str(w->body, "}\n");
	return RC_OK;
}

enum rc
api_records(struct req *r, struct resp *w)
{
	struct feed *f = arena_alloc(r->cx->a, sizeof *f);
	const char *format = req_query(r, "format");
	struct record_list list;

	TRY(feed_read(r, f));
	if (format && (!strcmp(format, "csv") || !strcmp(format, "ndjson"))) {
		TRY(place_take(r->cx, r->who.user_id));
		data_export(r, w, f, !strcmp(format, "csv"));
		return RC_OK;
	}
	TRY(feed_page(r->cx, r, f, f->limit, &list));
	w->type = "application/json";
	buf_str(w->body, "{\"data\":[");
	for (size_t i = 0; i < list.n; i++) {
		if (i)
			buf_ch(w->body, ',');
		model_record(w->body, f->columns, &list.v[i]);
	}
	TRY(feed_reply_end(r, w, f, list.next));
	if (w->body->over)
		return fail(r->cx, E_REPLY_LARGE,
		    "This page of records is too large; ask for a smaller limit.");
	return RC_OK;
}

enum rc
api_record(struct req *r, struct resp *w)
{
	struct dataset d;
	struct record rec;

	TRY(dataset_get(r->cx, r->db, r->who.user_id, r->path_param[0], &d));
	TRY(record_get(r->cx, r->db, r->who.user_id, &d, r->path_param[1], &rec));
	w->type = "application/json";
	model_record(w->body, json_stored(r->cx->a, d.columns), &rec);
	buf_ch(w->body, '\n');
	return RC_OK;
}

/* {"email": {"before": ..., "after": ...}} of two payloads. */
static json *
data_differences(struct arena *a, const json *columns, const char *before, const char *after)
{
	json *o = json_new(a), *b = json_stored(a, before), *n = json_stored(a, after), *d;

	for (size_t i = 0; i < json_len(columns); i++) {
		json *old = json_nth(b, i), *new = json_nth(n, i);
		if (!strcmp(json_text(a, old), json_text(a, new)))
			continue;
		d = json_new(a);
		json_set(d, "before", old);
		json_set(d, "after", new);
		json_set(o, json_str(json_nth(columns, i), "name"), d);
	}
	return o;
}

/* One change; after: what the record was behind it. */
static json *
change_shown(struct arena *a, const json *columns, const struct record_change *c, const char *after)
{
	json *o = json_new(a);

	json_set_time(o, "at", c->at);
	json_set_str(o, "action", change_word((enum change_action)c->action, c->reason));
	json_set_str(o, "syncId", c->sync_id);
	json_set_str(o, "trigger", c->trigger);
	json_set_str(o, "side", c->actor || c->there ? "application" : "source");
	if (c->actor)
		json_set_str(o, "actor", c->actor);
	if (c->reason)
		json_set_str(o, "reason", c->reason);
	if (c->action == 2)
		after = "[]";
	json_set(o, "changes", c->before ? data_differences(a, columns, c->before, after) : NULL);
	return o;
}

/* The number of a change, as cursor of a history. */
static enum rc
history_cursor(struct req *r, int64_t *no)
{
	const char *text = req_query(r, "cursor");

	*no = 0;
	if (text && *text && !str_i64(str_c(text), 1, INT64_MAX, no))
		return fail_input(r->cx, "cursor", "The cursor is not one that this list gave.");
	return RC_OK;
}

enum rc
api_record_history(struct req *r, struct resp *w)
{
	struct arena *a = r->cx->a;
	json *data = json_list(a), *columns;
	struct history_page page = { .key = r->path_param[1] };
	struct record_changes list;
	struct dataset d;
	const char *after;

	if (req_query(r, "limit"))
		TRY(req_limit(r, &page.limit));
	TRY(history_cursor(r, &page.from));
	TRY(dataset_get(r->cx, r->db, r->who.user_id, r->path_param[0], &d));
	TRY(record_history(r->cx, r->db, r->who.user_id, &d, &page, &list));
	columns = json_stored(a, d.columns);
	after = list.after;
	for (size_t i = 0; i < list.n; i++) {
		json_add(data, change_shown(a, columns, &list.v[i], after));
		if (list.v[i].before)
			after = list.v[i].before;
	}
	resp_json(w, 200, a,
	    model_page(a, data, list.next ? arena_printf(a, "%lld", (long long)list.next) : NULL));
	return RC_OK;
}
