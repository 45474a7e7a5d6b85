/*
 * json_says.c - see json_says.h.
 */
#include "provider/web/json_says.h"

enum { SAYS_NEXT_MAX = 4096, NAME_MAX_BYTES = 40, LEVELS = 3 };
enum {
	SAYS_NOTHING,
	SAYS_NEXT,
	SAYS_MORE,
	SAYS_LAST,
	SAYS_TOTAL,
	SAYS_COUNT,
	SAYS_PAGE,
	SAYS_PAGES,
	SAYS_PERHAPS,
	SAYS_ELSEWHERE,
	SAYS_OFFSET
};

static bool
is_among(const char *name, const char *words)
{
	return str_has_word(str_c(words), ' ', str_c(name));
}

/* Letters and digits alone, in lower case: has_more, hasMore and HasMore are one. */
static void
plain_name(struct str name, char out[NAME_MAX_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < name.n && n + 1 < NAME_MAX_BYTES; i++) {
		const char c = name.p[i];

		if (c >= 'A' && c <= 'Z')
			out[n++] = (char)(c - 'A' + 'a');
		else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[n++] = c;
	}
	out[n] = '\0';
}

static int
says_number(const char *plain)
{
	static const struct {
		int what;
		const char *names;
	} numbers[] = {
		{ SAYS_TOTAL, "total totalsize" },
		{ SAYS_COUNT,
		    "totalcount totalitems totalresults totalrecords totalelements totalhits "
		    "recordstotal numfound odatacount" },
		{ SAYS_PAGE, "page currentpage pagenumber pageindex" },
		{ SAYS_PAGES, "pages totalpages pagecount numpages pagestotal lastpage" },
		{ SAYS_ELSEWHERE, "nextpage nextoffset nextstart" },
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (is_among(plain, numbers[i].names))
			return numbers[i].what;
	return SAYS_NOTHING;
}

static int
says_text(const char *plain)
{
	if (is_among(plain,
		"next nextlink nexturl nextpage nextpageurl nextpagetoken nextpagecursor nexttoken "
		"nextcursor nextcursormark nextmarker nextkey nextrecordsurl odatanextlink "
		"hydranext continuationtoken"))
		return SAYS_ELSEWHERE;
	return is_among(plain, "offset") ? SAYS_OFFSET : SAYS_NOTHING;
}

/* {"next": {"href": "..."}}, as links are often written. */
static bool
says_next_within(const struct jscan *js)
{
	char outer[NAME_MAX_BYTES], inner[NAME_MAX_BYTES];

	if (js->depth < 2)
		return false;
	plain_name(js->frame[js->depth - 2].name, outer);
	plain_name(js->frame[js->depth - 1].name, inner);
	return is_among(outer, "next") && is_among(inner, "href url uri link after cursor token");
}

static int
says_what(struct str name, enum jtype type)
{
	char plain[NAME_MAX_BYTES];

	if (type != J_TRUE && type != J_FALSE && type != J_NUMBER && type != J_TEXT)
		return SAYS_NOTHING;
	plain_name(name, plain);
	if (type == J_TEXT)
		return says_text(plain);
	if (type == J_NUMBER)
		return says_number(plain);
	if (is_among(plain,
		"hasmore hasnext hasnextpage hasmoreitems hasmoreresults hasmorepages hasmoredata "
		"morerecords moreavailable istruncated"))
		return SAYS_MORE;
	if (is_among(plain, "more morepages moreresults truncated incompleteresults"))
		return SAYS_PERHAPS;
	return is_among(plain, "last islast islastpage lastpage done isend endoflist")
	    ? SAYS_LAST
	    : SAYS_NOTHING;
}

enum rc
json_says_new(struct ctx *cx, const char *next, struct json_says *s)
{
	const char *why;

	*s = (struct json_says){ .total = -1, .page = -1, .pages = -1 };
	if (!next)
		return RC_OK;
	s->looks = true;
	s->name = str_trim(str_c(next));
	if (!jpath_parse(cx->a, next, &s->path, &why))
		return fail(cx, E_JSON_PATH, "The path of the next page cannot be used: %s.", why);
	return RC_OK;
}

void
json_says_page(struct json_says *s)
{
	s->next_there = s->next_named = false;
	s->next = NULL;
	s->more = MORE_UNSAID;
	s->elsewhere = NULL;
	s->total = s->page = s->pages = -1;
	s->counts = s->perhaps = false;
	s->what = SAYS_NOTHING;
}

static enum rc
next_begin(struct ctx *cx, struct json_says *s, enum jtype type)
{
	if (type == J_OBJECT || type == J_LIST)
		return fail(cx, E_JSON_PATH,
		    "At %.100s there should be the address of the next page, but there is %s.",
		    jpath_text(cx->a, &s->path), type == J_LIST ? "a list" : "an object");
	s->what = SAYS_NEXT;
	s->next_there = true;
	return RC_OK;
}

static bool
is_elsewhere(int what)
{
	return what == SAYS_ELSEWHERE || what == SAYS_OFFSET;
}

enum rc
json_says_begin(
    struct ctx *cx, struct json_says *s, const struct jscan *js, enum jtype type, bool *keep)
{
	const struct jframe *parent = js->depth > 0 ? &js->frame[js->depth - 1] : NULL;
	struct jpath at;
	bool named;

	s->what = SAYS_NOTHING;
	if (!parent || parent->type != J_OBJECT || parent->name_over)
		return RC_OK;
	named = s->looks && js->depth == 1 && str_eq(parent->name, s->name);
	if (named || (s->looks && !s->next_named && jpath_at(&s->path, js))) {
		s->next_named = named;
		TRY(next_begin(cx, s, type));
	} else if (js->depth <= LEVELS) {
		for (int i = 0; i < js->depth; i++)
			if (js->frame[i].type != J_OBJECT)
				return RC_OK;
		s->what = says_what(parent->name, type);
		if (type == J_TEXT && says_next_within(js))
			s->what = SAYS_ELSEWHERE;
		if (is_elsewhere(s->what) && s->looks)
			s->what = SAYS_NOTHING;
		if (is_elsewhere(s->what) && jpath_here(cx->a, js, js->depth, &at))
			s->at = jpath_text(cx->a, &at);
	}
	*keep = *keep || s->what != SAYS_NOTHING;
	return RC_OK;
}

static enum rc
next_end(struct ctx *cx, struct json_says *s, enum jtype type, struct str value)
{
	s->next = NULL;
	if (value.n > SAYS_NEXT_MAX)
		return fail(cx, E_URL,
		    "What stands at %.100s is too long for the address of a next page.",
		    jpath_text(cx->a, &s->path));
	if (type == J_TRUE)
		return fail(cx, E_JSON_PATH,
		    "At %.100s there is only \"true\", not the address of the next page.",
		    jpath_text(cx->a, &s->path));
	if (type == J_TEXT)
		value = str_trim(jtext_decode(value));
	if ((type == J_TEXT || type == J_NUMBER) && value.n > 0)
		s->next = arena_dup_str(cx->a, value);
	return RC_OK;
}

bool
json_says_keeps(const struct json_says *s)
{
	return s->what != SAYS_NOTHING;
}

enum rc
json_says_end(struct ctx *cx, struct json_says *s, enum jtype type, struct str text)
{
	const int what = s->what;
	int64_t n;

	s->what = SAYS_NOTHING;
	switch (what) {
	case SAYS_NEXT:
		return next_end(cx, s, type, text);
	case SAYS_MORE:
		s->more = type == J_TRUE ? MORE_YES : MORE_NO;
		break;
	case SAYS_LAST:
		s->more = type == J_TRUE ? MORE_NO : MORE_YES;
		break;
	case SAYS_ELSEWHERE:
		if (type == J_NUMBER ? str_i64(text, 1, INT64_MAX, &n)
				     : str_trim(jtext_decode(text)).n > 0)
			s->elsewhere = s->at;
		break;
	case SAYS_OFFSET:
		text = str_trim(jtext_decode(text));
		/* One that is a number is mostly that of this page. */
		if (text.n > 0 && !str_i64(text, INT64_MIN, INT64_MAX, &n))
			s->elsewhere = s->at;
		break;
	case SAYS_TOTAL:
	case SAYS_COUNT:
		if (s->total < 0 && str_i64(text, 0, INT64_MAX, &s->total))
			s->counts = what == SAYS_COUNT;
		break;
	case SAYS_PERHAPS:
		s->perhaps |= type == J_TRUE;
		break;
	case SAYS_PAGE:
		(void)str_i64(text, 0, INT64_MAX, &s->page);
		break;
	case SAYS_PAGES:
		(void)str_i64(text, 0, INT64_MAX, &s->pages);
		break;
	default:
		break;
	}
	return RC_OK;
}
