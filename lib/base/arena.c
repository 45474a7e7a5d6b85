/*
 * arena.c - blocks of memory that are filled from the front and freed together.
 *
 * Invariants: `used` never exceeds `cap`; every byte handed out by arena_alloc() is zero;
 * deferred calls run before the memory they may look at goes away. Under AddressSanitizer what
 * lies between two pieces is poisoned.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif
#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
enum { GAP = 8 };
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
enum { GAP = 0 };
#endif

enum { BLOCK_FIRST = 8 << 10, BLOCK_MAX = 256 << 10, ALIGN = alignof(max_align_t) };

struct block {
	struct block *next; /* older */
	size_t size, used;  /* of data */
	alignas(ALIGN) char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *p;
};

struct arena {
	const char *name;
	size_t cap, used, grow;
	unsigned flags;
	struct block *blocks;
	struct deferred *deferred;
};

static void (*when_full)(void);

void
arena_when_full(void (*fn)(void))
{
	when_full = fn;
}

static _Noreturn void
give_up(const char *name, const char *event, size_t n, size_t used)
{
	log_event(LOG_LEVEL_ERR, event, "s:arena", name, "i:bytes", (int64_t)n, "i:used",
	    (int64_t)used, NULL);
	abort();
}

/* There is no more, of the arena's own share or of the machine's. */
static _Noreturn void
arena_full(const char *name, const char *event, size_t n, size_t used)
{
	void (*fn)(void) = when_full;

	when_full = NULL;
	if (fn) {
		log_event(LOG_LEVEL_WARN, event, "s:arena", name, "i:bytes", (int64_t)n, "i:used",
		    (int64_t)used, NULL);
		fn();
	}
	give_up(name, event, n, used);
}

struct arena *
arena_new(const char *name, size_t cap, unsigned flags)
{
	struct arena *a = calloc(1, sizeof *a);

	if (!a)
		arena_full(name, "arena.no_memory", sizeof *a, 0);
	a->name = name;
	a->cap = cap;
	a->flags = flags;
	a->grow = BLOCK_FIRST;
	return a;
}

/* A block with room for n bytes in front of the list. */
static struct block *
block_add(struct arena *a, size_t n)
{
	struct block *b;
	size_t size = n > a->grow ? n : a->grow;

	if (size > SIZE_MAX - sizeof *b || !(b = malloc(sizeof *b + size)))
		arena_full(a->name, "arena.no_memory", n, a->used);
	if (a->grow < BLOCK_MAX)
		a->grow *= 2;
	b->size = size;
	b->used = 0;
	ASAN_POISON_MEMORY_REGION(b->data, size);
	/* A large piece goes behind the block that still has room. */
	if (a->blocks && size == n && a->blocks->size - a->blocks->used > n / 4) {
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		b->next = a->blocks;
		a->blocks = b;
	}
	return b;
}

static void *
arena_take(struct arena *a, size_t n, size_t align)
{
	struct block *b = a->blocks;
	size_t at = 0, all;

	if (__builtin_add_overflow(n, align + GAP, &all) || n > a->cap - a->used)
		arena_full(a->name, "arena.full", n, a->used);
	if (b)
		at = (b->used + align - 1) / align * align;
	if (!b || at > b->size || b->size - at < n + GAP) {
		b = block_add(a, n + GAP);
		at = 0;
	}
	b->used = at + n + GAP;
	a->used += n;
	ASAN_UNPOISON_MEMORY_REGION(b->data + at, n);
	return b->data + at;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_take(a, n, ALIGN), 0, n);
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		give_up(a->name, "arena.overflow", n, a->used);
	return arena_alloc(a, all);
}

char *
arena_dup(struct arena *a, const char *s)
{
	return s ? arena_dup_str(a, str_c(s)) : NULL;
}

char *
arena_dup_str(struct arena *a, struct str s)
{
	size_t all;
	char *p;

	if (__builtin_add_overflow(s.n, (size_t)1, &all))
		give_up(a->name, "arena.overflow", s.n, a->used);
	p = arena_take(a, all, 1);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

/* Where a text begins that is taken next, if it fits into the block that has room. What does not
 * would be left there, so there is no such place where all is wiped. */
static char *
arena_rest(const struct arena *a, size_t *room)
{
	struct block *b = a->flags & ARENA_WIPE ? NULL : a->blocks;

	*room = b && b->size - b->used > GAP ? b->size - b->used - GAP : 0;
	if (*room > a->cap - a->used)
		*room = a->cap - a->used;
	return *room > 0 ? b->data + b->used : NULL;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	size_t room;
	char *rest = arena_rest(a, &room), *p;
	va_list again;
	int n;

	va_copy(again, ap);
	ASAN_UNPOISON_MEMORY_REGION(rest, room);
	n = vsnprintf(rest, room, fmt, again);
	ASAN_POISON_MEMORY_REGION(rest, room);
	va_end(again);
	if (n < 0)
		give_up(a->name, "arena.bad_format", 0, a->used);
	p = arena_take(a, (size_t)n + 1, 1);
	if ((size_t)n >= room)
		vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *p)
{
	struct deferred *d = arena_take(a, sizeof *d, ALIGN);

	*d = (struct deferred){ a->deferred, fn, p };
	a->deferred = d;
}

static void
arena_end(void *p)
{
	arena_free(p);
}

struct arena *
arena_inside(struct arena *outer, const char *name, size_t cap)
{
	struct arena *a = arena_new(name, cap, 0);

	arena_defer(outer, arena_end, a);
	return a;
}

static void
run_deferred(struct arena *a)
{
	while (a->deferred) {
		struct deferred *d = a->deferred;

		a->deferred = d->next;
		d->fn(d->p);
	}
}

static void
block_wipe(struct block *b)
{
	ASAN_UNPOISON_MEMORY_REGION(b->data, b->size);
	explicit_bzero(b->data, b->used);
}

void
arena_reset(struct arena *a)
{
	struct block *keep = NULL, *b, *next;

	run_deferred(a);
	for (b = a->blocks; b; b = next) {
		next = b->next;
		if (a->flags & ARENA_WIPE)
			block_wipe(b);
		/* Blocks that grew for one large piece are not kept. */
		if (b->size <= BLOCK_MAX && (!keep || b->size > keep->size)) {
			free(keep);
			keep = b;
		} else {
			free(b);
		}
	}
	if (keep) {
		keep->next = NULL;
		keep->used = 0;
		ASAN_POISON_MEMORY_REGION(keep->data, keep->size);
	}
	a->blocks = keep;
	a->used = 0;
}

void
arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	free(a->blocks);
	free(a);
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
