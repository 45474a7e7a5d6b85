/*
 * self.h - where the running program lies, and so what it is part of.
 */
#ifndef BASE_SELF_H
#define BASE_SELF_H

#include "base/arena.h"

/* The directory of the program's file; "." when the system does not tell. */
const char *self_dir(struct arena *);
/* The state directory when nobody has named one: that of `make run` for programs that lie in a tree
 * of sources, and of the installation for others. So root finds what it has started. */
const char *self_home(struct arena *);
/* The settings that units and cron hand to an installed program (nginx/tidemark.env); NULL for
 * one that is not installed. */
const char *self_settings(struct arena *);

#endif
