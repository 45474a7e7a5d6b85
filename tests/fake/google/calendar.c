/*
 * calendar.c - Calendar v3: the row of the service and its tables.
 */
#include "fake/google/calendar.h"

#include "fake/google/channel.h"

/*
 * What calls may hold.
 */
#define INT_FROM_ONE .type = P_INT, .min = 1, .max = INT32_MAX
#define SEND \
	{ \
		.name = "sendUpdates", .type = P_ENUM, .choices = "all|externalOnly|none" \
	}

static const struct fake_param get_query[] = {
	{ .name = "maxAttendees", INT_FROM_ONE },
	{ .name = "timeZone" },
	{ .name = NULL },
};
static const struct fake_param instances_query[] = {
	{ .name = "maxResults", INT_FROM_ONE },
	{ .name = "originalStart" },
	{ .name = "pageToken" },
	{ .name = "showDeleted", .type = P_BOOL },
	{ .name = "timeMax" },
	{ .name = "timeMin" },
	{ .sub = get_query },
};
static const struct fake_param list_query[] = {
	{
	    .name = "eventTypes",
	    .type = P_ENUM,
	    .flags = P_REPEATED,
	    .choices = "birthday|default|focusTime|fromGmail|outOfOffice|workingLocation",
	},
	{ .name = "iCalUID" },
	{ .name = "maxResults", INT_FROM_ONE },
	{ .name = "orderBy", .type = P_ENUM, .choices = "startTime|updated" },
	{ .name = "pageToken" },
	{ .name = "privateExtendedProperty", .flags = P_REPEATED },
	{ .name = "q" },
	{ .name = "sharedExtendedProperty", .flags = P_REPEATED },
	{ .name = "showDeleted", .type = P_BOOL },
	{ .name = "showHiddenInvitations", .type = P_BOOL },
	{ .name = "singleEvents", .type = P_BOOL },
	{ .name = "syncToken" },
	{ .name = "timeMax" },
	{ .name = "timeMin" },
	{ .name = "updatedMin" },
	{ .sub = get_query },
};
static const struct fake_param import_query[] = {
	{ .name = "conferenceDataVersion", .type = P_INT, .max = 1 },
	{ .name = "eventLabelVersion", .type = P_INT, .max = 1 },
	{ .name = "supportsAttachments", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param send_query[] = {
	SEND,
	{ .name = "sendNotifications", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param write_query[] = {
	{ .name = "maxAttendees", INT_FROM_ONE },
	SEND,
	{ .name = "sendNotifications", .type = P_BOOL },
	{ .sub = import_query },
};
static const struct fake_param move_query[] = {
	{ .name = "destination", .flags = P_REQUIRED },
	{ .sub = send_query },
};
static const struct fake_param lists_query[] = {
	{ .name = "maxResults", INT_FROM_ONE },
	{
	    .name = "minAccessRole",
	    .type = P_ENUM,
	    .choices = "freeBusyReader|owner|reader|writer|writerWithoutPrivateAccess",
	},
	{ .name = "pageToken" },
	{ .name = "showDeleted", .type = P_BOOL },
	{ .name = "showHidden", .type = P_BOOL },
	{ .name = "showOwnOrganizationOnly", .type = P_BOOL },
	{ .name = "syncToken" },
	{ .name = NULL },
};

/*
 * Scopes, quota, calls.
 */
#define AUTH "https://www.googleapis.com/auth/"

static const struct fake_scope calendar_scopes[] = {
	{ .url = AUTH "calendar", .words = "See, edit, share and delete all your calendars" },
	{ .url = AUTH "calendar.readonly", .words = "See and download all your calendars" },
	{
	    .url = AUTH "calendar.calendarlist",
	    .words = "See, add and remove the calendars in your list",
	},
	{ .url = AUTH "calendar.calendarlist.readonly", .words = "See the list of your calendars" },
	{
	    .url = AUTH "calendar.calendars",
	    .words = "See and change the properties of your calendars, and make new ones",
	},
	{ .url = AUTH "calendar.events", .words = "See and edit the events of all your calendars" },
	{
	    .url = AUTH "calendar.events.readonly",
	    .words = "See the events of all your calendars",
	},
	{ .url = AUTH "calendar.settings.readonly", .words = "See your calendar settings" },
	{ .url = NULL },
};

static const struct fake_quota calendar_quotas[] = {
	{ .name = "calendar", .metric = "Read", .per_user = 600, .per_project = 10000 },
	{ .name = NULL },
};

#define EVENT_FIELDS \
	"anyoneCanAddSelf,attachments,attendees,attendeesOmitted,birthdayProperties,colorId," \
	"conferenceData,created,creator,description,end,endTimeUnspecified,etag,eventLabelId," \
	"eventType,extendedProperties,focusTimeProperties,gadget,guestsCanInviteOthers," \
	"guestsCanModify,guestsCanSeeOtherGuests,hangoutLink,htmlLink,iCalUID,id,kind,location," \
	"locked,organizer,originalStartTime,outOfOfficeProperties,privateCopy,recurrence," \
	"recurringEventId,reminders,sequence,source,start,status,summary,transparency,updated," \
	"visibility,workingLocationProperties"
#define EVENTS_FIELDS \
	"kind,etag,summary,description,updated,timeZone,accessRole,defaultReminders," \
	"nextPageToken,nextSyncToken,items(" EVENT_FIELDS ")"
#define LIST_FIELDS \
	"accessRole,autoAcceptInvitations,backgroundColor,colorId,conferenceProperties," \
	"dataOwner,defaultReminders,deleted,description,etag,foregroundColor,hidden,id,kind," \
	"location,notificationSettings,primary,selected,summary,summaryOverride,timeZone"
#define READ "calendar calendar.readonly calendar.events calendar.events.readonly"
#define WRITE "calendar calendar.events"
#define LIST "calendar calendar.readonly calendar.calendarlist calendar.calendarlist.readonly"
#define CALS "/calendar/v3/calendars"
#define ME "/calendar/v3/users/me"

static const struct fake_route calendar_routes[] = {
	{
	    .method = "GET",
	    .path = CALS "/{id}/events",
	    .name = "calendar.events.list",
	    .style = STYLE_LEGACY,
	    .scopes = READ,
	    .quota = calendar_quotas,
	    .query = list_query,
	    .reply = EVENTS_FIELDS,
	    .handle = events_list,
	},
	{
	    .method = "POST",
	    .path = CALS "/{id}/events",
	    .name = "calendar.events.insert",
	    .style = STYLE_LEGACY,
	    .scopes = WRITE,
	    .quota = calendar_quotas,
	    .query = write_query,
	    .body = event_body,
	    .reply = EVENT_FIELDS,
	    .handle = events_insert,
	},
	{
	    .method = "POST",
	    .path = CALS "/{id}/events/import",
	    .name = "calendar.events.import",
	    .style = STYLE_LEGACY,
	    .scopes = WRITE,
	    .quota = calendar_quotas,
	    .query = import_query,
	    .body = event_body,
	    .reply = EVENT_FIELDS,
	    .handle = events_import,
	},
	{
	    .method = "POST",
	    .path = CALS "/{id}/events/watch",
	    .name = "calendar.events.watch",
	    .style = STYLE_LEGACY,
	    .scopes = READ,
	    .quota = calendar_quotas,
	    .query = list_query,
	    .body = channel_body,
	    .handle = events_watch,
	},
	{
	    .method = "GET",
	    .path = CALS "/{id}/events/{event}",
	    .name = "calendar.events.get",
	    .style = STYLE_LEGACY,
	    .scopes = READ,
	    .quota = calendar_quotas,
	    .query = get_query,
	    .reply = EVENT_FIELDS,
	    .handle = events_get,
	},
	{
	    .method = "PUT",
	    .path = CALS "/{id}/events/{event}",
	    .name = "calendar.events.update",
	    .style = STYLE_LEGACY,
	    .scopes = WRITE,
	    .quota = calendar_quotas,
	    .query = write_query,
	    .body = event_body,
	    .reply = EVENT_FIELDS,
	    .handle = events_update,
	},
	{
	    .method = "PATCH",
	    .path = CALS "/{id}/events/{event}",
	    .name = "calendar.events.patch",
	    .style = STYLE_LEGACY,
	    .scopes = WRITE,
	    .quota = calendar_quotas,
	    .cost = 3,
	    .query = write_query,
	    .body = event_body,
	    .reply = EVENT_FIELDS,
	    .handle = events_patch,
	},
	{
	    .method = "DELETE",
	    .path = CALS "/{id}/events/{event}",
	    .name = "calendar.events.delete",
	    .style = STYLE_LEGACY,
	    .scopes = WRITE,
	    .quota = calendar_quotas,
	    .query = send_query,
	    .handle = events_delete,
	},
	{
	    .method = "POST",
	    .path = CALS "/{id}/events/{event}/move",
	    .name = "calendar.events.move",
	    .style = STYLE_LEGACY,
	    .scopes = WRITE,
	    .quota = calendar_quotas,
	    .query = move_query,
	    .reply = EVENT_FIELDS,
	    .handle = events_move,
	},
	{
	    .method = "GET",
	    .path = CALS "/{id}/events/{event}/instances",
	    .name = "calendar.events.instances",
	    .style = STYLE_LEGACY,
	    .scopes = READ,
	    .quota = calendar_quotas,
	    .query = instances_query,
	    .reply = EVENTS_FIELDS,
	    .handle = events_instances,
	},
	{
	    .method = "GET",
	    .path = ME "/calendarList",
	    .name = "calendar.calendarList.list",
	    .style = STYLE_LEGACY,
	    .scopes = LIST,
	    .quota = calendar_quotas,
	    .query = lists_query,
	    .reply = "kind,etag,nextPageToken,nextSyncToken,items(" LIST_FIELDS ")",
	    .handle = calendar_entries,
	},
	{
	    .method = "POST",
	    .path = ME "/calendarList/watch",
	    .name = "calendar.calendarList.watch",
	    .style = STYLE_LEGACY,
	    .scopes = LIST,
	    .quota = calendar_quotas,
	    .query = lists_query,
	    .body = channel_body,
	    .handle = calendar_list_watch,
	},
	{
	    .method = "GET",
	    .path = ME "/calendarList/{id}",
	    .name = "calendar.calendarList.get",
	    .style = STYLE_LEGACY,
	    .scopes = LIST,
	    .quota = calendar_quotas,
	    .query = fake_nothing,
	    .reply = LIST_FIELDS,
	    .handle = calendar_list_get,
	},
	{
	    .method = "GET",
	    .path = ME "/settings/{setting}",
	    .name = "calendar.settings.get",
	    .style = STYLE_LEGACY,
	    .scopes = "calendar calendar.readonly calendar.settings.readonly",
	    .quota = calendar_quotas,
	    .query = fake_nothing,
	    .handle = calendar_setting,
	},
	{
	    .method = "GET",
	    .path = CALS "/{id}",
	    .name = "calendar.calendars.get",
	    .style = STYLE_LEGACY,
	    .scopes = "calendar calendar.readonly calendar.calendars",
	    .quota = calendar_quotas,
	    .query = fake_nothing,
	    .handle = calendar_entry,
	},
	{
	    .method = "POST",
	    .path = CALS,
	    .name = "calendar.calendars.insert",
	    .style = STYLE_LEGACY,
	    .scopes = "calendar calendar.calendars",
	    .quota = calendar_quotas,
	    .query = fake_nothing,
	    .body = calendar_body,
	    .handle = calendar_insert,
	},
	{
	    .method = "POST",
	    .path = "/calendar/v3/channels/stop",
	    .name = "calendar.channels.stop",
	    .style = STYLE_LEGACY,
	    .scopes = READ " calendar.calendarlist calendar.calendarlist.readonly",
	    .quota = calendar_quotas,
	    .query = fake_nothing,
	    .body = channel_body,
	    .handle = channel_stop,
	},
	{ .path = NULL },
};

/*
 * For tests.
 */
static void
calendar_init(struct fake *f)
{
	calendars_of(f)->began = fake_now(f);
}

static void
calendar_report(struct call *c, json *top)
{
	json *mails = json_list(c->a), *list = json_list(c->a);

	for (const struct mail *m = calendars_of(c->f)->mails; m; m = m->next) {
		json *j = json_new(c->a);

		json_set_str(j, "event", m->event);
		json_set_str(j, "to", m->to);
		json_set_str(j, "kind", m->kind);
		json_add(mails, j);
	}
	for (const struct calendar *cal = calendars_of(c->f)->list; cal; cal = cal->next) {
		json *j = json_new(c->a);
		int64_t events = 0;

		for (const struct event *e = cal->first; e; e = e->next)
			events += !e->gone && !e->purged;
		json_set_str(j, "id", cal->id);
		json_set_str(j, "owner", cal->owner->email);
		json_set_str(j, "summary", cal->summary);
		json_set_i64(j, "events", events);
		json_add(list, j);
	}
	json_set(top, "mails", mails);
	json_set(top, "calendars", list);
}

const struct fake_service calendar_service = {
	.name = "calendar",
	.bases = "api",
	.manners = &google_manners,
	.routes = calendar_routes,
	.scopes = calendar_scopes,
	.quotas = calendar_quotas,
	.commands = calendar_commands,
	.part = sizeof(struct calendars),
	.init = calendar_init,
	.save = calendar_save,
	.load = calendar_load,
	.report = calendar_report,
};
