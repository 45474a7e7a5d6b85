/*
 * fake_cell.c - what a typed text becomes, and how a value is shown: numbers, dates, percentages, a little arithmetic, two ways to write decimals.
 */
#include "fake/world.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Day 0 is 1899-12-30; 25569 days later is 1970-01-01. */
enum { EPOCH_DAY = 25569 };

struct tm_parts {
	int64_t year;
	int month, day, hour, minute, second;
};

static int64_t
day_number(int64_t y, int m, int d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468 + EPOCH_DAY;
}

static struct tm_parts
parts_of(double serial)
{
	int64_t whole = (int64_t)serial - (serial < (double)(int64_t)serial), secs = (int64_t)((serial - (double)whole) * 86400 + 0.5), z = whole - EPOCH_DAY + 719468;

	if (secs == 86400) {
		secs = 0;
		z++;
	}
	int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = (int)(mp + (mp < 10 ? 3 : -9));

	return (struct tm_parts){ yoe + era * 400 + (month <= 2), month, (int)(doy - (153 * mp + 2) / 5 + 1), (int)(secs / 3600), (int)(secs / 60 % 60), (int)(secs % 60) };
}

/*
 * Formats.
 */
static bool
comma_locale(const char *locale)
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
	return fmt && (strcmp(fmt->type, "DATE") == 0 || strcmp(fmt->type, "TIME") == 0 || strcmp(fmt->type, "DATE_TIME") == 0);
}

const char *
format_pattern(const struct format *fmt, const char *locale)
{
	static const struct { const char *type, *point, *comma; } usual[] = {
		{ "NUMBER", "#,##0.00", "#,##0.00" }, { "PERCENT", "0.00%", "0.00%" }, { "CURRENCY", "\"$\"#,##0.00", "#,##0.00\" \xE2\x82\xAC\"" },
		{ "DATE", "m/d/yyyy", "dd.mm.yyyy" }, { "TIME", "h:mm:ss am/pm", "hh:mm:ss" }, { "DATE_TIME", "m/d/yyyy h:mm:ss", "dd.mm.yyyy hh:mm:ss" },
		{ "SCIENTIFIC", "0.00E+00", "0.00E+00" }
	};

	if (fmt->pattern && *fmt->pattern)
		return fmt->pattern;
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (strcmp(usual[i].type, fmt->type) == 0)
			return comma_locale(locale) ? usual[i].comma : usual[i].point;
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

static void
put_date(struct buf *b, const char *pattern, double serial)
{
	static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December" };
	struct tm_parts t = parts_of(serial);
	bool twelve = strstr(pattern, "am/pm") != NULL, after_hour = false;

	for (const char *p = pattern; *p;) {
		size_t n = 1;
		int width;

		while (p[n] == *p)
			n++;
		width = n > 1 ? 2 : 1;

		if (strncmp(p, "am/pm", 5) == 0) {
			buf_str(b, t.hour < 12 ? "AM" : "PM");
			p += 5;
			continue;
		}
		switch (*p) {
		case 'y': buf_printf(b, n > 2 ? "%04lld" : "%02lld", (long long)(n > 2 ? t.year : t.year % 100)); break;
		case 'd': buf_printf(b, "%0*d", width, t.day); break;
		case 'h': buf_printf(b, "%0*d", width, twelve ? (t.hour + 11) % 12 + 1 : t.hour); break;
		case 's': buf_printf(b, "%0*d", width, t.second); break;
		case 'm':
			/* Minutes stand behind hours, or before seconds. */
			if (after_hour || strncmp(p + n, ":s", 2) == 0)
				buf_printf(b, "%0*d", width, t.minute);
			else if (n >= 3)
				buf_printf(b, "%.*s", n == 3 ? 3 : 9, months[t.month - 1]);
			else
				buf_printf(b, "%0*d", width, t.month);
			break;
		case '"': n = 1; break;
		default: buf_add(b, p, n); break;
		}
		after_hour = *p == 'h' || (*p == ':' && after_hour);
		p += n;
	}
}

static void
put_grouped(struct buf *b, struct arena *a, double n, int decimals, bool group, bool comma)
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
put_literal(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '"')
			buf_ch(b, s.p[i]);
}

/* Digits, grouping, decimals and a percent sign; what stands around them is shown as it is, without its quotes. */
static void
put_number(struct buf *b, struct arena *a, const char *pattern, double n, bool comma)
{
	size_t start = strcspn(pattern, "#0"), len = strspn(pattern + start, "#0,.");
	const char *point = memchr(pattern + start, '.', len), *after = pattern + start + len;

	put_literal(b, (struct str){ pattern, start });
	put_grouped(b, a, strchr(pattern, '%') ? n * 100 : n, point ? (int)(after - point - 1) : 0, memchr(pattern + start, ',', len) != NULL, comma);
	put_literal(b, str_c(after));
}

const char *
cell_text(struct arena *a, const struct cell *c, const char *locale)
{
	struct buf *b;
	const char *pattern = c->fmt ? format_pattern(c->fmt, locale) : "";
	bool comma = comma_locale(locale);

	switch (c->kind) {
	case CELL_TEXT:
	case CELL_ERROR: return c->s;
	case CELL_BOOL: return c->n != 0 ? "TRUE" : "FALSE";
	case CELL_NUMBER: break;
	default: return "";
	}
	b = buf_in(a, 400);
	if (format_is_date(c->fmt)) {
		put_date(b, pattern, c->n);
	} else if (strpbrk(pattern, "#0") && !strchr(pattern, 'E')) {
		put_number(b, a, pattern, c->n, comma);
	} else {
		/* Automatic shows ten digits or so; what is more is cut here as it is there. */
		buf_str(b, fabs(c->n) >= 1e15 ? arena_printf(a, "%.5E", c->n) : number_text(a, c->n));
		for (size_t i = 0; comma && i < b->n; i++)
			if (b->p[i] == '.')
				b->p[i] = ',';
	}
	return buf_c(b);
}

/*
 * Typed texts.
 */
static bool
read_number(const char *s, bool comma, double *n, const char **pattern)
{
	char digits[64];
	size_t k = 0, len = strlen(s), decimals = 0;
	const char group = comma ? '.' : ',', point = comma ? ',' : '.';
	bool grouped = false, percent = len > 1 && s[len - 1] == '%', seen_point = false;
	char *end;

	if (len == 0 || len > 40)
		return false;
	for (size_t i = 0; i < len - percent; i++) {
		if (s[i] == group && i > 0 && !seen_point) {
			grouped = true;
			continue;
		}
		if (!isdigit((unsigned char)s[i]) && s[i] != point && !(i == 0 && s[i] == '-') && !(i > 0 && strchr("eE+-", s[i])))
			return false;
		if (s[i] == point)
			seen_point = true;
		else if (seen_point)
			decimals++;
		digits[k++] = s[i] == point ? '.' : s[i];
	}
	digits[k] = '\0';
	if (!strpbrk(digits, "0123456789"))
		return false;
	errno = 0;
	*n = strtod(digits, &end);
	if (*end != '\0' || errno != 0)
		return false;
	if (percent)
		*n /= 100;
	*pattern = percent ? (decimals ? "0.00%" : "0%") : grouped ? (decimals ? "#,##0.00" : "#,##0") : NULL;
	return true;
}

static bool
digits_at(const char **p, int most, int *out)
{
	int n = 0;

	*out = 0;
	while (isdigit((unsigned char)**p) && n < most) {
		*out = *out * 10 + (*(*p)++ - '0');
		n++;
	}
	return n > 0;
}

/* yyyy-mm-dd, m/d/yyyy or d.m.yyyy by locale, each with an optional time; or a time alone. */
static bool
read_date(const char *s, bool comma, double *n, const char **type, const char **pattern)
{
	int a, b, c, h = 0, m = 0, sec = 0;
	const char *p = s;
	char sep;

	if (!digits_at(&p, 4, &a))
		return false;
	sep = *p;
	if (sep == ':' || !strchr("-/.", sep) || !sep) {
		c = 0;
		b = 1;
	} else if (!(p++, digits_at(&p, 2, &b)) || *p++ != sep || !digits_at(&p, 4, &c)) {
		return false;
	}
	if (sep == ':') {
		p = s;
	} else if (sep == '-' ? a < 1000 : sep == '/' ? comma : sep == '.' ? !comma : true) {
		return false;
	} else if (*p == ' ') {
		p++;
	}
	if (*p && (!digits_at(&p, 2, &h) || *p++ != ':' || !digits_at(&p, 2, &m) || (*p == ':' && (p++, !digits_at(&p, 2, &sec)))))
		return false;
	if (*p || h > 23 || m > 59 || sec > 59)
		return false;
	*n = (h * 3600 + m * 60 + sec) / 86400.0;
	*type = strchr(s, ':') ? sep == ':' ? "TIME" : "DATE_TIME" : "DATE";
	if (sep == ':') {
		*pattern = "hh:mm:ss";
		return true;
	}
	int year = sep == '-' ? a : c, month = sep == '/' ? a : b, day = sep == '-' ? c : sep == '/' ? b : a;
	if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1000)
		return false;
	*n += (double)day_number(year, month, day);
	*pattern = sep == '-' ? strchr(s, ':') ? "yyyy-mm-dd hh:mm:ss" : "yyyy-mm-dd" : "";
	return true;
}

/*
 * Formulas: + - * / and parentheses over numbers, and NA(). Anything else is an unknown name.
 */
struct sum {
	const char *p;
	const char *error;
	int depth;
};

static double sum_of(struct sum *);

static double
factor(struct sum *s)
{
	char *end;
	double n;

	while (*s->p == ' ')
		s->p++;
	if (*s->p == '(' && s->depth++ < 50) {
		s->p++;
		n = sum_of(s);
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
product(struct sum *s)
{
	double n = factor(s);

	while (*s->p == '*' || *s->p == '/') {
		char op = *s->p++;
		double m = factor(s);

		if (op == '/' && m == 0 && !s->error)
			s->error = "#DIV/0!";
		n = op == '*' ? n * m : m == 0 ? 0 : n / m;
	}
	return n;
}

static double
sum_of(struct sum *s)
{
	double n = product(s);

	while (*s->p == '+' || *s->p == '-') {
		char op = *s->p++;
		double m = product(s);

		n = op == '+' ? n + m : n - m;
	}
	return n;
}

static void
enter_formula(struct fake *f, struct cell *c, const char *text)
{
	struct sum s = { .p = text + 1 };
	double n = sum_of(&s);

	if (!s.error && *s.p)
		s.error = "#NAME?";
	c->kind = s.error ? CELL_ERROR : CELL_NUMBER;
	c->s = s.error ? arena_dup(f->a, s.error) : NULL;
	c->n = n;
	c->formula = text;
}

static void
set_number(struct cell *c, double n)
{
	c->kind = CELL_NUMBER;
	c->n = n;
}

void
cell_enter(struct fake *f, struct cell *c, struct str raw, const char *locale)
{
	const char *text = arena_dup_str(f->a, raw), *pattern = NULL, *type = "NUMBER";
	bool plain = c->fmt && strcmp(c->fmt->type, "TEXT") == 0;
	double n;

	*c = (struct cell){ .kind = CELL_TEXT, .s = text, .fmt = c->fmt, .style = c->style, .note = c->note };
	if (*text == '\0') {
		c->kind = CELL_BLANK;
	} else if (plain) {
		return;
	} else if (*text == '\'') {
		c->s = text + 1;
	} else if (*text == '=' && text[1]) {
		enter_formula(f, c, text);
	} else if (strcasecmp(text, "TRUE") == 0 || strcasecmp(text, "FALSE") == 0) {
		c->kind = CELL_BOOL;
		c->n = (text[0] | 0x20) == 't';
	} else if (read_date(text, comma_locale(locale), &n, &type, &pattern)) {
		set_number(c, n);
		c->fmt = format_make(f, type, pattern);
	} else if (read_number(text, comma_locale(locale), &n, &pattern)) {
		set_number(c, n);
		if (pattern)
			c->fmt = format_make(f, strchr(pattern, '%') ? "PERCENT" : "NUMBER", pattern);
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
	if (json_is_str(v)) {
		const char *s = json_value_str(v);

		if (typed) {
			cell_enter(f, c, str_c(s), locale);
			return;
		}
		*c = (struct cell){ .kind = *s ? CELL_TEXT : CELL_BLANK, .s = arena_dup(f->a, s), .fmt = c->fmt, .style = c->style, .note = c->note };
		return;
	}
	*c = (struct cell){ .kind = json_is_bool(v) ? CELL_BOOL : CELL_NUMBER, .n = json_is_bool(v) ? json_value_bool(v) : json_double(v),
		.fmt = c->fmt, .style = c->style, .note = c->note };
}
