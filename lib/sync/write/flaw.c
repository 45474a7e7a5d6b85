/*
 * flaw.c - see flaw.h.
 */
#include "sync/write/flaw.h"

#ifdef TIDEMARK_STEPS
enum flaw flaw_planted;
#endif
