/* Sealing: what opens, and all that must not. */
#include "unit/unit.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "vault/vault.h"

#define K1 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define K2 "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"
#define AAD "credential|c1|config"

static char file[80];

static int
vault_setup(void **state)
{
	if (home_open(state) != 0)
		return -1;
	conf_override(CONF_KEY_FILE, NULL);
	snprintf(file, sizeof file, "%s/master.key", home);
	return 0;
}

static void
write_keys(struct str text, mode_t mode)
{
	FILE *f;

	unlink(file);
	f = fopen(file, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	fclose(f);
	assert_int_equal(chmod(file, mode), 0);
}

static struct vault *
open_keys(struct str text)
{
	struct vault *v;

	write_keys(text, 0600);
	assert_ok(vault_open(&cx, false, &v));
	return v;
}

static void
what_is_sealed_opens_again(void **state)
{
	struct vault *v = open_keys(STR("k1 " K1 "\n"));
	char *one, *two, big[5000];
	struct str out;

	(void)state;
	memset(big, '\0', sizeof big);
	assert_ok(vault_seal(&cx, v, AAD, STR("secret"), &one));
	assert_ok(vault_seal(&cx, v, AAD, STR("secret"), &two));
	/* Another nonce each time; nothing of the text shows. */
	assert_string_not_equal(one, two);
	assert_null(strstr(one, "secret"));
	assert_true(str_starts(str_c(one), "v1.k1."));
	assert_ok(vault_unseal(&cx, v, AAD, one, &out));
	assert_true(str_is(out, "secret"));
	assert_ok(vault_seal(&cx, v, AAD, STR(""), &one));
	assert_ok(vault_unseal(&cx, v, AAD, one, &out));
	assert_int_equal(out.n, 0);
	assert_ok(vault_seal(&cx, v, AAD, (struct str){ big, sizeof big }, &one));
	assert_ok(vault_unseal(&cx, v, AAD, one, &out));
	assert_true(str_eq(out, (struct str){ big, sizeof big }));
}

static void
a_text_opens_at_its_own_place_only(void **state)
{
	struct vault *v = open_keys(STR("k1 " K1 "\n"));
	char *sealed;
	struct str out = STR("untouched");

	(void)state;
	assert_ok(vault_seal(&cx, v, AAD, STR("secret"), &sealed));
	assert_error(vault_unseal(&cx, v, "credential|c2|config", sealed, &out), E_SECRET);
	assert_error(vault_unseal(&cx, v, "", sealed, &out), E_SECRET);
	assert_error(vault_unseal(&cx, v, AAD "x", sealed, &out), E_SECRET);
	assert_true(str_is(out, "untouched"));
}

static void
no_changed_character_is_accepted(void **state)
{
	struct vault *v = open_keys(STR("k1 " K1 "\nk2 " K1 "\n"));
	char *sealed, *bad;
	struct str out;

	(void)state;
	assert_ok(vault_seal(&cx, v, AAD, STR("secret text"), &sealed));
	for (size_t i = 0; sealed[i]; i++)
		for (unsigned bit = 1; bit < 256; bit <<= 1) {
			bad = arena_dup(cx.a, sealed);
			bad[i] = (char)(bad[i] ^ (char)bit);
			assert_error(vault_unseal(&cx, v, AAD, bad, &out), E_SECRET);
		}
	/* k2 holds the same key: the id itself is authenticated. */
	bad = arena_dup(cx.a, sealed);
	bad[4] = '2';
	assert_error(vault_unseal(&cx, v, AAD, bad, &out), E_SECRET);
	for (size_t n = 0; n < strlen(sealed); n++)
		assert_error(
		    vault_unseal(&cx, v, AAD, arena_dup_str(cx.a, (struct str){ sealed, n }), &out),
		    E_SECRET);
	assert_error(vault_unseal(&cx, v, AAD, arena_printf(cx.a, "%s.x", sealed), &out), E_SECRET);
	assert_error(
	    vault_unseal(&cx, v, AAD, arena_printf(cx.a, "%sAAAA", sealed), &out), E_SECRET);
}

static void
a_new_key_seals_and_the_old_one_still_opens(void **state)
{
	struct vault *v = open_keys(STR("old " K1 "\n"));
	char *sealed, *again;
	struct str out;

	(void)state;
	assert_ok(vault_seal(&cx, v, AAD, STR("secret"), &sealed));
	v = open_keys(STR("new " K2 "\nold " K1));
	assert_string_equal(vault_key_name(v, 0), "new");
	assert_ok(vault_unseal(&cx, v, AAD, sealed, &out));
	assert_true(str_is(out, "secret"));
	assert_ok(vault_seal(&cx, v, AAD, out, &again));
	assert_true(str_starts(str_c(again), "v1.new."));
	v = open_keys(STR("new " K2 "\n"));
	assert_error(vault_unseal(&cx, v, AAD, sealed, &out), E_SECRET);
	assert_ok(vault_unseal(&cx, v, AAD, again, &out));
	/* The right id with another key. */
	v = open_keys(STR("new " K1 "\n"));
	assert_error(vault_unseal(&cx, v, AAD, again, &out), E_SECRET);
}

static void
a_key_file_holds_64_keys_and_all_of_them_open(void **state)
{
	struct buf *b = buf_in(cx.a, 10000);
	struct vault *v;
	char *sealed;
	struct str out;

	(void)state;
	v = open_keys(STR("k64 " K1 "\n"));
	assert_ok(vault_seal(&cx, v, AAD, STR("secret"), &sealed));
	for (int i = 1; i < 64; i++)
		buf_printf(b, "k%d " K2 "\n", i);
	buf_str(b, "k64 " K1 "\n");
	v = open_keys(buf_s(b));
	assert_int_equal(vault_keys(v), 64);
	assert_ok(vault_unseal(&cx, v, AAD, sealed, &out));
	assert_true(str_is(out, "secret"));
	/* One more is not left out unseen, nor made by a change of keys. */
	assert_error(vault_replace(&cx, v, true, NULL), E_STATE);
	buf_str(b, "k65 " K2 "\n");
	write_keys(buf_s(b), 0600);
	assert_error(vault_open(&cx, false, &v), E_SECRET);
	assert_non_null(strstr(cx.err.detail, "more than 64 keys"));
}

static void
key_files_are_read_strictly(void **state)
{
	static const struct str bad[] = {
		STR(""),
		STR("\n"),
		STR("k1"),
		STR("k1 "),
		STR(K1 "\n"),
		STR("k1  " K1 "\n"),
		STR("k1 " K1 " \n"),
		STR(" k1 " K1 "\n"),
		STR("k1\t" K1 "\n"),
		STR("k1 " K1 "0\n"),
		STR("k1 00\n"),
		STR("k.1 " K1 "\n"),
		STR("K1 " K1 "\n"),
		STR("k1 " K1 "\r\n"),
		STR("k1 " K1 "\n\n"),
		STR("k1 " K1 "\nk1 " K2 "\n"),
		STR("# x\nk1 " K1 "\n"),
		STR("k1 g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"),
		STR("k1 " K1 "\n\0"),
		STR("a23456789012345678901234567890123 " K1 "\n"),
	};
	struct vault *v;
	char big[20000];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		write_keys(bad[i], 0600);
		if (vault_open(&cx, true, &v) == RC_OK)
			flunk("accepted: %s", bad[i].p);
		assert_int_equal(cx.err.kind, E_SECRET);
		assert_null(v);
		assert_null(strstr(cx.err.detail, "0001"));
		assert_null(strstr(cx.err.detail, home));
	}
	memset(big, 'x', sizeof big);
	write_keys((struct str){ big, sizeof big }, 0600);
	assert_error(vault_open(&cx, true, &v), E_SECRET);
}

static void
a_key_file_that_others_can_read_is_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0644, 0666, 0620, 0610 };
	struct vault *v;

	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		write_keys(STR("k1 " K1 "\n"), modes[i]);
		assert_error(vault_open(&cx, true, &v), E_SECRET);
		assert_non_null(strstr(cx.err.detail, "0600"));
	}
	write_keys(STR("k1 " K1 "\n"), 0400);
	assert_ok(vault_open(&cx, false, &v));
	unlink(file);
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_error(vault_open(&cx, true, &v), E_SECRET);
}

static void
a_missing_file_is_made_once_when_asked_for(void **state)
{
	struct vault *v, *again;
	struct stat st;
	char *sealed;
	struct str out;

	(void)state;
	assert_error(vault_open(&cx, false, &v), E_SECRET);
	assert_int_not_equal(stat(file, &st), 0);
	assert_ok(vault_open(&cx, true, &v));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_nlink, 1);
	assert_ok(vault_seal(&cx, v, AAD, STR("x"), &sealed));
	assert_ok(vault_open(&cx, true, &again));
	assert_string_equal(vault_key_name(v, 0), vault_key_name(again, 0));
	assert_ok(vault_unseal(&cx, again, AAD, sealed, &out));
	/* A file that is there but useless stays as it is. */
	write_keys(STR("nonsense\n"), 0600);
	assert_error(vault_open(&cx, true, &v), E_SECRET);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, 9);
}

/* What systemd gives to a service: in a directory, which the group may read. */
static void
the_key_that_systemd_gives_is_used_and_never_written(void **state)
{
	const char *dir = arena_printf(cx.a, "%s/given", home), *mine = arena_dup(cx.a, file);
	struct vault *v;

	(void)state;
	assert_int_equal(mkdir(dir, 0700), 0);
	write_keys(STR("mine " K1 "\n"), 0600);
	conf_override(CONF_CREDENTIALS, dir);
	/* There is none in it. */
	assert_ok(vault_open(&cx, false, &v));
	assert_string_equal(vault_key_name(v, 0), "mine");
	snprintf(file, sizeof file, "%s/tidemark.key", dir);
	write_keys(STR("given " K2 "\n"), 0440);
	assert_ok(vault_open(&cx, false, &v));
	assert_string_equal(vault_key_name(v, 0), "given");
	assert_error(vault_replace(&cx, v, true, NULL), E_STATE);
	assert_int_equal(chmod(file, 0444), 0);
	assert_error(vault_open(&cx, false, &v), E_SECRET);
	/* The setting is stronger. */
	conf_override(CONF_KEY_FILE, mine);
	assert_ok(vault_open(&cx, false, &v));
	assert_string_equal(vault_key_name(v, 0), "mine");
	conf_override(CONF_KEY_FILE, NULL);
	conf_override(CONF_CREDENTIALS, NULL);
	assert_int_equal(unlink(file) | unlink(mine) | rmdir(dir), 0);
}

static void
the_directory_of_a_key_file_is_made_but_not_those_above(void **state)
{
	const char *dir = arena_printf(cx.a, "%s/keys", home);
	struct vault *v;
	struct stat st;

	(void)state;
	conf_override(CONF_KEY_FILE, arena_printf(cx.a, "%s/none/keys/k", home));
	assert_error(vault_open(&cx, true, &v), E_SECRET);
	assert_string_equal(cx.err.detail, "The directory of the key file cannot be made.");
	conf_override(CONF_KEY_FILE, arena_printf(cx.a, "%s/k", dir));
	assert_ok(vault_open(&cx, true, &v));
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	/* One whose file is a directory is none. */
	conf_override(CONF_KEY_FILE, dir);
	assert_error(vault_open(&cx, true, &v), E_SECRET);
	assert_int_equal(unlink(arena_printf(cx.a, "%s/k", dir)) | rmdir(dir), 0);
	conf_override(CONF_KEY_FILE, NULL);
}

static void
a_secret_has_a_largest_size_and_names_its_key(void **state)
{
	enum { LARGEST = 1 << 20 };
	struct vault *v = open_keys(STR("k-1_x " K1 "\n"));
	char *most = arena_alloc(cx.a, LARGEST + 1), *sealed;
	struct str out;

	(void)state;
	memset(most, 's', LARGEST + 1);
	assert_error(vault_seal(&cx, v, AAD, (struct str){ most, LARGEST + 1 }, &sealed), E_SECRET);
	assert_ok(vault_seal(&cx, v, AAD, (struct str){ most, LARGEST }, &sealed));
	assert_ok(vault_unseal(&cx, v, AAD, sealed, &out));
	assert_true(str_eq(out, (struct str){ most, LARGEST }));
	assert_true(str_is(vault_sealed_with(sealed), "k-1_x"));
	assert_true(str_is(vault_sealed_with("v1"), ""));
	assert_true(str_is(vault_sealed_with(""), ""));
}

static void
processes_that_start_together_agree_on_one_key(void **state)
{
	enum { N = 6 };
	int go[2], ids[2], status;
	char id[N][40], c;
	struct vault *v;

	(void)state;
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(ids), 0);
	for (int i = 0; i < N; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			char mine[40] = "";

			close(go[1]);
			if (read(go[0], &c, 1) == 0 && vault_open(&cx, true, &v) == RC_OK)
				snprintf(mine, sizeof mine, "%s", vault_key_name(v, 0));
			_exit(write(ids[1], mine, sizeof mine) == sizeof mine ? 0 : 1);
		}
	}
	/* Closing is the starting gun. */
	close(go[0]);
	close(go[1]);
	for (int i = 0; i < N; i++)
		assert_int_equal(read(ids[0], id[i], sizeof id[i]), sizeof id[i]);
	for (int i = 0; i < N; i++)
		assert_true(wait(&status) > 0 && status == 0);
	assert_int_equal(strlen(id[0]), 8);
	for (int i = 1; i < N; i++)
		assert_string_equal(id[0], id[i]);
	close(ids[0]);
	close(ids[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, vault_setup, home_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_sealed_opens_again),
		TEST(a_text_opens_at_its_own_place_only),
		TEST(no_changed_character_is_accepted),
		TEST(a_new_key_seals_and_the_old_one_still_opens),
		TEST(key_files_are_read_strictly),
		TEST(a_key_file_holds_64_keys_and_all_of_them_open),
		TEST(a_key_file_that_others_can_read_is_refused),
		TEST(a_missing_file_is_made_once_when_asked_for),
		TEST(the_key_that_systemd_gives_is_used_and_never_written),
		TEST(the_directory_of_a_key_file_is_made_but_not_those_above),
		TEST(a_secret_has_a_largest_size_and_names_its_key),
		TEST(processes_that_start_together_agree_on_one_key),
	};
	return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
