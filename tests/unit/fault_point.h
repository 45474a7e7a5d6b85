/*
 * fault_point.h - a statement or a commit that fails, once, as a disk would have it: what was begun
 * is lost, and the next one goes well.
 */
#ifndef UNIT_FAULT_POINT_H
#define UNIT_FAULT_POINT_H

#include "unit/db_fixture.h"

enum { FAULTS_MAX = 5000 };

static struct driver fault_driver;
static struct db *fault_db;   /* NULL: nothing fails */
static const char *fault_met; /* the statement that failed, or NULL */
static struct {
	int left;  /* so many points on */
	int times; /* of a statement only the first so many count; 0: all */
	int met[Q__MAX + 1];
	int last; /* another row of the same is no point of its own */
} fault_now;

/* Its number; Q__MAX: a commit. */
static inline int
fault_statement(const struct stmt *st)
{
	int q = st ? 0 : Q__MAX;

	while (q < Q__MAX && fault_db->q[q].st != st)
		q++;
	return q;
}

static inline bool
fault_is_here(const struct stmt *st)
{
	const int q = fault_statement(st);
	const bool again = q == fault_now.last;

	fault_now.last = st ? q : -1;
	if (fault_now.times && (again || fault_now.met[q]++ >= fault_now.times))
		return false;
	if (fault_now.left == 0 || --fault_now.left > 0)
		return false;
	fault_met = q < Q__MAX ? db_sql_name((enum sql)q) : "commit";
	return true;
}

static inline enum engine_code
fault_next(struct engine *e, struct stmt *st)
{
	return fault_is_here(st) ? ENGINE_IO : driver_sqlite.next(e, st);
}

static inline enum engine_code
fault_commit(struct engine *e)
{
	return fault_is_here(NULL) ? ENGINE_IO : driver_sqlite.commit(e);
}

/* The n-th point of this handle fails (from 1); times: see above. */
static inline void
fault_begin(struct db *d, int n, int times)
{
	fault_driver = driver_sqlite;
	fault_driver.next = fault_next;
	fault_driver.commit = fault_commit;
	d->drv = &fault_driver;
	fault_db = d;
	fault_met = NULL;
	memset(&fault_now, 0, sizeof fault_now);
	fault_now.left = n;
	fault_now.times = times;
	fault_now.last = -1;
}

static inline void
fault_end(void)
{
	fault_db->drv = &driver_sqlite;
	fault_db = NULL;
}

/* Works as a process does that ends with its first error, and whose at-th point fails. False: it
 * came to its end before. */
static inline bool
fault_meets(enum rc (*work)(struct ctx *, struct db *), int at, int times)
{
	struct ctx mine = { .a = arena_new("faulty", (size_t)1 << 29, 0) };
	struct db *own;
	enum rc rc;

	assert_int_equal(db_open(&mine, 0, &own), RC_OK);
	fault_begin(own, at, times);
	rc = work(&mine, own);
	fault_end();
	if (rc != RC_OK && !fault_met)
		flunk("%s: %s at %s", error_row(mine.err.kind)->code, mine.err.detail,
		    mine.err.where);
	db_close(own);
	arena_free(mine.a);
	return fault_met != NULL;
}

#endif
