/*
 * cal_notion.h - a database of Notion at its stand-in, in this process, in the place of the second
 * calendar: what our requests meet there, and what people do themselves.
 *
 * Notion takes no condition with a write: between our look at a page and our write, somebody may
 * write to the same property, and is written over. That alone may be lost: every such edit is
 * counted here, and everything else must be in a final value or be kept. Times of edits are whole
 * minutes, and the index, which answers queries, lags.
 */
#ifndef SIM_CAL_NOTION_H
#define SIM_CAL_NOTION_H

#include "sim/cal_there.h"

#include "provider/notion/event.h"

#define NOTION_HOST "https://api.notion.com"
#define NOTION_V1 "/fake/notion/v1"
#define NOTION_OURS "notion-ours"
#define NOTION_THEIRS "notion-theirs"

enum { NOTION_PAGES = 20 * NAMES, NOTION_ID = 40, NOTION_LAG_MOST = 110 * 1000 };

/* What we may ask between our look at a page and our write: for the property of our own. */
enum { NOTION_BETWEEN = 1 };

/* Our processes: who sends, and who reads. Each writes after looks of its own. */
enum { NOTION_PLAYERS = 2 };

struct notion_seen {
	int field[FIELDS]; /* the number of the latest edit of each by people */
	int token[FIELDS];
	int looked[NOTION_PLAYERS]; /* how many edits there were when it looked last */
	long asked[NOTION_PLAYERS]; /* how many requests it had made by then */
	bool hidden;                /* somebody has ended that it is shared with us */
	char id[NOTION_ID];
};

static struct {
	struct notion_seen page[NOTION_PAGES];
	int pages, edits;
	long asked[NOTION_PLAYERS];
	char database[NOTION_ID], source[NOTION_ID], bot[NOTION_ID], property[FIELDS][NOTION_ID];
	bool hidden; /* the database is not shared with us */
	int64_t lag_ms;
} notion;

static struct {
	long windows, asked; /* edits that were written over; requests of ours */
	long leaves, shares; /* edits of pages of occurrences; turns of what is shared */
	long calls;          /* messages that came */
} notion_tally;

static inline json *
notion_call(const char *token, const char *method, const char *path, const json *body)
{
	int status;
	json *out = cal_ask(cx.a,
	    &(struct cal_call){
		.token = token,
		.method = method,
		.path = arena_printf(cx.a, NOTION_V1 "%s", path),
		.body = body,
	    },
	    &status);

	if (status != 200)
		sim_bad("Notion: %s %s %s: %d %s", method, path, body ? json_text(cx.a, body) : "",
		    status, json_text(cx.a, out));
	return out;
}

static inline struct notion_seen *
notion_page(const char *id)
{
	for (int i = 0; i < notion.pages; i++)
		if (!strncmp(notion.page[i].id, id, strlen(notion.page[i].id)))
			return &notion.page[i];
	return NULL;
}

static inline struct notion_seen *
notion_page_made(const char *id)
{
	struct notion_seen *p = &notion.page[notion.pages];

	if (notion.pages == NOTION_PAGES) {
		sim_bad("pages are made without end");
		return p - 1;
	}
	notion.pages++;
	*p = (struct notion_seen){ 0 };
	snprintf(p->id, sizeof p->id, "%s", id);
	return p;
}

/* --- a world --- */

static inline void
notion_properties_known(const json *source)
{
	static const char *const names[FIELDS] = { "Name", "Place", "When", "When" };
	const json *all = json_at(source, "properties");

	for (int i = 0; i < FIELDS; i++)
		snprintf(
		    notion.property[i], NOTION_ID, "%s", json_str(json_at(all, names[i]), "id"));
}

/* policy: what is done when both sides have edited the same. */
static inline void
notion_is_set(const struct side *s, const char *policy)
{
	cal_sql(arena_printf(cx.a,
	    "UPDATE connection SET config = '{\"dataSource\":\"%s\",\"mode\":\"calendar\","
	    "\"conflicts\":\"%s\"%s}' WHERE id = '%s'",
	    notion.source, policy, sim.cal.each ? ",\"series\":\"each\"" : "", s->conn));
}

static inline void
notion_lags(int64_t ms)
{
	notion.lag_ms = ms;
	cal_control(arena_printf(cx.a, "{\"notion_lag_ms\":%lld}", (long long)ms));
}

static inline void
notion_begins(const struct side *s, const char *policy)
{
	static const int lags[] = { 0, 20 * 1000, NOTION_LAG_MOST };
	json *made, *page;

	memset(&notion, 0, sizeof notion);
	cal_control("{\"notion\":{\"token\":\"" NOTION_OURS "\",\"name\":\"Tidemark\",\"page\":"
		    "\"393abc1e-edcd-80f3-813b-e205934558c6\"},"
		    "\"notion_user\":{\"token\":\"" NOTION_THEIRS "\",\"name\":\"Paula\"}}");
	notion_lags(lags[dice(3)]);
	page = json_stored(cx.a,
	    "{\"parent\":{\"type\":\"page_id\",\"page_id\":"
	    "\"393abc1e-edcd-80f3-813b-e205934558c6\"},\"title\":[{\"text\":{\"content\":"
	    "\"Plans\"}}],\"initial_data_source\":{\"properties\":{\"Name\":{\"title\":{}},"
	    "\"When\":{\"date\":{}},\"Place\":{\"rich_text\":{}},\"Description\":"
	    "{\"rich_text\":{}}}}}");
	made = notion_call(NOTION_THEIRS, "POST", "/databases", page);
	snprintf(notion.database, NOTION_ID, "%s", json_str(made, "id"));
	snprintf(notion.source, NOTION_ID, "%s",
	    json_str(json_nth(json_at(made, "data_sources"), 0), "id"));
	snprintf(notion.bot, NOTION_ID, "%s",
	    json_str(notion_call(NOTION_OURS, "GET", "/users/me", NULL), "id"));
	notion_properties_known(notion_call(
	    NOTION_THEIRS, "GET", arena_printf(cx.a, "/data_sources/%s", notion.source), NULL));
	notion_is_set(s, policy);
}

/* --- people --- */

static inline struct source
notion_as_source(void)
{
	return (struct source){
		.config = json_stored(cx.a, "{\"dataSource\":\"x\",\"mode\":\"calendar\"}"),
	};
}

/* Which property says what. */
static inline json *
notion_calendar_now(void)
{
	const struct source src = notion_as_source();

	return notion_calendar(cx.a, &src,
	    notion_schema(cx.a,
		notion_call(NOTION_THEIRS, "GET",
		    arena_printf(cx.a, "/data_sources/%s", notion.source), NULL)));
}

static inline json *
notion_get(const struct notion_seen *p)
{
	return notion_call(NOTION_THEIRS, "GET", arena_printf(cx.a, "/pages/%s", p->id), NULL);
}

/* What is not in the trash, and is shown to us, read page by page: the index may lag. */
static inline void
notion_all(struct cal_twins *out)
{
	const struct source src = notion_as_source();
	json *spool = json_new(cx.a), *pages = json_list(cx.a);

	for (int i = 0; i < notion.pages; i++) {
		json *page = notion.page[i].hidden ? NULL : notion_get(&notion.page[i]);

		if (page && !json_flag(page, "in_trash", false))
			json_add(pages, page);
	}
	json_set(spool, "calendar", notion_calendar_now());
	json_set_str(spool, "bot", notion.bot);
	json_set(spool, "pages", pages);
	cal_twins(&src, json_text(cx.a, spool), "notion", out);
}

static inline json *
notion_text(const char *type, const char *text)
{
	return json_stored(
	    cx.a, arena_printf(cx.a, "{\"%s\":[{\"text\":{\"content\":\"%s\"}}]}", type, text));
}

/* The property that a field is in. */
static inline void
notion_writes(json *properties, int name, const struct content *c, int field)
{
	const char *start, *end;

	cal_times(name, c, &start, &end);
	if (field == 0)
		json_set(
		    properties, "Name", notion_text("title", arena_printf(cx.a, "t%d", c->f[0])));
	else if (field == 1)
		json_set(properties, "Place",
		    notion_text("rich_text", arena_printf(cx.a, "p%d", c->f[1])));
	else
		json_set(properties, "When",
		    json_stored(cx.a,
			arena_printf(
			    cx.a, "{\"date\":{\"start\":\"%s\",\"end\":\"%s\"}}", start, end)));
}

static inline json *
notion_says(const char *method, const char *path, json *properties)
{
	json *body = json_new(cx.a), *parent = json_new(cx.a);

	if (properties)
		json_set(body, "properties", properties);
	else
		json_set_bool(body, "in_trash", true);
	if (!strcmp(method, "POST")) {
		json_set_str(parent, "type", "data_source_id");
		json_set_str(parent, "data_source_id", notion.source);
		json_set(body, "parent", parent);
	}
	tally.there++;
	tell("paula: %s %s %s", method, path, json_text(cx.a, body));
	return notion_call(NOTION_THEIRS, method, path, body);
}

static inline void
notion_adds_as(const struct content *c)
{
	json *properties = json_new(cx.a);

	/* A series is made elsewhere: here are no rules. */
	cal.series[cal.names] = false;
	for (int i = 0; i < 3; i++)
		notion_writes(properties, cal.names, c, i);
	json_set(properties, "Description",
	    notion_text("rich_text", arena_printf(cx.a, "n%d", cal.names)));
	notion_page_made(json_str(notion_says("POST", "/pages", properties), "id"));
}

static inline void
notion_adds(void)
{
	const struct content c = cal_new_content();

	notion_adds_as(&c);
}

static inline void
notion_edit_noted(struct notion_seen *p, int field, int token)
{
	p->field[field] = ++notion.edits;
	p->token[field] = token;
}

static inline const char *
notion_path(const struct twin *t)
{
	return arena_printf(cx.a, "/pages/%s", t->key);
}

static inline int
notion_edits_field(const struct twin *t, int f)
{
	struct content c = cal_content(t->values);
	json *properties = json_new(cx.a);

	c.f[f] = token_new(c.f[f], 0);
	notion_writes(properties, cal_name(t->values), &c, f);
	notion_says("PATCH", notion_path(t), properties);
	notion_edit_noted(notion_page(t->key), f, c.f[f]);
	return c.f[f];
}

static inline const json *
notion_date_of_page(const char *id)
{
	const json *page = notion_get(notion_page(id));

	return json_at(json_at(json_at(page, "properties"), "When"), "date");
}

/* Into the trash, or its date is taken away: it leaves the calendar. */
static inline void
notion_removes(const struct twin *t, bool date)
{
	cal_fine(t->values);
	cal.gone[cal_name(t->values)] = true;
	notion_says(
	    "PATCH", notion_path(t), date ? json_stored(cx.a, "{\"When\":{\"date\":null}}") : NULL);
}

/* Have we heard that it was made? One of ours that is in the trash before is not found there: no
 * list tells of it. */
static inline bool
notion_is_known(const struct twin *t)
{
	return !t->mark ||
	    ask_handle(sqlite_handle(db->engine),
		arena_printf(cx.a, "SELECT count(*) FROM link WHERE remote_id = '%s'", t->key)) > 0;
}

/* The page itself, of an event that comes once or of a series. (That of a series that has one for
 * each occurrence has no date.) Who edits it just before it goes may see it come back, and then that
 * is in it. */
static inline void
notion_edits_page(const struct twin *t)
{
	const bool goes = dice(6) == 0;
	const bool date = goes && json_has(notion_date_of_page(t->key), "start") && dice(3) == 0;
	const int name = cal_name(t->values), fields = cal.series[name] || date ? 2 : 4;

	if (!goes || (dice(2) && notion_is_known(t))) {
		const int token = notion_edits_field(t, (int)dice((uint32_t)fields));

		cal.last[token] = goes ? name : 0;
	}
	if (goes)
		notion_removes(t, date);
}

/* --- our requests --- */

static inline bool
is_notion_url(const char *url)
{
	return !strncmp(url, NOTION_HOST "/", sizeof NOTION_HOST);
}

static inline void
notion_refuse(struct ctx *c, struct net_response *out, int status, const char *code)
{
	const char *text = arena_printf(c->a,
	    "{\"object\":\"error\",\"status\":%d,\"code\":\"%s\",\"message\":"
	    "\"as the simulation wants it\"}",
	    status, code);

	out->status = status;
	out->body = str_c(text);
	out->headers[0] = (struct net_header){ "Content-Type", "application/json" };
	if (status == 429)
		out->headers[1] = (struct net_header){ "Retry-After", "7" };
}

/* Nothing is done. */
static inline void
notion_weather(struct ctx *c, struct net_response *out)
{
	tally.faults++;
	switch (dice(6)) {
	case 0:
		out->fault = NET_REFUSED;
		break;
	case 1:
		out->fault = NET_LOST;
		break;
	case 2:
		notion_refuse(c, out, 429, "rate_limited");
		break;
	case 3:
		notion_refuse(c, out, 529, "service_overload");
		break;
	case 4:
		notion_refuse(c, out, 409, "conflict_error");
		break;
	default:
		notion_refuse(c, out, 503, "service_unavailable");
	}
}

/* What of an edit is written over that came after our look, and no earlier. */
static inline void
notion_window(int player, struct notion_seen *p, const json *body)
{
	const long requests = notion.asked[player] - p->asked[player];
	const json *properties = json_at(body, "properties");
	bool trashed = json_flag(body, "in_trash", false);

	for (int f = 0; f < FIELDS; f++) {
		if (p->field[f] <= p->looked[player] ||
		    (!trashed && !json_has(properties, notion.property[f])))
			continue;
		if (requests > 1 + NOTION_BETWEEN)
			sim_bad("edit %d was written over %ld requests after the look", p->token[f],
			    requests);
		tell("edit %d is written over: it came between a look and a write", p->token[f]);
		notion_tally.windows++;
		token_fine(p->token[f]);
	}
}

static inline void
notion_goes(int player, const struct net_request *req, const char *path, const json *answer)
{
	struct notion_seen *p = NULL;

	if (!strcmp(req->method, "GET") && !strncmp(path, "/v1/pages/", 10)) {
		if ((p = notion_page(path + 10))) {
			p->looked[player] = notion.edits;
			p->asked[player] = notion.asked[player];
		}
	} else if (!strcmp(req->method, "POST") && !strcmp(path, "/v1/pages")) {
		notion_page_made(json_str(answer, "id"));
	}
}

/* A write of ours? */
static inline bool
notion_is_write(const struct net_request *req, const char *path)
{
	return !strcmp(req->method, "PATCH") ||
	    (!strcmp(req->method, "POST") && !strcmp(path, "/v1/pages"));
}

static inline void
notion_reply(struct ctx *c, int player, const struct net_request *req, struct net_response *out)
{
	const char *path = req->url + strlen(NOTION_HOST);
	struct fake_request ask = {
		.a = c->a,
		.method = req->method,
		.target = arena_printf(c->a, "/fake/notion%s", path),
		.body = req->body,
	};
	struct fake_reply reply;
	struct notion_seen *p;

	notion.asked[player]++;
	notion_tally.asked++;
	for (size_t i = 0; i < req->headers_n; i++)
		params_add(
		    &ask.headers, cal_lower(c->a, req->headers[i].name), req->headers[i].value);
	if (!strcmp(req->method, "PATCH") && !strncmp(path, "/v1/pages/", 10) &&
	    (p = notion_page(path + 10)))
		notion_window(player, p, json_stored(c->a, req->body.p));
	fake_handle(cal.fake, &ask, &reply);
	out->status = reply.status;
	out->body = buf_s(reply.body);
	out->headers[0] = (struct net_header){ "Content-Type", "application/json" };
	for (size_t i = 0; i < reply.headers.n && i < NET_HEADERS_MAX - 2; i++)
		out->headers[i + 1] = (struct net_header){ reply.headers.v[i].name,
			reply.headers.v[i].value };
	if (reply.status != 200)
		return;
	notion_goes(player, req, path, json_stored(c->a, buf_c(reply.body)));
	if (!notion_is_write(req, path))
		return;
	cal.writes++;
	/* Those of occurrences are no matter of who sends what was edited. */
	if (!sim.cal.each || player == 1)
		tally.sent++;
}

#endif
