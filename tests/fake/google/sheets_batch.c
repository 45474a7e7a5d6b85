/*
 * sheets_batch.c - spreadsheets.batchUpdate: one row of a table per kind of request. Requests are
 * carried out one after the other; what came before one that is refused stays done, which the real
 * service would undo.
 */
#include "fake/google/sheets_batch.h"

#include <string.h>

void
step_wrong(struct step *s, const char *why)
{
	refuse_argument(s->c, "Invalid requests[%zu].%s: %s", s->index, s->name, why);
}

struct tab *
step_tab(struct step *s, const json *holder)
{
	int64_t id = json_num(holder, "sheetId", 0);
	struct tab *t = tab_by_id(s->book, id);

	if (!t)
		step_wrong(s, arena_printf(s->c->a, "No grid with id: %lld", (long long)id));
	return t;
}

bool
step_range(struct step *s, const json *j, struct range *g)
{
	struct tab *t = step_tab(s, j);

	if (!t)
		return false;
	*g = (struct range){
		.tab = t,
		.r0 = json_num(j, "startRowIndex", 0),
		.c0 = json_num(j, "startColumnIndex", 0),
		.r1 = json_num(j, "endRowIndex", t->rows),
		.c1 = json_num(j, "endColumnIndex", t->cols),
	};
	if (g->r0 >= 0 && g->c0 >= 0 && g->r0 <= g->r1 && g->c0 <= g->c1 && g->r1 <= t->rows &&
	    g->c1 <= t->cols)
		return true;
	step_wrong(s, "Range is outside of the grid.");
	return false;
}

/* A dimension range, half open. */
bool
step_span(struct step *s, const json *j, struct span *span)
{
	const char *dim = json_str(j, "dimension");
	struct tab *t = step_tab(s, j);
	int64_t end;

	if (!t)
		return false;
	span->tab = t;
	span->cols = dim && strcmp(dim, "COLUMNS") == 0;
	span->at = json_num(j, "startIndex", 0);
	end = json_num(j, "endIndex", span->cols ? t->cols : t->rows);
	span->n = end - span->at;
	if (dim && (span->cols || strcmp(dim, "ROWS") == 0) && span->at >= 0 && span->n > 0)
		return true;
	step_wrong(s, "Invalid dimension range.");
	return false;
}

const struct mask *
step_mask(struct step *s)
{
	const char *fields = json_str(s->args, "fields");
	const struct mask *m = fields && *fields ? mask_parse(s->c->a, fields) : NULL;

	if (!m)
		step_wrong(s,
		    "At least one field must be listed in 'fields'. "
		    "(Use '*' to indicate all fields.)");
	return m;
}

static bool
step_is_default(const json *v)
{
	return json_is_null(v) || (json_is_bool(v) && !json_value_bool(v)) ||
	    (json_is_num(v) && json_double(v) == 0);
}

json *
without_defaults(struct arena *a, const json *j)
{
	json *out = json_new(a);

	for (struct json_iter it = { 0 }; json_each(j, &it);) {
		if (step_is_default(it.value))
			continue;
		json_set(
		    out, it.key, json_is_obj(it.value) ? without_defaults(a, it.value) : it.value);
	}
	return out;
}

static void
step_run(struct step *s)
{
	static const struct step_kind *const tables[] = { tab_steps, cell_steps, mark_steps, NULL };

	for (size_t i = 0; tables[i]; i++)
		for (const struct step_kind *k = tables[i]; k->name; k++)
			if (strcmp(k->name, s->name) == 0) {
				k->run(s);
				return;
			}
	refuse_argument(s->c,
	    "Invalid JSON payload received. Unknown name \"%s\" "
	    "at 'requests[%zu]': Cannot find field.",
	    s->name, s->index);
}

void
batch_update(struct call *c, struct book *book, const json *requests, json *replies)
{
	for (size_t i = 0; i < json_len(requests) && !c->refused; i++) {
		struct json_iter it = { 0 };
		struct step s = { .c = c, .book = book, .index = i, .reply = json_new(c->a) };
		json *reply = json_new(c->a);

		if (json_len(json_nth(requests, i)) != 1 ||
		    !json_each(json_nth(requests, i), &it)) {
			refuse_argument(c, "Invalid requests[%zu]: No request set.", i);
			return;
		}
		s.name = it.key;
		s.args = it.value;
		step_run(&s);
		if (json_len(s.reply) || strstr(s.name, "DimensionGroup"))
			json_set(reply, s.name, s.reply);
		json_add(replies, reply);
	}
}

void
sheets_batch_update(struct call *c)
{
	struct book *book = book_of_call(c, true);
	json *j = json_new(c->a), *replies = json_list(c->a);

	if (!book)
		return;
	if (json_len(json_at(c->body, "requests")) == 0) {
		refuse_argument(c, "Must specify at least one request.");
		return;
	}
	batch_update(c, book, json_at(c->body, "requests"), replies);
	if (c->refused)
		return;
	book_changed(c->f, book);
	json_set_str(j, "spreadsheetId", book->file->id);
	json_set(j, "replies", replies);
	reply_json(c, 200, j);
}
