/* Opening, migrating, checking and copying the file. */
#include "unit/db_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static mode_t
mode_of(const char *name)
{
	char path[100];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", home, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void
migrate(void)
{
	assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
	assert_ok(db_migrate(&cx, db, NULL));
	db_close(db);
	db = NULL;
}

static void
without_a_database_the_schema_is_missing(void **state)
{
	(void)state;
	assert_error(db_open(&cx, 0, &db), E_SCHEMA);
	assert_null(db);
	db_close(db);
	assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
	assert_int_equal(db_schema_version(db), 0);
	db_close(db);
	/* Now there is an empty file: older than the program. */
	assert_error(db_open(&cx, 0, &db), E_SCHEMA);
}

static void
migrating_makes_a_private_file_once(void **state)
{
	char below[100];
	int applied = -1;

	(void)state;
	snprintf(below, sizeof below, "%s/below", home);
	conf_override(CONF_HOME, below);
	assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
	assert_ok(db_migrate(&cx, db, &applied));
	assert_int_equal(applied, db_schema_wanted());
	assert_int_equal(db_schema_version(db), db_schema_wanted());
	assert_ok(db_migrate(&cx, db, &applied));
	assert_int_equal(applied, 0);
	assert_int_equal(mode_of("below"), 0700);
	assert_int_equal(mode_of("below/tidemark.db"), 0600);
	assert_int_equal(mode_of("below/tidemark.db-wal"), 0600);
	assert_int_equal(ask_handle(sqlite_handle(db->engine),
			     "SELECT count(*) FROM schema_migration WHERE length(sha256) = 64 "
			     "AND applied_at > 0"),
	    db_schema_wanted());
	db_close(db);
	assert_ok(db_open(&cx, 0, &db));
	db_close(db);
	conf_override(CONF_HOME, home);
	assert_int_equal(system(arena_printf(cx.a, "rm -r %s", below)), 0);
}

static void
a_migration_that_changed_is_refused(void **state)
{
	(void)state;
	migrate();
	raw("UPDATE schema_migration SET sha256 = 'other' WHERE version = 1");
	assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
	assert_error(db_migrate(&cx, db, NULL), E_FOREIGN);
	assert_non_null(strstr(cx.err.detail, "its migration 1 "));
	assert_null(strstr(error_row(E_FOREIGN)->advice, "migrate"));
	assert_false(in_write(db));
	db_close(db);
}

static void
other_versions_are_not_opened(void **state)
{
	(void)state;
	migrate();
	raw("PRAGMA user_version = 9999");
	assert_error(db_open(&cx, 0, &db), E_NEWER);
	assert_non_null(strstr(cx.err.detail, "at version 9999"));
	assert_null(strstr(error_row(E_NEWER)->advice, "migrate"));
	assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
	assert_error(db_migrate(&cx, db, NULL), E_NEWER);
	db_close(db);
	raw("PRAGMA user_version = -1");
	assert_error(db_open(&cx, 0, &db), E_DAMAGED);
	raw("PRAGMA user_version = 0");
	assert_error(db_open(&cx, 0, &db), E_SCHEMA);
	assert_non_null(strstr(cx.err.detail, "older"));
}

static void
files_of_other_programs_are_left_alone(void **state)
{
	FILE *f;

	(void)state;
	raw("CREATE TABLE theirs (a)");
	assert_error(db_open(&cx, DB_ANY_SCHEMA, &db), E_FOREIGN);
	raw("DROP TABLE theirs; PRAGMA application_id = 1");
	assert_error(db_open(&cx, DB_ANY_SCHEMA, &db), E_FOREIGN);
	f = fopen(conf_path(cx.a, "tidemark.db"), "w");
	assert_non_null(f);
	for (int i = 0; i < 5000; i++)
		fputs("no database", f);
	fclose(f);
	assert_error(db_open(&cx, DB_ANY_SCHEMA, &db), E_DAMAGED);
	assert_null(strstr(cx.err.detail, home));
}

/* How many files in the home end so. */
static int
files_like(const char *end)
{
	DIR *d = opendir(home);
	int n = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += str_ends(str_c(e->d_name), end);
	closedir(d);
	return n;
}

static void
addresses_of_the_database(void **state)
{
	const char *path = arena_printf(cx.a, "%s/else.db", home);
	const char *good[] = { path, arena_printf(cx.a, "sqlite:%s", path),
		arena_printf(cx.a, "sqlite://%s", path), arena_printf(cx.a, "  %s ", path) };
	const char *bad[] = { "postgres://host/db", "sqlite:", "sqlite://",
		":memory:", "file:///x" };
	const int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	/* A part of a name would be a file here. */
	assert_int_equal(chdir(home), 0);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		conf_override(CONF_DATABASE_URL, good[i]);
		assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
		assert_ok(db_migrate(&cx, db, NULL));
		db_close(db);
		assert_int_equal(files_like(".db"), 1);
	}
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_int_equal(mode_of("else.db"), 0600);
	assert_int_equal(mode_of("turn-a.lock"), 0600);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		conf_override(CONF_DATABASE_URL, bad[i]);
		assert_error(db_open(&cx, DB_ANY_SCHEMA, &db), E_FOREIGN);
	}
	conf_override(CONF_DATABASE_URL, "");
}

static void
a_backup_is_whole_private_and_never_overwrites(void **state)
{
	const char *copy = arena_printf(cx.a, "%s/copy.db", home), *answer;

	(void)state;
	migrate();
	raw("INSERT INTO meta VALUES ('a', '1'), ('feed_epoch', 'x')");
	assert_ok(db_open(&cx, 0, &db));
	assert_ok(db_backup(&cx, db, copy));
	assert_string_equal(meta("feed_epoch"), "x");
	assert_error(db_backup(&cx, db, copy), E_STATE);
	assert_int_equal(mode_of("copy.db"), 0600);
	db_close(db);
	conf_override(CONF_DATABASE_URL, copy);
	assert_ok(db_open(&cx, 0, &db));
	assert_ok(db_integrity(&cx, db, &answer));
	assert_string_equal(answer, "ok");
	assert_string_equal(meta("a"), "1");
	/* Whatever is restored has a feed of its own. */
	assert_null(meta("feed_epoch"));
	/* A copy is not in WAL mode by itself. */
	assert_int_equal(ask_handle(sqlite_handle(db->engine),
			     "SELECT journal_mode = 'wal' FROM pragma_journal_mode"),
	    1);
	db_close(db);
	conf_override(CONF_DATABASE_URL, "");
}

static void
damage_and_dangling_rows_are_found(void **state)
{
	const char *answer;

	(void)state;
	migrate();
	raw("INSERT INTO notice (id, owner, kind, code, detail, created_at) VALUES ('n', 'nobody', "
	    "'attention', 'x', 'y', 1)");
	assert_ok(db_open(&cx, 0, &db));
	assert_ok(db_integrity(&cx, db, &answer));
	assert_string_not_equal(answer, "ok");
	db_close(db);
}

#ifdef TIDEMARK_STEPS
static void
a_killed_migration_leaves_the_file_as_it_was(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		setenv("TIDEMARK_STEP_KILL", "1", 1);
		if (db_open(&cx, DB_ANY_SCHEMA, &db) == RC_OK)
			(void)!db_migrate(&cx, db, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_ok(db_open(&cx, DB_ANY_SCHEMA, &db));
	assert_int_equal(db_schema_version(db), 0);
	assert_int_equal(
	    ask_handle(sqlite_handle(db->engine), "SELECT count(*) FROM sqlite_schema"), 0);
	assert_ok(db_migrate(&cx, db, NULL));
	assert_int_equal(db_schema_version(db), db_schema_wanted());
	db_close(db);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, empty_open, home_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_database_the_schema_is_missing),
		TEST(migrating_makes_a_private_file_once),
		TEST(a_migration_that_changed_is_refused),
		TEST(other_versions_are_not_opened),
		TEST(files_of_other_programs_are_left_alone),
		TEST(addresses_of_the_database),
		TEST(a_backup_is_whole_private_and_never_overwrites),
		TEST(damage_and_dangling_rows_are_found),
#ifdef TIDEMARK_STEPS
		TEST(a_killed_migration_leaves_the_file_as_it_was),
#endif
	};
	return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
