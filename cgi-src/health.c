/*
 * health.c - /healthz, /readyz, /metrics, /api/doctor.
 */
#include "base/clock.h"
#include "model.h"
#include "sync/doctor.h"
#include "sync/queue.h"

enum rc
healthz(struct req *r, struct resp *w)
{
	json *o = json_new(r->cx->a);

	json_set_str(o, "status", "ok");
	json_set_str(o, "version", TIDEMARK_VERSION);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
readyz(struct req *r, struct resp *w)
{
	json *o = json_new(r->cx->a), *beat;
	bool ok = false;

	json_set_bool(o, "database", r->db != NULL);
	json_set_bool(o, "tick", false);
	if (r->db && model_heartbeat(r, &beat) == RC_OK) {
		ok = json_flag(beat, "alive", false);
		json_set_bool(o, "tick", ok);
	}
	json_set_str(o, "status", ok ? "ready" : "not ready");
	resp_json(w, ok ? 200 : 503, r->cx->a, o);
	return RC_OK;
}

enum rc
doctor(struct req *r, struct resp *w)
{
	json *list;

	TRY(doctor_checks(r->cx, r->db, &list));
	resp_json(w, 200, r->cx->a, model_page(r->cx->a, list, NULL));
	return RC_OK;
}

static void
family(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

static enum rc
metrics_counts(struct req *r, struct buf *b)
{
	int64_t due;
	bool found;

	family(b, "tidemark_connections", "gauge", "Connections by health and schedule.");
	TRY(db_query(r->cx, r->db, Q_STATS_HEALTH, ""));
	while (db_next(r->db, Q_STATS_HEALTH))
		buf_printf(b, "tidemark_connections{health=\"%s\",scheduled=\"%s\"} %lld\n", db_text(r->db, Q_STATS_HEALTH, 0),
		    db_num(r->db, Q_STATS_HEALTH, 1) ? "yes" : "no", (long long)db_num(r->db, Q_STATS_HEALTH, 2));
	TRY(db_done(r->cx, r->db, Q_STATS_HEALTH));
	family(b, "tidemark_syncs", "gauge", "Syncs in the history, by state and error.");
	TRY(db_query(r->cx, r->db, Q_STATS_RUNS, ""));
	while (db_next(r->db, Q_STATS_RUNS))
		buf_printf(b, "tidemark_syncs{state=\"%s\",error=\"%s\"} %lld\n", db_text(r->db, Q_STATS_RUNS, 0), db_text(r->db, Q_STATS_RUNS, 1),
		    (long long)db_num(r->db, Q_STATS_RUNS, 2));
	TRY(db_done(r->cx, r->db, Q_STATS_RUNS));
	TRY(db_row(r->cx, r->db, &found, Q_STATS_DUE, "i", clock_ms()));
	due = found ? db_num(r->db, Q_STATS_DUE, 0) : 0;
	db_reset(r->db, Q_STATS_DUE);
	family(b, "tidemark_due", "gauge", "Connections that are due now.");
	buf_printf(b, "tidemark_due %lld\n", (long long)due);
	TRY(db_row(r->cx, r->db, &found, Q_STATS_ROWS, ""));
	family(b, "tidemark_records", "gauge", "Records that are mirrored.");
	buf_printf(b, "tidemark_records %lld\n", (long long)db_num(r->db, Q_STATS_ROWS, 1));
	db_reset(r->db, Q_STATS_ROWS);
	return RC_OK;
}

enum rc
metrics(struct req *r, struct resp *w)
{
	struct buf *b = w->body;
	int64_t at;

	TRY(metrics_counts(r, b));
	TRY(queue_last_beat(r->cx, r->db, &at));
	family(b, "tidemark_tick_age_seconds", "gauge", "Seconds since the background program last ran.");
	buf_printf(b, "tidemark_tick_age_seconds %.3f\n", at ? (double)(clock_ms() - at) / 1000.0 : 1e9);
	family(b, "tidemark", "info", "Version.");
	buf_printf(b, "tidemark_info{version=\"%s\"} 1\n# EOF\n", TIDEMARK_VERSION);
	w->type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
	return RC_OK;
}
