/*
 * ical_props.c - see ical_props.h.
 */
#include "provider/web/ical_props.h"

/* The properties that ical.c reads; texts, which may be broken into lines by mistake, first. */
enum { TEXTS = 3 };
static const char *const kept[] = { "SUMMARY", "DESCRIPTION", "LOCATION", "UID", "RECURRENCE-ID",
	"DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "STATUS", "ORGANIZER",
	"ATTENDEE", "URL", "CATEGORIES", "SEQUENCE", "CREATED", "LAST-MODIFIED", "TRANSP", "CLASS",
	"GEO" };
/* Other properties of events, of RFC 5545, 7986 and 9073, and of vCalendar 1.0. */
static const char *const registered[] = { "ATTACH", "COMMENT", "CONTACT", "RELATED-TO", "RESOURCES",
	"PRIORITY", "DTSTAMP", "REQUEST-STATUS", "EXRULE", "NAME", "REFRESH-INTERVAL", "SOURCE",
	"COLOR", "IMAGE", "CONFERENCE", "STYLED-DESCRIPTION", "STRUCTURED-DATA", "LINK", "CONCEPT",
	"REFID", "COMPLETED", "DUE", "PERCENT-COMPLETE", "AALARM", "DALARM", "MALARM", "PALARM",
	"DCREATED", "RNUM", "TZID", "TZUNTIL", "ACKNOWLEDGED", "LOCATION-TYPE", "PARTICIPANT-TYPE",
	"RESOURCE-TYPE", "CALENDAR-ADDRESS" };
static const char *const times[] = { "DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE" };
static const char *const people[] = { "ATTENDEE", "ORGANIZER" };

/* Its place in a list, or n. */
static size_t
prop_in(const char *const *list, size_t n, struct str name)
{
	size_t i = 0;

	while (i < n && !str_ieq(name, str_c(list[i])))
		i++;
	return i;
}
#define PROPS(list) sizeof list / sizeof *list
#define PROP_IS_IN(list, name) (prop_in(list, PROPS(list), name) < PROPS(list))

/* Can this be the name of a property, and one that nobody has registered? Those are written in
 * capitals: before a colon in a text, words are not. */
static bool
prop_is_name(struct str name, bool *small)
{
	*small = false;
	for (size_t i = 0; i < name.n; i++) {
		const char c = name.p[i];
		const bool lower = c >= 'a' && c <= 'z';

		*small |= lower;
		if (!lower && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    !memchr("-_.", c, 3))
			return false;
	}
	return name.n > 0;
}

enum ical_prop
ical_prop(struct str name, bool marked)
{
	const size_t at = prop_in(kept, PROPS(kept), name);
	bool small;

	if (!marked || !prop_is_name(name, &small))
		return ICAL_PROP_NONE;
	if (at < PROPS(kept))
		return at < TEXTS ? ICAL_PROP_TEXT : ICAL_PROP_READ;
	if (str_istarts(name, "X-") || PROP_IS_IN(registered, name))
		return ICAL_PROP_OTHER;
	return small ? ICAL_PROP_NONE : ICAL_PROP_UNKNOWN;
}

size_t
ical_value_mark(struct str name, struct str line, size_t at)
{
	size_t i = line.n;

	if (line.n <= name.n || line.p[name.n] != ';')
		return at;
	if (PROP_IS_IN(times, name)) {
		while (i > name.n && line.p[i - 1] != ':')
			i--;
		if (i > name.n && i < line.n && line.p[i] >= '0' && line.p[i] <= '9')
			return i - 1;
	}
	if (!PROP_IS_IN(people, name))
		return at;
	for (i = at; i < line.n; i++)
		if (str_istarts((struct str){ line.p + i, line.n - i }, ":mailto:"))
			return i;
	return at;
}
