/*
 * types.c - see types.h.
 */
#include "table/types.h"

enum {
	INT64_DIGITS = 19,
	DECIMAL_BYTES = 40,
	REAL_BYTES = 16 /* 15 digits and a point: a real gives them back */
};

static const struct {
	unsigned bit;
	const char *word;
} words[] = {
	{ 0, "empty" },
	{ TYPE_BOOLEAN, "boolean" },
	{ TYPE_INTEGER, "integer" },
	{ TYPE_DECIMAL, "decimal" },
	{ TYPE_DATE, "date" },
	{ TYPE_DATETIME, "datetime" },
	{ TYPE_TEXT, "text" },
	{ TYPE_JSON, "json" },
};

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
digits(struct str s, size_t from)
{
	while (from < s.n && digit(s.p[from]))
		from++;
	return from;
}

/* n digits from p on, without a leading zero. */
static unsigned
integer(const char *p, size_t n, bool minus)
{
	if (n < INT64_DIGITS)
		/* "-0" is no integer that can be written back */
		return minus && n == 1 && *p == '0' ? TYPE_DECIMAL : TYPE_INTEGER;
	return n == INT64_DIGITS &&
		memcmp(p, minus ? "9223372036854775808" : "9223372036854775807", INT64_DIGITS) <= 0
	    ? TYPE_INTEGER
	    : TYPE_TEXT;
}

static unsigned
number(struct str s)
{
	size_t first = s.p[0] == '-', dot = digits(s, first);

	if (dot - first > 1 && s.p[first] == '0')
		return TYPE_TEXT;
	if (dot == s.n)
		return dot > first ? integer(s.p + first, dot - first, first) : TYPE_TEXT;
	return s.p[dot] == '.' && s.n > dot + 1 && s.n <= DECIMAL_BYTES && digits(s, dot + 1) == s.n
	    ? TYPE_DECIMAL
	    : TYPE_TEXT;
}

/* Two digits as a number, -1: they are none. */
static int
two(const char *p)
{
	return digit(p[0]) && digit(p[1]) ? (p[0] - '0') * 10 + p[1] - '0' : -1;
}

static bool
two_in(const char *p, int min, int max)
{
	int v = two(p);

	return v >= min && v <= max;
}

static bool
day_exists(const char *p)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int century = two(p), year = two(p + 2), month = two(p + 5), leap;

	if (century < 0 || year < 0 || p[4] != '-' || month < 1 || month > 12 || p[7] != '-')
		return false;
	leap = year ? year % 4 == 0 : century % 4 == 0;
	return two_in(p + 8, 1, days[month - 1] + (month == 2 && leap));
}

static bool
offset(const char *p, size_t n)
{
	if (n == 0 || (n == 1 && (*p == 'Z' || *p == 'z')))
		return true;
	return n == 6 && (p[0] == '+' || p[0] == '-') && two_in(p + 1, 0, 23) && p[3] == ':' &&
	    two_in(p + 4, 0, 59);
}

/* At least ten bytes. */
static unsigned
date(struct str s)
{
	size_t i = 16;

	if (!day_exists(s.p))
		return TYPE_TEXT;
	if (s.n == 10)
		return TYPE_DATE;
	if (s.n < 16 || (s.p[10] != 'T' && s.p[10] != 't' && s.p[10] != ' ') ||
	    !two_in(s.p + 11, 0, 23) || s.p[13] != ':' || !two_in(s.p + 14, 0, 59))
		return TYPE_TEXT;
	if (i < s.n && s.p[i] == ':') {
		if (s.n < 19 || !two_in(s.p + 17, 0, 60))
			return TYPE_TEXT;
		i = 19;
		if (i < s.n && s.p[i] == '.') {
			size_t end = digits(s, i + 1);
			i = end > i + 1 ? end : i;
		}
	}
	return offset(s.p + i, s.n - i) ? TYPE_DATETIME : TYPE_TEXT;
}

unsigned
type_of(struct str s)
{
	switch (s.p[0]) {
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return s.n >= 10 && s.p[4] == '-' ? date(s) : number(s);
	case '-':
	case '.':
		return number(s);
	case 't':
	case 'T':
		return s.n == 4 && (!memcmp(s.p, "true", 4) || !memcmp(s.p, "TRUE", 4))
		    ? TYPE_BOOLEAN
		    : TYPE_TEXT;
	case 'f':
	case 'F':
		return s.n == 5 && (!memcmp(s.p, "false", 5) || !memcmp(s.p, "FALSE", 5))
		    ? TYPE_BOOLEAN
		    : TYPE_TEXT;
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		return str_trim(s).n ? TYPE_TEXT : 0;
	default:
		return TYPE_TEXT;
	}
}

unsigned
type_of_json(struct str v)
{
	switch (v.n ? v.p[0] : 'n') {
	case '{':
	case '[':
		return TYPE_JSON;
	case 't':
	case 'f':
		return TYPE_BOOLEAN;
	case 'n':
		return 0;
	case '"':
		/* A text by its source's own word; only dates have no other form in JSON. */
		return v.n >= 12 && digit(v.p[1]) && v.p[5] == '-'
		    ? date((struct str){ v.p + 1, v.n - 2 })
		    : TYPE_TEXT;
	default:
		return number(v) == TYPE_INTEGER ? TYPE_INTEGER : TYPE_DECIMAL;
	}
}

bool
type_exact(struct str v)
{
	if (v.n == 0 || (v.p[0] != '-' && !digit(v.p[0])))
		return true;
	if (number(v) == TYPE_INTEGER)
		return true;
	return v.n <= REAL_BYTES && !memchr(v.p, 'e', v.n) && !memchr(v.p, 'E', v.n);
}

const char *
type_decide(unsigned seen)
{
	if (seen == (TYPE_INTEGER | TYPE_DECIMAL))
		return "decimal";
	if (seen == (TYPE_DATE | TYPE_DATETIME))
		return "datetime";
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].bit == seen)
			return words[i].word;
	return "text";
}

static unsigned
bit_of(const char *word)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i].word, word))
			return words[i].bit;
	return TYPE_TEXT;
}

const char *
type_widen(const char *stored, const char *found)
{
	return stored ? type_decide(bit_of(stored) | bit_of(found)) : found;
}

const char *
type_word(const char *word)
{
	for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i].word, word))
			return words[i].word;
	return NULL;
}
