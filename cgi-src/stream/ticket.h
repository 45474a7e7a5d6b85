/*
 * ticket.h - what nginx says of a viewer when it hands one over: what api_stream.c has decided.
 * Only nginx can reach the socket that it comes by.
 *
 * The id of an event, which a browser sends again as Last-Event-ID, is "NO.MARK". Every run with a
 * number below NO had ended and was told when the event was sent: so whoever goes on from there
 * misses no end, whatever the clock did meanwhile; it may hear of one twice. MARK makes every id
 * differ from every other, for readers that pass over what they have seen.
 */
#ifndef STREAM_TICKET_H
#define STREAM_TICKET_H

#include "base/rand.h"
#include "db/db.h"

enum ticket_by { BY_SESSION, BY_TOKEN, BY_PROGRESS };
enum { TICKET_ID = 65 };

struct ticket {
	char owner[UUID_TEXT];
	char conn[UUID_TEXT]; /* the one connection that may be seen; "": no such limit */
	enum ticket_by by;
	char id[TICKET_ID]; /* of the session or the token; the digest of the progress token */
	int64_t sync;       /* number of the one run that is asked for; 0: all */
	int64_t after;      /* NO of the last event; 0: none */
};

/* Of the query of the address. False: it is none of ours. */
bool ticket_read(struct arena *, struct str query, struct ticket *out);
/* Would it still be given out? */
MUST enum rc ticket_stands(struct ctx *, struct db *, const struct ticket *, bool *yes);
/* Does it take in that run? */
bool ticket_sees(const struct ticket *, int64_t no, const char *conn);

#endif
