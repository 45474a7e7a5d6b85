/*
 * api_connectors.c - the connectors interface: what is due, and running it by an HTTP cron with
 * CRON_SECRET.
 *
 * A web worker runs no sync: POST queues what is due, wakes the tick, and waits a moment for
 * results. What has not ended by then is reported as it stands, and can be followed by its
 * syncId.
 */
#include "app/syncs.h"
#include "ask/place.h"
#include "base/clock.h"
#include "skin/model.h"

enum { LIMIT_MAX = 100, WAIT_MAX_SECONDS = 20, POLL_MS = 100 };

enum rc
api_connectors_due(struct req *r, struct resp *w)
{
	const char *cursor = req_query(r, "cursor"), *next = NULL;
	struct conn_list list;
	json *data = json_list(r->cx->a), *o;
	int64_t limit, from = 0, end;

	TRY(req_limit(r, &limit));
	if (cursor && *cursor && !str_i64(str_c(cursor), 0, CONN_DUE_MAX, &from))
		return fail_input(r->cx, "cursor", "The cursor is not one that this list gave.");
	/* One more tells whether there are more. */
	TRY(conn_due(r->cx, r->db, r->who.user_id, clock_ms(), from + limit + 1, &list));
	end = from + limit < (int64_t)list.n ? from + limit : (int64_t)list.n;
	if (end < (int64_t)list.n)
		next = arena_printf(r->cx->a, "%lld", (long long)end);
	for (int64_t i = from; i < end; i++) {
		const struct conn *c = &list.v[i];
		o = json_new(r->cx->a);
		json_set_str(o, "id", c->id);
		json_set_str(o, "name", c->name);
		json_set_str(o, "provider", c->provider);
		json_set_bool(o, "autoSync", c->sched.enabled);
		json_set_i64(o, "syncInterval", c->sched.interval_minutes * 60);
		json_set_time(o, "lastSyncAt", c->sched.last_success_at);
		json_set_time(o, "nextPollAt", c->sched.next_poll_at);
		json_set_str(o, "status", c->sched.failing ? "ERROR" : "ACTIVE");
		json_add(data, o);
	}
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, data, next));
	return RC_OK;
}

static enum rc
connectors_result(struct req *r, const struct sync_due *s, bool *ended, json **out)
{
	struct run run;
	json *o = json_new(r->cx->a);

	TRY(run_get(r->cx, r->db, s->owner, s->sync, &run));
	*ended = run.finished_at != 0;
	json_set_str(o, "connectorId", s->conn);
	json_set_str(o, "syncId", s->sync);
	if (!*ended)
		json_set_str(o, "status", "SYNCING");
	else
		json_set_str(o, "status", strcmp(run.state, "complete") ? "ERROR" : "ACTIVE");
	json_set_i64(o, "recordsFetched", run.fetched);
	json_set_i64(o, "recordsProcessed", run.added + run.updated + run.deleted + run.unchanged);
	if (run.error_code)
		json_set_str(o, "error",
		    run.error_detail ? run.error_detail : error_by_code(run.error_code)->title);
	*out = o;
	return RC_OK;
}

/* One that could not be started. */
static json *
connectors_refusal(struct arena *a, const struct sync_due *s)
{
	json *o = json_new(a);

	json_set_str(o, "connectorId", s->conn);
	json_set_str(o, "status", "ERROR");
	json_set_str(o, "error", s->error);
	return o;
}

static enum rc
connectors_collect(
    struct req *r, const struct sync_due *v, size_t n, json *results, bool *all_ended)
{
	json *o;
	bool ended;

	*all_ended = true;
	for (size_t i = 0; i < n; i++) {
		if (!v[i].sync)
			continue;
		TRY(connectors_result(r, &v[i], &ended, &o));
		*all_ended = *all_ended && ended;
		json_add(results, o);
	}
	return RC_OK;
}

enum rc
api_connectors_run(struct req *r, struct resp *w)
{
	int64_t limit = json_num(r->body, "limit", 10);
	int64_t wait = json_num(r->body, "waitSeconds", 5);
	int64_t until;
	struct sync_due *v;
	size_t n;
	json *results, *o = json_new(r->cx->a);
	bool ended = false;

	if (limit < 1 || limit > LIMIT_MAX ||
	    (json_has(r->body, "limit") && !json_is_int(json_at(r->body, "limit"))))
		return input_fail_one(r, "limit", "The limit is from 1 to 100.");
	if (wait < 0 || wait > WAIT_MAX_SECONDS ||
	    (json_has(r->body, "waitSeconds") && !json_is_int(json_at(r->body, "waitSeconds"))))
		return input_fail_one(r, "waitSeconds", "The wait is from 0 to 20 seconds.");
	if (wait > 0)
		TRY(place_take(r->cx, r->who.user_id ? r->who.user_id : "cron"));
	TRY(syncs_due(r->cx, r->db, auth_caller(r), limit, &v, &n));
	until = clock_mono_ms() + wait * SECOND_MS;
	for (;;) {
		results = json_list(r->cx->a);
		TRY(connectors_collect(r, v, n, results, &ended));
		if (ended || clock_mono_ms() >= until)
			break;
		clock_sleep_ms(POLL_MS);
	}
	for (size_t i = 0; i < n; i++)
		if (v[i].error)
			json_add(results, connectors_refusal(r->cx->a, &v[i]));
	json_set_bool(o, "success", true);
	json_set_i64(o, "processed", (int64_t)json_len(results));
	json_set(o, "results", results);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}
