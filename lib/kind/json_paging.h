/*
 * json_paging.h - how pages of a JSON source lead to the next one.
 *
 * config.next: absent (one page), "Link" (the header), "page:NAME" (a number in the query that
 * counts up until a page has no records), "offset:NAME" (the same with the number of records
 * read), or the JSON path of the next page's address; with
 * config.page_param what stands at the path is a token for that parameter of the query.
 */
#ifndef KIND_JSON_PAGING_H
#define KIND_JSON_PAGING_H

#include "base/arena.h"

enum json_paging { SINGLE, BY_LINK, BY_NUMBER, BY_OFFSET, BY_PATH };

/* By config.next, which may be NULL. */
enum json_paging json_paging_of(const char *next);
/* Of BY_NUMBER and BY_OFFSET: the parameter. */
const char *json_paging_name(const char *next);
/* NULL when config.next can be used, else what is wrong with it; the arena's. */
const char *json_paging_fault(struct arena *, const char *next);

#endif
