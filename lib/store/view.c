/*
 * view.c - see view.h. A name becomes an identifier in ident() and nowhere else: between double
 * quotes, double quotes doubled, without control characters.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "store/conn.h"
#include "store/view.h"

/* The names of a thousand columns, doubled to the last quote, stay under the longest statement that
 * the database takes (1 MB). */
enum {
	VIEW_COLUMNS = 1000,
	NAME_BYTES = 200,
	SLUG_BYTES = 40,
	ID_BYTES = 8,
	TEXT_BYTES = 1000 * 1000,
	/* Each time every program reads all views again: what is never twice the same has none. */
	MADE_A_DAY = 24
};

static void
ident(struct buf *b, struct str name)
{
	buf_ch(b, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"')
			buf_ch(b, '"');
		buf_ch(b, name.p[i]);
	}
	buf_ch(b, '"');
}

/* Control characters, NUL among them, become a space: no statement ends early, no line is broken.
 */
static struct str
clean(struct arena *a, struct str s)
{
	char *p = arena_dup_str(a, s = str_utf8_cut(s, NAME_BYTES));

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
	return str_utf8_ok(s) ? str_trim((struct str){ p, s.n }) : (struct str){ "", 0 };
}

static bool
taken(const struct str *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(names[i], name))
			return true;
	return false;
}

/* A name of its own, also when case is ignored as SQL does. */
static struct str
unique(struct arena *a, const struct str *names, size_t n, struct str name, size_t place)
{
	struct str base = name;

	if (base.n == 0)
		name = base = str_c(arena_printf(a, "column_%zu", place + 1));
	/* A few small numbers, then the column's place, which no other has: a thousand equal names
	 * cost no more than a thousand others. */
	for (size_t k = 2; taken(names, n, name); k = k == 9 ? place + 10 : k + 1) {
		base = str_utf8_cut(base, NAME_BYTES - 8);
		name = str_c(arena_printf(a, "%.*s_%zu", (int)base.n, base.p, k));
	}
	return name;
}

/* Has the column no number that SQL does not have? */
static bool
value_plain(json *column)
{
	static const char *const plain[] = { "date", "datetime", "boolean", "integer", "empty" };
	const char *type = json_str(column, "type");

	for (size_t k = 0; type && k < sizeof plain / sizeof plain[0]; k++)
		if (!strcmp(type, plain[k]))
			return true;
	return json_flag(column, "exact", false);
}

/* A value as SQL has it. A number of more digits than those of SQL can hold is the text that it is:
 * beyond 64 bits, or with more than 15 digits. Every program that opens the database parses every
 * view, so that is not said of a column that has none. */
static void
value_text(struct buf *b, json *column, size_t i)
{
	if (value_plain(column))
		buf_printf(b, "payload->>%zu", i);
	else
		buf_printf(b,
		    "CASE WHEN typeof(payload->>%zu)='real' AND (length(payload->%zu)>16 "
		    "OR abs(payload->>%zu)>=1e300) THEN payload->%zu ELSE payload->>%zu END",
		    i, i, i, i, i);
}

const char *
view_text(struct arena *a, const char *view_name, int64_t dataset_no, const json *columns)
{
	struct buf *b = buf_in(a, TEXT_BYTES);
	struct str *names = arena_array(a, VIEW_COLUMNS + 1, sizeof *names);
	size_t n = 0;

	names[n++] = STR("_key");
	buf_str(b, "CREATE VIEW ");
	ident(b, str_c(view_name));
	buf_str(b, " AS SELECT key AS \"_key\"");
	for (size_t i = 0; i < json_len(columns) && n <= VIEW_COLUMNS; i++) {
		json *c = json_nth(columns, i);

		if (json_flag(c, "gone", false))
			continue;
		names[n] = unique(a, names, n, clean(a, json_s(c, "name")), i);
		buf_str(b, ", ");
		value_text(b, c, i);
		buf_str(b, " AS ");
		ident(b, names[n++]);
	}
	/* Two ways to the same records: by key through the index, or all in the order of the file.
	 * The likelihood keeps the index from being taken for a walk. */
	buf_printf(b,
	    " FROM record WHERE seq > %lld AND seq < %lld"
	    " AND likelihood(dataset_no = %lld, 0.99) AND deleted IS NULL",
	    (long long)(dataset_no << SEQ_SHIFT), (long long)((dataset_no + 1) << SEQ_SHIFT),
	    (long long)dataset_no);
	return buf_c(b);
}

const char *
view_name_for(struct arena *a, const char *name, const char *dataset_id)
{
	char slug[SLUG_BYTES + 1];
	size_t n = 0, id = strlen(dataset_id);

	for (; *name && n < SLUG_BYTES; name++) {
		char c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			slug[n++] = c;
		else if (n && slug[n - 1] != '_')
			slug[n++] = '_';
	}
	while (n && slug[n - 1] == '_')
		n--;
	slug[n] = 0;
	return arena_printf(
	    a, "data_%s%s%s", slug, n ? "_" : "", dataset_id + (id > ID_BYTES ? id - ID_BYTES : 0));
}

static const char *
drop_text(struct arena *a, const char *view_name)
{
	struct buf *b = buf_in(a, 1000);

	buf_str(b, "DROP VIEW IF EXISTS ");
	ident(b, str_c(view_name));
	return buf_c(b);
}

/* The connection's name, and that of the dataset where it says more. */
static enum rc
name_new(struct ctx *cx, struct db *db, const struct dataset *d, const char **out)
{
	struct conn c;
	const char *both;

	TRY(conn_get(cx, db, d->owner, d->connection_id, &c));
	both = !*d->remote_id || !strcmp(c.name, d->name)
	    ? c.name
	    : arena_printf(cx->a, "%s %s", c.name, d->name);
	*out = view_name_for(cx->a, both, d->id);
	return RC_OK;
}

/* A view of a dataset, as it is to be saved with it. */
struct view {
	const char *name, *text; /* NULL: none */
	int64_t made, since;     /* how often since then */
};

/* Every program that opens the database reads every view: those of one user together take no more
 * than they may. */
static enum rc
view_fits(struct ctx *cx, struct db *db, const struct dataset *d, size_t bytes, bool *fits)
{
	bool found; /* a sum is one row always */
	int64_t others;

	TRY(db_row(cx, db, &found, Q_DATASET_VIEW_BYTES, "si", d->owner, d->no));
	others = db_num(db, Q_DATASET_VIEW_BYTES, 0);
	db_reset(db, Q_DATASET_VIEW_BYTES);
	*fits = others + (int64_t)bytes <= conf_int(CONF_USER_VIEW_KB) * 1024;
	return RC_OK;
}

/* How often it was made in the day that began then. */
static enum rc
view_made(struct ctx *cx, struct db *db, const struct dataset *d, struct view *v)
{
	const int64_t now = clock_ms();
	const enum sql q = Q_DATASET_VIEW_MADE;
	bool found;

	TRY(db_row(cx, db, &found, q, "is", d->no, d->owner));
	v->made = found ? db_num(db, q, C_DATASET_MADE_VIEW_MADE) : 0;
	v->since = found ? db_num(db, q, C_DATASET_MADE_VIEW_SINCE) : 0;
	db_reset(db, q);
	if (now - v->since >= DAY_MS || now < v->since) {
		v->made = 0;
		v->since = now;
	}
	return RC_OK;
}

static enum rc
view_save(struct ctx *cx, struct db *db, const struct dataset *d, const struct view *v)
{
	return db_run(cx, db, NULL, Q_DATASET_VIEW, "issiii", d->no, d->owner, v->name,
	    v->text ? (int64_t)strlen(v->text) : INT64_C(0), v->made, v->since);
}

/* Text NULL: there is not to be one, for what it takes, or for how often it would be another. */
static enum rc
view_wanted(
    struct ctx *cx, struct db *db, const struct dataset *d, const json *columns, struct view *v)
{
	bool fits;

	TRY(view_made(cx, db, d, v));
	/* Its text takes more than the description of its columns; that is known at once. */
	TRY(view_fits(cx, db, d, strlen(json_text(cx->a, columns)), &fits));
	if (!fits || v->made > MADE_A_DAY)
		return RC_OK;
	v->name = d->view_name;
	if (!v->name)
		TRY(name_new(cx, db, d, &v->name));
	v->text = view_text(cx->a, v->name, d->no, columns);
	TRY(view_fits(cx, db, d, strlen(v->text), &fits));
	if (!fits)
		v->name = v->text = NULL;
	return RC_OK;
}

enum rc
view_sync(struct ctx *cx, struct db *db, const struct dataset *d, const json *columns)
{
	struct view v = { .text = NULL };
	bool same = false;

	TRY(view_wanted(cx, db, d, columns, &v));
	if (v.text)
		TRY(db_view_is(cx, db, v.name, v.text, &same));
	if (same && d->view_name)
		return RC_OK;
	if (v.text && !same && ++v.made > MADE_A_DAY)
		v.name = v.text = NULL;
	if (v.text && !same)
		TRY(db_view(cx, db, drop_text(cx->a, v.name), v.text));
	if (!v.text)
		TRY(view_drop(cx, db, d));
	return view_save(cx, db, d, &v);
}

enum rc
view_drop(struct ctx *cx, struct db *db, const struct dataset *d)
{
	return d->view_name ? db_view(cx, db, drop_text(cx->a, d->view_name), NULL) : RC_OK;
}
