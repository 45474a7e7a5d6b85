/*
 * json_says.h - what a page of a list says of the list, beside its records: where the next page
 * is, whether there is one, how many records there are in all. A listener that others call from
 * theirs (jscan.h). Pure.
 *
 * Only members of the document and of objects in it count, never what stands in a list. Names are
 * those that are in use: has_more, hasNextPage, isTruncated ... and last, isLast, done for the
 * contrary; total, totalCount, @odata.count, numFound ...; page and pages, current_page and
 * total_pages ...; next, nextLink, next_page_token ..., and links that have an object of their own.
 */
#ifndef PROVIDER_WEB_JSON_SAYS_H
#define PROVIDER_WEB_JSON_SAYS_H

#include "provider/web/jpath_walk.h"

enum json_more { MORE_UNSAID, MORE_YES, MORE_NO };

struct json_says {
	/* in, by json_says_new() */
	struct jpath path;
	struct str name; /* a member of the document with the whole text as its name goes first */
	bool looks;      /* for the next page */
	/* out, of this page */
	bool next_there, next_named; /* there is such a member; the one with the very name */
	const char *next;            /* what it says; NULL: null or nothing */
	enum json_more more;
	/* where it does not look for one: the path of what names a next page all the same; NULL */
	const char *elsewhere;
	int64_t total; /* -1: not said */
	bool counts;   /* its name says that it counts records; one of money may be called total */
	int64_t page, pages; /* which of how many this is; -1: not said */
	bool perhaps;        /* "more", "truncated": a hint, by which nothing is read or ended */
	/* private */
	int what;       /* of the value that is kept */
	const char *at; /* its path */
};

/* next: config.next when it is a path, else NULL. E_JSON_PATH when it is none. */
MUST enum rc json_says_new(struct ctx *, const char *next, struct json_says *);
void json_says_page(struct json_says *); /* a new page */
/* To be called by jscan_events.begin and end of the document's scanner, unless the value belongs
 * to a record. */
MUST enum rc
json_says_begin(struct ctx *, struct json_says *, const struct jscan *, enum jtype, bool *keep);
/* Does the value that ends belong to it? */
bool json_says_keeps(const struct json_says *);
MUST enum rc json_says_end(struct ctx *, struct json_says *, enum jtype, struct str text);

#endif
