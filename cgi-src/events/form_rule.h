/*
 * form_rule.h - the part of the form that says how often an event comes, for form.c.
 */
#ifndef EVENTS_FORM_RULE_H
#define EVENTS_FORM_RULE_H

#include "event/rule.h"
#include "web/req.h"

void form_rule_texts(struct arena *, const json *value, json *texts);
/* The boxes that are ticked: "MO,TH". */
const char *form_rule_days(struct req *);
/* "recurrence" of what is said; was: the event before, of which other lines than the rule stay, or
 * NULL. E_INPUT. */
MUST enum rc form_rule_said(struct req *, const json *typed, const json *was, json *said);
void form_rule_model(struct req *, const json *texts, json *f);

/* [{value, label, selected}] of rows of value and label. */
json *form_options(struct arena *, const char *const rows[][2], size_t n, const char *chosen);

#endif
