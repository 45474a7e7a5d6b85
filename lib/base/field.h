/*
 * field.h - one row describes one input: it draws the form, validates the body, and writes the
 * documentation.
 */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/json.h"

enum field_type {
	FIELD_TEXT,
	/* http:// or https:// with a host; whether it may be reached is lib/net's to say */
	FIELD_URL,
	FIELD_INT,
	FIELD_BOOL,
	FIELD_CHOICE, /* one of `choices` */
	FIELD_LIST,   /* a list of texts; a form sends them comma-separated */
	FIELD_MAP,    /* an object of texts (HTTP headers); a form sends "Name: value" lines */
	/* a text that is stored sealed and never shown; goes to `secret`, not `config` */
	FIELD_SECRET
};

struct field {
	const char *name;
	enum field_type type;
	bool required;
	bool advanced; /* shown folded in the form */
	bool plans;    /* it says what is taken, and how: a change of it is a plan (app/plan.h) */
	/* about items that both sides edit: it means nothing while the source is read into
	 * datasets alone (kind.records_mode) */
	bool items;
	const char *label;
	const char *help;
	/* FIELD_LIST: the source is asked for what could stand in it by a word that somebody
	 * writes, and this is what people read beside the place for it; NULL: it is not searched */
	const char *search;
	const char *placeholder; /* may be NULL */
	const char *choices;     /* FIELD_CHOICE: "auto|comma|semicolon"; NULL otherwise */
	/* What people read for each of them: "|Comma|Semicolon"; an empty one, or none at all, is
	 * the word itself, and "auto" reads "Automatic". */
	const char *labels;
	/* FIELD_INT: range; texts: length (0: 2,000); FIELD_LIST: at most so many (0: 200) */
	int64_t min, max;
};

/* The words of field types in GET /api/providers: "text", "url", "integer", "boolean", "choice",
 * "list", "map", "secret". */
const char *field_type_name(enum field_type);

/* Where things go that field_check() finds; nothing of what was there is taken away. */
struct field_out {
	json *good, *secrets; /* objects; may be one and the same */
	json *errors;         /* list of {"field": "prefix.name", "message": "..."} */
};
/* Checks the members of `in` (NULL counts as {}) against the rows (ended by a NULL name): the good
 * ones are copied, normalised, secrets apart. A member that no row names is a complaint too. Texts
 * are trimmed; an empty text counts as absent. */
void field_check(struct arena *, const struct field *, const char *prefix, const json *in,
    const struct field_out *);
/* The rows as the list that GET /api/providers shows. */
json *field_describe(struct arena *, const struct field *);

#endif
