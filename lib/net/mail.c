/*
 * mail.c - see mail.h.
 */
#include "net/mail.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/host.h"
#include "base/hash.h"
#include "net/wire.h"

enum {
	ADDRESS_MAX = 254,
	MAIL_MAX = 256 * 1024,
	TIMEOUT_MS = 20 * 1000,
	LINE_MAX_QP = 75, /* RFC 2045: 76 with the "=" of a soft break */
	SUBJECT_PLAIN_MAX = 68,
	/* of an encoded word: 64 characters in all, so that a line with "Subject: " stays below
	 * 76 (RFC 2047) */
	WORD_BYTES = 39
};

bool
mail_address_ok(const char *address)
{
	const struct str s = str_c(address);
	const char *at = s.n > 0 && s.n <= ADDRESS_MAX ? strchr(address, '@') : NULL;

	if (!at || at == address || !at[1] || strchr(at + 1, '@'))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("<>()[],;:\\\"", s.p[i]))
			return false;
	return true;
}

/*
 * Composing.
 */

/* The subject without control characters; as encoded words when it is not short plain ASCII. */
static void
add_subject(struct arena *a, struct buf *b, const char *subject)
{
	char *clean = arena_dup(a, subject);
	bool plain = strlen(clean) <= SUBJECT_PLAIN_MAX && !strstr(clean, "=?");
	struct str rest;

	for (char *p = clean; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
		plain = plain && (unsigned char)*p < 0x7f;
	}
	buf_str(b, "Subject: ");
	if (plain) {
		buf_str(b, clean);
		buf_str(b, "\r\n");
		return;
	}
	for (rest = str_c(clean); rest.n > 0;) {
		struct str word = str_utf8_cut(rest, WORD_BYTES);
		if (word.n == 0)
			break;
		buf_printf(
		    b, "=?UTF-8?B?%s?=\r\n%s", base64_encode(a, word), word.n < rest.n ? " " : "");
		rest = (struct str){ rest.p + word.n, rest.n - word.n };
	}
}

/* One line as quoted-printable (RFC 2045): blanks at its end, "=" and what is not ASCII are
 * written as "=XX". */
static void
add_line(struct buf *b, struct str line)
{
	size_t width = 0;

	for (size_t i = 0; i < line.n; i++) {
		const unsigned char c = (unsigned char)line.p[i];
		const bool literal = (c > ' ' && c < 0x7f && c != '=') ||
		    ((c == ' ' || c == '\t') && i + 1 < line.n);
		const size_t takes = literal ? 1 : 3;

		if (width + takes > LINE_MAX_QP) {
			buf_str(b, "=\r\n");
			width = 0;
		}
		if (literal)
			buf_ch(b, (char)c);
		else
			buf_printf(b, "=%02X", c);
		width += takes;
	}
	buf_str(b, "\r\n");
}

const char *
mail_source(struct arena *a, const struct mail *m)
{
	struct buf *b = buf_in(a, MAIL_MAX);
	char date[CLOCK_TEXT];
	const char *domain = strchr(m->from, '@');

	/* "Sun, 06 Nov 1994 08:49:37 GMT": the zone is written as a number here. */
	buf_printf(b, "Date: %.25s +0000\r\n", clock_http(m->at, date));
	buf_printf(b, "From: Tidemark <%s>\r\nTo: <%s>\r\n", m->from, m->to);
	add_subject(a, b, m->subject);
	buf_printf(b, "Message-ID: <%s%s>\r\n", m->id, domain ? domain : "@localhost");
	buf_str(b,
	    "MIME-Version: 1.0\r\nContent-Type: text/plain; "
	    "charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
	    "Auto-Submitted: auto-generated\r\n\r\n");
	for (struct str rest = str_c(m->text), line; rest.p;) {
		line = str_cut(rest, '\n', &rest);
		if (rest.p || line.n > 0)
			add_line(b, line);
	}
	return buf_c(b);
}

/*
 * Sending.
 */

struct upload {
	const char *text;
	size_t left;
};

static size_t
on_read(char *to, size_t size, size_t count, void *arg)
{
	struct upload *up = arg;
	const size_t room = size * count, n = up->left < room ? up->left : room;

	memcpy(to, up->text, n);
	up->text += n;
	up->left -= n;
	return n;
}

static enum rc
mail_conclude(const struct wire *w, CURLcode code)
{
	const int status = wire_status(w);

	if (code == CURLE_OK)
		return RC_OK;
	if (code == CURLE_LOGIN_DENIED)
		return fail(w->cx, E_SOURCE_AUTH,
		    "The mail server %s does not accept the user name or password.", w->host);
	if (code == CURLE_USE_SSL_FAILED)
		return fail(w->cx, E_TLS,
		    "The mail server %s offers no encryption, so nothing was sent.", w->host);
	if (code == CURLE_SEND_ERROR && status >= 500)
		return fail(
		    w->cx, E_INPUT, "The mail server %s refuses this mail (%d).", w->host, status);
	if (status >= 400)
		return fail(w->cx, E_SOURCE_5XX,
		    "The mail server %s cannot take mail at the moment (%d).", w->host, status);
	return wire_fail(w, code);
}

enum rc
mail_send(struct ctx *cx, const struct mail *m)
{
	const char *url = conf_str(CONF_SMTP_URL);
	struct curl_slist *to;
	struct upload up;
	struct wire w;
	enum rc rc;

	if (!conf_set(CONF_SMTP_URL) ||
	    (!str_starts(str_c(url), "smtp://") && !str_starts(str_c(url), "smtps://")))
		return fail(cx, E_UNAVAILABLE, "No mail server is set up (TIDEMARK_SMTP_URL).");
	if (!mail_address_ok(m->from) || !mail_address_ok(m->to))
		return fail(cx, E_INPUT, "Mail cannot be sent from or to an address like this.");
	TRY(wire_open(cx, url, true, &w));
	to = curl_slist_append(NULL, arena_printf(cx->a, "<%s>", m->to));
	if (!to)
		return fail(cx, E_MEMORY, NULL);
	up.text = mail_source(cx->a, m);
	up.left = strlen(up.text);
	wire_options(&w, TIMEOUT_MS, NULL);
	wire_timeout(&w, TIMEOUT_MS);
	w.method = "MAIL";
	w.body = str_c(up.text);
	w.from = m->from;
	w.to = m->to;
	curl_easy_setopt(w.curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(w.curl, CURLOPT_USE_SSL,
	    (long)(host_is_here(str_c(w.host)) ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	if (conf_set(CONF_SMTP_USER)) {
		curl_easy_setopt(w.curl, CURLOPT_USERNAME, conf_str(CONF_SMTP_USER));
		curl_easy_setopt(w.curl, CURLOPT_PASSWORD, conf_str(CONF_SMTP_PASSWORD));
	}
	curl_easy_setopt(w.curl, CURLOPT_MAIL_FROM, arena_printf(cx->a, "<%s>", m->from));
	curl_easy_setopt(w.curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(w.curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(w.curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(w.curl, CURLOPT_READDATA, &up);
	rc = mail_conclude(&w, wire_perform(&w));
	curl_easy_reset(w.curl);
	curl_slist_free_all(to);
	return rc;
}
