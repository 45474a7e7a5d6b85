/*
 * actor.h - who does something, as the audit keeps it, and what a credential may do.
 */
#ifndef BASE_ACTOR_H
#define BASE_ACTOR_H

/* name: "session", "token NAME", "link", "password", "command"; from: an address, "" when there
 * is none. */
struct actor {
	const char *name, *from;
};

enum scope { SCOPE_READ = 1, SCOPE_SYNC = 2, SCOPE_WRITE = 4, SCOPE_OPERATOR = 8, SCOPE_ALL = 15 };

#endif
