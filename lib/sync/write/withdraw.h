/*
 * withdraw.h - a copy of ours that an undo takes from a provider stays there when somebody has
 * changed it since it was written; it is one like others again, and the log of the undo lists it.
 * The same holds for what an undo puts back there in place of what is here (link.back): once it is
 * there, what is here goes there by its next edit alone.
 */
#ifndef SYNC_WRITE_WITHDRAW_H
#define SYNC_WRITE_WITHDRAW_H

#include "store/outbox.h"
#include "sync/write/twoway.h"

struct withdrawn {
	struct link *link;
	const struct there *there; /* as it was met */
	const json *base;          /* what it was, as far as is known by now */
};
/* In the caller's write, which saves the link: of one that is met there. */
MUST enum rc
withdraw_met(struct ctx *, struct db *, const struct twoway *, const struct withdrawn *);
/* In the caller's write, which saves the link: link.back has arrived, and is l->base. */
MUST enum rc withdraw_put_back(struct ctx *, struct db *, const struct twoway *, struct link *);
/* What is to be there in place of what is here; NULL: nothing is. */
const json *withdraw_back(struct arena *, const struct link *);
/* What waits to be sent of it is what an undo has made of it here, which a person was asked about
 * as it was there then: what was changed there since stays. */
struct undoing {
	int64_t run_no; /* of the undo; 0: nothing of that kind waits */
	struct outbox item;
};
MUST enum rc withdraw_undoes(struct ctx *, struct db *, const struct link *, struct undoing *out);
/* In the caller's write, which saves the link: that was met. rest: something else of it waits. */
MUST enum rc
withdraw_undone(struct ctx *, struct db *, struct link *, const struct undoing *, bool rest);
/* The same of one that is known to have changed. */
MUST enum rc withdraw_spare(struct ctx *, struct db *, struct link *);
/* In the caller's write: an object that is deleted here was edited there, and comes back. If an
 * undo had deleted it, the log of that undo lists it. */
MUST enum rc withdraw_overruled(struct ctx *, struct db *, const struct link *);

#endif
