/*
 * apart.h - a run that reads nothing (task.h), and goes to the source all the same: what it works
 * on, and the account lent to it.
 */
#ifndef SYNC_APART_H
#define SYNC_APART_H

#include "access/lend.h"
#include "provider/provider.h"
#include "queue/queue.h"
#include "sync/progress.h"

struct apart {
	const struct provider *provider;
	struct source source;
	struct lend *lend; /* NULL: none is needed */
};

/* For as long as the arena lives. provider NULL: the kind is none of this version. */
MUST enum rc
apart_open(struct ctx *, struct db *, const struct job *, struct progress *, struct apart *out);

#endif
