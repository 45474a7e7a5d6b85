/*
 * model.h - one JSON view model for the interface and the pages: what an API call returns is
 * what a page renders.
 *
 * Everything is allocated from r->cx->a. Shapes are those of GET /api/openapi.json.
 */
#ifndef SKIN_MODEL_H
#define SKIN_MODEL_H

#include "base/field.h"
#include "fcgi/route.h"
#include "store/conn.h"
#include "store/data.h"
#include "store/run.h"

/* {syncId, connectionId, status, progress, message, lastUpdated, stats{size, lines, fetched,
 * added, updated, deleted, unchanged, skipped, apiCalls, notModified},
 *  trigger, startedAt, finishedAt, durationMs, error{code, detail, title, advice, action} | null, warnings[], skips[], review | null, resumedFrom, resumedBy} */
MUST enum rc model_run(struct req *, const struct run *, json **out);
/* the same, appended */
MUST enum rc model_run_text(struct req *, const struct run *, struct buf *);
/* The connection with schedule, badge, lastSync, lastError; see openapi.c for the shape. */
MUST enum rc model_conn(struct req *, const struct conn *, json **out);
json *model_schedule(struct arena *, const struct sched *);
/* {id, connectionId, name, columns[{name, label, type}], rows, dataAsOf, key{kind, columns},
 * viewName, createdAt} */
json *model_dataset(struct arena *, const struct dataset *);
/* Appends {fields..., "_meta": {...}}: values verbatim, as they are stored. */
void model_record(struct buf *, const json *columns, const struct record *);
/* {code, detail, title, advice, action} of a stored error; NULL code: null. */
json *model_error(struct arena *, const char *code, const char *detail);
/* {at, ageSeconds, alive}: is the background program running? */
MUST enum rc model_heartbeat(struct req *, json **out);
/* "in 23 minutes", "3 hours ago", "now". */
const char *model_relative(struct arena *, int64_t at, int64_t now);
/* {data, nextCursor} */
json *model_page(struct arena *, json *data, const char *next);

/* Fails with E_INPUT and shows the list of {field, message} in the problem reply. */
MUST enum rc input_fail(struct req *, const json *errors);
/* The same for one field. */
MUST enum rc input_fail_one(struct req *, const char *field, const char *message);
/* What the body says of these fields, checked. */
MUST enum rc input_check(struct req *, const struct field *fields, json **out);
/* Writes an audit row in a transaction of its own. */
MUST enum rc audit_now(struct req *, const char *action, const char *object, const char *detail);

/* Verbs that API and pages share (verbs.c). */
struct conn_input {
	const char *provider, *name, *account_id;
	const json *config, *secret, *schedule;
	bool start;
};
/* Checks, saves and starts; *id is the new connection's. */
MUST enum rc conn_create(struct req *, const struct conn_input *, const char **id);
/* name, config, secret, schedule: what is there is changed. */
MUST enum rc conn_change(struct req *, const char *id, const json *change);
/* of a loaded connection; saved */
MUST enum rc sched_change(struct req *, struct conn *, const json *change);
MUST enum rc conn_pause(struct req *, const char *id, bool resume);
MUST enum rc conn_reset(struct req *, const char *id, const char *mode, const char **sync_id);
MUST enum rc conn_disconnect(struct req *, const char *id, bool delete_data);
/* Asks the worker; {provider, config, secret} of a saved connection, with what `body` overrides. */
MUST enum rc
conn_ask(struct req *, const char *verb, const char *id, const json *body, json **answer);
MUST enum rc source_ask(struct req *, const char *verb, const json *body, json **answer);
/* {data: [{id, title, link, changedAt}]}: what the account holds that could be read. body:
 * {provider, accountId?} */
MUST enum rc source_list(struct req *, const json *body, json **answer);
/* GET /api/providers, asked of the worker once per process. */
MUST enum rc providers_list(struct req *, json **out);

#endif
