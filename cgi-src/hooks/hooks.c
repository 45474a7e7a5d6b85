/*
 * hooks.c - see hooks.h.
 */
#include "hooks/hooks.h"

#include "base/clock.h"
#include "ask/ask.h"
#include "queue/events.h"

/*
 * Models.
 */

json *
model_hook(struct arena *a, const struct hook *h)
{
	json *o = json_new(a), *events = json_list(a);

	for (struct str rest = str_c(h->events); rest.p;)
		json_add(events, json_string(a, str_cut(rest, ',', &rest)));
	json_set_str(o, "id", h->id);
	json_set_str(o, "url", h->url);
	json_set_str(o, "description", h->description);
	json_set(o, "events", events);
	json_set_bool(o, "enabled", h->enabled);
	json_set_time(o, "createdAt", h->created_at);
	json_set_time(o, "updatedAt", h->updated_at);
	json_set_time(o, "lastSuccessAt", h->last_success_at);
	json_set_time(o, "failingSince", h->failing_since);
	json_set(o, "disabled", model_error(a, h->disabled_code, h->disabled_detail));
	json_set_time(o, "secondSecretUntil", h->old_until > clock_ms() ? h->old_until : 0);
	return o;
}

static json *
model_attempt(struct arena *a, const struct attempt *t)
{
	json *o = json_new(a), *e = NULL;

	if (t->error_code) {
		e = json_new(a);
		json_set_str(e, "code", t->error_code);
		json_set_str(e, "detail",
		    t->error_detail ? t->error_detail : error_by_code(t->error_code)->title);
	}
	json_set_i64(o, "n", t->n);
	json_set_time(o, "at", t->at);
	json_set_i64(o, "durationMs", t->duration_ms);
	if (t->status)
		json_set_i64(o, "status", t->status);
	else
		json_set_null(o, "status");
	json_set(o, "error", e);
	json_set_str(o, "answer", t->answer);
	return o;
}

enum rc
model_delivery(struct req *r, const struct delivery *d, json **out)
{
	json *o = json_new(r->cx->a), *attempts = json_list(r->cx->a);
	struct attempt *v;
	size_t n;

	TRY(attempt_list(r->cx, r->db, r->who.user_id, d->id, &v, &n));
	for (size_t i = 0; i < n; i++)
		json_add(attempts, model_attempt(r->cx->a, &v[i]));
	json_set_str(o, "id", d->id);
	json_set_str(o, "messageId", d->message_id);
	json_set_str(o, "type", d->type);
	json_set_str(o, "status", d->state);
	json_set_i64(o, "tries", d->tries);
	json_set_time(o, "createdAt", d->created_at);
	json_set_time(o, "finishedAt", d->finished_at);
	json_set_time(o, "nextAttemptAt", d->due_at);
	json_set(o, "attempts", attempts);
	*out = o;
	return RC_OK;
}

/*
 * Verbs.
 */

static void
complain(struct arena *a, json *errors, const char *field, const char *message)
{
	json *e = json_new(a);

	json_set_str(e, "field", field);
	json_set_str(e, "message", message);
	json_add(errors, e);
}

/* The chosen events in the order of events.def; NULL when one is unknown or none is chosen. */
static const char *
events_text(struct arena *a, const json *list)
{
	const char *text = "";
	size_t known = 0;

	for (size_t e = 0; e < event_rows_n; e++) {
		bool chosen = false;
		for (size_t i = 0; i < json_len(list); i++) {
			const char *name = json_value_str(json_nth(list, i));
			if (!name || strcmp(name, event_rows[e].name))
				continue;
			chosen = true;
			known++;
		}
		if (chosen)
			text = arena_printf(
			    a, "%s%s%s", text, *text ? "," : "", event_rows[e].name);
	}
	return *text && known == json_len(list) ? text : NULL;
}

static bool
is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* Takes over what is said, or complains. */
static enum rc
take(struct req *r, const struct hook_input *in, struct hook *h)
{
	struct arena *a = r->cx->a;
	json *errors = json_list(a);

	if (in->url) {
		h->url = arena_dup_str(a, str_trim(str_c(in->url)));
		if (hook_check_url(r->cx, h->url) != RC_OK)
			complain(a, errors, "url", r->cx->err.detail);
	}
	if (in->description) {
		h->description = arena_dup_str(a, str_trim(str_c(in->description)));
		if (strlen(h->description) > HOOK_DESCRIPTION_MAX || !is_line(h->description))
			complain(a, errors, "description",
			    arena_printf(
				a, "One line of at most %d characters.", HOOK_DESCRIPTION_MAX));
	}
	if (in->events &&
	    !(h->events = json_is_list(in->events) ? events_text(a, in->events) : NULL))
		complain(a, errors, "events",
		    "Choose at least one event, and only such that there are.");
	if (in->enabled)
		h->enabled = *in->enabled;
	return json_len(errors) ? input_fail(r, errors) : RC_OK;
}

enum rc
hooks_add(struct req *r, const struct hook_input *said, const char **id, const char **secret)
{
	struct hook_input in = *said;
	struct hook h = { 0 };

	in.url = in.url ? in.url : "";
	in.description = in.description ? in.description : "";
	in.events = in.events ? in.events : json_list(r->cx->a);
	TRY(take(r, &in, &h));
	TRY(hook_create(r->cx, r->db, r->who.user_id, h.url, h.description, h.events, id, secret));
	return audit_now(r, "webhook made", *id, h.url);
}

enum rc
hooks_change(struct req *r, const char *id, const struct hook_input *in)
{
	struct hook h;
	bool was;

	TRY(hook_get(r->cx, r->db, r->who.user_id, id, &h));
	was = h.enabled;
	TRY(take(r, in, &h));
	TRY(hook_change(r->cx, r->db, &h));
	if (h.enabled && !was)
		wake_tick();
	return audit_now(r,
	    was == h.enabled ? "webhook changed"
		: h.enabled  ? "webhook on"
			     : "webhook off",
	    id, h.url);
}

enum rc
hooks_remove(struct req *r, const char *id)
{
	TRY(hook_remove(r->cx, r->db, r->who.user_id, id));
	return audit_now(r, "webhook removed", id, "");
}

enum rc
hooks_rotate(struct req *r, const char *id, const char **secret)
{
	TRY(hook_rotate(r->cx, r->db, r->who.user_id, id, secret));
	return audit_now(r, "webhook secret rotated", id, "");
}

enum rc
hooks_test(struct req *r, const char *id, const char **delivery)
{
	TRY(hook_test(r->cx, r->db, r->who.user_id, id, delivery));
	wake_tick();
	return RC_OK;
}

enum rc
hooks_again(struct req *r, const char *id, const char *delivery)
{
	TRY(hook_redeliver(r->cx, r->db, r->who.user_id, id, delivery));
	wake_tick();
	return RC_OK;
}
