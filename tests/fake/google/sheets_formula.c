/*
 * sheets_formula.c - formulas: see sheets.h.
 */
#include "fake/google/sheets.h"

#include <stdlib.h>
#include <strings.h>

struct sum {
	const char *p;
	const char *error;
	int depth;
};

static double formula_sum(struct sum *);

static double
formula_factor(struct sum *s)
{
	char *end;
	double n;

	while (*s->p == ' ')
		s->p++;
	if (*s->p == '(' && s->depth++ < 50) {
		s->p++;
		n = formula_sum(s);
		if (*s->p == ')')
			s->p++;
		else
			s->error = "#ERROR!";
	} else if (strncasecmp(s->p, "NA()", 4) == 0) {
		s->p += 4;
		s->error = "#N/A";
		n = 0;
	} else {
		n = strtod(s->p, &end);
		if (end == s->p && !s->error)
			s->error = "#NAME?";
		s->p = end;
	}
	while (*s->p == ' ')
		s->p++;
	return n;
}

static double
formula_product(struct sum *s)
{
	double n = formula_factor(s);

	while (*s->p == '*' || *s->p == '/') {
		char op = *s->p++;
		double m = formula_factor(s);

		if (op == '/' && m == 0 && !s->error)
			s->error = "#DIV/0!";
		if (op == '*')
			n *= m;
		else
			n = m == 0 ? 0 : n / m;
	}
	return n;
}

static double
formula_sum(struct sum *s)
{
	double n = formula_product(s);

	while (*s->p == '+' || *s->p == '-') {
		char op = *s->p++;
		double m = formula_product(s);

		n = op == '+' ? n + m : n - m;
	}
	return n;
}

double
formula_value(const char *text, const char **error)
{
	struct sum s = { .p = text };
	double n = formula_sum(&s);

	if (!s.error && *s.p)
		s.error = "#NAME?";
	*error = s.error;
	return n;
}
