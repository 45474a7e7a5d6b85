/*
 * ical_props.h - the properties of events: which are read, which are known, and where the value of
 * one begins that is written without the quotes it should have. Pure.
 */
#ifndef PROVIDER_WEB_ICAL_PROPS_H
#define PROVIDER_WEB_ICAL_PROPS_H

#include "base/str.h"

enum ical_prop {
	ICAL_PROP_NONE, /* no name of a property: text that has been broken into lines */
	ICAL_PROP_TEXT, /* read; may be broken into lines by mistake */
	ICAL_PROP_READ,
	ICAL_PROP_OTHER,  /* registered or experimental (X-), not read */
	ICAL_PROP_UNKNOWN /* looks like one, but nobody has registered it */
};

/* The name in front of a colon or semicolon; marked false: there is neither. */
enum ical_prop ical_prop(struct str name, bool marked);
/* Where the colon before the value stands in a line, when the first one outside of quotes is `at`:
 * times have none in them, and addresses begin with mailto. */
size_t ical_value_mark(struct str name, struct str line, size_t at);

#endif
