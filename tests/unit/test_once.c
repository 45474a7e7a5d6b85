/* A calendar that both sides edit is connected once, whatever name it goes by. */
#include "unit/db_fixture.h"

#include "app/once.h"

#define ANN "00000000-0000-7000-8000-00000000000a"
#define BOB "00000000-0000-7000-8000-00000000000b"

static int
once_open(void **state)
{
	if (db_setup(state))
		return -1;
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'operator', 1), ('" BOB "', 'bob', 'member', 1);"
	    "INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes,"
	    " sealed, health, granted_at, created_at)"
	    " VALUES ('a1', '" ANN "', 'google', 'oauth', '1', 'ann@example.com', '', '', 'ok', 1,"
	    " 1), ('a2', '" ANN
	    "', 'google', 'oauth', '2', 'work@example.com', '', '', 'ok', 1, 1)");
	return 0;
}

static struct conn
made(const char *id, const char *provider, const char *account, const char *config)
{
	return (struct conn){
		.id = id,
		.owner = *id == 'b' ? BOB : ANN,
		.provider = provider,
		.account_id = account,
		.name = arena_printf(cx.a, "The %s", id),
		.config = config,
		.sched = { .freq = FREQ_HOURLY, .interval_minutes = 60, .max_retries = 3 },
	};
}

static void
there_is(struct conn c, const char *cursor)
{
	assert_ok(db_begin(&cx, db));
	assert_ok(conn_insert(&cx, db, &c));
	assert_ok(db_commit(&cx, db));
	raw(arena_printf(
	    cx.a, "UPDATE connection SET cursor = '%s' WHERE id = '%s'", cursor, c.id));
}

#define CALENDAR(name) "{\"calendar\":\"" name "\"}"
#define DATABASE "{\"dataSource\":\"0123456789abcdef0123456789abcdef\"}"

static void
a_calendar_of_google_is_known_by_its_name_and_by_the_accounts_address(void **state)
{
	static const struct {
		const char *account, *config;
		bool free;
	} rows[] = {
		{ "a1", CALENDAR("primary"), false },
		{ "a1", CALENDAR("ann@example.com"), false },
		{ "a2", CALENDAR("Ann@Example.com"), false },
		{ "a1", CALENDAR("team@example.com"), false },
		{ "a2", CALENDAR("primary"), true },
		{ "a2", CALENDAR("work@example.com"), true },
		{ NULL, CALENDAR("primary"), true },
		{ "gone", CALENDAR("primary"), true },
		{ "a1", "{}", true },
	};

	(void)state;
	there_is(made("c1", "google-calendar", "a1", CALENDAR("primary")), "{}");
	there_is(made("c2", "google-calendar", "a1", CALENDAR("team@example.com")), "{}");
	there_is(made("c3", "csv", NULL, "{\"url\":\"https://a.example\"}"), "{}");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct conn c = made(
		    "new", "google-calendar", rows[i].account, rows[i].config);

		cx.err = (struct err){ 0 };
		if ((once_only(&cx, db, &c) == RC_OK) != rows[i].free)
			flunk("%s of %s: %s", rows[i].config,
			    rows[i].account ? rows[i].account : "nobody", cx.err.detail);
		if (!rows[i].free)
			assert_int_equal(cx.err.kind, E_STATE);
	}
	assert_error(once_only(&cx, db,
			 &(struct conn){ .id = "new",
			     .owner = ANN,
			     .provider = "google-calendar",
			     .config = CALENDAR("team@example.com") }),
	    E_STATE);
	assert_string_equal(
	    cx.err.detail, "\"The c2\" is connected to it already. Use that connection.");
}

static void
itself_and_the_connections_of_others_are_in_nobodys_way(void **state)
{
	const struct conn own = made("c1", "google-calendar", "a1", CALENDAR("primary"));
	const struct conn csv = made("c4", "csv", NULL, "{\"url\":\"https://a.example\"}");

	(void)state;
	there_is(own, "{}");
	there_is(made("b1", "google-calendar", NULL, CALENDAR("team@example.com")), "{}");
	there_is(csv, "{}");
	assert_ok(once_only(&cx, db, &own));
	assert_ok(once_only(&cx, db,
	    &(struct conn){ .id = "c5",
		.owner = ANN,
		.provider = "google-calendar",
		.config = CALENDAR("team@example.com") }));
	/* A table may be read as often as one likes. */
	assert_ok(once_only(&cx, db,
	    &(struct conn){ .id = "c6", .owner = ANN, .provider = "csv", .config = csv.config }));
	assert_ok(once_only(&cx, db,
	    &(struct conn){ .id = "c7", .owner = ANN, .provider = "none", .config = "{}" }));
}

static void
a_database_is_known_by_the_link_by_which_its_source_was_found(void **state)
{
	struct conn c = made("new", "notion", NULL, DATABASE);

	(void)state;
	there_is(
	    made("c1", "notion", NULL, "{\"dataSource\":\"ffffffffffffffffffffffffffffffff\"}"),
	    "{\"source\":{\"source\":\"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\"}}");
	assert_ok(once_only(&cx, db, &c));
	raw("UPDATE connection SET cursor = replace(cursor, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', "
	    "'0123456789abcdef0123456789ABCDEF')");
	assert_error(once_only(&cx, db, &c), E_STATE);
	/* Read into datasets alone, nothing comes back. */
	c.config = "{\"dataSource\":\"0123456789abcdef0123456789abcdef\",\"mode\":\"table\"}";
	assert_ok(once_only(&cx, db, &c));
}

/* One of a full page, and of the page behind it. */
static void
however_many_connections_there_are_the_one_is_found(void **state)
{
	const struct conn c = made("zz", "google-calendar", NULL, CALENDAR("team@example.com"));

	(void)state;
	there_is(made("aa", "google-calendar", NULL, CALENDAR("x@example.com")), "{}");
	raw("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 210)"
	    " INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at)"
	    " SELECT printf('c%03d', i), owner, 'csv', printf('n%d', i), '{}', 1, 1"
	    " FROM connection, n");
	assert_ok(once_only(&cx, db, &c));
	there_is(made("d1", "google-calendar", NULL, CALENDAR("team@example.com")), "{}");
	assert_error(once_only(&cx, db, &c), E_STATE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, once_open, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_calendar_of_google_is_known_by_its_name_and_by_the_accounts_address),
		TEST(itself_and_the_connections_of_others_are_in_nobodys_way),
		TEST(a_database_is_known_by_the_link_by_which_its_source_was_found),
		TEST(however_many_connections_there_are_the_one_is_found),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
