/*
 * types.c - see types.h.
 */
#include "sync/types.h"

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

static unsigned
number(struct str s)
{
	size_t i = s.p[0] == '-', first = i;

	while (i < s.n && digit(s.p[i]))
		i++;
	if (i == first || (s.p[first] == '0' && i - first > 1))
		return TYPE_TEXT;
	if (i == s.n)
		return i - first <= 18 ? TYPE_INTEGER : TYPE_TEXT;
	if (s.p[i] == '.') {
		size_t dot = i++;
		while (i < s.n && digit(s.p[i]))
			i++;
		if (i == dot + 1)
			return TYPE_TEXT;
	}
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		size_t from;
		i++;
		if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
			i++;
		for (from = i; i < s.n && digit(s.p[i]); i++)
			continue;
		if (i == from)
			return TYPE_TEXT;
	}
	return i == s.n ? TYPE_DECIMAL : TYPE_TEXT;
}

static bool
two(const char *p, int min, int max)
{
	int v = digit(p[0]) && digit(p[1]) ? (p[0] - '0') * 10 + p[1] - '0' : -1;

	return v >= min && v <= max;
}

/* "2026-03-29", "2026-03-29T10:30", "2026-03-29 10:30:00.5+02:00" */
static unsigned
date(struct str s)
{
	size_t i = 16;

	if (s.n < 10 || !digit(s.p[0]) || !digit(s.p[1]) || !digit(s.p[2]) || !digit(s.p[3]) || s.p[4] != '-' || !two(s.p + 5, 1, 12) || s.p[7] != '-' ||
	    !two(s.p + 8, 1, 31))
		return TYPE_TEXT;
	if (s.n == 10)
		return TYPE_DATE;
	if (s.n < 16 || (s.p[10] != 'T' && s.p[10] != ' ') || !two(s.p + 11, 0, 23) || s.p[13] != ':' || !two(s.p + 14, 0, 59))
		return TYPE_TEXT;
	if (i < s.n && s.p[i] == ':') {
		if (s.n < 19 || !two(s.p + 17, 0, 60))
			return TYPE_TEXT;
		i = 19;
		if (i < s.n && s.p[i] == '.')
			for (i++; i < s.n && digit(s.p[i]); i++)
				continue;
	}
	if (i == s.n || (s.p[i] == 'Z' && i + 1 == s.n))
		return TYPE_DATETIME;
	return s.n == i + 6 && (s.p[i] == '+' || s.p[i] == '-') && two(s.p + i + 1, 0, 23) && s.p[i + 3] == ':' && two(s.p + i + 4, 0, 59) ? TYPE_DATETIME : TYPE_TEXT;
}

unsigned
type_of(struct str s)
{
	if (digit(s.p[0]))
		return s.n >= 10 && s.p[4] == '-' ? date(s) : number(s);
	if (s.p[0] == '-')
		return s.n > 1 ? number(s) : TYPE_TEXT;
	if (((s.p[0] == 't' || s.p[0] == 'T') && (str_is(s, "true") || str_is(s, "TRUE"))) || ((s.p[0] == 'f' || s.p[0] == 'F') && (str_is(s, "false") || str_is(s, "FALSE"))))
		return TYPE_BOOLEAN;
	return TYPE_TEXT;
}

unsigned
type_of_json(struct str v)
{
	if (!v.n || v.p[0] == '{' || v.p[0] == '[')
		return TYPE_JSON;
	if (v.p[0] == 't' || v.p[0] == 'f')
		return TYPE_BOOLEAN;
	if (v.p[0] != '-' && !digit(v.p[0]))
		return TYPE_JSON;
	return number(v) == TYPE_INTEGER ? TYPE_INTEGER : TYPE_DECIMAL;
}

const char *
type_decide(unsigned seen)
{
	if (seen & TYPE_JSON)
		return "json";
	if ((seen & (TYPE_INTEGER | TYPE_DECIMAL)) == seen && (seen & TYPE_DECIMAL))
		return "decimal";
	if ((seen & (TYPE_DATE | TYPE_DATETIME)) == seen && (seen & TYPE_DATETIME))
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
