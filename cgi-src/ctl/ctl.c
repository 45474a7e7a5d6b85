/*
 * ctl.c - tidemark, the operator's command. It works on the state directory itself and needs no
 * running server. Exit codes are those of sysexits.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/conf.h"
#include "base/confine.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/utf8.h"
#include "ctl/ctl.h"
#include "store/audit.h"

enum { CTL_ARENA = 256 * 1024 * 1024 };

/* The number of a control character of so many bytes. */
static unsigned
ctl_code(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;

	if (n == 1)
		return u[0];
	return n == 2 ? (u[0] & 0x1fU) << 6 | (u[1] & 0x3fU)
		      : (u[0] & 0x0fU) << 12 | (u[1] & 0x3fU) << 6 | (u[2] & 0x3fU);
}

static void ctl_write(FILE *, const char *fmt, va_list) PRINTF(2, 0);

/* What a terminal would obey, or a reader take for another line, is written as JSON does it. The
 * end of the line is the format's own. */
static void
ctl_write(FILE *to, const char *fmt, va_list args)
{
	struct arena *a = arena_new("line", CTL_ARENA, ARENA_WIPE);
	struct str s = str_c(arena_vprintf(a, fmt, args));
	bool line = str_ends(str_c(fmt), "\n");
	size_t n;

	s.n -= line;
	for (size_t i = 0; i < s.n; i += n) {
		size_t bad = utf8_control(s.p + i, s.n - i);

		n = bad ? bad : 1;
		if (!bad)
			putc(s.p[i], to);
		else
			fprintf(to, "\\u%04x", ctl_code(s.p + i, bad));
	}
	if (line)
		putc('\n', to);
	arena_free(a);
}

void
ctl_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ctl_write(stdout, fmt, args);
	va_end(args);
}

void
ctl_tell(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ctl_write(stderr, fmt, args);
	va_end(args);
}

const char *
call_option(const struct call *c, const char *name)
{
	for (size_t i = 0; i < c->options; i++)
		if (!strcmp(c->option[i].name, name))
			return c->option[i].value;
	return NULL;
}

struct caller
call_by(struct call *c, const char *owner)
{
	return (struct caller){
		.owner = owner,
		.actor = { .name = "command", .from = "" },
		.scopes = SCOPE_ALL,
		.wrong = &c->wrong,
	};
}

struct call_note {
	struct caller by;
	struct deed deed;
};

static enum rc
call_note_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct call_note *n = arg;

	return audit_add(cx, db, AUDIT_NOBODY, &n->by.actor, &n->deed);
}

enum rc
call_note(struct call *c, const char *action, const char *detail)
{
	struct call_note n = { call_by(c, NULL), { action, "", detail } };

	return db_write(c->cx, c->db, call_note_write, &n);
}

/* The command that the first words name; *used how many they are. */
static const struct command *
ctl_find(int argc, char **argv, int *used)
{
	for (size_t i = 0; i < commands_n; i++) {
		const char *space = strchr(commands[i].words, ' ');
		size_t first = space ? (size_t)(space - commands[i].words)
				     : strlen(commands[i].words);

		if (argc < 2 || strlen(argv[1]) != first ||
		    strncmp(argv[1], commands[i].words, first) != 0)
			continue;
		if (space && (argc < 3 || strcmp(argv[2], space + 1) != 0))
			continue;
		*used = space ? 3 : 2;
		return &commands[i];
	}
	return NULL;
}

/* Is the option among "a,b:"? *value: does it take one? */
static bool
known_option(struct str list, struct str name, bool *value)
{
	while (list.p && list.n) {
		struct str rest, item = str_cut(list, ',', &rest);

		*value = str_ends(item, ":");
		if (*value)
			item.n--;
		if (str_eq(item, name))
			return true;
		list = rest;
	}
	return false;
}

/* 0, or the exit code when it has complained. */
static int
parse_option(struct call *c, const struct command *cmd, int argc, char **argv, int *i)
{
	struct str value, name = str_cut(str_c(argv[*i] + 2), '=', &value);
	int n = (int)(name.n < 80 ? name.n : 80);
	bool takes;

	if (!known_option(str_c(cmd->options), name, &takes))
		return ctl_misused(cmd, "There is no option --%.*s here.", n, name.p);
	if (value.p && !takes)
		return ctl_misused(cmd, "The option --%.*s takes no value.", n, name.p);
	if (c->options == CTL_OPTIONS)
		return ctl_misused(cmd, "These are too many options.");
	c->option[c->options].name = arena_dup_str(c->cx->a, name);
	c->option[c->options].value = "";
	if (takes && value.p)
		c->option[c->options].value = arena_dup_str(c->cx->a, value);
	else if (takes) {
		if (*i + 1 >= argc)
			return ctl_misused(cmd, "The option --%.*s needs a value.", n, name.p);
		c->option[c->options].value = argv[++*i];
	}
	c->options++;
	return 0;
}

static int
ctl_parse(struct call *c, const struct command *cmd, int argc, char **argv, int from)
{
	int code;

	for (int i = from; i < argc; i++) {
		if (!strncmp(argv[i], "--", 2)) {
			if ((code = parse_option(c, cmd, argc, argv, &i)) != 0)
				return code;
		} else if (c->n == cmd->max)
			return ctl_misused(cmd, "\"%.80s\" is one word too many.", argv[i]);
		else
			c->arg[c->n++] = argv[i];
	}
	return c->n >= cmd->min ? 0 : ctl_misused(cmd, "An argument is missing.");
}

/* What the state directory has is not the database of this program. */
static bool
is_other_database(enum error_kind kind)
{
	return kind == E_SCHEMA || kind == E_NEWER || kind == E_FOREIGN;
}

static int
exit_code(enum rc rc, const struct err *e)
{
	switch (rc) {
	case RC_OK:
		return EX_OK;
	case RC_AUTH:
	case RC_DENIED:
		return EX_NOPERM;
	case RC_NOTFOUND:
		return EX_NOINPUT;
	case RC_INVALID:
		return e->kind == E_INPUT || e->kind == E_BAD_REQUEST ? EX_USAGE : EX_DATAERR;
	case RC_CONFLICT:
		return e->kind == E_STATE ? EX_DATAERR : EX_TEMPFAIL;
	case RC_BUG:
		return EX_SOFTWARE;
	default:
		return is_other_database(e->kind) ? EX_CONFIG : EX_TEMPFAIL;
	}
}

/* What this shell says and the running installation does not. */
static void
ctl_overruled(void)
{
	for (int k = 0; k < CONF__MAX; k++)
		if (conf_overruled((enum conf_key)k) && !conf_internal((enum conf_key)k))
			ctl_tell(
			    "tidemark: %s of this shell is passed over: the installation in %s "
			    "runs with its own.\n",
			    conf_name((enum conf_key)k), conf_str(CONF_HOME));
}

static int
ctl_complain(const struct call *c, enum rc rc)
{
	const struct ctx *cx = c->cx;
	const struct error_row *row = error_row(cx->err.kind);

	/* What is wrong with the input is said as a form says it, without the names that fields
	 * have in the interface. */
	for (size_t i = 0; i < json_len(c->wrong.list); i++)
		ctl_tell("tidemark: %s\n", json_str(json_nth(c->wrong.list, i), "message"));
	if (json_len(c->wrong.list) && cx->err.kind == E_INPUT)
		return exit_code(rc, &cx->err);
	ctl_tell("tidemark: %s\n", *cx->err.detail ? cx->err.detail : row->title);
	if (is_other_database(cx->err.kind)) {
		if (cx->err.kind != E_SCHEMA)
			ctl_tell("%s\n", row->advice);
		ctl_tell("This is about the state directory %s. If Tidemark runs with another one, "
			 "name it: TIDEMARK_HOME=DIRECTORY tidemark ...\n",
		    conf_str(CONF_HOME));
		return exit_code(rc, &cx->err);
	}
	/* What the caller got wrong is said in the detail; for the rest there is advice. */
	if (cx->err.kind != E_INPUT && cx->err.kind != E_NOT_FOUND && cx->err.kind != E_STATE &&
	    *row->advice)
		ctl_tell("%s\n", row->advice);
	return exit_code(rc, &cx->err);
}

int
main(int argc, char **argv)
{
	static struct ctx cx;
	struct call call = { .cx = &cx };
	const struct command *cmd;
	int used = 0, code;
	enum rc rc;

	log_init("tidemark");
	cx.a = arena_new("command", CTL_ARENA, ARENA_WIPE);
	if (argc >= 2 && !strcmp(argv[argc - 1], "--help"))
		return ctl_help(argc - 2, argv + 1);
	if (argc >= 2 && !strcmp(argv[1], "help"))
		return ctl_help(argc - 2, argv + 2);
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return puts("tidemark " TIDEMARK_VERSION) < 0 ? EX_IOERR : EX_OK;
	cmd = ctl_find(argc, argv, &used);
	if (!cmd)
		return ctl_unknown(argc - 1, argv + 1);
	if ((code = ctl_parse(&call, cmd, argc, argv, used)) != 0)
		return code;
	confine_start();
	if (conf_load(&cx) != RC_OK) {
		ctl_tell("tidemark: %s\n", cx.err.detail);
		return EX_CONFIG;
	}
	ctl_overruled();
	rc = RC_OK;
	if (cmd->run == ctl_backup)
		rc = ctl_backup_open(&call);
	else if (cmd->run == ctl_restore)
		rc = ctl_restore_open(&call);
	if (rc == RC_OK)
		rc = proc_as_owner(&cx, conf_str(CONF_HOME));
	if (rc == RC_OK && !cmd->own_db)
		rc = db_open(&cx, 0, &call.db);
	if (rc == RC_OK)
		rc = cmd->run(&call);
	if (fflush(stdout) != 0 && rc == RC_OK)
		code = EX_IOERR;
	else
		code = rc == RC_OK ? EX_OK : ctl_complain(&call, rc);
	db_close(call.db);
	arena_free(cx.a);
	return code;
}
