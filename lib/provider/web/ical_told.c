/*
 * ical_told.c - see ical_told.h.
 */
#include "provider/web/ical_told.h"

#include <stdio.h>

#include "base/buf.h"

void
ical_told_add(struct ical_told *t, enum ical_trouble what, const char *name)
{
	size_t i = 0;

	while (i < t->v[what].n && strcmp(t->v[what].name[i], name))
		i++;
	if (i < t->v[what].n)
		return;
	if (i == ICAL_TOLD) {
		t->v[what].more = true;
		return;
	}
	snprintf(t->v[what].name[i], ICAL_TOLD_NAME, "%s", name);
	t->v[what].n++;
}

/* "A", "B" and others */
static const char *
told_names(struct arena *a, const struct ical_told *t, enum ical_trouble what)
{
	struct buf *b = buf_in(a, ICAL_TOLD * (ICAL_TOLD_NAME + 10));

	for (size_t i = 0; i < t->v[what].n; i++)
		buf_printf(b, "%s\"%s\"", i ? ", " : "", t->v[what].name[i]);
	if (t->v[what].more)
		buf_str(b, " and others");
	return buf_c(b);
}

enum rc
ical_told_end(struct ctx *cx, const struct ical_told *t, struct sink *sink)
{
	static const struct {
		const char *code, *one, *many;
	} words[ICAL_TROUBLE__MAX] = {
		[ICAL_ZONE_UNKNOWN] = { "time_zone_unknown",
		    "The time zone %s is neither defined in the calendar nor known; times in "
		    "it are kept as they are, without UTC.",
		    "These time zones are neither defined in the calendar nor known; times in "
		    "them are kept as they are, without UTC: %s." },
		[ICAL_ZONE_UNCLEAR] = { "time_zone_unclear",
		    "The time zone %s is defined in a way that is not understood; times in it "
		    "are kept as they are, without UTC.",
		    "These time zones are defined in a way that is not understood; times in "
		    "them are kept as they are, without UTC: %s." },
		[ICAL_ZONE_ENDS] = { "time_zone_ends",
		    "The calendar does not say when the clocks of the time zone %s change so "
		    "late; later times are read as if they did not change any more.",
		    "The calendar does not say when the clocks of these time zones change so "
		    "late; later times are read as if they did not change any more: %s." },
	};

	for (int i = 0; i < ICAL_TROUBLE__MAX; i++) {
		const char *names = told_names(cx->a, t, (enum ical_trouble)i);
		const char *text = t->v[i].n == 1 ? words[i].one : words[i].many;
		const char *at = strstr(text, "%s");

		if (t->v[i].n)
			TRY(sink->warn(cx, sink, words[i].code, "%.*s%s%s", (int)(at - text), text,
			    names, at + 2));
	}
	return RC_OK;
}
