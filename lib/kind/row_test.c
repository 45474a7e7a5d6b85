/*
 * row_test.c - see row_test.h.
 */
#include "kind/row_test.h"

#include <stdlib.h>
#include <string.h>

enum { OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT, OP_HAS, OP_HAS_NOT, OP_EMPTY, OP_FILLED };

static const struct {
	const char *word;
	int op;
} ops[] = {
	{ " is not empty", OP_FILLED },
	{ " is empty", OP_EMPTY },
	{ " does not contain ", OP_HAS_NOT },
	{ " contains ", OP_HAS },
	{ "!=", OP_NE },
	{ "<=", OP_LE },
	{ ">=", OP_GE },
	{ "=", OP_EQ },
	{ "<", OP_LT },
	{ ">", OP_GT },
	/* Words of a name as well: only where nothing else is there. */
	{ " is not ", OP_NE },
	{ " is ", OP_EQ },
};
enum { OPS = sizeof ops / sizeof *ops, OPS_WORDS = 2 };

/* The first operator counts; of two at one place the longer, which comes first in the table. */
static const char *
row_test_op(struct str s, size_t from, size_t to, size_t *found)
{
	const char *best = NULL;

	for (size_t i = from; i < to; i++) {
		const char *p = memmem(s.p, s.n, ops[i].word, strlen(ops[i].word));

		if (p && (!best || p < best)) {
			best = p;
			*found = i;
		}
	}
	return best;
}

bool
row_test_parse(struct arena *a, const char *text, struct row_test *out, const char **why)
{
	struct str s = str_trim(str_c(text));
	size_t found = 0;
	const char *best = row_test_op(s, 0, OPS - OPS_WORDS, &found);

	if (!best)
		best = row_test_op(s, OPS - OPS_WORDS, OPS, &found);
	*why = "A condition is a column, one of = != < <= > >= contains, is, is not, is empty, is "
	       "not empty, and a value, as in: Status = open";
	if (!best || best == s.p)
		return false;
	out->column = arena_dup_str(a, str_trim((struct str){ s.p, (size_t)(best - s.p) }));
	out->op = ops[found].op;
	best += strlen(ops[found].word);
	out->value = arena_dup_str(a, str_trim((struct str){ best, (size_t)(s.p + s.n - best) }));
	return *out->column && ((out->op != OP_EMPTY && out->op != OP_FILLED) || !*out->value);
}

bool
row_tests_check(struct arena *a, const json *list, const char **why)
{
	struct row_test test;

	for (size_t i = 0; i < json_len(list); i++)
		if (!row_test_parse(a, json_value_str(json_nth(list, i)), &test, why))
			return false;
	return true;
}

static bool
row_test_number(struct str s, double *out)
{
	char text[64], *end;

	if (s.n == 0 || s.n >= sizeof text || strchr("xXnNiI", s.p[s.n > 1 ? 1 : 0]))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*out = strtod(text, &end);
	return *end == '\0' && *out == *out;
}

static int
row_test_compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	double x, y;
	int d;

	if (row_test_number(a, &x) && row_test_number(b, &y))
		return x < y ? -1 : x > y;
	d = strncasecmp(a.p, b.p, n);
	if (d)
		return d;
	return a.n < b.n ? -1 : a.n > b.n;
}

static bool
row_test_contains(struct str s, struct str part)
{
	for (size_t i = 0; i + part.n <= s.n; i++)
		if (!strncasecmp(s.p + i, part.p, part.n))
			return true;
	return false;
}

bool
row_test_holds(const struct row_test *t, struct str cell)
{
	struct str value = str_c(t->value);

	cell = str_trim(cell.p ? cell : (struct str){ "", 0 });
	switch (t->op) {
	case OP_EQ:
		return row_test_compare(cell, value) == 0;
	case OP_NE:
		return row_test_compare(cell, value) != 0;
	case OP_LT:
		return row_test_compare(cell, value) < 0;
	case OP_LE:
		return row_test_compare(cell, value) <= 0;
	case OP_GT:
		return row_test_compare(cell, value) > 0;
	case OP_GE:
		return row_test_compare(cell, value) >= 0;
	case OP_HAS:
		return row_test_contains(cell, value);
	case OP_HAS_NOT:
		return !row_test_contains(cell, value);
	case OP_EMPTY:
		return cell.n == 0;
	default:
		return cell.n > 0;
	}
}
