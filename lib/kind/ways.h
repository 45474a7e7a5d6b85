/*
 * ways.h - of connections whose items both sides edit (kind.object): which way edits go, what is
 * written there, and who wins. Pure.
 */
#ifndef KIND_WAYS_H
#define KIND_WAYS_H

#include "base/field.h"

enum ways_direction { WAYS_BOTH, WAYS_PULL, WAYS_PUSH };

/* What of the other objects here gets a twin there. Edits of its own items go back whatever this
 * says. */
enum ways_write { WAYS_ALL, WAYS_APPLICATION, WAYS_SELECTED };

struct ways {
	enum ways_direction direction;
	enum ways_write write;
	const json *write_from; /* WAYS_SELECTED: ids of connections; NULL: none */
	const char *conflicts;  /* a word of agree/policy.def */
	bool closed;            /* nothing can be written there; not of a configuration */
	const char *from, *to;  /* days ("2026-01-01"), `to` exclusive; NULL: no bound */
};

/* Of a stored configuration; what is missing is as by default: both, all, latest. */
struct ways ways_of(const json *config);
/* Is an object that came from the connection `origin` (NULL: made by the application) written to
 * the one with these ways? Never back to where it came from: that is the caller's to know. */
bool ways_writes(const struct ways *, const char *origin);
/* Is something that lasts from then until then (ms) within its days? UTC. */
bool ways_touch(const struct ways *, int64_t from, int64_t until);
/* For configure(): days that are none, or in the wrong order; selected without any connection. */
void ways_check(struct arena *, json *config, json *errors);

/* Their rows, for the fields of a kind: kind/ways_fields.def. */

#endif
