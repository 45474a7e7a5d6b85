/*
 * name.h - names of people as they are compared. Pure; texts are folded ones (base/fold.h).
 */
#ifndef PROFILE_NAME_H
#define PROFILE_NAME_H

#include "base/str.h"

/* Can both be what one person is called? "ada lovelace" and "lovelace ada", "a lovelace", "ada",
 * "dr ada byron": yes; "ada lovelace" and "charles babbage", "ann smith" and "bob smith": no.
 * A name that is not given ("") can be anybody's. */
bool name_agrees(struct str a, struct str b);

#endif
