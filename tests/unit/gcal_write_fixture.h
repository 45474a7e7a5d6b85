/*
 * gcal_write_fixture.h - a calendar of the stand-in's world that writer_gcal writes to, what it
 * asks there, and somebody who edits in between.
 */
#ifndef GCAL_WRITE_FIXTURE_H
#define GCAL_WRITE_FIXTURE_H

#include "unit/gcal_fixture.h"

#include "base/clock.h"
#include "event/rules.h"
#include "unit/fake_transport.h"

static struct remote lent;
static struct source there;
static struct pushed seen; /* after the last push or look */

/* What was asked, one a line: "PATCH ID {body}". */
static struct buf *asked;
static int writes, reads;

/* What somebody edits as soon as a request of ours has been answered; after: a second later, and
 * of one by that method alone. world: what becomes of the world then, as control() takes it. */
static struct {
	const char *path, *body, *after, *world;
} behind;

static inline void
behind_edits(const char *method)
{
	if (behind.world)
		control(behind.world);
	behind.world = NULL;
	if (!behind.path || (behind.after && strcmp(method, behind.after) != 0))
		return;
	if (behind.after)
		clock_step_by(SECOND_MS);
	if (ask("PATCH", behind.path, behind.body) != 200)
		flunk("%s", behind.path);
	behind.path = behind.after = NULL;
}

static inline void
listening(struct ctx *c, void *arg, const struct net_request *in, struct net_response *out)
{
	const char *id = strstr(in->url, "/events");
	struct str name = str_c(id ? id + 7 : "");

	if (strcmp(in->method, "GET") != 0) {
		bool post = !strcmp(in->method, "POST");

		writes++;
		if (!strstr(in->url, "sendUpdates=none") && !strstr(in->url, "/watch") &&
		    !strstr(in->url, "/stop"))
			flunk("guests would be told: %s", in->url);
		if (!post && !net_header(in, "If-Match"))
			flunk("whatever it is: %s %s", in->method, in->url);
		buf_printf(asked, "%s %.*s %.*s\n", in->method, (int)str_cut(name, '?', &name).n,
		    id ? id + 7 : "", (int)in->body.n, in->body.p ? in->body.p : "");
	} else
		reads++;
	fake_transport(c, arg, in, out);
	behind_edits(in->method);
}

static inline int
write_open(void **state)
{
	world_open(state);
	control("{\"calendar\":{\"owner\":\"" OWNER "\",\"id\":\"" OWNER
		"\",\"zone\":\"Europe/Berlin\"}}");
	lent = fake_remote();
	there = (struct source){
		.config = json_stored(cx.a, gcal_config),
		.cursor = json_stored(
		    cx.a, "{\"token\":\"x\",\"zone\":\"Europe/Berlin\",\"role\":\"owner\"}"),
		.remote = &lent,
	};
	asked = buf_in(cx.a, 1 << 20);
	writes = reads = 0;
	net_transport_set(listening, &world);
	return 0;
}

static inline int
write_close(void **state)
{
	net_transport_set(NULL, NULL);
	return world_close(state);
}

static inline const json *
value_of(const char *text)
{
	json *v = json_stored(cx.a, text);

	if (!v)
		flunk("no JSON: %s", text);
	return v;
}

/* {member: what it shall be, null where it is none any more} */
static inline const json *
difference(const json *was, const json *all)
{
	json *out = json_new(cx.a);

	for (struct json_iter it = { 0 }; json_each(all, &it);)
		if (!slot_same(cx.a, slot_of(was, it.key), slot_of(all, it.key)))
			json_set(out, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(was, &it);)
		if (!json_has(all, it.key))
			json_set_null(out, it.key);
	return out;
}

static inline void
forget(void)
{
	buf_clear(asked);
	writes = reads = 0;
}

#define PUSH "0193b1f4-7c1e-7e55-8a3c-3b8f5b1f6c11"

/* all NULL: it is deleted. key NULL: it is made. */
static inline enum rc
push(const char *key, const json *was, const json *all)
{
	const struct push p = {
		.id = PUSH,
		.dataset = "",
		.key = key,
		.etag = key ? seen.etag : NULL,
		.values = all ? difference(was, all) : NULL,
		.was = was,
		.all = all,
		.object = "object",
		.uid = "uid",
	};
	struct pushed answer = { 0 };
	enum rc rc;

	forget();
	rc = writer_gcal.send(&cx, &there, &p, &answer);
	if (rc == RC_OK)
		seen = answer;
	return rc;
}

static inline enum rc
look(const char *key)
{
	const struct push p = { .id = PUSH, .key = key };

	seen = (struct pushed){ 0 };
	return writer_gcal.look(&cx, &there, &p, &seen);
}

static inline void
same_value(const json *x, const json *y)
{
	if (!y || !merge_same(cx.a, &event_rules, x, y))
		flunk("%s\n is not %s", json_text(cx.a, x), y ? json_text(cx.a, y) : "there");
}

/* Made, and what is there is what it was made as. */
static inline const char *
made(const json *all)
{
	struct twin_notes t;

	assert_ok(push(NULL, NULL, all));
	same_value(all, seen.values);
	t = twins_listed();
	assert_int_equal(t.n, 1);
	same_value(all, t.last.values);
	assert_string_equal(t.last.key, seen.key);
	assert_string_equal(t.last.mark, PUSH);
	assert_string_equal(t.last.object, "object");
	assert_string_equal(t.last.uid, "uid");
	assert_string_equal(t.last.etag, seen.etag);
	return arena_dup(cx.a, seen.key);
}

/* What the twin says is what the answer said. */
static inline void
changed(const char *key, const json *was, const json *all)
{
	struct twin_notes t;

	if (push(key, was, all) != RC_OK)
		flunk("%s: %s", buf_c(asked), cx.err.detail);
	same_value(all, seen.values);
	t = twins_listed();
	assert_int_equal(t.n, 1);
	same_value(all, t.last.values);
	assert_string_equal(t.last.etag, seen.etag);
}

static inline void
nobody_got_mail(void)
{
	ask("GET", "/fake/control", NULL);
	assert_int_equal(json_len(at("mails")), 0);
}

#define ONCE \
	"\"allDay\":false,\"timeZone\":\"Europe/Berlin\",\"startDateTime\":" \
	"\"2026-10-05T10:00:00+02:00\",\"endDateTime\":\"2026-10-05T11:00:00+02:00\"," \
	"\"status\":\"confirmed\",\"busy\":true"
#define DAILY ONCE ",\"recurrence\":[\"RRULE:FREQ=DAILY;COUNT=30\"]"

#define write_test(f) cmocka_unit_test_setup_teardown(f, write_open, write_close)

#endif
