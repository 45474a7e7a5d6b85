/*
 * stmt.c - named statements and their rows.
 *
 * Invariant: a statement that writes runs only inside a write.
 */
#include "db/handle.h"

#include <stdarg.h>
#include <string.h>

#include "sql_texts.h"

static enum rc
db_prepare(struct ctx *cx, struct db *db, enum sql q)
{
	enum engine_code code;

	if (db->q[q].st)
		return RC_OK;
	code = db->drv->prepare(db->engine, sql_texts[q].text, &db->q[q].st);
	return code == ENGINE_OK ? RC_OK : db_fail(cx, db, code, db_sql_name(q));
}

const char *
db_sql_name(enum sql q)
{
	return (unsigned)q < Q__MAX ? sql_texts[q].name : "?";
}

const char *
db_sql_text(enum sql q)
{
	return sql_texts[q].text;
}

void
db_reset(struct db *db, enum sql q)
{
	struct query *s = &db->q[q];

	/* Parameters are borrowed; they must not outlive their owner. */
	if (s->st)
		db->drv->reset(s->st);
	s->open = false;
	s->result = ENGINE_OK;
}

void
db_reset_all(struct db *db)
{
	for (int q = 0; q < Q__MAX; q++)
		if (db->q[q].open) {
			db_reset(db, (enum sql)q);
			db->q[q].result = ENGINE_CROSSED;
		}
}

static enum engine_code
db_bind_text(struct db *db, struct stmt *st, int i, const char *text, size_t n)
{
	if (db->write && db->drv->writes(st))
		db->bytes += (int64_t)n;
	return db->drv->bind_text(st, i, text, n);
}

static enum engine_code
db_bind_one(struct db *db, struct stmt *st, int i, char type, va_list *ap)
{
	const char *c;
	struct str s;

	switch (type) {
	case 's':
		c = va_arg(*ap, const char *);
		return db_bind_text(db, st, i, c, c ? strlen(c) : 0);
	case 'S':
		s = va_arg(*ap, struct str);
		return db_bind_text(db, st, i, s.p, s.n);
	case 'i':
		return db->drv->bind_num(st, i, va_arg(*ap, int64_t));
	case 'd':
		return db->drv->bind_real(st, i, va_arg(*ap, double));
	case 'n':
		return db->drv->bind_text(st, i, NULL, 0);
	default:
		return ENGINE_WRONG;
	}
}

/* Prepares on first use and checks that the statement may run now, with n parameters. */
static enum rc
db_ready(struct ctx *cx, struct db *db, enum sql q, int n)
{
	struct query *s = &db->q[q];

	TRY(db_check_process(cx, db));
	if (s->open) {
		db_reset(db, q);
		return fail(cx, E_BUG, "Statement %s is used inside itself or was left open.",
		    db_sql_name(q));
	}
	TRY(db_prepare(cx, db, q));
	if (db->write && !db->drv->in_transaction(db->engine))
		return fail(cx, E_UNAVAILABLE, "The database undid what was being written.");
	if (!db->write && db->drv->writes(s->st))
		return fail(cx, E_BUG, "Statement %s writes outside a write.", db_sql_name(q));
	if (n != db->drv->parameters(s->st))
		return fail(cx, E_BUG, "Statement %s has %d parameters, not %d.", db_sql_name(q),
		    db->drv->parameters(s->st), n);
	return RC_OK;
}

static enum rc
db_bound(struct ctx *cx, struct db *db, enum sql q, enum engine_code code)
{
	if (code != ENGINE_OK) {
		db_reset(db, q);
		return db_fail(cx, db, code, db_sql_name(q));
	}
	db->q[q].open = true;
	db->q[q].result = ENGINE_OK;
	return RC_OK;
}

static enum rc
db_start(struct ctx *cx, struct db *db, enum sql q, const char *types, va_list *ap)
{
	enum engine_code code = ENGINE_OK;
	int n = (int)strlen(types);

	TRY(db_ready(cx, db, q, n));
	for (int i = 0; i < n && code == ENGINE_OK; i++)
		code = db_bind_one(db, db->q[q].st, i + 1, types[i], ap);
	return db_bound(cx, db, q, code);
}

static enum rc
db_start_named(struct ctx *cx, struct db *db, enum sql q, const struct db_arg *args, int n)
{
	enum engine_code code = ENGINE_OK;
	struct stmt *st;

	TRY(db_ready(cx, db, q, n));
	st = db->q[q].st;
	for (int i = 0; i < n && code == ENGINE_OK; i++) {
		const struct db_arg *a = &args[i];

		if (a->type == 'i')
			code = db->drv->bind_num(st, i + 1, a->i);
		else if (a->type == 's')
			code = db_bind_text(db, st, i + 1, a->s, a->s ? strlen(a->s) : 0);
		else
			return fail(cx, E_BUG, "Parameter %d of statement %s is not given.", i + 1,
			    db_sql_name(q));
	}
	return db_bound(cx, db, q, code);
}

enum rc
db_query(struct ctx *cx, struct db *db, enum sql q, const char *types, ...)
{
	va_list ap;
	enum rc rc;

	va_start(ap, types);
	rc = db_start(cx, db, q, types, &ap);
	va_end(ap);
	return rc;
}

bool
db_next(struct db *db, enum sql q)
{
	struct query *s = &db->q[q];
	enum engine_code code;

	if (!s->open || s->result != ENGINE_OK)
		return false;
	code = db->drv->next(db->engine, s->st);
	if (code == ENGINE_ROW)
		return true;
	s->result = code;
	/* The snapshot is let go at once; db_done() still finds the code. */
	db->drv->reset(s->st);
	s->open = false;
	return false;
}

enum rc
db_done(struct ctx *cx, struct db *db, enum sql q)
{
	enum engine_code code = db->q[q].result;
	enum rc rc = RC_OK;

	if (code != ENGINE_OK)
		rc = db_fail(cx, db, code, db_sql_name(q));
	db_reset(db, q);
	return rc;
}

/* The rest of a statement that returns no rows. */
static enum rc
db_run_out(struct ctx *cx, struct db *db, int64_t *changed, enum sql q)
{
	int64_t mark = db->drv->mark(db->engine);

	if (db_next(db, q)) {
		db_reset(db, q);
		return fail(cx, E_BUG, "Statement %s gives rows.", db_sql_name(q));
	}
	TRY(db_done(cx, db, q));
	if (changed)
		*changed = db->drv->changed(db->engine, mark);
	return RC_OK;
}

enum rc
db_run(struct ctx *cx, struct db *db, int64_t *changed, enum sql q, const char *types, ...)
{
	va_list ap;
	enum rc rc;

	va_start(ap, types);
	rc = db_start(cx, db, q, types, &ap);
	va_end(ap);
	return rc == RC_OK ? db_run_out(cx, db, changed, q) : rc;
}

enum rc
db_run_named(
    struct ctx *cx, struct db *db, int64_t *changed, enum sql q, const struct db_arg *args, int n)
{
	TRY(db_start_named(cx, db, q, args, n));
	return db_run_out(cx, db, changed, q);
}

static enum rc
db_first_row(struct ctx *cx, struct db *db, bool *found, enum sql q)
{
	*found = db_next(db, q);
	return *found ? RC_OK : db_done(cx, db, q);
}

enum rc
db_row(struct ctx *cx, struct db *db, bool *found, enum sql q, const char *types, ...)
{
	va_list ap;
	enum rc rc;

	*found = false;
	va_start(ap, types);
	rc = db_start(cx, db, q, types, &ap);
	va_end(ap);
	return rc == RC_OK ? db_first_row(cx, db, found, q) : rc;
}

enum rc
db_row_named(
    struct ctx *cx, struct db *db, bool *found, enum sql q, const struct db_arg *args, int n)
{
	*found = false;
	TRY(db_start_named(cx, db, q, args, n));
	return db_first_row(cx, db, found, q);
}

/* --- columns --- */

const char *
db_text(struct db *db, enum sql q, int col)
{
	return db->drv->text(db->q[q].st, col).p;
}

struct str
db_str(struct db *db, enum sql q, int col)
{
	return db->drv->text(db->q[q].st, col);
}

char *
db_dup(struct arena *a, struct db *db, enum sql q, int col)
{
	struct str s = db_str(db, q, col);

	return s.p ? arena_dup_str(a, s) : NULL;
}

int64_t
db_num(struct db *db, enum sql q, int col)
{
	return db->drv->num(db->q[q].st, col);
}

bool
db_flag(struct db *db, enum sql q, int col)
{
	return db_num(db, q, col) != 0;
}

bool
db_null(struct db *db, enum sql q, int col)
{
	return db->drv->null(db->q[q].st, col);
}
