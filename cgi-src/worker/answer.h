/*
 * answer.h - the answers of `tidemark-worker ask` (lib/ask/ask.h).
 */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H

#include "base/json.h"

/* What comes now was written by strangers: this process needs the network, its working files and,
 * with `stored`, the database, which is open; the key is with the keeper (access/keeper.h). */
MUST enum rc answer_reading(struct ctx *, bool stored);
/* It is there, and only to be parsed: neither network nor keeper is needed any more, nor any other
 * file than those of `dir` and, with `stored`, the database. */
MUST enum rc answer_parsing(struct ctx *, const char *dir, bool stored);

/* Does this question read what strangers wrote? Then it needs a keeper. */
bool answer_reads(const char *verb);

MUST enum rc answer_question(struct ctx *, const char *verb, const json *question, json **answer);

#endif
