/*
 * calendar_write.c - events made, changed, moved and deleted.
 */
#include "fake/google/calendar.h"

/* What Google sets, whatever is sent. */
static const char *const write_theirs[] = {
	"kind",
	"etag",
	"id",
	"htmlLink",
	"created",
	"updated",
	"creator",
	"organizer",
	"recurringEventId",
	"originalStartTime",
	"iCalUID",
	"hangoutLink",
	"locked",
	"attendeesOmitted",
};

static void
write_refuse(struct call *c, int status, const char *reason, const char *message)
{
	refuse(c, &(struct refusal){ .status = status, .reason = reason, .message = message });
}

/* Without null: a member that is null is not there. */
static json *
write_body(struct call *c)
{
	json *out = json_new(c->a);
	struct json_iter it = { 0 };

	while (json_each(c->body, &it))
		if (!json_is_null(it.value))
			json_set(out, it.key, it.value);
	for (size_t i = 0; i < sizeof write_theirs / sizeof *write_theirs; i++)
		json_unset(out, write_theirs[i]);
	return out;
}

/* RFC 7396: null removes, objects are merged, all else is replaced. */
static json *
write_merged(struct arena *a, const json *old, const json *patch)
{
	json *out = json_is_obj(old) ? json_stored(a, json_text(a, old)) : json_new(a);
	struct json_iter it = { 0 };

	while (json_each(patch, &it)) {
		if (json_is_null(it.value))
			json_unset(out, it.key);
		else if (json_is_obj(it.value))
			json_set(out, it.key, write_merged(a, json_at(out, it.key), it.value));
		else
			json_set(out, it.key, it.value);
	}
	return out;
}

/* Of conference data and attachments the call may be unaware: then they stay as they are. */
static void
write_keep_unknown(struct call *c, json *content, const json *old)
{
	const char *version = query_of(c, "conferenceDataVersion");
	const bool aware[] = {
		version && strcmp(version, "1") == 0,
		query_flag(c, "supportsAttachments"),
	};
	const char *const names[] = { "conferenceData", "attachments" };

	for (int i = 0; i < 2; i++) {
		if (aware[i])
			continue;
		json_unset(content, names[i]);
		if (json_has(old, names[i]))
			json_set(content, names[i], json_at(old, names[i]));
	}
}

static bool
write_precondition(struct call *c, const struct event *e)
{
	const char *match = params_get(&c->req->headers, "if-match");

	if (!match || strcmp(match, "*") == 0 || strcmp(match, event_etag(c->a, e)) == 0)
		return true;
	refuse(c,
	    &(struct refusal){
		.status = 412,
		.reason = "conditionNotMet",
		.message = "Precondition Failed",
		.location_type = "header",
		.location = "If-Match",
	    });
	return false;
}

static void
write_reply(struct call *c, const struct event *e)
{
	reply_json(c, 200, event_json(c, e, e->calendar->zone));
}

/* iCalendar's number of significant changes: when and where it is, and whether at all. */
static void
write_sequence(struct arena *a, json *content, const json *old)
{
	static const char *const names[] = {
		"start",
		"end",
		"recurrence",
		"location",
		"status",
	};
	int64_t sequence = json_num(old, "sequence", 0);

	if (json_num(content, "sequence", 0) > sequence)
		return;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const json *x = json_at(content, names[i]), *y = json_at(old, names[i]);

		if (strcmp(x ? json_text(a, x) : "", y ? json_text(a, y) : "") != 0) {
			sequence++;
			break;
		}
	}
	json_set_i64(content, "sequence", sequence);
}

/* Do the reminders differ, and nothing else? They are each reader's own and no change of the event.
 */
static bool
write_only_reminders(struct arena *a, const json *content, const json *old)
{
	json *x = json_stored(a, json_text(a, content)), *y = json_stored(a, json_text(a, old));

	json_unset(x, "reminders");
	json_unset(y, "reminders");
	return strcmp(json_text(a, x), json_text(a, y)) == 0;
}

static void
write_store(struct call *c, struct event *e, json *content)
{
	const json *old = e->content;
	const int64_t updated = e->updated;
	const char *status = json_str(content, "status");
	bool quiet = old && write_only_reminders(c->a, content, old);

	e->content = world_copy(c->f, c->a, content);
	e->gone = status && strcmp(status, "cancelled") == 0;
	if (e->gone && !e->series)
		event_remove(c->f, e);
	else
		event_touch(c->f, e);
	if (quiet)
		e->updated = updated;
	if (!e->series)
		series_prune(c->f, c->a, e);
	guests_follow(c, e, old);
}

/*
 * New ones.
 */
static void
write_make(struct call *c, struct calendar *cal, const char *id, json *content)
{
	struct event *e = event_by(cal, id);

	/* One that was deleted keeps its id; writing to it brings it back. */
	if (e) {
		write_refuse(c, 409, "duplicate", "The requested identifier already exists.");
		return;
	}
	e = event_add(c->f, cal, id);
	e->uid = json_str(c->body, "iCalUID") ? kept(c, c->body, "iCalUID", NULL)
					      : arena_printf(c->f->a, "%s@google.com", id);
	e->creator = c->who->email;
	e->organizer = cal->id;
	if (json_str(json_at(c->body, "organizer"), "email") &&
	    strcmp(c->route->name, "calendar.events.import") == 0)
		e->organizer = kept(c, json_at(c->body, "organizer"), "email", NULL);
	json_set_i64(content, "sequence", json_num(content, "sequence", 0));
	write_store(c, e, content);
	write_reply(c, e);
}

void
events_insert(struct call *c)
{
	struct calendar *cal = calendar_of_call(c, c->part[0], ROLE_WRITER);
	const char *id = json_str(c->body, "id");
	json *content;

	if (!cal || (id && !event_check_id(c, id)))
		return;
	if (id && json_str(c->body, "iCalUID")) {
		write_refuse(c, 400, "invalid", "Only one of id and iCalUID can be given.");
		return;
	}
	content = write_body(c);
	write_keep_unknown(c, content, NULL);
	event_trim(c->a, content);
	if (event_check(c, cal, content))
		write_make(c, cal, id ? id : event_new_id(c->f), content);
}

void
events_import(struct call *c)
{
	struct calendar *cal = calendar_of_call(c, c->part[0], ROLE_WRITER);
	const char *uid = json_str(c->body, "iCalUID");
	struct event *e = cal ? cal->first : NULL;
	json *content;

	if (!cal)
		return;
	if (!uid) {
		write_refuse(c, 400, "required", "Missing iCalUID.");
		return;
	}
	content = write_body(c);
	json_set_str(content, "eventType", "default");
	write_keep_unknown(c, content, NULL);
	event_trim(c->a, content);
	if (!event_check(c, cal, content))
		return;
	while (e && (e->gone || e->series || strcmp(e->uid, uid) != 0))
		e = e->next;
	if (!e) {
		write_make(c, cal, event_new_id(c->f), content);
		return;
	}
	write_sequence(c->a, content, e->content);
	write_store(c, e, content);
	write_reply(c, e);
}

/*
 * Changes.
 */
/* The event of the call, which the caller may write to; refused otherwise. */
static struct event *
write_event(struct call *c)
{
	struct calendar *cal = calendar_of_call(c, c->part[0], ROLE_WRITER);
	struct event *e = cal ? event_find(c, cal, c->part[1]) : NULL;

	if (cal && !e)
		write_refuse(c, 404, "notFound", "Not Found");
	return e && write_precondition(c, e) ? e : NULL;
}

static bool
write_type_stays(struct call *c, const struct event *e, const json *content)
{
	const char *old = json_str(e->content, "eventType"), *new = json_str(content, "eventType");
	const char *usual = old ? old : "default";
	const int64_t sent = json_num(c->body, "sequence", INT64_MAX);

	if (new &&strcmp(usual, new) != 0) {
		write_refuse(c, 400, "eventTypeRestriction", "Event type cannot be changed.");
		return false;
	}
	if (sent < json_num(e->content, "sequence", 0)) {
		write_refuse(c, 400, "invalid", "Invalid sequence value.");
		return false;
	}
	return true;
}

/* What events of other kinds let be changed. */
static bool
write_type_allows(struct call *c, const struct event *e)
{
	static const struct {
		const char *type, *members;
	} rows[] = {
		{ "birthday", "colorId summary reminders" },
		{ "fromGmail",
		    "colorId reminders visibility transparency status attendees "
		    "extendedProperties" },
	};
	const char *type = json_str(e->content, "eventType");
	struct json_iter it = { 0 };

	for (size_t i = 0; type && i < sizeof rows / sizeof *rows; i++)
		while (strcmp(type, rows[i].type) == 0 && json_each(c->body, &it))
			if (!str_has_word(str_c(rows[i].members), ' ', str_c(it.key))) {
				write_refuse(c, 400, "eventTypeRestriction",
				    arena_printf(c->a,
					"Events of the type %s do not let %s be changed.", type,
					it.key));
				return false;
			}
	return true;
}

static bool
write_unlocked(struct call *c, const struct event *e)
{
	static const char *const names[] = {
		"summary",
		"description",
		"location",
		"start",
		"end",
		"recurrence",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (json_flag(e->content, "locked", false) && json_has(c->body, names[i])) {
			write_refuse(c, 403, "forbidden", "The event is locked.");
			return false;
		}
	return true;
}

/* The members in which the two differ. */
static json *
write_difference(struct arena *a, const json *content, const json *old)
{
	json *out = json_new(a);
	struct json_iter it = { 0 }, gone = { 0 };

	while (json_each(content, &it)) {
		const json *was = json_at(old, it.key);

		if (!was || strcmp(json_text(a, was), json_text(a, it.value)) != 0)
			json_set(out, it.key, it.value);
	}
	while (json_each(old, &gone))
		if (!json_has(content, gone.key))
			json_set_null(out, gone.key);
	return out;
}

static void
write_change(struct call *c, struct event *e, json *content, const json *sent)
{
	write_keep_unknown(c, content, e->content);
	event_trim(c->a, content);
	if (!json_str(content, "eventType") && json_str(e->content, "eventType"))
		json_set(content, "eventType", json_at(e->content, "eventType"));
	if (json_has(e->content, "locked"))
		json_set(content, "locked", json_at(e->content, "locked"));
	if (e->series)
		json_set(content, "originalStartTime", json_at(e->content, "originalStartTime"));
	if (!write_type_stays(c, e, content) || !write_type_allows(c, e) || !write_unlocked(c, e) ||
	    !guests_may(c, e, sent))
		return;
	if (!json_str(content, "status") || strcmp(json_str(content, "status"), "cancelled") != 0)
		if (!event_check(c, e->calendar, content))
			return;
	write_sequence(c->a, content, e->content);
	e = event_settle(c->f, c->a, e);
	write_store(c, e, content);
	write_reply(c, e);
}

void
events_update(struct call *c)
{
	struct event *e = write_event(c);
	json *content;

	if (!e)
		return;
	content = write_body(c);
	write_change(c, e, content, write_difference(c->a, content, e->content));
}

void
events_patch(struct call *c)
{
	struct event *e = write_event(c);
	json *content, *patch;

	if (!e)
		return;
	patch = json_stored(c->a, json_text(c->a, c->body));
	for (size_t i = 0; i < sizeof write_theirs / sizeof *write_theirs; i++)
		json_unset(patch, write_theirs[i]);
	content = write_merged(c->a, e->content, patch);
	/* A patch of one that is gone brings it back when it says so. */
	if (e->gone && !json_has(patch, "status"))
		json_set_str(content, "status", "cancelled");
	write_change(c, e, content, patch);
}

void
events_delete(struct call *c)
{
	struct event *e = write_event(c);

	if (!e)
		return;
	if (e->gone) {
		write_refuse(c, 410, "deleted", "Resource has been deleted");
		return;
	}
	e = event_settle(c->f, c->a, e);
	guests_cancel(c, e);
	if (e->series) {
		e->gone = true;
		json_set_str(e->content, "status", "cancelled");
		event_touch(c->f, e);
	} else {
		event_remove(c->f, e);
	}
	c->rep->status = 204;
}

void
events_move(struct call *c)
{
	struct event *e = write_event(c), *moved;
	struct calendar *to;

	if (!e)
		return;
	to = calendar_of_call(c, query_of(c, "destination"), ROLE_WRITER);
	if (!to)
		return;
	if (e->series || e->gone || !event_is_organizer(e, e->calendar) ||
	    (json_str(e->content, "eventType") &&
		strcmp(json_str(e->content, "eventType"), "default") != 0)) {
		write_refuse(
		    c, 400, "cannotChangeOrganizer", "Cannot change the organizer of an instance.");
		return;
	}
	if (event_by(to, e->id)) {
		write_refuse(c, 409, "duplicate", "The requested identifier already exists.");
		return;
	}
	moved = event_add(c->f, to, e->id);
	moved->uid = e->uid;
	moved->creator = e->creator;
	moved->organizer = to->id;
	moved->created = e->created;
	moved->content = e->content;
	event_touch(c->f, moved);
	event_remove(c->f, e);
	write_reply(c, moved);
}
