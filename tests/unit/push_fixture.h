/*
 * push_fixture.h - a connection with an open push channel, and the messages that come in for it.
 */
#ifndef PUSH_FIXTURE_H
#define PUSH_FIXTURE_H

#include "engine_fixture.h"

#include "queue/lane.h"
#include "queue/channel.h"

#define CH "ch-1"
#define BEGIN INT64_C(1790000000000)
#define OTHER "00000000-0000-7000-8000-000000000002"

static inline struct conn
the_conn(void)
{
	struct conn c;

	assert_ok(conn_get(&cx, db, OWNER, CONN, &c));
	return c;
}

/* Statements of a write transaction. */
#define in_tx(call) \
	do { \
		assert_ok(db_begin(&cx, db)); \
		assert_ok(call); \
		assert_ok(db_commit(&cx, db)); \
	} while (0)

static inline int
setup(void **state)
{
	int failed = fixture_open(state);
	struct conn c = the_conn();

	clock_step_to(BEGIN);
	conf_override(CONF_APP_URL, "https://sync.example.com");
	raw("UPDATE schedule SET enabled = 1, next_poll_at = 9999999999999");
	in_tx(channel_insert(&cx, db, &c, CH, "secret", BEGIN + HOUR_MS));
	in_tx(channel_opened(&cx, db, &c, CH, "res-1", BEGIN + HOUR_MS));
	return failed;
}

static inline int
teardown(void **state)
{
	clock_fake(0);
	conf_override(CONF_APP_URL, NULL);
	return fixture_close(state);
}

static inline enum rc
receive(const char *channel, const char *token, const char *resource, const char *state)
{
	bool asked;

	return channel_receive(&cx, db,
	    &(struct channel_message){
		.channel = channel,
		.token = token,
		.resource = resource,
		.greeting = state && !strcmp(state, "sync"),
	    },
	    &asked);
}

static inline void
message(void)
{
	assert_ok(receive(CH, "secret", "res-1", "update"));
}

static inline int64_t
wanted(void)
{
	return raw_number("SELECT asked - served FROM schedule WHERE connection_id = '" CONN "'");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
