/*
 * fake.h - a stand-in for Google and Notion: accounts and consent, Drive, Sheets, Calendar, pages
 * and data sources, in memory, strict, with faults on request.
 *
 * Two faces: fake_handle() in the same process, for unit tests and simulations, and the program
 * tidemark-fake, a small HTTP server around it. One server plays all of their hosts; a leading
 * /fake/WORD says which is meant, and matters only where their paths overlap:
 *
 *     http://HOST/fake/accounts   instead of https://accounts.google.com
 *     http://HOST/fake/api        instead of https://www.googleapis.com
 *     http://HOST/fake/oauth2     instead of https://oauth2.googleapis.com
 *     http://HOST/fake/sheets     instead of https://sheets.googleapis.com
 *     http://HOST/fake/people     instead of https://people.googleapis.com
 *     http://HOST/fake/notion     instead of https://api.notion.com
 *
 * What a test may ask of it is POST /fake/control (see fake_control.c), which no real service has.
 *
 * One struct fake is one world. Nothing is shared, nothing is kept on disk but by fake_save().
 * Replies and errors have the shapes of the real service; a parameter, a member, a type or a scope
 * that the real one would refuse is refused.
 */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

#include "web/req.h"

struct fake;

struct fake_request {
	struct arena *a; /* the reply is allocated here */
	const char *method;
	const char *target;    /* path and query, encoded */
	struct params headers; /* lower-case names */
	struct str body;
};

/* What becomes of the reply on its way. */
enum fake_fate {
	FAKE_SENT,
	FAKE_CUT,   /* half of the body, then the connection ends */
	FAKE_RESET, /* nothing was done; the connection is reset */
	FAKE_LOST   /* it was done; the connection ends without a byte */
};

struct fake_reply {
	int status;
	const char *type; /* NULL without a body */
	struct buf *body; /* never NULL */
	struct params headers;
	int64_t delay_ms; /* to be sent this much later, without holding up others */
	enum fake_fate fate;
};

/* demo: with the demo account and its spreadsheets. Otherwise the world is empty but for one client
 * application ("client", secret "secret"). */
struct fake *fake_new(bool demo);
/* The one address that people are sent back to; by default any, where a client names none. */
void fake_back(struct fake *, const char *url);
void fake_free(struct fake *);
void fake_handle(struct fake *, const struct fake_request *, struct fake_reply *);

/* Notifications that want to be sent. A face takes those that are due, posts them and says how it
 * went. */
struct fake_note {
	const char *url;
	const char *headers; /* "Name: value\r\n" lines, all but Host and Content-Length */
	const char *body;    /* NULL: none */
	struct note *note;
};
/* Milliseconds until the next is due, 0: now, -1: none. */
int64_t fake_note_wait(const struct fake *);
bool fake_note_take(struct fake *, struct fake_note *); /* the earliest that is due */
/* status 0: no answer. 500, 502, 503 and 504 are tried again, by some services all failures. */
void fake_note_done(struct fake *, struct note *, int status);

int64_t fake_now(const struct fake *);

/* What of the exchanges the description of the provider's interface does not allow, the latest, in
 * words (core/contract.c); NULL: nothing. */
const char *fake_breach(const struct fake *);

/* How often it has been called: nothing changes in between but by time. */
int64_t fake_asked(const struct fake *);

/*
 * What outlives a restart: accounts, grants, channels, spreadsheets, calendars, address books,
 * workspaces of Notion. What is loaded takes the place of what a
 * new world, or a demonstration, begins with; what the text has not stays.
 *
 * ended: nothing comes after it. Who was told of something that is not in what is loaded, because
 * it came later, is told that his sync tokens are of no use any more.
 */
json *fake_save(struct fake *, struct arena *, bool ended);
void fake_load(struct fake *, const json *);

#endif
