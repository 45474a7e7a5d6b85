/*
 * answer.h - the answers of `tidemark-worker ask` (lib/ask/ask.h).
 */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H

#include "base/json.h"

/* What comes now was written by strangers: to parse it this process needs neither network nor key,
 * nor any other file than those of `dir` and, with `stored`, the database. */
MUST enum rc answer_parsing(struct ctx *, const char *dir, bool stored);

MUST enum rc answer_question(struct ctx *, const char *verb, const json *question, json **answer);

#endif
