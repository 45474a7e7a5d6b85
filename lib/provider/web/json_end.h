/*
 * json_end.h - what the pages of one read say together: did the list end as the source ends it,
 * and is all of it here? What was found out of that at an earlier read (source.known): "next":
 * "seen", a next page was named; "end", how the list ended; "total", whether the number that the
 * source gives is that of the records; "more", whether the one page that is read is one of several.
 * Pure.
 *
 * A read that ended otherwise than the ones before, or has less than the source says, is in doubt
 * (sink.doubt) or, where the list moved while it was read, torn (sink.torn).
 */
#ifndef PROVIDER_WEB_JSON_END_H
#define PROVIDER_WEB_JSON_END_H

#include "kind/json_paging.h"
#include "provider/provider.h"
#include "provider/web/json_says.h"

struct json_end {
	const struct source *src;
	struct sink *sink;
	enum json_paging mode;
	struct json_says says; /* of the present page, or the last one */
	size_t pages;          /* that have a body */
	int64_t items, page_items;
	int64_t total; /* as the last page that has one said; -1: none */
	bool moved;    /* two pages said different totals */
	bool next_there;
	bool dropped; /* the last page brought nothing */
};

MUST enum rc json_end_new(struct ctx *, const struct source *, struct sink *, struct json_end *);
void json_end_page_begin(struct json_end *);
/* items: records so far, on all pages. */
void json_end_page(struct json_end *, int64_t items);
/* After the last page: tells the sink. */
MUST enum rc json_end_finish(struct ctx *, struct json_end *);

#endif
