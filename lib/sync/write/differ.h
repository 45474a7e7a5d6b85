/*
 * differ.h - what is to be sent to a twin: the object as it is now against the base, without what
 * a person has been asked about. Pure.
 */
#ifndef SYNC_WRITE_DIFFER_H
#define SYNC_WRITE_DIFFER_H

#include "agree/merge.h"

struct differ_in {
	const json *base, *here; /* NULL: there is nothing */
	const json *asked;       /* `fields` of the open conflict, or NULL */
};

struct differ {
	bool any;           /* false: there is nothing to send */
	const json *values; /* NULL: it shall be gone; else {field: value}, null clears one */
	const json *whole;  /* the twin once it has that; NULL: gone */
};

void differ(struct arena *, const struct merge_rules *, const struct differ_in *, struct differ *);

/* The base, once the fields of `values` are there as `whole` has them. */
const json *
differ_confirmed(struct arena *, const json *base, const json *values, const json *whole);

#endif
