/*
 * gcal_kind.c - google-calendar: one calendar of an account, whose events both sides edit.
 */
#include "base/buf.h"
#include "base/hash.h"
#include "base/pct.h"
#include "kind/google_call.h"
#include "kind/ways.h"

enum { CALENDAR_MAX = 400 };

#define SCOPE_EVENTS "https://www.googleapis.com/auth/calendar.events"
/* Which calendars there are is all that this one tells. */
#define SCOPE_LIST "https://www.googleapis.com/auth/calendar.calendarlist.readonly"

/* What has changed is one call, whatever the size. */
static const struct cost gcal_cost[] = {
	{ QUOTA_CALENDAR, 1, 0 },
	{ 0 },
};

static const struct field gcal_fields[] = {
	{
	    .name = "calendar",
	    .type = FIELD_TEXT,
	    .plans = true,
	    .label = "Calendar",
	    .help = "One of your calendars, or its id or link, as its settings at Google "
		    "show them; left empty, the main calendar of the account.",
	    .placeholder = "primary",
	    .max = CALENDAR_MAX,
	},
#include "kind/ways_fields.def"
	{ .name = NULL },
};

/* An id as a link spells it: as it is, or in base64. NULL: it is none. */
static const char *
spelt_id(struct arena *a, struct str spelt)
{
	struct str plain;
	char *id;

	if (!spelt.n || !url_decode(a, spelt, false, &id))
		return NULL;
	if (strchr(id, '@'))
		return id;
	for (size_t n = strlen(id); n > 0 && id[n - 1] == '='; n--)
		id[n - 1] = '\0';
	if (!base64url_decode(a, str_c(id), &plain) || !memchr(plain.p, '@', plain.n) ||
	    memchr(plain.p, 0, plain.n))
		return NULL;
	return arena_dup_str(a, plain);
}

/*
 * The id in one of the links that Google shows: ".../calendar/u/0?cid=ID", ".../embed?src=ID",
 * ".../ical/ID/public/basic.ics". What is no link is the id. NULL: no calendar is named.
 */
static const char *
calendar_id(struct arena *a, const char *text)
{
	struct str s = str_trim(str_c(text)), path, query, rest;
	const char *id;

	if (!str_istarts(s, "https://") && !str_istarts(s, "http://"))
		return text;
	str_cut(s, ':', &path);
	path = (struct str){ path.p + 2, path.n - 2 };
	path = str_cut(path, '?', &query);
	if (!str_ieq(str_cut(path, '/', &rest), STR("calendar.google.com")))
		return NULL;
	id = spelt_id(a, url_parameter(query, "cid"));
	if (!id)
		id = spelt_id(a, url_parameter(query, "src"));
	while (!id && rest.p)
		if (str_is(str_cut(rest, '/', &rest), "ical"))
			id = spelt_id(a, str_cut(rest, '/', &rest));
	return id;
}

static void
gcal_configure(struct arena *a, json *config, json *errors)
{
	const char *given = json_str(config, "calendar");
	const char *id = given ? calendar_id(a, given) : "primary";

	if (id)
		json_set_str(config, "calendar", id);
	else
		kind_complain(a, errors, "config.calendar",
		    "This link names no calendar of Google. Paste the calendar's id, as its "
		    "settings at Google show it under \"Integrate calendar\". For other addresses "
		    "there is iCalendar.");
	ways_check(a, config, errors);
}

static const char *
gcal_link(struct arena *a, const json *config)
{
	const char *id = json_str(config, "calendar");
	struct buf *b = buf_in(a, 4 * CALENDAR_MAX);

	buf_str(b, "https://calendar.google.com/calendar/r");
	if (id && strcmp(id, "primary")) {
		buf_str(b, "?cid=");
		url_encode(b, id);
	}
	return buf_c(b);
}

static const struct kind_receiver receiver = {
	.name = "google-calendar",
	.also = "/api/calendar/webhooks/google",
	.headers = google_call_headers,
	.receive = google_call_receive,
	.summary = "Google Calendar says that an event has changed",
};

/* What Google has no member for is kept in private properties of the event. */
static bool
gcal_marked(const json *value)
{
	const char *status = json_str(value, "status"), *color = json_str(value, "color");
	int64_t n;

	return json_str(value, "notes") || (status && !strcmp(status, "cancelled")) ||
	    (color && !str_i64(str_c(color), 1, 11, &n));
}

static bool
gcal_read_only(const json *cursor)
{
	const char *role = json_str(cursor, "role");

	return role && !google_role_writes(role);
}

const struct kind kind_gcal = {
	.id = "google-calendar",
	.title = "Google Calendar",
	.blurb = "The events of a calendar, edited here and there, at once when somebody changes "
		 "one.",
	.icon = "M4 6h16v14H4zM4 11h16M8 3v5M16 3v5M9 15.5l2 2 4-4",
	.caps = KIND_PULL | KIND_PUSH | KIND_HOOK | KIND_OWN_KEYS,
	.fields = gcal_fields,
	.account = "google",
	.chosen = "calendar",
	.scopes = GOOGLE_SCOPES_WHO " " SCOPE_EVENTS,
	.more_scopes = SCOPE_LIST,
	.cost = gcal_cost,
	.object = "event",
	.place = "calendar",
	.place_own = "primary",
	.poll_minutes = 15,
	.untold_minutes = 5,
	.words = {
		.things = "calendars",
		.look = "Test",
		.open = "Open Google Calendar",
		.share = "Share each calendar with",
		.share_as = ", with \"Make changes to events\".",
		.without = "Calendars are connected by their ids.",
	},
	.receiver = &receiver,
	.demo = "/fake/calendar",
	.configure = gcal_configure,
	.link = gcal_link,
	.marked = gcal_marked,
	.read_only = gcal_read_only,
};
