/* Digests against published values; encodings there and back. */
#include "unit/unit.h"

#include "base/hash.h"

static void
sha256_of_the_standard_examples(void **state)
{
	char hex[SHA256_HEX];

	(void)state;
	assert_string_equal(hash_sha256_hex(STR(""), hex),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(hash_sha256_hex(STR("abc"), hex),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(
	    hash_sha256_hex(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex),
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void
siphash_of_its_authors(void **state)
{
	static const struct {
		size_t n;
		uint64_t want;
	} cases[] = {
		{ 0, UINT64_C(0x726fdb47dd0e0e31) },
		{ 1, UINT64_C(0x74f839c593dc67fd) },
		{ 7, UINT64_C(0xab0200f58b01d137) },
		{ 8, UINT64_C(0x93f5f5799a932462) },
		{ 15, UINT64_C(0xa129ca6149be45e5) },
	};
	const uint64_t key[2] = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)i;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_true(hash_sip(key, (struct str){ text, cases[i].n }) == cases[i].want);
}

static void
a_digest_in_pieces_is_the_same_and_can_begin_again(void **state)
{
	struct hash *h = hash_new(cx.a);
	unsigned char one[SHA256_LEN], pieces[SHA256_LEN];

	(void)state;
	hash_sha256(STR("abc"), one);
	for (int round = 0; round < 3; round++) {
		hash_begin(h);
		hash_add(h, "a", 1);
		hash_add(h, "", 0);
		/* Another digest in between must not disturb this one. */
		hash_sha256(STR("x"), pieces);
		hash_add(h, "bc", 2);
		hash_end(h, pieces);
		assert_memory_equal(one, pieces, SHA256_LEN);
	}
}

static void
hmac_of_rfc_4231(void **state)
{
	unsigned char mac[SHA256_LEN];
	char hex[SHA256_HEX];

	(void)state;
	hash_hmac(STR("Jefe"), STR("what do ya want for nothing?"), mac);
	hex_encode(mac, sizeof mac, hex);
	assert_string_equal(
	    hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	hash_hmac(
	    STR("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"),
	    STR("Hi There"), mac);
	hex_encode(mac, sizeof mac, hex);
	assert_string_equal(
	    hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

static void
comparison(void **state)
{
	(void)state;
	assert_true(hash_equal("abc", "abc", 3));
	assert_false(hash_equal("abc", "abd", 3));
	assert_true(hash_equal_c("abc", "abc"));
	assert_false(hash_equal_c("abc", "ab"));
	assert_false(hash_equal_c("abc", "abcd"));
	assert_false(hash_equal_c(NULL, NULL));
	assert_false(hash_equal_c("", NULL));
	assert_true(hash_equal_c("", ""));
}

static void
base64_of_rfc_4648(void **state)
{
	static const struct {
		struct str plain;
		const char *padded, *url;
	} known[] = {
		{ STR(""), "", "" },
		{ STR("f"), "Zg==", "Zg" },
		{ STR("fo"), "Zm8=", "Zm8" },
		{ STR("foo"), "Zm9v", "Zm9v" },
		{ STR("foob"), "Zm9vYg==", "Zm9vYg" },
		{ STR("fooba"), "Zm9vYmE=", "Zm9vYmE" },
		{ STR("foobar"), "Zm9vYmFy", "Zm9vYmFy" },
		{ STR("\xFB\xFF\xFE"), "+//+", "-__-" },
	};
	struct str back;

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		assert_string_equal(base64_encode(cx.a, known[i].plain), known[i].padded);
		assert_string_equal(base64url_encode(cx.a, known[i].plain), known[i].url);
		assert_true(base64url_decode(cx.a, str_c(known[i].url), &back));
		assert_true(str_eq(back, known[i].plain));
	}
}

static void
base64url_has_one_reading(void **state)
{
	static const struct str bad[] = { STR("Z"), STR("Zg=="), STR("Zm9v\n"), STR("Zm9+"),
		STR("Zm9/"), STR("Zm 9"), STR("Zh"), STR("Zm9"), STR("ZmA\0"), STR("\xC3\xA4xx") };
	struct str out = STR("untouched");

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(base64url_decode(cx.a, bad[i], &out));
		assert_true(str_is(out, "untouched"));
	}
}

static void
every_byte_survives_every_length(void **state)
{
	unsigned char all[256];
	struct str back;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)(i * 7);
	for (size_t n = 0; n <= sizeof all; n++) {
		assert_true(base64url_decode(
		    cx.a, str_c(base64url_encode(cx.a, (struct str){ (char *)all, n })), &back));
		assert_true(str_eq(back, (struct str){ (char *)all, n }));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_of_the_standard_examples),
		cmocka_unit_test(a_digest_in_pieces_is_the_same_and_can_begin_again),
		cmocka_unit_test(siphash_of_its_authors),
		cmocka_unit_test(hmac_of_rfc_4231),
		cmocka_unit_test(comparison),
		cmocka_unit_test(base64_of_rfc_4648),
		cmocka_unit_test(base64url_has_one_reading),
		cmocka_unit_test(every_byte_survives_every_length),
	};
	return cmocka_run_group_tests_name("hash", tests, unit_open, unit_close);
}
