/*
 * group.c - see group.h. Ties are made in the order of their strength, so that what is left out for
 * "not the same" or for GROUP_MAX is the same each time.
 */
#include "profile/group.h"

#include "profile/email.h"
#include "profile/name.h"

struct grouping {
	const struct group_in *in;
	size_t *root, *size;
};

static size_t
group_root(struct grouping *g, size_t i)
{
	while (g->root[i] != i)
		i = g->root[i] = g->root[g->root[i]];
	return i;
}

/* Would it bring together two that are known not to be the same? */
static bool
group_parted(struct grouping *g, size_t a, size_t b)
{
	for (size_t i = 0; i < g->in->rules; i++) {
		const struct group_rule *r = &g->in->rule[i];
		const size_t x = group_root(g, r->a), y = group_root(g, r->b);

		if (!r->same && ((x == a && y == b) || (x == b && y == a)))
			return true;
	}
	return false;
}

static void
group_join(struct grouping *g, size_t a, size_t b)
{
	size_t swap;

	a = group_root(g, a);
	b = group_root(g, b);
	if (a == b || g->size[a] + g->size[b] > GROUP_MAX || group_parted(g, a, b))
		return;
	swap = a < b ? a : b;
	b = a < b ? b : a;
	a = swap;
	g->root[b] = a;
	g->size[a] += g->size[b];
}

bool
group_is_shared(const struct group_in *in, const struct group_hold *hold, size_t n)
{
	if (hold->kind == IDENT_EMAIL && email_of_many(hold->value))
		return true;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			const struct group_member *a = &in->member[hold[i].member];
			const struct group_member *b = &in->member[hold[k].member];

			if (a->dataset_no == b->dataset_no && !name_agrees(a->name, b->name))
				return true;
		}
	return false;
}

static bool
group_ties(const struct group_hold *h, bool shared, const struct group_member *a,
    const struct group_member *b)
{
	if (a->outside || b->outside)
		return false;
	if (shared && (a->name.n == 0 || b->name.n == 0))
		return false;
	return (!shared && h->kind == IDENT_EMAIL) || name_agrees(a->name, b->name);
}

/* The n members that have one identifier. */
static void
group_tie(struct grouping *g, const struct group_hold *hold, size_t n)
{
	const struct group_in *in = g->in;
	const bool shared = group_is_shared(in, hold, n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (group_ties(hold, shared, &in->member[hold[i].member],
				&in->member[hold[k].member]))
				group_join(g, hold[i].member, hold[k].member);
}

static size_t
group_holders(const struct group_in *in, size_t from)
{
	size_t n = from + 1;

	while (n < in->holds && in->hold[n].kind == in->hold[from].kind &&
	    str_eq(in->hold[n].value, in->hold[from].value))
		n++;
	return n - from;
}

size_t *
group_people(struct arena *a, const struct group_in *in)
{
	struct grouping g = {
		.in = in,
		.root = arena_array(a, in->members + 1, sizeof *g.root),
		.size = arena_array(a, in->members + 1, sizeof *g.size),
	};

	for (size_t i = 0; i < in->members; i++) {
		g.root[i] = i;
		g.size[i] = 1;
	}
	for (size_t i = 0; i < in->rules; i++)
		if (in->rule[i].same)
			group_join(&g, in->rule[i].a, in->rule[i].b);
	for (int kind = IDENT_EMAIL; kind <= IDENT_PHONE; kind++)
		for (size_t i = 0, n; i < in->holds; i += n) {
			n = group_holders(in, i);
			if ((int)in->hold[i].kind == kind && n <= HOLDERS_MAX)
				group_tie(&g, &in->hold[i], n);
		}
	for (size_t i = 0; i < in->members; i++)
		g.root[i] = group_root(&g, i);
	return g.root;
}
