/*
 * contacts_person.c - a person of Google's as a record. Its lists have no order of their own: here
 * the primary item comes first, then they go by what they say, so that the same person is the same
 * record however it is told.
 */
#include "provider/google/contacts.h"

#include <stdlib.h>

#include "base/buf.h"

/* --- items --- */

static bool
is_primary(const json *item)
{
	return json_flag(json_at(item, "metadata"), "primary", false);
}

const json *
gcontacts_item(const json *person, const char *field)
{
	const json *list = json_at(person, field);

	for (size_t i = 0; i < json_len(list); i++)
		if (is_primary(json_nth(list, i)))
			return json_nth(list, i);
	return json_nth(list, 0);
}

static struct cell
text_cell(const char *text)
{
	return text && *text ? (struct cell){ CELL_TEXT, str_c(text) }
			     : (struct cell){ .kind = CELL_NONE };
}

static struct cell
item_cell(const json *person, const char *field, const char *member)
{
	return text_cell(json_str(gcontacts_item(person, field), member));
}

static struct cell
json_cell(struct arena *a, const json *j)
{
	return (struct cell){ CELL_JSON, str_c(json_text(a, j)) };
}

/* --- lists --- */

/* What an item of a list says: its value, under which of Google's names, and what more. */
struct list_shape {
	const char *field, *value;
	const char *more[6][2]; /* ours, Google's */
};

static const struct list_shape emails = { "emailAddresses", "value",
	{ { "name", "displayName" } } };
static const struct list_shape phones = { "phoneNumbers", "value",
	{ { "canonical", "canonicalForm" } } };
static const struct list_shape addresses = { "addresses", "formattedValue",
	{
	    { "street", "streetAddress" },
	    { "more", "extendedAddress" },
	    { "postalCode", "postalCode" },
	    { "city", "city" },
	    { "region", "region" },
	    { "country", "country" },
	} };
static const struct list_shape organizations = { "organizations", "name",
	{ { "title", "title" }, { "department", "department" } } };
static const struct list_shape urls = { "urls", "value", { { NULL } } };
static const struct list_shape relations = { "relations", "person", { { NULL } } };
static const struct list_shape chats = { "imClients", "username", { { "protocol", "protocol" } } };

struct shaped {
	json *item;
	bool primary;
	const char *text;
};

static int
shaped_order(const void *x, const void *y)
{
	const struct shaped *a = x, *b = y;

	if (a->primary != b->primary)
		return a->primary ? -1 : 1;
	return strcmp(a->text, b->text);
}

/* An address that nobody has written out is put together of its parts. */
static const char *
address_text(struct arena *a, const json *item)
{
	static const char *const parts[] = { "streetAddress", "extendedAddress", "postalCode",
		"city", "region", "country" };
	struct buf *b = buf_in(a, 64 * 1024);

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (json_str(item, parts[i]) && *json_str(item, parts[i]))
			buf_printf(b, "%s%s", b->n ? ", " : "", json_str(item, parts[i]));
	return buf_c(b);
}

static void
shape_item(struct arena *a, const struct list_shape *s, const json *item, struct shaped *out)
{
	json *o = json_new(a);
	const char *value = json_str(item, s->value);

	if (s == &addresses && (!value || !*value))
		value = address_text(a, item);
	json_set_str(o, "value", value);
	json_set_str(o, "type", json_str(item, "type"));
	json_set_bool(o, "primary", is_primary(item));
	for (size_t i = 0; i < sizeof s->more / sizeof *s->more && s->more[i][0]; i++)
		if (json_str(item, s->more[i][1]))
			json_set_str(o, s->more[i][0], json_str(item, s->more[i][1]));
	*out = (struct shaped){ .item = o, .primary = is_primary(item), .text = json_text(a, o) };
}

static struct cell
list_cell(struct arena *a, const json *person, const struct list_shape *s)
{
	const json *list = json_at(person, s->field);
	const size_t n = json_len(list);
	struct shaped *v = arena_array(a, n + 1, sizeof *v);
	json *out = json_list(a);

	for (size_t i = 0; i < n; i++)
		shape_item(a, s, json_nth(list, i), &v[i]);
	qsort(v, n, sizeof *v, shaped_order);
	for (size_t i = 0; i < n; i++)
		json_add(out, v[i].item);
	return json_cell(a, out);
}

/* --- single fields --- */

/* "1988-03-14", "--03-14" without a year, "1988" without a day; NULL: nothing is said. */
static const char *
date_text(struct arena *a, const json *date)
{
	const int y = (int)json_num(date, "year", 0), m = (int)json_num(date, "month", 0);
	const int d = (int)json_num(date, "day", 0);

	if (m < 1 || m > 12 || d < 1 || d > 31)
		return y > 0 && y < 10000 ? arena_printf(a, "%04d", y) : NULL;
	return y > 0 && y < 10000 ? arena_printf(a, "%04d-%02d-%02d", y, m, d)
				  : arena_printf(a, "--%02d-%02d", m, d);
}

static struct cell
birthday_cell(struct arena *a, const json *person)
{
	const json *item = gcontacts_item(person, "birthdays");
	const char *text = date_text(a, json_at(item, "date"));

	return text_cell(text ? text : json_str(item, "text"));
}

static struct cell
events_cell(struct arena *a, const json *person)
{
	const json *list = json_at(person, "events");
	const size_t n = json_len(list);
	struct shaped *v = arena_array(a, n + 1, sizeof *v);
	json *out = json_list(a);

	for (size_t i = 0; i < n; i++) {
		const json *item = json_nth(list, i);
		json *o = json_new(a);

		json_set_str(o, "value", date_text(a, json_at(item, "date")));
		json_set_str(o, "type", json_str(item, "type"));
		v[i] = (struct shaped){ .item = o, .text = json_text(a, o) };
	}
	qsort(v, n, sizeof *v, shaped_order);
	for (size_t i = 0; i < n; i++)
		json_add(out, v[i].item);
	return json_cell(a, out);
}

/* {"Customer no.": "00043"}; of a name that is there several times, a list. */
static struct cell
custom_cell(struct arena *a, const json *person)
{
	const json *list = json_at(person, "userDefined");
	json *out = json_new(a);

	for (size_t i = 0; i < json_len(list); i++) {
		const char *key = json_str(json_nth(list, i), "key");
		const char *value = json_str(json_nth(list, i), "value");
		json *had, *both;

		if (!key || !value)
			continue;
		had = json_at(out, key);
		if (!had) {
			json_set_str(out, key, value);
			continue;
		}
		both = json_is_list(had) ? had : json_list(a);
		if (both != had)
			json_add_str(both, json_value_str(had));
		json_add_str(both, value);
		json_set(out, key, both);
	}
	return json_cell(a, out);
}

static const char *
membership_id(const json *membership)
{
	const char *name = json_str(
	    json_at(membership, "contactGroupMembership"), "contactGroupResourceName");

	return name && str_starts(str_c(name), "contactGroups/")
	    ? name + sizeof "contactGroups/" - 1
	    : "";
}

static int
text_order(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static struct cell
labels_cell(struct arena *a, const json *person, const json *labels)
{
	const json *list = json_at(person, "memberships");
	const char **v = arena_array(a, json_len(list) + 1, sizeof *v);
	json *out = json_list(a);
	size_t n = 0;

	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_str(labels, membership_id(json_nth(list, i)));

		if (name)
			v[n++] = name;
	}
	qsort(v, n, sizeof *v, text_order);
	for (size_t i = 0; i < n; i++)
		json_add_str(out, v[i]);
	return json_cell(a, out);
}

/* Google draws a letter for those without one. */
static struct cell
photo_cell(const json *person)
{
	const json *photo = gcontacts_item(person, "photos");

	return text_cell(json_flag(photo, "default", false) ? NULL : json_str(photo, "url"));
}

static struct cell
updated_cell(const json *person)
{
	const json *list = json_at(json_at(person, "metadata"), "sources");

	for (size_t i = 0; i < json_len(list); i++) {
		const char *type = json_str(json_nth(list, i), "type");

		if (type && str_ends(str_c(type), "CONTACT"))
			return text_cell(json_str(json_nth(list, i), "updateTime"));
	}
	return text_cell(NULL);
}

/* --- the whole --- */

bool
gcontacts_reachable(const json *person)
{
	return json_len(json_at(person, "emailAddresses")) > 0 ||
	    json_len(json_at(person, "phoneNumbers")) > 0;
}

bool
gcontacts_labelled(const json *person, const char *id)
{
	const json *list = json_at(person, "memberships");

	for (size_t i = 0; i < json_len(list); i++)
		if (!strcmp(membership_id(json_nth(list, i)), id))
			return true;
	return false;
}

void
gcontacts_cells(
    struct arena *a, const json *person, const json *labels, struct cell out[CONTACT__MAX])
{
	out[CONTACT_NAME] = text_cell(json_str(person, "resourceName"));
	out[CONTACT_DISPLAY_NAME] = item_cell(person, "names", "displayName");
	out[CONTACT_GIVEN_NAME] = item_cell(person, "names", "givenName");
	out[CONTACT_MIDDLE_NAME] = item_cell(person, "names", "middleName");
	out[CONTACT_FAMILY_NAME] = item_cell(person, "names", "familyName");
	out[CONTACT_PREFIX] = item_cell(person, "names", "honorificPrefix");
	out[CONTACT_SUFFIX] = item_cell(person, "names", "honorificSuffix");
	out[CONTACT_NICKNAME] = item_cell(person, "nicknames", "value");
	out[CONTACT_EMAILS] = list_cell(a, person, &emails);
	out[CONTACT_PHONES] = list_cell(a, person, &phones);
	out[CONTACT_ADDRESSES] = list_cell(a, person, &addresses);
	out[CONTACT_ORGANIZATIONS] = list_cell(a, person, &organizations);
	out[CONTACT_BIRTHDAY] = birthday_cell(a, person);
	out[CONTACT_LABELS] = labels_cell(a, person, labels);
	out[CONTACT_NOTES] = item_cell(person, "biographies", "value");
	out[CONTACT_URLS] = list_cell(a, person, &urls);
	out[CONTACT_EVENTS] = events_cell(a, person);
	out[CONTACT_RELATIONS] = list_cell(a, person, &relations);
	out[CONTACT_CHATS] = list_cell(a, person, &chats);
	out[CONTACT_CUSTOM] = custom_cell(a, person);
	out[CONTACT_PHOTO] = photo_cell(person);
	out[CONTACT_UPDATED_AT] = updated_cell(person);
}
