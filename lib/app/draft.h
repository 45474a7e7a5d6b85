/*
 * draft.h - a source as somebody describes it, checked; and the one place where a
 * stored secret meets an address that somebody gives. It stays with the server that it was entered
 * for.
 */
#ifndef APP_DRAFT_H
#define APP_DRAFT_H

#include "base/complaint.h"
#include "store/conn.h"

struct draft {
	const char *provider;
	/* As of struct kind_given. */
	const json *config, *secret, *kept, *stored;
	bool later;
};
/* *out: {config, secret}, normalised; or complaints. */
MUST enum rc draft_check(struct ctx *, struct complaints *, const struct draft *, json **out);

/* May the addresses be reached, as far as that can be said without looking for names? Of a checked
 * configuration; what is as it is stored (NULL: nothing is) is not asked about again. */
MUST enum rc draft_reach(struct ctx *, struct complaints *, const char *provider,
    const json *config, const json *stored);
/* Does what is named in it as the origin of events exist? given: what somebody gives of a
 * configuration; what is stored may name what has gone since. */
MUST enum rc
draft_origins(struct ctx *, struct db *, const char *owner, struct complaints *, const json *given);

/* The secret of a connection as it is stored. */
struct kept {
	enum rc opened; /* not RC_OK: there is one that cannot be read now */
	json *secret;   /* NULL: none */
};
/* One that its key does not open is no failure of this call; a database that cannot be read is. */
MUST enum rc kept_open(struct ctx *, struct db *, const struct conn *, struct kept *out);
bool kept_same(struct arena *, const struct kept *, const struct kept *);
/* checked: what draft_override() made of it. */
bool draft_secret_differs(struct arena *, const struct kept *, const json *checked);
/* A connection with what `given` overrides, checked. Of its configuration what is not given stays,
 * and what is given as null goes. kept: of this connection. */
MUST enum rc draft_override(struct ctx *, struct complaints *, const struct conn *,
    const struct kept *, const json *given, json **out);

#endif
