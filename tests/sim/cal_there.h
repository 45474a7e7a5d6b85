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
#include "fake/fake.h"
#include "net/transport.h"
#include "provider/provider.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#define CAL_HOST "https://www.googleapis.com"
#define CAL_EVENTS "/calendar/v3/calendars/primary/events"

enum { SIDES = 2, NAMES = 40, CAL_SLOTS = 4, CAL_FULL = 6 };

struct side {
	const char *conn, *email;
	const char *ours, *theirs; /* tokens */
};

static const struct side sides[SIDES] = {
	{ "00000000-0000-7000-8000-0000000000c1", "ann@example.com", "ours-a", "ann" },
	{ "00000000-0000-7000-8000-0000000000c2", "bob@example.com", "ours-b", "bob" },
};

static struct {
	struct fake *fake;
	long writes;        /* that came from us */
	int names;          /* of events, beginning with 1 */
	bool gone[NAMES];   /* somebody deleted it */
	bool series[NAMES]; /* it is one */
} cal;

/* --- tokens as Google and the calendar here write them --- */

static inline const char *
cal_day(struct arena *a, int day)
{
	int year, month, date;

	civil_date(civil_days(2027, 1, 1) + day, &year, &month, &date);
	return arena_printf(a, "%04d-%02d-%02d", year, month, date);
}

/* {startDateTime, endDateTime}, each as RFC 3339. */
static inline void
cal_times(struct arena *a, const struct content *c, const char **start, const char **end)
{
	int minutes = 60 + c->f[3];

	*start = arena_printf(a, "%sT08:00:00Z", cal_day(a, c->f[2]));
	*end = arena_printf(
	    a, "%sT%02d:%02d:00Z", cal_day(a, c->f[2]), 8 + minutes / 60, minutes % 60);
}

static inline int
cal_token(const char *text, char kind)
{
	int64_t n;

	if (!text || *text != kind || !str_i64(str_c(text + 1), 0, TOKENS, &n))
		return 0;
	return (int)n;
}

/* Of a value of the calendar here (event.h). */
static inline struct content
cal_content(const json *value)
{
	struct content c = { { 0 } };
	const char *start = json_str(value, "startDateTime"), *end = json_str(value, "endDateTime");
	int64_t from, until;

	c.f[0] = cal_token(json_str(value, "title"), 't');
	c.f[1] = cal_token(json_str(value, "location"), 'p');
	if (!start || !end || !clock_parse(str_c(start), &from) || !clock_parse(str_c(end), &until))
		return c;
	c.f[2] = (int)(from / DAY_MS - civil_days(2027, 1, 1));
	c.f[3] = (int)((until - from) / MINUTE_MS - 60);
	if (c.f[2] < 0 || c.f[2] > sim.tokens || c.f[3] < 0 || c.f[3] > sim.tokens)
		sim_bad("from %s to %s, which nobody said", start, end);
	return c;
}

static inline int
cal_name(const json *value)
{
	int n = cal_token(json_str(value, "description"), 'n');

	if (n < 1 || n > cal.names)
		sim_bad("nobody made %s", value ? json_text(cx.a, value) : "nothing");
	return n;
}

/* Whoever deletes it knows what is in it. */
static inline void
cal_fine(const json *value)
{
	struct content c = cal_content(value);

	content_fine(&c);
	for (struct json_iter it = { 0 }; json_each(value, &it);)
		if (*it.key == '@')
			token_fine(cal_token(json_str(it.value, "title"), 't'));
}

/* --- asking it --- */

struct cal_call {
	const char *token, *method, *path;
	const json *body;
	const char *if_match;
};

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

static inline void
cal_reply(struct ctx *c, const struct net_request *req, struct net_response *out)
{
	struct fake_request ask = {
		.a = c->a,
		.method = req->method,
		.target = req->url + strlen(CAL_HOST),
		.body = req->body,
	};
	struct fake_reply reply;
	size_t n = 0;

	for (size_t i = 0; i < req->headers_n; i++)
		params_add(
		    &ask.headers, cal_lower(c->a, req->headers[i].name), req->headers[i].value);
	fake_handle(cal.fake, &ask, &reply);
	out->status = reply.status;
	out->body = buf_s(reply.body);
	if (reply.type)
		out->headers[n++] = (struct net_header){ "Content-Type", reply.type };
	for (size_t i = 0; i < reply.headers.n && n < NET_HEADERS_MAX - 1; i++)
		out->headers[n++] = (struct net_header){ reply.headers.v[i].name,
			reply.headers.v[i].value };
	if (strcmp(req->method, "GET") && reply.status < 300) {
		cal.writes++;
		tally.sent++;
	}
}

static void
cal_answer(struct ctx *c, void *arg, const struct net_request *req, struct net_response *out)
{
	(void)arg;
	if (strncmp(req->url, CAL_HOST "/", sizeof CAL_HOST)) {
		sim_bad("%s is asked", req->url);
		out->fault = NET_NO_NAME;
		return;
	}
	player_yields("asks", true);
	if (luck(sim.w.fault)) {
		cal_weather(c, req, out);
		return;
	}
	cal_reply(c, req, out);
	tell("%s %s %.90s %.200s: %d", player_name(), req->method, req->url + strlen(CAL_HOST),
	    req->body.p ? req->body.p : "", out->status);
	player_yields("answered", true);
	if (!luck(sim.w.fault))
		return;
	tally.faults++;
	tell("%s hears nothing of it", player_name());
	if (dice(2))
		out->fault = NET_LOST;
	else
		cal_refuse(c, out, 503, "backendError");
}

/* --- what people do there --- */

/* Live ones, as its owner sees them: singles and whole series. */
static inline json *
cal_list(const struct side *s, const char *token)
{
	int status;
	json *out = cal_ask(cx.a,
	    &(struct cal_call){
		.token = token,
		.method = "GET",
		.path = CAL_EVENTS "?maxResults=2500",
	    },
	    &status);

	if (status != 200 || json_str(out, "nextPageToken"))
		sim_bad("the list of %s: %d", s->email, status);
	return json_at(out, "items");
}

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

/* All that is there, as twins: in the fields of the calendar here. */
static inline void
cal_all(const struct side *s, struct cal_twins *out)
{
	const struct source src = { .config = json_stored(cx.a, "{\"calendar\":\"primary\"}") };
	json *items = cal_list(s, s->theirs);
	struct cal_page page = { .all = str_c(arena_printf(cx.a,
				     "{\"delta\":false,\"answer\":{\"timeZone\":\"UTC\","
				     "\"accessRole\":\"owner\",\"items\":%s}}",
				     json_text(cx.a, items))) };
	struct page_in in = { .read = cal_page_read, .restart = cal_page_restart, .arg = &page };

	page.left = page.all;
	*out = (struct cal_twins){ .sink.twin = cal_twin };
	if (provider_find("google-calendar")->reader->twins(&cx, &src, &in, 1, &out->sink))
		sim_bad("what %s has can't be read: %s", s->email, cx.err.detail);
}

static inline const char *
cal_path(const char *id)
{
	return arena_printf(cx.a, CAL_EVENTS "/%s", id);
}

static inline void
cal_time(json *body, const char *name, const char *text)
{
	json *when = json_new(cx.a);

	json_set_str(when, "dateTime", text);
	json_set_str(when, "timeZone", "UTC");
	json_set(body, name, when);
}

static inline json *
cal_body(const struct content *c)
{
	json *body = json_new(cx.a);
	const char *start, *end;

	json_set_str(body, "summary", arena_printf(cx.a, "t%d", c->f[0]));
	json_set_str(body, "location", arena_printf(cx.a, "p%d", c->f[1]));
	cal_times(cx.a, c, &start, &end);
	cal_time(body, "start", start);
	cal_time(body, "end", end);
	return body;
}

static inline void
cal_says(const struct side *s, const char *method, const char *path, const json *body)
{
	int status;

	tally.there++;
	cal_ask(cx.a,
	    &(struct cal_call){
		.token = s->theirs,
		.method = method,
		.path = path,
		.body = body,
	    },
	    &status);
	if (status >= 300)
		sim_bad("%s may not %s %s: %d", s->theirs, method, path, status);
	tell("%s: %s %s %s", s->theirs, method, path, body ? json_text(cx.a, body) : "");
}

static inline struct content
cal_new_content(void)
{
	struct content c = { { 0 } };

	c.f[0] = token_new(0, 0);
	c.f[1] = token_new(0, 0);
	cal.names++;
	cal.gone[cal.names] = false;
	cal.series[cal.names] = dice(3) == 0;
	return c;
}

static inline void
cal_adds(const struct side *s)
{
	struct content c = cal_new_content();
	json *body = cal_body(&c), *lines;

	json_set_str(body, "description", arena_printf(cx.a, "n%d", cal.names));
	if (cal.series[cal.names]) {
		lines = json_list(cx.a);
		json_add_str(lines, "RRULE:FREQ=WEEKLY;COUNT=4");
		json_set(body, "recurrence", lines);
	}
	cal_says(s, "POST", CAL_EVENTS, body);
}

/* A place of a series: what follows "@", and the id of the instance. */
static inline const char *
cal_slot(struct arena *a, const struct content *c, int i)
{
	const char *day = cal_day(a, c->f[2] + 7 * i);

	return arena_printf(a, "%.4s%.2s%.2sT080000Z", day, day + 5, day + 8);
}

static inline void
cal_edits_one(const struct side *s, const struct twin *t, const struct content *c)
{
	const char *slot = cal_slot(cx.a, c, (int)dice(CAL_SLOTS));
	const json *differs = json_at(t->values, arena_printf(cx.a, "@%s", slot));
	const char *status = json_str(differs, "status"), *title = json_str(differs, "title");
	const char *path = cal_path(arena_printf(cx.a, "%s_%s", t->key, slot));
	json *body = json_new(cx.a);

	if (status && !strcmp(status, "cancelled"))
		return;
	if (dice(4) == 0) {
		token_fine(cal_token(title, 't'));
		cal_says(s, "DELETE", path, NULL);
		return;
	}
	json_set_str(body, "summary",
	    arena_printf(cx.a, "t%d", token_new(title ? cal_token(title, 't') : c->f[0], 0)));
	cal_says(s, "PATCH", path, body);
}

static inline void
cal_edits(const struct side *s, const struct twin *t)
{
	static const char *const names[] = { "summary", "location", "start", "end" };
	struct content c = cal_content(t->values);
	int name = cal_name(t->values), f = (int)dice(cal.series[name] ? 2 : 4);
	json *body = json_new(cx.a), *whole;

	if (dice(6) == 0) {
		cal_fine(t->values);
		cal.gone[name] = true;
		cal_says(s, "DELETE", cal_path(t->key), NULL);
		return;
	}
	if (cal.series[name] && dice(2)) {
		cal_edits_one(s, t, &c);
		return;
	}
	c.f[f] = token_new(c.f[f], 0);
	whole = cal_body(&c);
	json_set(body, names[f], json_at(whole, names[f]));
	if (f > 1) {
		json_set(body, "start", json_at(whole, "start"));
		json_set(body, "end", json_at(whole, "end"));
	}
	cal_says(s, "PATCH", cal_path(t->key), body);
}

static inline void
people_edit_there(void)
{
	const struct side *s = &sides[dice(SIDES)];
	struct cal_twins all;
	int i;

	cal_all(s, &all);
	i = (int)dice((uint32_t)all.n + 1);
	if (i < all.n)
		cal_edits(s, &all.v[i]);
	else if (cal.names < CAL_FULL)
		cal_adds(s);
}

#endif
