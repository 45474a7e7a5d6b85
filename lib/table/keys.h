/*
 * keys.h - how the records of a dataset are told apart. Pure.
 *
 * Rule, stored as JSON in dataset.key_rule: {"kind": "columns", "columns": ["id"], "wanted":
 * "id"} by the values of columns; {"kind": "source"} by the source's own identity; {"kind":
 * "content"} by a digest of the whole row. A row whose key columns are all empty is told apart
 * by its content. "form" 2: values of several columns do not run into each other, and content is
 * told apart by value, not by how it is spelled; rules from before have 1, for their keys are out
 * in the world.
 */
#ifndef TABLE_KEYS_H
#define TABLE_KEYS_H

#include "base/buf.h"
#include "base/json.h"
#include "table/columns.h"
#include "table/row.h"

enum { KEY_FORM = 2, KEY_COLUMNS_MAX = 8, KEY_MAX = 1000, KEY_SAMPLE_ROWS = 5000 };

enum key_kind { KEY_UNDECIDED, KEY_COLUMNS, KEY_SOURCE, KEY_CONTENT };

struct key_rule {
	enum key_kind kind;
	/* config.key when the rule was made, joined; "" when the rule was detected */
	const char *wanted;
	int form;
	size_t n;
	int column[KEY_COLUMNS_MAX]; /* column numbers */
	const char *name[KEY_COLUMNS_MAX];
};

/* What config.key asks for: names, or nothing. */
void key_rule_wanted(struct arena *, const json *config, struct key_rule *out);
void key_rule_load(struct arena *, const char *text, struct key_rule *out);
json *key_rule_json(struct arena *, const struct key_rule *, const struct columns *);
/* Column numbers from names. E_KEY_COLUMN naming the missing one and those that are there. */
MUST enum rc key_rule_resolve(struct ctx *, struct key_rule *, const struct columns *);
/* Are the resolved columns still in the source? E_KEY_COLUMN likewise. */
MUST enum rc key_rule_check(struct ctx *, const struct key_rule *, const struct columns *);
/* A row, for its key. */
struct key_row {
	const struct cell *cells; /* by column number */
	size_t n;
	struct str source_key; /* the source's own; p NULL: it has none */
	struct str payload;
	struct arena *scratch; /* for form 2 */
};
/* Appends the row's key. *no_value: the key columns were all empty and the content was used. */
void key_make(const struct key_rule *, const struct key_row *, struct buf *out, bool *no_value);

/* Finds a key column from the first rows: a column with a telling name (id, uuid, ...), or else
 * the first one, that is never empty and never repeats. */
struct key_sample;
struct key_sample *key_sample_new(struct arena *);
/* by column number */
void key_sample_row(struct key_sample *, const struct cell *cells, size_t n);
void key_sample_choose(struct key_sample *, const struct columns *, struct key_rule *out);

#endif
