/*
 * undo.h - what was changed is taken back: all that a run has done here, or the last change of one
 * record or event; and with it what Tidemark has written of it to providers, for an undo is an edit
 * like others, which goes to the twins by the outbox, with the etag as its condition.
 *
 * What a run has put there that was here before (a first sync does) goes from there again and stays
 * here. What it has written over there, or deleted, without changing anything here, is put back
 * there, and what is here goes there by its next edit alone.
 *
 * What has changed since is left, with a sentence. What somebody else has made there is never
 * deleted there, and written over only when a person says so: it is held as a question of the run
 * that undoes (outward.h). Of a dataset the source has what it had: what was taken back stays so
 * until the source changes it again.
 *
 * A label that a run has put on people there is taken off again, or the other way round, and who
 * comes back here has it there, and who goes loses it: that is held from then on, whatever later
 * runs do with labels, until it is taken back itself, the source brings a record back that was
 * taken back, or the settings name another label.
 *
 * A run that undoes has a task: the JSON of struct undo.
 */
#ifndef QUEUE_UNDO_H
#define QUEUE_UNDO_H

#include "base/rand.h"
#include "queue/queue.h"
#include "store/change.h"
#include "store/dataset.h"
#include "store/link.h"

struct undo {
	const char *owner, *conn_id;
	const char *by;       /* who asked, for the history */
	const char *sync_id;  /* the run; NULL: one object */
	const char *at;       /* when it began; NULL */
	const json *runs;     /* its number, and those of the runs that it went on for */
	bool records;         /* its datasets are taken back; else its events, which they show */
	struct object object; /* the one; kind NULL: of a run */
	int64_t change;       /* its change; 0: its appearance */
};

const char *undo_text(struct arena *, const struct undo *);
/* Of a run's task; false: it is another one. */
bool undo_read(struct arena *, const struct run *, struct undo *out);

/* "Taken back: 3 changes; 1 left as it is" */
const char *undo_said(struct arena *, int64_t back, int64_t left);

/* Of a run that has ended, and of those that it went on for. E_STATE: it goes on. */
MUST enum rc undo_of_run(struct ctx *, struct db *, const struct run *, struct undo *out);
/* E_STATE: it has changed nothing that could be taken back, or it was taken back already. */
MUST enum rc undo_any(struct ctx *, struct db *, const struct undo *);
/* Of an object, its last change. E_STATE: there is none. conn_id NULL: it has no connection. */
MUST enum rc
undo_of_event(struct ctx *, struct db *, const char *owner, const char *id, struct undo *out);
MUST enum rc undo_of_record(struct ctx *, struct db *, const char *owner, const char *dataset_id,
    const char *key, struct undo *out);

enum undo_fate {
	UNDO_BACK, /* it is taken back */
	UNDO_LEFT, /* it has changed since, or cannot be */
	UNDO_NONE  /* nothing is to be done: it is so already, or another change of it tells */
};

struct undo_label {
	const char *name;
	bool on; /* it was put on */
};

/* One thing of it. */
struct undo_item {
	struct object object;
	enum change_action did;        /* what is taken back */
	const char *connection_id;     /* where it came from; NULL: from here */
	const char *before, *now;      /* JSON, as it was and as it is; NULL: nothing */
	const struct dataset *dataset; /* of a record; NULL: of an event */
	/* What is taken back is its twin there alone: made or written over by the run, or taken
	 * from there by an undo. NULL: it is the object here. */
	const struct link *there;
	const json *over; /* what of it was written over (agree/over.h); NULL: it was made */
	/* What is taken back is the label that was put on a record there (store/labelled.h), or
	 * taken off; NULL: none. */
	const struct undo_label *label;
	/* Of a record that comes or goes: what the settings call the label that it has there, which
	 * comes or goes with it; NULL: none. */
	const char *relabels;
	const char *title; /* as people know it */
	enum undo_fate fate;
	const char *why; /* of UNDO_LEFT: a sentence */
};

/* How far it has been gone through. */
struct undo_at {
	int64_t change;       /* those below it are to come; 0: all */
	int64_t run;          /* index in undo.runs */
	bool appeared;        /* changes are over: records that the run has brought come */
	int64_t seq;          /* of the last of them */
	bool there;           /* those are over, too: what the run has made at its provider comes */
	char link[UUID_TEXT]; /* the last of those */
	bool over;
};
json *undo_at_json(struct arena *, const struct undo_at *);
void undo_at_read(const json *, struct undo_at *out);
void undo_at_link(struct undo_at *, const char *id); /* NULL: none */

/* About `limit` of them, the newest change first; *v is the arena's. Nothing is written. */
struct undo_page {
	struct undo_item *v;
	size_t n;
};
MUST enum rc undo_page(struct ctx *, struct db *, const struct undo *, struct undo_at *,
    int64_t limit, struct undo_page *out);

/* undo_page() of what the run has made there. */
MUST enum rc undo_page_there(
    struct ctx *, struct db *, const struct undo *, struct undo_at *, struct undo_page *out);
/* One change of the run that says what it has written over there. */
MUST enum rc undo_over(struct ctx *, struct db *, const struct change *, struct undo_item *out);
/* The same of one that tells of a label; it->dataset and it->now are known. */
MUST enum rc undo_labelled(
    struct ctx *, struct db *, const struct undo *, const struct change *, struct undo_item *it);
/* In the caller's write: an undo says so from now on, and whoever tends the source does it. */
MUST enum rc
undo_label_hold(struct ctx *, struct db *, const struct undo *, const struct undo_item *);
/* In the caller's write: the same of one that relabels. */
MUST enum rc
undo_label_follows(struct ctx *, struct db *, const struct undo *, const struct undo_item *);
const char *undo_event_title(struct arena *, const struct undo_item *);

/* In the caller's write: takes one back that has the fate UNDO_BACK. sync: the run that does it;
 * NULL: none, at once. */
MUST enum rc undo_do(struct ctx *, struct db *, const struct undo *, const struct run *sync,
    const struct undo_item *, int64_t now);

#endif
