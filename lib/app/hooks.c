/*
 * hooks.c - see hooks.h.
 */
#include "app/hooks.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "base/rand.h"
#include "kind/veil_url.h"
#include "net/origin.h"
#include "net/reach.h"
#include "queue/doomed.h"
#include "queue/events.h"
#include "queue/lane.h"
#include "send/hook.h"

/*
 * What is said.
 */

/* Is the event among the names? */
static bool
hooks_named(const json *list, const char *event)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_value_str(json_nth(list, i));

		if (name && !strcmp(name, event))
			return true;
	}
	return false;
}

static size_t
hooks_known(const json *list)
{
	size_t n = 0;

	for (size_t i = 0; i < json_len(list); i++)
		for (size_t e = 0; e < event_words_n; e++) {
			const char *name = json_value_str(json_nth(list, i));

			n += name && !strcmp(name, event_words[e].name);
		}
	return n;
}

/* The chosen events in the order of events.def; NULL when one is unknown or none is chosen. */
static const char *
hooks_events(struct arena *a, const json *list)
{
	const char *text = "";

	if (!json_is_list(list) || hooks_known(list) != json_len(list))
		return NULL;
	for (size_t e = 0; e < event_words_n; e++)
		if (hooks_named(list, event_words[e].name))
			text = arena_printf(
			    a, "%s%s%s", text, *text ? "," : "", event_words[e].name);
	return *text ? text : NULL;
}

/* The address as it is shown (kind/veil_url.h). */
static const char *
hooks_shown(struct arena *a, const struct hook *h)
{
	return veil_url(a, h->url);
}

/* The address with what is not shown of the one that is stored (NULL: none); NULL: that is another
 * one. */
static const char *
hooks_whole(struct arena *a, const char *url, const char *stored)
{
	const char *missing;

	if (!veil_url_veiled(url))
		return url;
	if (!stored || !origin_same(url, stored))
		return NULL;
	return veil_url_fill(a, url, veil_url_parts(a, stored), &missing);
}

static void
hooks_take_url(struct ctx *cx, const struct caller *by, const char *url)
{
	if (!url)
		complaints_add(cx, by->wrong, "url",
		    "Enter the whole address: what stands for its secret is of another one.");
	else if (!*url)
		complaints_add(cx, by->wrong, "url", "Give the address that messages are sent to.");
	else if (reach_check_url(cx, url) != RC_OK || reach_check_literal(cx, url) != RC_OK)
		complaints_add(cx, by->wrong, "url", arena_dup(cx->a, cx->err.detail));
}

/* Takes over what is said, the address whole, or complains of all of it. */
static enum rc
hooks_take(struct ctx *cx, const struct caller *by, const struct hook_input *in, struct hook *h)
{
	struct arena *a = cx->a;
	const char *stored = NULL;

	if (in->url) {
		if (h->secret)
			TRY(hook_whole(cx, h, &stored));
		h->url = hooks_whole(a, arena_dup_str(a, str_trim(str_c(in->url))), stored);
		hooks_take_url(cx, by, h->url);
	}
	if (in->description) {
		h->description = arena_dup_str(a, str_trim(str_c(in->description)));
		if (str_chars(str_c(h->description)) > HOOK_DESCRIPTION_MAX ||
		    !str_line_ok(str_c(h->description)))
			complaints_add(cx, by->wrong, "description",
			    arena_printf(
				a, "One line of at most %d characters.", HOOK_DESCRIPTION_MAX));
	}
	if (in->events) {
		h->events = hooks_events(a, in->events);
		if (!h->events)
			complaints_add(cx, by->wrong, "events",
			    "Choose at least one event, and only such that there are.");
	}
	if (in->enabled)
		h->enabled = *in->enabled;
	return complaints_end(cx, by->wrong);
}

/*
 * Verbs. The secret is sealed in the transaction that stores it.
 */

struct hooks_add {
	const struct caller *by;
	struct hook *h;
	const char *url; /* whole */
	const char **secret;
};

static enum rc
hooks_add_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct hooks_add *w = arg;
	const struct caller *by = w->by;
	struct hook *h = w->h;
	const char **secret = w->secret;
	struct hook_list list;

	TRY(hook_list(cx, db, h->owner, &list));
	if (list.n == HOOKS_MAX)
		return fail(cx, E_STATE,
		    "There are %d webhooks already, which is as many as one user can have.",
		    HOOKS_MAX);
	TRY(hook_seal(cx, h, w->url, secret));
	TRY(hook_insert(cx, db, h));
	return caller_audit(cx, db, by, "webhook made", h->id, hooks_shown(cx->a, h));
}

enum rc
hooks_add(struct ctx *cx, struct db *db, const struct caller *by, const struct hook_input *said,
    const char **id, const char **secret)
{
	struct hook_input in = *said;
	struct hook h = { .owner = by->owner, .created_at = clock_ms() };
	char uuid[UUID_TEXT];

	TRY(caller_need(cx, by, SCOPE_WRITE));
	in.url = in.url ? in.url : "";
	in.description = in.description ? in.description : "";
	in.events = in.events ? in.events : json_list(cx->a);
	TRY(hooks_take(cx, by, &in, &h));
	h.id = *id = arena_dup(cx->a, rand_uuid(uuid));

	struct hooks_add w = {
		.by = by,
		.h = &h,
		.url = h.url,
		.secret = secret,
	};

	return db_write(cx, db, hooks_add_write, &w);
}

struct hooks_change {
	const struct caller *by;
	struct hook *h;
	const struct hook_input *in;
};

static enum rc
hooks_change_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct hooks_change *w = arg;
	const struct caller *by = w->by;
	struct hook *h = w->h;
	const struct hook_input *in = w->in;
	const char *action = "webhook changed";
	bool was;

	TRY(hook_get(cx, db, by->owner, h->id, h));
	was = h->enabled;
	TRY(hooks_take(cx, by, in, h));
	if (h->enabled) {
		h->failing_since = 0;
		h->disabled_code = h->disabled_detail = NULL;
	}
	h->updated_at = clock_ms();
	if (in->url) {
		TRY(hook_seal_url(cx, h, h->url));
		TRY(hook_save_secrets(cx, db, h));
	}
	TRY(hook_save(cx, db, h));
	if (h->enabled)
		TRY(lane_hurry(cx, db, LANE_WEBHOOK, h->owner, h->id, h->updated_at));
	else
		TRY(lane_stop(cx, db, h->id));
	if (was != h->enabled)
		action = h->enabled ? "webhook on" : "webhook off";
	return caller_audit(cx, db, by, action, h->id, hooks_shown(cx->a, h));
}

enum rc
hooks_change(struct ctx *cx, struct db *db, const struct caller *by, const char *id,
    const struct hook_input *in)
{
	struct hook h = { .id = id };

	TRY(caller_need(cx, by, SCOPE_WRITE));

	struct hooks_change w = {
		.by = by,
		.h = &h,
		.in = in,
	};

	TRY(db_write(cx, db, hooks_change_write, &w));
	if (in->enabled && *in->enabled)
		wake_tick();
	return RC_OK;
}

struct hooks_remove {
	const struct caller *by;
	const char *id;
};

static enum rc
hooks_remove_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct hooks_remove *w = arg;
	const struct caller *by = w->by;
	const char *id = w->id;
	const int64_t now = clock_ms();

	TRY(hook_doom(cx, db, by->owner, id, now));
	TRY(lane_drop(cx, db, id));
	TRY(doomed_ask(cx, db, by->owner, now));
	return caller_audit(cx, db, by, "webhook removed", id, "");
}

enum rc
hooks_remove(struct ctx *cx, struct db *db, const struct caller *by, const char *id)
{
	TRY(caller_need(cx, by, SCOPE_WRITE));

	struct hooks_remove w = {
		.by = by,
		.id = id,
	};

	db_urgent(db);
	TRY(db_write(cx, db, hooks_remove_write, &w));
	wake_tick();
	return RC_OK;
}

struct hooks_rotate {
	const struct caller *by;
	const char *id;
	const char **secret;
};

static enum rc
hooks_rotate_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct hooks_rotate *w = arg;
	const struct caller *by = w->by;
	const char *id = w->id;
	const char **secret = w->secret;
	const char *url;
	struct hook h;

	TRY(hook_get(cx, db, by->owner, id, &h));
	TRY(hook_whole(cx, &h, &url));
	h.updated_at = clock_ms();
	h.old_secret = h.secret;
	h.old_until = h.updated_at + SECRET_OVERLAP_HOURS * HOUR_MS;
	TRY(hook_seal(cx, &h, url, secret));
	TRY(hook_save_secrets(cx, db, &h));
	return caller_audit(cx, db, by, "webhook secret rotated", id, "");
}

enum rc
hooks_rotate(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char **secret)
{
	TRY(caller_need(cx, by, SCOPE_WRITE));

	struct hooks_rotate w = {
		.by = by,
		.id = id,
		.secret = secret,
	};

	return db_write(cx, db, hooks_rotate_write, &w);
}

static enum rc
hooks_open(struct ctx *cx, struct db *db, const char *owner, const char *id, struct hook *h)
{
	TRY(hook_get(cx, db, owner, id, h));
	if (h->enabled)
		return RC_OK;
	return fail(cx, E_STATE, "This webhook is switched off; switch it on first.");
}

struct hooks_test {
	const struct caller *by;
	const char *id;
	const char **delivery;
};

static enum rc
hooks_test_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct hooks_test *w = arg;
	const struct caller *by = w->by;
	const char *id = w->id;
	const char **delivery = w->delivery;
	struct hook h;

	TRY(hooks_open(cx, db, by->owner, id, &h));
	TRY(events_test(cx, db, &h, delivery));
	return caller_audit(cx, db, by, "webhook tested", id, hooks_shown(cx->a, &h));
}

enum rc
hooks_test(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char **delivery)
{
	TRY(caller_need(cx, by, SCOPE_WRITE));

	struct hooks_test w = {
		.by = by,
		.id = id,
		.delivery = delivery,
	};

	TRY(db_write(cx, db, hooks_test_write, &w));
	wake_tick();
	return RC_OK;
}

struct hooks_again {
	const struct caller *by;
	const char *id;
	const char *delivery;
};

static enum rc
hooks_again_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct hooks_again *w = arg;
	const struct caller *by = w->by;
	const char *id = w->id;
	const char *delivery = w->delivery;
	const int64_t now = clock_ms();
	struct delivery d;
	struct hook h;

	TRY(hooks_open(cx, db, by->owner, id, &h));
	TRY(delivery_get(cx, db, by->owner, id, delivery, &d));
	TRY(delivery_again(cx, db, by->owner, d.id, now));
	TRY(lane_hurry(cx, db, LANE_WEBHOOK, by->owner, id, now));
	return caller_audit(cx, db, by, "webhook message sent again", id, d.message_id);
}

enum rc
hooks_again(
    struct ctx *cx, struct db *db, const struct caller *by, const char *id, const char *delivery)
{
	TRY(caller_need(cx, by, SCOPE_WRITE));

	struct hooks_again w = {
		.by = by,
		.id = id,
		.delivery = delivery,
	};

	TRY(db_write(cx, db, hooks_again_write, &w));
	wake_tick();
	return RC_OK;
}
