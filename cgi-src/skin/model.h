/*
 * model.h - one JSON view model for the interface and the pages: what an API call returns is
 * what a page renders.
 *
 * Everything is allocated from r->cx->a. Shapes are those of GET /api/openapi.json.
 */
#ifndef SKIN_MODEL_H
#define SKIN_MODEL_H

#include "base/field.h"
#include "fcgi/auth.h"
#include "kind/kind.h"
#include "store/conn.h"
#include "store/data.h"
#include "store/login.h"
#include "store/run.h"

/* What run_text() says of it. */
MUST enum rc model_run(struct req *, const struct run *, json **out);
/* Replies that another run of the connection is active, and names it, so that the caller can follow
 * it. */
MUST enum rc model_running(struct req *, struct resp *, const char *id);
/* The reply to who takes something back: rc and id are those of app/undo.h. */
MUST enum rc model_undoing(struct req *, struct resp *, enum rc, const char *id);
/* The connection with schedule, badge, lastSync, lastError; see openapi.c for the shape. */
MUST enum rc model_conn(struct req *, const struct conn *, json **out);
MUST enum rc model_schedule(struct req *, const struct conn *, json **out);
/* {id, connectionId, name, columns[{name, label, type}], rows, dataAsOf, key{kind, columns},
 * viewName, createdAt} */
json *model_dataset(struct arena *, const struct dataset *);
/* Appends {fields..., "_meta": {...}}: values verbatim, as they are stored. */
void model_record(struct buf *, const json *columns, const struct record *);
/* {code, detail, title, advice, action} of a stored error; NULL code: null. */
json *model_error(struct arena *, const char *code, const char *detail);
/* {code, detail, syncId}: why a change is not written, which that run asks about. */
json *model_held(struct arena *, const char *sync_id);
/* The same while the connection is paused. */
json *model_paused(struct arena *);
/* An advice about a source of which nothing has been read yet: no word of data that is kept. */
const char *model_advice_new(struct arena *, const char *advice);
/* {id, provider, kind, address, health, scopes[], grantedAt, refreshedAt, lastError,
 * connections} */
MUST enum rc model_account(struct req *, const struct login *, json **out);
/* [{accountId, quota, title, limitPerMinute, plannedPerMinute, plannedPerDay, percent,
 * connections, usedLastDay, refusedLastDay}], one for each account and quota (quota.c). */
MUST enum rc model_quota(struct req *, json **accounts);
/* The same of the whole installation, without connections and use. */
MUST enum rc model_quota_project(struct req *, json **project);
/* {at, ageSeconds, alive}: is the background program running? */
MUST enum rc model_heartbeat(struct req *, json **out);
/* "in 23 minutes", "3 hours ago", "now". */
const char *model_relative(struct arena *, int64_t at, int64_t now);
/* What the interface calls the providers of calendars. */
const char *model_calendar_word(const char *provider);
/* {data, nextCursor} */
json *model_page(struct arena *, json *data, const char *next);
/* A page of a list takes no more than this, whatever ?limit= says: nobody is to wait for a process
 * that writes out what one user has. */
enum { MODEL_PAGE_BYTES = 1024 * 1024 };
/* Has a page of which *used bytes are taken room for so many more? For the first item it has. */
bool model_room(int64_t *used, size_t bytes);
/* The same of a list that is at hand whole: all of it, or what ?limit= and ?cursor= ask for. */
MUST enum rc model_list(struct req *, json *all, json **out);

/* Fails with E_INPUT and shows {field, message} in the problem reply. */
MUST enum rc input_fail_one(struct req *, const char *field, const char *message);
/* What the body says of these fields, checked. */
MUST enum rc input_check(struct req *, const struct field *fields, json **out);
#endif
