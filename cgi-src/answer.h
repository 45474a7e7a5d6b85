/*
 * answer.h - the answers of `tidemark-worker ask` (lib/sync/ask.h).
 */
#ifndef CGI_ANSWER_H
#define CGI_ANSWER_H

#include "base/json.h"

MUST enum rc answer_question(struct ctx *, const char *verb, const json *question, json **answer);

#endif
