/* The stand-in's consent page and tokens. */
#include "unit/fake_fixture.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/hash.h"

#define AUTH \
	"/o/oauth2/v2/auth?client_id=client&redirect_uri=http://127.0.0.1/back&response_type=code"
#define READ_SHEETS "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fspreadsheets.readonly"
#define READ_META "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fdrive.metadata.readonly"
#define VERIFIER "abcdefghijklmnopqrstuvwxyz-0123456789.ABCDEFGHIJ"

static const char *
header(const char *name)
{
	return params_get(&rep.headers, name);
}

/* The parameter of the address the browser was sent to. */
static const char *
sent_back(const char *name)
{
	struct params p = { .n = 0 };
	const char *to = header("Location");

	assert_non_null(to);
	assert_true(params_decode(cx.a, str_c(strchr(to, '?') + 1), &p));
	return params_get(&p, name);
}

/* Agrees to the scopes (encoded, joined by &scope=) and gives the code. */
static const char *
agree(const char *more, const char *asked, const char *granted)
{
	const char *page = arena_printf(cx.a, AUTH "&scope=%s%s", asked, more);

	assert_int_equal(ask("GET", page, NULL), 200);
	assert_int_equal(post_form(page,
			     arena_printf(cx.a,
				 "account=owner%%40example.com&decision=allow&scope=%s", granted)),
	    302);
	assert_non_null(sent_back("code"));
	return sent_back("code");
}

static int
exchange(const char *code, const char *more)
{
	return post_form("/token",
	    arena_printf(cx.a,
		"grant_type=authorization_code&code=%s&client_id=client&client_secret=secret&"
		"redirect_uri=http://127.0.0.1/back%s",
		code, more));
}

static int
refresh(const char *token)
{
	return post_form("/token",
	    arena_printf(cx.a,
		"grant_type=refresh_token&refresh_token=%s&client_id=client&client_secret=secret",
		token));
}

static const char *
connect(const char *scope)
{
	assert_int_equal(
	    exchange(agree("&access_type=offline&prompt=consent", scope, scope), ""), 200);
	return arena_dup(cx.a, text_at("refresh_token"));
}

static void
the_page_lists_accounts_and_scopes_without_script(void **state)
{
	(void)state;
	assert_int_equal(
	    ask("GET", AUTH "&scope=openid%20email%20" READ_SHEETS "&state=x", NULL), 200);
	assert_non_null(strstr(buf_c(rep.body), "Demo"));
	assert_non_null(strstr(buf_c(rep.body), "Olga Owner, " OWNER));
	assert_non_null(strstr(buf_c(rep.body), "See all your spreadsheets"));
	assert_null(strstr(buf_c(rep.body), "<script"));
}

static void
wrong_requests_end_on_the_page(void **state)
{
	static const char *const wrong[][2] = {
		{ "/o/oauth2/v2/auth?client_id=other&redirect_uri=http://127.0.0.1/back&"
		  "response_type=code&scope=openid",
		    "invalid_client" },
		{ "/o/oauth2/v2/auth?client_id=client&redirect_uri=http%3A%2F%2Fevil.example&"
		  "response_type=code&scope=openid",
		    "redirect_uri_mismatch" },
		{ AUTH "&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fno.such",
		    "invalid_scope" },
		{ AUTH "&scope=openid&access_type=sometimes", "invalid_request" },
		{ AUTH "&scope=openid&acces_type=offline", "invalid_request" },
		{ AUTH "&scope=openid&code_challenge=short", "invalid_request" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(ask("GET", wrong[i][0], NULL), 400);
		if (!strstr(buf_c(rep.body), wrong[i][1]))
			flunk("%s: %s", wrong[i][0], buf_c(rep.body));
	}
}

static void
a_denial_comes_back_with_the_state(void **state)
{
	(void)state;
	assert_int_equal(post_form(AUTH "&scope=openid&state=a%26b",
			     "account=owner%40example.com&decision=deny"),
	    302);
	assert_string_equal(sent_back("error"), "access_denied");
	assert_string_equal(sent_back("state"), "a&b");
}

static void
part_of_the_scopes_can_be_granted(void **state)
{
	const char *code = agree(
	    "&access_type=offline", "openid%20" READ_SHEETS "%20" READ_META, READ_SHEETS);

	(void)state;
	assert_string_equal(
	    sent_back("scope"), "openid https://www.googleapis.com/auth/spreadsheets.readonly");
	assert_int_equal(exchange(code, ""), 200);
	assert_string_equal(
	    text_at("scope"), "openid https://www.googleapis.com/auth/spreadsheets.readonly");
	assert_int_equal(json_num(got, "expires_in", 0), 3599);
	bearer = arena_dup(cx.a, text_at("access_token"));
	assert_int_equal(ask("GET", "/drive/v3/files", NULL), 403);
	assert_string_equal(text_at("error.errors.0.reason"), "insufficientPermissions");
}

static void
a_code_is_good_once_and_for_ten_minutes(void **state)
{
	const char *code = agree("", "openid", "openid");

	(void)state;
	assert_int_equal(exchange(code, ""), 200);
	assert_null(at("refresh_token"));
	assert_int_equal(exchange(code, ""), 400);
	assert_string_equal(text_at("error"), "invalid_grant");
	code = agree("", "openid", "openid");
	control("{\"clock\": {\"advance_ms\": 600000}}");
	assert_int_equal(exchange(code, ""), 400);
}

static void
pkce_is_checked_both_ways(void **state)
{
	unsigned char digest[SHA256_LEN];
	const char *s256;

	(void)state;
	hash_sha256(STR(VERIFIER), digest);
	s256 = arena_printf(cx.a, "&code_challenge_method=S256&code_challenge=%s",
	    base64url_encode(cx.a, (struct str){ (char *)digest, sizeof digest }));
	assert_int_equal(
	    exchange(agree(s256, "openid", "openid"), "&code_verifier=" VERIFIER), 200);
	assert_int_equal(
	    exchange(agree(s256, "openid", "openid"), "&code_verifier=" VERIFIER "x"), 400);
	assert_int_equal(exchange(agree(s256, "openid", "openid"), ""), 400);
	assert_int_equal(exchange(agree("&code_challenge=" VERIFIER, "openid", "openid"),
			     "&code_verifier=" VERIFIER),
	    200);
	assert_int_equal(exchange(agree("&code_challenge=" VERIFIER, "openid", "openid"),
			     "&code_verifier=" VERIFIER "x"),
	    400);
}

static void
a_refresh_token_comes_the_first_time_or_when_asked_again(void **state)
{
	(void)state;
	assert_int_equal(exchange(agree("&access_type=offline", "openid", "openid"), ""), 200);
	assert_non_null(at("refresh_token"));
	assert_int_equal(exchange(agree("&access_type=offline", "openid", "openid"), ""), 200);
	assert_null(at("refresh_token"));
	assert_int_equal(
	    exchange(agree("&access_type=offline&prompt=consent", "openid", "openid"), ""), 200);
	assert_non_null(at("refresh_token"));
}

static void
who_agreed_before_is_not_asked_again(void **state)
{
	(void)state;
	assert_int_equal(
	    ask("GET", AUTH "&scope=openid&prompt=none&login_hint=owner%40example.com", NULL), 302);
	assert_string_equal(sent_back("error"), "interaction_required");
	connect("openid");
	assert_int_equal(
	    ask("GET", AUTH "&scope=openid&prompt=none&login_hint=owner%40example.com", NULL), 302);
	assert_non_null(sent_back("code"));
}

static void
refreshing_keeps_the_token_or_rotates_it(void **state)
{
	const char *token = connect("openid"), *next;

	(void)state;
	assert_int_equal(refresh(token), 200);
	assert_null(at("refresh_token"));
	control("{\"client\": {\"id\": \"client\", \"rotate\": true}}");
	assert_int_equal(refresh(token), 200);
	next = arena_dup(cx.a, text_at("refresh_token"));
	assert_int_equal(refresh(token), 400);
	assert_string_equal(text_at("error_description"), "Token has been expired or revoked.");
	assert_int_equal(refresh(next), 200);
}

static void
in_testing_a_grant_dies_after_a_week_unless_it_only_names_the_person(void **state)
{
	const char *sheets, *person;

	(void)state;
	control("{\"client\": {\"id\": \"client\", \"testing\": true}}");
	sheets = connect(READ_SHEETS);
	assert_int_equal(json_num(got, "refresh_token_expires_in", 0), 7 * 86400);
	person = connect("openid");
	control("{\"clock\": {\"advance_ms\": 604799000}}");
	assert_int_equal(refresh(sheets), 200);
	control("{\"clock\": {\"advance_ms\": 2000}}");
	assert_int_equal(refresh(sheets), 400);
	assert_string_equal(text_at("error"), "invalid_grant");
	assert_int_equal(refresh(person), 200);
}

static void
the_hundred_and_first_grant_kills_the_oldest(void **state)
{
	const char *first = connect("openid"), *second = connect("openid");

	(void)state;
	for (int i = 0; i < 99; i++)
		connect("openid");
	assert_int_equal(refresh(first), 400);
	assert_int_equal(refresh(second), 200);
}

static void
revoking_ends_everything_granted(void **state)
{
	const char *token = connect("openid");
	const char *other = connect("openid");
	const char *access = arena_dup(cx.a, text_at("access_token"));

	(void)state;
	assert_int_equal(post_form("/revoke", arena_printf(cx.a, "token=%s", access)), 200);
	assert_int_equal(refresh(token), 400);
	assert_int_equal(refresh(other), 400);
	assert_int_equal(post_form("/revoke", arena_printf(cx.a, "token=%s", token)), 400);
	assert_string_equal(text_at("error"), "invalid_token");
}

static void
an_access_token_lives_an_hour(void **state)
{
	(void)state;
	connect("openid%20email%20profile");
	bearer = arena_dup(cx.a, text_at("access_token"));
	assert_int_equal(ask("GET", "/v1/userinfo", NULL), 200);
	assert_string_equal(text_at("email"), OWNER);
	assert_int_equal(strlen(text_at("sub")), 21);
	assert_int_equal(ask("GET", "/oauth2/v2/userinfo", NULL), 200);
	assert_string_equal(text_at("name"), "Olga Owner");
	control("{\"clock\": {\"advance_ms\": 3599000}}");
	assert_int_equal(ask("GET", "/v1/userinfo", NULL), 401);
	assert_string_equal(text_at("error.errors.0.reason"), "authError");
}

static void
the_token_endpoint_is_strict(void **state)
{
	(void)state;
	assert_int_equal(ask("POST", "/token", "{}"), 400);
	assert_string_equal(text_at("error"), "invalid_request");
	assert_int_equal(post_form("/token", "grant_type=password"), 400);
	assert_string_equal(text_at("error"), "unsupported_grant_type");
	assert_int_equal(
	    post_form("/token",
		"grant_type=refresh_token&refresh_token=x&client_id=client&client_secret=wrong"),
	    401);
	assert_string_equal(text_at("error"), "invalid_client");
	assert_int_equal(
	    post_form("/token",
		"grant_type=refresh_token&refresh_token=x&client_id=client&client_secret=secret"),
	    400);
	assert_int_equal(
	    post_form("/token",
		"grant_type=refresh_token&refresh_token=x&client_id=client&client_secret=secret&"
		"extra=1"),
	    400);
	assert_string_equal(text_at("error"), "invalid_request");
}

/* A signed assertion of the service account in `got`. */
static const char *
sign(const json *key, const char *aud, int64_t iat, int64_t exp, const char *email)
{
	const char *head = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	const char *claims = arena_printf(cx.a,
	    "{\"iss\":\"%s\",\"scope\":\"https://www.googleapis.com/auth/spreadsheets.readonly\","
	    "\"aud\":\"%s\",\"iat\":%lld,\"exp\":%lld}",
	    email, aud, (long long)iat, (long long)exp);
	const char *text = arena_printf(cx.a, "%s.%s", base64url_encode(cx.a, str_c(head)),
	    base64url_encode(cx.a, str_c(claims)));
	BIO *in = BIO_new_mem_buf(json_str(key, "private_key"), -1);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char signature[512];
	size_t n = sizeof signature;

	assert_int_equal(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, pkey), 1);
	assert_int_equal(
	    EVP_DigestSign(md, signature, &n, (const unsigned char *)text, strlen(text)), 1);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(pkey);
	BIO_free(in);
	return arena_printf(cx.a,
	    "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Ajwt-bearer&assertion=%s.%s",
	    text, base64url_encode(cx.a, (struct str){ (char *)signature, n }));
}

static void
a_service_account_signs_for_itself(void **state)
{
	static const char robot[] = "robot@demo.iam.gserviceaccount.com";
	static const char aud[] = "https://oauth2.googleapis.com/token";
	int64_t now = clock_ms() / 1000;
	const json *key;

	(void)state;
	control("{\"service_account\": \"robot@demo.iam.gserviceaccount.com\", \"file\": {\"id\": "
		"\"" SHEET "\"}}");
	key = at("service_account");
	assert_string_equal(json_str(key, "type"), "service_account");
	assert_int_equal(post_form("/token", sign(key, aud, now, now + 3600, robot)), 200);
	assert_null(at("refresh_token"));
	bearer = arena_dup(cx.a, text_at("access_token"));
	assert_int_equal(ask("GET", "/v4/spreadsheets/" SHEET, NULL), 403);
	control("{\"share\": {\"file\": \"" SHEET
		"\", \"email\": \"robot@demo.iam.gserviceaccount.com\", \"role\": \"reader\"}}");
	assert_int_equal(ask("GET", "/v4/spreadsheets/" SHEET, NULL), 200);

	assert_int_equal(post_form("/token", sign(key, aud, now - 7200, now - 3600, robot)), 400);
	assert_memory_equal(
	    text_at("error_description"), "Invalid JWT: Token must be a short-lived token", 46);
	assert_int_equal(
	    post_form("/token", sign(key, "https://example.com", now, now + 3600, robot)), 400);
	assert_int_equal(
	    post_form(
		"/token", sign(key, aud, now, now + 3600, "nobody@demo.iam.gserviceaccount.com")),
	    400);
	assert_int_equal(post_form("/token",
			     arena_printf(cx.a, "%sAAAA", sign(key, aud, now, now + 3600, robot))),
	    400);
	assert_string_equal(text_at("error_description"), "Invalid JWT Signature.");
}

static void
grants_outlive_a_restart(void **state)
{
	const char *token, *access;
	json *kept;

	(void)state;
	token = connect("openid");
	access = arena_dup(cx.a, text_at("access_token"));
	kept = json_stored(cx.a, json_text(cx.a, fake_save(world, cx.a, true)));
	fake_free(world);
	world = fake_new(false);
	fake_load(world, kept);
	assert_int_equal(refresh(token), 200);
	bearer = access;
	assert_int_equal(ask("GET", "/v1/userinfo", NULL), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(the_page_lists_accounts_and_scopes_without_script),
		world_test(wrong_requests_end_on_the_page),
		world_test(a_denial_comes_back_with_the_state),
		world_test(part_of_the_scopes_can_be_granted),
		world_test(a_code_is_good_once_and_for_ten_minutes),
		world_test(pkce_is_checked_both_ways),
		world_test(a_refresh_token_comes_the_first_time_or_when_asked_again),
		world_test(who_agreed_before_is_not_asked_again),
		world_test(refreshing_keeps_the_token_or_rotates_it),
		world_test(in_testing_a_grant_dies_after_a_week_unless_it_only_names_the_person),
		world_test(the_hundred_and_first_grant_kills_the_oldest),
		world_test(revoking_ends_everything_granted),
		world_test(an_access_token_lives_an_hour),
		world_test(the_token_endpoint_is_strict),
		world_test(a_service_account_signs_for_itself),
		world_test(grants_outlive_a_restart),
	};
	return cmocka_run_group_tests_name("fake_oauth", tests, NULL, NULL);
}
