/*
 * viewer.h - one browser that looks on, at the other end of nginx. What it was sent and has not
 * taken is one batch at most (hub.h): while that lies there nothing is added, and who does not take
 * it for VIEWER_STUCK_MS is let go.
 */
#ifndef STREAM_VIEWER_H
#define STREAM_VIEWER_H

#include "stream/hub.h"

enum {
	VIEWER_HEAD_MS = 5000,  /* from its coming to its ticket */
	VIEWER_BEAT_MS = 20000, /* of silence: then a comment shows that it still stands */
	VIEWER_STUCK_MS = 30000,
	VIEWER_CHECK_MS = 5000,     /* at most so long nobody asks whether it still may */
	VIEWER_LIFE_MS = 10 * 60000 /* then it is to come again, as it does by itself */
};

struct viewer {
	int fd;                              /* -1: this one is free */
	bool open;                           /* its ticket is in order: it is told what happens */
	bool leaving;                        /* when it has taken what is left */
	int64_t came, spoke, stuck, checked; /* clock_mono_ms(); stuck 0: it takes what it gets */
	int64_t life;
	struct buf in, out;
	size_t sent; /* of out */
	struct ticket ticket;
	struct place place;
};

void viewer_begin(struct viewer *, int fd, int64_t now);
/* Closes it; its place has been left. */
void viewer_end(struct viewer *);
/* Takes what has come; *query: the ticket's, when the head is whole (borrowed). False: it is gone,
 * or no request of nginx. */
bool viewer_take(struct viewer *, struct str *query);
/* The answer in place of a stream: a status, which nginx puts into words. */
void viewer_refuse(struct viewer *, int status);
/* The head of a stream. */
void viewer_greet(struct viewer *);
/* Sends what lies in out. False: it is gone. */
bool viewer_send(struct viewer *, int64_t now);
static inline bool
viewer_pending(const struct viewer *v)
{
	return v->sent < v->out.n;
}

#endif
