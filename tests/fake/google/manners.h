/*
 * manners.h - what each of Google's services says of itself: the style of its errors, the manners
 * they share, and its row.
 */
#ifndef FAKE_GOOGLE_MANNERS_H
#define FAKE_GOOGLE_MANNERS_H

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

#endif
