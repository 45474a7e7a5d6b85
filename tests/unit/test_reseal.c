/* A change of keys over more sealed texts than are looked at together, in every place that has
 * some: each is sealed anew, once, and what does not open is left as it is. */
#include "unit/db_fixture.h"

#include "seal/reseal.h"
#include "seal/secret.h"

#define ANN "00000000-0000-7000-8000-00000000000a"

enum { N = 205 }; /* of each: two pages and a piece */

static struct buf *rows;

/* What the text says is where it belongs to. */
static const char *
sealed(const struct vault *v, const char *table, const char *id, const char *purpose)
{
	char *text;
	const char *aad = secret_aad(cx.a, table, id, purpose, ANN);

	assert_ok(vault_seal(&cx, v, aad, str_c(aad), &text));
	return text;
}

/* Three secrets of each connection, so that the end of a page falls between them. */
static void
connection_filled(const struct vault *v, int i)
{
	static const char *const purposes[] = { "config", "headers", "token" };
	const char *id = arena_printf(cx.a, "c%03d", i);

	buf_printf(rows,
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('%s', '" ANN "', 'csv', 'C', '{}', 1, 1);",
	    id);
	for (int k = 0; k < 3; k++) {
		const char *purpose = purposes[k];

		buf_printf(rows, "INSERT INTO credential VALUES ('%s', '%s', '" ANN "', '%s', 1);",
		    id, purpose, sealed(v, "credential", id, purpose));
	}
}

static void
others_filled(const struct vault *v, int i)
{
	const char *id = arena_printf(cx.a, "x%03d", i);

	buf_printf(rows,
	    "INSERT INTO webhook (id, owner, url, events, enabled, secret, old_secret, created_at, "
	    "updated_at) VALUES ('%s', '" ANN "', 'https://a.example', '*', 1, '%s', '%s', 1, 1);",
	    id, sealed(v, "webhook", id, "secret"), sealed(v, "webhook", id, "secret"));
	buf_printf(rows,
	    "INSERT INTO message VALUES ('m%s', '" ANN "', 'mail', '%s', 1), ('n%s', '" ANN
	    "', 'webhook.test', '{}', 1);",
	    id, sealed(v, "message", arena_printf(cx.a, "m%s", id), "mail"), id);
	buf_printf(rows,
	    "INSERT INTO remote_account (id, owner, provider, kind, subject, address, scopes, "
	    "sealed, access, granted_at, created_at) VALUES ('%s', '" ANN
	    "', 'google', 'oauth', '%s', 'a', 's', '%s', %s%s%s, 1, 1);",
	    id, id, sealed(v, "remote_account", id, "grant"), i % 2 ? "'" : "",
	    i % 2 ? sealed(v, "remote_account", id, "access") : "NULL", i % 2 ? "'" : "");
	buf_printf(rows,
	    "INSERT INTO oauth_try VALUES ('%s', '" ANN "', 's', 'google', NULL, '%s', '/', 9);",
	    id, sealed(v, "oauth_try", id, "verifier"));
}

static int64_t
filled(void)
{
	struct vault *v;

	assert_ok(vault_open(&cx, true, &v));
	rows = buf_in(cx.a, 8 << 20);
	buf_str(rows,
	    "BEGIN; INSERT INTO account (id, name, role, created_at) VALUES ('" ANN
	    "', 'ann', 'member', 1);");
	for (int i = 0; i < N; i++) {
		connection_filled(v, i);
		others_filled(v, i);
	}
	buf_str(rows, "COMMIT;");
	raw(buf_c(rows));
	/* Credentials, secrets and old ones, mails, grants, tries; access of every second. */
	return 3 * N + 2 * N + N + N + N + N / 2;
}

static struct vault *
new_key(void)
{
	struct vault *v;

	assert_ok(vault_open(&cx, false, &v));
	assert_ok(vault_replace(&cx, v, true, NULL));
	assert_ok(vault_open(&cx, false, &v));
	return v;
}

static struct seal_count
counted(const struct vault *v)
{
	struct seal_count c;

	assert_ok(seal_count(&cx, db, v, &c));
	return c;
}

/* The texts of a column: how many open in their place. */
static int64_t
opens(const struct vault *v, const char *sql, const char *table, const char *purpose)
{
	sqlite3 *h = raw_open();
	sqlite3_stmt *st = raw_ask(h, sql);
	int64_t n = 0;

	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *id = raw_cell(st, 0), *why = purpose ? purpose : raw_cell(st, 2);
		const char *aad = secret_aad(cx.a, table, id, why, ANN);
		struct str plain;

		n += vault_unseal(&cx, v, aad, raw_cell(st, 1), &plain) == RC_OK &&
		    str_is(plain, aad);
	}
	sqlite3_finalize(st);
	sqlite3_close(h);
	return n;
}

static void
every_text_is_sealed_anew_whatever_page_it_is_on(void **state)
{
	const int64_t all = filled();
	struct vault *v = new_key();
	struct seal_count c = counted(v);
	bool keep[2] = { true, false };
	int64_t done, lost;

	(void)state;
	assert_int_equal(c.texts, all);
	assert_int_equal(c.old, all);
	assert_int_equal(c.lost, 0);
	assert_true(!c.used[0] && c.used[1]);
	assert_ok(reseal(&cx, db, NULL, &done, &lost));
	assert_int_equal(done, all);
	assert_int_equal(lost, 0);
	c = counted(v);
	assert_int_equal(c.texts, all);
	assert_int_equal(c.old, 0);
	assert_true(c.used[0] && !c.used[1]);
	/* A second time there is nothing to do. */
	assert_ok(reseal(&cx, db, NULL, &done, &lost));
	assert_int_equal(done, 0);
	/* The old key goes, and nothing is missed. */
	assert_ok(vault_replace(&cx, v, false, keep));
	assert_ok(vault_open(&cx, false, &v));
	assert_int_equal(vault_keys(v), 1);
	assert_int_equal(
	    opens(v, "SELECT connection_id, sealed, purpose FROM credential", "credential", NULL),
	    3 * N);
	assert_int_equal(opens(v, "SELECT id, secret FROM webhook", "webhook", "secret"), N);
	assert_int_equal(opens(v, "SELECT id, old_secret FROM webhook", "webhook", "secret"), N);
	assert_int_equal(
	    opens(v, "SELECT id, body FROM message WHERE type = 'mail'", "message", "mail"), N);
	assert_int_equal(
	    opens(v, "SELECT id, sealed FROM remote_account", "remote_account", "grant"), N);
	assert_int_equal(opens(v, "SELECT id, access FROM remote_account WHERE access IS NOT NULL",
			     "remote_account", "access"),
	    N / 2);
	assert_int_equal(
	    opens(v, "SELECT state, verifier FROM oauth_try", "oauth_try", "verifier"), N);
	/* What is no sealed text is as it was. */
	assert_int_equal(raw_number("SELECT count(*) FROM message WHERE body = '{}'"), N);
}

static int64_t told;

static void
tell(int64_t done)
{
	assert_true(done >= told);
	told = done;
}

static void
what_does_not_open_is_counted_and_left(void **state)
{
	const int64_t all = filled();
	struct vault *v;
	struct seal_count c;
	int64_t done, lost;

	(void)state;
	raw("UPDATE credential SET sealed = 'v1.other.AAAA.AAAA' WHERE connection_id = 'c150';"
	    "UPDATE webhook SET secret = (SELECT secret FROM webhook WHERE id = 'x001') "
	    "WHERE id = 'x002'");
	v = new_key();
	c = counted(v);
	assert_int_equal(c.texts, all);
	assert_int_equal(c.lost, 3);
	assert_int_equal(c.old, all - 3);
	told = 0;
	assert_ok(reseal(&cx, db, tell, &done, &lost));
	assert_int_equal(done, all - 4);
	assert_int_equal(lost, 4);
	assert_int_equal(told, done);
	assert_string_equal(
	    raw_lines("SELECT DISTINCT sealed FROM credential WHERE connection_id = 'c150'", 0),
	    "v1.other.AAAA.AAAA\n");
	/* The one in a wrong place still needs the old key. */
	c = counted(v);
	assert_int_equal(c.old, 1);
	assert_true(c.used[1]);
}

static int
reseal_open(void **state)
{
	conf_override(CONF_KEY_FILE, NULL);
	return db_setup(state);
}

#define reseal_test(f) cmocka_unit_test_setup_teardown(f, reseal_open, db_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		reseal_test(every_text_is_sealed_anew_whatever_page_it_is_on),
		reseal_test(what_does_not_open_is_counted_and_left),
	};

	home_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
