/*
 * published.h - sheets that are read by their address alone, as CSV: what Google answers where one
 * is not to be seen, in words. Pure.
 */
#ifndef PROVIDER_GOOGLE_PUBLISHED_H
#define PROVIDER_GOOGLE_PUBLISHED_H

#include "base/err.h"

/* Is it the address of one? */
bool published_is(const char *url);
/* What to do about a web page that came instead, when it asks for a sign-in; NULL: it does not.
 * final_url: where it came from; head: its beginning. */
const char *published_sign_in(const char *final_url, struct str head);
/* Says a failure of reading it in other words, where Google means something else by it. */
enum rc published_explain(struct ctx *, const char *url, enum rc);

#endif
