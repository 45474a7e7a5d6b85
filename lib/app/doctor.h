/*
 * doctor.h - is this installation set up well? One row per question; the same answers for the
 * interface and the command. They reach nothing outside this machine.
 */
#ifndef APP_DOCTOR_H
#define APP_DOCTOR_H

#include "db/db.h"
#include "base/json.h"

enum doctor_depth {
	DOCTOR_READY, /* can it work now? database and tick alone */
	DOCTOR_QUICK, /* all but the reading of the whole database */
	DOCTOR_ALL
};

/* [{"name", "ok", "detail", "advice"}]; advice is null when ok. A question that cannot be
 * answered is not ok. db NULL: it could not be opened, cx->err says why. *ok: all are. */
MUST enum rc doctor_checks(struct ctx *, struct db *, enum doctor_depth, json **out, bool *ok);
#endif
