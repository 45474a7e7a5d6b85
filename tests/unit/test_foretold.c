/* What a preview tells is what the sync does: over a thousand random cases of a calendar that both
 * sides edit, each item and each field, here and there. */
#include "unit/hub_fixture.h"

#include <stdlib.h>

#include "sync/listing.h"

enum {
	WORLDS = CASES(100),
	ROUNDS = 10,
	EVENTS = 10,
	EDITS = 4,
	TEXT_MAX = 1 << 20,
	LINES_MAX = 400
};

/* --- chance --- */

static uint64_t chance;

static uint32_t
dice(uint32_t n)
{
	chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(chance >> 33) % n;
}

static const char *
word(void)
{
	static const char *const words[] = { "Tea", "Coffee", "Cocoa", "Cake", "Milk", "Bread",
		"Jam", "Honey" };

	return words[dice(sizeof words / sizeof *words)];
}

static const char *
day(void)
{
	return arena_printf(cx.a, "2026-10-%02u", 1 + dice(28));
}

/* --- what there is --- */

/* {key: value} */
static json *
all_here(void)
{
	char *text = (char *)raw_lines(
	    "SELECT id || ' ' || value FROM event WHERE deleted_at IS NULL", 0);
	json *o = json_new(cx.a);

	for (char *save = NULL, *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(l, ' ');

		*space = '\0';
		json_set(o, l, json_stored(cx.a, space + 1));
	}
	return o;
}

static json *
all_there(void)
{
	json *o = json_new(cx.a);

	for (int i = 0; i < cals[0].n; i++)
		if (!cals[0].v[i].gone)
			json_set(o, cals[0].v[i].key, json_stored(cx.a, cals[0].v[i].values));
	return o;
}

/* --- changes as lines --- */

struct lines {
	const char *v[LINES_MAX];
	size_t n;
};

static int
line_order(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static const char *
lines_text(struct lines *l)
{
	struct buf *b = buf_in(cx.a, TEXT_MAX);

	if (l->n)
		qsort(l->v, l->n, sizeof *l->v, line_order);
	for (size_t i = 0; i < l->n; i++)
		buf_printf(b, "%s\n", l->v[i]);
	return buf_c(b);
}

static const char *
field_line(const char *name, const json *before, const json *after)
{
	return arena_printf(
	    cx.a, "%s: %s > %s", name, json_text(cx.a, before), json_text(cx.a, after));
}

static void
add_line(struct lines *l, const char *head, struct lines *fields)
{
	assert_true(l->n < LINES_MAX);
	l->v[l->n++] = arena_printf(cx.a, "%s\n%s", head, lines_text(fields));
}

static void
note_effect(struct lines *l, const char *side, const json *was, const json *is)
{
	const char *action = is ? "update" : "delete";
	const json *const both[] = { was, is };
	struct lines fields = { 0 };

	if (!was)
		action = "add";
	for (size_t i = 0; i < 2; i++)
		for (struct json_iter it = { 0 }; json_each(both[i], &it);) {
			const json *x = json_at(was, it.key), *y = json_at(is, it.key);

			if ((i && json_has(was, it.key)) ||
			    !strcmp(json_text(cx.a, x), json_text(cx.a, y)))
				continue;
			fields.v[fields.n++] = field_line(it.key, x, y);
		}
	if (fields.n)
		add_line(l,
		    arena_printf(cx.a, "%s %s %s", side, action, json_str(is ? is : was, "title")),
		    &fields);
}

static void
note_effects(struct lines *l, const char *side, const json *before, const json *after)
{
	for (struct json_iter it = { 0 }; json_each(before, &it);)
		note_effect(l, side, it.value, json_at(after, it.key));
	for (struct json_iter it = { 0 }; json_each(after, &it);)
		if (!json_has(before, it.key))
			note_effect(l, side, NULL, it.value);
}

static void
note_plan(struct lines *l, const json *changes)
{
	for (size_t i = 0; i < json_len(changes); i++) {
		const json *c = json_nth(changes, i), *list = json_at(c, "fields");
		struct lines fields = { 0 };

		for (size_t k = 0; k < json_len(list); k++) {
			const json *f = json_nth(list, k);

			fields.v[fields.n++] = field_line(
			    json_str(f, "field"), json_at(f, "before"), json_at(f, "after"));
		}
		add_line(l,
		    arena_printf(cx.a, "%s %s %s", json_str(c, "side"), json_str(c, "action"),
			json_str(c, "item")),
		    &fields);
	}
}

/* --- a case --- */

static void
edit_here(void)
{
	const json *all = all_here();
	uint32_t n = (uint32_t)json_len(all), which = n ? dice(n) : 0;
	const char *id = NULL;

	if (n < EVENTS / 2 || dice(4) == 0) {
		made_here(word(), day());
		return;
	}
	for (struct json_iter it = { 0 }; json_each(all, &it);)
		if (which-- == 0)
			id = arena_dup(cx.a, it.key);
	if (dice(5) == 0 && n > EVENTS / 2)
		edited_here(id, NULL);
	else
		edited_here(id,
		    arena_printf(cx.a, "{\"%s\":\"%s\"}", dice(2) ? "title" : "location", word()));
}

static void
edit_there(void)
{
	struct cal *c = &cals[0];
	int live = live_there(0);
	struct thing *t = c->n ? &c->v[dice((uint32_t)c->n)] : NULL;

	if (live < EVENTS / 2 || dice(4) == 0)
		made_there(0, arena_printf(cx.a, "k%d", c->n), word(), day());
	else if (dice(5) == 0 && !t->gone && live > EVENTS / 2)
		deleted_there(0, t);
	else if (!t->gone)
		edited_there(0, t, dice(2) ? "title" : "location", word());
}

static void
begin_world(void)
{
	arena_reset(cx.a);
	raw("PRAGMA foreign_keys = ON; DELETE FROM account;"
	    "INSERT INTO account (id, name, role, created_at) VALUES ('" OWNER
	    "', 'ann', 'member', 1)");
	memset(cals, 0, CALS * sizeof *cals);
	connect(CONN_A, "a", "");
	for (int i = 0; i < EVENTS; i++)
		if (dice(2))
			made_there(0, arena_printf(cx.a, "k%d", cals[0].n), word(), day());
		else
			made_here(word(), day());
	settles();
}

/* In one of the ways; mostly in both. */
static const char *
some_config(void)
{
	static const char *const ways[] = { "both", "both", "both", "pull", "push" };

	return arena_printf(cx.a, "{\"calendar\":\"a\",\"direction\":\"%s\"}", ways[dice(5)]);
}

static json *
foretold(const char *config, json **changes)
{
	struct listing list = { .limit = LINES_MAX };
	struct conn c;
	struct look look = {
		.provider = "cal",
		.config = json_stored(cx.a, config),
		.existing = &c,
		.owner = OWNER,
		.budget_ms = MINUTE_MS,
		.max_bytes = 1 << 20,
		.list = &list,
	};
	json *out;

	assert_ok(conn_get(&cx, db, OWNER, CONN_A, &c));
	assert_ok(engine_preview(&cx, db, &look, &out));
	*changes = json_at(out, "changes");
	return json_at(out, "counts");
}

static int64_t
counts_sum(const json *counts)
{
	static const char *const sides[] = { "local", "remote" };
	int64_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		const json *o = json_at(counts, sides[i]);

		n += json_num(o, "add", 0) + json_num(o, "update", 0) + json_num(o, "delete", 0);
	}
	return n;
}

static int64_t told;

static void
lives_through(uint64_t seed)
{
	struct lines plan = { 0 }, effect = { 0 };
	json *here, *there, *changes, *counts;
	const char *config = some_config(), *first, *second;
	struct run r;

	for (uint32_t n = 1 + dice(EDITS); n > 0; n--) {
		clock_step_by(SECOND_MS + dice(MINUTE_MS));
		if (dice(2))
			edit_here();
		else
			edit_there();
	}
	clock_step_by(11 * MINUTE_MS);
	here = all_here();
	there = all_there();
	counts = foretold(config, &changes);
	note_plan(&plan, changes);
	raw(arena_printf(cx.a,
	    "UPDATE connection SET config_rev = config_rev + (config <> '%s'), config = '%s'",
	    config, config));
	r = reads(CONN_A);
	assert_string_equal(r.state, "complete");
	sends();
	note_effects(&effect, "local", here, all_here());
	note_effects(&effect, "remote", there, all_there());
	first = lines_text(&plan);
	second = lines_text(&effect);
	if (strcmp(first, second))
		flunk("seed %llu, %s: it was told\n%sand done\n%s", (unsigned long long)seed,
		    config, first, second);
	assert_int_equal(counts_sum(counts), plan.n);
	told += (int64_t)plan.n;
}

static void
what_is_foretold_is_done(void **state)
{
	(void)state;
	clock_step_to(INT64_C(1790000000000));
	for (uint64_t w = 1; w <= WORLDS; w++) {
		chance = w * 1000;
		begin_world();
		for (uint64_t i = 0; i < ROUNDS; i++)
			lives_through(w);
	}
	clock_fake(0);
	print_message("# %d cases, %lld changes\n", WORLDS * ROUNDS, (long long)told);
	assert_true(told > WORLDS * ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_foretold_is_done, hub_setup, hub_teardown),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("foretold", tests, NULL, NULL);
}
