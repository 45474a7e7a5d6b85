/*
 * places_fixture.h - users with connections that are due or asked for, and the taking of runs by
 * which is seen who has a place. Only where the clock can be set (TIDEMARK_STEPS).
 */
#ifndef PLACES_FIXTURE_H
#define PLACES_FIXTURE_H

#include "engine_fixture.h"

#include "base/proc.h"
#include "queue/places.h"

#define NOW INT64_C(1795000000000)

static int made;

/* A user with connections that are due at once; those from the failing-th on have failed last. */
static inline void
has_due(const char *owner, int n, int failing)
{
	struct buf *b = buf_in(cx.a, 1 << 22);

	buf_printf(b,
	    "INSERT INTO account (id, name, role, created_at) VALUES ('%s', '%s', 'member', 1) "
	    "ON CONFLICT DO NOTHING; BEGIN;",
	    owner, owner);
	for (int i = 0; i < n; i++, made++)
		buf_printf(b,
		    "INSERT INTO connection (id, owner, provider, name, config, created_at, "
		    "updated_at) VALUES ('%s-%d', '%s', 'script', 'x', '{}', 1, 1);"
		    "INSERT INTO schedule (connection_id, owner, enabled, health, failing, "
		    "frequency, interval_minutes, set_at, next_poll_at) VALUES ('%s-%d', '%s', "
		    "1, 'ok', %d, 'custom', 1, 1, %lld);",
		    owner, made, owner, owner, made, owner, i >= failing, (long long)NOW + made);
	buf_str(b, "COMMIT");
	raw(buf_c(b));
}

/* What they have due was asked for by hand instead. */
static inline void
is_asked(const char *owner)
{
	struct conn_list list;
	const char *id;

	assert_ok(conn_list(&cx, db, owner, NULL, 100, &list));
	raw(arena_printf(
	    cx.a, "UPDATE schedule SET next_poll_at = NULL WHERE owner = '%s'", owner));
	for (size_t i = 0; i < list.n; i++)
		assert_ok(sync_start(&cx, db, owner, list.v[i].id, "manual", &id));
}

static inline int
places_open(void **state)
{
	if (fixture_open(state) != 0)
		return -1;
	made = 0;
	conf_override(CONF_WORKERS, "4");
	clock_step_to(NOW + HOUR_MS);
	return 0;
}

static inline int
places_close(void **state)
{
	clock_fake(0);
	conf_override(CONF_WORKERS, "4");
	return fixture_close(state);
}

static struct claim_state st;

static inline bool
take(struct job *job)
{
	bool found;

	*job = (struct job){ 0 };
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, job));
	return found;
}

static inline void
ends(const struct job *job, enum error_kind how)
{
	const struct err err = { .kind = how };

	assert_ok(queue_settle(&cx, db, job, &job->run, how == E_NONE ? NULL : &err));
}

static inline void
waits(const struct job *job, int64_t ms)
{
	bool cancel;

	assert_ok(queue_heartbeat(&cx, db, job,
	    &(struct heartbeat){
		.phase = "downloading",
		.message = "Waiting",
		.wait_until = ms ? clock_ms() + ms : 0,
	    },
	    &cancel));
}

/* How many can be taken now; of those, how many are of this owner. */
static inline int
take_all(const char *owner, int *of_owner)
{
	struct job job;
	int n = 0;

	for (*of_owner = 0; take(&job); n++)
		*of_owner += !strcmp(job.conn.owner, owner);
	return n;
}

static inline bool
pending(void)
{
	bool yes;

	assert_ok(queue_pending(&cx, db, false, &yes));
	return yes;
}

#define PLACES_TEST(f) cmocka_unit_test_setup_teardown(f, places_open, places_close)

#endif
