/*
 * idem.h - Idempotency-Key: the answer of a POST is kept for a day, and the same request gets it
 * again. What it does is done once, also when the process dies at any moment.
 */
#ifndef FCGI_IDEM_H
#define FCGI_IDEM_H

#include "fcgi/route.h"

/* Runs the request's handler, or gives the kept answer. The same key with another request:
 * E_IDEMPOTENCY. */
MUST enum rc idem_answer(struct req *, struct resp *);

#endif
