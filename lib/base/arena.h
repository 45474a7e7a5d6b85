/*
 * arena.h - memory that dies together.
 *
 * One arena per request, per job and per page of a job. Everything a function hands to its
 * caller is allocated from the caller's arena; nothing is freed one by one. Foreign objects
 * (json-c, curl, files) are tied to an arena with arena_defer(). Running over the cap, or out of
 * memory, ends the process: its supervisor starts another one and the lease gives the work back.
 *
 * malloc() is used in lib/base only.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST __attribute__((warn_unused_result))

struct arena;

enum { ARENA_WIPE = 1 }; /* overwrite the memory before it goes back: for secrets */

/* cap: bytes in all, over which the process ends with a log line that names the arena. name: a
 * literal. */
struct arena *arena_new(const char *name, size_t cap, unsigned flags);
/* One that is reset now and then, and dies with the outer one. */
struct arena *arena_inside(struct arena *outer, const char *name, size_t cap);
/* zeroed, aligned for any type, never NULL */
void *arena_alloc(struct arena *, size_t n) __attribute__((returns_nonnull));
/* the same; n * size is checked for overflow */
void *arena_array(struct arena *, size_t n, size_t size) __attribute__((returns_nonnull));
char *arena_dup(struct arena *, const char *);   /* NULL gives NULL */
char *arena_dup_str(struct arena *, struct str); /* NUL-terminated copy */
char *arena_printf(struct arena *, const char *fmt, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *, const char *fmt, va_list) PRINTF(2, 0);
/* run at reset or free, last in first out */
void arena_defer(struct arena *, void (*fn)(void *), void *p);
/* empty it, keep one block for reuse */
void arena_reset(struct arena *);
void arena_free(struct arena *); /* NULL is allowed */
/* What is done in place of ending the process when an arena has reached its cap or there is no
 * memory left, once; it does not return. NULL: nothing, the process ends. */
void arena_when_full(void (*fn)(void));
/* bytes handed out since the last reset */
size_t arena_used(const struct arena *);

#endif
