/*
 * google.h - what Google's services have in common: who calls, and complaints of their two
 * generations.
 */
#ifndef FAKE_GOOGLE_GOOGLE_H
#define FAKE_GOOGLE_GOOGLE_H

#include "fake/google/manners.h"

bool google_admit(struct call *);                           /* oauth_grant.c */
void google_complain(struct call *, const struct flaw *);   /* complain.c */
json *google_error_info(struct call *, const char *reason); /* details of a refusal */

#endif
