/*
 * contacts_label.c - google-contacts: the label that is put on everybody who is kept here, when the
 * settings name one. It is made once, for the first who gets it, and known by a mark of ours, so
 * that it may be renamed; one that somebody else has made under that name is added to, and only
 * those are taken out of it whom we have put there. When the settings name it no more, one that we
 * have made goes, and of somebody else's go those. No other label is touched. What has been done
 * already is seen and not done again.
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
	json *members; /* a set of names */
	/* who is to get it, to lose it, and has got or lost it before that could be told */
	json *on, *off, *was_on, *was_off;
	json *lost;  /* whom somebody else has taken out of it */
	int64_t has; /* how many */
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

static enum rc
label_members(struct labelling *l)
{
	struct rest_reply reply;
	const json *list;

	l->members = json_new(l->cx->a);
	if (!l->id)
		return RC_OK;
	TRY(label_call(l, NULL,
	    arena_printf(l->cx->a, "/v1/%s?groupFields=name&maxMembers=%d", l->id, MEMBERS_MAX),
	    NULL, &reply));
	list = json_at(reply.value, "memberResourceNames");
	for (size_t i = 0; i < json_len(list); i++)
		json_set_bool(l->members, json_value_str(json_nth(list, i)), true);
	l->has = (int64_t)json_len(list);
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

static struct bestowal
label_bestowal(const struct labelling *l, bool on, const json *keys)
{
	return (struct bestowal){
		.keys = keys,
		.on = on,
		.label = l->id,
		.name = l->now,
		.made = l->ours,
		.what = arena_printf(l->cx->a, "The label \"%.100s\" was %s at Google.", l->now,
		    on ? "put on" : "taken off"),
	};
}

static enum rc
label_tell(struct labelling *l, bool on, json **keys, bool all)
{
	struct bestowal b = label_bestowal(l, on, *keys);

	if (json_len(*keys) < (all ? 1 : BATCH))
		return RC_OK;
	if (keys == &l->lost)
		b.what = NULL;
	*keys = json_list(l->cx->a);
	return l->kept->told(l->cx, l->kept->arg, &b);
}

/* Of an answer that is none to all of it: the others' histories tell of it. */
static enum rc
label_done(struct labelling *l, bool on, const json *sent, const json *answer)
{
	const json *unknown = json_at(answer, "notFoundResourceNames");
	const json *last = json_at(answer, "canNotRemoveLastContactGroupResourceNames");
	json *done = json_list(l->cx->a);

	for (size_t i = 0; i < json_len(sent); i++) {
		const char *name = json_value_str(json_nth(sent, i));

		if (!label_lists(unknown, name) && !label_lists(last, name))
			json_add_str(done, name);
	}
	if (json_len(last) > 0)
		l->kept->said(l->kept->arg,
		    arena_printf(l->cx->a,
			"Google takes nobody out of the last label that they have: \"%.100s\" "
			"stays on %zu, as %.200s. Give them another one there.",
			l->now, json_len(last), json_value_str(json_nth(last, 0))));
	l->has += on ? (int64_t)json_len(done) : -(int64_t)json_len(done);
	return label_tell(l, on, &done, true);
}

/* Sends what has come together, when it is enough or all. What Google does not find is gone there
 * by now. */
static enum rc
label_send(struct labelling *l, bool on, json **names, bool all)
{
	json *body = json_new(l->cx->a), *sent = *names;
	struct rest_reply reply;
	struct bestowal about;

	if (json_len(sent) < (all ? 1 : BATCH))
		return RC_OK;
	if (!l->id)
		TRY(label_make(l));
	about = label_bestowal(l, on, sent);
	TRY(l->kept->about(l->cx, l->kept->arg, &about));
	json_set(body, on ? "resourceNamesToAdd" : "resourceNamesToRemove", sent);
	*names = json_list(l->cx->a);
	TRY(label_call(
	    l, "POST", arena_printf(l->cx->a, "/v1/%s/members:modify", l->id), body, &reply));
	return label_done(l, on, sent, reply.value);
}

static enum rc
label_flush(struct labelling *l, bool all)
{
	TRY(label_tell(l, true, &l->was_on, all));
	TRY(label_tell(l, false, &l->was_off, all));
	TRY(label_tell(l, false, &l->lost, all));
	TRY(label_send(l, true, &l->on, all));
	return label_send(l, false, &l->off, all);
}

/* Was it we who put it on? */
static bool
label_given(const struct labelling *l, const struct bearer *b)
{
	return b->stands != BEARER_NOT && b->label && l->id && !strcmp(b->label, l->id);
}

static void
label_meet(struct labelling *l, const struct bearer *b, const char *name)
{
	const bool has = json_has(l->members, name), given = label_given(l, b);

	if (b->wish == BEARER_SHALL && !has)
		json_add_str(l->on, name);
	else if (b->wish == BEARER_SHALL && given && b->stands == BEARER_COMING)
		json_add_str(l->was_on, name);
	else if (b->wish != BEARER_SHALL && !has && given)
		json_add_str(b->stands == BEARER_GOING ? l->was_off : l->lost, name);
	else if (b->wish == BEARER_SPARED && has && given)
		json_add_str(l->off, name);
	if (b->wish != BEARER_OTHER)
		json_unset(l->members, name);
}

static enum rc
label_meet_all(struct labelling *l, enum keeping_whom whom)
{
	struct bearer b;

	l->kept->begin(l->kept->arg, whom);
	for (;;) {
		TRY(l->kept->next(l->cx, l->kept->arg, &b));
		if (!b.key.p)
			return RC_OK;
		if (str_starts(b.key, "people/"))
			label_meet(l, &b, arena_dup_str(l->cx->a, b.key));
		TRY(label_flush(l, false));
	}
}

/* Of those who are left: they are not kept here. */
static enum rc
label_take_off(struct labelling *l)
{
	struct bearer b = { 0 };

	for (struct json_iter it = { 0 }; json_each(l->members, &it);) {
		if (!l->ours)
			TRY(l->kept->of(l->cx, l->kept->arg, it.key, &b));
		if (l->ours || label_given(l, &b))
			json_add_str(l->off, it.key);
		TRY(label_flush(l, false));
	}
	return RC_OK;
}

/* --- a label that goes --- */

static enum rc
label_delete(struct labelling *l)
{
	struct rest_call call = {
		.service = &google_service,
		.method = "DELETE",
		.base = conf_str(CONF_GOOGLE_PEOPLE_BASE),
		.path = arena_printf(l->cx->a, "/v1/%s?deleteContacts=false", l->id),
		.write = true,
		.quota = QUOTA_PEOPLE,
		.max_bytes = ANSWER_MAX,
		.what = "the labels of contacts",
	};
	struct rest_reply reply;

	return rest_call(l->cx, l->src->remote, &call, l->calls, &reply);
}

/* It is not wanted any more: one that we have made goes, of somebody else's those whom we have put
 * there. *n: how many. */
static enum rc
label_drop(struct labelling *l, int64_t *n)
{
	json **from = &l->off;
	struct bearer b;

	TRY(label_find(l));
	if (l->ours) {
		TRY(label_delete(l));
		++*n;
		from = &l->was_off;
	}
	if (!l->id)
		return RC_OK;
	l->kept->begin(l->kept->arg, KEEPING_GIVEN);
	for (;;) {
		TRY(l->kept->next(l->cx, l->kept->arg, &b));
		if (!b.key.p)
			return label_flush(l, true);
		if (!label_given(l, &b))
			continue;
		json_add_str(*from, arena_dup_str(l->cx->a, b.key));
		*n += !l->ours;
		TRY(label_flush(l, false));
	}
}

/* What an undo leaves of a label that we have made. */
static enum rc
label_undone(struct labelling *l)
{
	if (!l->ours || l->has > 0)
		return RC_OK;
	if (!strcmp(l->now, l->name))
		return label_delete(l);
	l->kept->said(l->kept->arg,
	    arena_printf(l->cx->a,
		"Left as it is: the label \"%.100s\". Tidemark has made it, and nobody has it any "
		"more, but it was renamed at Google since.",
		l->now));
	return RC_OK;
}

/* --- the whole --- */

static struct labelling
labelling_new(struct ctx *cx, const struct source *src, const struct keeping *kept, int *calls)
{
	return (struct labelling){
		.cx = cx,
		.src = src,
		.name = json_str(src->config, "label"),
		.kept = kept,
		.on = json_list(cx->a),
		.off = json_list(cx->a),
		.was_on = json_list(cx->a),
		.was_off = json_list(cx->a),
		.lost = json_list(cx->a),
		.calls = calls,
	};
}

static enum rc
label_tend(struct labelling *l)
{
	TRY(label_find(l));
	TRY(label_members(l));
	TRY(label_meet_all(l, l->kept->undoing ? KEEPING_HELD : KEEPING_ALL));
	if (!l->kept->undoing)
		TRY(label_take_off(l));
	TRY(label_flush(l, true));
	return l->kept->undoing ? label_undone(l) : RC_OK;
}

enum rc
gcontacts_leave(struct ctx *cx, const struct source *src, struct farewell *leaving, int *calls)
{
	struct labelling l = labelling_new(cx, src, leaving->kept, calls);

	return l.name ? label_drop(&l, &leaving->n) : RC_OK;
}

/* The one that the settings named before. */
static enum rc
label_drop_old(struct labelling *l)
{
	struct labelling old = labelling_new(l->cx, l->src, l->kept, l->calls);
	int64_t n = 0;

	old.name = json_str(l->src->cursor, "owed");
	if (!old.name || (l->name && !strcmp(old.name, l->name)))
		return RC_OK;
	return label_drop(&old, &n);
}

/* An undo changes nothing of what the next sync does when the settings name another one. */
static bool
label_moved(const struct labelling *l)
{
	const char *known = json_str(l->src->known, "label");

	return !l->name || !known || strcmp(l->name, known) != 0;
}

enum rc
gcontacts_tend(struct ctx *outer, const struct source *src, const struct keeping *kept, int *calls)
{
	struct ctx cx = { .a = arena_new("labels", (size_t)1 << 30, ARENA_WIPE) };
	struct labelling l = labelling_new(&cx, src, kept, calls);
	enum rc rc = RC_OK;

	if (!kept->undoing)
		rc = label_drop_old(&l);
	if (rc == RC_OK && l.name && !(kept->undoing && label_moved(&l)))
		rc = label_tend(&l);
	if (rc != RC_OK)
		outer->err = cx.err;
	arena_free(cx.a);
	return rc;
}
