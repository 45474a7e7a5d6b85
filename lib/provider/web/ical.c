/*
 * ical.c - iCalendar by address: one record per event and per occurrence that was changed by
 * itself.
 *
 * The key is the UID, with "/" and the original time (UTC where it is known) for a changed
 * occurrence. Rules, exceptions and words are kept to the letter. Times are shown
 * as the event has them, with the zone beside them, and in UTC. `end` is the first moment after
 * the event, as in iCalendar: for whole days the day after the last. Two passes: zones may be
 * defined behind the events that use them. Memory: one event and the zones.
 */
#include <stdio.h>

#include "base/hash.h"
#include "provider/web/ical_lines.h"
#include "provider/web/ical_time.h"
#include "provider/web/ical_told.h"
#include "provider/web/known.h"
#include "provider/web/text.h"
#include "provider/web/url.h"

enum {
	ROW_BYTES = 4 * 1024 * 1024,
	NAME_BYTES = 4096,
	TITLE_MAX = 200,
	SHOWN_MAX = 120,
	OTHERS_MAX = 8
};

/* In the order of the columns. */
/* clang-format off */
#define COLUMNS(X) \
	X(UID, "uid") \
	X(RECURRENCE_ID, "recurrence_id") \
	X(RECURRENCE_RANGE, "recurrence_range") \
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
	X(DURATION, "duration") \
	X(RRULE, "rrule") \
	X(EXDATE, "exdate") \
	X(RDATE, "rdate") \
	X(STATUS, "status") \
	X(ORGANIZER, "organizer") \
	X(ATTENDEES, "attendees") \
	X(URL, "url") \
	X(CATEGORIES, "categories") \
	X(SEQUENCE, "sequence") \
	X(CREATED, "created") \
	X(LAST_MODIFIED, "last_modified") \
	X(TRANSPARENCY, "transparency") \
	X(CLASS, "class") \
	X(GEO, "geo")
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

/* How a property becomes a cell. */
enum how { RAW, TEXT, MOMENT, WORDS, PEOPLE, LINES };

static const struct {
	const char *name;
	enum how how;
	enum column column;
} plain[] = {
	{ "UID", TEXT, COL_UID },
	{ "SUMMARY", TEXT, COL_SUMMARY },
	{ "DESCRIPTION", TEXT, COL_DESCRIPTION },
	{ "LOCATION", TEXT, COL_LOCATION },
	{ "DURATION", RAW, COL_DURATION },
	{ "RRULE", LINES, COL_RRULE },
	{ "EXDATE", LINES, COL_EXDATE },
	{ "RDATE", LINES, COL_RDATE },
	{ "STATUS", RAW, COL_STATUS },
	{ "ORGANIZER", PEOPLE, COL_ORGANIZER },
	{ "ATTENDEE", PEOPLE, COL_ATTENDEES },
	{ "URL", RAW, COL_URL },
	{ "CATEGORIES", WORDS, COL_CATEGORIES },
	{ "SEQUENCE", RAW, COL_SEQUENCE },
	{ "CREATED", MOMENT, COL_CREATED },
	{ "LAST-MODIFIED", MOMENT, COL_LAST_MODIFIED },
	{ "TRANSP", RAW, COL_TRANSPARENCY },
	{ "CLASS", RAW, COL_CLASS },
	{ "GEO", RAW, COL_GEO },
};

/* One time of an event. */
struct stamp {
	bool given; /* the property is there */
	bool ok;    /* and can be read */
	struct ical_when when;
	struct str raw;
	char tzid[SHOWN_MAX];
};

/* One parse. */
struct ical_load {
	struct arena *a;
	struct sink *sink;
	struct ical_zones *zones;
	char *home; /* X-WR-TIMEZONE: where floating times are at home */
	char *title;
	size_t column[COL__MAX]; /* the sink's numbers */
	size_t columns;
	struct buf *cell[COL__MAX];
	bool has[COL__MAX];
	struct cell *cells; /* by the sink's numbers */
	struct buf *scratch, *key;
	struct hash *hash;
	struct stamp start, end, recurrence;
	struct {
		char name[40];
		int64_t n;
	} others[OTHERS_MAX];       /* kinds of entries that are no events */
	int64_t strays, stray_line; /* lines that belong to nothing, the first of them */
	struct ical_told told;
};

static struct buf *
cell_open(struct ical_load *l, enum column c)
{
	l->has[c] = true;
	return l->cell[c];
}

/* Several properties of one name stand one a line, several words or people behind commas. */
static struct buf *
cell_more(struct ical_load *l, enum column c, const char *sep)
{
	if (l->cell[c]->n > 0)
		buf_str(l->cell[c], sep);
	return cell_open(l, c);
}

/* "Ann Lee <ann@example.com>"; names with commas and the like in quotes. */
static void
put_person(struct ical_load *l, enum column c, const struct ical_line *line)
{
	const struct str name = ical_param(line, "CN", l->scratch);
	struct buf *b = cell_more(l, c, ", ");
	struct str address = str_trim(line->value);
	bool quote = false;

	if (str_istarts(address, "mailto:"))
		address = (struct str){ address.p + 7, address.n - 7 };
	if (name.n == 0 || str_ieq(name, address)) {
		buf_add(b, address.p, address.n);
		return;
	}
	for (size_t i = 0; i < name.n; i++)
		quote |= strchr(",;<>@\"", name.p[i]) != NULL;
	if (quote)
		buf_ch(b, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"')
			buf_ch(b, '\\');
		buf_ch(b, name.p[i]);
	}
	if (quote)
		buf_ch(b, '"');
	buf_printf(b, " <%.*s>", (int)address.n, address.p);
}

static void
put_words(struct ical_load *l, enum column c, struct str value)
{
	for (;;) {
		const size_t used = ical_unescape(value, true, cell_more(l, c, ", "));
		if (used == value.n)
			return;
		value = (struct str){ value.p + used + 1, value.n - used - 1 };
	}
}

static void
put_plain(struct ical_load *l, enum how how, enum column c, const struct ical_line *line)
{
	struct ical_when when;
	struct buf *b;

	if (how == PEOPLE) {
		put_person(l, c, line);
		return;
	}
	if (how == WORDS) {
		put_words(l, c, line->value);
		return;
	}
	if (how == LINES) {
		b = cell_more(l, c, "\n");
		/* The zone of exceptions is in the parameters. */
		if (line->params.n > 0)
			buf_printf(b, "%.*s:", (int)line->params.n, line->params.p);
		buf_add(b, line->value.p, line->value.n);
		return;
	}
	if (l->has[c])
		return;
	b = cell_open(l, c);
	if (how == TEXT)
		(void)ical_unescape(line->value, false, b);
	else if (how == MOMENT && ical_when_parse(line->value, false, NULL, &when))
		ical_when_text(&when, b);
	else
		buf_add(b, line->value.p, line->value.n);
}

/* What is not known of a time's zone. */
static void
note_zone(struct ical_load *l, const struct ical_zone *zone, const struct stamp *st)
{
	int64_t utc;

	if (!zone->zone)
		ical_told_add(
		    &l->told, zone->defined ? ICAL_ZONE_UNCLEAR : ICAL_ZONE_UNKNOWN, st->tzid);
	else if (ical_when_utc(&st->when, &utc) && utc >= zone->known_until)
		ical_told_add(&l->told, ICAL_ZONE_ENDS, st->tzid);
}

static void
read_stamp(struct ical_load *l, const struct ical_line *line, struct stamp *out)
{
	const bool day = str_ieq(ical_param(line, "VALUE", l->scratch), STR("DATE"));
	struct str tzid = ical_param(line, "TZID", l->scratch), value = str_trim(line->value);
	const bool named = tzid.n > 0;
	const struct ical_zone *zone = NULL;

	if (out->given)
		return;
	*out = (struct stamp){ .given = true, .raw = line->value };
	if (!named)
		tzid = str_c(l->home);
	if (tzid.n > 0)
		zone = ical_zones_find(l->zones, tzid);
	/* Some programs write the midnight of a whole day. */
	if (day && value.n > 8 && str_starts((struct str){ value.p + 8, value.n - 8 }, "T000000"))
		value.n = 8;
	out->ok = ical_when_parse(value, named, zone ? zone->zone : NULL, &out->when);
	if (out->ok && out->when.clock == ICAL_UTC)
		snprintf(out->tzid, sizeof out->tzid, "UTC");
	if (!out->ok || !zone || (out->when.clock != ICAL_ZONED && !out->when.zone))
		return;
	snprintf(
	    out->tzid, sizeof out->tzid, "%.*s", (int)str_utf8_cut(tzid, SHOWN_MAX - 1).n, tzid.p);
	note_zone(l, zone, out);
}

static void
read_event(struct ical_load *l, struct str text)
{
	struct ical_line line;

	memset(l->has, 0, sizeof l->has);
	for (int i = 0; i < COL__MAX; i++)
		buf_clear(l->cell[i]);
	l->start = l->end = l->recurrence = (struct stamp){ 0 };
	while (ical_line_next(&text, &line)) {
		if (ical_line_is(&line, "DTSTART"))
			read_stamp(l, &line, &l->start);
		else if (ical_line_is(&line, "DTEND"))
			read_stamp(l, &line, &l->end);
		else if (ical_line_is(&line, "RECURRENCE-ID")) {
			const struct str range = ical_param(&line, "RANGE", l->scratch);
			if (range.p && !l->recurrence.given)
				buf_add(cell_open(l, COL_RECURRENCE_RANGE), range.p, range.n);
			read_stamp(l, &line, &l->recurrence);
		}
		for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
			if (ical_line_is(&line, plain[i].name))
				put_plain(l, plain[i].how, plain[i].column, &line);
	}
}

static enum rc
put_end(struct ctx *cx, struct ical_load *l)
{
	struct ical_when end = l->start.when;
	int64_t from, to;
	bool ok = true;

	if (l->end.given) {
		end = l->end.when;
		ok = l->end.ok;
	} else if (l->has[COL_DURATION])
		ok = ical_when_add(&l->start.when, buf_s(l->cell[COL_DURATION]), &end);
	else if (end.clock == ICAL_DATE)
		end.local += 86400;
	if (!ok)
		return l->sink->warn(cx, l->sink, "bad_end",
		    "The end of an event cannot be read and is left out (first seen in \"%.*s\").",
		    SHOWN_MAX, buf_c(l->cell[COL_SUMMARY]));
	ical_when_text(&end, cell_open(l, COL_END));
	if (ical_when_utc(&end, &to)) {
		ical_utc_text(to, cell_open(l, COL_END_UTC));
		if (l->end.given && strcmp(l->end.tzid, l->start.tzid) != 0)
			buf_str(cell_open(l, COL_END_TIME_ZONE), l->end.tzid);
	} else if (l->end.given && l->end.tzid[0] && strcmp(l->end.tzid, l->start.tzid) != 0)
		buf_str(cell_open(l, COL_END_TIME_ZONE), l->end.tzid);
	if (!ical_when_utc(&l->start.when, &from) || !ical_when_utc(&end, &to)) {
		from = l->start.when.local;
		to = end.local;
	}
	if (to >= from)
		return RC_OK;
	return l->sink->warn(cx, l->sink, "end_before_start",
	    "An event ends before it begins (first seen in \"%.*s\"); it is kept as it is.",
	    SHOWN_MAX, buf_c(l->cell[COL_SUMMARY]));
}

static enum rc
put_times(struct ctx *cx, struct ical_load *l)
{
	int64_t utc;

	ical_when_text(&l->start.when, cell_open(l, COL_START));
	buf_str(cell_open(l, COL_ALL_DAY), l->start.when.clock == ICAL_DATE ? "true" : "false");
	if (l->start.tzid[0])
		buf_str(cell_open(l, COL_TIME_ZONE), l->start.tzid);
	if (ical_when_utc(&l->start.when, &utc))
		ical_utc_text(utc, cell_open(l, COL_START_UTC));
	if (l->recurrence.ok)
		ical_when_text(&l->recurrence.when, cell_open(l, COL_RECURRENCE_ID));
	else if (l->recurrence.given)
		buf_add(cell_open(l, COL_RECURRENCE_ID), l->recurrence.raw.p, l->recurrence.raw.n);
	return put_end(cx, l);
}

/* An event without UID is told apart by what it says; what programs change at every export is
 * left out. */
static enum rc
content_key(struct ctx *cx, struct ical_load *l, struct str text)
{
	unsigned char sum[SHA256_LEN];
	char hex[SHA256_LEN + 1];
	struct ical_line line;

	hash_begin(l->hash);
	while (ical_line_next(&text, &line)) {
		if (ical_line_is(&line, "CREATED") || ical_line_is(&line, "LAST-MODIFIED") ||
		    ical_line_is(&line, "SEQUENCE") || ical_line_is(&line, "RECURRENCE-ID"))
			continue;
		hash_add(l->hash, line.name.p, (size_t)(line.value.p + line.value.n - line.name.p));
		hash_add(l->hash, "\n", 1);
	}
	hash_end(l->hash, sum);
	hex_encode(sum, SHA256_LEN / 2, hex);
	buf_printf(l->key, "no-uid-%s", hex);
	return l->sink->warn(cx, l->sink, "uid_missing",
	    "Events without UID are told apart by their content: an edited one "
	    "counts as another event.");
}

static enum rc
make_key(struct ctx *cx, struct ical_load *l, struct str text)
{
	const struct str uid = str_trim(buf_s(l->cell[COL_UID]));
	int64_t utc;

	buf_clear(l->key);
	if (uid.n == 0)
		TRY(content_key(cx, l, text));
	else
		buf_add(l->key, uid.p, uid.n);
	if (l->recurrence.given) {
		buf_ch(l->key, '/');
		if (l->recurrence.when.clock != ICAL_FLOATING &&
		    ical_when_utc(&l->recurrence.when, &utc))
			ical_utc_text(utc, l->key);
		else
			buf_add(l->key, buf_c(l->cell[COL_RECURRENCE_ID]),
			    l->cell[COL_RECURRENCE_ID]->n);
	}
	/* A key is part of addresses. */
	for (size_t i = 0; i < l->key->n; i++)
		if ((unsigned char)l->key->p[i] < 0x20 || l->key->p[i] == 0x7f)
			l->key->p[i] = ' ';
	return RC_OK;
}

static enum rc
skip_event(struct ctx *cx, struct ical_load *l, const struct ical_part *part, const char *reason,
    const char *why)
{
	char detail[2 * SHOWN_MAX];

	snprintf(detail, sizeof detail, "%s: %.*s", why,
	    (int)str_utf8_cut(buf_s(l->cell[COL_SUMMARY]), SHOWN_MAX).n,
	    buf_c(l->cell[COL_SUMMARY]));
	return l->sink->skip(cx, l->sink, reason, part->line, detail);
}

/* Tasks and the like, by kind; kinds beyond the last place count with it. */
static void
count_other(struct ical_load *l, struct str name)
{
	int i = 0;

	while (i < OTHERS_MAX - 1 && l->others[i].n && !str_ieq(name, str_c(l->others[i].name)))
		i++;
	if (l->others[i].n++ == 0)
		snprintf(l->others[i].name, sizeof l->others[i].name, "%.*s",
		    (int)str_utf8_cut(name, sizeof l->others[i].name - 1).n, name.p);
}

/* What was in the calendar and is in no record. */
static enum rc
tell_rest(struct ctx *cx, struct ical_load *l)
{
	int64_t n = 0;

	buf_clear(l->scratch);
	for (int i = 0; i < OTHERS_MAX && l->others[i].n; n += l->others[i++].n)
		buf_printf(l->scratch, "%s%lld %s", i ? ", " : "", (long long)l->others[i].n,
		    l->others[i].name);
	if (n)
		TRY(l->sink->warn(cx, l->sink, "not_events", "%lld %s left out: %s.", (long long)n,
		    n == 1 ? "entry is no event and was" : "entries are no events and were",
		    buf_c(l->scratch)));
	if (!l->strays)
		return RC_OK;
	return l->sink->warn(cx, l->sink, "lines_unknown",
	    "%lld %s to no property that is known and %s left out (the first is line %lld).",
	    (long long)l->strays, l->strays == 1 ? "line belongs" : "lines belong",
	    l->strays == 1 ? "was" : "were", (long long)l->stray_line);
}

static enum rc
on_event(struct ctx *cx, void *arg, const struct ical_part *part)
{
	struct ical_load *l = arg;
	struct row row = { .cells = l->cells, .n = l->columns, .line = part->line };

	if (part->kind == ICAL_OTHER)
		count_other(l, part->text);
	if (part->kind == ICAL_STRAY && l->strays++ == 0)
		l->stray_line = part->line;
	if (part->kind != ICAL_EVENT)
		return RC_OK;
	read_event(l, part->text);
	if (part->too_large)
		return skip_event(cx, l, part, "too_large", "The event is larger than 1 MB");
	if (part->unfinished)
		return skip_event(cx, l, part, "unfinished", "The event has no END:VEVENT");
	if (!l->start.ok)
		return skip_event(cx, l, part, "bad_start",
		    l->start.given ? "The start cannot be read" : "The event has no start");
	TRY(put_times(cx, l));
	TRY(make_key(cx, l, part->text));
	for (int i = 0; i < COL__MAX; i++)
		l->cells[l->column[i]] = l->has[i] ? (struct cell){ CELL_TEXT, buf_s(l->cell[i]) }
						   : (struct cell){ 0 };
	row.key = buf_s(l->key);
	return l->sink->row(cx, l->sink, &row);
}

/* The first pass: zones and the name of the calendar. */
static enum rc
on_zone(struct ctx *cx, void *arg, const struct ical_part *part)
{
	struct ical_load *l = arg;
	struct str text = part->text;
	struct ical_line line;

	(void)cx;
	if (part->kind == ICAL_ZONE && !part->too_large && !part->unfinished)
		(void)ical_zones_add(l->zones, part->text);
	if (part->kind != ICAL_CALENDAR || !ical_line_next(&text, &line))
		return RC_OK;
	buf_clear(l->scratch);
	(void)ical_unescape(line.value, false, l->scratch);
	const struct str value = str_trim(buf_s(l->scratch));
	if (ical_line_is(&line, "X-WR-CALNAME") && !l->title && value.n > 0)
		l->title = arena_dup_str(l->a, str_utf8_cut(value, TITLE_MAX));
	else if (ical_line_is(&line, "X-WR-TIMEZONE") && !l->home && value.n > 0)
		l->home = arena_dup_str(l->a, str_utf8_cut(value, SHOWN_MAX - 1));
	return RC_OK;
}

static enum rc
read_page(struct ctx *cx, struct page_in *page, const char *known, struct sink *sink,
    struct ical_split *split)
{
	struct text *text;
	struct str piece;

	TRY(text_open(cx, ical_whole_characters(cx->a, page), NULL, known, sink, &text));
	do {
		TRY(text_next(cx, text, &piece));
		TRY(ical_split_feed(cx, split, piece));
	} while (piece.n > 0);
	return ical_split_end(cx, split, page->cut);
}

/* What the first pass would tell the sink, the second one tells again, after dataset(). */
static enum rc
silent_warn(struct ctx *cx, struct sink *sink, const char *code, const char *fmt, ...)
{
	(void)sink;
	(void)cx;
	(void)code;
	(void)fmt;
	return RC_OK;
}

static void
ical_prepare(struct ctx *cx, struct ical_load *l, struct sink *sink)
{
	l->a = cx->a;
	l->sink = sink;
	l->zones = ical_zones_new(cx->a);
	l->scratch = buf_in(cx->a, ICAL_EVENT_MAX);
	l->key = buf_in(cx->a, ROW_BYTES);
	l->hash = hash_new(cx->a);
	for (int i = 0; i < COL__MAX; i++)
		l->cell[i] = buf_in(cx->a, ROW_BYTES);
}

static enum rc
ical_parse(
    struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	struct ical_load *l = arena_alloc(cx->a, sizeof *l);
	struct sink silent = { .warn = silent_warn };

	if (n == 0)
		return fail(cx, E_EMPTY, NULL);
	ical_prepare(cx, l, sink);
	const char *known = known_str(src, "encoding");
	TRY(read_page(cx, pages, known, &silent, ical_split_new(cx->a, on_zone, l)));
	TRY(sink->dataset(
	    cx, sink, "", l->title ? l->title : url_title(cx->a, url_home(cx->a, src))));
	TRY(known_begin(cx, src, sink));
	for (int i = 0; i < COL__MAX; i++) {
		TRY(sink->column(cx, sink, str_c(column_names[i]), &l->column[i]));
		l->columns = l->column[i] >= l->columns ? l->column[i] + 1 : l->columns;
	}
	if (sink->telling) {
		sink->telling(sink, l->column[COL_SUMMARY]);
		sink->telling(sink, l->column[COL_START]);
	}
	l->cells = arena_array(cx->a, l->columns, sizeof *l->cells);
	TRY(pages->restart(cx, pages->arg));
	TRY(read_page(cx, pages, known, sink, ical_split_new(cx->a, on_event, l)));
	TRY(ical_told_end(cx, &l->told, sink));
	return tell_rest(cx, l);
}

static enum rc
ical_fetch(struct ctx *cx, const struct source *src, struct fetch *f)
{
	return url_fetch(cx, src, f,
	    &(struct url_get){ .accept = "text/calendar, */*;q=0.5", .conditional = true }, NULL);
}

const struct reader reader_ical = {
	.fetch = ical_fetch,
	.parse = ical_parse,
};
