/*
 * progress.h - the one mover of a run's progress: monotone, at most four writes a second, and
 * with each the lease is renewed. With each it says, too, whether the run works or waits: a run
 * that waits for more than two seconds, for a server or for a time that was named, gives its place
 * to others (queue/places.h).
 *
 * Downloading is 0 to 60, processing 60 to 80, saving 80 to 100 (phase.def).
 */
#ifndef SYNC_PROGRESS_H
#define SYNC_PROGRESS_H

#include "access/lend.h"
#include "queue/queue.h"

enum phase {
#define PHASE(id, name, from, to, verb) PHASE_##id,
#include "sync/phase.def"
#undef PHASE
	PHASE__MAX
};

struct progress {
	struct db *db; /* NULL: a preview; nothing is written */
	const struct job *job;
	enum phase phase;
	int percent;
	int64_t done; /* what the last call has said */
	char message[200];
	char said[200];     /* the last that was no wait */
	int64_t written_at; /* monotonic ms of the last write */
	int64_t began_at;
	int64_t window_at; /* start of the window in which there must be movement */
	int64_t window_done;
	/* Downloading: since then, and from that many bytes on, too little came to call it work. */
	int64_t flow_at, flow_done;
	int64_t wait_until; /* a wait that was announced; 0: none */
	int64_t deadline;   /* previews: monotonic ms at which everything stops; 0: none */
};

void progress_init(struct progress *, struct db *, const struct job *);
const char *phase_name(enum phase);
/* How far it is: done of total units (total <= 0: unknown) within the phase. */
struct moved {
	enum phase phase;
	int64_t done, total;
};
/* Writes when it is due.
 * E_CANCELLED: a person stopped it; E_LEASE: the lease is lost; E_TIMED_OUT: nothing moved for
 * TIDEMARK_RUN_SECONDS, or reading took TIDEMARK_RUN_MINUTES; E_INTERRUPTED: this process was told
 * to stop. */
MUST enum rc
progress_move(struct ctx *, struct progress *, struct moved, const char *fmt, ...) PRINTF(4, 5);
/* Something whole was done, such as a page: a movement, however small it was. */
void progress_whole(struct progress *);
/* For waits in the download, which are shown as its message. */
struct waiter progress_waiter(struct progress *);
/* From a signal handler: the run stops at its next step and goes on in another process. */
void progress_stop(void);
/* Was this process told to stop? */
bool progress_stopped(void);
/* Percent of `done` of `total` within a phase. Pure. */
int progress_percent(enum phase, int64_t done, int64_t total);

#endif
