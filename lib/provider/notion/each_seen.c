/*
 * each_seen.c - what somebody changes in a page of an occurrence that does not say yet what its
 * series says: it is taken, and the series keeps what it was taken over, until that is what it says
 * again. Those who agree on the series can tell by it that the edit knew nothing of theirs.
 *
 * What a page has said itself before is known to whoever edits it: of that a digest is kept until
 * the page was made to say it.
 */
#include "base/hash.h"
#include "provider/notion/strew.h"

enum { SEEN_DIGEST = 16 };

static const char *
seen_name(const struct strewing *w, const char *slot)
{
	return arena_printf(w->cx->a, "@%s", slot);
}

static const char *
seen_digest(struct arena *a, const json *one)
{
	char digest[SHA256_HEX];
	const char *text = one ? json_text(a, one) : "";

	return arena_printf(a, "%.*s", SEEN_DIGEST, hash_sha256_hex(str_c(text), digest));
}

/* Is that as it was taken from its page? */
static bool
seen_is_theirs(const struct strewing *w, const char *slot, const json *one)
{
	const char *took = json_str(w->took, slot);

	return took && !strcmp(took, seen_digest(w->cx->a, one));
}

json *
strew_differing(const struct strewing *w, const char *slot)
{
	const json *one = json_at(w->value, seen_name(w, slot));

	return one ? json_copy(w->cx->a, one) : NULL;
}

void
strew_changed(struct strewing *w, const char *slot, const json *mark, json *one)
{
	struct arena *a = w->cx->a;
	const char *name = seen_name(w, slot);
	json *was = json_copy(a, w->value);
	const struct notion_unshown shown = {
		.calendar = w->calendar,
		.mark = mark,
		.was = was,
		.now = w->value,
	};

	json_unset(was, name);
	if (one)
		json_set(was, name, one);
	if (notion_same(a, was, w->value, name))
		return;
	if (one && !seen_is_theirs(w, slot, one) && notion_each_unshown(a, &shown, slot))
		json_set(w->unseen, slot, one);
	json_set_str(w->took, slot, seen_digest(a, json_at(w->value, name)));
}

void
strew_cancel(struct strewing *w, const char *slot, const json *mark)
{
	json *one = strew_differing(w, slot);

	notion_each_cancel(w->cx->a, slot, w->value);
	strew_changed(w, slot, mark, one);
}

/* Is it still over, and another one now? */
static bool
seen_is_over(const struct strewing *w, const char *slot, const json *one)
{
	const json *now = json_at(w->value, seen_name(w, slot));

	return notion_each_place(w->cx->a, w->value, slot) != PLACE_NONE &&
	    (!now || strcmp(json_text(w->cx->a, now), json_text(w->cx->a, one)) != 0);
}

void
strew_seen(const struct strewing *w, bool level, json *each)
{
	json *took = json_new(w->cx->a), *unseen = json_new(w->cx->a);

	for (struct json_iter it = { 0 }; !level && json_each(w->took, &it);)
		if (seen_is_theirs(w, it.key, json_at(w->value, seen_name(w, it.key))))
			json_set(took, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(w->unseen, &it);)
		if (seen_is_over(w, it.key, it.value))
			json_set(unseen, it.key, it.value);
	if (json_len(took) > 0)
		json_set(each, "took", took);
	if (json_len(unseen) > 0)
		json_set(each, "unseen", unseen);
}
