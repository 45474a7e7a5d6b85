/*
 * twins.c - see twins.h: an open-addressed table of groups by the digest of their key.
 */
#include "base/hash.h"
#include "base/vec.h"
#include "sync/read/twins.h"

enum { TWINS_MAX = 1 << 26 };

struct twins {
	struct arena *a;
	struct twin_slot {
		uint64_t digest;
		struct twin_group *group; /* NULL: free */
	} * v;
	size_t cap, n;
};

struct twins *
twins_new(struct arena *a)
{
	struct twins *t = arena_alloc(a, sizeof *t);

	t->a = a;
	return t;
}

uint64_t
twins_digest(struct str text)
{
	unsigned char sum[SHA256_LEN];
	uint64_t d;

	hash_sha256(text, sum);
	memcpy(&d, sum, sizeof d);
	return d;
}

static struct twin_slot *
twins_slot(struct twin_slot *v, size_t cap, uint64_t digest)
{
	size_t i = (size_t)digest & (cap - 1);

	while (v[i].group && v[i].digest != digest)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static void
twins_grow(struct twins *t)
{
	const size_t cap = t->cap ? t->cap * 2 : 64;
	struct twin_slot *v = arena_array(t->a, cap, sizeof *v);

	for (size_t i = 0; i < t->cap; i++)
		if (t->v[i].group)
			*twins_slot(v, cap, t->v[i].digest) = t->v[i];
	t->v = v;
	t->cap = cap;
}

struct twin_group *
twins_group(struct twins *t, struct str key, bool *fresh)
{
	const uint64_t digest = twins_digest(key);
	struct twin_slot *s;

	if (t->n * 2 >= t->cap)
		twins_grow(t);
	s = twins_slot(t->v, t->cap, digest);
	*fresh = !s->group;
	if (*fresh) {
		*s = (struct twin_slot){ digest, arena_alloc(t->a, sizeof *s->group) };
		t->n++;
	}
	return s->group;
}

void
twins_add(struct twins *t, struct twin_group *g, const struct twin_row *one)
{
	VEC_HOLD(t->a, g->v, g->cap, g->n + 1, TWINS_MAX);
	g->v[g->n] = *one;
	g->v[g->n++].key.p = arena_dup_str(t->a, one->key);
}

bool
twins_is(struct str key, struct str other)
{
	if (other.n < key.n + 2 || memcmp(other.p, key.p, key.n) != 0 || other.p[key.n] != '#')
		return false;
	for (size_t i = key.n + 1; i < other.n; i++)
		if (other.p[i] < '0' || other.p[i] > '9')
			return false;
	return true;
}
