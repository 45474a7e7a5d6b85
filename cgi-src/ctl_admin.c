/*
 * ctl_admin.c - tidemark migrate, backup, doctor, audit.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/conf.h"
#include "ctl.h"
#include "vault/vault.h"

enum rc
ctl_migrate(struct call *c)
{
	struct vault *vault;
	enum rc rc;
	int applied;

	if (mkdir(conf_str(CONF_HOME), 0700) != 0 && errno != EEXIST)
		return fail(c->cx, E_UNAVAILABLE, "The state directory %s cannot be made: %s.", conf_str(CONF_HOME), strerror(errno));
	TRY(vault_open(c->cx, true, &vault));
	TRY(db_open(c->cx, DB_ANY_SCHEMA, &c->db));
	rc = db_migrate(c->cx, c->db, &applied);
	if (rc == RC_OK)
		printf("The database is at version %d; %d step%s applied.\n", db_schema_version(c->db), applied, applied == 1 ? "" : "s");
	return rc;
}

enum rc
ctl_backup(struct call *c)
{
	TRY(db_backup(c->cx, c->db, c->arg[0]));
	printf("%s\n", c->arg[0]);
	return RC_OK;
}
