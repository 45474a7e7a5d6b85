/*
 * json_end.c - see json_end.h.
 */
#include "provider/web/json_end.h"

#include "provider/web/known.h"

enum rc
json_end_new(struct ctx *cx, const struct source *src, struct sink *sink, struct json_end *e)
{
	const char *next = json_str(src->config, "next");

	*e = (struct json_end){
		.src = src,
		.sink = sink,
		.mode = json_paging_of(next),
		.total = -1,
	};
	return json_says_new(cx, e->mode == BY_PATH ? next : NULL, &e->says);
}

void
json_end_page_begin(struct json_end *e)
{
	json_says_page(&e->says);
}

void
json_end_page(struct json_end *e, int64_t items)
{
	e->pages++;
	e->page_items = items - e->items;
	e->items = items;
	e->next_there |= e->says.next_there;
	e->moved |= e->total >= 0 && e->says.total >= 0 && e->total != e->says.total;
	if (e->says.total >= 0)
		e->total = e->says.total;
}

static bool
end_known(const struct json_end *e, const char *name, const char *value)
{
	const char *known = known_str(e->src, name);

	return known && strcmp(known, value) == 0;
}

static enum rc
end_doubt(struct ctx *cx, const struct json_end *e, const char *code, const char *text)
{
	return e->sink->doubt ? e->sink->doubt(cx, e->sink, code, "%s", text)
			      : e->sink->warn(cx, e->sink, code, "%s", text);
}

/* What may be missing, in doubt when earlier reads were other. */
static enum rc
end_tell(struct ctx *cx, const struct json_end *e, bool doubt, const char *code, const char *text)
{
	return doubt ? end_doubt(cx, e, code, text) : e->sink->warn(cx, e->sink, code, "%s", text);
}

/* Does the number that the source gives fit what was read? */
static enum rc
end_total(struct ctx *cx, struct json_end *e)
{
	const bool lacks = e->items < e->total, fits = end_known(e, "total", "fits"),
		   missed = end_known(e, "total", "missed");
	const char *text;

	if (e->moved)
		return e->sink->torn(cx, e->sink);
	if (e->total < 0)
		return RC_OK;
	if (!lacks) {
		if (known_str(e->src, "total") && !missed && !fits)
			return RC_OK;
		return known_tell(
		    cx, e->sink, "total", fits || e->items == e->total ? "fits" : "other");
	}
	TRY(known_tell(cx, e->sink, "total", fits ? "missed" : "other"));
	/* Once, a list may have moved; when it is so again, it is another matter. */
	if (fits && e->mode != SINGLE)
		return e->sink->torn(cx, e->sink);
	/* A total may be one of money; what is cut off at a page's size is mostly not. */
	if (!fits && !missed && e->mode == SINGLE && !e->says.counts &&
	    (e->items < 10 || e->items % 5 != 0))
		return RC_OK;
	text = arena_printf(cx->a,
	    "The source says that there are %lld records, and %lld were read. If there are more "
	    "pages, say in the settings how the next one is found.",
	    (long long)e->total, (long long)e->items);
	return end_tell(cx, e, fits || missed, "more_pages", text);
}

/* Was there a next page where the settings look for it? Its absence on all pages may mean that
 * there is one page only, or that it stands elsewhere. */
static enum rc
end_next(struct ctx *cx, struct json_end *e)
{
	const bool seen = e->mode == BY_LINK ? e->pages > 1 : e->next_there;
	const char *where = e->mode == BY_LINK ? "the Link header"
					       : json_str(e->src->config, "next");

	if (e->mode != BY_LINK && e->mode != BY_PATH)
		return known_tell(cx, e->sink, "next", NULL);
	if (seen)
		return known_tell(cx, e->sink, "next", "seen");
	if (e->says.more != MORE_UNSAID || (e->total >= 0 && e->items >= e->total))
		return RC_OK;
	/* Once that is accepted, there is one page. */
	TRY(known_tell(cx, e->sink, "next", NULL));
	return end_tell(cx, e, known_str(e->src, "next") != NULL, "next_not_found",
	    arena_printf(cx->a,
		known_str(e->src, "next")
		    ? "No next page is named at %.100s, where earlier reads found one. Records of "
		      "later pages may be missing."
		    : "No next page is named at %.100s: one page was read. If there are more, "
		      "correct the setting for the next page.",
		where));
}

static const char *
end_word(const struct json_end *e)
{
	const bool counted = e->mode == BY_NUMBER || e->mode == BY_OFFSET;

	if (e->dropped)
		return "behind";
	if (e->says.more == MORE_NO || !(counted || (e->mode == BY_PATH && e->says.next)))
		return "said";
	return e->page_items == 0 ? "empty" : "repeat";
}

static enum rc
end_how(struct ctx *cx, struct json_end *e)
{
	const char *word = end_word(e), *known = known_str(e->src, "end");

	if (e->mode == SINGLE)
		return known_tell(cx, e->sink, "end", NULL);
	if (known && strcmp(word, "said") != 0 && strcmp(word, known) != 0)
		TRY(end_doubt(cx, e, "list_ended",
		    "The list ended in another way than before: perhaps not all of it was read."));
	return known_tell(cx, e->sink, "end", word);
}

/* Does the document say that there is more, if not where? */
static bool
end_of_several(const struct json_end *e)
{
	const struct json_says *s = &e->says;

	return e->items > 0 && (s->perhaps || (s->page >= 0 && s->pages > 1 && s->page < s->pages));
}

/* A source of which one page is read, as the settings say. That it has more is told; once it had
 * not, what is missing may be on the pages that are not read. */
static enum rc
end_single(struct ctx *cx, struct json_end *e)
{
	const bool more = e->says.more == MORE_YES ||
	    (e->says.more != MORE_NO && (e->says.elsewhere || end_of_several(e)));
	const bool grown = more && end_known(e, "more", "no");

	if (e->mode != SINGLE)
		return known_tell(cx, e->sink, "more", NULL);
	TRY(known_tell(cx, e->sink, "more", more ? "yes" : "no"));
	if (!more)
		return RC_OK;
	return end_tell(cx, e, grown, "more_pages",
	    e->says.elsewhere
		? arena_printf(cx->a,
		      "This is one page of several: the document names the next one at %.100s. Say "
		      "so in the settings (next page) to read them all.",
		      e->says.elsewhere)
		: "This is one page of several. Say in the settings how the next page is found to "
		  "read them all.");
}

enum rc
json_end_finish(struct ctx *cx, struct json_end *e)
{
	TRY(end_total(cx, e));
	TRY(end_next(cx, e));
	TRY(end_how(cx, e));
	TRY(end_single(cx, e));
	if (e->mode == SINGLE || e->says.more != MORE_YES || e->dropped ||
	    (e->mode == BY_PATH && e->says.next))
		return RC_OK;
	return end_doubt(cx, e, "more_pages",
	    "The source says that there are more records than were read. Say in the settings how "
	    "the next page is found.");
}
