/*
 * password.c - see password.h. The salt comes from rand.h; what libxcrypt worked with is wiped.
 */
#include "vault/password.h"

#include <crypt.h>

#include "base/hash.h"
#include "base/rand.h"

enum { SALT_BYTES = 16 };

/* Stands in for the text of a user who is not there: the same work, fits nothing that a person
 * could know. */
#define NOBODY "$y$j9T$XwIX9H5RdIDS3.M9xAK.J/$DwhSi7DBQvTlszt1wEusQDqx7qKHsACxX4Ne6RtCL2B"

/* What is tried first, of at least PASSWORD_MIN characters. */
static const char *const common[] = { "0123456789", "1234567890", "12345678910", "123456789a",
	"123456789q", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "987654321", "9876543210",
	"abcd123456", "abcdefghij", "administrator", "asdfghjkl;", "changeme123", "football123",
	"hello12345", "iloveyou123", "letmein123", "password01", "password12", "password123",
	"password1234", "passw0rd123", "princess123", "q1w2e3r4t5", "q1w2e3r4t5y6", "qazwsxedcrfv",
	"qwerty12345", "qwerty123456", "qwertyuiop", "qwertzuiop", "tidemark123", "welcome123",
	"zaq12wsxcde3" };

/* One piece of at most three characters again and again: "aaaaaaaaaa", "abcabcabca". */
static bool
password_repeats(struct str s)
{
	for (size_t period = 1; period <= 3; period++)
		if (s.n > period && !memcmp(s.p, s.p + period, s.n - period))
			return true;
	return false;
}

enum rc
password_ok(struct ctx *cx, const char *user_name, const char *password)
{
	struct str s = str_c(password), name = str_c(user_name);

	if (!str_utf8_ok(s) || s.n > PASSWORD_MAX)
		return fail(cx, E_INPUT, "A password has at most %d bytes.", PASSWORD_MAX);
	if (str_chars(s) < PASSWORD_MIN)
		return fail(cx, E_INPUT,
		    "A password has at least %d characters. A few words in a row are good.",
		    PASSWORD_MIN);
	if (password_repeats(s) ||
	    (name.n && (str_ieq(s, name) || (str_istarts(s, user_name) && s.n < name.n + 4))))
		return fail(cx, E_INPUT,
		    "This password is too easy to guess. A few words in a row are good.");
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		if (str_ieq(s, str_c(common[i])))
			return fail(cx, E_INPUT,
			    "This password is one of the first that anybody tries. A few words in "
			    "a row are good.");
	return RC_OK;
}

/* A large thing: it belongs on no small stack. */
static struct crypt_data work;

enum rc
password_hash(struct ctx *cx, const char *password, const char **out)
{
	char random[SALT_BYTES], salt[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *text = NULL;

	rand_bytes(random, sizeof random);
	if (crypt_gensalt_rn("$y$", 0, random, sizeof random, salt, sizeof salt))
		text = crypt_rn(password, salt, &work, sizeof work);
	*out = text ? arena_dup(cx->a, text) : NULL;
	explicit_bzero(&work, sizeof work);
	return *out ? RC_OK
		    : fail(cx, E_UNAVAILABLE, "The password could not be stored now. Try again.");
}

bool
password_fits(const char *stored, const char *password)
{
	const char *setting = stored ? stored : NOBODY;
	const char *text = crypt_rn(password, setting, &work, sizeof work);
	bool fits = hash_equal_c(text, setting) && stored;

	explicit_bzero(&work, sizeof work);
	return fits;
}
