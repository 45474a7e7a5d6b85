/* One mail: its text, and a dialogue with a mail server on the loopback. */
#include "unit/unit.h"

#include "base/clock.h"
#include "net/mail.h"
#include "unit/mail_server.h"

static struct mail
a_mail(void)
{
	return (struct mail){
		.from = "tidemark@example.com",
		.to = "anna@example.org",
		.subject = "Hello",
		.text = "One.\nTwo.\n",
		.id = "msg_1",
		.at = INT64_C(784111777000),
	};
}

static int
setup(void **state)
{
	unit_open(state);
	conf_override(CONF_SMTP_URL, arena_printf(cx.a, "smtp://127.0.0.1:%d", mail_port));
	conf_override(CONF_SMTP_USER, "");
	conf_override(CONF_SMTP_PASSWORD, "");
	(void)mail_said();
	return 0;
}

static const char *
source(const char *subject, const char *text)
{
	struct mail m = a_mail();

	m.subject = subject;
	m.text = text;
	return mail_source(cx.a, &m);
}

static void
headers_are_whole_and_the_body_follows(void **state)
{
	(void)state;
	assert_string_equal(source("Hello", "One.\nTwo.\n"),
	    "Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n"
	    "From: Tidemark <tidemark@example.com>\r\n"
	    "To: <anna@example.org>\r\n"
	    "Subject: Hello\r\n"
	    "Message-ID: <msg_1@example.com>\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "\r\n"
	    "One.\r\nTwo.\r\n");
}

static const char *
subject_lines(const char *subject)
{
	const char *text = strstr(source(subject, ""), "Subject: ");

	return arena_dup_str(
	    cx.a, (struct str){ text, (size_t)(strstr(text, "Message-ID") - text) });
}

static void
subjects_are_encoded_and_cannot_end_the_header(void **state)
{
	const char *many =
	    "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3"
	    "\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc"
	    "\xc3\xa4\xc3\xb6\xc3\xbc";
	const char *lines;

	(void)state;
	assert_string_equal(subject_lines("a\r\nBcc: x@example.com\n\x01z"),
	    "Subject: a  Bcc: x@example.com  z\r\n");
	assert_string_equal(subject_lines("Gr\xc3\xbc\xc3\x9f"
					  "e"),
	    "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n");
	assert_string_equal(
	    subject_lines("=?UTF-8?B?eA==?="), "Subject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=\r\n");
	lines = subject_lines(many);
	/* Two words, each cut between characters. */
	assert_string_equal(lines,
	    "Subject: =?UTF-8?B?w6TDtsO8w6TDtsO8w6TDtsO8w6TDtsO8w6TDtsO8w6TDtsO8w6Q=?=\r\n"
	    " =?UTF-8?B?w7bDvMOkw7bDvA==?=\r\n");
	for (struct str rest = str_c(subject_lines(source(many, many))), line; rest.p;) {
		line = str_cut(rest, '\n', &rest);
		assert_in_range(line.n, 0, 79);
	}
}

static void
bodies_are_quoted_printable(void **state)
{
	const char *body = strstr(source("x", "a=b \n\xc3\xa4\t.\n.\n\r\n"), "\r\n\r\n") + 4;
	char *wide = arena_alloc(cx.a, 1001);

	(void)state;
	assert_string_equal(body, "a=3Db=20\r\n=C3=A4\t.\r\n.\r\n=0D\r\n");
	memset(wide, 'x', 1000);
	for (struct str rest = str_c(source("x", wide)), line; rest.p;) {
		line = str_cut(rest, '\n', &rest);
		assert_in_range(line.n, 0, 77);
	}
}

static void
addresses_are_plain(void **state)
{
	static const char *const bad[] = { "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: x@y",
		"<a@b>", "a@b>", "\"a\"@b", "a@b,c", "a;b@c", "\xc3\xa4@b" };

	(void)state;
	assert_true(mail_address_ok("anna+x@example.org"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mail m = a_mail();
		assert_false(mail_address_ok(bad[i]));
		m.to = bad[i];
		assert_error(mail_send(&cx, &m), E_INPUT);
	}
	assert_string_equal(mail_said(), "");
}

static void
a_mail_reaches_the_server(void **state)
{
	struct mail m = a_mail();
	const char *said;

	(void)state;
	m.text = ".\nbye\n";
	assert_ok(mail_send(&cx, &m));
	said = mail_said();
	assert_non_null(strstr(said, "MAIL FROM:<tidemark@example.com>"));
	assert_non_null(strstr(said, "RCPT TO:<anna@example.org>\r\n"));
	assert_non_null(strstr(said, "\r\n\r\n..\r\nbye\r\n.\r\n"));
	assert_null(strstr(said, "AUTH"));
}

static void
name_and_password_are_given_when_there_are_any(void **state)
{
	struct mail m = a_mail();

	(void)state;
	conf_override(CONF_SMTP_USER, "user");
	conf_override(CONF_SMTP_PASSWORD, "right");
	assert_ok(mail_send(&cx, &m));
	assert_non_null(strstr(mail_said(), "AUTH PLAIN"));
	conf_override(CONF_SMTP_PASSWORD, "wrong");
	/* A kept connection is one that has signed in already: another host name, another
	 * connection. */
	conf_override(CONF_SMTP_URL, arena_printf(cx.a, "smtp://localhost:%d", mail_port));
	assert_error(mail_send(&cx, &m), E_SOURCE_AUTH);
	assert_null(strstr(cx.err.detail, "wrong"));
}

static void
refusals_are_told_apart(void **state)
{
	struct mail m = a_mail();

	(void)state;
	m.to = "no@example.org";
	assert_error(mail_send(&cx, &m), E_INPUT);
	m.to = "later@example.org";
	assert_error(mail_send(&cx, &m), E_SOURCE_5XX);
	conf_override(CONF_SMTP_URL, "smtp://127.0.0.1:1");
	assert_error(mail_send(&cx, &m), E_NETWORK);
	conf_override(CONF_SMTP_URL, "");
	assert_error(mail_send(&cx, &m), E_UNAVAILABLE);
	conf_override(CONF_SMTP_URL, "http://127.0.0.1/");
	assert_error(mail_send(&cx, &m), E_UNAVAILABLE);
}

/* The server's address is on this machine, but its name does not say so: it must encrypt. */
static void
nothing_is_said_in_the_clear_to_another_machine(void **state)
{
	struct mail m = a_mail();

	(void)state;
	conf_override(CONF_SMTP_USER, "user");
	conf_override(CONF_SMTP_PASSWORD, "right");
	conf_override(CONF_SMTP_URL, arena_printf(cx.a, "smtp://0.0.0.0:%d", mail_port));
	assert_error(mail_send(&cx, &m), E_TLS);
	assert_null(strstr(mail_said(), "AUTH PLAIN"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(headers_are_whole_and_the_body_follows),
		TEST(subjects_are_encoded_and_cannot_end_the_header),
		TEST(bodies_are_quoted_printable),
		TEST(addresses_are_plain),
		TEST(a_mail_reaches_the_server),
		TEST(name_and_password_are_given_when_there_are_any),
		TEST(refusals_are_told_apart),
		TEST(nothing_is_said_in_the_clear_to_another_machine),
	};
	int failed;

	mail_start();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	mail_stop();
	return failed;
}
