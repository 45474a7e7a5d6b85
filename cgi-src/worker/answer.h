/*
 * answer.h - the answers of `tidemark-worker ask` (lib/ask/ask.h).
 */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H

#include "base/json.h"

MUST enum rc answer_question(struct ctx *, const char *verb, const json *question, json **answer);

#endif
