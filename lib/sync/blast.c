/*
 * blast.c - see blast.h.
 */
#include <string.h>

#include "sync/blast.h"

static int64_t
blast_percent(const struct conn_limits *l)
{
	return l->percent ? l->percent : LIMIT_PERCENT;
}

static int64_t
blast_items(const struct conn_limits *l, int64_t usual)
{
	return l->items ? l->items : usual;
}

static bool
blast_many(const struct conn_limits *l, int64_t n, int64_t items, int64_t of)
{
	return n > items && n * 100 > of * blast_percent(l);
}

bool
blast_large(const struct conn_limits *l, int64_t stored, int64_t deletions)
{
	if (deletions <= 0)
		return false;
	/* An empty answer is the most common way for a source to be wrong, however little it
	 * held. */
	if (deletions >= stored)
		return true;
	return blast_many(l, deletions, blast_items(l, LIMIT_ITEMS), stored);
}

bool
blast_replaces(const struct conn_limits *l, int64_t stored, int64_t replaced, int64_t usual)
{
	return replaced > blast_items(l, LIMIT_ITEMS) &&
	    (replaced * 100 - usual * stored) * 100 > (100 - usual) * stored * blast_percent(l);
}

bool
blast_side_large(const struct blast_side *s)
{
	const int64_t items = blast_items(s->limits, s->there ? LIMIT_ITEMS_THERE : LIMIT_ITEMS);

	return blast_many(s->limits, s->deleted + s->updated, items, s->linked) ||
	    blast_many(s->limits, s->added, BLAST_ITEMS_NEW, s->linked);
}

enum blast
blast_answered(const char *answer, const char *given_for, const char *plan)
{
	if (!strcmp(answer, "always"))
		return BLAST_APPLY;
	if (!*plan || strcmp(given_for, plan))
		return BLAST_ASK;
	if (!strcmp(answer, "approve") || !strcmp(answer, "plan"))
		return BLAST_APPLY;
	return strcmp(answer, "keep") ? BLAST_ASK : BLAST_KEEP;
}

enum blast
blast_decide(const struct blast_case *c)
{
	enum blast said;

	if (c->deletions <= 0 || (!c->large && strcmp(c->answer, "keep")))
		return BLAST_APPLY;
	said = blast_answered(c->answer, c->given_for, c->plan);
	return said == BLAST_ASK && c->large && c->kept && !c->large_of_all ? BLAST_KEEP : said;
}
