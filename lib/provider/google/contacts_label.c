/*
 * contacts_label.c - google-contacts: the label that is put on everybody who is kept here, when the
 * settings name one. It is made once and known by a mark of ours, so that it may be renamed; one
 * that somebody else has made under that name is added to, and nobody is taken out of it. One that
 * we have made goes when the settings name it no more. No other label is touched. What has been
 * done already is seen and not done again.
 */
#include "provider/google/contacts.h"

#include "base/buf.h"
#include "base/conf.h"
#include "provider/google/api.h"

enum { BATCH = 500, ANSWER_MAX = 64 * 1024 * 1024, MEMBERS_MAX = 1000000 };

#define MARK "tidemark"

struct labelling {
	struct ctx *cx;
	const struct source *src;
	const char *name; /* as the settings have it */
	const char *id;   /* "contactGroups/x"; NULL: there is none yet */
	const char *now;  /* as it is called by now */
	bool ours;
	const struct keeping *kept;
	int *calls;
};

static enum rc
label_call(struct labelling *l, const char *method, const char *path, const json *body,
    struct rest_reply *out)
{
	const struct rest_call call = {
		.service = &google_service,
		.method = method,
		.base = conf_str(CONF_GOOGLE_PEOPLE_BASE),
		.path = path,
		.body = body,
		.write = body != NULL,
		.quota = QUOTA_PEOPLE,
		.max_bytes = ANSWER_MAX,
		.what = "the labels of contacts",
	};

	return rest_call(l->cx, l->src->remote, &call, l->calls, out);
}

/* --- which label --- */

static bool
is_marked(const json *group, const char *name)
{
	const json *data = json_at(group, "clientData");

	for (size_t i = 0; i < json_len(data); i++) {
		const char *key = json_str(json_nth(data, i), "key");
		const char *value = json_str(json_nth(data, i), "value");

		if (key && value && !strcmp(key, MARK) && !strcmp(value, name))
			return true;
	}
	return false;
}

static void
label_consider(struct labelling *l, const json *group)
{
	const char *id = json_str(group, "resourceName"), *name = json_str(group, "name");
	const char *type = json_str(group, "groupType");

	if (!id || (type && strcmp(type, "USER_CONTACT_GROUP")) || l->ours)
		return;
	l->ours = is_marked(group, l->name);
	if (!l->ours && (!name || strcmp(name, l->name)))
		return;
	l->id = arena_dup(l->cx->a, id);
	l->now = arena_dup(l->cx->a, name ? name : l->name);
}

/* The one with our mark, or one that has the name. */
static enum rc
label_find(struct labelling *l)
{
	const char *page = NULL;
	struct rest_reply reply;

	for (int i = 0; i == 0 || page; i++) {
		struct buf *b = buf_in(l->cx->a, 8 * 1024);
		const json *list;

		if (i == LABEL_PAGES)
			return fail(l->cx, E_PAGES_LOOP, "The labels do not come to an end.");
		buf_str(b, "/v1/contactGroups?pageSize=1000&groupFields=name,groupType,clientData");
		if (page) {
			buf_str(b, "&pageToken=");
			url_encode(b, page);
		}
		TRY(label_call(l, NULL, buf_c(b), NULL, &reply));
		list = json_at(reply.value, "contactGroups");
		for (size_t k = 0; k < json_len(list); k++)
			label_consider(l, json_nth(list, k));
		page = json_str(reply.value, "nextPageToken");
	}
	return RC_OK;
}

static enum rc
label_make(struct labelling *l)
{
	struct arena *a = l->cx->a;
	json *body = json_new(a), *group = json_new(a), *data = json_list(a), *mark = json_new(a);
	struct rest_reply reply;

	json_set_str(mark, "key", MARK);
	json_set_str(mark, "value", l->name);
	json_add(data, mark);
	json_set_str(group, "name", l->name);
	json_set(group, "clientData", data);
	json_set(body, "contactGroup", group);
	TRY(label_call(l, "POST", "/v1/contactGroups", body, &reply));
	l->id = json_str(reply.value, "resourceName");
	l->now = l->name;
	l->ours = true;
	return l->id ? RC_OK : fail(l->cx, E_SOURCE_STATUS, "Google has not made the label.");
}

/* --- who has it --- */

/* As a set of their names. */
static enum rc
label_members(struct labelling *l, json **out)
{
	struct rest_reply reply;
	const json *list;

	*out = json_new(l->cx->a);
	TRY(label_call(l, NULL,
	    arena_printf(l->cx->a, "/v1/%s?groupFields=name&maxMembers=%d", l->id, MEMBERS_MAX),
	    NULL, &reply));
	list = json_at(reply.value, "memberResourceNames");
	for (size_t i = 0; i < json_len(list); i++)
		json_set_bool(*out, json_value_str(json_nth(list, i)), true);
	return RC_OK;
}

static bool
label_lists(const json *list, const char *name)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (!strcmp(json_value_str(json_nth(list, i)), name))
			return true;
	return false;
}

/* Of an answer that is none to all of it: the others' histories tell of it. */
static enum rc
label_tell(struct labelling *l, const json *sent, const json *answer, const char *what)
{
	static const char *const left[] = { "notFoundResourceNames",
		"canNotRemoveLastContactGroupResourceNames" };
	json *done = json_list(l->cx->a);

	for (size_t i = 0; i < json_len(sent); i++) {
		const char *name = json_value_str(json_nth(sent, i));

		if (!label_lists(json_at(answer, left[0]), name) &&
		    !label_lists(json_at(answer, left[1]), name))
			json_add_str(done, name);
	}
	return l->kept->told(l->cx, l->kept->arg, done,
	    arena_printf(l->cx->a, "The label \"%.100s\" was %s at Google.", l->now, what));
}

/* Sends what has come together, when it is enough or all. What Google does not find is gone there
 * by now. */
static enum rc
label_send(struct labelling *l, bool on, json **names, bool all)
{
	json *body = json_new(l->cx->a), *sent = *names;
	struct rest_reply reply;

	if (json_len(sent) < (all ? 1 : BATCH))
		return RC_OK;
	json_set(body, on ? "resourceNamesToAdd" : "resourceNamesToRemove", sent);
	*names = json_list(l->cx->a);
	TRY(label_call(
	    l, "POST", arena_printf(l->cx->a, "/v1/%s/members:modify", l->id), body, &reply));
	return label_tell(l, sent, reply.value, on ? "put on" : "taken off");
}

static enum rc
label_put_on(struct labelling *l, json *members)
{
	json *add = json_list(l->cx->a);
	struct str key;

	for (;;) {
		const char *name;

		TRY(l->kept->next(l->cx, l->kept->arg, &key));
		if (!key.p)
			break;
		name = arena_dup_str(l->cx->a, key);
		if (!str_starts(key, "people/"))
			continue;
		if (json_has(members, name))
			json_unset(members, name);
		else
			json_add_str(add, name);
		TRY(label_send(l, true, &add, false));
	}
	return label_send(l, true, &add, true);
}

/* Of those who are left: they are not kept here. */
static enum rc
label_take_off(struct labelling *l, const json *members)
{
	json *names = json_list(l->cx->a);

	for (struct json_iter it = { 0 }; json_each(members, &it);) {
		json_add_str(names, it.key);
		TRY(label_send(l, false, &names, false));
	}
	return label_send(l, false, &names, true);
}

/* A label that is not wanted any more, when it was us who made it. */
static enum rc
label_drop(struct labelling *l)
{
	struct rest_call call = {
		.service = &google_service,
		.method = "DELETE",
		.base = conf_str(CONF_GOOGLE_PEOPLE_BASE),
		.write = true,
		.quota = QUOTA_PEOPLE,
		.max_bytes = ANSWER_MAX,
		.what = "the labels of contacts",
	};
	struct rest_reply reply;

	TRY(label_find(l));
	if (!l->ours)
		return RC_OK;
	call.path = arena_printf(l->cx->a, "/v1/%s?deleteContacts=false", l->id);
	return rest_call(l->cx, l->src->remote, &call, l->calls, &reply);
}

static enum rc
label_tend(struct labelling *l)
{
	json *members;

	TRY(label_find(l));
	if (!l->id)
		TRY(label_make(l));
	TRY(label_members(l, &members));
	TRY(label_put_on(l, members));
	return l->ours ? label_take_off(l, members) : RC_OK;
}

enum rc
gcontacts_leave(struct ctx *cx, const struct source *src, struct farewell *leaving, int *calls)
{
	struct labelling l = {
		.cx = cx,
		.src = src,
		.name = json_str(src->config, "label"),
		.calls = calls,
	};

	if (!l.name)
		return RC_OK;
	TRY(label_drop(&l));
	leaving->n += l.ours;
	return RC_OK;
}

enum rc
gcontacts_tend(struct ctx *outer, const struct source *src, const struct keeping *kept, int *calls)
{
	struct ctx cx = { .a = arena_new("labels", (size_t)1 << 30, ARENA_WIPE) };
	struct labelling l = {
		.cx = &cx,
		.src = src,
		.name = json_str(src->config, "label"),
		.kept = kept,
		.calls = calls,
	};
	struct labelling old = l;
	enum rc rc = RC_OK;

	old.name = json_str(src->known, "label");
	if (old.name && (!l.name || strcmp(old.name, l.name)))
		rc = label_drop(&old);
	if (rc == RC_OK && l.name)
		rc = label_tend(&l);
	if (rc != RC_OK)
		outer->err = cx.err;
	arena_free(cx.a);
	return rc;
}
