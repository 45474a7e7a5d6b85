/*
 * sample.h - finds key columns from the first rows of each dataset.
 */
#ifndef SYNC_READ_SAMPLE_H
#define SYNC_READ_SAMPLE_H

#include "sync/read/intake.h"

/* Key rules found from the first rows of new datasets. */
struct key_finds {
	size_t n;
	struct {
		const char *remote_id;
		struct key_rule rule;
	} v[INTAKE_DATASETS];
};

/* Takes memory from a scratch arena of its own. read_cut: what is spooled is a prefix. */
MUST enum rc sample_keys(
    struct ctx *, const struct intake_from *, struct spool *, bool read_cut, struct key_finds *out);

#endif
