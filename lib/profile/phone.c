/*
 * phone.c - see phone.h.
 */
#include "profile/phone.h"

#include <stdio.h>

enum {
	DIGITS = 24,
	E164_DIGITS = 15,
	LEAST = 6, /* fewer tell nobody, where it is not known whether they are a whole number */
	EXTENSION = 8,
	LONG = 11,
	LENGTHS = 20,
	CODE_DIGITS = 3
};

struct country {
	char iso[3];
	int code;
	const char *trunk, *abroad;
	unsigned lengths; /* a bit for each number of digits that a national number can have */
};

static const struct country countries[] = {
#define COUNTRY(iso, code, trunk, abroad, lengths) { iso, code, trunk, abroad, lengths },
#include "profile/countries.def"
#undef COUNTRY
};
enum { COUNTRIES = sizeof countries / sizeof *countries };

/* What was written, taken apart. */
struct dialled {
	char digits[DIGITS + 1], ext[EXTENSION + 1];
	size_t n, ext_n;
	bool plus;
};

static const struct country *
phone_find(const char *iso)
{
	for (size_t i = 0; iso && i < COUNTRIES; i++)
		if (str_ieq(str_c(countries[i].iso), str_c(iso)))
			return &countries[i];
	return NULL;
}

bool
phone_country(const char *iso)
{
	return phone_find(iso) != NULL;
}

/* The value of the digit at p, in ASCII, full width or Arabic; *len its bytes; -1: none. */
static int
phone_digit(struct str s, size_t *len)
{
	const unsigned char *p = (const unsigned char *)s.p;

	*len = 1;
	if (p[0] >= '0' && p[0] <= '9')
		return p[0] - '0';
	if (s.n >= 3 && p[0] == 0xEF && p[1] == 0xBC && p[2] >= 0x90 && p[2] <= 0x99) {
		*len = 3;
		return p[2] - 0x90;
	}
	if (s.n >= 2 && p[0] == 0xD9 && p[1] >= 0xA0 && p[1] <= 0xA9) {
		*len = 2;
		return p[1] - 0xA0;
	}
	if (s.n >= 2 && p[0] == 0xDB && p[1] >= 0xB0 && p[1] <= 0xB9) {
		*len = 2;
		return p[1] - 0xB0;
	}
	return -1;
}

/* Bytes of what may stand between digits: blanks, hyphens of all kinds, brackets, dots, slashes; 0:
 * it is something else. */
static size_t
phone_between(struct str s)
{
	static const char *const marks[] = { "\xc2\xa0", "\xe2\x80\x8e", "\xe2\x80\x8f",
		"\xe2\x80\xaa", "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\x90", "\xe2\x80\x91",
		"\xe2\x80\x92", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\xaf", "\xe2\x81\xa0",
		"\xef\xbc\x8d", "\xef\xbc\x88", "\xef\xbc\x89", "\xe2\x88\x92" };

	if (strchr(" \t-().[]/", s.p[0]) && s.p[0] != '\0')
		return 1;
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (str_starts(s, marks[i]))
			return strlen(marks[i]);
	return 0;
}

/* The word before an extension at the beginning of s; its bytes, 0: there is none. */
static size_t
phone_ext_word(struct str s)
{
	static const char *const words[] = { ";ext=", "extension", "extn", "ext", "durchwahl", "dw",
		"x", "#" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_istarts(s, words[i]))
			return strlen(words[i]);
	return 0;
}

/* Nothing but digits, blanks and dots may follow the word. */
static bool
phone_ext(struct str s, struct dialled *d)
{
	size_t len;

	for (size_t i = 0; i < s.n; i += len) {
		const struct str at = { s.p + i, s.n - i };
		const int v = phone_digit(at, &len);

		if (v < 0 && !strchr(" .:-", at.p[0]))
			return false;
		if (v >= 0 && d->ext_n == EXTENSION)
			return false;
		if (v >= 0)
			d->ext[d->ext_n++] = (char)('0' + v);
	}
	return d->ext_n > 0;
}

static struct str
phone_bare(struct str s)
{
	static const char *const before[] = { "tel:", "phone:", "callto:" };

	s = str_trim(s);
	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		if (str_istarts(s, before[i]))
			s = str_trim(
			    (struct str){ s.p + strlen(before[i]), s.n - strlen(before[i]) });
	return s;
}

static bool
phone_read(struct str s, struct dialled *d)
{
	size_t len;

	*d = (struct dialled){ 0 };
	s = phone_bare(s);
	for (size_t i = 0; i < s.n; i += len) {
		const struct str at = { s.p + i, s.n - i };
		const int v = phone_digit(at, &len);

		/* "+44 (0)20": the nought is for those who dial inside. */
		if (v < 0 && d->plus && d->n > 0 && str_starts(at, "(0)")) {
			len = 3;
			continue;
		}
		if (v >= 0 && d->n == DIGITS)
			return false;
		if (v >= 0) {
			d->digits[d->n++] = (char)('0' + v);
			continue;
		}
		if (d->n == 0 && !d->plus &&
		    (str_starts(at, "+") || str_starts(at, "\xef\xbc\x8b"))) {
			d->plus = true;
			len = at.p[0] == '+' ? 1 : 3;
			continue;
		}
		len = phone_between(at);
		if (len > 0)
			continue;
		len = d->n >= LEAST ? phone_ext_word(at) : 0;
		return len > 0 && phone_ext((struct str){ at.p + len, at.n - len }, d);
	}
	return d->n > 0;
}

/* The first country of the calling code at the beginning of the digits; NULL: there is none. */
static const struct country *
phone_abroad(const char *digits, size_t n)
{
	for (size_t k = 1; k <= CODE_DIGITS && k < n; k++) {
		int64_t code;

		if (!str_i64((struct str){ digits, k }, 1, 999, &code))
			return NULL;
		for (size_t i = 0; i < COUNTRIES; i++)
			if (countries[i].code == code)
				return &countries[i];
	}
	return NULL;
}

/* Does a number of the calling code have so many digits in any of its countries? A short one tells
 * somebody only where there are no long ones. */
static bool
phone_fits(int code, size_t n)
{
	for (size_t i = 0; i < COUNTRIES; i++) {
		const unsigned lengths = countries[i].lengths;

		if (countries[i].code == code && n < LENGTHS && lengths >> n & 1)
			return n >= LEAST || lengths >> LONG == 0;
	}
	return false;
}

/* Without what is dialled before a number inside the country. A single digit other than nought may
 * begin a number as well: then it goes only where the whole is none. */
static struct str
phone_untrunked(const struct country *c, struct str s)
{
	const struct str left = { s.p + strlen(c->trunk), s.n - strlen(c->trunk) };

	if (!*c->trunk || !str_starts(s, c->trunk) || !phone_fits(c->code, left.n))
		return s;
	if (c->trunk[0] != '0' && !c->trunk[1] && phone_fits(c->code, s.n))
		return s;
	return left;
}

static bool
phone_put(char out[PHONE_MAX], int code, struct str s, const struct dialled *d)
{
	int n = snprintf(
	    out, PHONE_MAX, "+%d%.*s%s%s", code, (int)s.n, s.p, d->ext_n ? ";ext=" : "", d->ext);

	return n > 0 && n < PHONE_MAX;
}

bool
phone_number(struct str text, const char *country, char out[PHONE_MAX])
{
	const struct country *home = phone_find(country), *c = home;
	struct dialled d;
	struct str s;

	if (!phone_read(text, &d))
		return false;
	s = (struct str){ d.digits, d.n };
	if (!d.plus && home && str_starts(s, home->abroad) && s.n > strlen(home->abroad)) {
		s = (struct str){ s.p + strlen(home->abroad), s.n - strlen(home->abroad) };
		d.plus = true;
	} else if (!d.plus && !home && str_starts(s, "00")) {
		s = (struct str){ s.p + 2, s.n - 2 };
		d.plus = true;
	}
	if (d.plus) {
		c = phone_abroad(s.p, s.n);
		if (!c)
			return false;
		for (int code = c->code; code > 0; code /= 10)
			s = (struct str){ s.p + 1, s.n - 1 };
	}
	if (c) {
		s = phone_untrunked(c, s);
		if (s.n <= E164_DIGITS && phone_fits(c->code, s.n))
			return phone_put(out, c->code, s, &d);
	}
	if (d.plus || d.n < LEAST)
		return false;
	return snprintf(out, PHONE_MAX, "%s%s%s", d.digits, d.ext_n ? ";ext=" : "", d.ext) <
	    PHONE_MAX;
}
