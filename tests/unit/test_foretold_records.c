/* What a preview of a source tells is what the sync does to the records: over a thousand random
 * reads, with keys that were found, and with keys of the source's own. */
#include "unit/engine_fixture.h"

#include <stdlib.h>

#include "sync/listing.h"

enum {
	WORLDS = CASES(50),
	ROUNDS = 20,
	ROWS = 12,
	COLUMNS = 3,
	TEXT_MAX = 1 << 16,
	LINES_MAX = 400
};

static uint64_t chance;

static uint32_t
dice(uint32_t n)
{
	chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(chance >> 33) % n;
}

/* --- the source --- */

static int table[ROWS][COLUMNS]; /* 0 in the first: there is no such row */

static void
table_begin(void)
{
	for (int i = 0; i < ROWS; i++)
		for (int c = 0; c < COLUMNS; c++)
			table[i][c] = c ? (int)dice(9) : i + 1;
}

static void
table_edit(void)
{
	int *row = table[dice(ROWS)];
	int here = 0;

	for (int i = 0; i < ROWS; i++)
		here += table[i][0] != 0;
	if (!*row)
		*row = (int)(row - table[0]) / COLUMNS + 1;
	else if (dice(3) == 0 && here > ROWS / 2)
		*row = 0;
	else
		row[1 + dice(COLUMNS - 1)] = (int)dice(9);
}

static const char *
table_text(void)
{
	struct buf *b = buf_in(cx.a, TEXT_MAX);

	buf_str(b, "id,name,town\n");
	for (int i = 0; i < ROWS; i++)
		if (table[i][0])
			buf_printf(
			    b, "r%d,Name %d,Town %d\n", table[i][0], table[i][1], table[i][2]);
	return buf_c(b);
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

/* {key: [values]} */
static json *
records(void)
{
	char *text = (char *)raw_lines(
	    "SELECT key || ' ' || payload FROM record WHERE deleted IS NULL", 0);
	json *o = json_new(cx.a);

	for (char *save = NULL, *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(l, ' ');

		*space = '\0';
		json_set(o, l, json_stored(cx.a, space + 1));
	}
	return o;
}

static void
note_effect(struct lines *l, const char *key, const json *was, const json *is)
{
	static const char *const names[] = { "id", "name", "town" };
	const char *action = is ? "update" : "delete";
	const char *item = json_value_str(json_nth(is ? is : was, 1));
	struct buf *b = buf_in(cx.a, TEXT_MAX);

	if (!was)
		action = "add";
	for (size_t c = 0; c < COLUMNS; c++) {
		const char *x = json_text(cx.a, json_nth(was, c));
		const char *y = json_text(cx.a, json_nth(is, c));

		if (strcmp(x, y) != 0)
			buf_printf(b, " %s: %s > %s", names[c], x, y);
	}
	if (b->n)
		l->v[l->n++] = arena_printf(cx.a, "%s %s %s%s", action, key, item, buf_c(b));
}

static void
note_plan(struct lines *l, const json *changes)
{
	for (size_t i = 0; i < json_len(changes); i++) {
		const json *c = json_nth(changes, i), *fields = json_at(c, "fields");
		struct buf *b = buf_in(cx.a, TEXT_MAX);

		for (size_t k = 0; k < json_len(fields); k++) {
			const json *f = json_nth(fields, k);

			buf_printf(b, " %s: %s > %s", json_str(f, "field"),
			    json_text(cx.a, json_at(f, "before")),
			    json_text(cx.a, json_at(f, "after")));
		}
		l->v[l->n++] = arena_printf(cx.a, "%s %s %s%s", json_str(c, "action"),
		    json_str(c, "key"), json_str(c, "item"), buf_c(b));
	}
}

/* --- a case --- */

static json *
foretold(void)
{
	struct listing list = { .limit = LINES_MAX };
	struct conn c;
	struct look look = {
		.provider = "script",
		.config = json_new(cx.a),
		.existing = &c,
		.owner = OWNER,
		.budget_ms = MINUTE_MS,
		.max_bytes = 1 << 20,
		.list = &list,
	};
	json *out;

	assert_ok(conn_get(&cx, db, OWNER, CONN, &c));
	assert_ok(engine_preview(&cx, db, &look, &out));
	return out;
}

static int64_t told;

static void
lives_through(uint64_t seed)
{
	struct lines plan = { 0 }, effect = { 0 };
	const json *before, *after, *out;
	const char *first, *second;
	struct run r;

	for (uint32_t n = dice(5); n > 0; n--)
		table_edit();
	script.text = table_text();
	before = records();
	out = foretold();
	note_plan(&plan, json_at(out, "changes"));
	r = sync_now();
	assert_string_equal(r.state, "complete");
	after = records();
	for (struct json_iter it = { 0 }; json_each(before, &it);)
		note_effect(&effect, it.key, it.value, json_at(after, it.key));
	for (struct json_iter it = { 0 }; json_each(after, &it);)
		if (!json_has(before, it.key))
			note_effect(&effect, it.key, NULL, it.value);
	first = lines_text(&plan);
	second = lines_text(&effect);
	if (strcmp(first, second) != 0)
		flunk("seed %llu: it was told\n%sand done\n%s", (unsigned long long)seed, first,
		    second);
	out = json_at(json_at(out, "counts"), "local");
	assert_int_equal(json_num(out, "add", 0), r.added);
	assert_int_equal(json_num(out, "update", 0), r.updated);
	assert_int_equal(json_num(out, "delete", 0), r.deleted);
	told += (int64_t)plan.n;
}

static void
what_is_foretold_is_done(void **state)
{
	(void)state;
	for (uint64_t w = 1; w <= WORLDS; w++) {
		chance = w * 1000;
		arena_reset(cx.a);
		script.own_keys = w % 2;
		raw("DELETE FROM record; DELETE FROM dataset; UPDATE connection SET cursor = NULL");
		table_begin();
		sync_text(table_text());
		for (uint64_t i = 0; i < ROUNDS; i++)
			lives_through(w);
	}
	print_message("# %d cases, %lld changes\n", WORLDS * ROUNDS, (long long)told);
	assert_true(told > WORLDS * ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(what_is_foretold_is_done),
	};

	fixture_root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	return cmocka_run_group_tests_name("foretold of records", tests, NULL, NULL);
}
