/*
 * Two writers at random: a source that changes between runs, and an application that edits, adds
 * and deletes at any step of a run and before any line of it. Beside the records runs a model that
 * knows nothing of how they are kept. After every run the records are those of the model, and no
 * value that was ever there is lost. Built with TIDEMARK_STEPS (build/steps).
 *
 * SEEDS and SEED in the environment: how many schedules, from which on.
 */
#include "writer_fixture.h"

enum { KEYS = 7, ROUNDS = 5, VALUES = 4000 };
enum { SEEDS = CASES(200) };

/* v "" : it is not there */
struct version {
	char v[16], w[16];
};

/* What a run has to bring together for one key, and whether it has been seen to have done so. */
static struct entry {
	struct version base, local, source;
	bool pending;
} world[KEYS];

static struct {
	uint64_t random;
	int seed, round, next, n_values;
	char values[VALUES][16]; /* that a run has seen, or the application written */
	int edits, chance;
	bool busy;
	struct db *own;
} sim;

static int
dice(int n)
{
	sim.random = sim.random * 6364136223846793005u + 1442695040888963407u;
	return (int)((sim.random >> 33) % (uint64_t)n);
}

static void
value_new(char *to)
{
	snprintf(to, 16, "%c%d", "sa"[sim.busy], ++sim.next);
}

static void
value_remember(const char *v)
{
	if (!*v)
		return;
	assert_true(sim.n_values < VALUES);
	snprintf(sim.values[sim.n_values++], 16, "%s", v);
}

static bool
same(const struct version *x, const struct version *y)
{
	return !strcmp(x->v, y->v) && (!*x->v || !strcmp(x->w, y->w));
}

/* One field: what was edited here stays. */
static void
field_meets(char *local, const char *base, const char *source)
{
	if (!strcmp(local, base))
		snprintf(local, 16, "%s", source);
}

static void
model_meets(struct entry *e)
{
	const struct version none = { "", "" };
	const struct version *base = *e->base.v ? &e->base : &none;

	e->pending = false;
	if (same(&e->local, &e->base)) {
		e->local = e->source;
	} else if (*e->local.v && *e->source.v) {
		field_meets(e->local.v, base->v, e->source.v);
		field_meets(e->local.w, base->w, e->source.w);
	}
	e->base = e->source;
}

static const char *
key_of(int k)
{
	return arena_printf(cx.a, "k%d", k);
}

/* Where the two look alike it is asked which run the record has met last. */
static bool
run_has_met(int k)
{
	return seen_number(arena_printf(cx.a,
		   "SELECT count(*) FROM record WHERE key = '%s'"
		   " AND sync_no = (SELECT max(no) FROM sync)",
		   key_of(k))) > 0;
}

/* The record is as it was before this run met it, or as it must be afterwards. */
static void
observe(int k, const struct seen *s)
{
	struct entry *e = &world[k], met = *e;
	struct version now = { "", "" };

	if (s->there) {
		snprintf(now.v, sizeof now.v, "%.15s", s->v);
		snprintf(now.w, sizeof now.w, "%.15s", s->w);
	}
	model_meets(&met);
	bool before = same(&now, &e->local), after = same(&now, &met.local);

	if (e->pending && after && (!before || same(&e->base, &e->source) || run_has_met(k)))
		*e = met;
	else if (!before)
		flunk("seed %d round %d: k%d is %s,%s, not %s,%s nor %s,%s", sim.seed, sim.round, k,
		    now.v, now.w, e->local.v, e->local.w, met.local.v, met.local.w);
}

static void
edit_somewhere(void)
{
	int k = dice(KEYS), what = dice(5);
	struct entry *e = &world[k];
	struct seen s;

	edit_see(sim.own, key_of(k), &s);
	observe(k, &s);
	if (!*e->local.v) {
		if (what < 2)
			return;
		value_new(e->local.v);
		value_new(e->local.w);
	} else if (what == 0) {
		e->local = (struct version){ "", "" };
	} else if (what == 1 && *e->source.v) {
		/* By chance what the source says too. */
		e->local = e->source;
	} else {
		value_new(what < 4 ? e->local.v : e->local.w);
	}
	assert_ok(edit_put(sim.own, key_of(k), *e->local.v ? e->local.v : NULL, e->local.w));
	value_remember(e->local.v);
	value_remember(e->local.w);
	sim.edits++;
}

static void
perhaps_edit(void)
{
	struct ctx keep = cx;

	if (sim.busy || sim.round == 0 || dice(100) >= sim.chance)
		return;
	sim.busy = true;
	cx.a = arena_new("writer", (size_t)1 << 26, 0);
	for (int n = 1 + dice(2); n > 0; n--)
		edit_somewhere();
	arena_free(cx.a);
	cx = keep;
	sim.busy = false;
}

static void
at_step(void *arg, const char *name)
{
	(void)arg;
	/* Inside a write of the run nobody else has a turn. */
	if (!strstr(name, ":before-commit"))
		perhaps_edit();
}

static void
at_line(int64_t no)
{
	(void)no;
	perhaps_edit();
}

static void
source_changes(void)
{
	for (int k = 0; k < KEYS; k++) {
		struct entry *e = &world[k];
		int what = dice(6);

		if (!*e->source.v && what < 3) {
			value_new(e->source.v);
			value_new(e->source.w);
		} else if (what == 0) {
			e->source = (struct version){ "", "" };
		} else if (*e->source.v && what < 3) {
			value_new(what == 1 ? e->source.v : e->source.w);
		} else if (*e->source.v && what == 3 && *e->local.v) {
			e->source = e->local;
		}
	}
	/* One stays, so that it is never empty, and the guard has nothing to ask. */
	if (!*world[0].source.v)
		snprintf(world[0].source.v, 16, "s%d", ++sim.next);
	if (!*world[0].source.w)
		snprintf(world[0].source.w, 16, "s%d", ++sim.next);
}

static const char *
source_text(void)
{
	struct buf *b = buf_in(cx.a, 1 << 16);
	int from = dice(KEYS);

	buf_str(b, "id,v,w\n");
	for (int i = 0; i < KEYS; i++) {
		const struct entry *e = &world[(from + i) % KEYS];

		if (*e->source.v)
			buf_printf(
			    b, "%s,%s,%s\n", key_of((from + i) % KEYS), e->source.v, e->source.w);
	}
	return buf_c(b);
}

static void
assert_as_the_model(void)
{
	for (int k = 0; k < KEYS; k++) {
		struct entry *e = &world[k];
		struct seen s;

		edit_see(db, key_of(k), &s);
		if (e->pending)
			model_meets(e);
		observe(k, &s);
	}
}

static void
assert_nothing_is_lost(void)
{
	const char *all = raw_lines("SELECT payload FROM record UNION ALL SELECT before FROM change"
				    " UNION ALL SELECT kept FROM conflict",
	    0);

	for (int i = 0; i < sim.n_values; i++)
		if (!strstr(all, arena_printf(cx.a, "\"%s\"", sim.values[i])))
			flunk("seed %d round %d: the value %s is lost", sim.seed, sim.round,
			    sim.values[i]);
}

static void
one_round(void)
{
	struct run r;

	source_changes();
	for (int k = 0; k < KEYS; k++) {
		world[k].pending = true;
		value_remember(world[k].source.v);
		value_remember(world[k].source.w);
	}
	r = sync_text(source_text());
	if (strcmp(r.state, "complete"))
		flunk("seed %d round %d: %s %s", sim.seed, sim.round, r.error_code, r.error_detail);
	assert_as_the_model();
	assert_sound();
}

static void
one_schedule(int seed)
{
	sim.seed = seed;
	sim.random = (uint64_t)seed * 0x9E3779B97F4A7C15u + 1;
	sim.next = sim.n_values = 0;
	sim.chance = 5 + dice(40);
	memset(world, 0, sizeof world);
	raw("DELETE FROM record; DELETE FROM change; DELETE FROM link; DELETE FROM conflict;"
	    "DELETE FROM dataset; DELETE FROM sync; UPDATE connection SET cursor = NULL, "
	    "guard = 'always',"
	    " config = '{\"key\": \"id\"}'");
	step_pages(1 + dice(3));
	for (sim.round = 0; sim.round < ROUNDS; sim.round++)
		one_round();
	assert_nothing_is_lost();
	sim.chance = 0;
	assert_quiet();
	assert_as_the_model();
}

static int
from_environment(const char *name, int usual)
{
	int64_t n = usual;

	str_i64(str_c(getenv(name)), 0, 100000000, &n);
	return (int)n;
}

static void
two_writers_at_random_agree_with_the_model_and_lose_nothing(void **state)
{
	int from = from_environment("SEED", 1), n = from_environment("SEEDS", SEEDS);
	struct arena *keep = cx.a;

	(void)state;
	assert_ok(db_open(&cx, 0, &sim.own));
	script.line = at_line;
	step_watch(at_step, NULL);
	for (int seed = from; seed < from + n; seed++) {
		cx.a = arena_new("schedule", (size_t)1 << 28, 0);
		one_schedule(seed);
		arena_free(cx.a);
	}
	cx.a = keep;
	db_close(sim.own);
	assert_true(sim.edits > 5 * n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WRITER_TEST(two_writers_at_random_agree_with_the_model_and_lose_nothing),
	};

	if (!access("/dev/shm", W_OK))
		fixture_root = "/dev/shm";
	return cmocka_run_group_tests_name("two model", tests, NULL, NULL);
}
