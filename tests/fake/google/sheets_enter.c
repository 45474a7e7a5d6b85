/*
 * sheets_enter.c - what a typed text becomes.
 */
#include "fake/google/sheets.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

/* What a text turned out to be. */
struct entered {
	double n;
	const char *type, *pattern; /* of its format; type NULL: it gives none */
};

/* Copies the digits with a "." as they are understood elsewhere; false for what is no number. */
static bool
enter_digits(const char *s, size_t len, bool comma, char out[64], bool *grouped)
{
	const char group = comma ? '.' : ',', point = comma ? ',' : '.';
	bool seen_point = false;
	size_t k = 0;

	*grouped = false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == group && i > 0 && !seen_point) {
			*grouped = true;
			continue;
		}
		if (!isdigit((unsigned char)s[i]) && s[i] != point && !(i == 0 && s[i] == '-') &&
		    !(i > 0 && strchr("eE+-", s[i])))
			return false;
		seen_point = seen_point || s[i] == point;
		out[k++] = s[i] == point ? '.' : s[i];
	}
	out[k] = '\0';
	return strpbrk(out, "0123456789") != NULL;
}

static bool
enter_number(const char *s, bool comma, struct entered *e)
{
	char digits[64], *end;
	const char *point;
	size_t len = strlen(s);
	bool grouped, decimals, percent = len > 1 && s[len - 1] == '%';

	if (len == 0 || len > 40 || !enter_digits(s, len - percent, comma, digits, &grouped))
		return false;
	point = strchr(digits, '.');
	decimals = point && point[1];
	errno = 0;
	e->n = strtod(digits, &end);
	if (*end != '\0' || errno != 0)
		return false;
	if (percent) {
		e->n /= 100;
		e->type = "PERCENT";
		e->pattern = decimals ? "0.00%" : "0%";
	} else if (grouped) {
		e->type = "NUMBER";
		e->pattern = decimals ? "#,##0.00" : "#,##0";
	}
	return true;
}

static bool
enter_int(const char **p, int most, int *out)
{
	int n = 0;

	*out = 0;
	while (isdigit((unsigned char)**p) && n < most) {
		*out = *out * 10 + (*(*p)++ - '0');
		n++;
	}
	return n > 0;
}

/* "18:30" or "18:30:05", to the end. */
static bool
enter_time(const char *p, double *day)
{
	int h, m, sec = 0;

	if (!enter_int(&p, 2, &h) || *p++ != ':' || !enter_int(&p, 2, &m))
		return false;
	if (*p == ':') {
		p++;
		if (!enter_int(&p, 2, &sec))
			return false;
	}
	if (*p || h > 23 || m > 59 || sec > 59)
		return false;
	*day = (h * 3600 + m * 60 + sec) / 86400.0;
	return true;
}

/* Three numbers with the same character between them; *p is behind them. */
static bool
enter_triple(const char **p, int v[3], char *sep)
{
	if (!enter_int(p, 4, &v[0]))
		return false;
	*sep = **p;
	if (!*sep || !strchr("-/.", *sep))
		return false;
	++*p;
	return enter_int(p, 2, &v[1]) && *(*p)++ == *sep && enter_int(p, 4, &v[2]);
}

/* Year, month and day in this order, when it is a way to write a date there. */
static bool
enter_ymd(const int v[3], char sep, bool comma, int ymd[3])
{
	static const struct {
		char sep;
		int order[3];
	} ways[] = {
		{ '-', { 0, 1, 2 } },
		{ '/', { 2, 0, 1 } },
		{ '.', { 2, 1, 0 } },
	};

	if ((sep == '-' && v[0] < 1000) || (sep == '/' && comma) || (sep == '.' && !comma))
		return false;
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3 && ways[i].sep == sep; k++)
			ymd[k] = v[ways[i].order[k]];
	return ymd[0] >= 1000 && ymd[1] >= 1 && ymd[1] <= 12 && ymd[2] >= 1 && ymd[2] <= 31;
}

/* yyyy-mm-dd, m/d/yyyy or d.m.yyyy by locale, each with an optional time; or a time alone. */
static bool
enter_date(const char *s, bool comma, struct entered *e)
{
	const char *p = s;
	int v[3], ymd[3];
	char sep;

	if (enter_time(s, &e->n)) {
		e->type = "TIME";
		e->pattern = "hh:mm:ss";
		return true;
	}
	if (!enter_triple(&p, v, &sep))
		return false;
	if (*p == ' ')
		p++;
	e->n = 0;
	if ((*p && !enter_time(p, &e->n)) || !enter_ymd(v, sep, comma, ymd))
		return false;
	e->n += (double)date_day(ymd[0], ymd[1], ymd[2]);
	e->type = *p ? "DATE_TIME" : "DATE";
	e->pattern = "";
	if (sep == '-')
		e->pattern = *p ? "yyyy-mm-dd hh:mm:ss" : "yyyy-mm-dd";
	return true;
}

static void
enter_formula(struct fake *f, struct cell *c, const char *text)
{
	const char *error;

	c->n = formula_value(text + 1, &error);
	c->kind = error ? CELL_ERROR : CELL_NUMBER;
	c->s = error ? arena_dup(f->a, error) : NULL;
	c->formula = text;
}

void
cell_enter(struct fake *f, struct cell *c, struct str raw, const char *locale)
{
	const char *text = arena_dup_str(f->a, raw);
	const bool plain = c->fmt && strcmp(c->fmt->type, "TEXT") == 0;
	const bool comma = locale_has_comma(locale);
	struct entered e = { .type = NULL };

	cell_blank(c);
	if (*text == '\0')
		return;
	c->kind = CELL_TEXT;
	c->s = text;
	if (plain) {
		return;
	} else if (*text == '\'') {
		c->s = text + 1;
	} else if (*text == '=' && text[1]) {
		enter_formula(f, c, text);
	} else if (strcasecmp(text, "TRUE") == 0 || strcasecmp(text, "FALSE") == 0) {
		c->kind = CELL_BOOL;
		c->n = (text[0] | 0x20) == 't';
	} else if (enter_date(text, comma, &e) || enter_number(text, comma, &e)) {
		c->kind = CELL_NUMBER;
		c->n = e.n;
		if (e.type)
			c->fmt = format_make(f, e.type, e.pattern);
	}
}

double
json_double(const json *j)
{
	struct arena *a;
	double n;

	if (json_is_int(j))
		return (double)json_value_i64(j);
	a = arena_new("number", 4096, 0);
	n = strtod(json_text(a, j), NULL);
	arena_free(a);
	return n;
}

void
cell_set_json(struct fake *f, struct cell *c, const json *v, bool typed, const char *locale)
{
	const char *s = json_is_str(v) ? json_value_str(v) : NULL;

	if (s && typed) {
		cell_enter(f, c, str_c(s), locale);
		return;
	}
	cell_blank(c);
	if (s) {
		c->kind = *s ? CELL_TEXT : CELL_BLANK;
		c->s = arena_dup(f->a, s);
	} else if (json_is_bool(v)) {
		c->kind = CELL_BOOL;
		c->n = json_value_bool(v);
	} else {
		c->kind = CELL_NUMBER;
		c->n = json_double(v);
	}
}
