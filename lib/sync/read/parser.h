/*
 * parser.h - what came from a source is parsed by a process that has nothing else: no database, no
 * key, no network, no file but the pages that it is handed, open, and for one read alone.
 *
 * parser_fork() splits off, before anything is opened, a process from which one is made for each
 * read. What it says is looked at before it is believed (parsed.h). When it dies or takes too much,
 * the run ends with a sentence and the data stays. In a program that never called parser_fork()
 * parsing is done where it is asked for.
 */
#ifndef SYNC_READ_PARSER_H
#define SYNC_READ_PARSER_H

#include "sync/read/parsed.h"

enum { PARSER_SECONDS = 600 }; /* of a processor, for one read */

/* Before the database is opened, the process confined, and before there are threads; the secrets of
 * the installation are forgotten already. E_UNAVAILABLE when it cannot be done. */
MUST enum rc parser_fork(struct ctx *);
/* For good. Waits until it has ended. */
void parser_end(void);

/* reader->parse() of all pages of the spool. E_CRASHED: it did not come to an end. */
MUST enum rc parser_run(struct ctx *, const struct parsing *, struct sink *);

#endif
