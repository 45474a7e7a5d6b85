/*
 * kin.h - what is known of an object by its twins at other connections, and by one that has gone.
 */
#ifndef SYNC_WRITE_KIN_H
#define SYNC_WRITE_KIN_H

#include "sync/write/twoway.h"

struct kin {
	const json *here, *there; /* the object, and the twin that is met; NULL: deleted, gone */
	int64_t as_of;            /* of the twin (twoway.h) */
};

/*
 * A twin is met for the first time, of an object that was deleted or edited here while that is on
 * its way to another twin of it: whoever did so has seen what both agreed on there. *base is that
 * for this one too; beside what is here, in the fields in which this twin is still like it, or like
 * what it was when this twin was read. NULL: there is no other one, or it gets no deletion.
 */
MUST enum rc kin_base(struct ctx *, struct db *, const struct twoway *, const struct link *,
    const struct kin *, const json **base);

/*
 * Both sides of a twin were edited. Where it is as the object has been here since the two agreed
 * last, by way of another twin or by itself, whoever has edited the object since has seen that: it
 * is in *base, which is not NULL, then.
 */
struct kin_twin {
	const json *values;
	bool gone; /* it said so before: as the object has been here whenever */
};
MUST enum rc kin_seen(struct ctx *, struct db *, const struct twoway *, const struct object *,
    const struct kin_twin *, const json **base);

/*
 * A twin is met where nothing is agreed on any more: *base is what was before the former one was
 * gone, which was edited here since, was brought back, or is shown again. since: also if another
 * one was made in its place. NULL: it was not the last thing that is known of the object there that
 * one had gone.
 */
MUST enum rc kin_former(struct ctx *, struct db *, const struct twoway *, const struct object *,
    bool since, const json **base);

#endif
