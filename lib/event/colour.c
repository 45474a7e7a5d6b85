/*
 * colour.c - see colour.h.
 */
#include "event/colour.h"

#include <string.h>

const struct event_colour event_colours[] = {
	{ "1", "Lavender" },
	{ "2", "Sage" },
	{ "3", "Grape" },
	{ "4", "Flamingo" },
	{ "5", "Banana" },
	{ "6", "Tangerine" },
	{ "7", "Peacock" },
	{ "8", "Graphite" },
	{ "9", "Blueberry" },
	{ "10", "Basil" },
	{ "11", "Tomato" },
	{ .id = NULL },
};

static const struct event_colour *
colour_of(const char *color)
{
	for (const struct event_colour *c = event_colours; c->id; c++)
		if (!strcmp(c->id, color))
			return c;
	return NULL;
}

bool
event_colour_known(const char *color)
{
	return colour_of(color) != NULL;
}

const char *
event_colour_name(const char *color)
{
	const struct event_colour *c = colour_of(color);

	return c ? c->name : color;
}
