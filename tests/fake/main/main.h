/*
 * main.h - the parts of the stand-in's server: connections, and senders of notifications.
 */
#ifndef FAKE_MAIN_MAIN_H
#define FAKE_MAIN_MAIN_H

#include <poll.h>

#include "fake/fake.h"

enum { CONNS = 4096, SENDERS = 64 };

/* conn.c: fds[0] listens, the others are connections. */
extern struct pollfd fds[CONNS];
extern nfds_t nfds;

void conns_take(void);
void conns_turn(struct fake *); /* what poll() found of each */
int64_t conns_wait(int64_t ms); /* at most ms: until an answer is due */
void conns_close(void);
void conns_forget(void); /* in a child */

/* state.c: the file that the world is kept in. Without state_read() there is none. */
void state_read(struct fake *, const char *path);    /* the path must outlive it */
void state_turn(struct fake *);                      /* writes it, when it is due */
int64_t state_wait(const struct fake *, int64_t ms); /* at most ms: until it is due */
void state_end(struct fake *);                       /* the last time */

/* sender.c: each notification is posted by a child. */
void senders_start(struct fake *);
void senders_collect(struct fake *);
bool senders_free(void); /* is there room for one more? */

#endif
