/* seconds: 50 */
/* The application's calendar and two others, each edited by people at random while they are read
 * and written in any order, with answers that do not come and cursors that are refused; then it is
 * quiet: all three are level, nothing is there twice, nothing was lost unseen, and nothing more is
 * written. A seed as the argument lives through that one alone and tells it. */
#include "hub_fixture.h"

enum { SEEDS = CASES(60), TURNS = 40, DAYS = 28, NAMES = 200 };

static uint64_t dice_state;
static bool telling;
static int named;
/* Every edit puts a new name there, which remembers the one that its author saw. */
static struct {
	int over;
	bool fine;
} names[NAMES];

static uint32_t
dice(uint32_t sides)
{
	dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(dice_state >> 33) % sides;
}

#define tell(...) \
	do { \
		if (telling) { \
			printf(__VA_ARGS__); \
			putchar('\n'); \
		} \
	} while (0)

static int
name_no(const char *text)
{
	return text && *text == 'n' ? atoi(text + 1) : 0;
}

static const char *
a_name(const char *saw)
{
	names[++named].over = name_no(saw);
	names[named].fine = false;
	assert_true(named < NAMES - 1);
	return arena_printf(cx.a, "n%d", named);
}

static void
name_fine(const char *text)
{
	for (int n = name_no(text); n > 0 && !names[n].fine; n = names[n].over)
		names[n].fine = true;
}

/* Who deletes something has seen it. */
static void
value_fine(const json *value)
{
	name_fine(json_str(value, "title"));
	name_fine(json_str(value, "location"));
}

static const char *
a_day(void)
{
	return arena_printf(cx.a, "2026-10-%02d", 1 + (int)dice(DAYS));
}

/* --- people --- */

static const char *
an_event(void)
{
	int64_t n = events_here();

	if (!n)
		return NULL;
	return first_of(arena_printf(cx.a,
	    "SELECT id FROM event WHERE deleted_at IS NULL ORDER BY id LIMIT 1 OFFSET %u",
	    dice((uint32_t)n)));
}

static void
somebody_here(void)
{
	const char *id = an_event(), *field = dice(2) ? "title" : "location", *name;
	struct event_row e;
	json *value;

	if (!id || dice(5) == 0) {
		if (events_here() >= 8)
			return;
		name = a_name(NULL);
		(void)made_here(name, a_day());
		tell("%s is made here", name);
		return;
	}
	assert_ok(event_get(&cx, db, OWNER, id, &e));
	value = json_stored(cx.a, e.value);
	if (dice(5) == 0) {
		tell("%s is deleted here", json_str(value, "title"));
		value_fine(value);
		edited_here(id, NULL);
		return;
	}
	name = a_name(json_str(value, field));
	tell("the %s of %s becomes %s here", field, json_str(value, "title"), name);
	edited_here(id, arena_printf(cx.a, "{\"%s\":\"%s\"}", field, name));
}

static struct thing *
a_thing(int cal)
{
	int live = live_there(cal), n;

	if (!live)
		return NULL;
	n = (int)dice((uint32_t)live);
	for (int i = 0; i < cals[cal].n; i++)
		if (!cals[cal].v[i].gone && n-- == 0)
			return &cals[cal].v[i];
	return NULL;
}

/* Whoever is invited in both has the same meeting twice. */
static void
made_in_both(void)
{
	const char *name = a_name(NULL), *day = a_day(), *key = arena_printf(cx.a, "both-%s", name);
	struct thing *t;

	tell("%s is made in both", name);
	(void)made_there(0, key, name, day);
	t = made_there(1, key, name, day);
	snprintf(t->uid, sizeof t->uid, "%s@there", key);
}

/* Who sees the same thing twice for a moment leaves both alone: an edit of the one that goes would
 * be one that wins, as it must. */
static bool
is_twice(int cal, const struct thing *t)
{
	for (int i = 0; i < cals[cal].n; i++)
		if (&cals[cal].v[i] != t && !cals[cal].v[i].gone &&
		    !strcmp(title_there(&cals[cal].v[i]), title_there(t)))
			return true;
	return false;
}

static void
somebody_there(int cal)
{
	struct thing *t = a_thing(cal);
	const char *field = dice(2) ? "title" : "location", *name;
	json *value;

	if (t && is_twice(cal, t))
		return;
	if (!t || dice(5) == 0) {
		if (cals[0].n + cals[1].n > 24)
			return;
		name = a_name(NULL);
		tell("%s is made in %c", name, 'a' + cal);
		(void)made_there(cal, arena_printf(cx.a, "%c-%s", 'a' + cal, name), name, a_day());
		return;
	}
	value = json_stored(cx.a, t->values);
	if (dice(5) == 0) {
		tell("%s is deleted in %c", title_there(t), 'a' + cal);
		value_fine(value);
		deleted_there(cal, t);
		return;
	}
	name = a_name(json_str(value, field));
	tell("the %s of %s becomes %s in %c", field, title_there(t), name, 'a' + cal);
	edited_there(cal, t, field, name);
}

/* --- the weather --- */

static void
weather(struct cal *c)
{
	static const enum error_kind before[] = { E_NONE, E_NONE, E_NONE, E_NETWORK, E_RATE_LIMITED,
		E_GRANT };

	c->send_fails = before[dice(6)];
	c->send_hides = c->send_fails == E_NONE && dice(5) == 0 ? E_UNSURE : E_NONE;
	c->wait_ms = c->send_fails == E_RATE_LIMITED ? MINUTE_MS : 0;
	c->oldest = dice(8) ? 0 : INT64_MAX;
}

static void
one_turn(void)
{
	int cal = (int)dice(2);

	switch (dice(8)) {
	case 0:
		if (dice(4) == 0 && cals[0].n + cals[1].n < 24)
			made_in_both();
		/* fall through */
	case 1:
		somebody_here();
		break;
	case 2:
	case 3:
	case 4:
		somebody_there(cal);
		break;
	case 5:
		weather(&cals[cal]);
		break;
	case 6:
		tell("%c is read", 'a' + cal);
		(void)reads(cal ? CONN_B : CONN_A);
		cals[cal].oldest = 0;
		break;
	default:
		tell("what waits is sent");
		sends();
	}
	clock_step_by(dice(3) ? dice(5000) : dice(600000));
}

/* --- the end --- */

static void
calms(void)
{
	for (int c = 0; c < CALS; c++) {
		cals[c].send_fails = cals[c].send_hides = E_NONE;
		cals[c].oldest = 0;
	}
	for (int i = 0; i < 6; i++) {
		clock_step_by(2 * HOUR_MS);
		tell("calm");
		settles();
	}
}

/* What a value says, in short. */
static const char *
in_short(const json *v)
{
	const char *where = json_str(v, "location");

	value_fine(v);
	return arena_printf(cx.a, "%s@%s %.10s", json_str(v, "title"), where ? where : "-",
	    json_str(v, "startDateTime"));
}

static const char *
all_here(void)
{
	char *text = (char *)raw_lines("SELECT value FROM event WHERE deleted_at IS NULL", 0);
	const char *v[NAMES];
	size_t n = 0;

	for (char *save = NULL, *l = strtok_r(text, "\n", &save); l && n < NAMES;
	     l = strtok_r(NULL, "\n", &save))
		v[n++] = in_short(json_stored(cx.a, l));
	return titles_sorted(v, n, buf_in(cx.a, 1 << 16));
}

static const char *
all_there(int cal)
{
	const char *v[THINGS];
	size_t n = 0;

	for (int i = 0; i < cals[cal].n; i++)
		if (!cals[cal].v[i].gone)
			v[n++] = in_short(json_stored(cx.a, cals[cal].v[i].values));
	return titles_sorted(v, n, buf_in(cx.a, 1 << 16));
}

/* What lost a conflict is kept. */
static void
kept_fine(void)
{
	char *text = (char *)raw_lines("SELECT kept FROM conflict", 0);

	for (char *save = NULL, *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save))
		value_fine(json_stored(cx.a, l));
}

/* No two things have one name. */
static void
nothing_is_double(uint64_t seed, const char *all)
{
	bool seen[NAMES] = { false };

	for (const char *at = all; *at; at = strchr(at, ',') + 1) {
		if (seen[name_no(at)])
			flunk("seed %llu: %s", (unsigned long long)seed, all);
		seen[name_no(at)] = true;
	}
}

static void
nothing_is_lost(uint64_t seed)
{
	kept_fine();
	for (int n = 1; n <= named; n++)
		if (!names[n].fine)
			flunk("seed %llu: n%d is lost", (unsigned long long)seed, n);
}

static void
lives(uint64_t seed)
{
	void *state = NULL;
	const char *all, *a, *b;

	assert_int_equal(hub_setup(&state), 0);
	clock_step_to(INT64_C(1795170600000));
	rand_seed(seed);
	dice_state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	named = 0;
	connect(CONN_A, "a", "");
	connect(CONN_B, "b", "");
	raw("UPDATE connection SET guard = 'always'");
	for (int i = 0; i < TURNS; i++)
		one_turn();
	calms();
	all = all_here();
	a = all_there(0);
	b = all_there(1);
	tell("here: %s\na: %s\nb: %s", all, a, b);
	if (strcmp(a, all) || strcmp(b, all))
		flunk("seed %llu: here %s, in a %s, in b %s", (unsigned long long)seed, all, a, b);
	nothing_is_double(seed, all);
	nothing_is_lost(seed);
	assert_silence(3);
	clock_fake(0);
	rand_unseed();
	assert_int_equal(hub_teardown(&state), 0);
}

static void
three_sides_come_together_and_nothing_is_there_twice(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		lives(seed);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_sides_come_together_and_nothing_is_there_twice),
	};

	if (argc > 1) {
		telling = true;
		lives(strtoull(argv[1], NULL, 10));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
