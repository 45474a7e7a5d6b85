/*
 * answers.h - what each call of the interface takes and answers, beside the table of routes. The
 * document of the interface is made from it, and the words of a query and the members of a body are
 * held to it before any call sees them: what a call does not know is refused, so that nobody
 * believes to have chosen when he has not.
 */
#ifndef FCGI_ANSWERS_H
#define FCGI_ANSWERS_H

#include "fcgi/route.h"

/* Shapes are written as openapi.c says; a reply "stream:..." is server-sent events, whose data have
 * that shape. */
struct answer {
	const char *handler;
	int status;
	const char *reply, *body, *query; /* NULL: none */
};

/* A shape by its name: its members as openapi.c says. */
struct shape {
	const char *name, *members;
};
extern const struct shape shapes[];
extern const size_t shapes_n;

const char *shape_members(const char *name);         /* "": there is no such shape */
const struct answer *answer_of(const char *handler); /* never NULL */
/* The shape of status 202, where a call may be taken on as well as done; NULL: it may not. */
const char *answer_taken_on(const char *handler);
/* Takes one "name*:type" off the text. */
struct str answer_member(struct str *text, bool *always, struct str *type);
/* Does it take workspace_id too? */
bool answer_acts(const struct route *);
/* Does it look at If-Match (etag.h)? */
bool answer_matches(const struct route *);
/* E_INPUT about the first word of the query that the call does not know, that is given twice, or
 * whose value is no number, or none of its choices. */
MUST enum rc answer_query(struct req *);
/* E_INPUT about the first member of the body that the call does not know; one without a shape knows
 * none. What is inside a member is for the call. */
MUST enum rc answer_body(struct req *);
/* E_BAD_REQUEST: the call is to write only what is still as the client knows it, and does not look
 * at that. */
MUST enum rc answer_match(struct req *);

#endif
