/*
 * email.h - e-mail addresses as they are compared. Pure.
 */
#ifndef PROFILE_EMAIL_H
#define PROFILE_EMAIL_H

#include "base/arena.h"

enum { ADDRESS_MAX = 254 };

/* The address in a text ("Ada <Ada@Example.com>", "mailto:ada@example.com"), with its case folded:
 * no server that is in use tells "Ada" from "ada". Dots and "+word" stay: they are another mailbox
 * at most of them. false: this is no address. */
bool email_address(struct arena *, struct str text, struct str *out);
/* Is it the mailbox of a function, which several people read (RFC 2142 and usual ones: "info",
 * "sales")? Of an address that was folded. */
bool email_of_many(struct str address);

#endif
