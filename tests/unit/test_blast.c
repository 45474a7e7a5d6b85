/* The blast guard: what is a large loss, and what an answer says to which question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sync/blast.h"

static const struct conn_limits usual = { 0 };

static void
more_than_half_and_more_than_twenty_or_all_is_large(void **state)
{
	static const struct {
		int64_t stored, deletions;
		bool large;
	} v[] = {
		{ 0, 0, false },
		{ 100, 0, false },
		{ 100, -1, false },
		/* all of it, however little */
		{ 1, 1, true },
		{ 3, 3, true },
		{ 20, 20, true },
		{ 1000000, 1000000, true },
		{ 0, 1, true },
		/* 20 and 21 records */
		{ 21, 20, false },
		{ 22, 20, false },
		{ 22, 21, true },
		{ 39, 20, false },
		{ 41, 21, true },
		/* 50 and 51 percent */
		{ 42, 21, false },
		{ 43, 21, false },
		{ 100, 50, false },
		{ 100, 51, true },
		{ 200, 100, false },
		{ 200, 101, true },
		{ 99, 50, true },
		{ 1000001, 500000, false },
		{ 1000001, 500001, true },
		{ 100, 99, true },
		{ INT64_C(4000000000), INT64_C(2000000001), true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		if (blast_large(&usual, v[i].stored, v[i].deletions) != v[i].large)
			fail_msg("%lld of %lld", (long long)v[i].deletions, (long long)v[i].stored);
}

static void
more_values_than_usual_are_asked_about(void **state)
{
	static const struct {
		int64_t stored, replaced, usual;
		bool asks;
	} v[] = {
		{ 0, 0, 0, false },
		{ 20, 20, 0, false },
		{ 21, 21, 0, true },
		{ 42, 21, 0, false },
		{ 41, 21, 0, true },
		{ 1000, 500, 0, false },
		{ 1000, 501, 0, true },
		{ 1000, 750, 50, false },
		{ 1000, 751, 50, true },
		{ 1000, 1000, 99, true },
		{ 1000, 1000, 100, false },
		{ INT64_C(4000000000), INT64_C(2000000001), 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		if (blast_replaces(&usual, v[i].stored, v[i].replaced, v[i].usual) != v[i].asks)
			fail_msg("%lld of %lld", (long long)v[i].replaced, (long long)v[i].stored);
}

static void
limits_of_its_own_are_what_a_connection_goes_by(void **state)
{
	static const struct {
		struct conn_limits limits;
		int64_t stored, n;
		bool deletions, values;
	} v[] = {
		{ { 30, 2 }, 10, 3, false, false },
		{ { 30, 2 }, 10, 4, true, true },
		{ { 30, 5 }, 10, 4, false, false },
		{ { 30, 0 }, 100, 31, true, true },
		{ { 30, 0 }, 60, 20, false, false },
		{ { 0, 2 }, 10, 5, false, false },
		{ { 0, 2 }, 10, 6, true, true },
		{ { 100, 1 }, 10, 9, false, false },
		{ { 100, 1 }, 10, 10, true, false },
		{ { 1, 1 }, 1000, 11, true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		if (blast_large(&v[i].limits, v[i].stored, v[i].n) != v[i].deletions)
			fail_msg("row %zu: deletions", i);
		if (blast_replaces(&v[i].limits, v[i].stored, v[i].n, 0) != v[i].values)
			fail_msg("row %zu: values", i);
	}
}

static void
an_answer_is_for_the_question_that_it_was_given_for(void **state)
{
	static const struct {
		const char *answer, *given_for, *plan;
		enum blast said;
	} v[] = {
		{ "", "", "p", BLAST_ASK },
		{ "", "p", "p", BLAST_ASK },
		{ "approve", "p", "p", BLAST_APPLY },
		{ "approve", "q", "p", BLAST_ASK },
		{ "approve", "", "p", BLAST_ASK },
		{ "approve", "", "", BLAST_ASK },
		{ "approve", "pp", "p", BLAST_ASK },
		{ "keep", "p", "p", BLAST_KEEP },
		{ "keep", "q", "p", BLAST_ASK },
		{ "keep", "", "p", BLAST_ASK },
		{ "always", "q", "p", BLAST_APPLY },
		{ "always", "", "p", BLAST_APPLY },
		{ "approves", "p", "p", BLAST_ASK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		if (blast_answered(v[i].answer, v[i].given_for, v[i].plan) != v[i].said)
			fail_msg("\"%s\" for %s, asked %s", v[i].answer, v[i].given_for, v[i].plan);
}

static void
what_is_done_about_a_loss(void **state)
{
	static const struct {
		int64_t deletions;
		bool large, large_of_all, kept;
		const char *answer, *given_for;
		enum blast done;
	} v[] = {
		{ 0, false, false, false, "", "", BLAST_APPLY },
		{ 0, true, true, true, "keep", "q", BLAST_APPLY },
		{ 5, false, false, false, "", "", BLAST_APPLY },
		{ 5, false, false, false, "approve", "q", BLAST_APPLY },
		{ 5, false, false, true, "", "", BLAST_APPLY },
		{ 60, true, true, false, "", "", BLAST_ASK },
		{ 60, true, true, false, "approve", "p", BLAST_APPLY },
		{ 60, true, true, false, "approve", "q", BLAST_ASK },
		{ 60, true, true, false, "keep", "p", BLAST_KEEP },
		{ 60, true, true, false, "keep", "q", BLAST_ASK },
		{ 60, true, true, false, "always", "q", BLAST_APPLY },
		/* "keep", not carried out yet, and the loss has become small: it is not deleted
		 * unasked */
		{ 5, false, false, false, "keep", "q", BLAST_ASK },
		{ 5, false, false, false, "keep", "p", BLAST_KEEP },
		/* kept records are missing: large beside the rest alone is kept with them, large
		 * beside all is asked about */
		{ 39, true, false, true, "", "", BLAST_KEEP },
		{ 39, true, false, true, "approve", "p", BLAST_APPLY },
		{ 39, true, false, true, "always", "", BLAST_APPLY },
		{ 110, true, true, true, "", "", BLAST_ASK },
		{ 39, true, false, false, "", "", BLAST_ASK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		const struct blast_case c = {
			.deletions = v[i].deletions,
			.large = v[i].large,
			.large_of_all = v[i].large_of_all,
			.kept = v[i].kept,
			.answer = v[i].answer,
			.given_for = v[i].given_for,
			.plan = "p",
		};

		if (blast_decide(&c) != v[i].done)
			fail_msg("case %zu: %lld, \"%s\" for %s", i, (long long)c.deletions,
			    c.answer, c.given_for);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_than_half_and_more_than_twenty_or_all_is_large),
		cmocka_unit_test(more_values_than_usual_are_asked_about),
		cmocka_unit_test(limits_of_its_own_are_what_a_connection_goes_by),
		cmocka_unit_test(an_answer_is_for_the_question_that_it_was_given_for),
		cmocka_unit_test(what_is_done_about_a_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
