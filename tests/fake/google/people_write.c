/*
 * people_write.c - people made, changed and removed through the interface.
 */
#include "fake/google/people.h"

enum { DELETE_MOST = 500 };

static const char update_fields_known[] =
    "addresses,biographies,birthdays,calendarUrls,clientData,emailAddresses,events,externalIds,"
    "genders,imClients,interests,locales,locations,memberships,miscKeywords,names,nicknames,"
    "occupations,organizations,phoneNumbers,relations,sipAddresses,urls,userDefined";

/* What the service makes of an item, whatever is sent. */
static const char *const person_theirs[] = { "displayName", "displayNameLastFirst", "canonicalForm",
	"formattedType", "metadata" };

static void
write_missing(struct call *c)
{
	refuse(c,
	    &(struct refusal){
		.status = 404,
		.reason = "notFound",
		.message = "Requested entity was not found.",
	    });
}

static json *
write_items(struct arena *a, const json *items, bool email)
{
	json *out = json_list(a);

	for (size_t i = 0; i < json_len(items); i++) {
		const json *had = json_nth(items, i);
		json *one = json_stored(a, json_text(a, had)), *m = json_new(a);

		for (size_t k = email ? 1 : 0; k < sizeof person_theirs / sizeof *person_theirs;
		     k++)
			json_unset(one, person_theirs[k]);
		if (json_flag(json_at(had, "metadata"), "sourcePrimary", false)) {
			json_set_bool(m, "primary", true);
			json_set(one, "metadata", m);
		}
		json_add(out, one);
	}
	return out;
}

/* "contactGroups/x" -> its id; NULL: there is no such label. */
static const char *
write_label(struct call *c, const json *membership)
{
	const char *name = json_str(
	    json_at(membership, "contactGroupMembership"), "contactGroupResourceName");
	const struct label *l = name && strncmp(name, "contactGroups/", 14) == 0
	    ? label_by(c->f, c->who, name + 14)
	    : NULL;

	return l ? l->id : NULL;
}

static json *
write_labels(struct call *c, const json *memberships)
{
	json *out = json_list(c->a);

	labels_begin(c->f, c->who);
	for (size_t i = 0; i < json_len(memberships); i++) {
		const char *id = write_label(c, json_nth(memberships, i));

		if (id)
			json_add_str(out, id);
	}
	return out;
}

json *
person_content(struct call *c, const json *sent)
{
	json *out = json_new(c->a);

	for (struct json_iter it = { 0 }; json_each(sent, &it);) {
		if (!json_is_list(it.value) || json_len(it.value) == 0)
			continue;
		if (strcmp(it.key, "memberships") == 0)
			json_set(out, "labels", write_labels(c, it.value));
		else
			json_set(out, it.key,
			    write_items(c->a, it.value, strcmp(it.key, "emailAddresses") == 0));
	}
	return out;
}

/* Of these a person has one at most. */
static bool
write_single(struct call *c, const json *sent)
{
	static const char *const names[] = { "biographies", "birthdays", "genders", "names" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (json_len(json_at(sent, names[i])) > 1) {
			refuse_argument(c,
			    "Contact person resources can't have more than one \"%s\".", names[i]);
			return false;
		}
	return true;
}

static void
write_keep(struct call *c, struct person *p, json *content)
{
	if (json_len(json_at(content, "labels")) == 0 && !p->other) {
		json *list = json_list(c->a);

		json_add_str(list, "myContacts");
		json_set(content, "labels", list);
	}
	p->now.content = json_stored(c->f->a, json_text(c->a, content));
	person_touch(c->f, p);
}

static void
person_reply(struct call *c, const struct person *p)
{
	const char *fields = query_of(c, "personFields");

	reply_json(c, 200,
	    person_json(c, p, &p->now, fields && *fields ? fields : person_fields_known, false));
}

static bool
write_mask(struct call *c)
{
	const char *fields = query_of(c, "personFields");

	return !fields || people_mask(c, "personFields", fields, person_fields_known);
}

void
people_create(struct call *c)
{
	struct person *p;

	if (!write_mask(c) || !write_single(c, c->body))
		return;
	p = person_add(c->f, c->who, person_new_name(c->f, false));
	write_keep(c, p, person_content(c, c->body));
	person_reply(c, p);
}

static struct person *
write_person(struct call *c)
{
	struct person *p = person_by(c->f, c->who, arena_printf(c->a, "people/%s", c->part[0]));

	if (p && !p->now.gone)
		return p;
	write_missing(c);
	return NULL;
}

/* The caller must have seen the person as it is. */
static bool
write_etag(struct call *c, const struct person *p)
{
	const json *sources = json_at(json_at(c->body, "metadata"), "sources");
	const char *etag = json_str(c->body, "etag"),
		   *type = json_str(json_nth(sources, 0), "type");
	const char *is = arena_printf(c->a, "%%E%llx", (unsigned long long)p->now.etag);

	if (!etag || !type || strcmp(type, "CONTACT") != 0) {
		refuse_argument(c,
		    "Request must set person.etag or person.metadata.sources.etag for the source "
		    "that is being updated.");
		return false;
	}
	if (strcmp(etag, is) == 0)
		return true;
	refuse(c,
	    &(struct refusal){
		.status = 400,
		.word = "FAILED_PRECONDITION",
		.message = "Request person.etag is different than the current person.etag. Clear "
			   "local cache and get the latest person.",
	    });
	return false;
}

void
people_update(struct call *c)
{
	const char *fields = query_of(c, "updatePersonFields");
	struct person *p = write_person(c);
	json *content, *sent;
	struct str rest = str_c(fields);

	if (!p || !people_mask(c, "updatePersonFields", fields, update_fields_known) ||
	    !write_mask(c) || !write_single(c, c->body) || !write_etag(c, p))
		return;
	content = json_stored(c->a, json_text(c->a, p->now.content));
	sent = person_content(c, c->body);
	while (rest.p) {
		const char *field = arena_dup_str(c->a, str_cut(rest, ',', &rest));
		const char *name = strcmp(field, "memberships") == 0 ? "labels" : field;

		if (json_has(sent, name))
			json_set(content, name, json_at(sent, name));
		else
			json_unset(content, name);
	}
	if (json_len(json_at(content, "labels")) == 0) {
		refuse_argument(c, "A contact must have at least one contact group membership.");
		return;
	}
	write_keep(c, p, content);
	person_reply(c, p);
}

void
people_delete(struct call *c)
{
	struct person *p = write_person(c);

	if (!p)
		return;
	person_remove(c->f, p);
	reply_json(c, 200, json_new(c->a));
}

void
people_batch_delete(struct call *c)
{
	const json *names = json_at(c->body, "resourceNames");

	if (json_len(names) == 0 || json_len(names) > DELETE_MOST) {
		refuse_argument(c, "Between 1 and %d resource names must be given.", DELETE_MOST);
		return;
	}
	for (size_t i = 0; i < json_len(names); i++) {
		struct person *p = person_by(c->f, c->who, json_value_str(json_nth(names, i)));

		if (p && !p->now.gone)
			person_remove(c->f, p);
	}
	reply_json(c, 200, json_new(c->a));
}

void
people_copy_other(struct call *c)
{
	struct person *from = person_by(
	    c->f, c->who, arena_printf(c->a, "otherContacts/%s", c->part[0]));
	struct person *p;

	if (!from || from->now.gone) {
		write_missing(c);
		return;
	}
	p = person_add(c->f, c->who, person_new_name(c->f, false));
	write_keep(c, p, json_stored(c->a, json_text(c->a, from->now.content)));
	person_remove(c->f, from);
	person_reply(c, p);
}
