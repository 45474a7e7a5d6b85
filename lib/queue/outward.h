/*
 * outward.h - the guard before what leaves: when more than half, and more than ten (or what the
 * limits of the connection say), of what it has at its provider would be deleted or overwritten
 * within ten minutes, whoever asked for it, those writes are held and a person is asked. What harms
 * nothing goes on.
 *
 * The question is a run of the connection that has ended with needs_approval and did nothing; its
 * review says {"side": "remote", "stored", "deletions", "replaced", "items", "changes"} of that
 * connection, and "again": true of what was kept and is asked about once more. It holds the copies
 * of the same deletion at other connections too. What was answered is remembered with each item: it
 * is not asked about again, a further loss is.
 */
#ifndef QUEUE_OUTWARD_H
#define QUEUE_OUTWARD_H

#include "store/link.h"
#include "store/run.h"

enum { OUTWARD_MINUTES = 10 };

/* The link of what a person has kept, there or here: state LINK_SKIPPED with this code, until it
 * is edited here again. */
#define OUTWARD_KEPT LINK_KEPT
/* The same of what was not asked about: an undo has left what is there, or it comes back changed
 * however often it is sent. */
#define OUTWARD_LEFT "left"
/* Either. */
bool outward_kept(const struct link *);
/* Was that a person's answer? */
bool outward_was_asked(const struct link *);
/* Is it sent again once it is edited here: kept there, or here (LINK_REFUSED)? */
bool outward_resumes(const struct link *);

/* In the caller's write, before the items of the connection are worked on. */
MUST enum rc
outward_judge(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t now);
/* What was kept there waits once more, and is asked about however little it is, unless nothing
 * ever is. In the caller's write, which has had so much of it wait; `more`: others follow, and only
 * the last one counts all that is asked about. */
struct outward_again {
	const char *owner, *conn_id;
	int64_t deletions, replaced;
	bool more;
	int64_t now;
};
MUST enum rc outward_again(struct ctx *, struct db *, const struct outward_again *);
/* As outward_judge(), before one of them is claimed: where any has come, or was edited, since it
 * was judged. What is sent meanwhile is counted already. */
MUST enum rc
outward_judge_new(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t now);

/* What a run that undoes holds: its review, in which "undo" is true (NULL: nothing), and how
 * much. */
MUST enum rc
outward_undone(struct ctx *, struct db *, const struct run *, const char **review, int64_t *n);

/* What a run still holds, by the names of the connections, its own first. */
struct outward_place {
	const char *name;
	int64_t n;
};
MUST enum rc
outward_places(struct ctx *, struct db *, const struct run *, struct outward_place **v, size_t *n);

/* "Tea (2026-10-05)", as both sides agreed on it last. */
const char *outward_name(struct arena *, const struct link *);

/* Is that what the run asks? */
bool outward_asks(struct arena *, const struct run *);
/* Does it still hold anything? */
MUST enum rc outward_open(struct ctx *, struct db *, const struct run *, bool *open);
/* In the caller's write: "approve" or "always": what it holds is sent; "keep": it never is, and
 * what is there stays. Where that is much, it follows (heed.h). E_STATE: it holds nothing any
 * more. */
MUST enum rc
outward_answer(struct ctx *, struct db *, const struct run *, const char *answer, int64_t now);
/* In the caller's write, which takes the connection away, and nobody can answer it any more: what
 * its questions hold at others is judged there. An undo holds nothing at others. */
MUST enum rc
outward_gone(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t now);

#endif
