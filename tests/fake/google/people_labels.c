/*
 * people_labels.c - contact groups, which people call labels.
 */
#include "fake/google/people.h"

#include "base/clock.h"

enum { LABELS_USUAL = 30, MODIFY_MOST = 1000 };

static const char label_fields_known[] = "clientData,groupType,memberCount,metadata,name";

static const char *
label_shown_name(const struct label *l)
{
	static const char *const names[][2] = {
		{ "myContacts", "My Contacts" },
		{ "starred", "Starred" },
		{ "friends", "Friends" },
		{ "family", "Family" },
		{ "coworkers", "Coworkers" },
		{ "chatBuddies", "Chat contacts" },
		{ "all", "All Contacts" },
		{ "blocked", "Blocked" },
	};

	for (size_t i = 0; l->system && i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i][0], l->id) == 0)
			return names[i][1];
	return l->name;
}

/* Its members, as many as wanted; *n: how many there are. */
static json *
label_members(struct call *c, const struct label *l, int64_t most, int64_t *n)
{
	json *list = json_list(c->a);

	*n = 0;
	for (const struct person *p = people_of(c->f)->list; p; p = p->next) {
		if (p->owner != l->owner || p->now.gone || !person_labelled(&p->now, l->id))
			continue;
		if (++*n <= most)
			json_add_str(list, p->name);
	}
	return list;
}

static json *
label_json(struct call *c, const struct label *l, int64_t most)
{
	const char *fields = query_of(c, "groupFields");
	const struct str mask = str_c(fields ? fields : label_fields_known);
	json *j = json_new(c->a), *m = json_new(c->a), *members;
	char at[CLOCK_TEXT];
	int64_t n;

	json_set_str(j, "resourceName", arena_printf(c->a, "contactGroups/%s", l->id));
	json_set_str(j, "etag", arena_printf(c->a, "g%llx", (unsigned long long)l->version));
	if (l->gone) {
		json_set_bool(m, "deleted", true);
		json_set(j, "metadata", m);
		return j;
	}
	members = label_members(c, l, most, &n);
	if (!l->system)
		json_set_str(m, "updateTime", clock_text(l->updated, at));
	if (str_has_word(mask, ',', STR("metadata")) && !l->system)
		json_set(j, "metadata", m);
	if (str_has_word(mask, ',', STR("groupType")))
		json_set_str(
		    j, "groupType", l->system ? "SYSTEM_CONTACT_GROUP" : "USER_CONTACT_GROUP");
	if (str_has_word(mask, ',', STR("name"))) {
		json_set_str(j, "name", l->name);
		json_set_str(j, "formattedName", label_shown_name(l));
	}
	if (str_has_word(mask, ',', STR("clientData")) && l->data)
		json_set(j, "clientData", l->data);
	if (str_has_word(mask, ',', STR("memberCount")) && n > 0)
		json_set_i64(j, "memberCount", n);
	if (json_len(members))
		json_set(j, "memberResourceNames", members);
	return j;
}

static bool
label_mask(struct call *c)
{
	const char *fields = query_of(c, "groupFields");

	return !fields || people_mask(c, "groupFields", fields, label_fields_known);
}

/* In the order of their versions: a page that is read later has what was changed meanwhile. */
static const struct label *
label_after(const struct call *c, int64_t version, bool deleted)
{
	const struct label *best = NULL;

	for (const struct label *l = people_of(c->f)->labels; l; l = l->next)
		if (l->owner == c->who && l->version > version && (!l->gone || deleted) &&
		    (!best || l->version < best->version))
			best = l;
	return best;
}

void
labels_list(struct call *c)
{
	json *top = json_new(c->a), *list = json_list(c->a);
	const struct label *l = NULL, *more = NULL;
	struct people_ask k;
	int64_t n = 0;

	labels_begin(c->f, c->who);
	if (!label_mask(c) || !people_ask_read(c, LABELS_USUAL, &k))
		return;
	for (l = label_after(c, k.skip, k.since > 0); l;
	     l = label_after(c, l->version, k.since > 0)) {
		if (more && n == k.limit) {
			json_set_str(top, "nextPageToken", people_page_token(&k, more->version));
			break;
		}
		json_add(list, label_json(c, l, 0));
		more = l;
		n++;
	}
	if (!l)
		json_set_str(top, "nextSyncToken", people_sync_token(&k));
	if (n)
		json_set(top, "contactGroups", list);
	for (n = 0, l = label_after(c, 0, false); l; l = label_after(c, l->version, false))
		n++;
	json_set_i64(top, "totalItems", n);
	reply_json(c, 200, top);
}

static struct label *
label_asked(struct call *c)
{
	struct label *l;

	labels_begin(c->f, c->who);
	l = label_by(c->f, c->who, c->part[0]);
	if (!l)
		refuse(c,
		    &(struct refusal){
			.status = 404,
			.reason = "notFound",
			.message = "Requested entity was not found.",
		    });
	return l;
}

void
labels_get(struct call *c)
{
	const struct label *l = label_asked(c);
	const char *text = query_of(c, "maxMembers");
	int64_t most = 0;

	if (l && text)
		str_i64(str_c(text), 0, INT32_MAX, &most);
	if (l && label_mask(c))
		reply_json(c, 200, label_json(c, l, most));
}

/* The name in the body; NULL: refused. */
static const char *
label_name(struct call *c, const struct label *self)
{
	const char *name = json_str(json_at(c->body, "contactGroup"), "name");
	const struct label *same = name ? label_named(c->f, c->who, name) : NULL;

	if (!name || !*name) {
		refuse_argument(c, "Contact group name must be set.");
		return NULL;
	}
	if (!same || same == self)
		return name;
	refuse(c,
	    &(struct refusal){
		.status = 409,
		.reason = "ALREADY_EXISTS",
		.message = "Contact group name already exists.",
	    });
	return NULL;
}

/* What an application keeps with it, when it says so. */
static void
label_data(struct call *c, struct label *l)
{
	const json *data = json_at(json_at(c->body, "contactGroup"), "clientData");

	if (data)
		l->data = json_stored(c->f->a, json_text(c->a, data));
}

void
labels_create(struct call *c)
{
	const char *name;
	struct label *l;

	labels_begin(c->f, c->who);
	name = label_name(c, NULL);
	if (!name)
		return;
	l = label_add(c->f, c->who, name);
	label_data(c, l);
	reply_json(c, 200, label_json(c, l, 0));
}

static struct label *
label_own(struct call *c)
{
	struct label *l = label_asked(c);

	if (!l || !l->system)
		return l;
	refuse_argument(c, "System contact groups cannot be changed.");
	return NULL;
}

void
labels_update(struct call *c)
{
	struct label *l = label_own(c);
	const char *name = l ? label_name(c, l) : NULL;

	if (!name)
		return;
	l->name = arena_dup(c->f->a, name);
	label_data(c, l);
	l->version = people_next_version(c->f);
	l->updated = fake_now(c->f);
	reply_json(c, 200, label_json(c, l, 0));
}

void
labels_delete(struct call *c)
{
	struct label *l = label_own(c);

	if (!l)
		return;
	for (struct person *p = people_of(c->f)->list; p; p = p->next)
		if (query_flag(c, "deleteContacts") && p->owner == c->who && !p->now.gone &&
		    person_labelled(&p->now, l->id))
			person_remove(c->f, p);
	label_remove(c->f, l);
	reply_json(c, 200, json_new(c->a));
}

/* One list of the body: who is not there goes to `missing`, who has no other label to `last`. */
static void
modify_some(struct call *c, const struct label *l, bool on, json *missing, json *last)
{
	const json *names = json_at(c->body, on ? "resourceNamesToAdd" : "resourceNamesToRemove");

	for (size_t i = 0; i < json_len(names); i++) {
		const char *name = json_value_str(json_nth(names, i));
		struct person *p = person_by(c->f, c->who, name);

		if (!p || p->now.gone || p->other)
			json_add_str(missing, name);
		else if (!on && person_labelled(&p->now, l->id) &&
		    json_len(json_at(p->now.content, "labels")) == 1)
			json_add_str(last, name);
		else
			person_label(c->f, p, l->id, on);
	}
}

void
labels_modify(struct call *c)
{
	const struct label *l = label_asked(c);
	const size_t n = json_len(json_at(c->body, "resourceNamesToAdd")) +
	    json_len(json_at(c->body, "resourceNamesToRemove"));
	json *top = json_new(c->a), *missing = json_list(c->a), *last = json_list(c->a);

	if (!l)
		return;
	if (n == 0 || n > MODIFY_MOST) {
		refuse_argument(c, "Between 1 and %d resource names must be given.", MODIFY_MOST);
		return;
	}
	if (l->system && strcmp(l->id, "myContacts") != 0 && strcmp(l->id, "starred") != 0) {
		refuse_argument(c, "Members of this system contact group cannot be changed.");
		return;
	}
	modify_some(c, l, true, missing, last);
	modify_some(c, l, false, missing, last);
	if (json_len(missing))
		json_set(top, "notFoundResourceNames", missing);
	if (json_len(last))
		json_set(top, "canNotRemoveLastContactGroupResourceNames", last);
	reply_json(c, 200, top);
}
