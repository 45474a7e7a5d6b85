/*
 * calendar_check.c - what may be written as an event, and in which words the rest is refused.
 */
#include "fake/google/calendar.h"

#include "base/civil.h"
#include "base/recur.h"

enum {
	REMINDERS_MAX = 5,
	REMINDER_MINUTES_MAX = 40320,
	ATTACHMENTS_MAX = 25,
	PROPERTY_KEY_MAX = 44,
	PROPERTY_VALUE_MAX = 1024,
	PROPERTIES_MAX = 300,
};

static bool
check_refuse(struct call *c, const char *reason, const char *message)
{
	refuse(c, &(struct refusal){ .status = 400, .reason = reason, .message = message });
	return false;
}

bool
event_check_id(struct call *c, const char *id)
{
	size_t n = strlen(id);

	if (n >= EVENT_ID_MIN && n <= EVENT_ID_MAX &&
	    strspn(id, "0123456789abcdefghijklmnopqrstuv") == n)
		return true;
	return check_refuse(c, "invalid", "Invalid resource id value.");
}

static bool
check_times(struct call *c, const struct calendar *cal, const json *content)
{
	const char *const names[] = { "start", "end" };
	struct event_time t[2];
	const char *why;

	for (int i = 0; i < 2; i++) {
		if (!json_is_obj(json_at(content, names[i])))
			return check_refuse(
			    c, "required", arena_printf(c->a, "Missing %s time.", names[i]));
		if (!event_time_read(c->a, json_at(content, names[i]), cal->zone, &t[i], &why))
			return check_refuse(
			    c, "invalid", arena_printf(c->a, "%s for: %s time.", why, names[i]));
	}
	if (t[0].date != t[1].date)
		return check_refuse(c, "invalid",
		    "Start and end times must either both be date or both be dateTime.");
	if (t[1].utc < t[0].utc || (t[0].date && t[1].utc == t[0].utc))
		return check_refuse(c, "timeRangeEmpty", "The specified time range is empty.");
	return true;
}

/* COUNT and UNTIL together, or a rule that is none. */
static bool
check_rule(const char *text, int64_t start)
{
	struct recur r;

	if (strstr(text, "COUNT=") && strstr(text, "UNTIL="))
		return false;
	return recur_read(str_c(text), start, &r);
}

/* "RDATE;VALUE=DATE:20260101,20260201" */
static bool
check_dates(struct str line)
{
	struct str rest;
	int64_t at;
	bool date, utc;

	str_cut(line, ':', &rest);
	if (!rest.p)
		return false;
	while (rest.p)
		if (!recur_time(str_cut(rest, ',', &rest), &at, &date, &utc))
			return false;
	return true;
}

static bool
check_line(const char *line, int64_t start)
{
	if (!line)
		return false;
	if (str_starts(str_c(line), "RRULE:") || str_starts(str_c(line), "EXRULE:"))
		return check_rule(strchr(line, ':') + 1, start);
	if (str_starts(str_c(line), "RDATE") || str_starts(str_c(line), "EXDATE"))
		return check_dates(str_c(line));
	return false;
}

static bool
check_recurrence(struct call *c, const struct calendar *cal, const json *content)
{
	const json *lines = json_at(content, "recurrence");
	struct event_time start;
	const char *why;

	if (json_len(lines) == 0)
		return true;
	if (!event_time_read(c->a, json_at(content, "start"), cal->zone, &start, &why))
		return check_refuse(c, "invalid", why);
	if (!start.date && !start.zone_name)
		return check_refuse(c, "required", "Missing time zone definition for start time.");
	for (size_t i = 0; i < json_len(lines); i++)
		if (!check_line(json_value_str(json_nth(lines, i)), start.local))
			return check_refuse(c, "invalid", "Invalid recurrence rule.");
	return true;
}

static bool
check_reminders(struct call *c, const json *content)
{
	const json *r = json_at(content, "reminders"), *list = json_at(r, "overrides");
	int64_t minutes;

	if (json_flag(r, "useDefault", false) && json_len(list) > 0)
		return check_refuse(c, "cannotUseDefaultRemindersAndSpecifyOverride",
		    "Cannot specify both default reminders and overrides at the same time.");
	if (json_len(list) > REMINDERS_MAX)
		return check_refuse(c, "invalid", "Too many reminders.");
	for (size_t i = 0; i < json_len(list); i++)
		if (!json_i64(json_nth(list, i), "minutes", &minutes) || minutes < 0 ||
		    minutes > REMINDER_MINUTES_MAX || !json_str(json_nth(list, i), "method"))
			return check_refuse(c, "invalid", "Invalid value for reminders.");
	return true;
}

static bool
check_one_day(struct call *c, const struct calendar *cal, const json *content)
{
	struct event_time start, end;
	const char *why;

	return event_time_read(c->a, json_at(content, "start"), cal->zone, &start, &why) &&
	    event_time_read(c->a, json_at(content, "end"), cal->zone, &end, &why) && start.date &&
	    end.local - start.local == DAY_SECONDS;
}

/* What the kinds other than the usual one are bound to. */
static bool
check_type(struct call *c, const struct calendar *cal, const json *content)
{
	const char *type = json_str(content, "eventType");
	const char *seen = json_str(content, "visibility");
	const char *busy = json_str(content, "transparency");

	if (!type || strcmp(type, "default") == 0)
		return true;
	if (strcmp(type, "fromGmail") == 0)
		return check_refuse(c, "eventTypeRestriction",
		    "Events of this type cannot be created with the API.");
	if (!cal->primary)
		return check_refuse(c, "eventTypeRestriction",
		    "Events of this type can only be created in the primary calendar.");
	if (strcmp(type, "birthday") == 0 &&
	    (!check_one_day(c, cal, content) || !seen || strcmp(seen, "private") != 0 || !busy ||
		strcmp(busy, "transparent") != 0))
		return check_refuse(c, "eventTypeRestriction",
		    "A birthday event must be a private, transparent all-day event of one day.");
	if (strcmp(type, "workingLocation") == 0 &&
	    !json_str(json_at(content, "workingLocationProperties"), "type"))
		return check_refuse(c, "required",
		    "A working location event needs its working location properties.");
	return true;
}

bool
event_check(struct call *c, const struct calendar *cal, const json *content)
{
	if (json_len(json_at(content, "attachments")) > ATTACHMENTS_MAX)
		return check_refuse(c, "invalid", "Too many attachments.");
	return check_times(c, cal, content) && check_recurrence(c, cal, content) &&
	    check_reminders(c, content) && check_type(c, cal, content);
}

static json *
check_trim_half(struct arena *a, const json *half)
{
	struct json_iter it = { 0 };
	json *out = json_new(a);
	size_t n = 0;

	while (json_each(half, &it)) {
		struct str value = str_c(json_value_str(it.value));

		if (strlen(it.key) > PROPERTY_KEY_MAX || n == PROPERTIES_MAX ||
		    !json_is_str(it.value))
			continue;
		json_set_s(out, it.key, str_utf8_cut(value, PROPERTY_VALUE_MAX));
		n++;
	}
	return out;
}

void
event_trim(struct arena *a, json *content)
{
	const json *both = json_at(content, "extendedProperties");
	const char *const halves[] = { "private", "shared" };
	json *out = json_new(a);

	if (!json_is_obj(both))
		return;
	for (int i = 0; i < 2; i++)
		if (json_is_obj(json_at(both, halves[i])))
			json_set(out, halves[i], check_trim_half(a, json_at(both, halves[i])));
	json_set(content, "extendedProperties", out);
}
