/*
 * people_show.c - a person as a reader sees it: what was written, what the service makes of it, and
 * only the fields that were asked for.
 */
#include "fake/google/people.h"

#include <ctype.h>

#include "base/clock.h"

const char person_fields_known[] =
    "addresses,ageRanges,biographies,birthdays,calendarUrls,clientData,coverPhotos,"
    "emailAddresses,events,externalIds,genders,imClients,interests,locales,locations,memberships,"
    "metadata,miscKeywords,names,nicknames,occupations,organizations,phoneNumbers,photos,"
    "relations,sipAddresses,skills,urls,userDefined";
const char other_fields_known[] = "emailAddresses,metadata,names,phoneNumbers,photos";

bool
people_mask(struct call *c, const char *param, const char *list, const char *known)
{
	struct str rest = str_c(list);

	if (!list || !*list) {
		refuse_argument(c,
		    "%s mask is required. Please specify one or more valid paths. Valid paths are "
		    "documented at https://developers.google.com/people/api/rest.",
		    param);
		return false;
	}
	while (rest.p) {
		struct str one = str_cut(rest, ',', &rest);

		if (str_has_word(str_c(known), ',', one))
			continue;
		refuse_argument(c,
		    "Invalid %s mask path: \"%.*s\". Valid paths are documented at "
		    "https://developers.google.com/people/api/rest.",
		    param, (int)one.n, one.p);
		return false;
	}
	return true;
}

const char *
person_called(struct arena *a, const json *name)
{
	static const char *const parts[] = { "honorificPrefix", "givenName", "middleName",
		"familyName", "honorificSuffix" };
	struct buf *b = buf_in(a, 8000);

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (json_str(name, parts[i]) && *json_str(name, parts[i]))
			buf_printf(b, "%s%s", b->n ? " " : "", json_str(name, parts[i]));
	if (!b->n && json_str(name, "unstructuredName"))
		buf_str(b, json_str(name, "unstructuredName"));
	return buf_c(b);
}

/* "+49 30 555" -> "+4930555"; of a number without a country nothing can be said. */
static const char *
show_number(struct arena *a, const char *value)
{
	struct buf *b = buf_in(a, 200);

	if (!value || *value != '+')
		return NULL;
	buf_ch(b, '+');
	for (; *value; value++)
		if (isdigit((unsigned char)*value))
			buf_ch(b, *value);
	return buf_c(b);
}

static json *
show_metadata(struct arena *a, const struct person *p, bool primary)
{
	json *m = json_new(a), *source = json_new(a);

	if (primary)
		json_set_bool(m, "primary", true);
	json_set_str(source, "type", p->other ? "OTHER_CONTACT" : "CONTACT");
	json_set_str(source, "id", strchr(p->name, '/') + 2);
	json_set(m, "source", source);
	return m;
}

/* Which of the items is the primary one: the one that says so, or the first. */
static size_t
show_primary(const json *items)
{
	for (size_t i = 0; i < json_len(items); i++)
		if (json_flag(json_at(json_nth(items, i), "metadata"), "primary", false))
			return i;
	return 0;
}

static json *
show_items(struct arena *a, const struct person *p, const char *field, const json *items)
{
	json *out = json_list(a);
	const size_t primary = show_primary(items);

	for (size_t i = 0; i < json_len(items); i++) {
		json *one = json_stored(a, json_text(a, json_nth(items, i)));
		const char *number = show_number(a, json_str(one, "value"));

		json_set(one, "metadata", show_metadata(a, p, i == primary));
		if (strcmp(field, "names") == 0)
			json_set_str(one, "displayName", person_called(a, one));
		if (strcmp(field, "phoneNumbers") == 0 && number)
			json_set_str(one, "canonicalForm", number);
		if (json_str(one, "type") && strcmp(field, "names") != 0)
			json_set_str(one, "formattedType", json_str(one, "type"));
		json_add(out, one);
	}
	return out;
}

static json *
show_memberships(struct arena *a, const struct person *p, const json *labels)
{
	json *out = json_list(a);

	for (size_t i = 0; i < json_len(labels); i++) {
		const char *id = json_value_str(json_nth(labels, i));
		json *one = json_new(a), *m = json_new(a);

		json_set_str(m, "contactGroupId", id);
		json_set_str(
		    m, "contactGroupResourceName", arena_printf(a, "contactGroups/%s", id));
		json_set(one, "metadata", show_metadata(a, p, false));
		json_set(one, "contactGroupMembership", m);
		json_add(out, one);
	}
	return out;
}

static json *
show_photos(struct arena *a, const struct person *p, const json *photos)
{
	json *out, *one = json_new(a);

	if (json_len(photos))
		return show_items(a, p, "photos", photos);
	out = json_list(a);
	json_set(one, "metadata", show_metadata(a, p, true));
	json_set_str(one, "url", "https://lh3.googleusercontent.com/cm/default=s100");
	json_set_bool(one, "default", true);
	json_add(out, one);
	return out;
}

static json *
show_own(struct arena *a, const struct person *p, const struct person_state *s, bool in_delta)
{
	json *m = json_new(a), *sources = json_list(a), *one = json_new(a);
	char at[CLOCK_TEXT];

	if (s->gone) {
		json_set_bool(m, "deleted", true);
		json_set_str(m, "objectType", "PERSON");
		return m;
	}
	json_set_str(one, "type", p->other ? "OTHER_CONTACT" : "CONTACT");
	json_set_str(one, "id", strchr(p->name, '/') + 2);
	json_set_str(one, "etag", arena_printf(a, "#%llx", (unsigned long long)s->etag));
	json_set_str(one, "updateTime", clock_text(s->updated, at));
	json_add(sources, one);
	json_set(m, "sources", sources);
	json_set_str(m, "objectType", "PERSON");
	if (in_delta && s->previous)
		json_set(m, "previousResourceNames", s->previous);
	return m;
}

json *
person_json(struct call *c, const struct person *p, const struct person_state *s,
    const char *fields, bool in_delta)
{
	json *out = json_new(c->a);
	struct str rest = str_c(fields);

	json_set_str(out, "resourceName", p->name);
	json_set_str(out, "etag", arena_printf(c->a, "%%E%llx", (unsigned long long)s->etag));
	while (rest.p) {
		const char *field = arena_dup_str(c->a, str_cut(rest, ',', &rest));
		json *items = json_at(s->content, field);

		if (strcmp(field, "metadata") == 0)
			json_set(out, field, show_own(c->a, p, s, in_delta));
		else if (s->gone)
			continue;
		else if (strcmp(field, "memberships") == 0)
			json_set(
			    out, field, show_memberships(c->a, p, json_at(s->content, "labels")));
		else if (strcmp(field, "photos") == 0)
			json_set(out, field, show_photos(c->a, p, items));
		else if (json_len(items))
			json_set(out, field, show_items(c->a, p, field, items));
	}
	return out;
}
