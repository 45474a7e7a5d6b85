/*
 * calendar.c - the Calendar API: not played yet, but people can be asked for its scopes.
 */
#include "fake/google/google.h"

#define AUTH "https://www.googleapis.com/auth/"

static const struct fake_scope calendar_scopes[] = {
	{ .url = AUTH "calendar", .words = "See, edit, share and delete all your calendars" },
	{ .url = AUTH "calendar.calendarlist.readonly", .words = "See the list of your calendars" },
	{ .url = AUTH "calendar.events", .words = "See and edit the events of all your calendars" },
	{ .url = NULL },
};

const struct fake_service calendar_service = {
	.name = "calendar",
	.bases = "api",
	.manners = &google_manners,
	.scopes = calendar_scopes,
};
