/*
 * header.c - reads and checks single header values. Pure.
 */
#include "net/header.h"

#include <stdio.h>

#include "base/clock.h"

enum { MTIME_DOUBT_MS = 2000 };

/* One of the words of a rel value, which is a list separated by blanks. */
static bool
has_word(struct str list, const char *word)
{
	while (list.p) {
		struct str one = str_cut(list, ' ', &list);
		if (str_ieq(one, str_c(word)))
			return true;
	}
	return false;
}

static const char *
skip_blank(const char *s)
{
	return s + strspn(s, " \t");
}

/* Reads `name`, `name=token` or `name="text"`; returns what follows it. */
static const char *
header_parameter(const char *s, struct str *name, struct str *value)
{
	*name = (struct str){ s, strcspn(s, "=;, \t") };
	*value = (struct str){ NULL, 0 };
	s = skip_blank(s + name->n);
	if (*s != '=')
		return s;
	s = skip_blank(s + 1);
	if (*s != '"') {
		*value = (struct str){ s, strcspn(s, ";, \t") };
		return s + value->n;
	}
	const char *end = s + 1;
	while (*end && *end != '"')
		end += end[0] == '\\' && end[1] ? 2 : 1;
	if (*end == '\0') /* never closed: no value */
		return end;
	*value = (struct str){ s + 1, (size_t)(end - s) - 1 };
	return end + 1;
}

const char *
header_link_next(struct arena *a, const char *value)
{
	const char *s = value;

	while (s && *(s = skip_blank(s))) {
		struct str target, name, word;
		const char *close;
		bool next = false;

		if (*s != '<' || !(close = strchr(s, '>')))
			return NULL;
		target = (struct str){ s + 1, (size_t)(close - s) - 1 };
		s = skip_blank(close + 1);
		while (*s == ';') {
			s = skip_blank(header_parameter(skip_blank(s + 1), &name, &word));
			if (str_ieq(name, STR("rel")) && has_word(word, "next"))
				next = true;
		}
		if (next)
			return arena_dup_str(a, target);
		if (*s && *s != ',')
			return NULL;
		s += *s == ',';
	}
	return NULL;
}

static int
month_of(const char *name)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; i < 12; i++)
		if (str_ieq((struct str){ names + 3 * i, 3 }, str_c(name)))
			return i + 1;
	return 0;
}

bool
header_date(const char *s, int64_t *ms)
{
	char month[4], text[80];
	int day, year, h, m, sec, end = 0;

	if (sscanf(s, "%*9[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month, &year, &h,
		&m, &sec, &end) != 6 ||
	    end == 0) {
		end = 0;
		if (sscanf(s, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &day, month,
			&year, &h, &m, &sec, &end) == 6 &&
		    end > 0)
			year += year < 70 ? 2000 : 1900;
		else if (end = 0,
		    sscanf(s, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &day, &h, &m,
			&sec, &year, &end) != 6 ||
			end == 0)
			return false;
	}
	if (s[end] != '\0' || month_of(month) == 0 || day < 1 || year < 1970 || h < 0 || m < 0 ||
	    sec < 0)
		return false;
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month_of(month), day, h,
	    m, sec);
	return clock_parse(str_c(text), ms);
}

bool
header_is_fresh(const char *date, const char *last_modified, const char *etag, int64_t now_ms)
{
	char stamp[40];
	int64_t at, sent = now_ms;

	if (!last_modified || !header_date(last_modified, &at))
		return false;
	if (date)
		header_date(date, &sent);
	if (sent - at >= MTIME_DOUBT_MS)
		return false;
	if (!etag)
		return true;
	/* nginx makes its entity tags of such a stamp, "<seconds in hex>-<size in hex>"; others
	 * are taken for better ones. */
	snprintf(stamp, sizeof stamp, "\"%llx-", (unsigned long long)(at / SECOND_MS));
	return str_istarts(str_c(strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag), stamp);
}

bool
header_ok(const char *name, const char *value)
{
	const size_t n = strcspn(name, "\"(),/:;<=>?@[\\]{} \t");

	if (n == 0 || name[n] != '\0')
		return false;
	for (const char *s = name; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	for (const char *s = value; *s; s++)
		if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}
