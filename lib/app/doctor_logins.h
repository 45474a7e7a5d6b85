/*
 * doctor_logins.h - the checks of doctor.h that each provider of logins brings with it.
 */
#ifndef APP_DOCTOR_LOGINS_H
#define APP_DOCTOR_LOGINS_H

#include "db/db.h"
#include "base/json.h"

/* Adds to `list` the rows "ID", "ID-redirect", "ID-push", "ID-consent" of each provider, as far as
 * there is something to ask; *ok becomes false with one that is not. db NULL: it could not be
 * opened. */
MUST enum rc doctor_logins(struct ctx *, struct db *, json *list, bool *ok);

/* Asks each provider of logins whether it takes the client id and secret, and adds a row of the
 * same kind for each: "ID-online". The only ones that reach the network, by a worker. */
MUST enum rc doctor_online(struct ctx *, json *list);

#endif
