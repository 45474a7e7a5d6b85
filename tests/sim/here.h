/*
 * here.h - our side: a table of objects, as events will be one, and people who edit them.
 */
#ifndef SIM_HERE_H
#define SIM_HERE_H

#include "sim/there.h"

#define ANN "00000000-0000-7000-8000-00000000000a"

enum { HANDLES = 4 };

enum here_sql { HERE_GET, HERE_PUT, HERE_REMOVE, HERE_WAS, HERE__MAX };

static const char *const here_sql[HERE__MAX] = {
	[HERE_GET] = "SELECT value, at FROM sim_object WHERE key = ?1 AND gone = 0",
	[HERE_PUT] = "INSERT INTO sim_object (key, value, at, gone) VALUES (?1, ?2, ?3, 0) "
		     "ON CONFLICT (key) DO UPDATE SET value = ?2, at = ?3, gone = 0",
	[HERE_REMOVE] = "UPDATE sim_object SET gone = 1, at = ?3 WHERE key = ?1",
	[HERE_WAS] = "SELECT 1 FROM sim_object WHERE key = ?1",
};

/* Statements of a handle, for as long as the program runs. */
static struct {
	struct db *db;
	sqlite3_stmt *st[HERE__MAX];
} here_handle[HANDLES];

static struct {
	long writes; /* that the core has made */
	char keys[OBJECTS][UUID_TEXT];
	bool deleted_by_user[OBJECTS];
	int n;
} here;

static inline sqlite3_stmt *
here_stmt(struct db *d, enum here_sql q, const char *key)
{
	for (int i = 0; i < HANDLES; i++) {
		sqlite3_stmt **st = &here_handle[i].st[q];

		if (here_handle[i].db != d)
			continue;
		if (!*st)
			sqlite3_prepare_v2(sqlite_handle(d->engine), here_sql[q], -1, st, NULL);
		sqlite3_reset(*st);
		sqlite3_bind_text(*st, 1, key, -1, SQLITE_TRANSIENT);
		return *st;
	}
	return NULL;
}

static inline int
here_index(const char *key)
{
	for (int i = 0; i < here.n; i++)
		if (!strcmp(here.keys[i], key))
			return i;
	return -1;
}

static inline void
here_known(const char *key)
{
	if (here_index(key) >= 0)
		return;
	if (here.n == OBJECTS) {
		sim_bad("objects are made here without end");
		return;
	}
	here.deleted_by_user[here.n] = false;
	snprintf(here.keys[here.n++], UUID_TEXT, "%s", key);
}

static inline enum rc
here_get(struct ctx *c, struct db *d, const struct twoway *t, const char *key, struct here *out)
{
	sqlite3_stmt *st = here_stmt(d, HERE_GET, key);

	(void)t;
	*out = (struct here){ 0 };
	if (sqlite3_step(st) == SQLITE_ROW) {
		out->value = json_stored(c->a, (const char *)sqlite3_column_text(st, 0));
		out->edits.whole = sqlite3_column_int64(st, 1);
	}
	sqlite3_reset(st);
	return RC_OK;
}

/* Or was it only written by somebody who was killed before the end? */
static inline bool
here_was(struct db *d, const char *key)
{
	sqlite3_stmt *st = here_stmt(d, HERE_WAS, key);
	bool was = sqlite3_step(st) == SQLITE_ROW;

	sqlite3_reset(st);
	return was;
}

static inline void
here_write(struct db *d, enum here_sql q, const char *key, const char *value)
{
	sqlite3_stmt *st = here_stmt(d, q, key);

	if (value)
		sqlite3_bind_text(st, 2, value, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 3, sim_time());
	if (sqlite3_step(st) != SQLITE_DONE)
		sim_bad("%s", sqlite3_errmsg(sqlite_handle(d->engine)));
	sqlite3_reset(st);
	here_known(key);
}

static inline enum rc
here_put(struct ctx *c, struct db *d, const struct twoway *t, const char *key, const json *value)
{
	struct content now = content_of(value), before;
	struct here was;

	TRY(here_get(c, d, t, key, &was));
	before = content_of(was.value);
	content_goes(&before, &now, d);
	player_yields("here:put", true);
	here_write(d, HERE_PUT, key, json_text(c->a, value));
	here.writes++;
	tally.written++;
	tell("%s writes o%d %s here", player_name(), here_index(key), content_text(&now, false));
	return RC_OK;
}

static inline enum rc
here_remove(struct ctx *c, struct db *d, const struct twoway *t, const char *key)
{
	(void)c, (void)t;
	player_yields("here:remove", true);
	here_write(d, HERE_REMOVE, key, NULL);
	here.writes++;
	tally.written++;
	tell("%s deletes o%d here", player_name(), here_index(key));
	return RC_OK;
}

static inline enum rc
here_name(struct ctx *c, struct db *d, const struct twoway *t, const struct there *what,
    const char **key, bool *fresh)
{
	char id[UUID_TEXT];

	(void)d, (void)t, (void)what;
	*key = arena_dup(c->a, rand_uuid(id));
	*fresh = true;
	return RC_OK;
}

static const struct object_ops sim_ops = {
	.get = here_get,
	.put = here_put,
	.remove = here_remove,
	.name = here_name,
};

static struct twoway sim_twoway = {
	.owner = ANN,
	.connection_id = "c1",
	.object_kind = "event",
	.dataset = "",
	.ops = &sim_ops,
	.rules = &sim_rules,
	.writer = &sim_writer,
};

/* --- people --- */

struct human {
	const char *key;           /* NULL: a new object */
	const struct content *set; /* NULL: a deletion */
};

static inline enum rc
human_write(struct ctx *c, struct db *d, void *arg)
{
	const struct human *h = arg;
	const char *key = h->key;
	char id[UUID_TEXT];
	struct here was;
	struct link l;
	struct edit e = {
		.owner = ANN,
		.rules = &sim_rules,
		.actor = "session",
		.now = clock_ms(),
	};

	if (!key)
		key = arena_dup(c->a, rand_uuid(id));
	TRY(here_get(c, d, &sim_twoway, key, &was));
	e.object = twoway_object(&sim_twoway, key);
	e.before = was.value;
	e.after = h->set ? content_json(c->a, h->set) : NULL;
	here_write(
	    d, h->set ? HERE_PUT : HERE_REMOVE, key, h->set ? json_text(c->a, e.after) : NULL);
	TRY(link_of(c, d, ANN, "c1", &e.object, &l));
	if (!l.id) {
		l = (struct link){ .owner = ANN, .connection_id = "c1", .object = e.object };
		TRY(edit_link(c, d, &l, e.now));
	}
	return edit_tell(c, d, &e);
}

#endif
