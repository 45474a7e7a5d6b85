/*
 * space.h - room on the disk that holds the state directory.
 *
 * Working files never take the last of it: what they leave free is for the database, so that runs
 * can be settled, pages saved and other sources read. Should the disk be full all the same, there
 * is a file that is given up.
 */
#ifndef BASE_SPACE_H
#define BASE_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Bytes that are free there; INT64_MAX where it cannot be told. */
int64_t space_free(void);
/* Bytes that working files leave free: TIDEMARK_RESERVE_MB, on a small disk an eighth of it. */
int64_t space_reserve(void);
/* Is there room for so many bytes more of them? */
bool space_for(int64_t bytes);
/* The file that is given up; the arena's. */
const char *space_file(struct arena *);
/* Fills it, when it is empty and there is room; gives it up. */
void space_keep(struct arena *);
void space_give(struct arena *);

#ifdef TIDEMARK_STEPS
/* Tests: so much is free; below 0: as it is. */
void space_pretend(int64_t bytes);
#endif

#endif
