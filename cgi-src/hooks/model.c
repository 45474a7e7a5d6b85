/*
 * model.c - see model.h.
 */
#include "hooks/model.h"

#include "base/clock.h"
#include "kind/veil_url.h"

json *
model_hook(struct arena *a, const struct hook *h)
{
	json *o = json_new(a), *events = json_list(a);

	for (struct str rest = str_c(h->events); rest.p;)
		json_add(events, json_string(a, str_cut(rest, ',', &rest)));
	json_set_str(o, "id", h->id);
	json_set_str(o, "url", veil_url(a, h->url));
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
