/*
 * checkpoint.h - where a run is, as a resumed one finds it again. Saved with what it covers: by
 * itself after a page that was read, and in the transaction of a page that was written.
 */
#ifndef SYNC_READ_CHECKPOINT_H
#define SYNC_READ_CHECKPOINT_H

#include "access/lend.h"
#include "queue/queue.h"

struct checkpoint {
	bool saving; /* the plan is complete: what is downloaded is not looked at any more */
	/* Whether the working files can be trusted: see checkpoint_usable(). */
	const char *boot;
	int64_t config_rev, form;
	int64_t as_of;    /* change_last() before the first page was asked for (twoway.h) */
	int64_t began_at; /* ms: when that was */
	/* Downloading: */
	int64_t pages;    /* complete ones */
	json *types;      /* {page, type}: from this page on they are of another content type */
	const char *next; /* what the last page left; NULL: there is none yet */
	const char *validator; /* of the page that is under way; NULL: it cannot be resumed */
	int64_t calls;
	struct later later; /* of a run that was left while it waited */
	/* Saving: */
	int64_t offset; /* where to go on in the plan file */
	int64_t set;    /* the dataset there, -1: before the first */
	int64_t items_done, added, updated, deleted;
};

/* Of a run that begins. boot: of this machine. */
void checkpoint_init(struct arena *, struct checkpoint *, const char *boot, int64_t config_rev);
/* text: of the run's row, NULL: it has none, and it is as if it began, on no machine. */
void checkpoint_load(struct arena *, struct checkpoint *, const char *text);
/* Are the working files that it tells of of this boot, this configuration and this form? */
bool checkpoint_usable(const struct checkpoint *, const char *boot, int64_t config_rev);
/* As the run's; E_LEASE when the lease is lost. put: in the caller's write. db NULL: nowhere. */
MUST enum rc
checkpoint_save(struct ctx *, struct db *, const struct job *, const struct checkpoint *);
MUST enum rc
checkpoint_put(struct ctx *, struct db *, const struct job *, const struct checkpoint *);

/* Leaves the run where it is for as long as the error E_LATER says; its detail is shown then. */
MUST enum rc
checkpoint_leave(struct ctx *, struct db *, const struct job *, const struct checkpoint *);

#endif
