/*
 * users_fixture.h - a database with an operator, op, and a member, ann, at a moment that stands
 * still but for what goes by.
 */
#ifndef USERS_FIXTURE_H
#define USERS_FIXTURE_H

#include "unit/db_fixture.h"

#include "base/clock.h"
#include "store/session.h"
#include "store/user.h"

#define T0 INT64_C(1790000000000)

static struct user op, ann;
static const struct actor by = { "test", "192.0.2.7" };

static inline int
users_open(void **state, const char *workspace)
{
	if (db_setup(state) != 0)
		return -1;
	clock_step_to(T0);
	assert_ok(user_add(&cx, db, "op", true, NULL, &op));
	assert_ok(user_add(&cx, db, "ann", false, workspace, &ann));
	return 0;
}

static inline int
users_close(void **state)
{
	clock_fake(0);
	return db_teardown(state);
}

/* A key of that purpose; detail may be NULL. */
static inline const char *
key_of(const char *owner, const char *purpose, const char *detail)
{
	const char *key;

	assert_ok(db_begin(&cx, db));
	assert_ok(sign_in_key_put(&cx, db, owner, purpose, detail, &key));
	assert_ok(db_commit(&cx, db));
	return key;
}

#endif
