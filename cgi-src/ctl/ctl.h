/*
 * ctl.h - what the parts of the operator's command share. A command is a row of the table in
 * ctl.c: its words, options and function.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "app/caller.h"

enum { CTL_ARGS = 4, CTL_OPTIONS = 8 };

struct call {
	struct ctx *cx;
	struct db *db;             /* NULL for commands that open it themselves */
	const char *arg[CTL_ARGS]; /* what is no option, in order */
	size_t n;
	struct {
		const char *name, *value; /* value "" for an option without one */
	} option[CTL_OPTIONS];
	size_t options;
	struct complaints wrong; /* about what was given */
	/* opened as the caller's own user: of backup (ctl_admin.c) and restore (ctl_restore.c); or
	 * -1 */
	int file;
};

struct command {
	const char *words; /* "token create" */
	const char *usage; /* what follows them */
	const char *help;
	const char *options; /* "user:,json": a colon for those with a value */
	size_t min, max;     /* arguments beside options */
	bool own_db;         /* opens the database itself, or needs none */
	enum rc (*run)(struct call *);
};
extern const struct command commands[];
extern const size_t commands_n;

/* Each prints and gives the exit code. What the words, if any, name, or all there is. */
int ctl_help(int argc, char *const *argv);
/* There is no such command. */
int ctl_unknown(int argc, char *const *argv);
/* It is not called like that. */
__attribute__((format(printf, 2, 3))) int ctl_misused(const struct command *, const char *why, ...);

/* The only writers of the command: one line, or a part of one, to standard output and error. What
 * came from outside may be among it: control characters arrive as \u001b. */
void ctl_say(const char *fmt, ...) PRINTF(1, 2);
void ctl_tell(const char *fmt, ...) PRINTF(1, 2);

const char *call_option(const struct call *, const char *name); /* NULL: not given */

/* The operator at the command line, who may all, for the user whose things they are; owner NULL:
 * nobody's. */
struct caller call_by(struct call *, const char *owner);

/* Into the audit: what was done to the whole installation. */
MUST enum rc call_note(struct call *, const char *action, const char *detail);

struct user;
typedef enum rc user_fn(struct call *, const struct user *, void *arg);
/* For the user that --user names, or else for every one. */
MUST enum rc call_users(struct call *, user_fn *, void *arg);

/* Each prints its result on standard output and returns the outcome; details of a failure are
 * printed by ctl.c. */
MUST enum rc ctl_status(struct call *);
MUST enum rc ctl_sync(struct call *);
MUST enum rc ctl_undo(struct call *);
MUST enum rc ctl_migrate(struct call *);
MUST enum rc ctl_backup(struct call *);
/* Before the program goes on as the owner of the state directory: FILE may lie where only the
 * caller can write. */
MUST enum rc ctl_backup_open(struct call *);
MUST enum rc ctl_restore(struct call *);
MUST enum rc ctl_restore_open(struct call *);
MUST enum rc ctl_compact(struct call *);
MUST enum rc ctl_config(struct call *);
MUST enum rc ctl_doctor(struct call *);
MUST enum rc ctl_rotate_key(struct call *);
MUST enum rc ctl_audit(struct call *);
MUST enum rc ctl_user_add(struct call *);
MUST enum rc ctl_user_list(struct call *);
MUST enum rc ctl_user_link(struct call *);
MUST enum rc ctl_user_invite(struct call *);
MUST enum rc ctl_user_reset(struct call *);
MUST enum rc ctl_user_disable(struct call *);
MUST enum rc ctl_user_enable(struct call *);
MUST enum rc ctl_user_remove(struct call *);
MUST enum rc ctl_token_create(struct call *);
MUST enum rc ctl_token_list(struct call *);
MUST enum rc ctl_token_revoke(struct call *);

#endif
