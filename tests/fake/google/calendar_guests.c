/*
 * calendar_guests.c - who is invited: the copies in their calendars, the mails they would have got,
 * and what they may change.
 *
 * A guest who lives in this world has the event in his own calendar, under the same id. What all
 * see follows the organizer; the rest is the guest's own.
 */
#include "fake/google/calendar.h"

/* What belongs to each copy. */
static const char *const guests_own[] = {
	"colorId",
	"reminders",
	"transparency",
	"visibility",
};

static bool
guests_is_own(const char *name)
{
	for (size_t i = 0; i < sizeof guests_own / sizeof *guests_own; i++)
		if (strcmp(name, guests_own[i]) == 0)
			return true;
	return false;
}

bool
event_is_organizer(const struct event *e, const struct calendar *cal)
{
	return strcmp(e->organizer, cal->id) == 0;
}

static void
guests_mail(struct call *c, const struct event *e, const char *to, const char *kind)
{
	struct mail *m, **end = &calendars_of(c->f)->mails;
	const char *send = query_of(c, "sendUpdates");

	if (!send || strcmp(send, "none") == 0 ||
	    (strcmp(send, "externalOnly") == 0 && account_by(c->f, to)) ||
	    strcmp(to, e->calendar->id) == 0)
		return;
	m = arena_alloc(c->f->a, sizeof *m);
	*m = (struct mail){
		.event = e->id,
		.to = arena_dup(c->f->a, to),
		.kind = kind,
	};
	while (*end)
		end = &(*end)->next;
	*end = m;
}

static const json *
guests_find(const json *content, const char *email)
{
	const json *list = json_at(content, "attendees");

	for (size_t i = 0; i < json_len(list); i++) {
		const char *one = json_str(json_nth(list, i), "email");

		if (one && strcmp(one, email) == 0)
			return json_nth(list, i);
	}
	return NULL;
}

/* What all see, with what is the copy's own. */
static json *
guests_merged(struct call *c, const struct event *from, const struct event *copy)
{
	json *out = json_stored(c->a, json_text(c->a, from->content));
	const json *own = copy->content;
	json *both = json_at(out, "extendedProperties");
	const json *mine = json_at(json_at(own, "extendedProperties"), "private");

	for (size_t i = 0; i < sizeof guests_own / sizeof *guests_own; i++) {
		json_unset(out, guests_own[i]);
		if (json_has(own, guests_own[i]))
			json_set(out, guests_own[i], json_at(own, guests_own[i]));
	}
	if (both)
		json_unset(both, "private");
	if (mine) {
		if (!both)
			json_set(out, "extendedProperties", both = json_new(c->a));
		json_set(both, "private", (json *)mine);
	}
	return out;
}

static void
guests_copy(struct call *c, struct event *e, struct account *who)
{
	struct calendar *cal = calendar_primary(c->f, who);
	struct event *copy = event_by(cal, e->id);

	if (cal == e->calendar)
		return;
	if (!copy) {
		copy = event_add(c->f, cal, e->id);
		copy->content = json_new(c->f->a);
		copy->uid = e->uid;
		copy->creator = e->creator;
		copy->organizer = e->organizer;
		copy->slot = e->slot;
		copy->series = e->series ? event_by(cal, e->series->id) : NULL;
	}
	copy->gone = e->gone;
	copy->content = world_copy(c->f, c->a, guests_merged(c, e, copy));
	event_touch(c->f, copy);
	if (!copy->series)
		series_prune(c->f, c->a, copy);
}

/* The organizer's list has the answer, too, and the others'. */
static void
guests_answer(struct call *c, struct event *e)
{
	struct account *who = account_by(c->f, e->organizer);
	struct calendar *cal = who ? calendar_primary(c->f, who) : NULL;
	struct event *first = cal ? event_by(cal, e->id) : NULL;
	const json *mine = guests_find(e->content, e->calendar->id);
	json *theirs;

	if (!first || first == e || first->gone || !mine)
		return;
	theirs = (json *)guests_find(first->content, e->calendar->id);
	if (!theirs || !json_str(mine, "responseStatus"))
		return;
	json_set_str(
	    theirs, "responseStatus", arena_dup(c->f->a, json_str(mine, "responseStatus")));
	event_touch(c->f, first);
}

void
guests_follow(struct call *c, struct event *e, const json *old)
{
	const json *list = json_at(e->content, "attendees");

	if (!event_is_organizer(e, e->calendar)) {
		guests_answer(c, e);
		return;
	}
	for (size_t i = 0; i < json_len(list); i++) {
		const char *email = json_str(json_nth(list, i), "email");
		struct account *who = account_by(c->f, email);

		if (!email)
			continue;
		guests_mail(c, e, email, old && guests_find(old, email) ? "update" : "invitation");
		if (who)
			guests_copy(c, e, who);
	}
	list = json_at(old, "attendees");
	for (size_t i = 0; i < json_len(list); i++) {
		const char *email = json_str(json_nth(list, i), "email");
		struct account *who = account_by(c->f, email);
		struct event *copy = NULL;

		if (!email || guests_find(e->content, email))
			continue;
		guests_mail(c, e, email, "cancellation");
		if (who && who != e->calendar->owner)
			copy = event_by(calendar_primary(c->f, who), e->id);
		if (copy && !copy->gone)
			event_remove(c->f, copy);
	}
}

/* One occurrence. */
static void
guests_leave_out(struct call *c, struct event *e, struct account *who)
{
	struct event *copy;

	guests_copy(c, e, who);
	copy = event_by(calendar_primary(c->f, who), e->id);
	copy->gone = true;
	json_set_str(copy->content, "status", "cancelled");
}

void
guests_cancel(struct call *c, struct event *e)
{
	const json *list = json_at(e->content, "attendees");

	if (!event_is_organizer(e, e->calendar)) {
		json *mine = (json *)guests_find(e->content, e->calendar->id);

		if (mine)
			json_set_str(mine, "responseStatus", "declined");
		guests_answer(c, e);
		return;
	}
	for (size_t i = 0; i < json_len(list); i++) {
		const char *email = json_str(json_nth(list, i), "email");
		struct account *who = account_by(c->f, email);
		struct event *copy = who ? event_by(calendar_primary(c->f, who), e->id) : NULL;

		if (!email)
			continue;
		guests_mail(c, e, email, "cancellation");
		if (e->series && who && who != e->calendar->owner)
			guests_leave_out(c, e, who);
		else if (copy && copy != e && !copy->gone)
			event_remove(c->f, copy);
	}
}

bool
guests_may(struct call *c, const struct event *e, const json *changed)
{
	struct json_iter it = { 0 };

	if (event_is_organizer(e, e->calendar))
		return true;
	while (json_each(changed, &it)) {
		if (guests_is_own(it.key) || strcmp(it.key, "extendedProperties") == 0 ||
		    strcmp(it.key, "attendees") == 0 || strcmp(it.key, "status") == 0)
			continue;
		if (json_flag(e->content, "guestsCanModify", false) &&
		    strncmp(it.key, "guestsCan", 9) != 0)
			continue;
		refuse(c,
		    &(struct refusal){
			.status = 403,
			.domain = "calendar",
			.reason = "forbiddenForNonOrganizer",
			.message = "Shared properties can only be changed by the organizer of the "
				   "event.",
		    });
		return false;
	}
	return true;
}
