/*
 * sheets.h - what is in a spreadsheet: tabs, rows, cells; texts in and out of them; the methods of
 * Sheets v4.
 */
#ifndef FAKE_GOOGLE_SHEETS_H
#define FAKE_GOOGLE_SHEETS_H

#include "fake/google/drive.h"

/*
 * Cells. A row that a rule generates (gen > 0) is made when it is read; a stored cell stands before
 * it.
 */
enum cell_kind { CELL_NONE, CELL_BLANK, CELL_NUMBER, CELL_TEXT, CELL_BOOL, CELL_ERROR };

struct format {
	const char *type; /* "NUMBER", "DATE", ... as in numberFormat */
	const char *pattern;
};

struct cell {
	enum cell_kind kind;
	double n;                 /* of a number or bool */
	const char *s;            /* of a text; the word of an error, "#N/A" */
	const char *formula;      /* as entered, with "=", or NULL */
	const struct format *fmt; /* or NULL: automatic */
	const char *note;
	const json *style; /* the rest of userEnteredFormat, or NULL */
};

struct row {
	struct cell *c;
	uint32_t n, cap;
	uint32_t gen; /* row of the rule, from 1; 0: none */
};

enum tab_type { TAB_GRID, TAB_OBJECT };

struct tab {
	struct tab *next; /* in the order of the spreadsheet */
	int64_t id;
	const char *title;
	enum tab_type type;
	bool hidden;
	int64_t rows, cols; /* the grid */
	struct row *row;
	size_t nrow, caprow; /* rows held; those after are empty */
	int *gen_col;        /* column -> column of the rule, -1 none; NULL: no rule */
	size_t ngen_col;
	json *props; /* further members of "properties" */
	json *extra; /* merges, basicFilter, protectedRanges, columnGroups, rowGroups, chart */
};

struct named {
	struct named *next; /* oldest first */
	const char *id, *name;
	int64_t tab, r0, c0, r1, c1; /* half open; -1: open */
};

/* The content of a file. */
struct book {
	struct file *file;
	const char *locale, *zone;
	struct tab *tabs;
	struct named *named;
};

/* The service's part of the world. */
struct sheets_part {
	const json *look; /* what every spreadsheet looks like; sheets_json.c */
};

struct book *book_of(const struct file *);            /* NULL of NULL */
struct book *book_of_call(struct call *, bool write); /* of the {id} in the path; or refuses */
struct book *
book_add(struct fake *, struct account *owner, const char *name, const char *id); /* without tabs */
void book_changed(struct fake *, struct book *); /* a new version of the file */

/* sheets_grid.c */
struct tab *tab_add(struct fake *, struct book *, const char *title, int64_t rows, int64_t cols);
struct tab *tab_by_id(const struct book *, int64_t id);
struct tab *tab_by_title(const struct book *, struct str title);
struct tab *tab_move(struct book *, struct tab *, int64_t index); /* also takes a new one in */
void tab_remove(struct book *, struct tab *);
int64_t tab_index(const struct book *, const struct tab *);
void tab_generate(struct fake *, struct tab *, int64_t rows, int64_t cols);
/* So many rows are those of the rule from its row `gen` on. */
void tab_rule(struct fake *, struct tab *, size_t row, uint32_t gen, size_t n);
void
tab_copy_cells(struct fake *, struct tab *to, const struct tab *from); /* not those of a rule */
/* The cell as it reads; texts may be allocated from a. */
struct cell cell_at(const struct tab *, int64_t r, int64_t c, struct arena *a);
bool cell_empty(const struct cell *);
/* To write to; the grid grows. */
struct cell *cell_make(struct fake *, struct tab *, int64_t r, int64_t c);
void cell_blank(struct cell *); /* its format stays */
/* One past the last used row within the columns [c0, c1). */
int64_t tab_used_rows(const struct tab *, int64_t c0, int64_t c1);
void tab_insert(struct fake *, struct tab *, bool cols, int64_t at, int64_t n);
void tab_delete(struct tab *, bool cols, int64_t at, int64_t n);

/* sheets_format.c: values as texts. */
bool locale_has_comma(const char *locale);                                      /* for decimals */
const char *cell_text(struct arena *, const struct cell *, const char *locale); /* as shown */
const char *number_text(struct arena *, double); /* shortest that reads back the same */
bool format_is_date(const struct format *);
const struct format *format_make(struct fake *, const char *type, const char *pattern);
const char *format_pattern(const struct format *, const char *locale);

/* sheets_enter.c: texts as values. */
void cell_enter(struct fake *, struct cell *, struct str text, const char *locale); /* as typed */
void cell_set_json(struct fake *, struct cell *, const json *value, bool typed, const char *locale);
double json_double(const json *);

/* sheets_date.c: day 0 is 1899-12-30. */
struct date_parts {
	int64_t year;
	int month, day, hour, minute, second;
};
int64_t date_day(int64_t y, int m, int d);
struct date_parts date_parts(double serial);

/* sheets_formula.c: + - * / and parentheses over numbers, and NA(); else an unknown name. */
double formula_value(const char *text, const char **error);

/* sheets_a1.c: half open, clipped to the grid. */
struct range {
	struct tab *tab;
	int64_t r0, c0, r1, c1;
	bool whole; /* a bare title */
};
/* Refuses what cannot be read, and what begins beyond the grid. */
bool range_parse(struct call *, const struct book *, const char *text, struct range *);
const char *range_text(struct arena *, const struct range *);
const char *title_quoted(struct arena *, const char *title);
const char *column_name(struct arena *, int64_t c);
void range_clear(struct fake *, const struct range *); /* values only */

/* sheets_json.c */
json *book_properties(struct fake *, struct arena *, const struct book *);
json *book_default_format(struct fake *);
json *book_named(struct arena *, const struct book *); /* NULL: none */
json *tab_properties(struct arena *, const struct book *, const struct tab *);
json *grid_range_json(struct arena *, const struct range *); /* open ends are -1 */

/* sheets_write.c: lists of lists of values, from the corner of a range on. */
struct entry_way {
	bool typed, columns; /* as if typed; the outer list is of columns */
	bool grow;           /* beyond the grid is no error */
};
/* Refuses what does not fit. Sets what was written to, and how many cells. */
bool range_write(struct call *, const struct book *, const struct range *start, const json *values,
    struct entry_way, struct range *out);
bool values_write(struct call *, const struct book *, const char *range, const json *values,
    struct entry_way, struct range *out);
int64_t values_count(const json *values); /* those that are no null */

/* sheets_keep.c */
json *book_save(struct arena *, const struct file *);
void book_load(struct fake *, struct file *, const json *);

void batch_update(struct call *, struct book *, const json *requests, json *replies);

/* Methods. */
void sheets_get(struct call *);
void sheets_create(struct call *);
void sheets_batch_update(struct call *);
void values_get(struct call *);
void values_batch_get(struct call *);
void values_filter(struct call *);
void values_update(struct call *);
void values_append(struct call *);
void values_clear(struct call *);
void values_batch_clear(struct call *);
void values_batch_update(struct call *);

#endif
