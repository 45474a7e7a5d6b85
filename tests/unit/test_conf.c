/* Where the configuration comes from and what is refused. */
#include "unit/unit.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char file[80];

static void
write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
conf_open(void **state)
{
	if (home_open(state) != 0)
		return -1;
	snprintf(file, sizeof file, "%s/tidemark.conf", home);
	setenv("TIDEMARK_CONFIG", file, 1);
	for (int k = 0; k < CONF__MAX; k++) {
		unsetenv(conf_name((enum conf_key)k));
		conf_override((enum conf_key)k, NULL);
	}
	return 0;
}

static int
conf_close(void **state)
{
	write_file("");
	for (int k = 0; k < CONF__MAX; k++)
		unsetenv(conf_name((enum conf_key)k));
	assert_ok(conf_load(&cx));
	return home_close(state);
}

static void
every_default_is_a_good_value(void **state)
{
	(void)state;
	write_file("");
	for (int k = 0; k < CONF__MAX; k++) {
		setenv(conf_name((enum conf_key)k), conf_str((enum conf_key)k), 1);
		assert_true(*conf_help((enum conf_key)k) != '\0');
	}
	assert_ok(conf_load(&cx));
	assert_int_equal(conf_int(CONF_PORT), 8080);
	assert_string_equal(conf_str(CONF_APP_URL), "");
	assert_false(conf_set(CONF_APP_URL));
}

/* As nginx/run.sh does it. */
static int
run_begin(const char *text)
{
	char path[100];
	FILE *f;
	int lock;

	snprintf(path, sizeof path, "%s/run", home);
	(void)mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/run/env", home);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	snprintf(path, sizeof path, "%s/run.lock", home);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(lock >= 0);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	return lock;
}

static void
what_runs_wins_as_long_as_it_runs(void **state)
{
	int lock;
	bool told = false, leaked = false;

	(void)state;
	write_file("TIDEMARK_WORKERS = 9\nTIDEMARK_KEEP_DAYS = 7\n");
	setenv("TIDEMARK_HOME", home, 1);
	setenv("APP_URL", "http://this.shell", 1);
	setenv("PORT", "8080", 1);
	setenv("TIDEMARK_ALLOW_NETS", "10.0.0.0/8", 1);
	lock = run_begin("TIDEMARK_HOME=\"/elsewhere\"\n# a remark\nAPP_URL=\"http://runs \"\n"
			 "PORT='8080'\nTIDEMARK_WORKERS=3\nTIDEMARK_ALLOW_NETS=\"\"\nNO_SUCH=1\n"
			 "GOOGLE_CLIENT_SECRET=\"half\" \n");
	assert_ok(conf_load(&cx));
	assert_string_equal(conf_str(CONF_HOME), home);
	assert_string_equal(conf_str(CONF_APP_URL), "http://runs ");
	assert_true(conf_overruled(CONF_APP_URL));
	assert_false(conf_overruled(CONF_PORT));
	assert_string_equal(conf_source(CONF_APP_URL), "running");
	assert_int_equal(conf_int(CONF_WORKERS), 3);
	assert_int_equal(conf_int(CONF_KEEP_DAYS), 7);
	assert_string_equal(conf_source(CONF_KEEP_DAYS), "file");
	assert_false(conf_set(CONF_ALLOW_NETS));
	assert_string_equal(conf_str(CONF_GOOGLE_CLIENT_SECRET), "half");
	/* What is started has the same. */
	for (char **e = conf_environment(cx.a); *e; e++) {
		told = told || !strcmp(*e, "APP_URL=http://runs ");
		leaked = leaked || !strcmp(*e, "APP_URL=http://this.shell") ||
		    !strncmp(*e, "TIDEMARK_ALLOW_NETS=", 20);
	}
	assert_true(told);
	assert_false(leaked);
	close(lock);
	assert_ok(conf_load(&cx));
	assert_string_equal(conf_str(CONF_APP_URL), "http://this.shell");
	assert_string_equal(conf_str(CONF_ALLOW_NETS), "10.0.0.0/8");
	assert_false(conf_overruled(CONF_APP_URL));
}

static void
what_was_saved_is_read_as_it_was(void **state)
{
	struct stat st;
	int lock = run_begin("");
	char path[100];

	(void)state;
	write_file("");
	setenv("TIDEMARK_HOME", home, 1);
	setenv("APP_URL", " \"odd' = # ;", 1);
	setenv("TIDEMARK_SMTP_PASSWORD", "a\"b", 1);
	setenv("TIDEMARK_WORKERS", "3", 1);
	close(lock);
	assert_ok(conf_load(&cx));
	assert_ok(conf_save(&cx, "run/env", true));
	snprintf(path, sizeof path, "%s/run/env", home);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(path, sizeof path, "%s/run.lock", home);
	lock = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	unsetenv("APP_URL");
	setenv("TIDEMARK_WORKERS", "9", 1);
	setenv("TIDEMARK_KEEP_DAYS", "9", 1);
	assert_ok(conf_load(&cx));
	assert_string_equal(conf_str(CONF_APP_URL), " \"odd' = # ;");
	assert_string_equal(conf_str(CONF_SMTP_PASSWORD), "a\"b");
	assert_int_equal(conf_int(CONF_WORKERS), 3);
	assert_int_equal(conf_int(CONF_KEEP_DAYS), 30);
	close(lock);
}

static void
the_file_is_read_and_the_environment_wins(void **state)
{
	(void)state;
	write_file("# comment\n; another\n[any]\nPORT = 81\nAPP_URL=https://a.example/x;y # z\n"
		   "CRON_SECRET =  a b  \n");
	setenv("PORT", "82", 1);
	setenv("TIDEMARK_WORKERS", "", 1);
	assert_ok(conf_load(&cx));
	assert_int_equal(conf_int(CONF_PORT), 82);
	/* Nothing inside a value is a comment: secrets may hold such characters. */
	assert_string_equal(conf_str(CONF_APP_URL), "https://a.example/x;y # z");
	assert_string_equal(conf_str(CONF_CRON_SECRET), "a b");
	assert_true(conf_secret(CONF_CRON_SECRET));
	/* Empty is as good as not given. */
	assert_int_equal(conf_int(CONF_WORKERS), 4);
	assert_false(conf_set(CONF_WORKERS));
	unsetenv("PORT");
	assert_ok(conf_load(&cx));
	assert_int_equal(conf_int(CONF_PORT), 81);
}

static bool
holds(char *const env[], const char *text)
{
	for (; *env; env++)
		if (strstr(*env, text))
			return true;
	return false;
}

static void
secrets_leave_the_environment(void **state)
{
	const char *where;

	(void)state;
	write_file("APP_URL=https://a.example\n");
	assert_false(conf_file_secret());
	setenv("CRON_SECRET", "of the web alone", 1);
	setenv("TIDEMARK_SMTP_PASSWORD", "of the worker too", 1);
	where = getenv("CRON_SECRET");
	assert_ok(conf_load(&cx));
	assert_string_equal(conf_str(CONF_CRON_SECRET), "of the web alone");
	assert_null(getenv("CRON_SECRET"));
	/* Not even where it was. */
	assert_string_equal(where, "");
	assert_false(holds(environ, "of the w"));
	assert_true(holds(conf_environment(cx.a), "TIDEMARK_SMTP_PASSWORD=of the worker too"));
	assert_false(holds(conf_environment(cx.a), "of the web alone"));
	assert_string_equal(conf_file(), file);
	assert_false(conf_file_secret());
	write_file("CRON_SECRET=x\n");
	assert_ok(conf_load(&cx));
	assert_true(conf_file_secret());
}

static void
a_long_value_is_not_cut(void **state)
{
	char line[3000], want[2500];

	(void)state;
	memset(want, 'n', sizeof want - 1);
	want[sizeof want - 1] = '\0';
	snprintf(line, sizeof line, "TIDEMARK_ALLOW_NETS = %s\n", want);
	write_file(line);
	assert_ok(conf_load(&cx));
	assert_string_equal(conf_str(CONF_ALLOW_NETS), want);
}

static void
bad_values_are_refused_by_name(void **state)
{
	static const struct {
		const char *name, *value;
	} bad[] = {
		{ "PORT", "0" },
		{ "PORT", "65536" },
		{ "PORT", "80x" },
		{ "PORT", " 80" },
		{ "TIDEMARK_LOG_LEVEL", "-1" },
		{ "TIDEMARK_WORKERS", "99999999999999999999" },
		{ "APP_URL", "https://a\nb" },
		{ "TIDEMARK_HOME", "\xFF" },
	};

	(void)state;
	write_file("");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		setenv(bad[i].name, bad[i].value, 1);
		assert_error(conf_load(&cx), E_INPUT);
		assert_non_null(strstr(cx.err.detail, bad[i].name));
		assert_null(strstr(cx.err.detail, bad[i].value));
		unsetenv(bad[i].name);
	}
}

static void
bad_files_are_refused(void **state)
{
	(void)state;
	write_file("PORT = 80\nPROT = 81\n");
	assert_error(conf_load(&cx), E_INPUT);
	assert_non_null(strstr(cx.err.detail, "PROT"));
	write_file("PORT = 80\nnonsense\n");
	assert_error(conf_load(&cx), E_INPUT);
	assert_non_null(strstr(cx.err.detail, "Line 2"));
	unlink(file);
	assert_error(conf_load(&cx), E_INPUT);
}

static void
overrides_and_paths(void **state)
{
	(void)state;
	write_file("");
	assert_ok(conf_load(&cx));
	conf_override(CONF_HOME, "/srv/t");
	assert_string_equal(conf_path(cx.a, "master.key"), "/srv/t/master.key");
	conf_override(CONF_PORT, "90");
	assert_int_equal(conf_int(CONF_PORT), 90);
	conf_override(CONF_PORT, NULL);
	assert_int_equal(conf_int(CONF_PORT), 8080);
	conf_override(CONF_HOME, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    every_default_is_a_good_value, conf_open, conf_close),
		cmocka_unit_test_setup_teardown(
		    what_runs_wins_as_long_as_it_runs, conf_open, conf_close),
		cmocka_unit_test_setup_teardown(
		    what_was_saved_is_read_as_it_was, conf_open, conf_close),
		cmocka_unit_test_setup_teardown(
		    the_file_is_read_and_the_environment_wins, conf_open, conf_close),
		cmocka_unit_test_setup_teardown(
		    secrets_leave_the_environment, conf_open, conf_close),
		cmocka_unit_test_setup_teardown(a_long_value_is_not_cut, conf_open, conf_close),
		cmocka_unit_test_setup_teardown(
		    bad_values_are_refused_by_name, conf_open, conf_close),
		cmocka_unit_test_setup_teardown(bad_files_are_refused, conf_open, conf_close),
		cmocka_unit_test_setup_teardown(overrides_and_paths, conf_open, conf_close),
	};
	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
