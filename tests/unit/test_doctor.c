/* What the doctor says of an installation: each question well, and not well, with what to do. */
#include "unit/db_fixture.h"

#include <sys/stat.h>

#include "app/doctor.h"
#include "base/clock.h"
#include "queue/queue.h"
#include "vault/vault.h"

#define OWNER "00000000-0000-7000-8000-000000000001"

static bool all_well;

static const json *
answer(struct db *d, enum doctor_depth depth, const char *name)
{
	json *list;

	cx.err = (struct err){ 0 };
	assert_ok(doctor_checks(&cx, d, depth, &list, &all_well));
	for (size_t i = 0; i < json_len(list); i++)
		if (!strcmp(json_str(json_nth(list, i), "name"), name))
			return json_nth(list, i);
	return NULL;
}

static void
well(const char *name, const char *says)
{
	const json *o = answer(db, DOCTOR_ALL, name);

	if (!o || !json_flag(o, "ok", false) || !strstr(json_str(o, "detail"), says))
		flunk("%s: %s", name, o ? json_text(cx.a, o) : "not asked");
	assert_null(json_str(o, "advice"));
}

static void
ill(const char *name, const char *says, const char *advice)
{
	const json *o = answer(db, DOCTOR_ALL, name);

	if (!o || json_flag(o, "ok", true) || !strstr(json_str(o, "detail"), says) ||
	    !strstr(json_str(o, "advice"), advice))
		flunk("%s: %s", name, o ? json_text(cx.a, o) : "not asked");
	assert_false(all_well);
}

static void
a_sound_database_is_called_so(void **state)
{
	(void)state;
	well("schema", "of ");
	well("storage", "The database can be read and written.");
	well("database", "");
	well("disk", "MB are free");
	well("unused", "of them are unused");
	/* Less is asked where less is wanted. */
	assert_null(answer(db, DOCTOR_READY, "disk"));
	assert_null(answer(db, DOCTOR_QUICK, "database"));
	assert_non_null(answer(db, DOCTOR_QUICK, "disk"));
}

static void
a_damaged_database_file_is_to_be_replaced(void **state)
{
	(void)state;
	raw("CREATE TABLE torn (n INTEGER CHECK (n > 0));"
	    "PRAGMA ignore_check_constraints = 1; INSERT INTO torn VALUES (-1)");
	ill("database", "The database file is damaged.", "put the last backup in its place");
	raw("DROP TABLE torn");
	well("database", "The database file is sound.");
}

static void
without_a_database_what_needs_it_is_not_well(void **state)
{
	const json *o;

	(void)state;
	assert_error(fail(&cx, E_DAMAGED, "It is torn."), E_DAMAGED);
	{
		const struct err why = cx.err;
		json *list;

		cx.err = why;
		assert_ok(doctor_checks(&cx, NULL, DOCTOR_ALL, &list, &all_well));
		o = json_nth(list, 0);
	}
	assert_string_equal(json_str(o, "detail"), "It is torn.");
	assert_false(all_well);
	o = answer(NULL, DOCTOR_ALL, "database");
	assert_string_equal(json_str(o, "detail"), "This cannot be told without the database.");
}

static void
without_a_database_all_else_is_told_as_ever(void **state)
{
	const char *names = "";
	json *list;

	(void)state;
	cx.err = (struct err){ 0 };
	assert_ok(doctor_checks(&cx, NULL, DOCTOR_ALL, &list, &all_well));
	for (size_t i = 0; i < json_len(list); i++)
		if (strstr(json_str(json_nth(list, i), "detail"), "without the database"))
			names = arena_printf(
			    cx.a, "%s%s ", names, json_str(json_nth(list, i), "name"));
	assert_string_equal(names, "tick database unused log heartbeat late ");
}

/* What could not be opened is answered by what it is, and not always by bringing it forward. */
static void
a_database_of_another_kind_is_not_to_be_migrated(void **state)
{
	static const struct {
		enum error_kind kind;
		const char *advice;
	} rows[] = {
		{ E_SCHEMA, "tidemark migrate" },
		{ E_NEWER, "installs the version" },
		{ E_FOREIGN, "puts a backup in its place" },
		{ E_DAMAGED, "puts the last backup" },
		{ E_READ_ONLY, "looks at the disk" },
		{ E_MEMORY, "gives more" },
	};
	json *list;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_error(fail(&cx, rows[i].kind, NULL), rows[i].kind);
		assert_ok(doctor_checks(&cx, NULL, DOCTOR_READY, &list, &all_well));
		for (size_t k = 0; k < json_len(list); k++) {
			const json *o = json_nth(list, k);
			const char *name = json_str(o, "name"), *advice = json_str(o, "advice");

			if ((!strcmp(name, "schema") || !strcmp(name, "storage")) &&
			    !strstr(advice, rows[i].advice))
				flunk("%s: %s", error_row(rows[i].kind)->code, json_text(cx.a, o));
		}
	}
	raw("PRAGMA user_version = 9999");
	ill("schema", "at version 9999", "installs the version");
}

static void
a_log_that_a_reader_keeps_from_ending_is_told(void **state)
{
	const char *log = conf_path(cx.a, "tidemark.db-wal");
	sqlite3 *reader = raw_open();

	(void)state;
	well("log", "takes 0 MB");
	/* Who reads holds what is written after it; how much that is does not matter here. */
	assert_int_equal(
	    sqlite3_exec(reader, "BEGIN; SELECT * FROM meta", NULL, NULL, NULL), SQLITE_OK);
	assert_ok(queue_beat(&cx, db, clock_ms()));
	assert_int_equal(truncate(log, 128 << 20), 0);
	well("log", "takes 128 MB");
	assert_int_equal(truncate(log, (128 << 20) + 1), 0);
	ill("log", "has grown to 128 MB: somebody reads", "the next sync shortens the log");
	assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(reader);
	/* It does: what is left of it is what begins anew. */
	raw("PRAGMA wal_checkpoint(TRUNCATE)");
	well("log", "takes 0 MB");
}

static void
a_tick_that_does_not_run_is_told(void **state)
{
	(void)state;
	clock_step_to(INT64_C(1795170600000));
	ill("tick", "tidemark-tick has never run.", "tidemark-tick --loop 60");
	assert_ok(queue_beat(&cx, db, clock_ms()));
	well("tick", "tidemark-tick last ran 0 seconds ago.");
	clock_step_by(3 * MINUTE_MS - 1);
	well("tick", "179 seconds ago");
	clock_step_by(1);
	ill("tick", "180 seconds ago", "Start it");
	well("clock", "The clock says 2026-");
	clock_step_to(INT64_C(1735689600000));
	ill("clock", "but it has been later than that", "NTP");
	clock_step_to(INT64_C(4102444800001));
	ill("clock", "The clock says 2100-", "Set the clock");
}

static void
keys_and_files_are_for_tidemark_alone(void **state)
{
	struct vault *v;
	FILE *f;

	(void)state;
	ill("key", "The key file cannot be used.", "Put the right key file back");
	assert_ok(vault_open(&cx, true, &v));
	well("key", "The key file can be used.");
	well("modes", "Only Tidemark's user can reach its files.");
	assert_int_equal(chmod(conf_path(cx.a, "master.key"), 0640), 0);
	assert_int_equal(chmod(conf_path(cx.a, "tidemark.db"), 0604), 0);
	ill("modes", "Others can reach: tidemark.db, master.key.", "mode 0600");
	assert_int_equal(chmod(conf_path(cx.a, "tidemark.db"), 0600), 0);
	assert_int_equal(chmod(conf_path(cx.a, "master.key"), 0600), 0);
	f = fopen(conf_path(cx.a, "master.key"), "w");
	assert_non_null(f);
	fputs("nothing\n", f);
	fclose(f);
	ill("key", "cannot be used", "Put");
}

static void
settings_are_held_against_what_they_must_be(void **state)
{
	static const struct {
		enum conf_key id;
		const char *value, *name, *says, *advice; /* advice NULL: it is well */
	} rows[] = {
		{ CONF_APP_URL, "", "address", "APP_URL is not set.", "Set APP_URL" },
		{ CONF_APP_URL, "http://a.example", "address", "APP_URL is http://a.example",
		    "https://" },
		{ CONF_APP_URL, "https://a.example", "address", "https://a.example", NULL },
		{ CONF_APP_URL, "http://127.0.0.1:8080", "address", "127.0.0.1", NULL },
		{ CONF_CRON_SECRET, "", "cron", "takes API tokens only", NULL },
		{ CONF_CRON_SECRET, "123456789012345", "cron", "CRON_SECRET is short.", "16" },
		{ CONF_CRON_SECRET, "1234567890123456", "cron", "CRON_SECRET is set.", NULL },
		{ CONF_SMTP_URL, "", "mail", "No mail is sent", NULL },
		{ CONF_SMTP_URL, "http://mail.example", "mail", "cannot be sent", "smtp://" },
		{ CONF_SMTP_URL, "smtp://mail.example", "mail", "cannot be sent", "MAIL_FROM" },
		{ CONF_MAIL_FROM, "t@mail.example", "mail", "are set", NULL },
		{ CONF_SMTP_URL, "", "mail", "No mail is sent", NULL },
		{ CONF_PHONE_COUNTRY, "", "country", "as they are written", NULL },
		{ CONF_PHONE_COUNTRY, "de", "country", "those of de", NULL },
		{ CONF_PHONE_COUNTRY, "Germany", "country", "is no country", "such as DE" },
		{ CONF_PHONE_COUNTRY, "", "country", "", NULL },
		{ CONF_ALLOW_NETS, "", "networks", "may not be in private networks", NULL },
		{ CONF_ALLOW_NETS, "10.0.0.0/8", "networks", "private networks: 10.0.0.0/8", NULL },
		{ CONF_ALLOW_NETS, "10.0.0.0/99", "networks", "", "Mend TIDEMARK_ALLOW_NETS" },
		{ CONF_ALLOW_NETS, "", "networks", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		conf_override(rows[i].id, rows[i].value);
		if (rows[i].advice)
			ill(rows[i].name, rows[i].says, rows[i].advice);
		else
			well(rows[i].name, rows[i].says);
	}
}

static void
a_provider_is_set_up_as_a_whole(void **state)
{
	(void)state;
	well("google", "Google is not set up");
	conf_override(CONF_GOOGLE_CLIENT_ID, "1.apps.googleusercontent.com");
	ill("google", "GOOGLE_CLIENT_SECRET is missing.", "Set both");
	conf_override(CONF_GOOGLE_CLIENT_SECRET, "x");
	well("google", "Client id and secret are set.");
	conf_override(CONF_GOOGLE_CLIENT_ID, "1.example.com");
	ill("google", "does not look like a client id", "Copy it again");
	conf_override(CONF_APP_URL, "http://a.example");
	ill("google-redirect", "http://a.example/api/auth/google/callback", "https://");
	well("google-push", "only at an https:// APP_URL");
	conf_override(CONF_APP_URL, "https://a.example");
	well("google-redirect", "https://a.example/api/auth/google/callback");
	well("google-push", "tells of changes at https://a.example/");
	conf_override(CONF_GOOGLE_CLIENT_ID, "");
	conf_override(CONF_GOOGLE_CLIENT_SECRET, "");
	conf_override(CONF_APP_URL, "");
}

/* Lost so many ms after it was given. */
static void
lost_after(const char *id, const char *kind, const char *health, int64_t ms)
{
	raw(arena_printf(cx.a,
	    "INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes, "
	    "sealed, health, granted_at, refreshed_at, created_at) VALUES ('%s', '" OWNER
	    "', 'google', '%s', '%s', 'a', 's', 'x', '%s', 1000, %lld, 1)",
	    id, kind, id, health, (long long)(1000 + ms)));
}

static void
accounts_that_lasted_a_week_point_to_a_consent_screen_in_testing(void **state)
{
	(void)state;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" OWNER
	    "', 'ann', 'member', 1)");
	well("google-consent", "No account lost its access a week after it was given.");
	lost_after("a", "oauth", "ok", 7 * DAY_MS);
	lost_after("b", "service", "attention", 7 * DAY_MS);
	lost_after("c", "oauth", "attention", 3 * DAY_MS);
	lost_after("d", "oauth", "attention", 30 * DAY_MS);
	well("google-consent", "No account lost its access");
	lost_after("e", "oauth", "attention", 7 * DAY_MS - HOUR_MS);
	lost_after("f", "oauth", "attention", 7 * DAY_MS - 2 * HOUR_MS);
	ill("google-consent", "a week after it was given: 2.", "connect their accounts again");
}

static int
doctor_open(void **state)
{
	conf_override(CONF_KEY_FILE, NULL);
	return db_setup(state);
}

static int
doctor_close(void **state)
{
	clock_fake(0);
	return db_teardown(state);
}

#define doctor_test(f) cmocka_unit_test_setup_teardown(f, doctor_open, doctor_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		doctor_test(a_sound_database_is_called_so),
		doctor_test(a_damaged_database_file_is_to_be_replaced),
		doctor_test(without_a_database_what_needs_it_is_not_well),
		doctor_test(without_a_database_all_else_is_told_as_ever),
		doctor_test(a_database_of_another_kind_is_not_to_be_migrated),
		doctor_test(a_log_that_a_reader_keeps_from_ending_is_told),
		doctor_test(a_tick_that_does_not_run_is_told),
		doctor_test(keys_and_files_are_for_tidemark_alone),
		doctor_test(settings_are_held_against_what_they_must_be),
		doctor_test(a_provider_is_set_up_as_a_whole),
		doctor_test(accounts_that_lasted_a_week_point_to_a_consent_screen_in_testing),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
