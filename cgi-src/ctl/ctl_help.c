/*
 * ctl_help.c - the commands there are, what they are good for, and what is wrong with a line that
 * is none of them. tidemark config.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/conf.h"
#include "ctl/ctl.h"

const struct command commands[] = {
	{ "status", "[--failed] [--due] [--user NAME] [--json]",
	    "what is due, what runs, what failed and why", "failed,due,user:,json", 0, 0, false,
	    ctl_status },
	{ "sync", "NAME|ID [--user NAME] [--wait]",
	    "start a sync now; --wait shows progress and outcome", "wait,user:", 1, 1, false,
	    ctl_sync },
	{ "undo", "SYNC [--user NAME] [--look]",
	    "take back what a sync has changed, by its id; --look says what that would be",
	    "look,user:", 1, 1, false, ctl_undo },
	{ "doctor", "[--online] [--json]",
	    "look for what is set up wrongly; --online asks providers too", "online,json", 0, 0,
	    true, ctl_doctor },
	{ "migrate", "",
	    "make the state directory, the key and the database, or bring them up to date", "", 0,
	    0, true, ctl_migrate },
	{ "user add", "NAME [--operator] [--email ADDRESS] [--workspace ID]",
	    "add a user; --workspace is your application's own name of it",
	    "operator,email:,workspace:", 1, 1, false, ctl_user_add },
	{ "user list", "", "list the users", "", 0, 0, false, ctl_user_list },
	{ "user link", "NAME", "print a sign-in link that works once", "", 1, 1, false,
	    ctl_user_link },
	{ "user invite", "NAME", "print a link that works once and leads to choosing a password",
	    "", 1, 1, false, ctl_user_invite },
	{ "user reset", "NAME",
	    "drop the password, end every session and API token, and print such a link", "", 1, 1,
	    false, ctl_user_reset },
	{ "user disable", "NAME",
	    "nobody signs in as this user any more, and its tokens stop working", "", 1, 1, false,
	    ctl_user_disable },
	{ "user enable", "NAME", "undo that", "", 1, 1, false, ctl_user_enable },
	{ "user remove", "NAME --yes [--clean]",
	    "remove a user for good, with all they have; --clean: first what was made for them at "
	    "providers; without --yes, say what that is",
	    "yes,clean", 1, 1, false, ctl_user_remove },
	{ "token create", "--user NAME --scopes read,sync,write [--name X] [--days N]",
	    "print a new API token, and nothing else", "user:,scopes:,name:,days:", 0, 0, false,
	    ctl_token_create },
	{ "token list", "[--user NAME]", "list the API tokens", "user:", 0, 0, false,
	    ctl_token_list },
	{ "token revoke", "ID [--user NAME]", "make a token useless", "user:", 1, 1, false,
	    ctl_token_revoke },
	{ "rotate-key", "[--keep-old]",
	    "seal every stored secret with a new key; goes on where it was interrupted", "keep-old",
	    0, 0, false, ctl_rotate_key },
	{ "backup", "FILE", "write a copy of the database; keep the key file with it", "", 1, 1,
	    true, ctl_backup },
	{ "compact", "", "give back what the database does not use of its file; who writes waits",
	    "", 0, 0, false, ctl_compact },
	{ "restore", "FILE",
	    "put a backup in the place of all there is, also while Tidemark runs; what was there "
	    "is kept in a file beside it",
	    "", 1, 1, true, ctl_restore },
	{ "config", "[--save]", "the settings in force, and where each comes from", "save", 0, 0,
	    true, ctl_config },
	{ "audit", "[--user NAME [--object ID]] [--limit N]",
	    "who did what, from where, newest first", "user:,limit:,object:", 0, 0, false,
	    ctl_audit },
};

const size_t commands_n = sizeof commands / sizeof *commands;

typedef void say_fn(const char *fmt, ...);

static void
help_command(say_fn *say, const struct command *c)
{
	say("  tidemark %s%s%s\n", c->words, *c->usage ? " " : "", c->usage);
	say("        %s\n", c->help);
}

/* Does the command begin with these words? */
static bool
help_begins(const struct command *c, int argc, char *const *argv)
{
	struct str rest = str_c(c->words);

	for (int i = 0; i < argc; i++)
		if (!rest.p || !str_is(str_cut(rest, ' ', &rest), argv[i]))
			return false;
	return true;
}

static void
help_settings(void)
{
	ctl_say("\n");
	ctl_say(
	    "Settings come from the environment and the file named by TIDEMARK_CONFIG; where\n");
	ctl_say("nginx/run.sh runs, its own are in force (tidemark config shows them):\n");
	for (int k = 0; k < CONF__MAX; k++) {
		const char *dflt = conf_default((enum conf_key)k);

		if (!conf_internal((enum conf_key)k))
			ctl_say(*dflt ? "  %-26s %s [%s]\n" : "  %-26s %s%s\n",
			    conf_name((enum conf_key)k), conf_help((enum conf_key)k), dflt);
	}
}

int
ctl_help(int argc, char *const *argv)
{
	size_t n = 0;

	if (argc > 0) {
		for (size_t i = 0; i < commands_n; i++)
			if (help_begins(&commands[i], argc, argv)) {
				help_command(ctl_say, &commands[i]);
				n++;
			}
		return n ? EX_OK : ctl_unknown(argc, argv);
	}
	ctl_say("usage: tidemark COMMAND ...\n");
	ctl_say("\n");
	for (size_t i = 0; i < commands_n; i++)
		help_command(ctl_say, &commands[i]);
	ctl_say("\n");
	ctl_say("  tidemark help [COMMAND] | --help | --version\n");
	help_settings();
	return EX_OK;
}

int
ctl_unknown(int argc, char *const *argv)
{
	size_t n = 0;

	for (size_t i = 0; argc > 0 && i < commands_n; i++)
		n += help_begins(&commands[i], 1, argv);
	if (argc == 0)
		ctl_tell("tidemark: Say what is to be done; tidemark help lists the commands.\n");
	else if (n == 0)
		ctl_tell("tidemark: There is no command \"%.80s\"; tidemark help lists them.\n",
		    argv[0]);
	else if (argc == 1)
		ctl_tell("tidemark: \"%s\" is one of several commands:\n", argv[0]);
	else
		ctl_tell("tidemark: There is no command \"%s %.80s\", but:\n", argv[0], argv[1]);
	for (size_t i = 0; n > 0 && i < commands_n; i++)
		if (help_begins(&commands[i], 1, argv))
			help_command(ctl_tell, &commands[i]);
	return EX_USAGE;
}

int
ctl_misused(const struct command *c, const char *why, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof text, why, ap);
	va_end(ap);
	ctl_tell("tidemark %s: %s\n", c->words, text);
	ctl_tell("usage: tidemark %s%s%s\n", c->words, *c->usage ? " " : "", c->usage);
	return EX_USAGE;
}

enum rc
ctl_config(struct call *c)
{
	if (call_option(c, "save"))
		return conf_save(c->cx, "run/env", true);
	for (int k = 0; k < CONF__MAX; k++) {
		const char *value = conf_str((enum conf_key)k);

		if (conf_internal((enum conf_key)k) && !conf_set((enum conf_key)k))
			continue;
		if (conf_secret((enum conf_key)k))
			value = *value ? "(set)" : "";
		ctl_say("%-34s %-11s %s\n", conf_name((enum conf_key)k),
		    conf_source((enum conf_key)k), value);
	}
	return RC_OK;
}
