/*
 * question.h - what can be asked of a source; nothing is changed, and nothing is audited.
 */
#ifndef APP_QUESTION_H
#define APP_QUESTION_H

#include "app/caller.h"

/* Which changes of a preview are shown. */
struct question_list {
	const char *side, *action; /* "local", "remote"; "add", "update", "delete"; NULL: any */
	int64_t from, limit;
};

/* what: "test" or "preview" (ask.h); list NULL: the first ones. A test may have body.search, for a
 * kind with a field that is searched (field.search): what is found is among the choices. A test of
 * a source that is not saved and names nothing, where its kind has one that does (kind.chosen),
 * lists what could be named: {ok, message, choices{its name and an s}}. */
struct conn_question {
	const char *what;
	const json *body;
	const struct question_list *list;
};

/* Of a saved connection, with what the body overrides. */
MUST enum rc conn_ask(struct ctx *, struct db *, const struct caller *, const char *id,
    const struct conn_question *, json **answer);
/* Of {provider, config, secret, accountId?}, not saved yet. */
MUST enum rc source_ask(
    struct ctx *, struct db *, const struct caller *, const struct conn_question *, json **answer);
/* {data: [{id, title, link, changedAt}]}: what the account holds that could be read. body:
 * {provider, accountId?} */
MUST enum rc
source_list(struct ctx *, struct db *, const struct caller *, const json *body, json **answer);

#endif
