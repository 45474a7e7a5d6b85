/*
 * pct.h - percent-encoding (RFC 3986).
 */
#ifndef BASE_PCT_H
#define BASE_PCT_H

#include "base/buf.h"

/* Adds s so that it can be a name, a value or a part of a path: everything but letters, digits and
 * -._~ is encoded. */
void url_encode(struct buf *, const char *s);
/* Adds an address so that it can be asked for: what may not stand in one (blanks, quotes, bytes
 * beyond ASCII) is encoded behind its server name; what is encoded already stays. */
void url_mend(struct buf *, struct str);
/* "%C3" */
void url_encode_byte(struct buf *, unsigned char);
/* *out: NUL-terminated, in the arena. False: a broken %XX, a NUL, or what is decoded is not UTF-8.
 * plus: '+' is a space, as in forms. */
bool url_decode(struct arena *, struct str, bool plus, char **out);

/* The value of a parameter of a query ("a=1&b=2"), as it is spelt; {NULL, 0}: there is none, or
 * it is empty. */
struct str url_parameter(struct str query, const char *name);

#endif
