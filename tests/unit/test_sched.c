/* What the outcome of a run does to the schedule: tests/table/sched.txt, and the waiting in
 * between. */
#include "unit/unit.h"

#include "base/clock.h"
#include "queue/sched.h"
#include "unit/table_file.h"

#define NOW (1000 * MINUTE_MS)

struct setting {
	struct sched s;
	int64_t rule;
	struct err err;
	bool failed;
};

static bool
number(struct str word, const char *name, int64_t *out)
{
	size_t n = strlen(name);

	if (!str_starts(word, name))
		return false;
	assert_true(str_i64((struct str){ word.p + n, word.n - n }, 0, 1000000, out));
	return true;
}

static void
before(struct setting *t, const char *text)
{
	struct str rest = str_c(text), w;
	struct sched *s = &t->s;
	int64_t m;

	*s = (struct sched){
		.enabled = true,
		.failing_since = strstr(text, "failing") ? NOW - 1 : 0,
		.freq = FREQ_HOURLY,
		.interval_minutes = 60,
		.max_retries = 3,
		.next_poll_at = NOW - 1,
	};
	while (rest.p) {
		w = str_cut(rest, ' ', &rest);
		if (str_is(w, "retrying"))
			s->health = HEALTH_RETRYING;
		else if (str_is(w, "attention"))
			s->health = HEALTH_ATTENTION;
		else if (str_is(w, "failing"))
			s->failing = true;
		else if (str_is(w, "off")) {
			s->enabled = false;
			s->next_poll_at = 0;
		} else if (str_is(w, "stopped"))
			s->next_poll_at = 0;
		else if (number(w, "every=", &s->interval_minutes))
			s->freq = FREQ_CUSTOM;
		else if (number(w, "rule=", &m))
			t->rule = m * MINUTE_MS;
		else if (number(w, "ago=", &m))
			s->failing_since = NOW - m * MINUTE_MS;
		else if (str_starts(w, "code="))
			s->error_code = arena_dup_str(cx.a, (struct str){ w.p + 5, w.n - 5 });
		else if (!number(w, "retries=", &s->retry_count) &&
		    !number(w, "deferrals=", &s->deferrals) &&
		    !number(w, "max=", &s->max_retries) && !str_is(w, "ok"))
			flunk("unknown word: %.*s", (int)w.n, w.p);
	}
}

static void
ended(struct setting *t, const char *text)
{
	struct str rest, w = str_cut(str_c(text), ' ', &rest);
	int64_t m;

	t->failed = !str_is(w, "ok");
	for (int k = 1; t->failed && k < E__MAX; k++)
		if (str_is(w, error_row((enum error_kind)k)->code))
			t->err.kind = (enum error_kind)k;
	assert_true(!t->failed || t->err.kind != E_NONE);
	snprintf(t->err.detail, sizeof t->err.detail, "What happened.");
	if (rest.p && number(rest, "wait=", &m))
		t->err.wait_ms = m * MINUTE_MS;
}

/* "1060", "1001..1004", "none" */
static bool
next_is(int64_t at, struct str want)
{
	struct str high, low = str_cut(want, '.', &high);
	int64_t a, b;

	if (str_is(want, "none"))
		return at == 0;
	assert_true(str_i64(low, 1, 1000000, &a));
	if (!high.p)
		return at == a * MINUTE_MS;
	assert_true(str_i64((struct str){ high.p + 1, high.n - 1 }, 1, 1000000, &b));
	return at >= a * MINUTE_MS && at <= b * MINUTE_MS;
}

static void
after(const struct setting *t, const char *text, int announce, const char *where)
{
	static const char *const told[] = { "", "tell=attention", "tell=recovered" };
	const struct sched *s = &t->s;
	struct str rest = str_c(text), w;
	bool failing = false, tell = false, ok = true;
	int64_t n;

	while (rest.p) {
		w = str_cut(rest, ' ', &rest);
		if (str_is(w, "failing"))
			failing = true;
		else if (str_starts(w, "tell=")) {
			tell = true;
			ok &= str_is(w, told[announce]);
		} else if (str_starts(w, "next="))
			ok &= next_is(s->next_poll_at, (struct str){ w.p + 5, w.n - 5 });
		else if (str_starts(w, "code="))
			ok &= str_is((struct str){ w.p + 5, w.n - 5 },
			    s->error_code ? s->error_code : "none");
		else if (number(w, "retries=", &n))
			ok &= s->retry_count == n;
		else if (number(w, "deferrals=", &n))
			ok &= s->deferrals == n;
		else
			ok &= str_is(w, health_name(s->health));
	}
	ok &= failing == s->failing && failing == (s->failing_since != 0) &&
	    tell == (announce != 0);
	ok &= s->set_at == NOW && s->last_polled_at == NOW &&
	    s->last_success_at == (t->failed ? 0 : NOW);
	if (!ok)
		flunk("%s | %s: %s next=%lld ms retries=%lld deferrals=%lld code=%s%s %s", where,
		    text, health_name(s->health), (long long)s->next_poll_at,
		    (long long)s->retry_count, (long long)s->deferrals,
		    s->error_code ? s->error_code : "none", s->failing ? " failing" : "",
		    told[announce]);
}

static void
row(char *const *col, int n, const char *where)
{
	static const uint64_t dice[] = { 0, 1, UINT64_MAX, UINT64_C(0x123456789abcdef),
		UINT64_C(0xfedcba9876543210) };

	assert_int_equal(n, 3);
	for (size_t i = 0; i < sizeof dice / sizeof *dice; i++) {
		struct setting t = { 0 };
		int announce = 9;

		before(&t, col[0]);
		ended(&t, col[1]);
		sched_after(&t.s, t.failed ? &t.err : NULL, NOW, t.rule, dice[i], &announce);
		after(&t, col[2], announce, where);
	}
}

static void
outcomes_do_what_the_table_says(void **state)
{
	(void)state;
	assert_true(table_each("tests/table/sched.txt", row) > 30);
}

static void
every_kind_of_error_has_a_defined_effect(void **state)
{
	(void)state;
	for (int k = 1; k < E__MAX; k++)
		for (int health = 0; health < HEALTH__MAX; health++) {
			struct sched s = {
				.enabled = true,
				.health = (enum health)health,
				.freq = FREQ_DAILY,
				.interval_minutes = 1440,
				.max_retries = 3,
				.next_poll_at = NOW,
			};
			struct err err = { .kind = (enum error_kind)k };
			int announce;

			sched_after(&s, &err, NOW, 0, 7, &announce);
			/* Either it comes again by itself, or the owner is asked. */
			assert_true(s.next_poll_at > NOW ||
			    (s.health == HEALTH_ATTENTION && s.next_poll_at == 0));
			if (s.health == HEALTH_ATTENTION && health != HEALTH_ATTENTION) {
				assert_int_equal(announce, 1);
				assert_string_equal(s.error_code, error_row(err.kind)->code);
				assert_true(*s.error_detail);
			}
		}
}

static void
a_source_that_asks_for_a_longer_rest_than_ours_is_told_apart(void **state)
{
	static const struct {
		enum error_kind kind;
		int64_t asked, told; /* minutes */
	} rows[] = {
		{ E_RATE_LIMITED, 360, 360 },
		{ E_SOURCE_5XX, 90, 90 },
		{ E_NOT_READY, 61, 61 },
		{ E_RATE_LIMITED, INT64_C(10080) * 2, 10080 },
		{ E_RATE_LIMITED, 60, 0 },
		{ E_RATE_LIMITED, 0, 0 },
		{ E_NETWORK, 0, 0 },
		/* It waits for its regular time. */
		{ E_TLS, 0, 0 },
		{ E_SOURCE_DENIED, 360, 0 },
		{ E_CANCELLED, 360, 0 },
		{ E_NEEDS_APPROVAL, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sched s = { .enabled = true, .freq = FREQ_DAILY, .max_retries = 3 };
		const struct err err = { .kind = rows[i].kind,
			.wait_ms = rows[i].asked * MINUTE_MS };
		int announce;

		sched_after(&s, &err, NOW, 0, UINT64_MAX, &announce);
		assert_int_equal(
		    sched_asked_until(&s), rows[i].told ? NOW + rows[i].told * MINUTE_MS : 0);
		/* Who changes the schedule has set a time of his own. */
		s.set_at = NOW + 1;
		assert_int_equal(sched_asked_until(&s), 0);
		sched_after(&s, NULL, NOW + 1, 0, 7, &announce);
		assert_int_equal(sched_asked_until(&s), 0);
	}
}

static void
backoff_doubles_to_an_hour_and_is_spread(void **state)
{
	(void)state;
	for (int64_t n = 1; n < 100; n++) {
		int64_t top = n < 6 ? MINUTE_MS << n : HOUR_MS, least = INT64_MAX, most = 0;

		for (uint64_t r = 0; r < 1000; r++) {
			int64_t w = sched_backoff_ms(n, 0, r * UINT64_C(0x9e3779b97f4a7c15));
			least = w < least ? w : least;
			most = w > most ? w : most;
		}
		assert_true(least >= MINUTE_MS && most <= top);
		/* Used from end to end. */
		assert_true(least < MINUTE_MS + (top - MINUTE_MS) / 10 &&
		    most > top - (top - MINUTE_MS) / 10);
	}
	assert_int_equal(sched_backoff_ms(1, 5 * HOUR_MS, 12345), 5 * HOUR_MS);
	assert_true(sched_backoff_ms(INT64_MAX, 0, UINT64_MAX) <= HOUR_MS);
	assert_true(sched_backoff_ms(0, -5, 3) >= MINUTE_MS);
}

static void
the_regular_time_is_exactly_one_interval_away(void **state)
{
	struct sched s = { .enabled = true, .freq = FREQ_CUSTOM, .interval_minutes = 7 };

	(void)state;
	assert_int_equal(sched_next(&s, 12345), 12345 + 7 * MINUTE_MS);
	s.interval_minutes = 0;
	assert_int_equal(sched_next(&s, 0), MINUTE_MS);
	for (int f = 0; f < FREQ_CUSTOM; f++) {
		enum freq back;

		s.freq = (enum freq)f;
		assert_int_equal(sched_next(&s, 1), 1 + freq_minutes(s.freq) * MINUTE_MS);
		assert_true(freq_from(freq_name(s.freq), &back) && back == s.freq);
	}
	assert_int_equal(freq_minutes(FREQ_WEEKLY), 10080);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes_do_what_the_table_says),
		cmocka_unit_test(every_kind_of_error_has_a_defined_effect),
		cmocka_unit_test(a_source_that_asks_for_a_longer_rest_than_ours_is_told_apart),
		cmocka_unit_test(backoff_doubles_to_an_hour_and_is_spread),
		cmocka_unit_test(the_regular_time_is_exactly_one_interval_away),
	};

	return cmocka_run_group_tests(tests, unit_open, unit_close);
}
