/* deliver_fixture.h - a receiver that answers as its path says, a webhook that calls it, and one
 * message at a time. */
#ifndef DELIVER_FIXTURE_H
#define DELIVER_FIXTURE_H

#include "unit/kill_fixture.h"

#include "app/hooks.h"
#include "app/retain.h"
#include "base/hash.h"
#include "send/deliver.h"
#include "send/hook.h"
#include "send/sender.h"
#include "unit/caller_fixture.h"
#include "unit/web_server.h"

static const char *hook_id, *hook_secret;

/* --- the receiver --- */

static inline void
answer(int fd, const char *request, const char *path)
{
	char status[40], rest[80];

	if (!strcmp(path, "/echo"))
		web_reply(fd, "200 OK", "", request);
	else if (!strcmp(path, "/binary"))
		web_reply(fd, "500 Oops", "",
		    "a\x01"
		    "b\n\xc3\xa4\xff\x1b[31mred\xc2\x9b");
	else if (!strcmp(path, "/moved"))
		web_reply(fd, "302 Found", "Location: /echo\r\n", "");
	else if (!strcmp(path, "/wait"))
		web_reply(fd, "503 Later", "Retry-After: 600\r\n", "");
	else if (sscanf(path, "/rest/%30[0-9]", status) == 1) {
		snprintf(rest, sizeof rest, "Retry-After: %s\r\n", status);
		web_reply(fd, "503 Later", rest, "");
	} else if (sscanf(path, "/status/%30[0-9]", status) == 1)
		web_reply(fd, strcat(status, " X"), "Retry-After: 600\r\n", "body");
}

/* --- helpers --- */

static inline const char *
at(const char *path)
{
	return arena_printf(cx.a, "http://127.0.0.1:%d%s", web_port, path);
}

static json *
names(const char *events)
{
	json *list = json_list(cx.a);

	for (struct str rest = str_c(events); rest.p;)
		json_add(list, json_string(cx.a, str_cut(rest, ',', &rest)));
	return list;
}

static inline void
add_hook(const char *path, const char *events)
{
	const struct hook_input in = {
		.url = at(path),
		.events = names(events),
	};

	assert_ok(hooks_add(&cx, db, &owner_calls, &in, &hook_id, &hook_secret));
}

static inline int
setup(void **state)
{
	int failed = fixture_open(state);

	conf_override(CONF_ALLOW_NETS, "127.0.0.0/8");
	conf_override(CONF_SMTP_URL, "");
	conf_override(CONF_MAIL_FROM, "");
	return failed;
}

static inline int
teardown(void **state)
{
	clock_fake(0);
	conf_override(CONF_ALLOW_NETS, "");
	conf_override(CONF_SMTP_URL, "");
	return fixture_close(state);
}

/* Claims, sends and settles one parcel. */
static inline struct sent
deliver_one(struct parcel *p)
{
	bool found, again;
	struct sent s;

	assert_ok(sender_claim(&cx, db, &found, &again, p));
	assert_true(found);
	deliver_send(&cx, p, &s);
	assert_ok(deliver_settle(&cx, db, p, &s));
	return s;
}

static inline void
assert_nothing_due(void)
{
	bool found, again = true;
	struct parcel p;

	while (again) {
		assert_ok(sender_claim(&cx, db, &found, &again, &p));
		assert_false(found);
	}
}

static inline const char *
test_message(void)
{
	const char *delivery;

	assert_ok(hooks_test(&cx, db, &owner_calls, hook_id, &delivery));
	return delivery;
}

static inline struct delivery
delivery_now(const char *id)
{
	struct delivery d;

	assert_ok(delivery_get(&cx, db, OWNER, hook_id, id, &d));
	return d;
}

static inline struct attempt
last_attempt(const char *id)
{
	struct attempt *v;
	size_t n;

	assert_ok(attempt_list(&cx, db, OWNER, id, &v, &n));
	assert_true(n > 0);
	return v[0];
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
