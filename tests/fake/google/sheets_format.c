/*
 * sheets_format.c - how a value is shown: numbers, dates, percentages, two ways to write decimals.
 */
#include "fake/google/sheets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool
locale_has_comma(const char *locale)
{
	return strncmp(locale, "de", 2) == 0 || strncmp(locale, "fr", 2) == 0;
}

const struct format *
format_make(struct fake *f, const char *type, const char *pattern)
{
	struct format *fmt = arena_alloc(f->a, sizeof *fmt);

	*fmt = (struct format){ arena_dup(f->a, type), arena_dup(f->a, pattern) };
	return fmt;
}

bool
format_is_date(const struct format *fmt)
{
	return fmt &&
	    (strcmp(fmt->type, "DATE") == 0 || strcmp(fmt->type, "TIME") == 0 ||
		strcmp(fmt->type, "DATE_TIME") == 0);
}

const char *
format_pattern(const struct format *fmt, const char *locale)
{
	static const struct {
		const char *type, *point, *comma;
	} usual[] = {
		{ "NUMBER", "#,##0.00", "#,##0.00" },
		{ "PERCENT", "0.00%", "0.00%" },
		{ "CURRENCY", "\"$\"#,##0.00", "#,##0.00\" \xE2\x82\xAC\"" },
		{ "DATE", "m/d/yyyy", "dd.mm.yyyy" },
		{ "TIME", "h:mm:ss am/pm", "hh:mm:ss" },
		{ "DATE_TIME", "m/d/yyyy h:mm:ss", "dd.mm.yyyy hh:mm:ss" },
		{ "SCIENTIFIC", "0.00E+00", "0.00E+00" },
	};

	if (fmt->pattern && *fmt->pattern)
		return fmt->pattern;
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (strcmp(usual[i].type, fmt->type) == 0)
			return locale_has_comma(locale) ? usual[i].comma : usual[i].point;
	return "";
}

const char *
number_text(struct arena *a, double n)
{
	char text[40];

	if (fabs(n) < 1e15 && n == (double)(int64_t)n)
		return arena_printf(a, "%lld", (long long)n);
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, n);
		if (strtod(text, NULL) == n)
			break;
	}
	return arena_dup(a, text);
}

/* One run of the same letter of a pattern. */
struct field {
	char letter;
	size_t n;
	int width;
	bool twelve; /* hours go to twelve */
	bool minute; /* an "m" behind hours, or before seconds */
};

static void
format_put_month(struct buf *b, const struct field *x, int month)
{
	static const char *const months[] = {
		"January",
		"February",
		"March",
		"April",
		"May",
		"June",
		"July",
		"August",
		"September",
		"October",
		"November",
		"December",
	};

	if (x->n >= 3)
		buf_printf(b, "%.*s", x->n == 3 ? 3 : 9, months[month - 1]);
	else
		buf_printf(b, "%0*d", x->width, month);
}

static void
format_put_field(struct buf *b, const struct field *x, const struct date_parts *t)
{
	switch (x->letter) {
	case 'y':
		if (x->n > 2)
			buf_printf(b, "%04lld", (long long)t->year);
		else
			buf_printf(b, "%02lld", (long long)(t->year % 100));
		break;
	case 'd':
		buf_printf(b, "%0*d", x->width, t->day);
		break;
	case 'h':
		buf_printf(b, "%0*d", x->width, x->twelve ? (t->hour + 11) % 12 + 1 : t->hour);
		break;
	case 's':
		buf_printf(b, "%0*d", x->width, t->second);
		break;
	case 'm':
		if (x->minute)
			buf_printf(b, "%0*d", x->width, t->minute);
		else
			format_put_month(b, x, t->month);
		break;
	case '"':
		break;
	default:
		for (size_t i = 0; i < x->n; i++)
			buf_ch(b, x->letter);
	}
}

/* "[h]", "[mm]", "[s]": all the hours, minutes or seconds. Its length; 0: it is none of these. */
static size_t
format_put_elapsed(struct buf *b, const char *p, double serial)
{
	const size_t n = *p == '[' ? strspn(p + 1, (char[]){ p[1], '\0' }) : 0;
	double units = 1440;

	if (n == 0 || !strchr("hms", p[1]) || p[n + 1] != ']')
		return 0;
	if (p[1] != 'm')
		units = p[1] == 'h' ? 24 : 86400;
	buf_printf(b, "%s%0*lld", serial < 0 ? "-" : "", (int)n,
	    (long long)(fabs(serial) * units + 0.001));
	return n + 2;
}

static void
format_put_date(struct buf *b, const char *pattern, double serial)
{
	const struct date_parts t = date_parts(serial);
	struct field x = { .twelve = strstr(pattern, "am/pm") != NULL };
	bool after_hour = false;

	for (const char *p = pattern; *p; p += x.n) {
		x.n = format_put_elapsed(b, p, serial);
		if (x.n) {
			after_hour = p[1] == 'h';
			continue;
		}
		if (*p == '"' && strchr(p + 1, '"')) {
			x.n = strcspn(p + 1, "\"") + 2;
			buf_add(b, p + 1, x.n - 2);
			continue;
		}
		if (strncmp(p, "am/pm", 5) == 0) {
			buf_str(b, t.hour < 12 ? "AM" : "PM");
			x.n = 5;
			continue;
		}
		x.letter = *p;
		x.n = strspn(p, (char[]){ *p, '\0' });
		x.width = x.n > 1 ? 2 : 1;
		x.minute = after_hour || strncmp(p + x.n, ":s", 2) == 0;
		format_put_field(b, &x, &t);
		after_hour = *p == 'h' || (*p == ':' && after_hour);
	}
}

static void
format_put_grouped(struct buf *b, struct arena *a, double n, int decimals, bool group, bool comma)
{
	const char *digits = arena_printf(a, "%.*f", decimals, fabs(n));
	size_t whole = strcspn(digits, ".");

	if (n < 0 && strspn(digits, "0.") != strlen(digits))
		buf_ch(b, '-');
	for (size_t i = 0; i < whole; i++) {
		buf_ch(b, digits[i]);
		if (group && i + 1 < whole && (whole - i - 1) % 3 == 0)
			buf_ch(b, comma ? '.' : ',');
	}
	if (decimals > 0) {
		buf_ch(b, comma ? ',' : '.');
		buf_str(b, digits + whole + 1);
	}
}

static void
format_put_literal(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '"')
			buf_ch(b, s.p[i]);
}

/* Digits, grouping, decimals and a percent sign; what stands around them is shown as it is, without
 * its quotes. */
static void
format_put_number(struct buf *b, struct arena *a, const char *pattern, double n, bool comma)
{
	size_t start = strcspn(pattern, "#0"), len = strspn(pattern + start, "#0,.");
	const char *point = memchr(pattern + start, '.', len), *after = pattern + start + len;

	format_put_literal(b, (struct str){ pattern, start });
	format_put_grouped(b, a, strchr(pattern, '%') ? n * 100 : n,
	    point ? (int)(after - point - 1) : 0, memchr(pattern + start, ',', len) != NULL, comma);
	format_put_literal(b, str_c(after));
}

const char *
cell_text(struct arena *a, const struct cell *c, const char *locale)
{
	struct buf *b;
	const char *pattern = c->fmt ? format_pattern(c->fmt, locale) : "";
	bool comma = locale_has_comma(locale);

	switch (c->kind) {
	case CELL_TEXT:
	case CELL_ERROR:
		return c->s;
	case CELL_BOOL:
		return c->n != 0 ? "TRUE" : "FALSE";
	case CELL_NUMBER:
		break;
	default:
		return "";
	}
	b = buf_in(a, 400);
	if (format_is_date(c->fmt)) {
		format_put_date(b, pattern, c->n);
	} else if (strpbrk(pattern, "#0") && !strchr(pattern, 'E')) {
		format_put_number(b, a, pattern, c->n, comma);
	} else {
		/* Automatic shows ten digits or so; what is more is cut here as it is there. */
		buf_str(
		    b, fabs(c->n) >= 1e15 ? arena_printf(a, "%.5E", c->n) : number_text(a, c->n));
		for (size_t i = 0; comma && i < b->n; i++)
			if (b->p[i] == '.')
				b->p[i] = ',';
	}
	return buf_c(b);
}
