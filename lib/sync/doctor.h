/*
 * doctor.h - is this installation set up well? One row per question; the same answers for the page, the interface and the command.
 */
#ifndef SYNC_DOCTOR_H
#define SYNC_DOCTOR_H

#include "db/db.h"
#include "base/json.h"

/* [{"name", "ok", "detail", "advice"}]; advice is null when ok. */
MUST enum rc doctor_checks(struct ctx *, struct db *, json **out);

#endif
