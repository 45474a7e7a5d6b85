/*
 * page_conn.c - /connections/{id}: one connection with its state, history, columns and first rows; and the forms that act on it.
 */
#include "base/clock.h"
#include "page.h"
#include "payload.h"
#include "store/user.h"
#include "sync/ask.h"
#include "sync/queue.h"

enum { HISTORY = 40, ROWS = 50, CELL_BYTES = 120 };

/* The first rows of a dataset as texts, cut to a readable length. */
static enum rc
first_rows(struct req *r, const struct dataset *d, json *o)
{
	json *rows = json_list(r->cx->a), *columns = json_stored(r->cx->a, d->columns);
	struct buf *cell = buf_in(r->cx->a, 32 * 1024 * 1024);
	struct record_list list;

	TRY(record_page(r->cx, r->db, r->who.user_id, d, 0, 0, false, ROWS, &list));
	for (size_t i = 0; i < list.n; i++) {
		struct payload it = { list.v[i].payload, 0 };
		json *row = json_list(r->cx->a);
		for (size_t c = 0; c < json_len(columns); c++) {
			struct str value, cut;
			buf_clear(cell);
			if (payload_next(&it, &value))
				payload_plain(cell, value);
			if (json_flag(json_nth(columns, c), "gone", false))
				continue;
			cut = str_utf8_cut(buf_s(cell), CELL_BYTES);
			json_add_str(row, arena_printf(r->cx->a, "%.*s%s", (int)cut.n, cut.p, cut.n < cell->n ? "..." : ""));
		}
		json_add(rows, row);
	}
	json_set(o, "shown", rows);
	json_set_str(o, "rowsText", page_count(r->cx->a, d->rows));
	json_set_bool(o, "more", d->rows > (int64_t)list.n);
	json_set_i64(o, "shownCount", (int64_t)list.n);
	return RC_OK;
}

static enum rc
datasets(struct req *r, const char *conn_id, json **out)
{
	struct dataset_list list;
	json *o;

	*out = json_list(r->cx->a);
	TRY(dataset_list(r->cx, r->db, r->who.user_id, conn_id, &list));
	for (size_t i = 0; i < list.n; i++) {
		o = model_dataset(r->cx->a, &list.v[i]);
		TRY(first_rows(r, &list.v[i], o));
		json_add(*out, o);
	}
	return RC_OK;
}

static enum rc
history(struct req *r, const char *conn_id, json *model)
{
	struct run_list runs;
	json *list = json_list(r->cx->a), *o;

	TRY(run_history(r->cx, r->db, r->who.user_id, conn_id, NULL, req_query(r, "before"), HISTORY, &runs));
	for (size_t i = 0; i < runs.n; i++) {
		TRY(model_run(r, &runs.v[i], &o));
		page_run_words(r->cx->a, o, clock_ms());
		json_add(list, o);
	}
	json_set(model, "history", list);
	json_set(model, "chart", runs.n ? page_chart(r->cx->a, &runs) : NULL);
	json_set_str(model, "older", runs.next ? arena_printf(r->cx->a, "/connections/%s?before=%s#history", conn_id, runs.next) : NULL);
	return RC_OK;
}

static enum rc
timeline(struct req *r, const char *conn_id, json *model)
{
	struct audit_row *rows;
	json *list = json_list(r->cx->a), *o;
	size_t n;

	TRY(audit_list(r->cx, r->db, r->who.user_id, conn_id, 20, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		o = json_new(r->cx->a);
		json_set_str(o, "when", model_relative(r->cx->a, rows[i].at, clock_ms()));
		json_set_time(o, "at", rows[i].at);
		json_set_str(o, "actor", rows[i].actor);
		json_set_str(o, "action", rows[i].action);
		json_add(list, o);
	}
	json_set(model, "timeline", list);
	return RC_OK;
}

static enum rc
conn_show(struct req *r, struct resp *w, int status, const char *id, const struct err *problem)
{
	json *model = json_new(r->cx->a), *o, *sets;
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	TRY(page_conn_model(r, &c, &o));
	json_set_str(o, "back", arena_printf(r->cx->a, "/connections/%s", c.id));
	json_set_str(o, "configText", json_text(r->cx->a, json_at(o, "config")));
	json_set(model, "connection", o);
	TRY(datasets(r, id, &sets));
	json_set(model, "datasets", sets);
	TRY(history(r, id, model));
	TRY(timeline(r, id, model));
	json_set_str(model, "problem", problem ? (*problem->detail ? problem->detail : error_row(problem->kind)->title) : NULL);
	json_set(model, "run", json_at(o, "lastSync"));
	json_set_str(model, "urlText", json_str(json_at(o, "config"), "url"));
	json_set_str(model, "keyText", json_is_list(json_at(json_at(o, "config"), "key")) && json_len(json_at(json_at(o, "config"), "key"))
	    ? json_value_str(json_nth(json_at(json_at(o, "config"), "key"), 0)) : json_str(json_at(o, "config"), "key"));
	return page_show(r, w, status, "connection", c.name, model);
}

enum rc
page_conn(struct req *r, struct resp *w)
{
	return conn_show(r, w, 200, r->path_param[0], NULL);
}

/* Only paths of ours; anything else is the connection's own page. */
static const char *
back_to(struct req *r, const char *id)
{
	const char *back = req_form(r, "back");

	return back && (str_starts(str_c(back), "/settings") || str_starts(str_c(back), "/integrations-overview") || !strcmp(back, "/"))
	    ? back : arena_printf(r->cx->a, "/connections/%s", id);
}

static enum rc
act_sync(struct req *r, const char *id, const char **said)
{
	const char *sync_id;
	enum rc rc = sync_start(r->cx, r->db, r->who.user_id, id, "manual", &sync_id);

	/* An impatient second click gets what it wanted: the sync is on its way. */
	if (rc == RC_OK || r->cx->err.kind == E_RUNNING || r->cx->err.kind == E_COOLDOWN) {
		wake_tick();
		*said = "Sync started.";
		return RC_OK;
	}
	return rc;
}

static enum rc
act_schedule(struct req *r, const char *id, const char **said)
{
	const char *freq = req_form(r, "frequency"), *minutes = req_form(r, "intervalMinutes"), *rule = req_form(r, "rrule"), *zone = req_form(r, "timeZone");
	json *in = json_new(r->cx->a);
	struct conn c;
	int64_t n;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	json_set_bool(in, "enabled", req_form(r, "enabled") != NULL);
	if (rule && *rule) {
		json_set_str(in, "rrule", rule);
		json_set_str(in, "timeZone", zone && *zone ? zone : "UTC");
	} else if (minutes && *minutes) {
		if (!str_i64(str_trim(str_c(minutes)), 1, 576000, &n))
			return fail(r->cx, E_INPUT, "The interval is a whole number of minutes, from 1 to 576000.");
		json_set_i64(in, "intervalMinutes", n);
	} else if (freq && strcmp(freq, freq_name(c.sched.freq)))
		json_set_str(in, "frequency", freq);
	*said = "Saved.";
	return sched_change(r, &c, in);
}

static enum rc
act_edit(struct req *r, const char *id, const char **said)
{
	json *change = json_new(r->cx->a), *config;
	const char *url = req_form(r, "url"), *key = req_form(r, "key"), *name = req_form(r, "name"), *secret = req_form(r, "secret");
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, id, &c));
	config = json_stored(r->cx->a, c.config);
	if (name)
		json_set_str(change, "name", name);
	if (url)
		json_set_str(config, "url", url);
	if (key && *str_trim(str_c(key)).p)
		json_set_str(config, "key", key);
	else if (key)
		json_unset(config, "key");
	json_set(change, "config", config);
	if (secret && *secret) {
		json *s = json_new(r->cx->a);
		json_set_str(s, "authorization", secret);
		json_set(change, "secret", s);
	}
	*said = "Saved.";
	return conn_change(r, id, change);
}

static enum rc
act(struct req *r, const char *id, const char **said)
{
	const char *what = req_form(r, "do"), *sync_id;

	if (!what)
		return fail(r->cx, E_BAD_REQUEST, "The form says not what to do.");
	if (!strcmp(what, "sync"))
		return act_sync(r, id, said);
	if (!strcmp(what, "schedule"))
		return act_schedule(r, id, said);
	if (!strcmp(what, "edit"))
		return act_edit(r, id, said);
	if (!strcmp(what, "pause") || !strcmp(what, "resume")) {
		*said = !strcmp(what, "pause") ? "Paused." : "Switched on again.";
		return conn_pause(r, id, !strcmp(what, "resume"));
	}
	if (!strcmp(what, "refetch") || !strcmp(what, "clear")) {
		*said = "Everything is being read again.";
		return conn_reset(r, id, what, &sync_id);
	}
	if (!strcmp(what, "remove")) {
		*said = "Disconnected.";
		return conn_disconnect(r, id, req_form(r, "data") && !strcmp(req_form(r, "data"), "delete"));
	}
	return fail(r->cx, E_BAD_REQUEST, "The form says not what to do.");
}

enum rc
page_conn_act(struct req *r, struct resp *w)
{
	const char *id = r->path_param[0], *said = "", *what = req_form(r, "do");
	struct err problem;
	enum rc rc = act(r, id, &said);

	if (rc == RC_OK) {
		page_say(r, w, what && !strcmp(what, "remove") ? "/settings?tab=integrations" : back_to(r, id), said);
		return RC_OK;
	}
	problem = r->cx->err;
	if (rc == RC_NOTFOUND || rc == RC_BUG)
		return rc;
	return conn_show(r, w, rc_http(rc), id, &problem);
}

enum rc
page_conn_remove(struct req *r, struct resp *w)
{
	json *model = json_new(r->cx->a), *o;
	struct conn c;

	TRY(conn_get(r->cx, r->db, r->who.user_id, r->path_param[0], &c));
	TRY(page_conn_model(r, &c, &o));
	json_set(model, "connection", o);
	return page_show(r, w, 200, "remove", "Disconnect", model);
}
