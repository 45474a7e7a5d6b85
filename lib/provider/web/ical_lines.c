/*
 * ical_lines.c - unfolding and cutting of iCalendar text.
 */
#include "provider/web/ical_lines.h"

#include "provider/web/ical_props.h"

enum { NESTING_MAX = 32, LINE_MAX_BYTES = ICAL_EVENT_MAX };

enum open { OPEN_CALENDAR, OPEN_EVENT, OPEN_ZONE, OPEN_OTHER };

struct ical_split {
	ical_part_fn *part;
	void *arg;
	struct buf *line;    /* the unfolded line so far */
	int64_t line_no, at; /* of its first physical line; of the present one */
	/* a line end was read: the next byte tells whether the line goes on */
	bool ended;
	bool after_cr;
	bool started; /* BEGIN:VCALENDAR was seen */
	struct {
		enum open kind;
		char name[32];
	} open[NESTING_MAX];
	int depth;
	int ignored;      /* levels beyond NESTING_MAX */
	struct buf *text; /* of the event or zone that is open */
	int64_t text_line;
	bool dropped;        /* a line of the event was too long to keep */
	enum ical_prop last; /* the event's last property; ICAL_PROP_NONE: none yet */
	int blank;           /* empty lines since */
};

struct ical_split *
ical_split_new(struct arena *a, ical_part_fn *part, void *arg)
{
	struct ical_split *s = arena_alloc(a, sizeof *s);

	s->part = part;
	s->arg = arg;
	s->line = buf_in(a, LINE_MAX_BYTES);
	s->text = buf_in(a, ICAL_EVENT_MAX);
	ical_split_begin(s);
	return s;
}

void
ical_split_begin(struct ical_split *s)
{
	buf_clear(s->line);
	buf_clear(s->text);
	s->line_no = s->at = 1;
	s->ended = s->after_cr = s->started = s->dropped = false;
	s->depth = s->ignored = s->blank = 0;
	s->last = ICAL_PROP_NONE;
}

static int
lines_innermost(const struct ical_split *s, enum open kind)
{
	for (int i = s->depth - 1; i >= 0; i--)
		if (s->open[i].kind == kind)
			return i;
	return -1;
}

static enum rc
lines_over(struct ctx *cx, struct ical_split *s, enum ical_kind kind, bool unfinished)
{
	const size_t max = kind == ICAL_ZONE ? ICAL_ZONE_MAX : ICAL_EVENT_MAX;
	struct ical_part part = {
		.kind = kind,
		.text = buf_s(s->text),
		.line = s->text_line,
		.too_large = s->text->over || s->dropped || s->text->n > max,
		.unfinished = unfinished,
	};
	const enum rc rc = s->part(cx, s->arg, &part);

	buf_clear(s->text);
	s->dropped = false;
	return rc;
}

/* Closes what is open above and at the level; an event or zone that is closed by another END
 * than its own is unfinished. */
static enum rc
close_to(struct ctx *cx, struct ical_split *s, int level, bool own_end)
{
	while (s->depth > level) {
		const enum open kind = s->open[--s->depth].kind;
		const bool unfinished = !own_end || s->depth > level;

		if (kind == OPEN_EVENT)
			TRY(lines_over(cx, s, ICAL_EVENT, unfinished));
		else if (kind == OPEN_ZONE)
			TRY(lines_over(cx, s, ICAL_ZONE, unfinished));
	}
	return RC_OK;
}

static void
keep_line(struct ical_split *s)
{
	buf_add(s->text, s->line->p, s->line->n);
	buf_ch(s->text, '\n');
	s->dropped |= s->line->over;
}

static enum open
open_kind(struct str name)
{
	if (str_ieq(name, STR("VCALENDAR")))
		return OPEN_CALENDAR;
	if (str_ieq(name, STR("VEVENT")))
		return OPEN_EVENT;
	return str_ieq(name, STR("VTIMEZONE")) ? OPEN_ZONE : OPEN_OTHER;
}

static enum rc
lines_begin(struct ctx *cx, struct ical_split *s, struct str name)
{
	const enum open kind = open_kind(name);
	const int zone = lines_innermost(s, OPEN_ZONE);
	const struct ical_part other = { .kind = ICAL_OTHER, .text = name, .line = s->line_no };
	int outer;

	s->last = ICAL_PROP_NONE;
	if (kind == OPEN_OTHER && s->depth == 1 && s->open[0].kind == OPEN_CALENDAR)
		TRY(s->part(cx, s->arg, &other));
	if (kind == OPEN_CALENDAR)
		TRY(close_to(cx, s, 0, false));
	else if (kind != OPEN_OTHER &&
	    ((outer = lines_innermost(s, OPEN_EVENT)) >= 0 || (outer = zone) >= 0))
		TRY(close_to(cx, s, outer, false));
	else if (kind == OPEN_OTHER && zone >= 0)
		keep_line(s);
	if (kind == OPEN_EVENT || kind == OPEN_ZONE) {
		s->text_line = s->line_no;
		s->dropped = false;
		buf_clear(s->text);
		if (kind == OPEN_ZONE)
			keep_line(s);
	}
	if (s->depth == NESTING_MAX) {
		s->ignored++;
		return RC_OK;
	}
	name = str_utf8_cut(name, sizeof s->open[0].name - 1);
	memcpy(s->open[s->depth].name, name.p, name.n);
	s->open[s->depth].name[name.n] = '\0';
	s->open[s->depth++].kind = kind;
	return RC_OK;
}

static enum rc
lines_end(struct ctx *cx, struct ical_split *s, struct str name)
{
	int level = s->depth - 1;

	if (s->ignored > 0) {
		s->ignored--;
		return RC_OK;
	}
	name = str_utf8_cut(name, sizeof s->open[0].name - 1);
	while (level >= 0 && !str_ieq(name, str_c(s->open[level].name)))
		level--;
	if (level < 0)
		return RC_OK;
	if (lines_innermost(s, OPEN_ZONE) >= 0)
		keep_line(s);
	/* An alarm that was never closed does not spoil its event. */
	while (s->depth - 1 > level && s->open[s->depth - 1].kind == OPEN_OTHER)
		s->depth--;
	return close_to(cx, s, level, true);
}

/* A line that is no property: it goes on with the text before it, empty lines between them too. */
static enum rc
event_goes_on(struct ctx *cx, struct ical_split *s)
{
	const struct ical_part stray = {
		.kind = ICAL_STRAY, .text = buf_s(s->line), .line = s->line_no
	};

	if (s->last == ICAL_PROP_OTHER)
		return RC_OK;
	if (s->last != ICAL_PROP_TEXT)
		return s->part(cx, s->arg, &stray);
	if (s->text->n > 0)
		buf_cut(s->text, s->text->n - 1);
	for (int i = 0; i <= s->blank; i++)
		buf_str(s->text, "\\n");
	keep_line(s);
	return RC_OK;
}

static enum rc
event_line(struct ctx *cx, struct ical_split *s, struct str name, bool marked)
{
	const enum ical_prop prop = ical_prop(name, marked);
	const struct ical_part stray = {
		.kind = ICAL_STRAY, .text = buf_s(s->line), .line = s->line_no
	};

	if (s->ignored > 0)
		return RC_OK;
	if (prop == ICAL_PROP_NONE)
		TRY(event_goes_on(cx, s));
	else if (prop == ICAL_PROP_UNKNOWN)
		TRY(s->part(cx, s->arg, &stray));
	else if (prop != ICAL_PROP_OTHER)
		keep_line(s);
	if (prop != ICAL_PROP_NONE)
		s->last = prop == ICAL_PROP_UNKNOWN ? ICAL_PROP_OTHER : prop;
	s->blank = 0;
	return RC_OK;
}

static enum rc
fail_not_calendar(struct ctx *cx, struct str line)
{
	if (line.p[0] == '<')
		return fail(cx, E_HTML,
		    "The address answers with a web page instead of a calendar. Use the "
		    "calendar's iCal or .ics address.");
	return fail(cx, E_ICAL,
	    "The file does not begin with BEGIN:VCALENDAR, so it is not a calendar. Use the "
	    "calendar's iCal or .ics address.");
}

static enum rc
take_line(struct ctx *cx, struct ical_split *s)
{
	struct str rest = buf_s(s->line), name = { rest.p, 0 };
	struct ical_part one = { .kind = ICAL_CALENDAR, .text = rest, .line = s->line_no };

	if (!s->started)
		name = rest = str_trim(rest);
	for (name.n = 0; name.n < rest.n && rest.p[name.n] != ':' && rest.p[name.n] != ';';)
		name.n++;
	rest = (struct str){ rest.p + name.n, rest.n - name.n };
	const struct str behind = rest;
	if (rest.n > 0 && rest.p[0] == ':')
		rest = str_trim((struct str){ rest.p + 1, rest.n - 1 });
	if (!s->started) {
		if (!str_ieq(name, STR("BEGIN")) || !str_ieq(rest, STR("VCALENDAR")))
			return fail_not_calendar(cx, buf_s(s->line));
		s->started = true;
	}
	if (str_ieq(name, STR("BEGIN")))
		return lines_begin(cx, s, rest);
	if (str_ieq(name, STR("END")))
		return lines_end(cx, s, rest);
	if (s->depth == 0)
		return RC_OK;
	switch (s->open[s->depth - 1].kind) {
	case OPEN_CALENDAR:
		return s->line->over ? RC_OK : s->part(cx, s->arg, &one);
	case OPEN_EVENT:
		return event_line(cx, s, name, behind.n > 0);
	default:
		if (lines_innermost(s, OPEN_ZONE) >= 0)
			keep_line(s);
		return RC_OK;
	}
}

static enum rc
lines_flush(struct ctx *cx, struct ical_split *s)
{
	const struct str line = str_trim(buf_s(s->line));
	enum rc rc = RC_OK;

	if (line.n > 0)
		rc = take_line(cx, s);
	else
		s->blank++;
	buf_clear(s->line);
	s->line_no = s->at;
	return rc;
}

enum rc
ical_split_feed(struct ctx *cx, struct ical_split *s, struct str piece)
{
	const char *p = piece.p, *const stop = piece.p + piece.n;

	while (p < stop) {
		const char *run = p;

		if (s->after_cr && *p == '\n') {
			s->after_cr = false;
			p++;
			continue;
		}
		s->after_cr = false;
		if (s->ended) {
			s->ended = false;
			if (*p == ' ' || *p == '\t') {
				p++;
				continue;
			}
			TRY(lines_flush(cx, s));
		}
		while (p < stop && *p != '\n' && *p != '\r')
			p++;
		buf_add(s->line, run, (size_t)(p - run));
		if (p == stop)
			break;
		s->after_cr = *p++ == '\r';
		s->ended = true;
		s->at++;
	}
	return RC_OK;
}

enum rc
ical_split_end(struct ctx *cx, struct ical_split *s, bool cut)
{
	if (cut)
		return RC_OK;
	TRY(lines_flush(cx, s));
	if (!s->started)
		return fail(cx, E_EMPTY, NULL);
	if (s->depth > 0)
		return fail(cx, E_TRUNCATED,
		    "The calendar has no END:VCALENDAR, so the answer probably broke off. Nothing "
		    "was changed; Tidemark tries again by itself.");
	return RC_OK;
}

bool
ical_line_next(struct str *text, struct ical_line *out)
{
	while (text->n > 0) {
		const struct str line = str_cut(*text, '\n', text);
		size_t i = 0;
		bool quoted = false;

		while (i < line.n && line.p[i] != ':' && line.p[i] != ';')
			i++;
		out->name = (struct str){ line.p, i };
		for (; i < line.n && (quoted || line.p[i] != ':'); i++)
			quoted ^= line.p[i] == '"';
		i = ical_value_mark(out->name, line, i);
		if (i == line.n)
			continue;
		out->params = (struct str){ line.p + out->name.n, i - out->name.n };
		if (out->params.n > 0)
			out->params = (struct str){ out->params.p + 1, out->params.n - 1 };
		out->value = (struct str){ line.p + i + 1, line.n - i - 1 };
		return true;
	}
	return false;
}

bool
ical_line_is(const struct ical_line *line, const char *name)
{
	return str_ieq(line->name, str_c(name));
}

/* RFC 6868. */
static char
caret_means(char next)
{
	if (next == 'n')
		return '\n';
	return next == '^' ? '^' : '"';
}

struct str
ical_param(const struct ical_line *line, const char *name, struct buf *scratch)
{
	struct str rest = line->params;

	while (rest.n > 0) {
		size_t n = 0, eq;
		bool quoted = false;
		struct str one;

		for (; n < rest.n && (quoted || rest.p[n] != ';'); n++)
			quoted ^= rest.p[n] == '"';
		one = (struct str){ rest.p, n };
		rest = n < rest.n ? (struct str){ rest.p + n + 1, rest.n - n - 1 }
				  : (struct str){ NULL, 0 };
		for (eq = 0; eq < one.n && one.p[eq] != '='; eq++)
			;
		if (eq == one.n || !str_ieq((struct str){ one.p, eq }, str_c(name)))
			continue;
		buf_clear(scratch);
		for (size_t i = eq + 1; i < one.n; i++) {
			const char c = one.p[i], next = i + 1 < one.n ? one.p[i + 1] : '\0';
			if (c == '^' && (next == 'n' || next == '^' || next == '\'')) {
				buf_ch(scratch, caret_means(next));
				i++;
			} else if (c != '"')
				buf_ch(scratch, c);
		}
		return (struct str){ buf_c(scratch), scratch->n };
	}
	return (struct str){ NULL, 0 };
}

size_t
ical_unescape(struct str value, bool list, struct buf *out)
{
	size_t i;

	for (i = 0; i < value.n && !(list && value.p[i] == ','); i++) {
		if (value.p[i] != '\\' || i + 1 == value.n) {
			buf_ch(out, value.p[i]);
			continue;
		}
		switch (value.p[++i]) {
		case 'n':
		case 'N':
			buf_ch(out, '\n');
			break;
		case '\\':
		case ',':
		case ';':
		case ':':
		case '"':
			buf_ch(out, value.p[i]);
			break;
		default:
			/* Not an escape: some programs write backslashes as they are. */
			buf_ch(out, '\\');
			buf_ch(out, value.p[i]);
		}
	}
	return i;
}
