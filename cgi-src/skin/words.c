/*
 * words.c - see page.h: runs and connections as people read them.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/pct.h"
#include "queue/outward.h"
#include "queue/queue.h"
#include "skin/page.h"

enum { RECORD_HREF = 8000, HELD_TEXT = 64 * 1024 };

const char *
page_count(struct arena *a, int64_t n)
{
	char digits[32], *out = arena_alloc(a, 48);
	size_t len, o = 0;

	snprintf(digits, sizeof digits, "%lld", (long long)n);
	len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0 && digits[i - 1] != '-')
			out[o++] = ',';
		out[o++] = digits[i];
	}
	return out;
}

/* A sentence that a run has left, with its counts as people read them. */
static const char *
words_grouped(struct arena *a, const char *text)
{
	struct buf *b = buf_in(a, 2000);

	while (*text) {
		size_t n = strspn(text, "0123456789");
		int64_t count;

		if (n > 3 && n < 19 && str_i64((struct str){ text, n }, 0, INT64_MAX, &count))
			buf_str(b, page_count(a, count));
		else
			buf_add(b, text, n ? n : 1);
		text += n ? n : 1;
	}
	return buf_c(b);
}

const char *
page_duration(struct arena *a, int64_t ms)
{
	if (ms < 1000)
		return arena_printf(a, "%lld ms", (long long)ms);
	if (ms < 60000)
		return arena_printf(a, "%.1f s", (double)ms / 1000.0);
	return arena_printf(
	    a, "%lld min %lld s", (long long)(ms / 60000), (long long)(ms / 1000 % 60));
}

static const char *
words_bytes(struct arena *a, int64_t n)
{
	if (n < 1000)
		return arena_printf(a, "%lld B", (long long)n);
	if (n < 1000000)
		return arena_printf(a, "%.1f kB", (double)n / 1e3);
	return arena_printf(a, "%.1f MB", (double)n / 1e6);
}

void
page_when(struct arena *a, json *o, const char *key, const char *text, int64_t now)
{
	int64_t at;
	json *t;

	if (!text || !clock_parse(str_c(text), &at) || strlen(text) < 19) {
		json_set_null(o, key);
		return;
	}
	t = json_new(a);
	json_set_str(t, "at", text);
	json_set_str(t, "text", model_relative(a, at, now));
	json_set_str(t, "title", arena_printf(a, "%.10s %.8s UTC", text, text + 11));
	json_set_str(t, "clock", arena_printf(a, "%.8s", text + 11));
	json_set(o, key, t);
}

/*
 * Runs.
 */

static const char *
trigger_words(const char *trigger)
{
	static const char *const rows[][2] = {
		{ "first", "First sync" },
		{ "manual", "Started by hand" },
		{ "api", "Started by the application" },
		{ "schedule", "On schedule" },
		{ "resume", "Resumed" },
		{ "approve", "Started by an answer" },
		{ "guard", "Held back" },
		{ "plan", "Settings changed" },
		{ "command", "Started by command" },
		{ "webhook", "Notified by the source" },
		{ "channel", "Notifications began" },
		{ "undo", "Undo" },
		{ "exit", "Disconnecting" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i][0], trigger))
			return rows[i][1];
	return trigger;
}

/* Downloading, processing, saving: what is done, what goes on, what comes. */
static json *
words_steps(struct arena *a, const char *status)
{
	static const char *const rows[][2] = {
		{ "downloading", "Download" },
		{ "processing", "Compare" },
		{ "saving", "Save" },
	};
	json *list = json_list(a);
	size_t now = 0;

	while (now < sizeof rows / sizeof *rows && strcmp(rows[now][0], status))
		now++;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json *o = json_new(a);
		json_set_str(o, "phase", rows[i][0]);
		json_set_str(o, "name", rows[i][1]);
		json_set_str(o, "step", i < now ? "done" : "next");
		if (i == now)
			json_set_str(o, "step", "now");
		json_add(list, o);
	}
	return list;
}

/* "12 added, 3 updated" */
static const char *
words_changes(struct arena *a, const json *stats)
{
	static const char *const names[] = { "added", "updated", "deleted" };
	struct buf *b = buf_in(a, 200);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (json_num(stats, names[i], 0))
			buf_printf(b, "%s%s %s", b->n ? ", " : "",
			    page_count(a, json_num(stats, names[i], 0)), names[i]);
	return b->n ? buf_c(b) : "Nothing changed";
}

enum rc
page_held(struct req *r, const struct run *run, const char **text)
{
	struct outward_place *v;
	struct buf *b = buf_in(r->cx->a, HELD_TEXT);
	size_t n;

	TRY(outward_places(r->cx, r->db, run, &v, &n));
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_str(b, i + 1 < n ? ", " : " and ");
		buf_str(b,
		    i > 0 ? page_count(r->cx->a, v[i].n)
			  : page_plural(r->cx->a, v[i].n, "change", "changes"));
		buf_str(b, " for ");
		buf_str(b, v[i].name);
	}
	*text = n ? buf_c(b) : NULL;
	return RC_OK;
}

const char *
page_plural(struct arena *a, int64_t n, const char *one, const char *many)
{
	return arena_printf(a, "%s %s", page_count(a, n), n == 1 ? one : many);
}

void
page_notes(json *warnings)
{
	static const char *const plain[] = { "contacts", "contacts_unreachable", "rows_filtered" };

	for (size_t i = 0; i < json_len(warnings); i++) {
		const char *code = json_str(json_nth(warnings, i), "code");
		bool warns = true;
		for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
			warns = warns && !(code && !strcmp(code, plain[k]));
		json_set_bool(json_nth(warnings, i), "warns", warns);
	}
}

static json *
words_skipped(struct arena *a, const json *skips)
{
	json *list = json_list(a);

	for (size_t i = 0; i < json_len(skips); i++) {
		json *s = json_nth(skips, i), *o = json_new(a);
		char *reason = arena_dup(a, json_str(s, "reason"));
		for (char *c = reason; c && *c; c++)
			if (*c == '_')
				*c = ' ';
		json_set_str(o, "countText", page_count(a, json_num(s, "count", 0)));
		json_set_str(o, "reasonText", reason);
		json_set(o, "examples", json_at(s, "examples"));
		json_add(list, o);
	}
	return list;
}

/* Does its question still wait? When it has been answered, nothing is left to look at. */
static bool
words_asks(const json *run)
{
	const json *review = json_at(run, "review");

	return review && !json_is_null(review) && json_flag(run, "asks", true);
}

/* How it ended: result, kind of badge, headline of its page. */
static void
words_ending(json *words, const json *run)
{
	static const struct {
		const char *code, *result, *kind, *headline;
	} rows[] = {
		{ "needs_approval", "Needs a decision", "warning", "Waiting for your answer" },
		{ "settled", "Settled", "neutral", "This question is settled" },
		{ "cancelled", "Cancelled", "neutral", "This sync was cancelled" },
		{ "interrupted", "Interrupted", "warning", "This sync was interrupted" },
	};

	const char *status = json_str(run, "status");
	const char *code = json_str(json_at(run, "error"), "code");

	if (code && !strcmp(code, rows[0].code) && !words_asks(run))
		code = rows[1].code;
	if (!strcmp(status, "complete")) {
		json_set_str(words, "result", "Complete");
		json_set_str(words, "kind", "ok");
		return;
	}
	if (strcmp(status, "error")) {
		json_set_str(words, "result", "Syncing");
		json_set_str(words, "kind", "busy");
		json_set_str(words, "headline", "Syncing now");
		return;
	}
	json_set_str(words, "result", "Failed");
	json_set_str(words, "kind", "error");
	json_set_str(words, "headline", "This sync failed");
	for (size_t i = 0; code && i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i].code, code)) {
			json_set_str(words, "result", rows[i].result);
			json_set_str(words, "kind", rows[i].kind);
			json_set_str(words, "headline", rows[i].headline);
		}
}

void
page_run_words(struct arena *a, json *run, int64_t now)
{
	static const char *const names[] = { "fetched", "added", "updated", "deleted", "unchanged",
		"skipped" };
	json *stats = json_at(run, "stats"), *words = json_new(a);
	const char *status = json_str(run, "status");
	const char *message = json_str(run, "message");
	const char *did = words_changes(a, stats);
	bool done = !strcmp(status, "complete"), bad = !strcmp(status, "error");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		json_set_str(words, names[i], page_count(a, json_num(stats, names[i], 0)));
	json_set_str(words, "headline", did);
	words_ending(words, run);
	json_set_str(words, "brief", bad ? json_str(words, "result") : "Syncing now");
	if (done)
		json_set_str(words, "brief", did);
	json_set_str(words, "size", words_bytes(a, json_num(stats, "size", 0)));
	json_set_str(words, "trigger", trigger_words(json_str(run, "trigger")));
	json_set_str(words, "duration",
	    json_is_int(json_at(run, "durationMs"))
		? page_duration(a, json_num(run, "durationMs", 0))
		: "");
	json_set_str(
	    words, "message", message && *message ? words_grouped(a, message) : "Waiting to start");
	json_set_bool(words, "active", !done && !bad);
	json_set_bool(words, "measured", json_num(run, "progress", 0) > 0);
	json_set(words, "steps", words_steps(a, status));
	page_notes(json_at(run, "warnings"));
	json_set_bool(words, "hasWarnings", json_len(json_at(run, "warnings")) > 0);
	json_set(words, "skippedList", words_skipped(a, json_at(run, "skips")));
	if (json_num(run, "rolledUp", 0))
		json_set_str(words, "rolled",
		    arena_printf(
			a, "and %s before it", page_count(a, json_num(run, "rolledUp", 0))));
	page_when(a, words, "since", json_str(run, "rolledUpSince"), now);
	page_when(a, words, "started", json_str(run, "startedAt"), now);
	page_when(a, words, "finished", json_str(run, "finishedAt"), now);
	json_set(run, "words", words);
}

enum rc
page_history(struct req *r, const char *conn_id, const char *before, int64_t limit, json *model,
    const char **next)
{
	struct run_list runs;
	json *list = json_list(r->cx->a), *o;
	bool asks;

	TRY(run_history(r->cx, r->db,
	    &(struct run_page){
		.owner = r->who.user_id, .conn_id = conn_id, .before = before, .limit = limit },
	    &runs));
	for (size_t i = 0; i < runs.n; i++) {
		TRY(model_run(r, &runs.v[i], &o));
		if (runs.v[i].review) {
			TRY(sync_question(r->cx, r->db, &runs.v[i], &asks));
			json_set_bool(o, "asks", asks);
		}
		page_run_words(r->cx->a, o, clock_ms());
		json_add(list, o);
	}
	json_set(model, "history", list);
	json_set(model, "chart", page_chart(r->cx->a, &runs));
	*next = runs.next;
	return RC_OK;
}

/*
 * Connections.
 */

/* The host alone: addresses may carry tokens. */
static const char *
host_of(struct arena *a, const char *url)
{
	const char *p = url ? strstr(url, "://") : NULL, *at;
	struct str s;

	if (!p)
		return NULL;
	s = (struct str){ p + 3, strcspn(p + 3, "/?#") };
	at = memrchr(s.p, '@', s.n);
	if (at)
		s = (struct str){ at + 1, (size_t)(s.p + s.n - at - 1) };
	return arena_dup_str(a, s);
}

const char *
page_login_start(struct arena *a, const char *provider, const char *name, const char *value)
{
	return arena_printf(a, "/api/auth/%s/start?%s=%s", provider, name, value);
}

const char *
page_reconnect(struct arena *a, const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);

	return k && k->account ? page_login_start(a, k->account, "connection", c->id) : NULL;
}

static const char *
provider_title(const char *id)
{
	const struct kind *kind = kind_find(id);

	return kind ? kind->title : id;
}

static bool
fix_is(const json *conn, const char *word)
{
	const char *action = json_str(json_at(conn, "lastError"), "action");

	return action && !strcmp(action, word);
}

/* May there be something of ours at its provider? */
static bool
words_writes(struct arena *a, const struct conn *c)
{
	const struct kind *k = kind_find(c->provider);

	return k && ((k->caps & KIND_PUSH) || json_str(json_stored(a, c->config), "label"));
}

enum rc
page_conn_model(struct req *r, const struct conn *c, json **out)
{
	struct arena *a = r->cx->a;
	int64_t now = clock_ms(), rows = 0;
	struct dataset_list sets;
	json *o, *last;

	TRY(model_conn(r, c, out));
	o = *out;
	last = json_at(o, "lastSync");
	if (last)
		page_run_words(a, last, now);
	TRY(dataset_list(r->cx, r->db, c->owner, c->id, &sets));
	for (size_t i = 0; i < sets.n; i++)
		rows += sets.v[i].rows;
	json_set_i64(o, "rows", rows);
	json_set_bool(o, "writes", words_writes(a, c));
	json_set_str(o, "rowsText", page_count(a, rows));
	json_set_str(o, "rowsNoun", rows == 1 ? "record" : "records");
	if (c->sched.next_poll_at > now)
		page_when(a, o, "next", json_str(o, "nextPollAt"), now);
	page_when(a, o, "asked", json_str(o, "askedUntil"), now);
	page_when(a, o, "fresh", json_str(o, "lastSuccessAt"), now);
	page_schedule(a, o, &c->sched);
	json_set_bool(o, "running", json_str(o, "activeSyncId") != NULL);
	json_set_str(o, "syncId", last ? json_str(last, "syncId") : "");
	json_set_str(o, "syncState", last ? json_str(last, "status") : "");
	json_set_str(o, "providerTitle", provider_title(c->provider));
	json_set_str(o, "host", host_of(a, json_str(json_at(o, "config"), "url")));
	json_set_bool(o, "fixRetry", fix_is(o, "retry"));
	json_set_bool(o, "fixEdit", fix_is(o, "edit"));
	json_set_bool(o, "fixReview", c->sched.health != HEALTH_OK && fix_is(o, "review"));
	json_set_str(o, "planLink", c->plan ? arena_printf(a, "/syncs/%s", c->plan) : NULL);
	json_set_bool(o, "fixReconnect", fix_is(o, "reconnect"));
	json_set_str(o, "reconnect", page_reconnect(a, c));
	json_set_str(o, "failures",
	    c->sched.retry_count > 1
		? arena_printf(a, "failed %lld times in a row", (long long)c->sched.retry_count)
		: NULL);
	json_set_str(o, "back", r->path);
	json_set_str(o, "csrf", r->who.csrf);
	return RC_OK;
}

const char *
page_value(struct arena *a, const json *v)
{
	const char *text = "";

	if (json_is_str(v))
		return json_value_str(v);
	if (json_is_bool(v))
		return json_value_bool(v) ? "yes" : "no";
	if (json_is_obj(v) && json_is_str(json_at(v, "value")))
		return json_str(v, "value");
	if (!v || json_is_null(v) || (json_is_obj(v) && json_len(v) == 0))
		return "";
	if (!json_is_list(v))
		return json_text(a, v);
	for (size_t i = 0; i < json_len(v); i++)
		text = arena_printf(
		    a, "%s%s%s", text, i > 0 ? ", " : "", page_value(a, json_nth(v, i)));
	return text;
}

const char *
page_record_href(struct arena *a, const char *dataset_id, const char *key)
{
	struct buf *b = buf_in(a, RECORD_HREF);

	buf_printf(b, "/datasets/%s/records/", dataset_id);
	url_encode(b, key);
	return buf_c(b);
}

const char *
page_event_field(const char *field)
{
	static const char *const labels[][2] = {
		{ "title", "Title" },
		{ "description", "Description" },
		{ "location", "Place" },
		{ "notes", "Notes" },
		{ "url", "Link" },
		{ "color", "Colour" },
		{ "time", "When" },
		{ "startDateTime", "Start" },
		{ "endDateTime", "End" },
		{ "allDay", "All day" },
		{ "timeZone", "Time zone" },
		{ "recurrence", "Repeats" },
		{ "status", "Status" },
		{ "busy", "Busy" },
		{ "deleted", "Deleted" },
	};

	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (!strcmp(labels[i][0], field))
			return labels[i][1];
	return field;
}
