/*
 * blast.c - see blast.h.
 */
#include <string.h>

#include "sync/blast.h"

static bool
blast_many(int64_t n, int64_t items, int64_t of)
{
	return n > items && n * 100 > of * BLAST_PERCENT;
}

bool
blast_large(int64_t stored, int64_t deletions)
{
	if (deletions <= 0)
		return false;
	/* An empty answer is the most common way for a source to be wrong, however little it
	 * held. */
	if (deletions >= stored)
		return true;
	return blast_many(deletions, BLAST_ITEMS, stored);
}

bool
blast_replaces(int64_t stored, int64_t replaced, int64_t usual)
{
	return replaced > BLAST_ITEMS &&
	    (replaced * 100 - usual * stored) * 100 > (100 - usual) * stored * BLAST_PERCENT;
}

bool
blast_side_large(const struct blast_side *s)
{
	return blast_many(s->deleted + s->updated, s->items, s->linked) ||
	    blast_many(s->added, BLAST_ITEMS_NEW, s->linked);
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
