/*
 * tx.c - transactions: writes as functions, and reads of one moment.
 *
 * Invariants: no statement is left open across the beginning or the end of a transaction, because
 * an old snapshot cannot be written from and keeps the engine's log from shrinking. Engines undo a
 * transaction by themselves after some errors; that is noticed before the next statement, which
 * would otherwise be committed alone (stmt.c), and before the commit.
 */
#include "db/handle.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/step.h"

enum {
	PAUSE_MS = 5,
	WRITE_BRIEF_MS = 500,
	ROW_BYTES = 400 /* that a row takes beside its texts: numbers, and its places in indexes */
};

static enum rc
tx_begin(struct ctx *cx, struct db *db, bool durable)
{
	enum engine_code code;
	enum rc rc;

	TRY(db_check_process(cx, db));
	if (db->write || db->reads > 0)
		return fail(cx, E_BUG, "A transaction was begun inside another one.");
	db_reset_all(db);
	db->again = db->part_failed = false;
	if (db->drv->turn_take)
		TRY(db->drv->turn_take(cx, db->engine));
	code = db->drv->durable(db->engine, durable);
	if (code == ENGINE_OK)
		code = db->drv->begin(db->engine, true);
	if (code != ENGINE_OK) {
		rc = db_fail(cx, db, code, "begin");
		if (db->drv->turn_give)
			db->drv->turn_give(db->engine);
		return rc;
	}
	db->write = true;
	db->counts.writes++;
	db->bytes = 0;
	db->changes = db->drv->mark(db->engine);
	return RC_OK;
}

enum rc
db_begin(struct ctx *cx, struct db *db)
{
	return tx_begin(cx, db, true);
}

/* The error of a part that failed, again as the error of the whole. */
static enum rc
tx_part_failed(struct ctx *cx, struct db *db)
{
	cx->err = db->part_err;
	return error_row(cx->err.kind)->rc;
}

static enum rc
tx_commit(struct ctx *cx, struct db *db)
{
	enum engine_code code;

	if (db->part_failed)
		return tx_part_failed(cx, db);
	if (!db->drv->in_transaction(db->engine))
		return fail(cx, E_UNAVAILABLE, "The database undid what was being written.");
	code = db->drv->commit(db->engine);
	return code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, "commit");
}

static void
tx_over(struct db *db)
{
	db->reads = 0;
	db->read_open = false;
	if (!db->write)
		return;
	db->write = false;
	if (db->drv->turn_give)
		db->drv->turn_give(db->engine);
}

void
db_meter(struct db *db, db_write_fn *fn, void *arg)
{
	db->meter = fn;
	db->meter_arg = arg;
	db->urgent = false;
}

void
db_urgent(struct db *db)
{
	db->urgent = true;
}

bool
db_is_urgent(const struct db *db)
{
	return db->urgent;
}

int64_t
db_written(const struct db *db)
{
	const int64_t rows = db->write ? db->drv->mark(db->engine) - db->changes : 0;

	return db->write ? db->bytes + rows * ROW_BYTES : 0;
}

/* What has failed is not counted: it is undone. */
static enum rc
tx_metered(struct ctx *cx, struct db *db)
{
	if (!db->meter || db->part_failed || !db->drv->in_transaction(db->engine))
		return RC_OK;
	return db->meter(cx, db, db->meter_arg);
}

enum rc
db_commit(struct ctx *cx, struct db *db)
{
	enum rc rc;

	TRY(db_check_process(cx, db));
	if (!db->write)
		return fail(cx, E_BUG, "There is no transaction to commit.");
	db_reset_all(db);
	step_watched("write:commit");
	rc = tx_metered(cx, db);
	if (rc == RC_OK)
		rc = tx_commit(cx, db);
	if (rc == RC_OK)
		tx_over(db);
	else
		db_rollback(db);
	return rc;
}

static void
tx_undo(struct db *db)
{
	enum engine_code code = ENGINE_OK;

	if (db->drv->in_transaction(db->engine))
		code = db->drv->rollback(db->engine);
	if (code != ENGINE_OK)
		log_event(LOG_LEVEL_ERR, "db.rollback", "i:code", (int64_t)code, NULL);
}

void
db_rollback(struct db *db)
{
	if (db_forked(db))
		return;
	db_reset_all(db);
	if (db->write || db->read_open)
		tx_undo(db);
	tx_over(db);
}

enum rc
db_end(struct ctx *cx, struct db *db, enum rc rc)
{
	if (rc == RC_OK)
		rc = db_commit(cx, db);
	if (rc != RC_OK)
		db_rollback(db);
	return rc;
}

struct db_counts
db_counts(const struct db *db)
{
	return db->counts;
}

static enum rc
tx_write_part(struct ctx *cx, struct db *db, db_write_fn *fn, void *arg)
{
	enum rc rc = fn(cx, db, arg);

	if (rc != RC_OK && !db->part_failed) {
		db->part_failed = true;
		db->part_err = cx->err;
	}
	return rc;
}

/* The first write since db_hold() begins, and stays open; when it fails there is nothing yet that
 * it could take with it. */
static enum rc
tx_write_held(struct ctx *cx, struct db *db, db_write_fn *fn, void *arg)
{
	enum rc rc;

	TRY(db_begin(cx, db));
	rc = tx_write_part(cx, db, db->hold, db->hold_arg);
	if (rc == RC_OK)
		rc = tx_write_part(cx, db, fn, arg);
	if (rc != RC_OK)
		db_rollback(db);
	return rc;
}

void
db_hold(struct db *db, db_write_fn *first, void *arg)
{
	db->hold = first;
	db->hold_arg = arg;
}

enum rc
db_hold_end(struct ctx *cx, struct db *db, db_write_fn *last, void *arg)
{
	enum rc rc = RC_OK;

	if (!db->write && last)
		rc = tx_write_held(cx, db, last, arg);
	else if (last)
		rc = tx_write_part(cx, db, last, arg);
	db->hold = NULL;
	return db->write ? db_end(cx, db, rc) : rc;
}

static enum rc
tx_write_once(struct ctx *cx, struct db *db, bool durable, db_write_fn *fn, void *arg)
{
	enum rc rc;

	TRY(tx_begin(cx, db, durable));
	rc = fn(cx, db, arg);
	/* It did not pass on that it lost: what it read or wrote is void all the same. */
	if (rc == RC_OK && db->again)
		rc = db_fail(cx, db, ENGINE_SERIAL, "write");
	return db_end(cx, db, rc);
}

static enum rc
tx_write(struct ctx *cx, struct db *db, bool durable, db_write_fn *fn, void *arg)
{
	const struct err before = cx->err;
	const int64_t deadline = clock_mono_ms() +
	    (db->flags & DB_BRIEF ? WRITE_BRIEF_MS : WRITE_AGAIN_MS);
	enum rc rc;

	if (db->write)
		return tx_write_part(cx, db, fn, arg);
	step_watched("write:begin");
	if (db->hold)
		return tx_write_held(cx, db, fn, arg);
	for (int tries = 1;; tries++) {
		rc = tx_write_once(cx, db, durable, fn, arg);
		if (rc == RC_OK || !db->again)
			return rc;
		if (tries == WRITE_TRIES || clock_mono_ms() >= deadline)
			break;
		/* Longer each time, so that those who met go apart. */
		clock_sleep_ms((int64_t)tries * tries * PAUSE_MS);
		cx->err = before;
		db->counts.again++;
	}
	db->counts.given_up++;
	return rc;
}

enum rc
db_write(struct ctx *cx, struct db *db, db_write_fn *fn, void *arg)
{
	return tx_write(cx, db, true, fn, arg);
}

enum rc
db_write_hasty(struct ctx *cx, struct db *db, db_write_fn *fn, void *arg)
{
	return tx_write(cx, db, false, fn, arg);
}

enum rc
db_read_begin(struct ctx *cx, struct db *db)
{
	enum engine_code code;

	TRY(db_check_process(cx, db));
	/* A write transaction is one snapshot already. */
	if (!db->write && db->reads == 0) {
		code = db->drv->begin(db->engine, false);
		if (code != ENGINE_OK)
			return db_fail(cx, db, code, "begin");
		db->read_open = true;
	}
	db->reads++;
	return RC_OK;
}

void
db_read_end(struct db *db)
{
	if (db->reads == 0 || --db->reads > 0 || !db->read_open || db_forked(db))
		return;
	db_reset_all(db);
	tx_undo(db);
	db->read_open = false;
}
