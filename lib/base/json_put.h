/*
 * json_put.h - prints members of a JSON object straight into a buffer, for what is asked for most.
 * The caller writes the braces; commas come by themselves.
 */
#ifndef BASE_JSON_PUT_H
#define BASE_JSON_PUT_H

#include <stdint.h>

#include "base/buf.h"

/* The name and its colon: the value comes next. Something stands in the buffer before it. */
void json_put_name(struct buf *, const char *name);
void json_put_str(struct buf *, const char *name, const char *text); /* NULL: null */
void json_put_num(struct buf *, const char *name, int64_t);
void json_put_time(struct buf *, const char *name, int64_t ms); /* 0: null */
/* JSON text that we have stored ourselves; `none` in place of NULL and "". */
void json_put_raw(struct buf *, const char *name, const char *text, const char *none);

#endif
