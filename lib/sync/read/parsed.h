/*
 * parsed.h - what a process that parses, and nothing else, says to the one that keeps what it finds
 * (parser.h).
 *
 * A message is a head and a body: whole numbers, and texts behind their length. What was asked for
 * is one message there; from there come the calls of a struct sink, in order, and the end. Where a
 * call has an answer (the number of a column, a page to read) it is waited for.
 *
 * Whoever parses is not believed: what it says makes wrong rows at worst. Lengths and numbers are
 * looked at before they are used, text is UTF-8 and JSON is JSON, and calls come in the order and
 * number in which a provider makes them. What does not keep to that ends the run.
 */
#ifndef SYNC_READ_PARSED_H
#define SYNC_READ_PARSED_H

#include "provider/provider.h"
#include "sync/read/spool.h"

/* What is to be parsed. */
struct parsing {
	const struct provider *provider;
	const struct source *source; /* config and known alone go there */
	struct spool *spool;
	bool cut, delta;     /* as in struct page_in, struct fetch */
	int64_t *read_bytes; /* grows as pages are read */
};

enum parsed_word {
	PARSED_JOB, /* there: {kind, config, known, cut, types} */
	PARSED_DATASET,
	PARSED_HEADER,
	PARSED_COLUMN, /* answer: its number */
	PARSED_ROW,
	PARSED_GONE,
	PARSED_SKIP,
	PARSED_WARN,
	PARSED_IS_LAST, /* answer: 0 or 1 */
	PARSED_FOUND,
	PARSED_DOUBT,
	PARSED_PEOPLE,
	PARSED_TORN,
	PARSED_TELLING,
	PARSED_PAGE, /* answer: a byte, and the page, open, with it (base/pass.h) */
	PARSED_AT,   /* so many bytes of the pages were read */
	PARSED_END   /* kind of error, 0: none; how long to wait; detail; where */
};

struct parsed_head {
	uint32_t word, n; /* n: bytes behind it */
};

enum {
	PARSED_ROW_MAX = 32 * 1024 * 1024,
	PARSED_MAX = PARSED_ROW_MAX + 4 * 1024 * 1024, /* of one message */
	PARSED_JOB_MAX = 64 * 1024 * 1024
};
#define PARSED_NO_TEXT UINT32_MAX /* as the length of a text: NULL */

/* There: reads what is to be done from the socket, does it, and says the end. */
void parsed_serve(struct ctx *, int socket);
/* There: the end alone, with the error of the context, however much was said. */
void parsed_say_end(const struct ctx *, int socket);

/* Here: says what is to be done, and hands on what comes. *lost: it has ended without saying so. */
MUST enum rc
parsed_take(struct ctx *, int socket, const struct parsing *, struct sink *, bool *lost);

#endif
