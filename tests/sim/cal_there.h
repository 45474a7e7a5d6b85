/*
 * cal_there.h - two people's calendars at the stand-in for Google, in this process: what our
 * requests meet there, and what the people do themselves.
 *
 * An event has a name that nobody edits ("n3", its description); title ("t12"), location ("p7"),
 * day and minutes beyond an hour are tokens (sim.h). Of a series the day stays, and occurrences get
 * titles of their own.
 */
#ifndef SIM_CAL_THERE_H
#define SIM_CAL_THERE_H

#include "sim/sim.h"

#include "base/civil.h"
#include "event/event.h"
#include "event/series.h"
#include "fake/fake.h"
#include "net/transport.h"
#include "provider/provider.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#define CAL_HOST "https://www.googleapis.com"
#define CAL_EVENTS "/calendar/v3/calendars/primary/events"

/* Google's come first. */
#ifdef SIM_NOTION
enum { GOOGLES = 1, NOTIONS = 1 };
#else
enum { GOOGLES = 2, NOTIONS = 0 };
#endif
enum { SIDES = GOOGLES + NOTIONS, NAMES = 40, CAL_FULL = 6 };

#define CAL_DAY civil_days(2027, 1, 1)

struct side {
	const char *conn, *email;
	const char *ours, *theirs; /* tokens */
};

static const struct side sides[SIDES] = {
	{ "00000000-0000-7000-8000-0000000000c1", "ann@example.com", "ours-a", "ann" },
	/* Or the database of Notion (cal_notion.h). */
	{ "00000000-0000-7000-8000-0000000000c2", "bob@example.com", "ours-b", "bob" },
};

static struct {
	struct fake *fake;
	long writes;        /* that came from us */
	int names;          /* of events, beginning with 1 */
	bool gone[NAMES];   /* somebody deleted it */
	bool series[NAMES]; /* it is one */
	/* A series whose places were changed: what differs in it may find none any more */
	bool loose[NAMES];
	int base[NAMES];         /* it began as the rest of another one so many days later */
	int of[TOKENS];          /* the series in which an occurrence got it as its title */
	bool whole;              /* Google tells all of what was deleted, and not its name alone */
	int last[TOKENS];        /* what was deleted by who had just said it there; 0: nothing */
	bool meets[NAMES];       /* it has guests */
	const char *says[NAMES]; /* what the guest has answered; NULL: nothing */
} cal;

/* By the handle of the schedule itself: to open another takes longer than a schedule. */
static inline void
cal_sql(const char *sql)
{
	char *err = NULL;

	if (sqlite3_exec(sqlite_handle(db->engine), sql, NULL, NULL, &err) != SQLITE_OK)
		flunk("%s: %s", sql, err);
}

/* --- tokens as Google and the calendar here write them --- */

static inline const char *
cal_day(struct arena *a, int day)
{
	int year, month, date;

	civil_date(CAL_DAY + day, &year, &month, &date);
	return arena_printf(a, "%04d-%02d-%02d", year, month, date);
}

/* {startDateTime, endDateTime}, each as RFC 3339. */
static inline void
cal_times(int name, const struct content *c, const char **start, const char **end)
{
	const char *day = cal_day(cx.a, cal.base[name] + c->f[2]);
	int minutes = 60 + c->f[3];

	*start = arena_printf(cx.a, "%sT08:00:00Z", day);
	*end = arena_printf(cx.a, "%sT%02d:%02d:00Z", day, 8 + minutes / 60, minutes % 60);
}

static inline int
cal_token(const char *text, char kind)
{
	int64_t n;

	if (!text || *text != kind || !str_i64(str_c(text + 1), 0, TOKENS, &n))
		return 0;
	return (int)n;
}

static inline int
cal_named(const json *value)
{
	return cal_token(json_str(value, "description"), 'n');
}

/* Of a value of the calendar here (event.h), or of a part of it. */
static inline struct content
cal_content_of(int name, const json *value)
{
	struct content c = { { 0 } };
	const char *start = json_str(value, "startDateTime"), *end = json_str(value, "endDateTime");
	int64_t from, until;

	c.f[0] = cal_token(json_str(value, "title"), 't');
	c.f[1] = cal_token(json_str(value, "location"), 'p');
	if (!start || !end || !clock_parse(str_c(start), &from) || !clock_parse(str_c(end), &until))
		return c;
	c.f[2] = (int)(from / DAY_MS - CAL_DAY - cal.base[name]);
	c.f[3] = (int)((until - from) / MINUTE_MS - 60);
	if (c.f[2] < 0 || c.f[2] > sim.tokens || c.f[3] < 0 || c.f[3] > sim.tokens)
		sim_bad("from %s to %s, which nobody said", start, end);
	return c;
}

static inline struct content
cal_content(const json *value)
{
	return cal_content_of(cal_named(value), value);
}

static inline int
cal_name(const json *value)
{
	int n = cal_named(value);

	if (n < 1 || n > cal.names)
		sim_bad("nobody made %s", value ? json_text(cx.a, value) : "nothing");
	return n;
}

/* Whoever gives a series other places knows what differs in it. */
static inline void
cal_places_go(const json *value)
{
	cal.loose[cal_name(value)] = true;
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key == '@')
			token_fine(cal_token(json_str(it.value, "title"), 't'));
}

/* Whoever deletes it knows what is in it. */
static inline void
cal_fine_of(int name, const json *value)
{
	struct content c = cal_content_of(name, value);

	content_fine(&c);
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key == '@')
			token_fine(cal_token(json_str(it.value, "title"), 't'));
}

static inline void
cal_fine(const json *value)
{
	cal_fine_of(cal_named(value), value);
}

/* One that is made now: the next name. base: days */
static inline int
cal_makes(bool series, int base)
{
	int n = ++cal.names;

	cal.gone[n] = cal.loose[n] = false;
	cal.series[n] = series;
	cal.base[n] = base;
	cal.says[n] = NULL;
	cal.meets[n] = false;
	return n;
}

static inline struct content
cal_content_as(bool series, int base)
{
	struct content c = { { 0 } };

	c.f[0] = token_new(0, 0);
	c.f[1] = token_new(0, 0);
	cal_makes(series, base);
	return c;
}

static inline struct content
cal_new_content(void)
{
	return cal_content_as(dice(3) == 0, 0);
}

/* --- places --- */

/* One of those of a series: its name (event.h), its number, and the days from the first. NULL: it
 * is left out already. */
struct cal_place {
	const char *name, *key;
	const json *differs;
	size_t i;
	int days;
};

static inline bool
cal_place(const json *value, struct cal_place *out)
{
	struct when *v;
	size_t n = series_slots(cx.a, value, 0, INT64_MAX / 4, &v);
	const char *status;

	if (n == 0)
		return false;
	out->i = dice((uint32_t)n);
	out->name = when_slot(cx.a, &v[out->i]);
	out->key = arena_printf(cx.a, "@%s", out->name);
	out->days = (int)(v[out->i].utc / 86400 - v[0].utc / 86400);
	out->differs = json_at(value, out->key);
	status = json_str(out->differs, "status");
	return !status || strcmp(status, "cancelled") != 0;
}

/* A new title of the occurrence. */
static inline const char *
cal_place_title(const json *value, const struct cal_place *at)
{
	const char *title = json_str(at->differs, "title");
	int saw = cal_token(title ? title : json_str(value, "title"), 't'), t = token_new(saw, 0);

	cal.of[t] = cal_name(value);
	return arena_printf(cx.a, "t%d", t);
}

/* --- asking it --- */

struct cal_call {
	const char *token, *method, *path;
	const json *body;
	const char *if_match;
};

static inline bool
is_notion(const struct side *s)
{
	return s >= sides + GOOGLES;
}

static inline json *
cal_ask(struct arena *a, const struct cal_call *call, int *status)
{
	struct fake_request req = { .a = a, .method = call->method, .target = call->path };
	struct fake_reply reply;

	params_add(&req.headers, "authorization", arena_printf(a, "Bearer %s", call->token));
	if (call->body) {
		params_add(&req.headers, "content-type", "application/json");
		req.body = str_c(json_text(a, call->body));
	}
	if (!strncmp(call->path, "/fake/notion/", 13))
		params_add(&req.headers, "notion-version", "2025-09-03");
	if (call->if_match)
		params_add(&req.headers, "if-match", call->if_match);
	fake_handle(cal.fake, &req, &reply);
	*status = reply.status;
	if (fake_breach(cal.fake))
		sim_bad("not allowed by the interface: %s", fake_breach(cal.fake));
	return json_stored(a, buf_c(reply.body));
}

static inline json *
cal_control(const char *commands)
{
	int status;
	json *out = cal_ask(cx.a,
	    &(struct cal_call){
		.token = "t",
		.method = commands ? "POST" : "GET",
		.path = "/fake/control",
		.body = commands ? json_stored(cx.a, commands) : NULL,
	    },
	    &status);

	if (status != 200)
		sim_bad("%s: %d", commands ? commands : "control", status);
	return out;
}

/* --- twins: what is there, in the fields of the calendar here --- */

struct cal_twins {
	struct twin_sink sink;
	struct twin v[2 * NAMES];
	int n;
};

static enum rc
cal_twin(struct ctx *c, struct twin_sink *sink, const struct twin *t)
{
	struct cal_twins *all = (struct cal_twins *)sink;

	(void)c;
	if (!t->values)
		return RC_OK;
	if (all->n == 2 * NAMES) {
		sim_bad("things are made there without end");
		return RC_OK;
	}
	all->v[all->n++] = (struct twin){
		.key = arena_dup(cx.a, t->key),
		.fixed = arena_dup(cx.a, t->fixed),
		.mark = arena_dup(cx.a, t->mark),
		.values = json_stored(cx.a, json_text(cx.a, t->values)),
	};
	return RC_OK;
}

struct cal_page {
	struct str left, all;
};

static enum rc
cal_page_read(struct ctx *c, void *arg, char *to, size_t cap, size_t *got)
{
	struct cal_page *p = arg;

	(void)c;
	*got = p->left.n < cap ? p->left.n : cap;
	memcpy(to, p->left.p, *got);
	p->left = (struct str){ p->left.p + *got, p->left.n - *got };
	return RC_OK;
}

static enum rc
cal_page_restart(struct ctx *c, void *arg)
{
	struct cal_page *p = arg;

	(void)c;
	p->left = p->all;
	return RC_OK;
}

/* What a page of the spool says. */
static inline void
cal_twins(const struct source *src, const char *text, const char *kind, struct cal_twins *out)
{
	struct cal_page page = { .left = str_c(text), .all = str_c(text) };
	struct page_in in = { .read = cal_page_read, .restart = cal_page_restart, .arg = &page };

	*out = (struct cal_twins){ .sink.twin = cal_twin };
	if (provider_find(kind)->reader->twins(&cx, src, &in, 1, &out->sink))
		sim_bad("what %s has can't be read: %s", kind, cx.err.detail);
}

/* --- our requests --- */

static inline void
cal_refuse(struct ctx *c, struct net_response *out, int status, const char *reason)
{
	const char *text = arena_printf(c->a,
	    "{\"error\":{\"code\":%d,\"message\":\"as the simulation wants it\","
	    "\"errors\":[{\"domain\":\"global\",\"reason\":\"%s\",\"message\":\"so\"}]}}",
	    status, reason);

	out->status = status;
	out->body = str_c(text);
	out->headers[0] = (struct net_header){ "Content-Type", "application/json" };
}

/* Nothing is done. */
static inline void
cal_weather(struct ctx *c, const struct net_request *req, struct net_response *out)
{
	tally.faults++;
	switch (dice(5)) {
	case 0:
		out->fault = NET_REFUSED;
		break;
	case 1:
		out->fault = NET_LOST;
		break;
	case 2:
		cal_refuse(c, out, 403, "rateLimitExceeded");
		break;
	case 3:
		if (strstr(req->url, "syncToken=")) {
			cal_refuse(c, out, 410, "fullSyncRequired");
			tally.fulls++;
			break;
		}
		/* FALLTHROUGH */
	default:
		cal_refuse(c, out, 503, "backendError");
	}
	tell("%s %s %.90s: %d, not done", player_name(), req->method, req->url, out->status);
}

static inline const char *
cal_lower(struct arena *a, const char *name)
{
	char *out = arena_dup(a, name);

	for (char *p = out; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return out;
}

#endif
