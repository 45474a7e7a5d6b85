/* fake_fixture.h - a world of the stand-in for one test, and short ways to ask it. */
#ifndef FAKE_FIXTURE_H
#define FAKE_FIXTURE_H

#include "unit/unit.h"

#include "base/clock.h"
#include "fake/fake.h"

#define OWNER "owner@example.com"
#define SHEET "1SheetForTests000000000000000000000000000000"

static struct fake *world;
static struct fake_reply rep;
static json *got;                  /* the body of the last reply, when it is JSON */
static const char *bearer = "t";   /* NULL: no Authorization */
static const char *if_match;       /* of the next call only; NULL: none */
static const char *notion_version; /* Notion-Version; NULL: none */

static inline int
ask_typed(const char *method, const char *target, const char *type, const char *body)
{
	struct fake_request req = {
		.a = cx.a,
		.method = method,
		.target = target,
		.body = str_c(body),
	};

	if (bearer)
		params_add(&req.headers, "authorization", arena_printf(cx.a, "Bearer %s", bearer));
	if (body)
		params_add(&req.headers, "content-type", type);
	if (notion_version)
		params_add(&req.headers, "notion-version", notion_version);
	if (if_match)
		params_add(&req.headers, "if-match", if_match);
	if_match = NULL;
	fake_handle(world, &req, &rep);
	got = json_stored(cx.a, buf_c(rep.body));
	return rep.status;
}

static inline int
ask(const char *method, const char *target, const char *body)
{
	return ask_typed(method, target, "application/json", body);
}

static inline int
post_form(const char *target, const char *body)
{
	return ask_typed("POST", target, "application/x-www-form-urlencoded", body);
}

/* A form of a page for people: what was done is said by the page that is asked for then. */
static inline bool
page_says(const char *target, const char *form, const char *text)
{
	return post_form(target, form) == 303 && ask("GET", target, NULL) == 200 &&
	    strstr(buf_c(rep.body), text);
}

/* A member by path: "error.errors.0.reason". */
static inline json *
at(const char *path)
{
	struct str rest = str_c(path), one;
	json *j = got;
	int64_t n;

	while (j && rest.p) {
		one = str_cut(rest, '.', &rest);
		j = json_is_list(j) && str_i64(one, 0, 1000000, &n)
		    ? json_nth(j, (size_t)n)
		    : json_at(j, arena_dup_str(cx.a, one));
	}
	return j;
}

static inline const char *
text_at(const char *path)
{
	const char *s = json_value_str(at(path));

	return s ? s : "(nothing)";
}

static inline const char *
json_of(const char *path)
{
	return at(path) ? json_text(cx.a, at(path)) : "(nothing)";
}

static inline void
control(const char *commands)
{
	if (ask("POST", "/fake/control", commands) != 200)
		flunk("%s: %s", commands, buf_c(rep.body));
}

/* An empty world with an account, a token "t" for everything, and no quotas; its time stands
 * still until a test moves it. */
#define WORLD_MS INT64_C(1790000000000)
static inline int
world_open(void **state)
{
	if (home_open(state) != 0)
		return -1;
	clock_step_to(WORLD_MS);
	world = fake_new(false);
	bearer = "t";
	control("{\"account\": {\"email\": \"" OWNER
		"\", \"name\": \"Olga Owner\"}, \"token\": {\"value\": \"t\", \"email\": \"" OWNER
		"\"},"
		"\"quota\": {\"sheets.read\": {\"user\": 0, \"project\": 0}, "
		"\"sheets.write\": {\"user\": 0, \"project\": 0}}}");
	return 0;
}

static inline int
world_close(void **state)
{
	if (fake_breach(world))
		flunk("contract: %s", fake_breach(world));
	fake_free(world);
	clock_fake(0);
	return home_close(state);
}

#define world_test(f) cmocka_unit_test_setup_teardown(f, world_open, world_close)

#endif
