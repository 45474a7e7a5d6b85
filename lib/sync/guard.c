/*
 * guard.c - see guard.h.
 */
#include <string.h>

#include "sync/guard.h"

bool
blast_large(int64_t stored, int64_t deletions)
{
	if (deletions <= 0)
		return false;
	/* An empty answer is the most common way for a source to be wrong, however little it held. */
	if (deletions >= stored)
		return true;
	return deletions > BLAST_ITEMS && deletions * 100 > stored * BLAST_PERCENT;
}

enum blast
blast_answered(int64_t deletions, const char *answer, int64_t approved)
{
	if (!strcmp(answer, "always"))
		return BLAST_APPLY;
	if (!strcmp(answer, "approve") && deletions <= approved + approved / 10)
		return BLAST_APPLY;
	if (!strcmp(answer, "keep"))
		return BLAST_KEEP;
	return BLAST_ASK;
}
