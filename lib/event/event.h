/*
 * event.h - an event of the application's own calendar: what it consists of, and what may be said
 * of it. Pure.
 *
 * It is kept as a JSON object of fields, so that two sides that edited it can be brought together
 * field by field (agree/merge.h):
 *
 *	title, description, location, notes, url, color: texts; absent: none
 *	startDateTime, endDateTime	see when.h; the end is exclusive
 *	allDay				true: both are days
 *	timeZone			of moments; absent: UTC, or floating
 *	recurrence			["RRULE:..."] (RFC 5545); absent: it comes once
 *	status				confirmed, tentative, cancelled
 *	busy				does it take up time?
 *	@20261005T080000Z		an occurrence that differs: those fields
 *
 * An occurrence is named by the place that its series has for it, wherever it was moved to. One
 * that is left out has the status cancelled.
 */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include "base/complaint.h"
#include "event/rules.h"
#include "event/span.h"

enum {
	EVENT_TITLE_MAX = 1000, /* characters */
	EVENT_TEXT_MAX = 8192,
	EVENT_PLACE_MAX = 1000,
	EVENT_URL_MAX = 2000,
	EVENT_LINES_MAX = 100 /* of a recurrence */
};

/*
 * What is said of an event, `in`, on top of what it was (`was`; NULL: a new one): members that are
 * absent stay, null takes one away. *out: the value as it is kept. Everything that is wrong is a
 * complaint: E_INPUT with the first.
 */
MUST enum rc
event_take(struct ctx *, struct complaints *, const json *was, const json *in, json **out);
/* The same for one occurrence, whose whole value it was; recurrence cannot be said. *out: the
 * fields in which it differs from `plain`, which is as the series has it. */
MUST enum rc event_take_one(struct ctx *, struct complaints *, const json *was, const json *plain,
    const json *in, json **out);

#endif
