/*
 * once.h - what both sides edit is connected once: twice, each edit would come back as another one.
 */
#ifndef APP_ONCE_H
#define APP_ONCE_H

#include "store/conn.h"

/* In the caller's write: is the calendar of the connection that of no other one of its owner?
 * E_STATE, naming that. */
MUST enum rc once_only(struct ctx *, struct db *, const struct conn *);

#endif
