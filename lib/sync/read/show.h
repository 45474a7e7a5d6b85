/*
 * show.h - a comparison for people: the first rows of each dataset and the first changes, and
 * nothing that could be carried out.
 */
#ifndef SYNC_READ_SHOW_H
#define SYNC_READ_SHOW_H

#include "sync/read/compare.h"

struct shower {
	struct comparer c;           /* first */
	json *changes;               /* [{"action", "key", "values", "before"}] */
	json *rows[INTAKE_DATASETS]; /* [{"key", "values"}] of each dataset */
};

void shower_init(struct arena *, struct shower *, const struct intake_from *);

#endif
