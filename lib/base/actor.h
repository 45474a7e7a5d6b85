/*
 * actor.h - who does something, as the audit keeps it.
 */
#ifndef BASE_ACTOR_H
#define BASE_ACTOR_H

/* name: "session", "token NAME", "link", "password", "command"; from: an address, "" when there
 * is none. */
struct actor {
	const char *name, *from;
};

#endif
