/*
 * columns_match.c - see columns_match.h.
 *
 * First by name: the k-th column of a name is the k-th stored one of that name. A blank one is
 * known by the name before it. What is left over on both sides between the same two neighbours,
 * in the same number, was renamed.
 */
#include "table/columns_match.h"

struct str
column_base(struct arena *a, struct str label)
{
	struct str s = str_trim(label);
	char *p = arena_dup_str(a, s);

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
	return str_utf8_ok((struct str){ p, s.n })
	    ? str_trim(str_utf8_cut((struct str){ p, s.n }, COLUMN_NAME_MAX))
	    : (struct str){ "", 0 };
}

void
heads_read(struct arena *a, struct head *h, size_t n)
{
	struct str last = { "", 0 };
	int blanks = 0;

	for (size_t i = 0; i < n; i++) {
		h[i].base = column_base(a, h[i].label);
		h[i].column = -1;
		if (h[i].base.n == 0) {
			h[i].after = last;
			h[i].nth = ++blanks;
			continue;
		}
		last = h[i].base;
		blanks = 0;
		h[i].nth = 1;
		for (size_t k = 0; k < i; k++)
			h[i].nth += str_eq(h[k].base, h[i].base);
	}
}

/* The stored columns that are there, in their order in the source, as if they were a header. */
struct before {
	struct head *head;
	int *number; /* of each */
	size_t n;
	int *at;    /* column number -> position here, -1: gone */
	bool *used; /* by column number */
};

static void
before_read(struct arena *a, struct before *b, const struct columns *c)
{
	int *order = arena_array(a, c->n + 1, sizeof *order);

	b->number = order;
	b->at = arena_array(a, c->n + 1, sizeof *b->at);
	b->used = arena_array(a, c->n + 1, sizeof *b->used);
	b->n = 0;
	for (size_t i = 0; i < c->n; i++) {
		size_t k;

		b->at[i] = -1;
		if (c->v[i].gone || c->v[i].place < 0)
			continue;
		for (k = b->n++; k > 0 && c->v[order[k - 1]].place > c->v[i].place; k--)
			order[k] = order[k - 1];
		order[k] = (int)i;
	}
	b->head = arena_array(a, b->n + 1, sizeof *b->head);
	for (size_t i = 0; i < b->n; i++) {
		b->at[order[i]] = (int)i;
		b->head[i].label = str_c(c->v[order[i]].label);
	}
	heads_read(a, b->head, b->n);
}

static bool
same(const struct head *a, const struct head *b)
{
	return str_eq(a->base, b->base) &&
	    (a->base.n || (a->nth == b->nth && str_eq(a->after, b->after)));
}

/* The first free stored column of this name, by number: numbers were given in the order of the
 * repetitions. Those that are there go before those that are gone. */
static int
find_stored(
    const struct head *h, const struct before *b, const struct columns *c, const struct str *gone)
{
	for (size_t i = 0; i < c->n; i++)
		if (!b->used[i] && b->at[i] >= 0 && same(h, &b->head[b->at[i]]))
			return (int)i;
	for (size_t i = 0; i < c->n; i++)
		if (!b->used[i] && b->at[i] < 0 && h->base.n && str_eq(h->base, gone[i]))
			return (int)i;
	return -1;
}

/* h[from, to) are new, between columns found by name or the ends. Are as many stored ones
 * missing between the same two? */
static void
match_gap(struct head *h, size_t from, size_t to, size_t n, const struct before *b)
{
	size_t first = 0, last;

	if (from > 0) {
		if (b->at[h[from - 1].column] < 0)
			return;
		first = (size_t)b->at[h[from - 1].column] + 1;
	}
	for (last = first; last < b->n && !b->used[b->number[last]]; last++)
		continue;
	if (last - first != to - from ||
	    (to < n ? last == b->n || b->number[last] != h[to].column : last != b->n))
		return;
	for (size_t i = from; i < to; i++) {
		h[i].column = b->number[first + i - from];
		h[i].renamed = !str_eq(h[i].base, b->head[first + i - from].base);
	}
}

void
heads_match(struct arena *a, struct head *h, size_t n, const struct columns *c)
{
	struct str *gone = arena_array(a, c->n + 1, sizeof *gone);
	struct before b;
	size_t found = 0, to;

	before_read(a, &b, c);
	for (size_t i = 0; i < c->n; i++)
		if (b.at[i] < 0)
			gone[i] = column_base(a, str_c(c->v[i].label));
	for (size_t i = 0; i < n; i++) {
		h[i].column = find_stored(&h[i], &b, c, gone);
		if (h[i].column < 0)
			continue;
		h[i].back = b.at[h[i].column] < 0;
		b.used[h[i].column] = true;
		found += !h[i].back;
	}
	/* Where less than half was found by name, this is another table rather than one with new
	 * names. */
	if (b.n > 1 && found * 2 < b.n)
		return;
	for (size_t from = 0; from < n; from = to + 1) {
		for (to = from; to < n && h[to].column < 0; to++)
			continue;
		if (to > from)
			match_gap(h, from, to, n, &b);
	}
}
