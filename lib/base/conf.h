/*
 * conf.h - the configuration. What is found further down wins:
 *
 *	the built-in value;
 *	the file that TIDEMARK_CONFIG names, or /etc/tidemark/tidemark.conf (INI);
 *	for an installed program /etc/tidemark/tidemark.env, which units and cron hand over;
 *	the environment;
 *	what runs with this state directory (run/env in it).
 *
 * The last is for whoever calls a program from another shell than the one that nginx/run.sh was
 * started in: it acts on that installation, with its addresses and its permissions. Only where the
 * state directory is, the caller says.
 *
 * The only reader of the environment. conf.def has one row per key.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/err.h"

enum conf_key {
#define CONF(id, name, type, dflt, min, max, secret, help) CONF_##id,
#include "base/conf.def"
#undef CONF
	CONF__MAX
};

/* Reads and checks everything once. On a bad value: E_INPUT with a sentence that names the key. */
MUST enum rc conf_load(struct ctx *);
const char *conf_str(enum conf_key); /* never NULL */
int64_t conf_int(enum conf_key);
bool conf_set(enum conf_key); /* given and not empty */
const char *conf_name(enum conf_key);
const char *conf_help(enum conf_key);
const char *conf_default(enum conf_key);
/* "built in", "file", "environment", "running": where the value comes from. */
const char *conf_source(enum conf_key);
/* The environment has another value than what runs, and was passed over. */
bool conf_overruled(enum conf_key);
/* Writes the settings to a file in the state directory, for its owner alone. "run/env" with
 * secrets: from now on, and as long as run.lock is held, programs with this state directory have
 * the settings of this one. */
MUST enum rc conf_save(struct ctx *, const char *name, bool secrets);
/* Has such a file another value than this program, of a setting that matters to what is done? *k:
 * the first of them. */
bool conf_differs(struct arena *, const char *name, enum conf_key *k);
bool conf_secret(enum conf_key);
/* This process needs it no more: it is wiped, and as if it had not been given. */
void conf_forget(enum conf_key);
bool conf_internal(enum conf_key); /* set by programs, for programs or tests: of no use to people */
/* For a program of ours that is started: the environment, with what runs in place of it, and of the
 * secrets that it held the ones that worker processes use. */
char **conf_environment(struct arena *);
/* What programs that are started from now on have as a setting. */
void conf_pass(enum conf_key, const char *value);
const char *conf_file(void); /* that was read; NULL: none */
bool conf_file_secret(void); /* does it hold a secret? */
/* A file inside the state directory; the arena's. */
const char *conf_path(struct arena *, const char *name);
/* The public address without a slash at its end: APP_URL, or else the one of make run. */
const char *conf_app_url(struct arena *);
/* tests; the text must outlive the process's use of it */
void conf_override(enum conf_key, const char *);

#endif
