/*
 * people.c - the People API: not played yet, but people can be asked for its scopes.
 */
#include "fake/google/google.h"

#define AUTH "https://www.googleapis.com/auth/"

static const struct fake_scope people_scopes[] = {
	{ .url = AUTH "contacts", .words = "See, edit and delete your contacts" },
	{ .url = AUTH "contacts.readonly", .words = "See and download your contacts" },
	{
	    .url = AUTH "contacts.other.readonly",
	    .words = "See contact details saved automatically",
	},
	{ .url = NULL },
};

const struct fake_service people_service = {
	.name = "people",
	.bases = "people",
	.manners = &google_manners,
	.scopes = people_scopes,
};
