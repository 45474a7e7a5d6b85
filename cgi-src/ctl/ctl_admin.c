/*
 * ctl_admin.c - tidemark migrate, backup, compact, doctor.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "ctl/ctl.h"
#include "app/doctor.h"
#include "app/doctor_logins.h"
#include "app/veiled.h"
#include "vault/vault.h"

enum rc
ctl_migrate(struct call *c)
{
	struct vault *vault;
	enum rc rc;
	int applied;

	if (mkdir(conf_str(CONF_HOME), 0700) != 0 && errno != EEXIST)
		return fail_file(c->cx, errno,
		    arena_printf(c->cx->a, "The state directory %s cannot be made: %s.",
			conf_str(CONF_HOME), strerror(errno)));
	TRY(vault_open(c->cx, true, &vault));
	TRY(db_open(c->cx, DB_ANY_SCHEMA, &c->db));
	rc = db_migrate(c->cx, c->db, &applied);
	if (rc == RC_OK)
		rc = veiled_all(c->cx, c->db);
	/* It is being started: if there is still damage, it will be met again. */
	db_forget_damage(c->cx->a);
	if (rc == RC_OK)
		ctl_say("The database is at version %d; %d step%s applied.\n",
		    db_schema_version(c->db), applied, applied == 1 ? "" : "s");
	return rc;
}

enum rc
ctl_backup_open(struct call *c)
{
	const char *file = c->arg[0];

	if (!strcmp(file, "-"))
		return fail(c->cx, E_INPUT,
		    "A backup goes into a file, not to standard output; give its name.");
	c->file = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (c->file >= 0)
		return RC_OK;
	return errno == EEXIST
	    ? fail(c->cx, E_STATE, "The file %s exists already; give another name.", file)
	    : fail(c->cx, E_STATE, "The file %s cannot be made: %s.", file, strerror(errno));
}

static enum rc
backup_copy(struct call *c, const char *from)
{
	char part[64 * 1024];
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = -1, put = 0;

	while (in >= 0 && (n = read(in, part, sizeof part)) > 0)
		for (ssize_t at = 0; at < n; at += put)
			if ((put = write(c->file, part + at, (size_t)(n - at))) < 0) {
				close(in);
				goto failed;
			}
	if (in >= 0)
		close(in);
	if (n == 0 && fsync(c->file) == 0)
		return RC_OK;
failed:
	return fail(c->cx, E_STATE, "The copy could not be written: %s.", strerror(errno));
}

/* Into the file that was opened; by way of the state directory where only the caller may write, who
 * this process is no more. */
static enum rc
backup_write(struct call *c)
{
	const char *file = c->arg[0];
	const char *beside = conf_path(
	    c->cx->a, arena_printf(c->cx->a, "backup.%ld", (long)getpid()));
	enum rc rc;

	TRY(db_open(c->cx, 0, &c->db));
	if (access(file, W_OK) == 0) {
		rc = db_backup(c->cx, c->db, file);
		/* Not that of the database, which is only read. */
		return rc != RC_OK && c->cx->err.kind == E_DISK_FULL
		    ? fail(c->cx, E_STATE, "The copy could not be written: the disk of %s is full.",
			  file)
		    : rc;
	}
	rc = db_backup(c->cx, c->db, beside);
	if (rc == RC_OK)
		rc = backup_copy(c, beside);
	(void)unlink(beside);
	return rc;
}

enum rc
ctl_backup(struct call *c)
{
	enum rc rc = backup_write(c);

	close(c->file);
	if (rc != RC_OK && unlink(c->arg[0]) != 0)
		ctl_tell("tidemark: %s is of no use and can be removed.\n", c->arg[0]);
	if (rc == RC_OK)
		ctl_say("%s\n", c->arg[0]);
	return rc;
}

enum rc
ctl_compact(struct call *c)
{
	struct db_space before, after;

	TRY(db_space(c->cx, c->db, &before));
	TRY(db_compact(c->cx, c->db));
	TRY(db_space(c->cx, c->db, &after));
	ctl_say("The database took %lld KB and takes %lld KB.\n", (long long)(before.bytes >> 10),
	    (long long)(after.bytes >> 10));
	return RC_OK;
}

/* Exit code 0 only when all is well, so that a script can ask. */
enum rc
ctl_doctor(struct call *c)
{
	const char *trouble = NULL;
	json *list;
	bool all_ok;

	/* One that cannot be opened is what it is there to speak of. */
	if (db_open(c->cx, 0, &c->db) != RC_OK)
		c->db = NULL;
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
