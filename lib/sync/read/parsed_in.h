/*
 * parsed_in.h - messages of parsed.h as they are taken apart, where they are not believed. For the
 * files of this directory that are called parsed_*.c.
 */
#ifndef SYNC_READ_PARSED_IN_H
#define SYNC_READ_PARSED_IN_H

#include "base/buf.h"
#include "provider/web/jscan.h"
#include "sync/read/parsed.h"

enum {
	PARSED_CODE_MAX = 100,
	PARSED_REASONS_MAX = 64,   /* of rows that are skipped */
	PARSED_CELLS_MAX = 1 << 20 /* of a row, and names in a header */
};

struct parsed_in {
	int fd;
	const struct parsing *p;
	struct sink *sink;
	struct arena *a;
	struct buf *b; /* its memory alone is used */
	size_t from, to;
	struct str body; /* what is left of the message */
	bool bad;        /* it is shorter than what it shall hold, or holds what cannot be */
	bool *lost;
	/* what came before */
	bool begun, headed, rows, over;
	int sets, sayings, openings, reasons;
	char reason[PARSED_REASONS_MAX][PARSED_CODE_MAX + 1];
	int64_t columns; /* one more than the highest number that was told in this dataset */
	struct cell *cells;
	size_t cells_cap;
	struct str *names;
	size_t names_cap;
	struct jscan *js;
	struct jscan_events events;
	size_t js_bytes; /* of the value without white space */
};

void parsed_in_init(struct arena *, struct parsed_in *);
/* The next message, of which in->body is the body. */
MUST enum rc parsed_next(struct ctx *, struct parsed_in *, uint32_t *word);
/* What is no call of a sink, or at the wrong time: E_CRASHED. */
MUST enum rc parsed_lie(struct ctx *, const struct parsed_in *);
/* It has ended without saying so: E_CRASHED. */
MUST enum rc parsed_lost(struct ctx *, const struct parsed_in *);

/*
 * The parts of the present message, in their order. What is not there, or cannot be, sets in->bad.
 */
uint32_t parsed_u32(struct parsed_in *);
int64_t parsed_i64(struct parsed_in *);
/* A text in place; {NULL, 0}: none. */
struct str parsed_str(struct parsed_in *);
/* What was a C string there; NULL: none. */
const char *parsed_said(struct ctx *, struct parsed_in *);
/* A word of the interface. */
bool parsed_code(struct parsed_in *, char code[PARSED_CODE_MAX + 1]);
/* A row in place. */
bool parsed_row(struct ctx *, struct parsed_in *, struct row *);
/* Was that all, and good? */
bool parsed_whole(const struct parsed_in *);

#endif
