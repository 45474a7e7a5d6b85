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
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/self.h"

#define DEFAULT_FILE "/etc/tidemark/tidemark.conf"

enum { CONF_TEXT, CONF_INT };
enum { CONF_PASSED_ON = 2 };
enum { FILE_LINE_MAX = 4096, CONF_ARENA_MAX = 1 << 20, ENV_MAX = 1 << 16 };

static const struct conf_row {
	const char *name;
	int type;
	const char *dflt;
	int64_t min, max;
	int secret;
	const char *help;
} conf_rows[CONF__MAX] = {
#define TEXT CONF_TEXT
#define INT CONF_INT
#define CONF(id, name, type, dflt, min, max, secret, help) \
	{ name, type, dflt, min, max, secret, help },
#include "base/conf.def"
#undef CONF
#undef TEXT
#undef INT
};

enum { SOURCE_BUILT_IN, SOURCE_FILE, SOURCE_ENVIRONMENT, SOURCE_RUNNING };

static struct {
	const char *loaded;   /* NULL: not given */
	const char *override; /* NULL: none */
	int source;
	bool overruled;
} values[CONF__MAX];
static struct arena *memory;
static const char *file; /* that was read */
static bool file_secret;

const char *
conf_str(enum conf_key k)
{
	if (values[k].override)
		return values[k].override;
	return values[k].loaded ? values[k].loaded : conf_rows[k].dflt;
}

int64_t
conf_int(enum conf_key k)
{
	int64_t v = 0;

	if (!str_i64(str_c(conf_str(k)), conf_rows[k].min, conf_rows[k].max, &v))
		str_i64(str_c(conf_rows[k].dflt), conf_rows[k].min, conf_rows[k].max, &v);
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
	return conf_rows[k].name;
}

const char *
conf_help(enum conf_key k)
{
	return conf_rows[k].help;
}

bool
conf_internal(enum conf_key k)
{
	return str_starts(str_c(conf_rows[k].help), "Set by ") ||
	    str_starts(str_c(conf_rows[k].help), "Set where ") ||
	    str_ends(str_c(conf_rows[k].help), "For tests");
}

const char *
conf_default(enum conf_key k)
{
	return conf_rows[k].dflt;
}

const char *
conf_source(enum conf_key k)
{
	static const char *const words[] = { "built in", "file", "environment", "running" };

	return words[values[k].source];
}

bool
conf_overruled(enum conf_key k)
{
	return values[k].overruled;
}

bool
conf_secret(enum conf_key k)
{
	return conf_rows[k].secret != 0;
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

void
conf_forget(enum conf_key k)
{
	/* Copied or read by us, into memory of ours. */
	char *text = (char *)(uintptr_t)values[k].loaded;

	if (text)
		explicit_bzero(text, strlen(text));
	values[k].loaded = NULL;
}

bool
conf_file_secret(void)
{
	return file_secret;
}

/* Does the text "NAME=value" set a key that is passed on with another value? */
static bool
env_replaced(const char *entry)
{
	struct str value, name = str_cut(str_c(entry), '=', &value);

	for (int k = 0; k < CONF__MAX; k++)
		if (values[k].source == SOURCE_RUNNING && str_is(name, conf_rows[k].name))
			return true;
	return false;
}

char **
conf_environment(struct arena *a)
{
	size_t n = 0, all = 0;
	char **out;

	while (environ[all])
		all++;
	out = arena_array(a, all + CONF__MAX + 1, sizeof *out);
	for (size_t i = 0; i < all; i++)
		if (!env_replaced(environ[i]))
			out[n++] = environ[i];
	for (int k = 0; k < CONF__MAX; k++) {
		bool passed = conf_rows[k].secret == CONF_PASSED_ON ||
		    (!conf_rows[k].secret && values[k].source == SOURCE_RUNNING);

		if (passed && conf_set((enum conf_key)k))
			out[n++] = arena_printf(
			    a, "%s=%s", conf_rows[k].name, conf_str((enum conf_key)k));
	}
	return out;
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
		if (strcmp(conf_rows[k].name, name) == 0)
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
	file_secret = file_secret || (k >= 0 && conf_rows[k].secret);
	if (k >= 0) {
		values[k].loaded = value && *value ? arena_dup(memory, value) : NULL;
		values[k].source = values[k].loaded ? SOURCE_FILE : SOURCE_BUILT_IN;
	} else if (rd->rc == RC_OK)
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

/*
 * Files of NAME="value" lines, as a shell and systemd read them too.
 */

typedef void env_fn(enum conf_key k, const char *value, void *arg); /* value NULL: none */

static void
env_line(struct str line, env_fn *take, void *arg)
{
	struct str value, name = str_trim(str_cut(str_trim(line), '=', &value));
	int k;

	if (!name.n || !value.p || *name.p == '#' || *name.p == ';')
		return;
	value = str_trim(value);
	if (value.n > 1 && (*value.p == '"' || *value.p == '\'') &&
	    value.p[value.n - 1] == *value.p)
		value = (struct str){ value.p + 1, value.n - 2 };
	k = key_of(arena_dup_str(memory, name));
	if (k >= 0)
		take((enum conf_key)k, value.n ? arena_dup_str(memory, value) : NULL, arg);
}

/* Of a file that cannot be read nothing is taken. */
static bool
env_read(const char *path, env_fn *take, void *arg)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < ENV_MAX) {
		text = arena_alloc(memory, ENV_MAX);
		n = read(fd, text, ENV_MAX - 1);
	}
	close(fd);
	if (n <= 0 || memchr(text, 0, (size_t)n))
		return false;
	for (struct str rest = { text, (size_t)n }; rest.p;)
		env_line(str_cut(rest, '\n', &rest), take, arg);
	return true;
}

static void
take_file(enum conf_key k, const char *value, void *arg)
{
	(void)arg;
	values[k].loaded = value;
	values[k].source = SOURCE_FILE;
}

static void
take_running(enum conf_key k, const char *value, void *arg)
{
	(void)arg;
	if (k == CONF_HOME)
		return;
	values[k].overruled = values[k].source == SOURCE_ENVIRONMENT &&
	    (!value || strcmp(value, values[k].loaded));
	values[k].loaded = value;
	values[k].source = SOURCE_RUNNING;
}

/* arg: the first that differs, or CONF__MAX. What is of one process alone does not count. */
static void
take_difference(enum conf_key k, const char *value, void *arg)
{
	static const enum conf_key own[] = { CONF_HOME, CONF_PORT, CONF_LOG_LEVEL, CONF_BIN_DIR,
		CONF_CREDENTIALS, CONF_WAKE_FILE, CONF_ASK_SOCKET };
	enum conf_key *first = arg;

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (own[i] == k)
			return;
	if (*first == CONF__MAX && !conf_rows[k].secret &&
	    strcmp(value ? value : conf_rows[k].dflt, conf_str(k)))
		*first = k;
}

bool
conf_differs(struct arena *a, const char *name, enum conf_key *k)
{
	*k = CONF__MAX;
	return env_read(conf_path(a, name), take_difference, k) && *k != CONF__MAX;
}

void
conf_pass(enum conf_key k, const char *value)
{
	values[k].loaded = arena_dup(memory, value);
	values[k].source = SOURCE_RUNNING;
}

/* Is something running with this state directory? nginx/run.sh holds the lock for its life. */
static bool
conf_running(void)
{
	int fd = open(
	    conf_path(memory, "run.lock"), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool held;

	if (fd < 0)
		return false;
	held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	close(fd);
	return held;
}

/* What runs is the truth, also where it has nothing: its own value is the built-in one then. */
static void
conf_take_running(void)
{
	const char *path = conf_path(memory, "run/env");

	if (access(path, R_OK) != 0 || !conf_running())
		return;
	(void)env_read(path, take_running, NULL);
}

enum rc
conf_save(struct ctx *cx, const char *name, bool secrets)
{
	const char *path = conf_path(cx->a, name);
	const char *fresh = arena_printf(cx->a, "%s.%ld", path, (long)getpid());
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool ok = f != NULL;
	int e;

	if (!f && fd >= 0)
		close(fd);
	for (int k = 0; ok && k < CONF__MAX; k++)
		if (k != CONF_HOME && (secrets || !conf_rows[k].secret))
			ok = fprintf(f, "%s=\"%s\"\n", conf_rows[k].name,
				 conf_set((enum conf_key)k) ? conf_str((enum conf_key)k) : "") > 0;
	if (f)
		ok = fclose(f) == 0 && ok;
	if (ok && rename(fresh, path) == 0)
		return RC_OK;
	e = errno;
	(void)unlink(fresh);
	return fail_file(cx, e,
	    arena_printf(cx->a, "The settings cannot be kept in %s: %s.", path, strerror(e)));
}

static void
conf_take_environment(void)
{
	for (int k = 0; k < CONF__MAX; k++) {
		char *env = getenv(conf_rows[k].name);

		if (env && *env) {
			values[k].loaded = arena_dup(memory, env);
			values[k].source = SOURCE_ENVIRONMENT;
		}
		if (env && conf_rows[k].secret) {
			explicit_bzero(env, strlen(env));
			unsetenv(conf_rows[k].name);
		}
	}
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
	for (int k = 0; k < CONF__MAX; k++) {
		values[k].loaded = NULL;
		values[k].source = SOURCE_BUILT_IN;
		values[k].overruled = false;
	}
	TRY(read_file(cx));
	if (self_settings(memory))
		(void)env_read(self_settings(memory), take_file, NULL);
	conf_take_environment();
	if (!values[CONF_HOME].loaded)
		values[CONF_HOME].loaded = self_home(memory);
	conf_take_running();
	for (int k = 0; k < CONF__MAX; k++) {
		if (values[k].loaded)
			TRY(check_value(cx, &conf_rows[k], values[k].loaded));
		conf_told((enum conf_key)k);
	}
	return RC_OK;
}
