/*
 * guard.h - the blast-radius guard: a read that would delete too much stops and asks. Pure. (lib/net/guard.h is about addresses.)
 */
#ifndef SYNC_GUARD_H
#define SYNC_GUARD_H

#include <stdbool.h>
#include <stdint.h>

enum { BLAST_PERCENT = 50, BLAST_ITEMS = 20 };

enum blast { BLAST_APPLY, BLAST_ASK, BLAST_KEEP };

/* Would this delete more than half and more than 20 records, or all of them? */
bool blast_large(int64_t stored, int64_t deletions);
/* What to do about so many deletions that are too many, given the owner's answer so far ("", "approve" for at most `approved` and a tenth more, "keep", "always"). */
enum blast blast_answered(int64_t deletions, const char *answer, int64_t approved);

#endif
