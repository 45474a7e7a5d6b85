/*
 * withdraw.h - a copy of ours that an undo takes from a provider stays there when somebody has
 * changed it since it was written; it is one like others again, and the log of the undo lists it.
 */
#ifndef SYNC_WRITE_WITHDRAW_H
#define SYNC_WRITE_WITHDRAW_H

#include "sync/write/twoway.h"

struct withdrawn {
	struct link *link;
	const struct there *there; /* as it was met */
	const json *base;          /* what it was, as far as is known by now */
};
/* In the caller's write, which saves the link: of one that is met there. */
MUST enum rc
withdraw_met(struct ctx *, struct db *, const struct twoway *, const struct withdrawn *);
/* The same of one that is known to have changed. */
MUST enum rc withdraw_spare(struct ctx *, struct db *, struct link *);

#endif
