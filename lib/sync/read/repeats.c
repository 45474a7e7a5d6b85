/*
 * repeats.c - counts of repeated keys (match.h): an open-addressed table of 64-bit digests,
 * that grows. Keys that really repeat are in it, and of new ones so many that memory stays flat.
 */
#include "base/hash.h"
#include "base/rand.h"
#include "sync/read/match.h"

/* Of keys that are new: beyond it repetitions are met when they are written. So the table of a
 * large source is no larger than 2 MB. */
enum { NOTED_MAX = 1 << 16, ROOM = 4096 };

struct repeats {
	struct arena *room; /* of v alone: what it has outgrown is given back */
	/* Nobody's to know: hostile keys must not be able to fill one chain. */
	uint64_t secret[2];
	struct seen_key {
		uint64_t digest;
		uint32_t count; /* 0: free */
		int32_t page;
	} * v;
	size_t cap, n;
};

static void
repeats_end(void *p)
{
	const struct repeats *rp = p;

	arena_free(rp->room);
}

struct repeats *
repeats_new(struct arena *a)
{
	struct repeats *rp = arena_alloc(a, sizeof *rp);

	arena_defer(a, repeats_end, rp);
	rp->secret[0] = rand_u64();
	rp->secret[1] = rand_u64();
	return rp;
}

static struct seen_key *
seen_of(struct seen_key *v, size_t cap, uint64_t digest)
{
	size_t i = (size_t)digest & (cap - 1);

	while (v[i].count && v[i].digest != digest)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static void
grow(struct repeats *rp)
{
	size_t cap = rp->cap ? rp->cap * 2 : 64;
	struct arena *room = arena_new("repeats", cap * sizeof *rp->v + ROOM, 0);
	struct seen_key *v = arena_array(room, cap, sizeof *v);

	for (size_t i = 0; i < rp->cap; i++)
		if (rp->v[i].count)
			*seen_of(v, cap, rp->v[i].digest) = rp->v[i];
	arena_free(rp->room);
	rp->room = room;
	rp->v = v;
	rp->cap = cap;
}

int64_t
repeats_next(struct repeats *rp, struct str key)
{
	struct seen_key *s;
	uint64_t digest = hash_sip(rp->secret, key);

	if (rp->n * 2 >= rp->cap)
		grow(rp);
	s = seen_of(rp->v, rp->cap, digest);
	if (!s->count) {
		*s = (struct seen_key){ digest, 1, 0 };
		rp->n++;
	}
	return ++s->count;
}

int
repeats_page(struct repeats *rp, struct str key, int page)
{
	const uint64_t digest = hash_sip(rp->secret, key);
	struct seen_key *s;

	if (rp->n * 2 >= rp->cap) {
		if (rp->n >= NOTED_MAX)
			return -1;
		grow(rp);
	}
	s = seen_of(rp->v, rp->cap, digest);
	if (s->count)
		return s->page;
	*s = (struct seen_key){ digest, 1, page };
	rp->n++;
	return -1;
}

bool
repeats_met(struct repeats *rp, struct str key)
{
	return rp->n > 0 && seen_of(rp->v, rp->cap, hash_sip(rp->secret, key))->count > 0;
}
