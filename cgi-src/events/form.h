/*
 * form.h - an event as the fields of a form, and what a form says of an event.
 *
 * Fields are texts {name: text} (boxes that are ticked: "1"), made of the value of an event or of
 * one occurrence. What is said is what was typed differently: a field that nobody has touched is
 * not written, so that an edit made meanwhile elsewhere stays.
 */
#ifndef EVENTS_FORM_H
#define EVENTS_FORM_H

#include "skin/wall.h"

/* Of a new event on a day, an hour from now on when that is today. */
json *form_new(struct arena *, const struct wall *, int64_t day);
json *form_texts(struct arena *, const struct wall *, const json *value);
json *form_typed(struct req *);

/* As events_change() takes it. was: the texts that the form was made with, of `value`; NULL: of a
 * new event. Without `rule` recurrence is not said. E_INPUT: see r->wrong. */
struct form_was {
	const json *texts, *value;
	bool rule;
};
MUST enum rc form_said(struct req *, const struct form_was *, const json *typed, json **said);

/* What the form is drawn with: the texts, choices, and complaints beside their fields. */
void form_model(struct req *, const json *texts, bool rule, json *model);

/*
 * Somebody else has changed the event since the form was made. *texts: what was typed, with theirs
 * where nothing was; the return: [{label, before, now, mine}] of what they changed, mine being what
 * was typed against it.
 */
json *
form_meanwhile(struct arena *, const json *was, const json *now, const json *typed, json **texts);

#endif
