/*
 * guard.h - a tick that is killed is back within seconds, also where nothing but cron looks after
 * it: a child that does nothing else waits for its death and becomes the next tick. The tick in
 * turn replaces a guard that ends. Not for the loop: who started that starts it again.
 */
#ifndef TICK_GUARD_H
#define TICK_GUARD_H

/* Where this program is, and how it was called; both stay. Without it, the others do nothing. */
void guard_with(const char *path, char **argv);
/* Before the database is opened. */
void guard_begin(void);
/* Now and then: is it there? */
void guard_keep(void);
/* Whatever ends now ends for good. */
void guard_end(void);

#endif
