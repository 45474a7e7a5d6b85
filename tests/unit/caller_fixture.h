/* The verbs of lib/app as the owner of the fixtures calls them, with every scope. */
#ifndef UNIT_CALLER_FIXTURE_H
#define UNIT_CALLER_FIXTURE_H

#include "app/caller.h"

static struct complaints caller_wrongs;
static const struct caller owner_calls = {
	.owner = OWNER,
	.actor = { .name = "test", .from = "" },
	.scopes = SCOPE_ALL,
	.wrong = &caller_wrongs,
};

#endif
