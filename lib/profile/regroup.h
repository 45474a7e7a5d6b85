/*
 * regroup.h - decides anew who is one person, among those whom a change can concern: who had or has
 * an address or a number that a changed record had or has, and all who are one person with them.
 */
#ifndef PROFILE_REGROUP_H
#define PROFILE_REGROUP_H

#include "db/db.h"
#include "store/person.h"

/* What was changed; {0} to begin with. */
struct touched {
	struct person_row *person;
	size_t people, people_cap;
	struct ident *ident;
	size_t idents, idents_cap;
};

/* A person with what it could be found by before a change, and again with that after it. */
void
touched_add(struct arena *, struct touched *, const struct person_row *, const struct ident_list *);
/* In the caller's write, after it. */
MUST enum rc regroup(struct ctx *, struct db *, const char *owner, const struct touched *);

#endif
