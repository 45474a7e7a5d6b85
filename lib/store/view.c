/*
 * view.c - see view.h. A name becomes an identifier in quote() and nowhere else: double quotes are doubled, control characters left out.
 */
#include "base/buf.h"
#include "store/view.h"

enum { VIEW_COLUMNS = 1000, NAME_BYTES = 120, TEXT_BYTES = 900 * 1024 };

static void
quote(struct buf *b, struct str name)
{
	name = str_utf8_cut(name, NAME_BYTES);
	buf_ch(b, '"');
	for (size_t i = 0; i < name.n; i++) {
		if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
			continue;
		if (name.p[i] == '"')
			buf_ch(b, '"');
		buf_ch(b, name.p[i]);
	}
	buf_ch(b, '"');
}

/* Names that differ only in case, or after the cut, are told apart by the column's number. */
static bool
taken(const struct str *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(names[i], name))
			return true;
	return false;
}

const char *
view_text(struct arena *a, const char *view_name, int64_t dataset_no, const json *columns)
{
	struct buf *b = buf_in(a, TEXT_BYTES);
	struct str *names = arena_array(a, VIEW_COLUMNS + 1, sizeof *names);
	size_t n = 0;

	names[n++] = STR("_key");
	buf_str(b, "CREATE VIEW ");
	quote(b, str_c(view_name));
	buf_str(b, " AS SELECT key AS \"_key\"");
	for (size_t i = 0; i < json_len(columns) && n < VIEW_COLUMNS; i++) {
		json *c = json_nth(columns, i);
		struct str name = str_utf8_cut(json_s(c, "name"), NAME_BYTES - 8);
		if (json_flag(c, "gone", false))
			continue;
		if (taken(names, n, name))
			name = str_c(arena_printf(a, "%.*s_%zu", (int)name.n, name.p, i + 1));
		names[n++] = name;
		buf_printf(b, ", json_extract(payload, '$[%zu]') AS ", i);
		quote(b, name);
	}
	buf_printf(b, " FROM record WHERE seq > %lld AND seq < %lld AND deleted IS NULL", (long long)(dataset_no << SEQ_SHIFT),
	    (long long)((dataset_no + 1) << SEQ_SHIFT));
	return buf_c(b);
}

static const char *
slug(struct arena *a, const char *name)
{
	char *out = arena_alloc(a, 48);
	size_t n = 0;

	for (; *name && n < 40; name++) {
		char c = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[n++] = c;
		else if (n && out[n - 1] != '_')
			out[n++] = '_';
	}
	while (n && out[n - 1] == '_')
		out[--n] = 0;
	return out;
}

static const char *
drop_text(struct arena *a, const char *view_name)
{
	struct buf *b = buf_in(a, 1000);

	buf_str(b, "DROP VIEW IF EXISTS ");
	quote(b, str_c(view_name));
	return buf_c(b);
}

enum rc
view_sync(struct ctx *cx, struct db *db, const struct dataset *d, const json *columns)
{
	const char *name = d->view_name;

	/* Named once; a renamed connection keeps its view's name, which others have in their queries. */
	if (!name)
		name = arena_printf(cx->a, "data_%s_%lld", slug(cx->a, d->name), (long long)d->no);
	TRY(db_view(cx, db, drop_text(cx->a, name), view_text(cx->a, name, d->no, columns)));
	return d->view_name ? RC_OK : db_run(cx, db, NULL, Q_DATASET_SET_VIEW, "sis", d->owner, d->no, name);
}

enum rc
view_drop(struct ctx *cx, struct db *db, const struct dataset *d)
{
	return d->view_name ? db_view(cx, db, drop_text(cx->a, d->view_name), NULL) : RC_OK;
}
