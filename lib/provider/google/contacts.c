/*
 * contacts.c - google-contacts: the network half. A page of people is looked over, not taken apart:
 * that the pure half does. With the token of the last complete read one
 * call tells what has changed since, which mostly is nothing. Names of labels are apart from
 * people: they are read anew when somebody has changed and once a day, and when a label that is in
 * use has got another name, everybody is read, for nobody is told to have changed by that. Other
 * contacts are a second list with a token of its own.
 */
#include "provider/google/contacts.h"

#include "base/clock.h"
#include "provider/google/api.h"
#include "provider/web/jscan.h"

enum { PAGE_PEOPLE = 400, CONTACTS_SCRATCH = 512 * 1024 * 1024 };

#define OTHER_MASK "emailAddresses,metadata,names,phoneNumbers,photos"

/* What is asked of each person; beside the chosen fields what is needed to count and to choose. */
static const char *
contacts_mask(struct arena *a, const json *config)
{
	struct buf *b = buf_in(a, 4000);

	buf_str(b, "metadata,memberships,emailAddresses,phoneNumbers");
	for (int i = 0; i < CONTACT__MAX; i++)
		if (contact_chosen(config, (enum contact_column)i) &&
		    !str_has_word(buf_s(b), ',', str_c(contact_fields[i].from)))
			buf_printf(b, ",%s", contact_fields[i].from);
	return buf_c(b);
}

/* --- requests --- */

struct rest_call
gcontacts_call(const char *path)
{
	return (struct rest_call){
		.service = &google_service,
		.base = conf_str(CONF_GOOGLE_PEOPLE_BASE),
		.path = path,
		.quota = QUOTA_PEOPLE,
		.max_bytes = GCONTACTS_PAGE_MAX,
		.what = "the contacts",
	};
}

void
gcontacts_param(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(b, "&%s=", name);
	url_encode(b, value);
}

/* A page: its bytes, and of it {"nextPageToken"?, "nextSyncToken"?, "total", "n"}. */
struct listed {
	struct str body;
	json *head;
	int64_t n; /* people */
};

static enum rc
listed_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	const struct str name = js->frame[0].name;

	(void)cx;
	(void)arg;
	*keep = js->depth == 1 && type != J_OBJECT && type != J_LIST &&
	    (str_is(name, "nextPageToken") || str_is(name, "nextSyncToken") ||
		str_is(name, "totalItems") || str_is(name, "totalSize"));
	return RC_OK;
}

static enum rc
listed_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	const struct str name = js->frame[0].name;
	struct listed *l = arg;
	int64_t total;

	if (js->depth == 2 && (str_is(name, "connections") || str_is(name, "otherContacts")))
		l->n++;
	if (!text)
		return RC_OK;
	if (type == J_TEXT)
		json_set_str(l->head, arena_dup_str(cx->a, name),
		    arena_dup_str(cx->a, jtext_decode((struct str){ text, n })));
	else if (str_i64((struct str){ text, n }, 0, INT64_MAX, &total))
		json_set_i64(l->head, "total", total);
	return RC_OK;
}

static enum rc
listed_read(struct ctx *cx, struct listed *l)
{
	const struct jscan_events events = {
		.begin = listed_begin,
		.end = listed_end,
		.arg = l,
	};
	struct jscan *js = jscan_new(cx->a, &events);
	enum rc rc;

	l->head = json_new(cx->a);
	jscan_begin(js);
	rc = jscan_feed(cx, js, l->body);
	if (rc == RC_OK)
		rc = jscan_end(cx, js, false);
	if (rc != RC_OK || js->frame[0].type != J_OBJECT)
		return fail(cx, E_HTML, "Google answered with something else than data.");
	json_set_i64(l->head, "n", l->n);
	return RC_OK;
}

/* The next page of the list that the state is at. */
static struct rest_call
list_call(struct arena *a, const struct source *src, const json *state)
{
	const bool other = json_flag(state, "other", false);
	struct buf *b = buf_in(a, 16 * 1024);
	struct rest_call call;

	buf_str(b, other ? "/v1/otherContacts?readMask=" OTHER_MASK : "/v1/people/me/connections?");
	if (!other) {
		buf_str(b, "sources=READ_SOURCE_TYPE_CONTACT");
		gcontacts_param(b, "personFields", contacts_mask(a, src->config));
	}
	buf_printf(b, "&pageSize=%d&requestSyncToken=true", PAGE_PEOPLE);
	if (json_flag(state, "delta", false))
		gcontacts_param(
		    b, "syncToken", json_str(src->cursor, other ? "otherSync" : "sync"));
	gcontacts_param(b, "pageToken", json_str(state, "page"));
	call = gcontacts_call(buf_c(b));
	call.raw = true;
	return call;
}

static enum rc
get_list(struct ctx *cx, const struct source *src, struct fetch *f, const json *state,
    struct listed *out)
{
	const struct rest_call call = list_call(cx->a, src, state);
	struct rest_reply reply;

	TRY(rest_call(cx, src->remote, &call, &f->calls, &reply));
	*out = (struct listed){ .body = reply.body };
	return listed_read(cx, out);
}

/* "contactGroups/x" -> {"x": its name}. In "My contacts" everybody is. */
static void
label_note(const json *group, json *labels)
{
	const char *id = json_str(group, "resourceName"), *type = json_str(group, "groupType");
	const char *name = json_str(
	    group, type && !strcmp(type, "SYSTEM_CONTACT_GROUP") ? "formattedName" : "name");

	if (!id || !name || !str_starts(str_c(id), "contactGroups/"))
		return;
	id += sizeof "contactGroups/" - 1;
	if (strcmp(id, "myContacts"))
		json_set_str(labels, id, name);
}

static enum rc
get_labels(struct ctx *cx, const struct source *src, int *calls, json **out)
{
	const char *page = NULL;
	struct rest_reply reply;

	*out = json_new(cx->a);
	for (int i = 0; i == 0 || page; i++) {
		struct buf *b = buf_in(cx->a, 8 * 1024);
		struct rest_call call;
		const json *list;

		if (i == LABEL_PAGES)
			return fail(cx, E_PAGES_LOOP, "The labels do not come to an end.");
		buf_str(b, "/v1/contactGroups?pageSize=1000&groupFields=name,groupType");
		gcontacts_param(b, "pageToken", page);
		call = gcontacts_call(buf_c(b));
		TRY(rest_call(cx, src->remote, &call, calls, &reply));
		list = json_at(reply.value, "contactGroups");
		for (size_t k = 0; k < json_len(list); k++)
			label_note(json_nth(list, k), *out);
		page = json_str(reply.value, "nextPageToken");
	}
	return RC_OK;
}

/* --- which labels are meant --- */

static const char *
label_id(const json *labels, const char *name)
{
	for (struct json_iter it = { 0 }; json_each(labels, &it);)
		if (!strcmp(json_value_str(it.value), name))
			return it.key;
	return NULL;
}

/* A label that was chosen by its name belongs to the connection under its id from then on. */
static enum rc
labels_choose(struct ctx *cx, const struct source *src, const json *labels, json *head)
{
	const json *names = json_at(src->config, "labels");
	const json *bound = json_stored(cx->a, json_str(src->known, "labels"));
	json *chosen = json_new(cx->a), *missing = json_list(cx->a);

	for (size_t i = 0; i < json_len(names); i++) {
		const char *name = json_value_str(json_nth(names, i)), *id = json_str(bound, name);

		if (!id || !json_has(labels, id))
			id = label_id(labels, name);
		if (id)
			json_set_str(chosen, name, id);
		else
			json_add_str(missing, name);
	}
	if (json_len(names) && json_len(missing) == json_len(names))
		return fail(cx, E_SOURCE_GONE,
		    "Google Contacts has no label \"%.100s\". Choose labels that are there.",
		    json_value_str(json_nth(missing, 0)));
	if (json_len(names) || json_len(json_at(src->config, "people")))
		json_set(head, "chosen", chosen);
	json_set(head, "missing", missing);
	return RC_OK;
}

/* --- the first page --- */

/* What the last complete read left, as long as it was asked for the same. */
static const json *
contacts_since(struct ctx *cx, const struct source *src)
{
	const char *mask = json_str(src->cursor, "mask");
	const bool others = json_flag(src->config, "otherContacts", false);

	if (src->recheck || !mask || strcmp(mask, contacts_mask(cx->a, src->config)) ||
	    !json_str(src->cursor, "sync") || (others && !json_str(src->cursor, "otherSync")))
		return NULL;
	return src->cursor;
}

static bool
labels_needed(const struct source *src)
{
	return contact_chosen(src->config, CONTACT_LABELS) ||
	    json_len(json_at(src->config, "labels")) > 0;
}

static bool
labels_fresh(const json *cursor)
{
	const int64_t age = clock_ms() - json_num(cursor, "labelsAt", 0);

	return age >= 0 && age < DAY_MS;
}

/* Has one of those that records may name got another name, or gone? */
static bool
labels_moved(const json *before, const json *now)
{
	for (struct json_iter it = { 0 }; json_each(before, &it);) {
		const char *name = json_str(now, it.key);

		if (!name || strcmp(name, json_value_str(it.value)))
			return true;
	}
	return false;
}

struct first {
	struct ctx *cx;
	const struct source *src;
	struct fetch *f;
	json *state;
	const json *since; /* NULL: everybody is read */
	bool asked;        /* for labels, in this read */
};

static enum rc
first_labels(struct first *p)
{
	json *labels;

	p->asked = true;
	TRY(get_labels(p->cx, p->src, &p->f->calls, &labels));
	if (p->since && labels_moved(json_at(p->since, "labels"), labels))
		p->since = NULL;
	json_set(p->state, "labels", labels);
	json_set_i64(p->state, "labelsAt", clock_ms());
	return RC_OK;
}

static enum rc
first_list(struct first *p, struct listed *page)
{
	json_set_bool(p->state, "delta", p->since != NULL);
	return get_list(p->cx, p->src, p->f, p->state, page);
}

static bool
list_is_empty(const json *head)
{
	return !json_num(head, "n", 0) && !json_str(head, "nextPageToken");
}

static enum rc
contacts_first(struct first *p, struct listed *page)
{
	const bool needed = labels_needed(p->src);

	p->since = contacts_since(p->cx, p->src);
	if (p->since) {
		json_set(p->state, "labels", json_at(p->since, "labels"));
		json_set_i64(p->state, "labelsAt", json_num(p->since, "labelsAt", 0));
	}
	if (needed && (!p->since || !labels_fresh(p->since)))
		TRY(first_labels(p));
	TRY(first_list(p, page));
	if (!p->since)
		return RC_OK;
	if (list_is_empty(page->head)) {
		p->f->unchanged = !p->asked && !json_flag(p->src->config, "otherContacts", false) &&
		    !json_flag(p->since, "untended", false);
		return RC_OK;
	}
	if (!needed || p->asked)
		return RC_OK;
	TRY(first_labels(p));
	return p->since ? RC_OK : first_list(p, page);
}

static enum rc
put_head(struct ctx *cx, const struct source *src, struct fetch *f, json *state)
{
	json *head = json_new(cx->a);
	const char *text;

	json_set_bool(head, "delta", json_flag(state, "delta", false));
	json_set(head, "labels", json_at(state, "labels"));
	TRY(labels_choose(cx, src, json_at(state, "labels"), head));
	text = arena_printf(cx->a, "\"head\":%s,", json_text(cx->a, head));
	return f->write(cx, f->arg, text, strlen(text));
}

/* --- pages --- */

static enum rc
put_answer(struct ctx *cx, const struct source *src, struct fetch *f, json *state, struct str body)
{
	TRY(f->write(cx, f->arg, "{", 1));
	if (f->page == 0)
		TRY(put_head(cx, src, f, state));
	TRY(f->write(cx, f->arg, "\"answer\":", 9));
	TRY(f->write(cx, f->arg, body.p, body.n));
	return f->write(cx, f->arg, "}", 1);
}

/* Where the read stands: {"other", "page", "delta", "labels", "labelsAt", "n", "total", "sync"}. */
static void
state_move(const struct source *src, json *state, const json *head, bool *more)
{
	const bool other = json_flag(state, "other", false);
	const char *next = json_str(head, "nextPageToken");

	json_set_i64(state, "n", json_num(state, "n", 0) + json_num(head, "n", 0));
	if (!json_str(state, "page"))
		json_set_i64(
		    state, "total", json_num(state, "total", 0) + json_num(head, "total", 0));
	*more = next || (!other && json_flag(src->config, "otherContacts", false));
	json_set_str(state, "page", next);
	if (next)
		return;
	json_set_str(state, other ? "otherSync" : "sync", json_str(head, "nextSyncToken"));
	json_set_bool(state, "other", true);
}

/* The label that the settings named until now, or before that while it may still be there. */
static const char *
contacts_owed(const struct source *src)
{
	const char *now = json_str(src->config, "label"), *was = json_str(src->known, "label");

	if (was && (!now || strcmp(was, now) != 0))
		return was;
	return json_flag(src->cursor, "untended", false) ? json_str(src->cursor, "owed") : NULL;
}

/* What the next run gets, and tend(); without a token it reads everybody. */
static json *
contacts_cursor(struct arena *a, const struct source *src, const json *state)
{
	static const char *const kept[] = { "sync", "otherSync", "labels" };
	json *c = json_new(a);

	json_set_str(c, "mask", contacts_mask(a, src->config));
	json_set_i64(c, "labelsAt", json_num(state, "labelsAt", 0));
	json_set_str(c, "owed", contacts_owed(src));
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		json_set(c, kept[i], json_at(state, kept[i]));
	return c;
}

static enum rc
contacts_page(struct ctx *cx, const struct source *src, struct fetch *f, json **state, bool *more)
{
	struct listed page;

	if (f->offset)
		TRY(f->rewind(cx, f->arg));
	*state = f->page ? json_stored(cx->a, f->next) : json_new(cx->a);
	if (!*state)
		return fail(cx, E_BUG, NULL);
	if (f->page == 0)
		TRY(contacts_first(
		    &(struct first){ .cx = cx, .src = src, .f = f, .state = *state }, &page));
	else
		TRY(get_list(cx, src, f, *state, &page));
	if (f->unchanged)
		return RC_OK;
	TRY(put_answer(cx, src, f, *state, page.body));
	state_move(src, *state, page.head, more);
	return RC_OK;
}

static void
contacts_ahead(struct ctx *cx, const struct source *src, const json *state)
{
	const struct rest_call call = list_call(cx->a, src, state);

	rest_ahead(cx, src->remote, &call);
}

/* Memory of one page is gone with the page. */
static enum rc
gcontacts_fetch(struct ctx *outer, const struct source *src, struct fetch *f)
{
	struct ctx cx = { .a = arena_new("contacts", CONTACTS_SCRATCH, ARENA_WIPE) };
	json *state = NULL;
	bool more = false;
	enum rc rc = contacts_page(&cx, src, f, &state, &more);

	if (rc == RC_OK && !f->unchanged) {
		f->delta = json_flag(state, "delta", false);
		f->items = json_num(state, "n", 0);
		f->expected = json_num(state, "total", 0);
		f->content_type = "application/json";
		if (more)
			f->next_page = arena_dup(outer->a, json_text(cx.a, state));
		else
			f->cursor = json_copy(outer->a, contacts_cursor(cx.a, src, state));
		if (more && f->ahead)
			contacts_ahead(&cx, src, state);
	}
	if (rc != RC_OK)
		outer->err = cx.err;
	arena_free(cx.a);
	return rc;
}

/* --- settings --- */

static enum rc
gcontacts_choices(struct ctx *cx, const struct source *src, json *choices)
{
	json *labels, *names = json_list(cx->a), *all = json_list(cx->a);
	int calls = 0;

	TRY(get_labels(cx, src, &calls, &labels));
	for (struct json_iter it = { 0 }; json_each(labels, &it);)
		json_add_str(names, json_value_str(it.value));
	for (int i = 1; i < CONTACT__MAX; i++)
		json_add_str(all, contact_fields[i].name);
	json_set_str(choices, "title", "Contacts");
	json_set(choices, "labels", names);
	json_set(choices, "fields", all);
	return gcontacts_find(cx, src, choices);
}

const struct reader reader_gcontacts = {
	.fetch = gcontacts_fetch,
	.parse = gcontacts_parse,
	.choices = gcontacts_choices,
	.tend = gcontacts_tend,
	.leave = gcontacts_leave,
};
