/*
 * ical_told.h - time zones with which something is wrong, each named once at the end of a read.
 */
#ifndef PROVIDER_WEB_ICAL_TOLD_H
#define PROVIDER_WEB_ICAL_TOLD_H

#include "provider/provider.h"

enum ical_trouble {
	ICAL_ZONE_UNKNOWN, /* neither defined nor known */
	ICAL_ZONE_UNCLEAR, /* defined, and not understood */
	ICAL_ZONE_ENDS,    /* its changes are not told for so late a time */
	ICAL_TROUBLE__MAX
};

enum { ICAL_TOLD = 10, ICAL_TOLD_NAME = 120 };

struct ical_told {
	struct {
		size_t n;
		bool more; /* than are named */
		char name[ICAL_TOLD][ICAL_TOLD_NAME];
	} v[ICAL_TROUBLE__MAX];
};

void ical_told_add(struct ical_told *, enum ical_trouble, const char *name);
/* As warnings, one for each trouble. */
MUST enum rc ical_told_end(struct ctx *, const struct ical_told *, struct sink *);

#endif
