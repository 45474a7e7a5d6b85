/*
 * mapping.h - which columns of a table say who somebody is, and what a record says by them. The
 * mapping belongs to the dataset, whatever kind of source it is of: chosen by somebody, else by the
 * fields of the connection (kind/person.h), else by what people call such columns. Pure.
 */
#ifndef PROFILE_MAPPING_H
#define PROFILE_MAPPING_H

#include "base/json.h"
#include "store/person.h"

enum { MAPPING_PARTS = 3, MAPPING_COLUMNS = 8 };
extern const char *const mapping_parts[MAPPING_PARTS]; /* "name", "email", "phone" */

struct mapping {
	size_t column[MAPPING_PARTS][MAPPING_COLUMNS]; /* numbers of columns, in payload order */
	size_t n[MAPPING_PARTS];
	/* It, and the country of its numbers, as a text to be compared; "": these are no people. */
	const char *text;
	const char *country;
};

/* country: see profile/phone.h. */
void
mapping_of(struct arena *, const struct person_table *, const char *country, struct mapping *out);
/* The same as JSON with the names of the columns: {"name": [...], "email": [...], "phone": [...]};
 * NULL: these are no people. */
json *mapping_shown(struct arena *, const struct person_table *, const struct mapping *);
/* A mapping that somebody gives, with the names of columns that are there. The complaint, or NULL;
 * *field is the part that it is about. */
const char *
mapping_check(struct arena *, const char *columns, const json *given, const char **field);

/* The name in a record, as the source has it; "" when it says none. */
const char *mapping_name(struct arena *, const struct mapping *, const json *values);
/* What a record (its payload, a JSON array) says: its name, folded, and what it can be found by,
 * sorted, each once. */
void mapping_read(struct arena *, const struct mapping *, struct str payload, struct str *name,
    struct ident_list *out);

#endif
