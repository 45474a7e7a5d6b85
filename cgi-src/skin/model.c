/*
 * model.c - see model.h.
 */
#include "app/run_text.h"
#include "app/state.h"
#include "base/clock.h"
#include "base/json_put.h"
#include "skin/model.h"
#include "store/outbox.h"
#include "store/payload.h"
#include "queue/channel.h"
#include "queue/queue.h"
#include "queue/sched.h"

enum { HEARTBEAT_LATE_MS = 180 * 1000 };

const char *
model_relative(struct arena *a, int64_t at, int64_t now)
{
	static const struct {
		int64_t ms;
		const char *one, *many;
	} units[] = {
		{ DAY_MS, "day", "days" },
		{ HOUR_MS, "hour", "hours" },
		{ MINUTE_MS, "minute", "minutes" },
		{ SECOND_MS, "second", "seconds" },
	};
	int64_t d = at - now, size = d < 0 ? -d : d;

	/* What is to come in an hour is that also a second later. */
	if (d >= MINUTE_MS)
		size += MINUTE_MS / 2;

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		/* "in 23 hours" rather than "in 1 day" while it is less than two. */
		int64_t n = size / units[i].ms;
		if (n < 1 || (i == 0 && n < 2))
			continue;
		const char *word = n == 1 ? units[i].one : units[i].many;
		return d > 0 ? arena_printf(a, "in %lld %s", (long long)n, word)
			     : arena_printf(a, "%lld %s ago", (long long)n, word);
	}
	return "now";
}

const char *
model_calendar_word(const char *provider)
{
	return !strcmp(provider, "notion") ? "NOTION" : "GOOGLE";
}

json *
model_page(struct arena *a, json *data, const char *next)
{
	json *o = json_new(a);

	json_set(o, "data", data);
	json_set_str(o, "nextCursor", next);
	return o;
}

bool
model_room(int64_t *used, size_t bytes)
{
	const bool first = *used == 0;

	*used += (int64_t)bytes + 1;
	return first || *used <= MODEL_PAGE_BYTES;
}

enum rc
model_list(struct req *r, json *all, json **out)
{
	const char *cursor = req_query(r, "cursor");
	int64_t n = (int64_t)json_len(all), limit = n, from = 0;
	json *data = json_list(r->cx->a);

	if (req_query(r, "limit"))
		TRY(req_limit(r, &limit));
	if (cursor && *cursor && !str_i64(str_c(cursor), 0, INT64_MAX, &from))
		return fail_input(r->cx, "cursor", "The cursor is not one that this list gave.");
	for (int64_t i = from; i < n && i - from < limit; i++)
		json_add(data, json_nth(all, (size_t)i));
	*out = model_page(r->cx->a, data,
	    n - from > limit ? arena_printf(r->cx->a, "%lld", (long long)(from + limit)) : NULL);
	return RC_OK;
}

json *
model_error(struct arena *a, const char *code, const char *detail)
{
	const struct error_row *row = error_by_code(code);
	json *o;

	if (!row)
		return NULL;
	o = json_new(a);
	json_set_str(o, "code", code);
	json_set_str(o, "detail", detail && *detail ? detail : row->title);
	json_set_str(o, "title", row->title);
	json_set_str(o, "advice", row->advice);
	json_set_str(o, "action", row->fix);
	return o;
}

json *
model_held(struct arena *a, const char *sync_id)
{
	json *o = json_new(a);

	json_set_str(o, "code", error_row(E_NEEDS_APPROVAL)->code);
	json_set_str(o, "detail",
	    "This change waits until somebody has said whether it may be written there. Answer "
	    "the sync that asks: approve or reject it.");
	json_set_str(o, "syncId", sync_id);
	return o;
}

json *
model_paused(struct arena *a)
{
	const struct error_row *row = error_row(E_PAUSED);
	json *o = json_new(a);

	json_set_str(o, "code", row->code);
	json_set_str(o, "detail", arena_printf(a, "%s %s", row->title, row->advice));
	return o;
}

const char *
model_advice_new(struct arena *a, const char *advice)
{
	static const char after[] = "; anything read before is kept";
	static const char before[] = "Anything read before is kept. ";
	const char *at = strstr(advice, after);

	if (at)
		return arena_printf(a, "%.*s%s", (int)(at - advice), advice, at + sizeof after - 1);
	return str_starts(str_c(advice), before) ? advice + sizeof before - 1 : advice;
}

enum rc
model_run(struct req *r, const struct run *run, json **out)
{
	struct buf *b = buf_in(r->cx->a, 4 * 1024 * 1024);

	TRY(run_text(r->cx, r->db, run, b));
	*out = json_stored(r->cx->a, buf_c(b));
	return *out ? RC_OK : fail(r->cx, E_BUG, "A stored run is no JSON.");
}

enum rc
model_running(struct req *r, struct resp *w, const char *id)
{
	json *o;

	resp_problem(w, r->cx->a, &r->cx->err, NULL, r->id);
	o = json_stored(r->cx->a, buf_c(w->body));
	json_set_bool(o, "success", false);
	json_set_str(o, "syncId", id);
	resp_json(w, 409, r->cx->a, o);
	w->type = "application/problem+json";
	return RC_OK;
}

enum rc
model_undoing(struct req *r, struct resp *w, enum rc rc, const char *id)
{
	json *o = json_new(r->cx->a);

	if (rc == RC_CONFLICT && id)
		return model_running(r, w, id);
	TRY(rc);
	json_set_bool(o, "success", true);
	json_set_str(o, "syncId", id);
	json_set_str(o, "message", id ? "It is being undone" : "It was undone");
	if (id)
		resp_header(w, "Location", arena_printf(r->cx->a, "/api/sync?syncId=%s", id));
	resp_json(w, 202, r->cx->a, o);
	return RC_OK;
}

static json *
schedule_json(struct arena *a, const struct conn *c, bool active)
{
	const struct sched *s = &c->sched;
	json *o = json_new(a);

	json_set_bool(o, "enabled", s->enabled);
	json_set_str(o, "frequency", freq_name(s->freq));
	json_set_i64(o, "intervalMinutes", s->interval_minutes);
	json_set_str(o, "rrule", s->rrule);
	json_set_str(o, "timeZone", s->time_zone);
	json_set_time(o, "nextPollAt", conn_next_poll(c, active, clock_ms()));
	json_set_time(o, "lastPolledAt", s->last_polled_at);
	json_set_i64(o, "retryCount", s->retry_count);
	json_set_i64(o, "maxRetries", s->max_retries);
	return o;
}

static bool
run_goes_on(const struct run *run)
{
	return run->id && (!strcmp(run->state, "queued") || !strcmp(run->state, "running"));
}

enum rc
model_schedule(struct req *r, const struct conn *c, json **out)
{
	struct run run;

	TRY(run_latest(r->cx, r->db, c->owner, c->id, &run));
	*out = schedule_json(r->cx->a, c, run_goes_on(&run));
	return RC_OK;
}

/* When it is read next, in words: as a sentence, and as it stands behind the label "Next sync". */
struct next_words {
	const char *text, *brief;
};

static struct next_words
next_words(struct arena *a, const struct sched *s, bool active)
{
	static const struct next_words off = { "No automatic sync", "No automatic sync" },
				       stopped = { "Stopped until it is fixed",
					       "Stopped until it is fixed" },
				       running = { "Next sync is set when this one ends",
					       "Set when this one ends" },
				       due = { "Next sync is due now", "Due now" };
	const int64_t now = clock_ms();
	const char *when;

	if (!s->enabled)
		return off;
	if (!s->next_poll_at)
		return stopped;
	if (s->next_poll_at <= now)
		return active ? running : due;
	when = model_relative(a, s->next_poll_at, now);
	return (struct next_words){ arena_printf(a, "Next sync %s", when), when };
}

/* The badges of the pages, and the words of connectors. That a schedule goes on is no news that
 * all is well while nothing has been read: the first sync was stopped, or none has begun. */
static void
state_json(struct arena *a, json *o, const struct conn *c, bool active)
{
	const struct conn_state *state = conn_state(c, active);
	const bool unread = state == &conn_states[STATE_ACTIVE] && !c->sched.last_success_at;
	const struct next_words next = next_words(a, &c->sched, active);
	json *badge = json_new(a);

	json_set_str(o, "status", state->word);
	json_set_str(badge, "text", unread ? "Not read yet" : state->text);
	json_set_str(badge, "kind", unread ? "neutral" : state->kind);
	json_set(o, "badge", badge);
	json_set_str(o, "nextSyncText", next.text);
	json_set_str(o, "nextSyncBrief", next.brief);
	json_set_str(o, "connectorStatus", state->connector);
}

/* "channel": {id, expiresAt, lastMessageAt, messages}, or {refused, refusedAt} when the source
 * does not call back; null without either. */
static enum rc
channel_json(struct req *r, const struct conn *c, json *out)
{
	json *o = json_new(r->cx->a);
	struct channel *v;
	const char *why;
	int64_t at;
	size_t n, i = 0;

	json_set_null(out, "channel");
	TRY(channel_list(r->cx, r->db, c, &v, &n));
	while (i < n && (!v[i].resource_id || v[i].expires_at <= clock_ms()))
		i++;
	TRY(channel_refusal(r->cx, r->db, c, &why, &at));
	if (i < n) {
		json_set_str(o, "id", v[i].id);
		json_set_time(o, "expiresAt", v[i].expires_at);
		json_set_time(o, "lastMessageAt", v[i].last_at);
		json_set_i64(o, "messages", v[i].messages);
	} else if (why) {
		json_set_str(o, "refused", why);
		json_set_time(o, "refusedAt", at);
	} else
		return RC_OK;
	json_set(out, "channel", o);
	return RC_OK;
}

/* null: as usual. */
static void
limits_json(json *o, const struct conn_limits *l)
{
	json_set_null(o, "guardPercent");
	json_set_null(o, "guardItems");
	if (l->percent)
		json_set_i64(o, "guardPercent", l->percent);
	if (l->items)
		json_set_i64(o, "guardItems", l->items);
}

/* "plan": {state, syncId, askedAt, change, counts, total}: what is held; null without. */
static enum rc
plan_json(struct req *r, const struct conn *c, json *out)
{
	static const char *const members[] = { "change", "counts", "total" };
	json *o = json_new(r->cx->a), *review;
	struct run run;

	json_set_null(out, "plan");
	if (!c->plan)
		return RC_OK;
	TRY(run_get(r->cx, r->db, c->owner, c->plan, &run));
	review = json_stored(r->cx->a, run.review);
	json_set_str(o, "state", "held");
	json_set_str(o, "syncId", run.id);
	json_set_time(o, "askedAt", run.created_at);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		json_set(o, members[i], json_at(review, members[i]));
	json_set(out, "plan", o);
	return RC_OK;
}

/* "held": {syncId, changes}: writes that wait for an answer, and which run asks; null without. */
static enum rc
held_json(struct req *r, const struct conn *c, json *out)
{
	struct outbox_question held;
	json *o = json_new(r->cx->a);

	json_set_null(out, "held");
	if (!c->held)
		return RC_OK;
	TRY(outbox_held_at(r->cx, r->db, c->owner, c->id, &held));
	if (!held.id)
		return RC_OK;
	json_set_str(o, "syncId", held.id);
	json_set_i64(o, "changes", held.n);
	json_set(out, "held", o);
	return RC_OK;
}

/* "lastError": why it is not well; null: it is. */
static void
trouble_json(struct arena *a, const struct conn *c, json *o)
{
	const char *detail = c->sched.error_detail;
	const int64_t held = json_num(json_at(o, "held"), "changes", 0);
	json *e;

	if (c->sched.health == HEALTH_OK && held)
		detail = arena_printf(a,
		    "%lld %s until somebody has said whether %s be written there.", (long long)held,
		    held == 1 ? "change waits" : "changes wait", held == 1 ? "it may" : "they may");
	else if (c->sched.health == HEALTH_OK && c->plan)
		detail = "A change of the settings waits until somebody has said whether it may be "
			 "made; until then it is read as before.";
	e = model_error(a, conn_trouble(c), detail);
	if (e && !c->sched.last_success_at)
		json_set_str(e, "advice", model_advice_new(a, json_str(e, "advice")));
	json_set(o, "lastError", e);
}

enum rc
model_conn(struct req *r, const struct conn *c, json **out)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *last = NULL;
	struct run run;
	const char *sealed;
	bool active;

	TRY(run_latest(r->cx, r->db, c->owner, c->id, &run));
	active = run_goes_on(&run);
	if (run.id)
		TRY(model_run(r, &run, &last));
	TRY(cred_get(r->cx, r->db, c->owner, c->id, "source", &sealed));
	json_set_str(o, "id", c->id);
	json_set_str(o, "provider", c->provider);
	json_set_str(o, "name", c->name);
	json_set(o, "config", json_stored(a, c->config));
	json_set_bool(o, "hasSecret", sealed != NULL);
	json_set_str(o, "accountId", c->account_id);
	state_json(a, o, c, active);
	json_set(o, "schedule", schedule_json(a, c, active));
	json_set_time(o, "nextPollAt", conn_next_poll(c, active, clock_ms()));
	json_set_time(o, "askedUntil", sched_asked_until(&c->sched));
	json_set_time(o, "lastPolledAt", c->sched.last_polled_at);
	json_set_time(o, "lastSuccessAt", c->sched.last_success_at);
	json_set(o, "lastSync", last);
	json_set_str(o, "activeSyncId", active ? run.id : NULL);
	TRY(held_json(r, c, o));
	trouble_json(a, c, o);
	TRY(channel_json(r, c, o));
	json_set_str(o, "guard", strcmp(c->guard, "always") ? "ask" : "always");
	limits_json(o, &c->limits);
	json_set_bool(o, "readOnly", c->read_only);
	TRY(plan_json(r, c, o));
	json_set_bool(o, "autoSync", c->sched.enabled);
	json_set_i64(o, "syncInterval", c->sched.interval_minutes * 60);
	json_set_time(o, "lastSyncAt", c->sched.last_success_at);
	json_set_time(o, "createdAt", c->created_at);
	json_set_time(o, "updatedAt", c->updated_at);
	*out = o;
	return RC_OK;
}

enum rc
model_account(struct req *r, const struct login *acc, json **out)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a), *scopes = json_list(a);
	struct str rest = str_c(acc->scopes);
	const char **ids;
	size_t n;

	while (rest.p && rest.n)
		json_add(scopes, json_string(a, str_cut(rest, ' ', &rest)));
	TRY(login_conns(r->cx, r->db, acc->owner, acc->id, &ids, &n));
	json_set_str(o, "id", acc->id);
	json_set_str(o, "provider", acc->provider);
	json_set_str(o, "kind", acc->kind);
	json_set_str(o, "address", acc->address);
	json_set_str(o, "health", acc->health);
	json_set(o, "scopes", scopes);
	json_set_time(o, "grantedAt", acc->granted_at);
	json_set_time(o, "refreshedAt", acc->refreshed_at);
	json_set(o, "lastError", model_error(a, acc->error_code, acc->error_detail));
	json_set_i64(o, "connections", (int64_t)n);
	*out = o;
	return RC_OK;
}

json *
model_dataset(struct arena *a, const struct dataset *d)
{
	json *o = json_new(a);
	json *list = json_list(a);
	json *stored = json_stored(a, d->columns);
	json *rule = json_stored(a, d->key_rule);
	json *key = json_new(a);

	for (size_t i = 0; i < json_len(stored); i++) {
		json *c = json_nth(stored, i), *shown = json_new(a);
		if (json_flag(c, "gone", false))
			continue;
		json_set_str(shown, "name", json_str(c, "name"));
		json_set_str(shown, "label", json_str(c, "label"));
		json_set_str(shown, "type", json_str(c, "type"));
		json_add(list, shown);
	}
	json_set_str(key, "kind", json_str(rule, "kind"));
	json_set(key, "columns", json_at(rule, "columns"));
	json_set_str(o, "id", d->id);
	json_set_str(o, "connectionId", d->connection_id);
	json_set_str(o, "name", d->name);
	json_set(o, "columns", list);
	json_set(o, "key", key);
	json_set(o, "reading", dataset_reading_shown(json_stored(a, d->reading)));
	json_set_i64(o, "rows", d->rows);
	json_set_time(o, "dataAsOf", d->as_of);
	json_set_str(o, "viewName", d->view_name);
	json_set_time(o, "createdAt", d->created_at);
	return o;
}

void
model_record(struct buf *b, const json *columns, const struct record *rec)
{
	struct payload it = { rec->payload, 0 };
	struct str value;
	bool first = true;

	buf_ch(b, '{');
	for (size_t i = 0; i < json_len(columns); i++) {
		json *c = json_nth(columns, i);
		if (!payload_next(&it, &value))
			value = STR("null");
		if (json_flag(c, "gone", false))
			continue;
		if (!first)
			buf_ch(b, ',');
		first = false;
		json_quote(b, json_s(c, "name"));
		buf_ch(b, ':');
		buf_add(b, value.p, value.n);
	}
	buf_str(b, first ? "\"_meta\":{\"id\":" : ",\"_meta\":{\"id\":");
	json_quote(b, str_c(rec->key));
	json_put_time(b, "firstSeenAt", rec->first_seen);
	json_put_time(b, "lastModifiedAt", rec->changed);
	json_put_time(b, "deletedAt", rec->deleted);
	buf_printf(b, ",\"lastAction\":\"%s\"}}", record_action_name(rec->action));
}

enum rc
model_heartbeat(struct req *r, json **out)
{
	int64_t at, now = clock_ms();
	json *o = json_new(r->cx->a);

	TRY(queue_last_beat(r->cx, r->db, &at));
	json_set_time(o, "at", at);
	json_set_i64(o, "ageSeconds", at ? (now - at) / 1000 : 0);
	json_set_bool(o, "alive", at && now - at < HEARTBEAT_LATE_MS);
	json_set_str(o, "text", at ? model_relative(r->cx->a, at, now) : "never");
	*out = o;
	return RC_OK;
}

enum rc
input_fail_one(struct req *r, const char *field, const char *message)
{
	return complaints_now(r->cx, &r->wrong, field, message);
}

enum rc
input_check(struct req *r, const struct field *fields, json **out)
{
	r->wrong.list = json_list(r->cx->a);
	*out = json_new(r->cx->a);
	field_check(
	    r->cx->a, fields, "", r->body, &(struct field_out){ *out, *out, r->wrong.list });
	return complaints_end(r->cx, &r->wrong);
}
