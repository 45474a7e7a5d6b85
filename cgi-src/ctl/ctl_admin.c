/*
 * ctl_admin.c - tidemark migrate, backup, doctor.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/conf.h"
#include "ctl/ctl.h"
#include "app/doctor.h"
#include "app/doctor_logins.h"
#include "vault/vault.h"

enum rc
ctl_migrate(struct call *c)
{
	struct vault *vault;
	enum rc rc;
	int applied;

	if (mkdir(conf_str(CONF_HOME), 0700) != 0 && errno != EEXIST)
		return fail(c->cx, E_UNAVAILABLE, "The state directory %s cannot be made: %s.",
		    conf_str(CONF_HOME), strerror(errno));
	TRY(vault_open(c->cx, true, &vault));
	TRY(db_open(c->cx, DB_ANY_SCHEMA, &c->db));
	rc = db_migrate(c->cx, c->db, &applied);
	if (rc == RC_OK)
		ctl_say("The database is at version %d; %d step%s applied.\n",
		    db_schema_version(c->db), applied, applied == 1 ? "" : "s");
	return rc;
}

enum rc
ctl_backup(struct call *c)
{
	TRY(db_backup(c->cx, c->db, c->arg[0]));
	ctl_say("%s\n", c->arg[0]);
	return RC_OK;
}

/* Exit code 0 only when all is well, so that a script can ask. */
enum rc
ctl_doctor(struct call *c)
{
	const char *trouble = NULL;
	json *list;
	bool all_ok;

	TRY(doctor_checks(c->cx, c->db, DOCTOR_ALL, &list, &all_ok));
	if (call_option(c, "online"))
		TRY(doctor_online(c->cx, list));
	for (size_t i = 0; i < json_len(list); i++) {
		const json *row = json_nth(list, i);
		const char *advice = json_str(row, "advice"), *detail = json_str(row, "detail");
		bool ok = json_flag(row, "ok", false);

		if (!ok && !trouble)
			trouble = json_str(row, "name");
		if (call_option(c, "json"))
			continue;
		ctl_say("%-7s %-15s %s\n", ok ? "ok" : "TROUBLE", json_str(row, "name"),
		    detail ? detail : "");
		if (!ok && advice)
			ctl_say("        %s\n", advice);
	}
	if (call_option(c, "json"))
		ctl_say("%s\n", json_text(c->cx->a, list));
	return trouble ? fail(c->cx, E_STATE, "Something needs attention: %s.", trouble) : RC_OK;
}
