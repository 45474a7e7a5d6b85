/*
 * web.h - what kinds by address share: their field rows and the check of address and headers. For
 * the kinds of this directory.
 */
#ifndef KIND_WEB_H
#define KIND_WEB_H

#include "kind/kind.h"

#define URL_FIELD_SECRETS " Keys in it are stored encrypted; (stored) in their place keeps them."

/* Rows for a field table. */
#define URL_FIELD(label_, help_, placeholder_) \
	{ \
		.name = "url", .type = FIELD_URL, .required = true, .label = label_, \
		.help = help_ URL_FIELD_SECRETS, .placeholder = placeholder_, \
	}
#define URL_FIELD_HEADERS \
	{ \
		.name = "headers", .type = FIELD_MAP, .advanced = true, \
		.label = "Extra request headers", \
		.help = "Sent with every request to the server of this address, " \
			"one \"Name: value\" a line. A value that may be a secret is stored " \
			"encrypted; (stored) in its place keeps it.", \
		.placeholder = "X-Api-Version: 2", \
	}
#define URL_FIELD_AUTHORIZATION \
	{ \
		.name = "authorization", .type = FIELD_SECRET, .advanced = true, \
		.label = "Authorization", \
		.help = "The value of the Authorization header, if the server wants one. " \
			"It is stored encrypted and never shown again.", \
		.placeholder = "Bearer ...", \
	}

/* For configure(): complains about an address or headers that could not be used. */
void web_configure(struct arena *, const json *config, json *errors);

#endif
