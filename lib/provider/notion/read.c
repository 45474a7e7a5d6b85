/*
 * read.c - notion: the network half. Everything is read in the order in which pages were made, a
 * hundred in a call: that order does not change while it is read. Between such reads, which come
 * when somebody asks for one and from time to time, the more often the fewer calls they take, only
 * pages that were edited since are asked for.
 *
 * Notion tells the time of an edit in whole minutes, and its index may lag: so each read begins
 * some minutes before the last one did, and what was brought then and is the same now is left out
 * by its digest. What is missing is found by the reads of everything alone.
 *
 * A query ends after 10,000 pages; it is begun again at the minute in which the last one was made.
 */
#include "base/clock.h"
#include "provider/notion/event.h"

enum {
	SCRATCH_MAX = 512 * 1024 * 1024,
	/* Between reads of everything: at least, for each page of it, and at most. So they are less
	 * than one of the 180 calls of a minute. */
	SWEEP_MIN_MS = 10 * 60 * 1000,
	SWEEP_EACH_MS = 2 * 60 * 1000,
	SWEEP_MAX_MS = 6 * 60 * 60 * 1000,
	RECENT_MAX = 500,
	RESTARTS_MAX = 10000
};

/*
 * Where a read stands: {"delta", "source", "schema", "mark", "related": [data sources whose titles
 * are still to be read], "start", "since", "edge": {"time", "ids"}, "recent", "restarts", "seen":
 * {id: true} of pages that were looked at by themselves, "young", "looks", "lacked", "undecided":
 * young.c, "queried": the query is at its end}. The edge is the minute in which the page that came
 * last was made, with all that came of it.
 */

static json *
state_new(struct notion_read *r, const char *source, const json *schema, bool delta)
{
	json *s = json_new(r->cx->a), *edge = json_new(r->cx->a);

	json_set_str(edge, "time", "");
	json_set(edge, "ids", json_new(r->cx->a));
	json_set_bool(s, "delta", delta);
	json_set_str(s, "source", source);
	json_set(s, "schema", (json *)schema);
	json_set(s, "edge", edge);
	json_set(s, "recent", json_new(r->cx->a));
	json_set(s, "related", json_list(r->cx->a));
	json_set(s, "seen", json_new(r->cx->a));
	return s;
}

static json *
cursor_of(struct notion_read *r, const json *s)
{
	json *c = json_new(r->cx->a);
	const bool delta = json_flag(s, "delta", false);
	json *looked = notion_looked_lately(r->cx->a, r->src->cursor, s);

	json_set_str(c, "source", json_str(s, "source"));
	json_set(c, "schema", json_at(s, "schema"));
	if (json_at(s, "calendar")) {
		json_set(c, "calendar", json_at(s, "calendar"));
		json_set_str(c, "bot", json_str(s, "bot"));
	}
	json_set_i64(c, "mark", json_num(s, "mark", 0));
	json_set_i64(c, "sweptAt", delta ? json_num(r->src->cursor, "sweptAt", 0) : clock_ms());
	json_set_i64(c, "swept", delta ? json_num(r->src->cursor, "swept", 0) : r->f->page + 1);
	if (json_len(json_at(s, "recent")) <= RECENT_MAX)
		json_set(c, "recent", json_at(s, "recent"));
	if (looked)
		json_set(c, "looked", looked);
	if (json_flag(delta ? r->src->cursor : s, "undecided", false))
		json_set_bool(c, "undecided", true);
	if (json_len(json_at(s, "rolling")))
		json_set(c, "rolling", json_at(s, "rolling"));
	return c;
}

/* --- rows --- */

/* Did it come before, at the edge? It is there from now on. */
static bool
row_met(struct arena *a, json *s, const char *id, const char *made)
{
	json *edge = json_at(s, "edge");

	if (strcmp(made, json_str(edge, "time")) > 0) {
		json_set_str(edge, "time", made);
		json_set(edge, "ids", json_new(a));
	}
	if (json_has(json_at(edge, "ids"), id))
		return true;
	json_set_bool(json_at(edge, "ids"), id, true);
	return false;
}

/* Then it is known again. */
bool
notion_recent(const json *s, const json *page)
{
	int64_t edited;

	return clock_parse(json_s(page, "last_edited_time"), &edited) &&
	    edited >= json_num(s, "mark", 0) - NOTION_OVERLAP_MS - MINUTE_MS;
}

/* *out NULL: it is as it was when it was brought last. */
static enum rc
row_differs(struct notion_read *r, json *s, json *page, json **out)
{
	const char *id = json_str(page, "id"), *was;
	const char *digest;
	const bool delta = json_flag(s, "delta", false);
	bool cut;

	*out = NULL;
	/* What we add to it meanwhile ourselves, the next read finds. */
	if (!notion_schema_fits(json_at(s, "schema"), page, !delta))
		return delta
		    ? fail(r->cx, E_CURSOR, "The properties of the database have changed.")
		    : fail(r->cx, E_SOURCE_5XX,
			  "The properties of the database were changed while it was read.");
	notion_unsign(page);
	digest = notion_digest(r->cx->a, page);
	was = json_str(json_at(r->src->cursor, "recent"), id);
	TRY(notion_complete(r, page, &cut));
	if (notion_recent(s, page) && !cut)
		json_set_str(json_at(s, "recent"), id, digest);
	if (!delta || cut || !was || strcmp(was, digest) != 0)
		*out = page;
	return RC_OK;
}

enum rc
notion_row_add(struct notion_read *r, json *s, json *page, json *out)
{
	TRY(row_differs(r, s, page, &page));
	if (!page)
		return RC_OK;
	notion_roll_note(r, s, page);
	notion_left_note(r, s, page);
	json_add(json_at(out, "pages"), page);
	return notion_each_read(r, s, page, false, out);
}

/* One page, into what the read has brought, when there is something to say of it. */
static enum rc
row_take(struct notion_read *r, json *s, json *page, json *out)
{
	const char *id = json_str(page, "id"), *made = json_str(page, "created_time");

	if (id)
		notion_young_listed(s, id);
	/* Among the pages of a wiki there may be other data sources. */
	if (!id || !made || strcmp(json_str(page, "object"), "page") ||
	    row_met(r->cx->a, s, id, made) || json_has(json_at(s, "seen"), id))
		return RC_OK;
	TRY(notion_look_again(r, s, out, &page));
	return page ? notion_row_add(r, s, page, out) : RC_OK;
}

static enum rc
rows_take(struct notion_read *r, json *s, const json *results, json *out)
{
	for (size_t i = 0; i < json_len(results); i++)
		TRY(row_take(r, s, json_nth(results, i), out));
	return RC_OK;
}

/* What messages have named, before the query is asked. */
static enum rc
rows_told(struct notion_read *r, json *s, json *out)
{
	const json *ids = notion_told(r->cx->a, r->src, !json_flag(s, "delta", false));
	json *page;

	json_set(out, "pages", json_list(r->cx->a));
	for (struct json_iter it = { 0 }; json_each(ids, &it);) {
		TRY(notion_look_at(r, s, it.key, out, &page));
		if (page)
			TRY(notion_row_add(r, s, page, out));
	}
	return RC_OK;
}

/* What comes after this answer. *over: nothing. */
static enum rc
rows_next(struct notion_read *r, json *s, const json *answer, json *out, bool *over)
{
	const char *next = json_str(answer, "next_cursor");
	const char *status = json_str(json_at(answer, "request_status"), "type");
	const int64_t restarts = json_num(s, "restarts", 0) + 1;

	*over = false;
	if (json_flag(answer, "has_more", false) && next) {
		json_set_str(s, "start", next);
		return RC_OK;
	}
	*over = !status || strcmp(status, "incomplete") != 0;
	if (*over)
		return RC_OK;
	json_set_i64(s, "restarts", restarts);
	if (restarts > RESTARTS_MAX)
		return fail(r->cx, E_PAGES_LOOP, "The database does not come to its end.");
	*over = !notion_query_again(s);
	if (*over)
		json_set_bool(out, "truncated", true);
	return RC_OK;
}

/* Titles of what these pages are related to. A read of everything has them by data source, a look
 * as far as they are few. */
static enum rc
rows_titles(struct notion_read *r, const json *s, const json *pages, json *out)
{
	json *titles = json_new(r->cx->a);
	bool many;

	if (!json_flag(s, "delta", false) && !r->f->enough_bytes)
		return RC_OK;
	TRY(notion_titles(r, pages, titles, &many));
	if (many && !r->f->enough_bytes)
		return fail(r->cx, E_CURSOR, "Many pages have other relations now.");
	json_set(out, "titles", titles);
	return RC_OK;
}

/* Of the query nothing is left: what it may have lacked. *over false: there is more of that. */
static enum rc
rows_lacked(struct notion_read *r, json *s, json *out, bool *over)
{
	bool more;

	*over = true;
	if (r->f->enough_bytes)
		return RC_OK;
	json_set_bool(s, "queried", true);
	if (!json_at(out, "pages"))
		json_set(out, "pages", json_list(r->cx->a));
	TRY(notion_young_look(r, s, out, &more));
	*over = !more;
	return more ? RC_OK : notion_left_look(r, s, out);
}

/* Some rows more, into `out`. */
static enum rc
fetch_rows(struct notion_read *r, json *s, json *out, bool *over)
{
	struct rest_reply reply;
	enum rc rc = notion_query(r, s, &reply);

	/* The page at which it was to go on is gone: it goes on at the edge. */
	if (rc != RC_OK && r->cx->err.kind == E_CURSOR && json_str(s, "start")) {
		r->cx->err = (struct err){ 0 };
		json_unset(s, "start");
		if (*json_str(json_at(s, "edge"), "time"))
			json_set_str(s, "since", json_str(json_at(s, "edge"), "time"));
		rc = notion_query(r, s, &reply);
	}
	TRY(rc);
	if (!json_at(out, "pages"))
		json_set(out, "pages", json_list(r->cx->a));
	TRY(rows_take(r, s, json_at(reply.value, "results"), out));
	TRY(rows_titles(r, s, json_at(out, "pages"), out));
	TRY(rows_next(r, s, reply.value, out, over));
	return *over ? rows_lacked(r, s, out, over) : RC_OK;
}

/* --- titles of related data sources --- */

/* One call more of the first that is left. */
static enum rc
fetch_titles(struct notion_read *r, json *s, json *out)
{
	struct arena *a = r->cx->a;
	const json *related = json_at(s, "related"), *results;
	json *titles = json_new(a), *rest = json_list(a);
	const struct notion_ask ask = {
		.path = arena_printf(a, "/v1/data_sources/%s/query?filter_properties%%5B%%5D=title",
		    json_value_str(json_nth(related, 0))),
		.body = notion_query_body(a, NULL, json_str(s, "titlesFrom")),
		.what = "a database that is related",
	};
	struct rest_reply reply;
	enum rc rc = notion_ask(r->cx, r->src, &ask, &r->f->calls, &reply);
	const bool gone = rc != RC_OK &&
	    (r->cx->err.kind == E_SOURCE_GONE || r->cx->err.kind == E_CURSOR);

	if (gone)
		r->cx->err = (struct err){ 0 };
	else
		TRY(rc);
	results = gone ? NULL : json_at(reply.value, "results");
	for (size_t i = 0; i < json_len(results); i++)
		if (json_str(json_nth(results, i), "id"))
			json_set_str(titles, json_str(json_nth(results, i), "id"),
			    notion_title(a, json_nth(results, i)));
	json_set(out, "titles", titles);
	if (!gone && json_flag(reply.value, "has_more", false)) {
		json_set_str(s, "titlesFrom", json_str(reply.value, "next_cursor"));
		return RC_OK;
	}
	json_unset(s, "titlesFrom");
	for (size_t i = 1; i < json_len(related); i++)
		json_add(rest, json_nth(related, i));
	json_set(s, "related", rest);
	return RC_OK;
}

/* --- the first page --- */

static enum rc
get_source(struct notion_read *r, const char *id, struct rest_reply *reply)
{
	return notion_ask(r->cx, r->src,
	    &(struct notion_ask){
		.path = arena_printf(r->cx->a, "/v1/data_sources/%s", id),
		.what = "the database",
	    },
	    &r->f->calls, reply);
}

/* A link names a database, which holds data sources: usually one. */
static enum rc
find_source(struct notion_read *r, const char *id, struct rest_reply *reply)
{
	struct buf *names = buf_in(r->cx->a, 2000);
	const json *list;

	TRY(notion_ask(r->cx, r->src,
	    &(struct notion_ask){
		.path = arena_printf(r->cx->a, "/v1/databases/%s", id),
		.what = "the database",
	    },
	    &r->f->calls, reply));
	list = json_at(reply->value, "data_sources");
	if (json_len(list) == 1 && json_str(json_nth(list, 0), "id"))
		return get_source(r, json_str(json_nth(list, 0), "id"), reply);
	for (size_t i = 0; i < json_len(list); i++)
		buf_printf(names, "%s\"%s\" (%s)", i ? ", " : "",
		    json_str(json_nth(list, i), "name"), json_str(json_nth(list, i), "id"));
	if (!json_len(list))
		return fail(r->cx, E_UNSUPPORTED, "The database has no data source.");
	return fail(r->cx, E_UNSUPPORTED,
	    "The database has several data sources: %.800s. Give the id of one.", buf_c(names));
}

static void
related_add(struct notion_read *r, json *s)
{
	const json *schema = json_at(s, "schema");
	json *list = json_at(s, "related"), *seen = json_new(r->cx->a);

	for (size_t i = 0; i < json_len(schema); i++) {
		const char *id = json_str(json_nth(schema, i), "source");

		/* Its own pages are read anyway. */
		if (!id || !strcmp(id, json_str(s, "source")) || json_has(seen, id))
			continue;
		json_set_bool(seen, id, true);
		json_add_str(list, id);
	}
}

/* A property that says nothing any more, or is named and not there. What makes a page an event must
 * be there; so must what was named just now. */
static enum rc
calendar_gone(struct notion_read *r, const json *calendar, const struct notion_word *w, json *out)
{
	bool add;
	const char *name = notion_wish(r->src->config, w->word, &add);
	const char *was = json_str(json_at(calendar, "lost"), w->word);
	json *one;

	if (json_str(calendar, w->word) || add || (!name && !was))
		return RC_OK;
	if (name && !was && !json_str(r->src->known, w->word))
		return fail(r->cx, E_UNSUPPORTED,
		    "The database has no property \"%.100s\" that could be the %.20s of an "
		    "event.",
		    name, w->word);
	if (w->how == NOTION_FIRST)
		return fail(r->cx, E_UNSUPPORTED,
		    "The property that was the %.20s of events is gone in Notion, or of another "
		    "type now. Put it back, or name another one in the settings.",
		    w->word);
	if (!json_at(out, "lost"))
		json_set(out, "lost", json_list(r->cx->a));
	one = json_new(r->cx->a);
	json_set_str(one, "word", w->word);
	json_set_str(one, "label", w->label);
	json_add(json_at(out, "lost"), one);
	return RC_OK;
}

/* Which property says what, where the pages are events. */
static enum rc
read_calendar(struct notion_read *r, json *s, json *out)
{
	json *calendar, *schema = json_at(s, "schema"), *before = schema;
	struct rest_reply reply;

	if (!kind_object(kind_find("notion"), r->src->config))
		return RC_OK;
	calendar = notion_calendar(r->cx->a, r->src, schema);
	TRY(notion_add(r, json_str(s, "source"), calendar, &schema, out));
	if (schema != before) {
		json_set(s, "schema", schema);
		json_set(out, "schema", schema);
		calendar = notion_calendar(r->cx->a, r->src, schema);
	}
	for (const struct notion_word *w = notion_words; w->word; w++)
		TRY(calendar_gone(r, calendar, w, out));
	if (notion_where_missing(calendar))
		return fail(r->cx, E_UNSUPPORTED,
		    "The condition \"%.200s\" is about a property that the database has not. "
		    "Change it in the settings, or the name of the property in Notion.",
		    notion_where_missing(calendar));
	if (!json_str(calendar, "date"))
		return fail(r->cx, E_UNSUPPORTED,
		    "The database has no property of the type Date. Add one in Notion, then sync.");
	json_set(s, "calendar", calendar);
	json_set(out, "calendar", calendar);
	TRY(notion_ask(r->cx, r->src,
	    &(struct notion_ask){ .path = "/v1/users/me", .what = "who reads" }, &r->f->calls,
	    &reply));
	json_set_str(s, "bot", json_str(reply.value, "id"));
	json_set_str(out, "bot", json_str(reply.value, "id"));
	return RC_OK;
}

static enum rc
fetch_whole(struct notion_read *r, json **s, json *out)
{
	const char *id = json_str(r->src->config, "dataSource");
	struct rest_reply reply;
	json *schema;
	enum rc rc = get_source(r, id, &reply);

	if (rc != RC_OK && r->cx->err.kind == E_SOURCE_GONE) {
		r->cx->err = (struct err){ 0 };
		rc = find_source(r, id, &reply);
	}
	TRY(rc);
	if (json_flag(reply.value, "in_trash", false))
		return fail(r->cx, E_SOURCE_GONE,
		    "The database is in the trash of Notion. Take it out, or disconnect.");
	schema = notion_schema(r->cx->a, reply.value);
	*s = state_new(r, json_str(reply.value, "id"), schema, false);
	notion_query_mark(*s, &reply);
	/* A look at the beginning is not worth reading others. */
	if (!r->f->enough_bytes)
		related_add(r, *s);
	json_set(out, "schema", schema);
	TRY(read_calendar(r, *s, out));
	TRY(notion_young_begin(r, *s));
	notion_schema_drift(
	    r->cx->a, json_at(r->src->cursor, "schema"), json_at(*s, "schema"), out);
	return rows_told(r, *s, out);
}

/* A page that is in the trash, or not shared any more, is missed by a read of everything alone. */
static int64_t
sweep_every_ms(const json *cursor)
{
	/* Of a cursor that does not know yet, as rarely as can be. */
	const int64_t pages = json_num(cursor, "swept", SWEEP_MAX_MS / SWEEP_EACH_MS);
	const int64_t every = pages >= SWEEP_MAX_MS / SWEEP_EACH_MS ? SWEEP_MAX_MS
								    : pages * SWEEP_EACH_MS;

	return every < SWEEP_MIN_MS ? SWEEP_MIN_MS : every;
}

/* Everything is due: never read, somebody asks, or the last time is long ago. A clock that was set
 * back is no reason to wait. */
static bool
whole_due(const struct notion_read *r)
{
	const json *cursor = r->src->cursor;
	const int64_t age = clock_ms() - json_num(cursor, "sweptAt", 0);

	return !json_str(cursor, "source") || !json_at(cursor, "schema") || r->src->asked ||
	    r->src->recheck || r->f->enough_bytes || notion_told_much(r->src) || age < 0 ||
	    age >= sweep_every_ms(cursor) || notion_young_due(cursor, age);
}

/* What was edited since. A property that is another now makes it a read of everything. */
static enum rc
fetch_since(struct notion_read *r, json **s, json *out, bool *over)
{
	static const char *const half[] = { "pages", "titles", "calendar", "delta", "gone",
		"series" };
	const json *cursor = r->src->cursor;
	enum rc rc;

	*s = state_new(r, json_str(cursor, "source"), json_at(cursor, "schema"), true);
	json_set(out, "schema", json_at(cursor, "schema"));
	notion_roll_keep(r->cx->a, cursor, *s);
	if (json_at(cursor, "calendar")) {
		json_set(*s, "calendar", json_at(cursor, "calendar"));
		json_set(out, "calendar", json_at(cursor, "calendar"));
		json_set_str(*s, "bot", json_str(cursor, "bot"));
		json_set_str(out, "bot", json_str(cursor, "bot"));
	}
	json_set_bool(out, "delta", true);
	rc = rows_told(r, *s, out);
	if (rc == RC_OK)
		rc = fetch_rows(r, *s, out, over);
	if (rc != RC_OK && r->cx->err.kind == E_CURSOR) {
		r->cx->err = (struct err){ 0 };
		for (size_t i = 0; i < sizeof half / sizeof *half; i++)
			json_unset(out, half[i]);
		*over = false;
		return fetch_whole(r, s, out);
	}
	TRY(rc);
	r->f->unchanged = *over && !json_len(json_at(out, "pages")) &&
	    !json_len(json_at(out, "gone")) && !notion_roll_due(*s, clock_ms() / SECOND_MS);
	return RC_OK;
}

/* --- one page of the spool --- */

static enum rc
fetch_page(struct notion_read *r, json **s, bool *over)
{
	json *out = json_new(r->cx->a);

	*over = false;
	if (r->f->page == 0) {
		TRY(whole_due(r) ? fetch_whole(r, s, out) : fetch_since(r, s, out, over));
	} else {
		*s = json_stored(r->cx->a, r->f->next);
		if (!*s)
			return fail(r->cx, E_BUG, NULL);
		if (json_flag(*s, "queried", false))
			TRY(rows_lacked(r, *s, out, over));
		else
			TRY(json_len(json_at(*s, "related")) ? fetch_titles(r, *s, out)
							     : fetch_rows(r, *s, out, over));
	}
	if (r->f->unchanged)
		return RC_OK;
	return r->f->write(
	    r->cx, r->f->arg, json_text(r->cx->a, out), strlen(json_text(r->cx->a, out)));
}

static enum rc
notion_fetch(struct ctx *outer, const struct source *src, struct fetch *f)
{
	struct ctx cx = { .a = arena_new("notion", SCRATCH_MAX, ARENA_WIPE) };
	struct notion_read r = { .cx = &cx, .src = src, .f = f };
	json *s = NULL;
	bool over;
	enum rc rc = fetch_page(&r, &s, &over);

	if (rc == RC_OK && !f->unchanged) {
		f->delta = json_flag(s, "delta", false);
		f->content_type = "application/json";
		f->cut = f->enough_bytes && f->page > 0 && !over;
		if (over)
			f->cursor = json_copy(outer->a, cursor_of(&r, s));
		else if (!f->cut)
			f->next_page = arena_dup(outer->a, json_text(cx.a, s));
	}
	if (rc != RC_OK)
		outer->err = cx.err;
	arena_free(cx.a);
	return rc;
}

const struct reader reader_notion = {
	.fetch = notion_fetch,
	.parse = notion_parse,
	.twins = notion_twins,
	.tend = notion_tend,
	.choices = notion_choices,
	.sources = notion_sources,
	.leave = notion_leave,
};
