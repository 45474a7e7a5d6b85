/*
 * sheets_cell.c - see gsheets.h: dates out of serial numbers, and conditions on rows. Pure.
 */
#include "provider/google/sheets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/civil.h"

/* The n-th run of digits; -1: there are fewer. */
static int64_t
digits(struct str s, int n)
{
	int64_t value = -1;
	bool inside = false;

	for (size_t i = 0; i < s.n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';
		if (digit && !inside && n-- == 0)
			value = 0;
		else if (!digit && value >= 0)
			break;
		if (digit && value >= 0 && value < INT32_MAX)
			value = value * 10 + (s.p[i] - '0');
		inside = digit;
	}
	return value;
}

/* Does it begin with the hours, or the minutes, that the number is in all? */
static bool
counts_up(double serial, struct str shown)
{
	double minutes = fabs(serial) * 1440.0;
	int64_t first = digits(shown, 0);

	return minutes < 1e12 &&
	    (first == (int64_t)((minutes + 0.001) / 60.0) || first == (int64_t)(minutes + 0.001));
}

enum when_kind
gsheets_kind(double serial, struct str shown)
{
	const char *colon = shown.n ? memchr(shown.p, ':', shown.n) : NULL;
	struct str before = { shown.p, colon ? (size_t)(colon - shown.p) : 0 };
	bool day = serial >= 0 && serial < 1;

	/* Some locales write "10.30.00" and "27.15.00". */
	if (!colon)
		return digits(shown, 1) < 0 || digits(shown, 3) >= 0 || !counts_up(serial, shown)
		    ? WHEN_DATE
		    : day ? WHEN_TIME
			  : WHEN_DURATION;
	/* "31.12.2026 10:30" has three numbers before its time, "31 Dec 10:30" two, "27:15" one,
	 * and so has "Sat 10:30". */
	if (digits(before, 2) >= 0)
		return WHEN_DATE_TIME;
	return day                                               ? WHEN_TIME
	    : digits(before, 1) < 0 && counts_up(serial, before) ? WHEN_DURATION
								 : WHEN_DATE_TIME;
}

bool
gsheets_when(double serial, enum when_kind kind, char out[40])
{
	enum { SERIAL_OF_1970 = 25569 };
	int64_t ms, day, rest;
	int y, m, d, n;

	if (!(serial > -693594.0 && serial < 2958466.0))
		return false;
	ms = (int64_t)llround(serial * 86400000.0);
	/* What is left of a second is the noise of a fraction of a day, unless it is more than
	 * that. */
	if (llabs(ms - (ms + 500) / 1000 * 1000) <= 2)
		ms = (ms + 500) / 1000 * 1000;
	day = ms >= 0 ? ms / 86400000 : -((86399999 - ms) / 86400000);
	rest = ms - day * 86400000;
	if (kind == WHEN_DURATION) {
		int64_t s = llabs(ms) / 1000;
		n = snprintf(out, 40, "%s%02lld:%02d:%02d", ms < 0 ? "-" : "",
		    (long long)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
		if (llabs(ms) % 1000)
			snprintf(out + n, 40 - (size_t)n, ".%03d", (int)(llabs(ms) % 1000));
		return true;
	}
	civil_date(day - SERIAL_OF_1970, &y, &m, &d);
	if (y < 1 || y > 9999)
		return false;
	out[0] = '\0';
	n = 0;
	if (kind == WHEN_DATE || kind == WHEN_DATE_TIME)
		n = snprintf(out, 40, "%04d-%02d-%02d", y, m, d);
	/* A date with a time of day that is not shown keeps it: nothing is lost. */
	if (kind == WHEN_DATE && rest == 0)
		return true;
	n += snprintf(out + n, 40 - (size_t)n, "%s%02d:%02d:%02d", kind == WHEN_TIME ? "" : "T",
	    (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60));
	if (rest % 1000)
		snprintf(out + n, 40 - (size_t)n, ".%03d", (int)(rest % 1000));
	return true;
}

/*
 * Conditions. Numbers are compared as numbers when both sides are, else texts without regard to
 * case.
 */

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
};

bool
row_test_parse(struct arena *a, const char *text, struct row_test *out, const char **why)
{
	struct str s = str_trim(str_c(text));
	const char *best = NULL;
	size_t found = 0;

	/* The first operator counts; of two at one place the longer, which comes first in the
	 * table. */
	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
		const char *p = memmem(s.p, s.n, ops[i].word, strlen(ops[i].word));
		if (p && (!best || p < best)) {
			best = p;
			found = i;
		}
	}
	*why =
	    "A condition is a column, one of = != < <= > >= contains, is empty, is not empty, and a value, as in: Status = open";
	if (!best || best == s.p)
		return false;
	out->column = arena_dup_str(a, str_trim((struct str){ s.p, (size_t)(best - s.p) }));
	out->op = ops[found].op;
	best += strlen(ops[found].word);
	out->value = arena_dup_str(a, str_trim((struct str){ best, (size_t)(s.p + s.n - best) }));
	return *out->column && ((out->op != OP_EMPTY && out->op != OP_FILLED) || !*out->value);
}

static bool
number(struct str s, double *out)
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
compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	double x, y;
	int d;

	if (number(a, &x) && number(b, &y))
		return x < y ? -1 : x > y;
	d = strncasecmp(a.p, b.p, n);
	return d ? d : a.n < b.n ? -1 : a.n > b.n;
}

static bool
contains(struct str s, struct str part)
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
		return compare(cell, value) == 0;
	case OP_NE:
		return compare(cell, value) != 0;
	case OP_LT:
		return compare(cell, value) < 0;
	case OP_LE:
		return compare(cell, value) <= 0;
	case OP_GT:
		return compare(cell, value) > 0;
	case OP_GE:
		return compare(cell, value) >= 0;
	case OP_HAS:
		return contains(cell, value);
	case OP_HAS_NOT:
		return !contains(cell, value);
	case OP_EMPTY:
		return cell.n == 0;
	default:
		return cell.n > 0;
	}
}
