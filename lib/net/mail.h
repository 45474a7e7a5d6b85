/*
 * mail.h - one plain text mail to one person, by the mail server that the configuration names
 * (TIDEMARK_SMTP_URL).
 *
 * smtps:// is encrypted from the start, smtp:// by STARTTLS, which the server must offer;
 * certificates are verified. Only a server on this very machine (localhost, 127.0.0.0/8, ::1) is
 * spoken to in the clear. What goes into a header cannot end it.
 */
#ifndef NET_MAIL_H
#define NET_MAIL_H

#include "base/err.h"

struct mail {
	const char *from, *to;      /* bare addresses */
	const char *subject, *text; /* UTF-8 */
	const char *id;             /* a word: the same for every try */
	int64_t at;                 /* Date, ms */
};

/* E_INPUT: this mail will never be taken (an address, or the server refuses it); anything else
 * may be tried again. */
MUST enum rc mail_send(struct ctx *, const struct mail *);

/* The mail as it is sent, headers and body, lines ended with CR LF. Pure. */
const char *mail_source(struct arena *, const struct mail *);
/* One printable ASCII address without quoting or brackets. Pure. */
bool mail_address_ok(const char *);

#endif
