/*
 * str.h - borrowed slices of bytes, and numbers read from them.
 *
 * Bytes from outside are a struct str {pointer, length}; C strings are ours only.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){ "" lit, sizeof lit - 1 })

static inline struct str
str_c(const char *s)
{
	return (struct str){ s ? s : "", s ? strlen(s) : 0 };
}

bool str_eq(struct str, struct str);
bool str_is(struct str, const char *); /* equal to a C string */
/* By bytes, the shorter one first when it begins the other: <0, 0, >0. */
int str_order(struct str, struct str);
bool str_ieq(struct str, struct str); /* ASCII case is ignored */
bool str_starts(struct str, const char *prefix);
bool str_istarts(struct str, const char *prefix); /* ASCII case is ignored */
bool str_ends(struct str, const char *suffix);
struct str str_trim(struct str); /* without ASCII white space at both ends */
/* The part before the first sep; *rest is what follows it, or {NULL, 0} when there is no sep. */
struct str str_cut(struct str, char sep, struct str *rest);
/* Is the word one of those in the list, which sep separates? */
bool str_has_word(struct str list, char sep, struct str word);
/* Decimal, optional '-', nothing else around it, within [min, max]; false leaves *out alone. */
bool str_i64(struct str, int64_t min, int64_t max, int64_t *out);
/* well-formed UTF-8 (no surrogates, no overlongs) */
bool str_utf8_ok(struct str);
/* the same, in one line: without a control character (utf8.h) */
bool str_line_ok(struct str);
/* How many characters, as people count them against a limit: those of well-formed UTF-8. */
size_t str_chars(struct str);
/* The longest prefix of at most max bytes that does not end inside a UTF-8 sequence. */
struct str str_utf8_cut(struct str, size_t max);

#endif
