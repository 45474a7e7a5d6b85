/*
 * near_memory.h - malloc() and what belongs to it, for programs of one thread that live through
 * thousands of transactions: a piece that is freed waits in the list of its size for the next
 * that is asked for, and nothing is ever joined, split or given back. With a sanitizer it is the
 * sanitizer's.
 */
#ifndef NEAR_MEMORY_H
#define NEAR_MEMORY_H

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Sizes: each 16 bytes up to 1 KiB, then four between a power of two and the next. */
enum {
	NEAR_STEP = 16,
	NEAR_STEPS = 64,
	NEAR_STEPPED = NEAR_STEP * NEAR_STEPS,
	NEAR_STEPPED_BITS = 10,
	NEAR_LARGE = 1 << 20, /* larger ones come from the system, and go back there */
	NEAR_SIZES = NEAR_STEPS + 4 * 10,
	NEAR_CHUNK = 8 << 20,
	NEAR_ALONE = NEAR_SIZES,
	NEAR_KEPT
};

/* In front of each piece. */
struct near_piece {
	size_t kind; /* which of the sizes; NEAR_ALONE: the system's; NEAR_KEPT: not used again */
	size_t size;
};

struct near_free {
	struct near_free *next;
};

static struct near_free *near_freed[NEAR_SIZES];
static char *near_at, *near_end;

static inline size_t
near_kind(size_t n, size_t *size)
{
	size_t bits, quarter;

	if (n <= NEAR_STEPPED) {
		*size = n ? (n + NEAR_STEP - 1) / NEAR_STEP * NEAR_STEP : NEAR_STEP;
		return *size / NEAR_STEP - 1;
	}
	bits = 63 - (size_t)__builtin_clzll(n - 1);
	quarter = ((n - 1) >> (bits - 2)) & 3;
	*size = (quarter + 5) << (bits - 2);
	return NEAR_STEPS + (bits - NEAR_STEPPED_BITS) * 4 + quarter;
}

static inline void *
near_map(size_t n)
{
	void *at = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at != MAP_FAILED)
		return at;
	errno = ENOMEM;
	return NULL;
}

/* What is left of a chunk is not used. */
static inline void *
near_cut(size_t n)
{
	char *at;

	if ((size_t)(near_end - near_at) < n) {
		at = near_map(NEAR_CHUNK);
		if (!at)
			return NULL;
		near_at = at;
		near_end = at + NEAR_CHUNK;
	}
	at = near_at;
	near_at += n;
	return at;
}

static inline struct near_piece *
near_piece(void *p)
{
	return (struct near_piece *)p - 1;
}

static inline void *
near_take(size_t n)
{
	struct near_piece *piece;
	struct near_free *old;
	size_t size, kind;

	if (n > NEAR_LARGE) {
		piece = n <= PTRDIFF_MAX ? near_map(sizeof *piece + n) : NULL;
		if (!piece) {
			errno = ENOMEM;
			return NULL;
		}
		*piece = (struct near_piece){ NEAR_ALONE, n };
		return piece + 1;
	}
	kind = near_kind(n, &size);
	old = near_freed[kind];
	if (old) {
		near_freed[kind] = old->next;
		/* It is asked for next, and may have been cold for long. */
		__builtin_prefetch(old->next, 1);
		return old;
	}
	piece = near_cut(sizeof *piece + size);
	if (!piece)
		return NULL;
	*piece = (struct near_piece){ kind, size };
	return piece + 1;
}

static inline void
near_give(void *p)
{
	const struct near_piece *piece = near_piece(p);
	struct near_free *one = p;

	if (piece->kind == NEAR_ALONE) {
		munmap(near_piece(p), sizeof *piece + piece->size);
	} else if (piece->kind != NEAR_KEPT) {
		one->next = near_freed[piece->kind];
		near_freed[piece->kind] = one;
	}
}

void *
malloc(size_t n)
{
	return near_take(n);
}

void
free(void *p)
{
	if (p)
		near_give(p);
}

void *
calloc(size_t n, size_t size)
{
	size_t all;
	void *p;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	p = near_take(all);
	return p && near_piece(p)->kind != NEAR_ALONE ? memset(p, 0, all) : p;
}

void *
realloc(void *p, size_t n)
{
	void *larger;

	if (p && n <= near_piece(p)->size)
		return p;
	larger = near_take(n);
	if (p && larger) {
		memcpy(larger, p, near_piece(p)->size);
		near_give(p);
	}
	return larger;
}

/* Hardly anybody asks for it. */
void *
aligned_alloc(size_t align, size_t n)
{
	char *p = near_take(n + align + sizeof(struct near_piece));
	char *at;

	if (!p)
		return NULL;
	at = p + sizeof(struct near_piece);
	at += (align - (uintptr_t)at % align) % align;
	*near_piece(at) = (struct near_piece){ NEAR_KEPT, n };
	return at;
}

int
posix_memalign(void **out, size_t align, size_t n)
{
	*out = aligned_alloc(align, n);
	return *out ? 0 : ENOMEM;
}

#endif
#endif
