/*
 * health.c - /healthz, /readyz, /metrics, /api/doctor.
 */
#include "app/doctor.h"
#include "app/state.h"
#include "base/clock.h"
#include "fcgi/count.h"
#include "queue/queue.h"
#include "skin/model.h"
#include "store/outbox.h"

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
	struct arena *a = r->cx->a;
	json *o = json_new(a), *checks = json_list(a);
	bool ok;

	TRY(doctor_checks(r->cx, r->db, DOCTOR_READY, &checks, &ok));
	json_set_str(o, "status", ok ? "ready" : "not ready");
	json_set(o, "checks", checks);
	resp_json(w, ok ? 200 : 503, a, o);
	if (!ok)
		resp_header(w, "Retry-After", "10");
	return RC_OK;
}

enum rc
doctor(struct req *r, struct resp *w)
{
	json *list;
	bool ok;

	TRY(doctor_checks(r->cx, r->db, DOCTOR_QUICK, &list, &ok));
	TRY(model_list(r, list, &list));
	resp_json(w, 200, r->cx->a, list);
	return RC_OK;
}

static void
health_family(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

static enum rc
metrics_connections(struct req *r, struct buf *b)
{
	struct conn_tally tally;

	TRY(conn_tally(r->cx, r->db, NULL, &tally));
	health_family(b, "tidemark_connections", "gauge", "Connections by health and schedule.");
	for (int h = 0; h < HEALTH__MAX; h++)
		for (int on = 0; on < 2; on++)
			buf_printf(b, "tidemark_connections{health=\"%s\",scheduled=\"%s\"} %lld\n",
			    health_name((enum health)h), on ? "yes" : "no",
			    (long long)(tally.n[h][on][0] + tally.n[h][on][1]));
	return RC_OK;
}

/* By the word that pages, interface and command have for it. */
static enum rc
metrics_states(struct req *r, struct buf *b)
{
	int64_t count[STATE__MAX];

	TRY(conn_counts(r->cx, r->db, NULL, count));
	health_family(b, "tidemark_connection_states", "gauge", "Connections by state.");
	for (int s = 0; s < STATE__MAX; s++)
		buf_printf(b, "tidemark_connection_states{state=\"%s\"} %lld\n",
		    conn_states[s].word, (long long)count[s]);
	return RC_OK;
}

/* Changes for providers that are not over, and questions about edits of both sides. */
static enum rc
metrics_changes(struct req *r, struct buf *b)
{
	static const char *const states[] = { OUTBOX_WAITING, OUTBOX_SENDING, OUTBOX_UNSURE,
		OUTBOX_HELD, OUTBOX_FAILED };
	enum { OPEN_STATES = sizeof states / sizeof *states };
	int64_t n[OPEN_STATES] = { 0 };

	TRY(db_query(r->cx, r->db, Q_STATS_OUTBOX, ""));
	while (db_next(r->db, Q_STATS_OUTBOX))
		for (int i = 0; i < OPEN_STATES; i++)
			if (!strcmp(
				db_text(r->db, Q_STATS_OUTBOX, C_STATS_OUTBOX_STATE), states[i]))
				n[i] = db_num(r->db, Q_STATS_OUTBOX, C_STATS_OUTBOX_N);
	TRY(db_done(r->cx, r->db, Q_STATS_OUTBOX));
	health_family(b, "tidemark_changes", "gauge", "Changes for providers that are not over.");
	for (int i = 0; i < OPEN_STATES; i++)
		buf_printf(b, "tidemark_changes{state=\"%s\"} %lld\n", states[i], (long long)n[i]);
	return RC_OK;
}

static enum rc
metrics_syncs(struct req *r, struct buf *b)
{
	health_family(b, "tidemark_syncs", "gauge",
	    "Syncs that wait, run, or ended in the last 24 hours, by error.");
	TRY(db_query(r->cx, r->db, Q_STATS_RUNS, "i", clock_ms() - DAY_MS));
	while (db_next(r->db, Q_STATS_RUNS))
		buf_printf(b, "tidemark_syncs{state=\"%s\",error=\"%s\"} %lld\n",
		    db_text(r->db, Q_STATS_RUNS, C_STATS_RUNS_STATE),
		    db_text(r->db, Q_STATS_RUNS, C_STATS_RUNS_ERROR),
		    (long long)db_num(r->db, Q_STATS_RUNS, C_STATS_RUNS_N));
	return db_done(r->cx, r->db, Q_STATS_RUNS);
}

/* A gauge of the number that a statement of one row and column has given. */
static void
metrics_one(struct db *db, struct buf *b, enum sql q, const char *name, const char *help)
{
	health_family(b, name, "gauge", help);
	buf_printf(b, "%s %lld\n", name, (long long)db_num(db, q, 0));
	db_reset(db, q);
}

enum rc
metrics(struct req *r, struct resp *w)
{
	struct buf *b = w->body;
	int64_t at;
	bool found; /* a count is one row always */

	TRY(db_read_begin(r->cx, r->db));
	TRY(metrics_connections(r, b));
	TRY(metrics_states(r, b));
	TRY(metrics_syncs(r, b));
	TRY(metrics_changes(r, b));
	TRY(db_row(r->cx, r->db, &found, Q_STATS_CONFLICTS, ""));
	metrics_one(r->db, b, Q_STATS_CONFLICTS, "tidemark_conflicts",
	    "Edits of both sides about which somebody is asked.");
	TRY(db_row(r->cx, r->db, &found, Q_STATS_DUE, "i", clock_ms()));
	metrics_one(r->db, b, Q_STATS_DUE, "tidemark_due", "Connections that are due now.");
	TRY(db_row(r->cx, r->db, &found, Q_STATS_ROWS, ""));
	metrics_one(r->db, b, Q_STATS_ROWS, "tidemark_records", "Records that are mirrored.");
	TRY(queue_last_beat(r->cx, r->db, &at));
	db_read_end(r->db);
	health_family(b, "tidemark_tick_age_seconds", "gauge",
	    "Seconds since the background program last ran.");
	buf_printf(b, at ? "tidemark_tick_age_seconds %.3f\n" : "tidemark_tick_age_seconds +Inf\n",
	    (double)(clock_ms() - at) / 1000);
	count_show(b);
	health_family(b, "tidemark", "info", "Version.");
	buf_printf(b, "tidemark_info{version=\"%s\"} 1\n# EOF\n", TIDEMARK_VERSION);
	w->type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
	return RC_OK;
}
