/*
 * seclude.c - see seclude.h.
 */
#include "sync/seclude.h"

static seclude_way *seclude_how;
static bool secluded;

void
seclude_use(seclude_way *how)
{
	seclude_how = how;
}

enum rc
seclude(struct ctx *cx, const char *dir)
{
	if (!seclude_how || secluded)
		return RC_OK;
	secluded = true;
	return seclude_how(cx, dir);
}

bool
seclude_done(void)
{
	return secluded;
}
