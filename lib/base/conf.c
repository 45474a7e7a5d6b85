/*
 * conf.c - reads the configuration once; every value is checked before the first one is used.
 * The only caller of getenv().
 *
 * The values live in an arena of this file until the next conf_load(). The configuration file is
 * read by inih; sections are allowed and mean nothing. A secret in the environment is moved, not
 * copied: /proc shows the environment that a process began with, and its children would get it.
 */
#include "base/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

#define DEFAULT_FILE "/etc/tidemark/tidemark.conf"

enum { CONF_TEXT, CONF_INT };
enum { CONF_PASSED_ON = 2 };
enum { FILE_LINE_MAX = 4096, CONF_ARENA_MAX = 1 << 20 };

static const struct conf_row {
	const char *name;
	int type;
	const char *dflt;
	int64_t min, max;
	int secret;
	const char *help;
} rows[CONF__MAX] = {
#define TEXT CONF_TEXT
#define INT CONF_INT
#define CONF(id, name, type, dflt, min, max, secret, help) \
	{ name, type, dflt, min, max, secret, help },
#include "base/conf.def"
#undef CONF
#undef TEXT
#undef INT
};

static struct {
	const char *loaded;   /* NULL: not given */
	const char *override; /* NULL: none */
} values[CONF__MAX];
static struct arena *memory;
static const char *file; /* that was read */
static bool file_secret;

const char *
conf_str(enum conf_key k)
{
	if (values[k].override)
		return values[k].override;
	return values[k].loaded ? values[k].loaded : rows[k].dflt;
}

int64_t
conf_int(enum conf_key k)
{
	int64_t v = 0;

	if (!str_i64(str_c(conf_str(k)), rows[k].min, rows[k].max, &v))
		str_i64(str_c(rows[k].dflt), rows[k].min, rows[k].max, &v);
	return v;
}

bool
conf_set(enum conf_key k)
{
	const char *given = values[k].override ? values[k].override : values[k].loaded;

	return given && *given;
}

const char *
conf_name(enum conf_key k)
{
	return rows[k].name;
}

const char *
conf_help(enum conf_key k)
{
	return rows[k].help;
}

bool
conf_secret(enum conf_key k)
{
	return rows[k].secret != 0;
}

const char *
conf_path(struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", conf_str(CONF_HOME), name);
}

const char *
conf_app_url(struct arena *a)
{
	struct str url = str_c(conf_str(CONF_APP_URL));

	while (str_ends(url, "/"))
		url.n--;
	return url.n ? arena_dup_str(a, url)
		     : arena_printf(a, "http://127.0.0.1:%lld", (long long)conf_int(CONF_PORT));
}

const char *
conf_file(void)
{
	return file;
}

bool
conf_file_secret(void)
{
	return file_secret;
}

char **
conf_environment(struct arena *a)
{
	size_t n = 0, k;
	char **all;

	while (environ[n])
		n++;
	all = arena_array(a, n + CONF__MAX + 1, sizeof *all);
	memcpy(all, environ, n * sizeof *all);
	for (k = 0; k < CONF__MAX; k++)
		if (rows[k].secret == CONF_PASSED_ON && conf_set((enum conf_key)k))
			all[n++] = arena_printf(
			    a, "%s=%s", rows[k].name, conf_str((enum conf_key)k));
	return all;
}

/* Who cannot ask is told. */
static void
conf_told(enum conf_key k)
{
	if (k == CONF_LOG_LEVEL)
		log_level((enum log_level)conf_int(k));
}

void
conf_override(enum conf_key k, const char *value)
{
	values[k].override = value;
	conf_told(k);
}

struct reading {
	struct ctx *cx;
	enum rc rc;
};

static int
key_of(const char *name)
{
	for (int k = 0; k < CONF__MAX; k++)
		if (strcmp(rows[k].name, name) == 0)
			return k;
	return -1;
}

/* One line of the file; inih wants 1 for "go on". Later lines win, as in a shell. */
static int
on_line(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *rd = arg;
	int k = key_of(name);

	(void)section;
	file_secret = file_secret || (k >= 0 && rows[k].secret);
	if (k >= 0)
		values[k].loaded = value && *value ? arena_dup(memory, value) : NULL;
	else if (rd->rc == RC_OK)
		rd->rc = fail(rd->cx, E_INPUT,
		    "The configuration file has a key that Tidemark does not know: %.80s.", name);
	return 1;
}

static enum rc
read_file(struct ctx *cx)
{
	struct reading rd = { cx, RC_OK };
	const char *given = getenv("TIDEMARK_CONFIG");
	FILE *f = fopen(given && *given ? given : DEFAULT_FILE, "re");
	int line;

	if (!f) {
		if ((!given || !*given) && (errno == ENOENT || errno == ENOTDIR))
			return RC_OK;
		return fail(cx, E_INPUT,
		    "The configuration file that TIDEMARK_CONFIG names, or the installed one, "
		    "cannot be read.");
	}
	/* A secret may hold a semicolon, and a value never goes on in the next line. */
	ini_allow_inline_comments = false;
	ini_allow_multiline = false;
	ini_max_line = FILE_LINE_MAX;
	line = ini_parse_file(f, on_line, &rd);
	fclose(f);
	file = arena_dup(memory, given && *given ? given : DEFAULT_FILE);
	if (rd.rc == RC_OK && line != 0)
		return fail(cx, E_INPUT,
		    "Line %d of the configuration file is not of the form NAME = value.", line);
	return rd.rc;
}

static enum rc
check_value(struct ctx *cx, const struct conf_row *row, const char *value)
{
	int64_t v;

	if (row->type == CONF_INT) {
		if (!str_i64(str_c(value), row->min, row->max, &v))
			return fail(cx, E_INPUT, "%s must be a whole number from %lld to %lld.",
			    row->name, (long long)row->min, (long long)row->max);
		return RC_OK;
	}
	if (!str_utf8_ok(str_c(value)))
		return fail(cx, E_INPUT, "%s is not valid UTF-8.", row->name);
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return fail(cx, E_INPUT, "%s holds a control character.", row->name);
	return RC_OK;
}

enum rc
conf_load(struct ctx *cx)
{
	if (memory)
		arena_reset(memory);
	else
		memory = arena_new("conf", CONF_ARENA_MAX, ARENA_WIPE);
	file = NULL;
	file_secret = false;
	for (int k = 0; k < CONF__MAX; k++)
		values[k].loaded = NULL;
	TRY(read_file(cx));
	for (int k = 0; k < CONF__MAX; k++) {
		char *env = getenv(rows[k].name);

		if (env && *env)
			values[k].loaded = arena_dup(memory, env);
		if (env && rows[k].secret) {
			explicit_bzero(env, strlen(env));
			unsetenv(rows[k].name);
		}
		if (values[k].loaded)
			TRY(check_value(cx, &rows[k], values[k].loaded));
		conf_told((enum conf_key)k);
	}
	return RC_OK;
}
