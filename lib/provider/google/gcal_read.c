/*
 * gcal_read.c - google-calendar: records. One for each event and for each occurrence that differs,
 * by Google's id. Of an occurrence that is left out only its place is known.
 */
#include "base/zone_name.h"
#include "provider/google/gcal.h"
#include "provider/google/gcal_pages.h"
#include "provider/web/ical_time.h"

enum { ROW_BYTES = 1024 * 1024, TIME_SHOWN = 120 };

/* In the order of the columns; what iCalendar has too is named as ical.c names it. */
/* clang-format off */
#define COLUMNS(X) \
	X(ID, "id") \
	X(UID, "uid") \
	X(SERIES, "series_id") \
	X(RECURRENCE_ID, "recurrence_id") \
	X(SUMMARY, "summary") \
	X(DESCRIPTION, "description") \
	X(LOCATION, "location") \
	X(START, "start") \
	X(END, "end") \
	X(ALL_DAY, "all_day") \
	X(TIME_ZONE, "time_zone") \
	X(END_TIME_ZONE, "end_time_zone") \
	X(START_UTC, "start_utc") \
	X(END_UTC, "end_utc") \
	X(RRULE, "rrule") \
	X(EXDATE, "exdate") \
	X(RDATE, "rdate") \
	X(STATUS, "status") \
	X(ORGANIZER, "organizer") \
	X(ATTENDEES, "attendees") \
	X(URL, "url") \
	X(SEQUENCE, "sequence") \
	X(CREATED, "created") \
	X(LAST_MODIFIED, "last_modified") \
	X(TRANSPARENCY, "transparency") \
	X(CLASS, "class") \
	X(COLOR, "color") \
	X(TYPE, "event_type") \
	X(LINK, "link")
/* clang-format on */

enum column {
#define X(id, name) COL_##id,
	COLUMNS(X)
#undef X
	    COL__MAX
};

static const char *const column_names[] = {
#define X(id, name) name,
	COLUMNS(X)
#undef X
};

static const struct {
	const char *member;
	enum column column;
} texts[] = {
	{ "iCalUID", COL_UID },
	{ "recurringEventId", COL_SERIES },
	{ "summary", COL_SUMMARY },
	{ "description", COL_DESCRIPTION },
	{ "location", COL_LOCATION },
	{ "status", COL_STATUS },
	{ "created", COL_CREATED },
	{ "updated", COL_LAST_MODIFIED },
	{ "transparency", COL_TRANSPARENCY },
	{ "visibility", COL_CLASS },
	{ "colorId", COL_COLOR },
	{ "eventType", COL_TYPE },
	{ "htmlLink", COL_LINK },
};

struct gcal_load {
	struct sink *sink;
	const struct gcal_index *index;
	struct gcal_head *head;
	size_t column[COL__MAX]; /* the sink's numbers */
	size_t columns;
	struct cell *cells; /* by the sink's numbers */
	struct arena *a;    /* the item's */
	bool unread;        /* its times are none of an event (twin.unread) */
};

static void
load_text(struct gcal_load *l, enum column c, const char *text)
{
	if (text && *text)
		l->cells[l->column[c]] = (struct cell){ CELL_TEXT, str_c(text) };
}

/*
 * Times: as the clock of the event's zone shows them, the zone beside them, and in UTC.
 */
static const char *
load_local_text(struct arena *a, const struct when *w)
{
	struct when floating = *w;

	if (w->kind == WHEN_MOMENT)
		floating.kind = WHEN_FLOATING;
	return when_text(a, &floating);
}

static const char *
load_utc_text(struct arena *a, const struct when *w)
{
	const struct when utc = {
		.kind = WHEN_MOMENT,
		.local = w->utc,
		.utc = w->utc,
		.zone = &zone_utc,
	};

	return when_text(a, &utc);
}

/* False: it is none. */
static bool
load_when(struct gcal_load *l, const json *time, struct when *out)
{
	const char *name = json_str(time, "timeZone"), *day = json_str(time, "date");
	const struct zone *zone;

	if (day)
		return when_read(str_c(day), NULL, out) && out->kind == WHEN_DAY;
	if (!name)
		name = l->head->home.zone;
	zone = name ? zone_system(l->a, str_c(name)) : NULL;
	return when_read(json_s(time, "dateTime"), zone, out) && out->kind == WHEN_MOMENT;
}

static bool
load_times(struct gcal_load *l, const json *event)
{
	const json *from = json_at(event, "start"), *to = json_at(event, "end");
	const char *zone = json_str(from, "timeZone"), *zone_to = json_str(to, "timeZone");
	struct when start, end;

	l->unread = false;
	if (!load_when(l, from, &start) || !load_when(l, to, &end))
		return false;
	l->unread = !when_fits(&start) || !when_fits(&end);
	load_text(l, COL_START, load_local_text(l->a, &start));
	load_text(l, COL_END, load_local_text(l->a, &end));
	load_text(l, COL_ALL_DAY, start.kind == WHEN_DAY ? "true" : "false");
	if (start.kind == WHEN_DAY)
		return true;
	load_text(l, COL_TIME_ZONE, zone);
	if (zone && zone_to && strcmp(zone, zone_to) != 0)
		load_text(l, COL_END_TIME_ZONE, zone_to);
	load_text(l, COL_START_UTC, load_utc_text(l->a, &start));
	load_text(l, COL_END_UTC, load_utc_text(l->a, &end));
	return true;
}

/*
 * The rest.
 */
/* Several lines of one name stand one a line; what only the name says is left out. */
static void
load_lines(struct gcal_load *l, const json *lines, const char *name, enum column c)
{
	struct buf *b = buf_in(l->a, ROW_BYTES);
	const size_t n = strlen(name);

	for (size_t i = 0; i < json_len(lines); i++) {
		const char *line = json_value_str(json_nth(lines, i));

		if (!line || !str_istarts(str_c(line), name) || (line[n] != ':' && line[n] != ';'))
			continue;
		buf_printf(b, "%s%s", b->n ? "\n" : "", line + n + 1);
	}
	load_text(l, c, buf_c(b));
}

static void
load_person(struct buf *b, const json *person)
{
	const char *name = json_str(person, "displayName"), *mail = json_str(person, "email");

	if (!name && !mail)
		return;
	buf_str(b, b->n ? ", " : "");
	if (!name || !mail)
		buf_str(b, name ? name : mail);
	else if (strpbrk(name, ",;<>@\"\\"))
		json_quote(b, str_c(name));
	else
		buf_str(b, name);
	if (name && mail)
		buf_printf(b, " <%s>", mail);
}

static void
load_people(struct gcal_load *l, const json *event)
{
	const json *guests = json_at(event, "attendees");
	struct buf *organizer = buf_in(l->a, ROW_BYTES), *all = buf_in(l->a, ROW_BYTES);

	load_person(organizer, json_at(event, "organizer"));
	for (size_t i = 0; i < json_len(guests); i++)
		load_person(all, json_nth(guests, i));
	load_text(l, COL_ORGANIZER, buf_c(organizer));
	load_text(l, COL_ATTENDEES, buf_c(all));
}

static void
load_members(struct gcal_load *l, const char *id, const json *event)
{
	const json *lines = json_at(event, "recurrence");
	struct when slot;
	int64_t sequence;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		load_text(l, texts[i].column, json_str(event, texts[i].member));
	load_text(l, COL_ID, id);
	load_text(l, COL_URL, json_str(json_at(event, "source"), "url"));
	load_lines(l, lines, "RRULE", COL_RRULE);
	load_lines(l, lines, "EXDATE", COL_EXDATE);
	load_lines(l, lines, "RDATE", COL_RDATE);
	load_people(l, event);
	if (json_i64(event, "sequence", &sequence))
		load_text(l, COL_SEQUENCE, arena_printf(l->a, "%lld", (long long)sequence));
	if (load_when(l, json_at(event, "originalStartTime"), &slot))
		load_text(l, COL_RECURRENCE_ID, load_local_text(l->a, &slot));
}

/* An occurrence that is left out, of a series that is there. */
static bool
load_is_left_out(const struct gcal_load *l, const struct gcal_item *item)
{
	return item->of && gcal_index_series(l->index, item->of);
}

static bool
load_outside(struct gcal_load *l, const json *event, const struct source *src)
{
	const struct ways w = ways_of(src->config);
	json *value;

	if (!w.from && !w.to)
		return false;
	value = gcal_value(l->a, event, &l->head->home).value;
	return value && gcal_outside(l->a, value, &w, &l->head->home);
}

struct loading {
	struct gcal_load l;
	const struct source *src;
};

static enum rc
load_item(struct ctx *cx, void *arg, const struct gcal_item *item)
{
	struct loading *g = arg;
	struct gcal_load *l = &g->l;
	struct row row = { .n = l->columns, .line = item->no + 1 };
	const bool left_out = load_is_left_out(l, item);
	const json *event;
	const char *id;
	bool gone;

	event = gcal_item_event(item);
	id = item->id ? item->id : json_str(event, "id");
	l->a = item->a;
	l->cells = arena_array(item->a, l->columns, sizeof *l->cells);
	row.cells = l->cells;
	row.key = str_c(id);
	gone = item->gone ? !left_out : load_outside(l, event, g->src);
	if (gone || (item->of && gcal_index_lost(l->index, id, item->of)))
		return l->head->delta ? l->sink->gone(cx, l->sink, row.key, NULL) : RC_OK;
	load_members(l, id, event);
	if (!load_times(l, event) && !item->gone)
		return l->sink->skip(cx, l->sink, "bad_start", row.line,
		    arena_printf(item->a, "The time cannot be read: %.*s", TIME_SHOWN,
			json_str(event, "summary") ? json_str(event, "summary") : id));
	if (l->unread)
		TRY(l->sink->warn(cx, l->sink, "event_unread",
		    "The time of \"%.*s\" is in no year from 1 to 9999 everywhere on earth: the "
		    "event stays as it was read before.",
		    TIME_SHOWN, json_str(event, "summary") ? json_str(event, "summary") : id));
	return l->sink->row(cx, l->sink, &row);
}

enum rc
gcal_parse(
    struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	struct gcal_head head = { .home = gcal_home_of(src) };
	struct loading g = { .l.sink = sink, .l.head = &head, .src = src };
	struct gcal_index *index;
	enum rc rc;

	TRY(gcal_index(cx, pages, n, &head, &index));
	g.l.index = index;
	TRY(sink->dataset(cx, sink, "", head.title ? head.title : "Calendar"));
	for (int i = 0; i < COL__MAX; i++) {
		TRY(sink->column(cx, sink, str_c(column_names[i]), &g.l.column[i]));
		if (g.l.column[i] >= g.l.columns)
			g.l.columns = g.l.column[i] + 1;
	}
	if (sink->telling) {
		sink->telling(sink, g.l.column[COL_SUMMARY]);
		sink->telling(sink, g.l.column[COL_START]);
	}
	rc = gcal_scan(cx, pages, n, &head, &(struct gcal_listener){ load_item, &g, index });
	gcal_index_drop(index);
	return rc;
}
