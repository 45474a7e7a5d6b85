/*
 * limits_form.h - the fields of the guard's limits (app/limits.h) in a form, view/limits.html.
 */
#ifndef CONN_LIMITS_FORM_H
#define CONN_LIMITS_FORM_H

#include "skin/page.h"
#include "store/limits.h"

/* What was typed, or is stored; empty: as usual. */
void limits_form(struct req *, json *form, const struct conn_limits *stored);
/* As it was typed, for the verb to judge. */
void limits_typed(struct req *, json *change);
/* Is something wrong with them? */
bool limits_wrong(const json *form);

#endif
