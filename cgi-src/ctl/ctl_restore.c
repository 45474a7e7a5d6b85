/*
 * ctl_restore.c - tidemark restore. The backup is read as the caller's own user, who may be root,
 * and becomes a file of the state directory; from there it goes into the database in one
 * transaction, so it may run meanwhile. What was there is copied aside first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "ctl/ctl.h"

enum rc
ctl_restore_open(struct call *c)
{
	c->file = open(c->arg[0], O_RDONLY | O_CLOEXEC);
	return c->file >= 0
	    ? RC_OK
	    : fail(c->cx, E_STATE, "The file %s cannot be read: %s.", c->arg[0], strerror(errno));
}

static enum rc
restore_copy(struct call *c, const char *to)
{
	char part[64 * 1024];
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	ssize_t n = -1;
	bool well = out >= 0;

	while (well && (n = read(c->file, part, sizeof part)) > 0)
		for (ssize_t at = 0, put; well && at < n; at += put) {
			put = write(out, part + at, (size_t)(n - at));
			well = put > 0;
		}
	well = well && n == 0 && close(out) == 0;
	return well ? RC_OK
		    : fail(c->cx, E_STATE, "The backup could not be copied into %s: %s.",
			  conf_str(CONF_HOME), strerror(errno));
}

/* A name that sorts by time, beside the database. */
static const char *
aside_path(struct ctx *cx)
{
	char at[CLOCK_TEXT];
	char *name = arena_printf(
	    cx->a, "before-restore-%s.%ld.db", clock_text(clock_ms(), at), (long)getpid());

	for (char *p = name; *p; p++)
		if (*p == ':')
			*p = '-';
	return conf_path(cx->a, name);
}

static enum rc
restore_into(struct call *c, const char *copy, const char *aside)
{
	int steps;

	TRY(db_open(c->cx, DB_ANY_SCHEMA, &c->db));
	TRY(db_backup(c->cx, c->db, aside));
	if (db_restore(c->cx, c->db, copy) != RC_OK) {
		(void)unlink(aside);
		return error_row(c->cx->err.kind)->rc;
	}
	TRY(db_migrate(c->cx, c->db, &steps));
	return call_note(c, "backup restored", c->arg[0]);
}

enum rc
ctl_restore(struct call *c)
{
	const char *aside = aside_path(c->cx);
	const char *copy = conf_path(
	    c->cx->a, arena_printf(c->cx->a, "restore.%ld", (long)getpid()));
	enum rc rc = restore_copy(c, copy);

	close(c->file);
	if (rc == RC_OK)
		rc = restore_into(c, copy, aside);
	(void)unlink(copy);
	if (rc == RC_OK)
		ctl_say("Restored. What was there is in %s.\n"
			"Who follows feeds is told to start again.\n",
		    aside);
	return rc;
}
