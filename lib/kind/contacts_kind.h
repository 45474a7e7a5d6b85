/*
 * contacts_kind.h - what the kind google-contacts and its reader (provider/google/contacts.c)
 * share: the fields of a record, and where in a person of Google's they come from.
 */
#ifndef KIND_CONTACTS_KIND_H
#define KIND_CONTACTS_KIND_H

#include "kind/kind.h"

enum contact_column {
	CONTACT_NAME,
	CONTACT_DISPLAY_NAME,
	CONTACT_GIVEN_NAME,
	CONTACT_MIDDLE_NAME,
	CONTACT_FAMILY_NAME,
	CONTACT_PREFIX,
	CONTACT_SUFFIX,
	CONTACT_NICKNAME,
	CONTACT_EMAILS,
	CONTACT_PHONES,
	CONTACT_ADDRESSES,
	CONTACT_ORGANIZATIONS,
	CONTACT_BIRTHDAY,
	CONTACT_LABELS,
	CONTACT_NOTES,
	CONTACT_URLS,
	CONTACT_EVENTS,
	CONTACT_RELATIONS,
	CONTACT_CHATS,
	CONTACT_CUSTOM,
	CONTACT_PHOTO,
	CONTACT_UPDATED_AT,
	CONTACT__MAX
};

struct contact_field {
	const char *name; /* of the record */
	const char *from; /* Google's name of it in personFields */
};

extern const struct contact_field contact_fields[CONTACT__MAX];

/* Is the field among those that the configuration chooses? The key always is. */
bool contact_chosen(const json *config, enum contact_column);

#endif
