/*
 * columns_match.h - finds the columns of a header among those that are stored. Pure; for
 * columns.c only.
 */
#ifndef TABLE_COLUMNS_MATCH_H
#define TABLE_COLUMNS_MATCH_H

#include "table/column.h"

/* One header cell. */
struct head {
	struct str label; /* as it stood */
	struct str base;  /* on one line, trimmed and cut; {"", 0}: blank */
	struct str after; /* of a blank one: the last base before it */
	/* 1; 2 for the second with this base, ...; for a blank one: how many blanks since
	 * `after` */
	int nth;
	int column;   /* the stored column, -1: a new one */
	bool renamed; /* found by its place */
	bool back;    /* was gone */
};

/* Fills base, after and nth from the labels. */
void heads_read(struct arena *, struct head *, size_t n);
/* Fills column, renamed and back. */
void heads_match(struct arena *, struct head *, size_t n, const struct columns *);
/* A header label as a name: control characters and the white space around it gone, cut to
 * COLUMN_NAME_MAX. */
struct str column_base(struct arena *, struct str label);

#endif
