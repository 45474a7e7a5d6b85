/*
 * api_integrations.c - calendars that are connected, over HTTP, and the channel by which each is
 * told of changes. What else can be done with them is done as with any connection.
 */
#include "app/calendar.h"
#include "ask/place.h"
#include "calendar/model.h"
#include "store/outbox.h"

static const char *
integration_trouble(const struct conn *c)
{
	const struct sched *s = &c->sched;

	if (!s->error_code)
		return NULL;
	return s->error_detail && *s->error_detail ? s->error_detail
						   : error_by_code(s->error_code)->title;
}

static enum rc
integration_json(struct req *r, const struct conn *c, json **out)
{
	struct calendar_channel channel;
	struct outbox_standing standing;
	int64_t conflicts;
	json *o = json_new(r->cx->a);

	TRY(calendar_channel(r->cx, r->db, c, &channel));
	TRY(outbox_standing(r->cx, r->db, c->owner, c->id, &standing));
	TRY(conflict_count(r->cx, r->db, c->owner, c->id, &conflicts));
	json_set_str(o, "id", c->id);
	json_set_str(o, "provider", model_calendar_word(c->provider));
	json_set_str(o, "name", c->name);
	json_set_bool(o, "isActive",
	    c->sched.enabled &&
		(c->sched.health != HEALTH_ATTENTION || c->sched.next_poll_at != 0));
	json_set_time(o, "lastSyncAt", c->sched.last_success_at);
	json_set_str(o, "lastSyncError", integration_trouble(c));
	json_set_str(o, "webhookId", channel.id);
	json_set_time(o, "webhookExpiry", channel.expires_at);
	json_set_i64(o, "waiting", standing.waiting);
	json_set_i64(o, "held", standing.held);
	json_set_i64(o, "failed", standing.failed);
	json_set_i64(o, "conflicts", conflicts);
	*out = o;
	return RC_OK;
}

enum rc
api_integrations(struct req *r, struct resp *w)
{
	json *all = json_list(r->cx->a), *o;
	struct conn *v;
	size_t n;

	TRY(calendar_list(r->cx, r->db, r->who.user_id, &v, &n));
	for (size_t i = 0; i < n; i++) {
		/* A progress token is for one connection. */
		if (r->who.only_conn && strcmp(v[i].id, r->who.only_conn))
			continue;
		TRY(integration_json(r, &v[i], &o));
		json_add(all, o);
	}
	TRY(model_list(r, all, &o));
	json_set_bool(o, "success", true);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

/* --- channels --- */

enum rc
api_integration_watch(struct req *r, struct resp *w)
{
	const char *id = json_str(r->body, "integrationId");
	struct calendar_channel channel;
	json *o = json_new(r->cx->a);

	if (!id)
		return input_fail_one(r, "integrationId", "Name the calendar: its id.");
	TRY(place_take(r->cx, r->who.user_id));
	TRY(calendar_watch(r->cx, r->db, auth_caller(r), id, &channel));
	json_set_bool(o, "success", channel.id != NULL);
	json_set_str(o, "webhookId", channel.id);
	json_set_time(o, "webhookExpiry", channel.expires_at);
	if (!channel.id)
		json_set_str(o, "message", "It is being opened; look again in a minute.");
	resp_json(w, channel.id ? 200 : 202, r->cx->a, o);
	return RC_OK;
}

enum rc
api_integration_unwatch(struct req *r, struct resp *w)
{
	const char *id = req_query(r, "integrationId");
	json *o = json_new(r->cx->a);

	if (!id)
		return input_fail_one(r, "integrationId", "Name the calendar: its id.");
	TRY(place_take(r->cx, r->who.user_id));
	TRY(calendar_unwatch(r->cx, r->db, auth_caller(r), id));
	json_set_bool(o, "success", true);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}
