/*
 * google.h - what Google's services have in common: who calls, the shapes of errors, and complaints
 * of their two generations.
 */
#ifndef FAKE_GOOGLE_GOOGLE_H
#define FAKE_GOOGLE_GOOGLE_H

#include "fake/core/call.h"

enum google_style {
	STYLE_PLATFORM, /* {"error": {"code", "message", "status", "details"}} */
	STYLE_LEGACY,   /* {"error": {"code", "message", "errors": [{"domain", "reason"}]}} */
	STYLE_OAUTH     /* {"error", "error_description"} */
};

extern const struct fake_manners google_manners;

/* The rows of fake_services. */
extern const struct fake_service oauth_service, sheets_service, drive_service;
extern const struct fake_service people_service, calendar_service, channel_service;

bool google_admit(struct call *);                           /* oauth_grant.c */
void google_complain(struct call *, const struct flaw *);   /* complain.c */
json *google_error_info(struct call *, const char *reason); /* details of a refusal */

#endif
