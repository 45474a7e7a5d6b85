/*
 * jscan.h - a strict JSON scanner (RFC 8259, UTF-8) for documents that do not fit into memory.
 *
 * Bytes may be fed in any pieces. The scanner reports where values begin and end and keeps the
 * text only of those its listener asks for, so a string of two gigabytes that nobody wants costs
 * nothing. No recursion: at most JSCAN_DEPTH levels, on a stack of its own. Anything that is not
 * JSON is E_JSON with line and column; broken UTF-8 is E_ENCODING; a document that begins with
 * '<' is E_HTML. A byte order mark is passed over. Pure.
 */
#ifndef PROVIDER_WEB_JSCAN_H
#define PROVIDER_WEB_JSCAN_H

#include "base/buf.h"
#include "base/err.h"
#include "provider/web/jtext.h"

enum {
	JSCAN_DEPTH = 64,
	JSCAN_NAME_MAX = 1000,           /* longer member names are not told: name_over */
	JSCAN_KEEP_MAX = 4 * 1024 * 1024 /* of one kept value */
};

/* One open object or list, and the child of it that is being read. */
struct jframe {
	enum jtype type;
	int64_t at;      /* number of the child, from 0; -1: none yet */
	struct str name; /* of the child of an object, decoded */
	bool name_over;
	size_t names_used;
	unsigned note; /* the listener's own; 0 at the beginning */
	int64_t line;  /* where it began */
};

struct jscan;

struct jscan_events {
	/* A value begins inside frame[0 .. depth-1]. With *keep set its text comes with end(),
	 * and nothing inside of it is reported. */
	enum rc (*begin)(struct ctx *, void *arg, struct jscan *, enum jtype, bool *keep);
	/* It has ended, and the same frames surround it. Of an object or list, frame[depth]
	 * still tells how many children there were (at + 1). text: the kept value without white
	 * space between its parts, else {NULL, 0}; it may be written to, and is good for this
	 * call. */
	enum rc (*end)(struct ctx *, void *arg, struct jscan *, enum jtype, char *text, size_t n);
	void *arg;
};

struct jscan {
	int depth;
	struct jframe frame[JSCAN_DEPTH + 1];
	int64_t line; /* being read */
	/* set by a listener that has seen enough: the rest is not looked at */
	bool stopped;
	bool done; /* the document is complete */
	/* the kept value had escapes for no character or U+0000; they stand as U+FFFD now */
	bool mended;
	/* private */
	const struct jscan_events *events;
	struct buf *text, *names;
	struct str run; /* what is kept and not yet in text: part of the piece */
	int64_t pos, line_pos, kept_line;
	int state, literal_at;
	enum jtype value;
	bool keeping, in_name, escaped, unicode;
	int keep_depth;
	unsigned char utf8_left, utf8_low, utf8_high;
	int hex_left, bom;
};

struct jscan *jscan_new(struct arena *, const struct jscan_events *);
void jscan_begin(struct jscan *); /* a new document */
MUST enum rc jscan_feed(struct ctx *, struct jscan *, struct str piece);
/* The end of the bytes. E_EMPTY when there was nothing but white space, E_JSON when the document
 * is not complete; with cut neither is an error. */
MUST enum rc jscan_end(struct ctx *, struct jscan *, bool cut);

#endif
