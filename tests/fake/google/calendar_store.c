/*
 * calendar_store.c - the calendars there are, who may do what with them, and their events by id.
 */
#include "fake/google/calendar.h"

#include "base/clock.h"
#include "base/rand.h"
#include "fake/google/channel.h"

static const char *const role_words[] = {
	"none",
	"freeBusyReader",
	"reader",
	"writer",
	"owner",
};

struct calendars *
calendars_of(const struct fake *f)
{
	return fake_part(f, &calendar_service);
}

json *
world_copy(struct fake *f, struct arena *a, const json *j)
{
	return json_stored(f->a, json_text(a, j));
}

/*
 * Calendars.
 */
struct calendar *
calendar_add(struct fake *f, struct account *owner, const char *summary)
{
	struct calendar *cal = arena_alloc(f->a, sizeof *cal), **end = &calendars_of(f)->list;

	*cal = (struct calendar){
		.id = arena_printf(f->a, "c_%s@group.calendar.google.com", event_new_id(f)),
		.owner = owner,
		.summary = arena_dup(f->a, summary),
		.zone_name = "UTC",
		.zone = &zone_utc,
		.roles = json_new(f->a),
		.shown = json_new(f->a),
		.bucket = arena_array(f->a, EVENT_BUCKETS, sizeof *cal->bucket),
	};
	cal->end = &cal->first;
	while (*end)
		end = &(*end)->next;
	*end = cal;
	calendar_touch(f, cal);
	return cal;
}

struct calendar *
calendar_primary(struct fake *f, struct account *who)
{
	struct calendar *cal;

	for (cal = calendars_of(f)->list; cal; cal = cal->next)
		if (cal->primary && cal->owner == who)
			return cal;
	cal = calendar_add(f, who, who->email);
	cal->primary = true;
	cal->id = who->email;
	return cal;
}

struct calendar *
calendar_by(struct fake *f, const char *id)
{
	struct calendar *cal;

	for (cal = calendars_of(f)->list; cal; cal = cal->next)
		if (!cal->gone && id && strcmp(cal->id, id) == 0)
			return cal;
	return NULL;
}

const char *
calendar_role_word(enum calendar_role role)
{
	return role_words[role];
}

enum calendar_role
calendar_role_of(const struct calendar *cal, const struct account *who)
{
	const char *word = json_str(cal->roles, who->email);

	if (cal->owner == who)
		return ROLE_OWNER;
	for (int i = ROLE_OWNER; word && i > ROLE_NONE; i--)
		if (strcmp(word, role_words[i]) == 0)
			return (enum calendar_role)i;
	return ROLE_NONE;
}

struct calendar *
calendar_of_call(struct call *c, const char *id, enum calendar_role least)
{
	bool own = strcmp(id, "primary") == 0 || strcmp(id, c->who->email) == 0;
	struct calendar *cal = own ? calendar_primary(c->f, c->who) : calendar_by(c->f, id);
	enum calendar_role role = cal ? calendar_role_of(cal, c->who) : ROLE_NONE;

	if (cal && role >= least)
		return cal;
	if (role == ROLE_NONE)
		refuse(c,
		    &(struct refusal){
			.status = 404,
			.reason = "notFound",
			.message = "Not Found",
		    });
	else
		refuse(c,
		    &(struct refusal){
			.status = 403,
			.domain = "calendar",
			.reason = "requiredAccessLevel",
			.message = arena_printf(c->a,
			    "You need to have %s access to this calendar.",
			    calendar_role_word(least)),
		    });
	return NULL;
}

static void *
calendar_find(struct fake *f, const char *id)
{
	return calendar_by(f, id);
}

static void *
calendar_find_list(struct fake *f, const char *email)
{
	return account_by(f, email);
}

const struct watched calendar_watched = {
	.name = "calendar",
	.find = calendar_find,
	.usual_ms = 7 * DAY_MS,
	.most_ms = 30 * DAY_MS,
};
const struct watched calendars_watched = {
	.name = "calendarList",
	.find = calendar_find_list,
	.usual_ms = 7 * DAY_MS,
	.most_ms = 30 * DAY_MS,
};

static int64_t
calendar_next_version(struct fake *f)
{
	struct calendars *part = calendars_of(f);
	int64_t now = fake_now(f);

	/* Starts from the clock: a world made anew never shows a version that was there before. */
	part->last_version = part->last_version < now ? now : part->last_version + 1;
	return part->last_version;
}

void
calendar_touch(struct fake *f, struct calendar *cal)
{
	cal->version = calendar_next_version(f);
	for (const struct account *who = f->accounts; who; who = who->next)
		if (calendar_role_of(cal, who) > ROLE_NONE)
			channel_tell(f, who, "exists", NULL);
}

/*
 * Events.
 */
static size_t
event_bucket(const char *id)
{
	uint32_t h = 2166136261u;

	for (; *id; id++)
		h = (h ^ (unsigned char)*id) * 16777619u;
	return h % EVENT_BUCKETS;
}

const char *
event_new_id(struct fake *f)
{
	unsigned char raw[13];
	char *id = arena_alloc(f->a, 2 * sizeof raw + 1);

	rand_bytes(raw, sizeof raw);
	for (size_t i = 0; i < sizeof raw; i++) {
		id[2 * i] = "0123456789abcdefghijklmnopqrstuv"[raw[i] & 31];
		id[2 * i + 1] = "0123456789abcdefghijklmnopqrstuv"[raw[i] >> 3];
	}
	return id;
}

struct event *
event_by(const struct calendar *cal, const char *id)
{
	struct event *e;

	for (e = cal->bucket[event_bucket(id)]; e; e = e->chain)
		if (strcmp(e->id, id) == 0)
			return e;
	return NULL;
}

struct event *
event_add(struct fake *f, struct calendar *cal, const char *id)
{
	struct event *e = arena_alloc(f->a, sizeof *e), **bucket;

	*e = (struct event){
		.calendar = cal,
		.serial = ++cal->serial,
		.id = arena_dup(f->a, id),
		.created = fake_now(f),
	};
	bucket = &cal->bucket[event_bucket(id)];
	e->chain = *bucket;
	*bucket = e;
	*cal->end = e;
	cal->end = &e->next;
	return e;
}

void
event_touch(struct fake *f, struct event *e)
{
	e->version = calendar_next_version(f);
	e->updated = fake_now(f);
	channel_tell(f, e->calendar, "exists", NULL);
}

void
event_remove(struct fake *f, struct event *e)
{
	for (struct event *x = e->calendar->first; x; x = x->next)
		if (x->series == e && !x->purged) {
			x->gone = true;
			x->version = calendar_next_version(f);
		}
	e->gone = true;
	event_touch(f, e);
}
