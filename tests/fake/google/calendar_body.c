/*
 * calendar_body.c - the members of an event and of a calendar, as the reference has them
 * (discovery document calendar:v3, revision 20260708).
 */
#include "fake/google/calendar.h"

static const struct fake_param body_event_attachment[] = {
	{ .name = "fileId" },
	{ .name = "fileUrl" },
	{ .name = "iconLink" },
	{ .name = "mimeType" },
	{ .name = "title" },
	{ .name = NULL },
};
static const struct fake_param body_event_attendee[] = {
	{ .name = "additionalGuests", .type = P_INT, .min = INT32_MIN, .max = INT32_MAX },
	{ .name = "asyncOperation" },
	{ .name = "comment" },
	{ .name = "displayName" },
	{ .name = "email" },
	{ .name = "id" },
	{ .name = "optional", .type = P_BOOL },
	{ .name = "organizer", .type = P_BOOL },
	{ .name = "resource", .type = P_BOOL },
	{ .name = "responseStatus",
	    .type = P_ENUM,
	    .choices = "needsAction|declined|tentative|accepted" },
	{ .name = "self", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param body_event_birthday_properties[] = {
	{ .name = "contact" },
	{ .name = "customTypeName" },
	{ .name = "type" },
	{ .name = NULL },
};
static const struct fake_param body_conference_solution_key[] = {
	{ .name = "type" },
	{ .name = NULL },
};
static const struct fake_param body_conference_solution[] = {
	{ .name = "iconUri" },
	{ .name = "key", .type = P_OBJECT, .sub = body_conference_solution_key },
	{ .name = "name" },
	{ .name = NULL },
};
static const struct fake_param body_conference_request_status[] = {
	{ .name = "statusCode" },
	{ .name = NULL },
};
static const struct fake_param body_create_conference_request[] = {
	{ .name = "conferenceSolutionKey", .type = P_OBJECT, .sub = body_conference_solution_key },
	{ .name = "requestId" },
	{ .name = "status", .type = P_OBJECT, .sub = body_conference_request_status },
	{ .name = NULL },
};
static const struct fake_param body_entry_point[] = {
	{ .name = "accessCode" },
	{ .name = "entryPointFeatures", .type = P_LIST },
	{ .name = "entryPointType" },
	{ .name = "label" },
	{ .name = "meetingCode" },
	{ .name = "passcode" },
	{ .name = "password" },
	{ .name = "pin" },
	{ .name = "regionCode" },
	{ .name = "uri" },
	{ .name = NULL },
};
static const struct fake_param body_conference_parameters_add_on_parameters[] = {
	{ .name = "parameters", .type = P_OBJECT },
	{ .name = NULL },
};
static const struct fake_param body_conference_parameters[] = {
	{ .name = "addOnParameters",
	    .type = P_OBJECT,
	    .sub = body_conference_parameters_add_on_parameters },
	{ .name = NULL },
};
static const struct fake_param body_conference_data[] = {
	{ .name = "conferenceId" },
	{ .name = "conferenceSolution", .type = P_OBJECT, .sub = body_conference_solution },
	{ .name = "createRequest", .type = P_OBJECT, .sub = body_create_conference_request },
	{ .name = "entryPoints", .type = P_LIST, .sub = body_entry_point },
	{ .name = "notes" },
	{ .name = "parameters", .type = P_OBJECT, .sub = body_conference_parameters },
	{ .name = "signature" },
	{ .name = NULL },
};
static const struct fake_param body_event_creator[] = {
	{ .name = "displayName" },
	{ .name = "email" },
	{ .name = "id" },
	{ .name = "self", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param body_event_date_time[] = {
	{ .name = "date" },
	{ .name = "dateTime" },
	{ .name = "timeZone" },
	{ .name = NULL },
};
static const struct fake_param body_event_extendedproperties[] = {
	{ .name = "private", .type = P_OBJECT },
	{ .name = "shared", .type = P_OBJECT },
	{ .name = NULL },
};
static const struct fake_param body_event_focus_time_properties[] = {
	{ .name = "autoDeclineMode" },
	{ .name = "chatStatus" },
	{ .name = "declineMessage" },
	{ .name = NULL },
};
static const struct fake_param body_event_gadget[] = {
	{ .name = "display" },
	{ .name = "height", .type = P_INT, .min = INT32_MIN, .max = INT32_MAX },
	{ .name = "iconLink" },
	{ .name = "link" },
	{ .name = "preferences", .type = P_OBJECT },
	{ .name = "title" },
	{ .name = "type" },
	{ .name = "width", .type = P_INT, .min = INT32_MIN, .max = INT32_MAX },
	{ .name = NULL },
};
static const struct fake_param body_event_organizer[] = {
	{ .name = "displayName" },
	{ .name = "email" },
	{ .name = "id" },
	{ .name = "self", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param body_event_out_of_office_properties[] = {
	{ .name = "autoDeclineMode" },
	{ .name = "declineMessage" },
	{ .name = NULL },
};
static const struct fake_param body_event_reminder[] = {
	{ .name = "method", .type = P_ENUM, .choices = "email|popup" },
	{ .name = "minutes", .type = P_INT, .min = INT32_MIN, .max = INT32_MAX },
	{ .name = NULL },
};
static const struct fake_param body_event_reminders[] = {
	{ .name = "overrides", .type = P_LIST, .sub = body_event_reminder },
	{ .name = "useDefault", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param body_event_source[] = {
	{ .name = "title" },
	{ .name = "url" },
	{ .name = NULL },
};
static const struct fake_param body_event_working_location_properties_customlocation[] = {
	{ .name = "label" },
	{ .name = NULL },
};
static const struct fake_param body_event_working_location_properties_officelocation[] = {
	{ .name = "buildingId" },
	{ .name = "deskId" },
	{ .name = "floorId" },
	{ .name = "floorSectionId" },
	{ .name = "label" },
	{ .name = NULL },
};
static const struct fake_param body_event_working_location_properties[] = {
	{ .name = "customLocation",
	    .type = P_OBJECT,
	    .sub = body_event_working_location_properties_customlocation },
	{ .name = "homeOffice", .type = P_ANY },
	{ .name = "officeLocation",
	    .type = P_OBJECT,
	    .sub = body_event_working_location_properties_officelocation },
	{ .name = "type" },
	{ .name = NULL },
};
const struct fake_param event_body[] = {
	{ .name = "anyoneCanAddSelf", .type = P_BOOL },
	{ .name = "attachments", .type = P_LIST, .sub = body_event_attachment },
	{ .name = "attendees", .type = P_LIST, .sub = body_event_attendee },
	{ .name = "attendeesOmitted", .type = P_BOOL },
	{ .name = "birthdayProperties", .type = P_OBJECT, .sub = body_event_birthday_properties },
	{ .name = "colorId" },
	{ .name = "conferenceData", .type = P_OBJECT, .sub = body_conference_data },
	{ .name = "created" },
	{ .name = "creator", .type = P_OBJECT, .sub = body_event_creator },
	{ .name = "description" },
	{ .name = "end", .type = P_OBJECT, .sub = body_event_date_time },
	{ .name = "endTimeUnspecified", .type = P_BOOL },
	{ .name = "etag" },
	{ .name = "eventLabelId" },
	{ .name = "eventType",
	    .type = P_ENUM,
	    .choices = "birthday|default|focusTime|fromGmail|outOfOffice|workingLocation" },
	{ .name = "extendedProperties", .type = P_OBJECT, .sub = body_event_extendedproperties },
	{ .name = "focusTimeProperties",
	    .type = P_OBJECT,
	    .sub = body_event_focus_time_properties },
	{ .name = "gadget", .type = P_OBJECT, .sub = body_event_gadget },
	{ .name = "guestsCanInviteOthers", .type = P_BOOL },
	{ .name = "guestsCanModify", .type = P_BOOL },
	{ .name = "guestsCanSeeOtherGuests", .type = P_BOOL },
	{ .name = "hangoutLink" },
	{ .name = "htmlLink" },
	{ .name = "iCalUID" },
	{ .name = "id" },
	{ .name = "kind" },
	{ .name = "location" },
	{ .name = "locked", .type = P_BOOL },
	{ .name = "organizer", .type = P_OBJECT, .sub = body_event_organizer },
	{ .name = "originalStartTime", .type = P_OBJECT, .sub = body_event_date_time },
	{ .name = "outOfOfficeProperties",
	    .type = P_OBJECT,
	    .sub = body_event_out_of_office_properties },
	{ .name = "privateCopy", .type = P_BOOL },
	{ .name = "recurrence", .type = P_LIST },
	{ .name = "recurringEventId" },
	{ .name = "reminders", .type = P_OBJECT, .sub = body_event_reminders },
	{ .name = "sequence", .type = P_INT, .min = INT32_MIN, .max = INT32_MAX },
	{ .name = "source", .type = P_OBJECT, .sub = body_event_source },
	{ .name = "start", .type = P_OBJECT, .sub = body_event_date_time },
	{ .name = "status", .type = P_ENUM, .choices = "confirmed|tentative|cancelled" },
	{ .name = "summary" },
	{ .name = "transparency", .type = P_ENUM, .choices = "opaque|transparent" },
	{ .name = "updated" },
	{ .name = "visibility", .type = P_ENUM, .choices = "default|public|private|confidential" },
	{ .name = "workingLocationProperties",
	    .type = P_OBJECT,
	    .sub = body_event_working_location_properties },
	{ .name = NULL },
};
static const struct fake_param body_conference_properties[] = {
	{ .name = "allowedConferenceSolutionTypes", .type = P_LIST },
	{ .name = NULL },
};
static const struct fake_param body_event_label[] = {
	{ .name = "backgroundColor" },
	{ .name = "id" },
	{ .name = "name" },
	{ .name = NULL },
};
static const struct fake_param body_label_properties[] = {
	{ .name = "eventLabels", .type = P_LIST, .sub = body_event_label },
	{ .name = NULL },
};
const struct fake_param calendar_body[] = {
	{ .name = "autoAcceptInvitations", .type = P_BOOL },
	{ .name = "conferenceProperties", .type = P_OBJECT, .sub = body_conference_properties },
	{ .name = "dataOwner" },
	{ .name = "description" },
	{ .name = "etag" },
	{ .name = "id" },
	{ .name = "kind" },
	{ .name = "labelProperties", .type = P_OBJECT, .sub = body_label_properties },
	{ .name = "location" },
	{ .name = "summary" },
	{ .name = "timeZone" },
	{ .name = NULL },
};
