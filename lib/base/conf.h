/*
 * conf.h - the configuration: environment first, then the file named by TIDEMARK_CONFIG (INI,
 * one key = value a line).
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
bool conf_secret(enum conf_key);
/* For a program of ours that is started: the environment, and of the secrets that it held the
 * ones that worker processes use. */
char **conf_environment(struct arena *);
const char *conf_file(void); /* that was read; NULL: none */
bool conf_file_secret(void); /* does it hold a secret? */
/* A file inside the state directory; the arena's. */
const char *conf_path(struct arena *, const char *name);
/* The public address without a slash at its end: APP_URL, or else the one of make run. */
const char *conf_app_url(struct arena *);
/* tests; the text must outlive the process's use of it */
void conf_override(enum conf_key, const char *);

#endif
