/*
 * parse.c - notion: the pure half. Two passes: what pages are called, which relations need, and
 * then the rows.
 */
#include "kind/ways.h"
#include "provider/notion/event.h"

enum { PAGE_MAX = 256 * 1024 * 1024, COLUMNS_MAX = 2 * 500, END_SUFFIX_MAX = 8 };

struct parse {
	struct sink *sink;
	struct arena *page; /* of one page of the spool */
	const json *schema;
	json *titles;
	size_t column[COLUMNS_MAX], end[COLUMNS_MAX]; /* by property */
	struct cell cells[COLUMNS_MAX];
	size_t columns;
	int64_t line;
	bool delta;
	bool events;          /* pages with a date are events */
	const json *calendar; /* whose property says what of them; NULL: they are none */
};

enum rc
notion_page_read(struct ctx *cx, struct arena *a, struct page_in *in, json **out)
{
	struct ctx inner = { .a = a };
	struct buf *b;
	char chunk[64 * 1024];
	size_t got;
	enum rc rc;

	arena_reset(a);
	b = buf_in(a, PAGE_MAX);
	do {
		TRY(in->read(cx, in->arg, chunk, sizeof chunk, &got));
		buf_add(b, chunk, got);
	} while (got);
	rc = json_parse(&inner, "A page of Notion", buf_s(b), out);
	if (rc != RC_OK)
		cx->err = inner.err;
	return rc;
}

/*
 * What pages are called.
 */
static void
parse_titles(struct ctx *cx, struct parse *p, const json *page)
{
	const json *pages = json_at(page, "pages");

	for (struct json_iter it = { 0 }; json_each(json_at(page, "titles"), &it);)
		if (json_value_str(it.value))
			json_set_str(p->titles, it.key, json_value_str(it.value));
	for (size_t i = 0; i < json_len(pages); i++)
		if (json_str(json_nth(pages, i), "id"))
			json_set_str(p->titles, json_str(json_nth(pages, i), "id"),
			    notion_title(cx->a, json_nth(pages, i)));
}

static bool
parse_related(const json *schema)
{
	for (size_t i = 0; i < json_len(schema); i++)
		if (!strcmp(json_str(json_nth(schema, i), "type"), "relation") ||
		    !strcmp(json_str(json_nth(schema, i), "type"), "rollup"))
			return true;
	return false;
}

/*
 * Columns: one for each property, and one for the ends of dates.
 */
static bool
parse_named(const json *schema, const char *name)
{
	for (size_t i = 0; i < json_len(schema); i++)
		if (!strcmp(json_str(json_nth(schema, i), "name"), name))
			return true;
	return false;
}

static const char *
parse_end_name(struct arena *a, const json *schema, const char *name)
{
	const char *end = arena_printf(a, "%s (end)", name);

	for (int i = 2; parse_named(schema, end) && i < END_SUFFIX_MAX; i++)
		end = arena_printf(a, "%s (end %d)", name, i);
	return end;
}

/* A page is known by its title; as an event by its date, too. */
static bool
parse_tells(const struct parse *p, const char *type)
{
	return !strcmp(type, "title") || (p->events && !strcmp(type, "date"));
}

/* Nothing to be read: a button, and what we note on the page of an event for ourselves, which is
 * other than before whenever we have written there. */
static bool
parse_silent(const struct parse *p, const json *one)
{
	const char *mark = p->calendar ? json_str(p->calendar, "mark") : NULL;

	return !strcmp(json_str(one, "type"), "button") ||
	    (mark && !strcmp(json_str(one, "id"), mark));
}

static enum rc
parse_columns(struct ctx *cx, struct parse *p)
{
	for (size_t i = 0; i < json_len(p->schema); i++) {
		const json *one = json_nth(p->schema, i);
		const char *name = json_str(one, "name"), *type = json_str(one, "type");

		if (2 * i + 1 >= COLUMNS_MAX)
			return fail(
			    cx, E_SOURCE_TOO_LARGE, "The database has too many properties.");
		p->column[i] = p->end[i] = COLUMNS_MAX;
		if (parse_silent(p, one))
			continue;
		TRY(p->sink->column(cx, p->sink, str_c(name), &p->column[i]));
		if (p->sink->telling && parse_tells(p, type))
			p->sink->telling(p->sink, p->column[i]);
		if (!strcmp(type, "date"))
			TRY(p->sink->column(cx, p->sink,
			    str_c(parse_end_name(cx->a, p->schema, name)), &p->end[i]));
		for (int k = 0; k < 2; k++) {
			const size_t no = k ? p->end[i] : p->column[i];

			p->columns = no < COLUMNS_MAX && no >= p->columns ? no + 1 : p->columns;
		}
	}
	return RC_OK;
}

/* What a person should know of the properties, said by whoever fetched them. */
static enum rc
parse_drift(struct ctx *cx, struct parse *p, const json *page)
{
	const json *list = json_at(page, "renamed");

	for (size_t i = 0; i < json_len(list); i++) {
		const json *o = json_nth(list, i);

		TRY(p->sink->warn(cx, p->sink, arena_printf(cx->a, "property_renamed_%zu", i),
		    "The property \"%.100s\" is called \"%.100s\" now: its values are in the "
		    "column of the new name.",
		    json_str(o, "from"), json_str(o, "to")));
	}
	list = json_at(page, "retyped");
	for (size_t i = 0; i < json_len(list); i++) {
		const json *o = json_nth(list, i);

		TRY(p->sink->warn(cx, p->sink, arena_printf(cx->a, "property_retyped_%zu", i),
		    "The property \"%.100s\" is of the type %.40s now, no longer %.40s.",
		    json_str(o, "name"), json_str(o, "to"), json_str(o, "from")));
	}
	list = json_at(page, "unadded");
	for (size_t i = 0; i < json_len(list); i++)
		TRY(p->sink->warn(cx, p->sink, arena_printf(cx->a, "property_unadded_%zu", i),
		    "The property \"%.100s\" was not added in Notion: %.400s",
		    json_str(json_nth(list, i), "name"), json_str(json_nth(list, i), "why")));
	list = json_at(page, "lost");
	for (size_t i = 0; i < json_len(list); i++)
		TRY(p->sink->warn(cx, p->sink,
		    arena_printf(cx->a, "property_lost_%s", json_str(json_nth(list, i), "word")),
		    "\"%.40s\" of events has no property in Notion any more: it was removed, or is "
		    "of another type. What it said is kept here.",
		    json_str(json_nth(list, i), "label")));
	return RC_OK;
}

/* Which property says what of an event, by its name: NULL where none does. */
static enum rc
parse_calendar(struct ctx *cx, struct parse *p, const json *page)
{
	const json *calendar = json_copy(cx->a, json_at(page, "calendar"));

	p->calendar = calendar;
	for (const struct notion_word *w = notion_words; calendar && p->sink->found && w->word;
	     w++) {
		const char *id = json_str(calendar, w->word), *name = NULL;

		for (size_t k = 0; id && k < json_len(p->schema); k++)
			if (!strcmp(json_str(json_nth(p->schema, k), "id"), id))
				name = json_str(json_nth(p->schema, k), "name");
		TRY(p->sink->found(cx, p->sink, w->word, name));
	}
	return RC_OK;
}

/*
 * Rows.
 */
/* What was read of its event before stays. */
static enum rc
parse_date(struct ctx *cx, struct parse *p, const json *page)
{
	const json *date = p->calendar ? notion_date_there(page, p->calendar) : NULL;
	struct when start, end;

	return date && !notion_span_of(cx->a, date, &start, &end)
	    ? p->sink->warn(cx, p->sink, "date_unread",
		  "There are pages whose date cannot be read as that of an event: the years from "
		  "1 to 9999 can.")
	    : RC_OK;
}

static enum rc
parse_row(struct ctx *cx, struct parse *p, const json *page, int no)
{
	const json *properties = json_at(page, "properties");
	struct notion_cell c;

	TRY(parse_date(cx, p, page));
	memset(p->cells, 0, p->columns * sizeof *p->cells);
	for (size_t i = 0; i < json_len(p->schema); i++) {
		const char *name = json_str(json_nth(p->schema, i), "name");
		const json *property = json_at(properties, name);

		if (p->column[i] >= COLUMNS_MAX || !property)
			continue;
		notion_value(p->page, property, p->titles, &c);
		p->cells[p->column[i]] = c.cell;
		if (p->end[i] < COLUMNS_MAX)
			p->cells[p->end[i]] = c.end;
		if (c.unsupported)
			TRY(p->sink->warn(cx, p->sink,
			    arena_printf(cx->a, "property_unsupported_%zu", i),
			    "Notion does not tell programs what is in \"%.100s\" of some pages; "
			    "there the column is empty.",
			    name));
	}
	return p->sink->row(cx, p->sink,
	    &(struct row){
		.cells = p->cells,
		.n = p->columns,
		.key = json_s(page, "id"),
		.line = ++p->line,
		.page = no,
	    });
}

static enum rc
parse_rows(struct ctx *cx, struct parse *p, const json *page, int no)
{
	const json *pages = json_at(page, "pages"), *gone = json_at(page, "gone");

	for (size_t i = 0; i < json_len(pages); i++)
		TRY(parse_row(cx, p, json_nth(pages, i), no));
	/* A read of everything lacks them anyway. */
	for (size_t i = 0; p->delta && i < json_len(gone); i++)
		TRY(p->sink->gone(cx, p->sink, json_s(json_nth(gone, i), "id"),
		    json_str(json_nth(gone, i), "why")));
	if (json_len(json_at(page, "undecided")) > 0)
		TRY(p->sink->torn(cx, p->sink));
	if (json_flag(page, "truncated", false) && p->sink->doubt)
		return p->sink->doubt(cx, p->sink, "query_limit",
		    "More than 10,000 pages were made within one minute, and Notion does not tell "
		    "of all of them.");
	return RC_OK;
}

/* What becomes of pages of series when this is saved. */
static enum rc
parse_series(
    struct ctx *cx, struct parse *p, const struct source *src, struct page_in *pages, size_t n)
{
	struct notion_each_turn turn;
	struct notion_event e;
	int64_t spread = 0, taken = 0;
	json *calendar, *page, *list;
	const char *bot;

	TRY(pages[0].restart(cx, pages[0].arg));
	TRY(notion_page_read(cx, p->page, &pages[0], &page));
	calendar = json_copy(cx->a, json_at(page, "calendar"));
	bot = arena_dup(cx->a, json_str(page, "bot"));
	if (!json_at(page, "calendar") || ways_of(src->config).direction == WAYS_PULL)
		return RC_OK;
	for (size_t i = 0; i < n; i++) {
		TRY(pages[i].restart(cx, pages[i].arg));
		TRY(notion_page_read(cx, p->page, &pages[i], &page));
		list = json_at(page, "pages");
		for (size_t k = 0; k < json_len(list); k++) {
			if (!notion_event(p->page, json_nth(list, k), calendar, bot, &e))
				continue;
			turn = notion_each_turn(p->page, src->config, &e);
			spread += !turn.gather && json_len(turn.values) > 0;
			taken += turn.gather ? (int64_t)json_len(turn.values) : 0;
		}
	}
	if (spread)
		TRY(p->sink->warn(cx, p->sink, "series_spread",
		    "Series that are one page now, and get one for each occurrence of the next "
		    "sixty days after this sync: %lld. The page that there is loses its date.",
		    (long long)spread));
	return taken ? p->sink->warn(cx, p->sink, "series_gathered",
			   "Pages of occurrences that go to the trash of Notion after this "
			   "sync: %lld. Their series have one page each then.",
			   (long long)taken)
		     : RC_OK;
}

static enum rc
parse_all(
    struct ctx *cx, struct parse *p, const struct source *src, struct page_in *pages, size_t n)
{
	const char *mode = json_str(src->config, "mode");
	json *page;

	p->events = mode && !strcmp(mode, "calendar");
	TRY(notion_page_read(cx, p->page, &pages[0], &page));
	p->schema = json_copy(cx->a, json_at(page, "schema"));
	p->delta = json_flag(page, "delta", false);
	TRY(p->sink->dataset(cx, p->sink, "", NULL));
	TRY(parse_calendar(cx, p, page));
	TRY(parse_columns(cx, p));
	TRY(parse_drift(cx, p, page));
	TRY(parse_series(cx, p, src, pages, n));
	for (size_t i = 0; i < n && parse_related(p->schema); i++) {
		TRY(pages[i].restart(cx, pages[i].arg));
		TRY(notion_page_read(cx, p->page, &pages[i], &page));
		parse_titles(cx, p, page);
	}
	for (size_t i = 0; i < n; i++) {
		TRY(pages[i].restart(cx, pages[i].arg));
		TRY(notion_page_read(cx, p->page, &pages[i], &page));
		TRY(parse_rows(cx, p, page, (int)i + 1));
	}
	return RC_OK;
}

enum rc
notion_parse(
    struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	struct parse *p = arena_alloc(cx->a, sizeof *p);

	if (n == 0)
		return fail(cx, E_TRUNCATED, NULL);
	p->sink = sink;
	p->page = arena_inside(cx->a, "notion page", PAGE_MAX * 2);
	p->titles = json_new(cx->a);
	return parse_all(cx, p, src, pages, n);
}
