/*
 * ical_kind.c - iCalendar by address.
 */
#include "kind/web.h"

/* webcal: is rewritten by configure(), so the address is taken as a text. */
static const struct field ical_fields[] = {
	{
	    .name = "url",
	    .type = FIELD_TEXT,
	    .required = true,
	    .label = "Address of the calendar",
	    .placeholder = "https://example.com/calendar.ics",
	    .help = "The iCal or .ics address; webcal:// is fine." URL_FIELD_SECRETS,
	},
	URL_FIELD_HEADERS,
	URL_FIELD_AUTHORIZATION,
	{ .name = NULL },
};

static void
ical_configure(struct arena *a, json *config, json *errors)
{
	const char *url = json_str(config, "url");

	if (url && (str_istarts(str_c(url), "webcal://") || str_istarts(str_c(url), "webcals://")))
		json_set_str(config, "url", arena_printf(a, "https://%s", strstr(url, "://") + 3));
	web_configure(a, config, errors);
}

const struct kind kind_ical = {
	.id = "ical",
	.title = "iCalendar",
	.blurb = "The events of a calendar, by its iCal or .ics address.",
	.icon = "M4 6h16v14H4zM4 11h16M8 3v5M16 3v5",
	.caps = KIND_PULL | KIND_OWN_KEYS,
	.fields = ical_fields,
	.origin = "url",
	.configure = ical_configure,
};
