/*
 * utf8.h - characters as bytes: UTF-8 (RFC 3629), and the escapes of JSON strings. Pure functions;
 * nothing here allocates. Whole texts are judged by str_utf8_ok() and cut by str_utf8_cut().
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX = 4, UTF8_ESCAPE_MAX = 6, UTF8_REPLACEMENT = 0xFFFD };

/* The length of the well-formed character that begins the n (> 0) bytes at p; 0: these bytes are
 * none; -1: they are the beginning of one. */
int utf8_char(const char *p, size_t n);
/* Writes the character c, up to U+10FFFF and no half of a pair, to out; its length. */
size_t utf8_put(char *out, uint32_t c);
/* The length of the control character at the beginning of n (> 0) bytes: C0, DEL, C1, the two that
 * separate lines (U+2028, U+2029), and those that turn the direction of what follows (U+202A to
 * U+202E, U+2066 to U+2069). 0: it is none. A terminal obeys them, a reader takes what follows for
 * a line of its own, and what is behind the last ones is seen in another order than it is. */
size_t utf8_control(const char *p, size_t n);
/* Is c half of a surrogate pair, which is no character? */
bool utf8_is_half(uint32_t c);

/* Reads the escape whose "\u" stands before the n bytes at p, with the second one where two make a
 * pair. Returns the bytes it takes, 4 or 10, or 0 when four hexadecimal digits do not follow. A
 * half without its other half is given as it is. */
size_t utf8_unescape(const char *p, size_t n, uint32_t *c);
/* What stands for the byte c inside a JSON string, when it cannot stand there itself; its length,
 * 0: it can. */
size_t utf8_escape(char out[UTF8_ESCAPE_MAX], char c);

#endif
