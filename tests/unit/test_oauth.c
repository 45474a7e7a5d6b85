/* OAuth as protocol: the way to the consent page, codes, refreshes, revocation, service
 * accounts, and what each answer of a token endpoint means. */
#include "unit/unit.h"

#include "base/clock.h"
#include "base/hash.h"
#include "oauth/oauth.h"
#include "unit/fake_server.h"
#include "unit/web_server.h"

#define ANN "ann@example.com"

static int
setup(void **state)
{
	unit_open(state);
	fake_control("{\"reset\": true, \"faults\": []}");
	return 0;
}

static struct oauth_client
client(void)
{
	return oauth_client(cx.a, oauth_find("google"));
}

/* --- the way to the consent page --- */

static void
the_address_of_the_consent_page_is_exact(void **state)
{
	(void)state;
	conf_override(CONF_GOOGLE_ACCOUNTS_BASE, "https://accounts.google.com/");
	/* The challenge is that of RFC 7636, appendix B. */
	assert_string_equal(
	    consent_url(cx.a,
		&(struct consent){
		    .provider = oauth_find("google"),
		    .redirect = "https://sync.example.com/api/auth/google/callback",
		    .scopes = "openid https://www.googleapis.com/auth/spreadsheets.readonly",
		    .state = "s t&a=te",
		    .verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
		}),
	    "https://accounts.google.com/o/oauth2/v2/auth?client_id=client&"
	    "redirect_uri=https%3A%2F%2Fsync.example.com%2Fapi%2Fauth%2Fgoogle%2Fcallback&"
	    "response_type=code"
	    "&scope=openid%20https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fspreadsheets.readonly&"
	    "access_type=offline&include_granted_scopes=true&state=s%20t%26a%3Dte"
	    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"
	    "code_challenge_method=S256&nonce=mn3n6yhfSJ2euOH4CC2a3dUp0vmDAiYo2KigkChC0Dc");
	assert_string_equal(strstr(consent_url(cx.a,
				       &(struct consent){
					   .provider = oauth_find("google"),
					   .redirect = "http://h/",
					   .scopes = "openid",
					   .state = "s",
					   .verifier = "v",
					   .hint = "ann+x@example.com",
					   .again = true,
				       }),
				"&code_challenge_method"),
	    "&code_challenge_method=S256&nonce=ZhcJSC7uZZ6jpbLKaXyNP0QotQD1NmK5WSDcSqrRTec"
	    "&login_hint=ann%2Bx%40example.com&prompt=consent");
	conf_override(CONF_GOOGLE_ACCOUNTS_BASE, fake_word[0]);
}

static void
forms_are_encoded_to_the_byte(void **state)
{
	struct buf *b = buf_in(cx.a, 1000);

	(void)state;
	form_put(b, "a", "x y+z/\xc3\xa9\x01~");
	form_put(b, "none", NULL);
	form_put(b, "empty", "");
	assert_string_equal(buf_c(b), "a=x%20y%2Bz%2F%C3%A9%01~&empty=");
}

/* --- against the stand-in --- */

static const char *
token_of(const char *claims)
{
	return arena_printf(cx.a, "e30.%s.e30", base64url_encode(cx.a, str_c(claims)));
}

static void
a_code_becomes_tokens_and_says_whose_they_are(void **state)
{
	struct oauth_client c = client();
	const char *subject, *address;
	struct oauth_tokens t;

	(void)state;
	assert_ok(oauth_exchange(&cx, &c, fake_agree(ANN, FAKE_WHO " " FAKE_SHEETS, true),
	    FAKE_VERIFIER, FAKE_REDIRECT, &t));
	assert_true(t.expires_s > 3000 && t.expires_s <= 3600);
	assert_non_null(t.refresh);
	assert_true(consent_covers(cx.a, t.scopes, FAKE_WHO " " FAKE_SHEETS, NULL));
	assert_non_null(t.id_token);
	assert_string_equal(t.nonce, consent_nonce(cx.a, oauth_find("google"), FAKE_VERIFIER));
	assert_ok(oauth_identity(&cx, &c, &t, &subject, &address));
	assert_string_equal(address, ANN);
	/* Asked for instead of told: the same. */
	const char *again;
	t.id_token = NULL;
	assert_ok(oauth_identity(&cx, &c, &t, &again, &address));
	assert_string_equal(again, subject);
	assert_string_equal(address, ANN);
	t.id_token = "x.y.z";
	assert_ok(oauth_identity(&cx, &c, &t, &again, &address));
	assert_string_equal(again, subject);
	/* One that was made for somebody else is nothing to go on with. */
	t.id_token = token_of(
	    "{\"iss\": \"https://accounts.google.com\", \"aud\": \"you\", \"sub\": \"1\", "
	    "\"email\": \"eve@example.com\", \"exp\": 9999999999}");
	assert_error(oauth_identity(&cx, &c, &t, &again, &address), E_GRANT);
}

static void
an_answer_is_that_of_the_provider_that_was_asked(void **state)
{
	const struct oauth_provider *google = oauth_find("google"), *notion = oauth_find("notion");

	(void)state;
	assert_true(consent_from(google, NULL));
	assert_true(consent_from(google, "https://accounts.google.com"));
	assert_false(consent_from(google, ""));
	assert_false(consent_from(google, "accounts.google.com"));
	assert_false(consent_from(google, "https://accounts.google.com/"));
	assert_false(consent_from(google, "https://accounts.google.com.evil.example"));
	assert_false(consent_from(google, "http://accounts.google.com"));
	assert_true(consent_from(notion, NULL));
	assert_false(consent_from(notion, "https://accounts.google.com"));
}

static void
an_id_token_is_believed_from_its_issuer_for_this_application_and_until_it_ends(void **state)
{
#define WHO "\"sub\": \"1\", \"email\": \"ann@example.com\", "
#define ISS "\"iss\": \"https://accounts.google.com\", "
#define EXP ", \"exp\": 1000}"
	static const struct {
		const char *claims;
		enum oauth_word word;
	} rows[] = {
#define NONCE "\"nonce\": \"n1\", "
		{ "{" WHO NONCE ISS "\"aud\": \"me\"" EXP, OAUTH_TOLD },
		{ "{" WHO ISS "\"aud\": \"me\"" EXP, OAUTH_FOREIGN },
		{ "{" WHO "\"nonce\": \"n2\", " ISS "\"aud\": \"me\"" EXP, OAUTH_FOREIGN },
		{ "{" WHO "\"nonce\": 1, " ISS "\"aud\": \"me\"" EXP, OAUTH_FOREIGN },
		{ "{" WHO NONCE "\"iss\": \"accounts.google.com\", \"aud\": \"me\"" EXP,
		    OAUTH_TOLD },
		{ "{" WHO NONCE ISS "\"aud\": [\"you\", \"me\"], \"azp\": \"me\"" EXP, OAUTH_TOLD },
		{ "{" WHO NONCE ISS "\"aud\": \"you\"" EXP, OAUTH_FOREIGN },
		{ "{" WHO NONCE ISS "\"aud\": [\"you\", 1]" EXP, OAUTH_FOREIGN },
		{ "{" WHO NONCE ISS "\"aud\": [\"you\", \"me\"], \"azp\": \"you\"" EXP,
		    OAUTH_FOREIGN },
		{ "{" WHO NONCE ISS "\"aud\": \"\"" EXP, OAUTH_FOREIGN },
		{ "{" WHO NONCE ISS "\"sub2\": \"\"" EXP, OAUTH_FOREIGN },
		{ "{" WHO NONCE "\"iss\": \"https://evil.example\", \"aud\": \"me\"" EXP,
		    OAUTH_FOREIGN },
		{ "{" WHO NONCE "\"iss\": \"http://accounts.google.com\", \"aud\": \"me\"" EXP,
		    OAUTH_FOREIGN },
		{ "{" WHO NONCE "\"aud\": \"me\"" EXP, OAUTH_FOREIGN },
		{ "{" WHO NONCE ISS "\"aud\": \"me\"}", OAUTH_FOREIGN },
		{ "{" WHO NONCE ISS "\"aud\": \"me\", \"exp\": 300}", OAUTH_FOREIGN },
		{ "{" ISS "\"sub\": \"1\", \"aud\": \"me\"" EXP, OAUTH_SILENT },
		{ "[]", OAUTH_SILENT },
	};
	struct oauth_client c = { .provider = oauth_find("google"), .id = "me" };
	const char *subject, *address;
	struct oauth_tokens t = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (oauth_told(cx.a, &c,
			&(struct oauth_tokens){
			    .id_token = token_of(rows[i].claims), .nonce = "n1" },
			1000 * SECOND_MS, &subject, &address) != rows[i].word)
			flunk("%s", rows[i].claims);
	/* Who gives none that is believed is asked otherwise. */
	c.provider = oauth_find("notion");
	t.id_token = token_of(rows[0].claims);
	assert_int_equal(
	    oauth_told(cx.a, &c, &t, 1000 * SECOND_MS, &subject, &address), OAUTH_SILENT);
	t.id_token = NULL;
	assert_int_equal(
	    oauth_told(cx.a, &c, &t, 1000 * SECOND_MS, &subject, &address), OAUTH_SILENT);
}

static void
a_code_is_good_once_and_for_its_verifier_and_address_only(void **state)
{
	struct oauth_client c = client();
	struct oauth_tokens t;
	const char *code = fake_agree(ANN, FAKE_WHO, true);

	(void)state;
	assert_ok(oauth_exchange(&cx, &c, code, FAKE_VERIFIER, FAKE_REDIRECT, &t));
	assert_error(oauth_exchange(&cx, &c, code, FAKE_VERIFIER, FAKE_REDIRECT, &t), E_GRANT);
	assert_error(oauth_exchange(&cx, &c, fake_agree(ANN, FAKE_WHO, true),
			 "another-verifier-another-verifier-another-verif", FAKE_REDIRECT, &t),
	    E_GRANT);
	assert_error(oauth_exchange(&cx, &c, "4/none", FAKE_VERIFIER, FAKE_REDIRECT, &t), E_GRANT);
	assert_int_not_equal(oauth_exchange(&cx, &c, fake_agree(ANN, FAKE_WHO, true), FAKE_VERIFIER,
				 "http://127.0.0.1/else", &t),
	    RC_OK);
}

static void
a_refresh_token_is_good_until_it_is_revoked(void **state)
{
	struct oauth_client c = client();
	struct oauth_tokens t, next;

	(void)state;
	assert_ok(oauth_exchange(
	    &cx, &c, fake_agree(ANN, FAKE_WHO, true), FAKE_VERIFIER, FAKE_REDIRECT, &t));
	assert_ok(oauth_refresh(&cx, &c, t.refresh, &next));
	assert_string_not_equal(next.access, t.access);
	assert_null(next.refresh);
	assert_ok(oauth_refresh(&cx, &c, t.refresh, &next));
	assert_ok(oauth_revoke(&cx, &c, t.refresh));
	assert_error(oauth_refresh(&cx, &c, t.refresh, &next), E_GRANT);
	/* What is dead is revoked. */
	assert_ok(oauth_revoke(&cx, &c, t.refresh));
	assert_ok(oauth_revoke(&cx, &c, "nonsense"));
}

static void
the_wrong_client_is_a_matter_of_the_installation(void **state)
{
	struct oauth_client c = client();
	struct oauth_tokens t;

	(void)state;
	c.secret = "wrong";
	assert_error(oauth_refresh(&cx, &c, "any", &t), E_OAUTH_SETUP);
	assert_non_null(strstr(cx.err.detail, "invalid_client"));
	assert_null(strstr(cx.err.detail, "wrong"));
}

static void
a_service_account_signs_for_its_tokens(void **state)
{
	struct oauth_client c = client();
	const json *key = json_at(
	    fake_control("{\"service_account\": \"robot@project.iam.gserviceaccount.com\"}"),
	    "service_account");
	const json *other = json_at(
	    fake_control("{\"service_account\": \"other@project.iam.gserviceaccount.com\"}"),
	    "service_account");
	struct oauth_tokens t;
	const char *address;
	json *mixed;

	(void)state;
	assert_ok(oauth_service_check(&cx, key, &address));
	assert_string_equal(address, "robot@project.iam.gserviceaccount.com");
	assert_ok(oauth_service_token(&cx, &c, key, FAKE_SHEETS, clock_ms(), &t));
	assert_true(*t.access && t.expires_s > 3000);
	/* Another's signature; a clock that is an hour late. */
	mixed = json_stored(cx.a, json_text(cx.a, key));
	json_set_str(mixed, "private_key", json_str(other, "private_key"));
	assert_error(oauth_service_token(&cx, &c, mixed, FAKE_SHEETS, clock_ms(), &t), E_GRANT);
	assert_error(
	    oauth_service_token(&cx, &c, key, FAKE_SHEETS, clock_ms() - 2 * 3600 * 1000, &t),
	    E_GRANT);
}

static void
what_is_no_service_key_is_refused_in_words(void **state)
{
	static const char *const keys[] = { "{}", "[]", "null", "7",
		"{\"type\":\"authorized_user\",\"client_email\":\"a\",\"private_key\":\"b\"}",
		"{\"type\":\"service_account\",\"private_key\":\"b\"}",
		"{\"type\":\"service_account\",\"client_email\":\"a\"}",
		"{\"type\":\"service_account\",\"client_email\":\"a\",\"private_key\":7}",
		"{\"type\":\"service_account\",\"client_email\":\"a\",\"private_key\":\"-----BEGIN "
		"PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n\"}" };
	const char *address;

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		assert_error(
		    oauth_service_check(&cx, json_stored(cx.a, keys[i]), &address), E_INPUT);
}

/* --- answers --- */

static char
answer_char(char c)
{
	if (c == '+')
		return ' ';
	return c == '\'' ? '"' : c;
}

/* "/STATUS/BODY..." answers so; a plus stands for a space, an apostrophe for a quote. */
static void
answer(int fd, const char *request, const char *path)
{
	char status[20], body[1000] = "";
	const char *rest = strchr(path + 1, '/');

	(void)request;
	if (!strncmp(path, "/cut/", 5)) {
		web_text(fd,
		    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n"
		    "\r\n{\"access_token\":");
		return;
	}
	if (!strncmp(path, "/drop", 5))
		return;
	if (!strncmp(path, "/inject", 7)) {
		web_reply(fd, "200 OK", "", "{\"access_token\":\"a\\r\\nX-Other: b\"}");
		return;
	}
	snprintf(status, sizeof status, "%.3s X", path + 1);
	for (size_t n = 0; rest && rest[1] && n < sizeof body - 1; n++, rest++)
		body[n] = answer_char(rest[1]);
	if (!strncmp(path, "/429", 4))
		web_reply(fd, status, "Retry-After: 7\r\n", body);
	else
		web_reply(
		    fd, status, !strncmp(path, "/503", 4) ? "Retry-After: 21600\r\n" : "", body);
}

static enum rc
answered(const char *path, struct oauth_tokens *t)
{
	struct oauth_client c = client();

	c.token_url = arena_printf(cx.a, "http://127.0.0.1:%d%s", web_port, path);
	return oauth_refresh(&cx, &c, "r", t);
}

static void
each_refusal_means_what_it_says(void **state)
{
	static const struct {
		const char *path;
		enum error_kind kind;
	} rows[] = {
		{ "/400/{'error':'invalid_grant','error_description':'Token+has+been+expired'}",
		    E_GRANT },
		{ "/400/{'error':'invalid_grant'}", E_GRANT },
		{ "/401/{'error':'invalid_grant'}", E_GRANT },
		{ "/400/{'error':'admin_policy_enforced'}", E_GRANT },
		{ "/403/{'error':'access_denied'}", E_GRANT },
		{ "/400/{'error':'invalid_request'}", E_OAUTH_SETUP },
		{ "/401/{'error':'invalid_client'}", E_OAUTH_SETUP },
		{ "/400/{'error':'unauthorized_client'}", E_OAUTH_SETUP },
		{ "/400/{'error':'server_error'}", E_SOURCE_5XX },
		{ "/400/{'error':'internal_failure'}", E_SOURCE_5XX },
		{ "/400/{'error':'temporarily_unavailable'}", E_SOURCE_5XX },
		{ "/500/", E_SOURCE_5XX },
		{ "/503/{'error':'invalid_grant'}", E_SOURCE_5XX },
		{ "/504/<html>", E_SOURCE_5XX },
		{ "/408/", E_SOURCE_5XX },
		{ "/429/", E_RATE_LIMITED },
		{ "/403/{'error':'rate_limit_exceeded'}", E_RATE_LIMITED },
		{ "/400/{'error':'slow_down'}", E_RATE_LIMITED },
		{ "/403/{'error':{'status':'RESOURCE_EXHAUSTED'}}", E_RATE_LIMITED },
		{ "/400/", E_SOURCE_STATUS },
		{ "/401/<html>", E_SOURCE_STATUS },
		{ "/403/<html>", E_SOURCE_STATUS },
		{ "/404/", E_SOURCE_STATUS },
		{ "/302/", E_SOURCE_STATUS },
		{ "/400/{'error':{'code':400}}", E_SOURCE_STATUS },
		{ "/400/['error']", E_SOURCE_STATUS },
		{ "/200/<html>", E_SOURCE_STATUS },
		{ "/200/", E_SOURCE_STATUS },
		{ "/200/null", E_SOURCE_STATUS },
		{ "/200/{'access_token':''}", E_SOURCE_STATUS },
		{ "/200/{'access_token':7}", E_SOURCE_STATUS },
		{ "/200/{'access_token':'a+b'}", E_SOURCE_STATUS },
		{ "/inject", E_SOURCE_STATUS },
		{ "/cut/", E_TRUNCATED },
		{ "/drop", E_NETWORK },
	};
	struct oauth_tokens t;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (answered(rows[i].path, &t) == RC_OK || cx.err.kind != rows[i].kind)
			flunk("%s: %s, not %s", rows[i].path, error_row(cx.err.kind)->code,
			    error_row(rows[i].kind)->code);
	assert_error(answered("/429/", &t), E_RATE_LIMITED);
	assert_int_equal(cx.err.wait_ms, 7000);
	assert_error(answered("/503/", &t), E_SOURCE_5XX);
	assert_int_equal(cx.err.wait_ms, 6 * HOUR_MS);
}

static void
the_life_of_a_token_may_be_a_text_or_nonsense(void **state)
{
	static const struct {
		const char *path;
		int64_t seconds;
	} rows[] = {
		{ "/200/{'access_token':'a','expires_in':1200}", 1200 },
		{ "/200/{'access_token':'a','expires_in':'1200'}", 1200 },
		{ "/200/{'access_token':'a'}", 3600 },
		{ "/200/{'access_token':'a','expires_in':-5}", 0 },
		{ "/200/{'access_token':'a','expires_in':'soon'}", 3600 },
		{ "/200/{'access_token':'a','expires_in':99999999999999}", INT32_MAX },
	};
	struct oauth_tokens t;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_ok(answered(rows[i].path, &t));
		if (t.expires_s != rows[i].seconds)
			flunk("%s: %lld", rows[i].path, (long long)t.expires_s);
	}
}

static void
a_revocation_that_does_not_get_through_is_no_success(void **state)
{
	struct oauth_client c = client();

	(void)state;
	c.revoke_url = arena_printf(cx.a, "http://127.0.0.1:%d/503/", web_port);
	assert_error(oauth_revoke(&cx, &c, "t"), E_SOURCE_5XX);
	c.revoke_url = arena_printf(
	    cx.a, "http://127.0.0.1:%d/400/{'error':'invalid_request'}", web_port);
	assert_int_not_equal(oauth_revoke(&cx, &c, "t"), RC_OK);
}

/* --- scopes --- */

static void
scopes_are_compared_word_by_word(void **state)
{
	const char *missing;

	(void)state;
	assert_true(consent_covers(cx.a, "a b c", "c a", &missing));
	assert_string_equal(missing, "");
	assert_true(consent_covers(cx.a, "", "", &missing));
	assert_true(consent_covers(cx.a, "a", " a  ", &missing));
	assert_false(consent_covers(cx.a, "ab", "a b", &missing));
	assert_string_equal(missing, "a b");
	assert_false(consent_covers(cx.a, "a", "a b c", &missing));
	assert_string_equal(missing, "b c");
	assert_false(consent_covers(cx.a, NULL, "a", NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_address_of_the_consent_page_is_exact),
		TEST(forms_are_encoded_to_the_byte),
		TEST(a_code_becomes_tokens_and_says_whose_they_are),
		TEST(an_answer_is_that_of_the_provider_that_was_asked),
		TEST(
		    an_id_token_is_believed_from_its_issuer_for_this_application_and_until_it_ends),
		TEST(a_code_is_good_once_and_for_its_verifier_and_address_only),
		TEST(a_refresh_token_is_good_until_it_is_revoked),
		TEST(the_wrong_client_is_a_matter_of_the_installation),
		TEST(a_service_account_signs_for_its_tokens),
		TEST(what_is_no_service_key_is_refused_in_words),
		TEST(each_refusal_means_what_it_says),
		TEST(the_life_of_a_token_may_be_a_text_or_nonsense),
		TEST(a_revocation_that_does_not_get_through_is_no_success),
		TEST(scopes_are_compared_word_by_word),
	};
	int failed;

	unit_open(NULL);
	fake_start();
	fake_control("{\"account\": {\"email\": \"" ANN "\", \"name\": \"Ann\"}}");
	web_start(answer);
	unit_close(NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	web_stop();
	fake_stop();
	return failed;
}
