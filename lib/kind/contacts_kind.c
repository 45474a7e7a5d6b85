/*
 * contacts_kind.c - google-contacts: the people of an address book, read with somebody's account.
 */
#include "kind/contacts_kind.h"

#include "kind/sheets_kind.h"

#define GOOGLE_SCOPE_CONTACTS "https://www.googleapis.com/auth/contacts.readonly"
#define GOOGLE_SCOPE_LABELS "https://www.googleapis.com/auth/contacts"
#define GOOGLE_SCOPE_OTHERS "https://www.googleapis.com/auth/contacts.other.readonly"

const struct contact_field contact_fields[CONTACT__MAX] = {
	[CONTACT_NAME] = { "resourceName", "metadata" },
	[CONTACT_DISPLAY_NAME] = { "displayName", "names" },
	[CONTACT_GIVEN_NAME] = { "givenName", "names" },
	[CONTACT_MIDDLE_NAME] = { "middleName", "names" },
	[CONTACT_FAMILY_NAME] = { "familyName", "names" },
	[CONTACT_PREFIX] = { "honorificPrefix", "names" },
	[CONTACT_SUFFIX] = { "honorificSuffix", "names" },
	[CONTACT_NICKNAME] = { "nickname", "nicknames" },
	[CONTACT_EMAILS] = { "emails", "emailAddresses" },
	[CONTACT_PHONES] = { "phones", "phoneNumbers" },
	[CONTACT_ADDRESSES] = { "addresses", "addresses" },
	[CONTACT_ORGANIZATIONS] = { "organizations", "organizations" },
	[CONTACT_BIRTHDAY] = { "birthday", "birthdays" },
	[CONTACT_LABELS] = { "labels", "memberships" },
	[CONTACT_NOTES] = { "notes", "biographies" },
	[CONTACT_URLS] = { "urls", "urls" },
	[CONTACT_EVENTS] = { "events", "events" },
	[CONTACT_RELATIONS] = { "relations", "relations" },
	[CONTACT_CHATS] = { "chats", "imClients" },
	[CONTACT_CUSTOM] = { "custom", "userDefined" },
	[CONTACT_PHOTO] = { "photo", "photos" },
	[CONTACT_UPDATED_AT] = { "updatedAt", "metadata" },
};

/* Of a full read: the labels, and the people. A page holds 400 of them. */
static const struct cost contacts_cost[] = { { QUOTA_PEOPLE, 2, 0 }, { 0 } };

static const struct field contacts_fields[] = {
	{
	    .name = "labels",
	    .type = FIELD_LIST,
	    .plans = true,
	    .label = "Labels",
	    .help = "Only people with one of these labels, with commas between; left empty, all. A "
		    "label that is renamed later is still found.",
	},
	{
	    .name = "people",
	    .type = FIELD_LIST,
	    .plans = true,
	    .label = "Single people",
	    .help = "These people too; with no label chosen, only these.",
	    .search = "Find people by name, e-mail address, number or company",
	    .max = 500,
	},
	{
	    .name = "fields",
	    .type = FIELD_LIST,
	    .plans = true,
	    .advanced = true,
	    .label = "Fields",
	    .help = "Only these of each person, with commas between; left empty, all.",
	},
	{
	    .name = "otherContacts",
	    .type = FIELD_BOOL,
	    .plans = true,
	    .advanced = true,
	    .label = "Other contacts too",
	    .help = "Also people that Google has saved by itself, because there was mail between "
		    "you. They have no labels.",
	},
	{
	    .name = "label",
	    .type = FIELD_TEXT,
	    .advanced = true,
	    .label = "Label to put on them",
	    .help = "Everybody who is read gets this label in Google Contacts, and loses it when "
		    "no longer read. It is made if it is not there; who is in it already stays, "
		    "and no other one is touched.",
	    .max = 100,
	},
	{ .name = NULL },
};

static bool
contacts_known_field(const char *name)
{
	for (int i = 0; name && i < CONTACT__MAX; i++)
		if (!strcmp(contact_fields[i].name, name))
			return true;
	return false;
}

static void
contacts_configure(struct arena *a, json *config, json *errors)
{
	const json *names = json_at(config, "fields"), *people = json_at(config, "people");

	for (size_t i = 0; i < json_len(names); i++)
		if (!contacts_known_field(json_value_str(json_nth(names, i)))) {
			kind_complain(a, errors, "config.fields",
			    "Fields are those of a record, such as displayName, emails, phones.");
			break;
		}
	for (size_t i = 0; i < json_len(people); i++)
		if (!str_starts(str_c(json_value_str(json_nth(people, i))), "people/")) {
			kind_complain(a, errors, "config.people",
			    "A person is named as Google does it: people/c123.");
			break;
		}
}

bool
contact_chosen(const json *config, enum contact_column column)
{
	const json *list = json_at(config, "fields");

	for (size_t i = 0; i < json_len(list); i++)
		if (!strcmp(json_value_str(json_nth(list, i)), contact_fields[column].name))
			return true;
	return json_len(list) == 0 || column == CONTACT_NAME;
}

static const char *
contacts_link(struct arena *a, const json *config)
{
	(void)a;
	(void)config;
	return "https://contacts.google.com/";
}

static const char *
contacts_traces(struct arena *a, const json *config, const json *cursor)
{
	const char *label = json_str(config, "label");

	(void)cursor;
	return label ? arena_printf(a, "The label \"%s\", if Tidemark has made it", label) : NULL;
}

static const json *
contacts_labels(const json *record)
{
	return json_at(record, contact_fields[CONTACT_LABELS].name);
}

static bool
contacts_labelled(const json *record, const char *label)
{
	const json *all = contacts_labels(record);

	for (size_t i = 0; i < json_len(all); i++)
		if (!strcmp(json_value_str(json_nth(all, i)), label))
			return true;
	return false;
}

/* Are those that the one has and the other lacks such as were put on, or taken off? */
static bool
contacts_labels_echo(const json *has, const json *lacks, const json *acts, bool on)
{
	const json *all = contacts_labels(has);

	for (size_t i = 0; i < json_len(all); i++) {
		const char *label = json_value_str(json_nth(all, i));

		if (!contacts_labelled(lacks, label) &&
		    (!json_has(acts, label) || json_flag(acts, label, on) != on))
			return false;
	}
	return true;
}

static const char *
contacts_beside_labels(struct arena *a, const json *record)
{
	json *o = json_copy(a, record);

	json_unset(o, contact_fields[CONTACT_LABELS].name);
	json_unset(o, contact_fields[CONTACT_UPDATED_AT].name);
	return json_text(a, o);
}

static bool
contacts_echoes(struct arena *a, const json *before, const json *now, const json *acts)
{
	return before && now && contacts_labels_echo(now, before, acts, true) &&
	    contacts_labels_echo(before, now, acts, false) &&
	    !strcmp(contacts_beside_labels(a, before), contacts_beside_labels(a, now));
}

const struct kind kind_gcontacts = {
	.id = "google-contacts",
	.title = "Google Contacts",
	.blurb = "The people of an address book, with their labels.",
	.icon = "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-5 8-5s7 1 8 5",
	.caps = KIND_PULL | KIND_OWN_KEYS | KIND_PEOPLE,
	.fields = contacts_fields,
	.account = "google",
	.scopes = GOOGLE_SCOPES_WHO " " GOOGLE_SCOPE_CONTACTS,
	.more_scopes = GOOGLE_SCOPE_OTHERS " " GOOGLE_SCOPE_LABELS,
	.cost = contacts_cost,
	.words = {
		.things = "contacts",
		.look = "Show its labels",
		.open = "Open Google Contacts",
		.without = "People that Google has saved by itself are not read, and no label "
			   "is put on anybody.",
	},
	.demo = "/fake/contacts",
	.configure = contacts_configure,
	.link = contacts_link,
	.traces = contacts_traces,
	.echoes = contacts_echoes,
};
