/* store_agree_fixture.h - two people, two connections of one of them, and the rows of two ways. */
#ifndef STORE_AGREE_FIXTURE_H
#define STORE_AGREE_FIXTURE_H

#include "unit/db_fixture.h"

#include "store/change.h"
#include "store/conflict.h"
#include "store/link.h"
#include "store/outbox.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define BOB "00000000-0000-7000-8000-00000000000b"

#define WRITE(call) \
	do { \
		assert_ok(db_begin(&cx, db)); \
		assert_ok(db_end(&cx, db, (call))); \
	} while (0)
#define REFUSED(call, kind) \
	do { \
		assert_ok(db_begin(&cx, db)); \
		assert_error((call), (kind)); \
		db_rollback(db); \
	} while (0)

static const struct object event = { OBJECT_EVENT, 0, "e1" }, record = { OBJECT_RECORD, 7, "e1" };

static inline int
setup(void **state)
{
	if (db_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'member', 1), ('" BOB "', 'bob', 'member', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at,"
	    " updated_at) VALUES"
	    " ('c1', '" ANN "', 'x', 'One', '{}', 1, 1), ('c2', '" ANN
	    "', 'x', 'Two', '{}', 1, 1)");
	return 0;
}

static inline struct link
linked(const char *conn_id, struct object object, const char *remote_id)
{
	struct link l = {
		.owner = ANN,
		.connection_id = conn_id,
		.object = object,
		.remote_id = remote_id,
		.base = "{\"a\":1}",
		.state = LINK_SYNCED,
		.created_at = 10,
	};

	WRITE(link_insert(&cx, db, &l));
	return l;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, db_teardown)

#endif
