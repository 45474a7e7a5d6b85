/*
 * told.c - pages that are looked at by themselves: those that messages of Notion have named
 * (source.told). The index, which answers queries, may know of an edit later than the message says,
 * and of what is in the trash it says nothing; so what was looked at lately is believed against it.
 */
#include "base/hash.h"
#include "kind/ways.h"
#include "provider/notion/event.h"

enum { EDITS_MAX = 20, LOOKED_MAX = 500, KEEP_MS = 10 * 60 * 1000 };
/* Of a list, in one read: more of them are taken as the list tells them. */
enum { FLUX_MAX = 50 };

/* NULL: it is where it was. */
static const char *
told_gone(const json *page, const char *source)
{
	const char *parent = json_str(json_at(page, "parent"), "data_source_id");

	if (json_flag(page, "in_trash", false) || json_flag(page, "archived", false))
		return "It is in the trash of Notion.";
	return parent && !strcmp(parent, source) ? NULL : "It was moved elsewhere in Notion.";
}

/* *gone: why it is gone, or NULL. *page NULL: it is not shown. */
static enum rc
told_see(struct notion_read *r, const char *source, const char *id, json **page, const char **gone)
{
	struct rest_reply reply;
	enum rc rc = notion_ask(r->cx, r->src,
	    &(struct notion_ask){
		.path = arena_printf(r->cx->a, "/v1/pages/%s", id),
		.what = "the page",
	    },
	    &r->f->calls, &reply);

	*page = NULL;
	*gone = NULL;
	/* One that is not shown says nothing: the reads of everything judge that, with all others
	 * that are missing. */
	if (rc != RC_OK && r->cx->err.kind == E_SOURCE_GONE) {
		r->cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	/* The same page in a list has no such member. */
	json_unset(reply.value, "request_id");
	*gone = told_gone(reply.value, source);
	*page = reply.value;
	return RC_OK;
}

bool
notion_told_much(const struct source *src)
{
	return json_flag(src->told, "all", false);
}

json *
notion_told(struct arena *a, const struct source *src, bool whole)
{
	const json *items = json_at(src->told, "items");
	json *out = json_new(a);
	size_t edits = 0;

	for (struct json_iter it = { 0 }; json_each(items, &it);)
		edits += !json_value_bool(it.value);
	for (struct json_iter it = { 0 }; json_each(items, &it);)
		if (json_value_bool(it.value) || edits <= EDITS_MAX)
			json_set_bool(out, it.key, true);
	for (struct json_iter it = { 0 }; whole && json_each(json_at(src->cursor, "looked"), &it);)
		json_set_bool(out, it.key, true);
	return out;
}

const char *
notion_digest(struct arena *a, const json *page)
{
	char digest[SHA256_HEX];

	return arena_dup(a, hash_sha256_hex(str_c(json_text(a, page)), digest));
}

static void
told_looked(struct arena *a, json *s, const char *id, const char *digest)
{
	json *one = json_new(a);

	json_set_str(one, "digest", digest);
	if (!json_at(s, "looked"))
		json_set(s, "looked", json_new(a));
	json_set(json_at(s, "looked"), id, one);
}

/* What it tells all the same of edits in pages of its occurrences; NULL: nothing. */
static json *
told_unseen(struct notion_read *r, const json *s, const json *page)
{
	const json *calendar = json_at(s, "calendar");
	struct notion_event e;

	return calendar && notion_event(r->cx->a, page, calendar, json_str(s, "bot"), &e)
	    ? (json *)e.unseen
	    : NULL;
}

static void
told_leaves(struct notion_read *r, const json *s, json *out, const json *page, const char *why)
{
	json *o = json_new(r->cx->a), *unseen = told_unseen(r, s, page);

	json_set_str(o, "id", json_str(page, "id"));
	json_set_str(o, "why", why);
	if (unseen)
		json_set(o, "unseen", unseen);
	if (!json_at(out, "gone"))
		json_set(out, "gone", json_list(r->cx->a));
	json_add(json_at(out, "gone"), o);
}

enum rc
notion_look_at(struct notion_read *r, json *s, const char *id, json *out, json **page)
{
	const char *gone;

	TRY(told_see(r, json_str(s, "source"), id, page, &gone));
	json_set_bool(json_at(s, "seen"), id, true);
	if (gone) {
		notion_roll_gone(r, s, *page);
		TRY(notion_each_read(r, s, *page, true, out));
		told_leaves(r, s, out, *page, gone);
		*page = NULL;
	}
	if (*page)
		notion_unsign(*page);
	if (*page || gone)
		told_looked(r->cx->a, s, id, *page ? notion_digest(r->cx->a, *page) : NULL);
	return RC_OK;
}

/* Has somebody else edited it last? false: or nobody knows. */
static bool
told_by_others(const json *s, const json *page)
{
	const char *by = json_str(json_at(page, "last_edited_by"), "id"), *bot = json_str(s, "bot");

	return bot && by && strcmp(by, bot) != 0;
}

/* The index may tell what we had written, and only then what somebody has made of it since. */
enum rc
notion_look_missing(struct notion_read *r, json *s, const char *id, json **page)
{
	const char *gone;

	TRY(told_see(r, json_str(s, "source"), id, page, &gone));
	json_set_bool(json_at(s, "seen"), id, true);
	if (gone)
		*page = NULL;
	if (!*page)
		return RC_OK;
	notion_unsign(*page);
	if (told_by_others(s, *page))
		told_looked(r->cx->a, s, id, notion_digest(r->cx->a, *page));
	return RC_OK;
}

/* Somebody has edited it so lately that the index may lack an edit which has come here already by a
 * look, or tell one that another has followed. What we have written last ourselves is known. */
static bool
told_in_flux(const struct notion_read *r, const json *s, const json *page)
{
	return told_by_others(s, page) && notion_recent(s, page) && !r->f->enough_bytes &&
	    json_num(s, "flux", 0) < FLUX_MAX && ways_of(r->src->config).direction == WAYS_BOTH;
}

enum rc
notion_look_again(struct notion_read *r, json *s, json *out, json **page)
{
	const char *id = json_str(*page, "id"), *was, *digest;
	const json *looked = json_at(json_at(r->src->cursor, "looked"), id);

	if (!looked && !told_in_flux(r, s, *page))
		return RC_OK;
	was = looked ? json_str(looked, "digest") : json_str(json_at(r->src->cursor, "recent"), id);
	notion_unsign(*page);
	digest = notion_digest(r->cx->a, *page);
	if (was && !strcmp(was, digest))
		return RC_OK;
	json_set_i64(s, "flux", json_num(s, "flux", 0) + 1);
	TRY(notion_look_at(r, s, id, out, page));
	/* Should the index go on telling otherwise, it is looked at again. */
	if (*page && !looked)
		json_unset(json_at(s, "looked"), id);
	return RC_OK;
}

json *
notion_looked_lately(struct arena *a, const json *cursor, const json *s)
{
	const json *before = json_at(cursor, "looked"), *now = json_at(s, "looked");
	const int64_t mark = json_num(s, "mark", 0);
	json *out = json_new(a);

	for (int side = 0; side < 2; side++)
		for (struct json_iter it = { 0 }; json_each(side ? now : before, &it);) {
			const int64_t age = mark - json_num(it.value, "at", mark);

			json_set_i64(it.value, "at", mark - age);
			if (age >= 0 && age < KEEP_MS)
				json_set(out, it.key, it.value);
		}
	return json_len(out) > 0 && json_len(out) <= LOOKED_MAX ? out : NULL;
}
