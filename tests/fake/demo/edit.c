/*
 * edit.c - /fake/edit: a page on which a person changes the demo's spreadsheets, to see the change
 * arrive elsewhere. Forms, no script.
 */
#include "fake/demo/demo.h"

#include <string.h>

#include "fake/google/sheets.h"
#include "web/tmpl.h"

enum { ROWS_SHOWN = 50 };

/*
 * Of all pages for people. A file of its own: the policy that Tidemark's nginx sends along allows
 * no style in a page.
 */
static const char edit_css[] =
    ":root{color-scheme:light dark;--ink:light-dark(#202124,#e8eaed);"
    "--mut:light-dark(#5f6368,#a8adb3);--line:light-dark(#c4c7cc,#5f6368);"
    "--blue:light-dark(#0b57d0,#a8c7fa)}\n"
    "body{font:100%/1.5 system-ui,sans-serif;margin:0;padding:1.5rem 1rem;"
    "color:var(--ink);background:light-dark(#f6f8fb,#131416);overflow-wrap:anywhere}\n"
    "main{max-width:30rem;margin:auto;padding:1.5rem;border:1px solid var(--line);"
    "border-radius:1rem;background:light-dark(#fff,#1e1f22)}main.wide{max-width:64rem}\n"
    "h1{font-size:1.4rem;line-height:1.3}h2{font-size:1.1rem}a{color:var(--blue)}"
    "input,button{font:inherit}"
    ".demo{--blue:#0b57d0;background:#fd6;color:#000;padding:.5rem 1rem;border-radius:.5rem;"
    "margin-top:0}\n"
    "fieldset{border:1px solid var(--line);border-radius:.5rem;margin:0 0 1rem;"
    "min-width:0}label{display:block;padding:.35rem 0}"
    "input[type=radio],input[type=checkbox]{width:1.15rem;height:1.15rem}\n"
    "button{min-height:2.5rem;padding:.4rem 1.4rem;margin-right:.5rem;"
    "border:1px solid var(--line);border-radius:1.3rem;background:none;color:var(--blue);"
    "cursor:pointer}\n"
    ".first{background:var(--blue);border-color:var(--blue);"
    "color:light-dark(#fff,#062e6f)}"
    ".cell{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:end}"
    ".cell input{display:block;min-height:2rem}\n"
    ".scroll{overflow:auto}table{border-collapse:collapse}"
    "td,th{border:1px solid var(--line);padding:.2rem .5rem;white-space:nowrap}"
    "th{font-weight:500;color:var(--mut)}\n";

static const char edit_html[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Demo spreadsheets</title>\n"
    "<link rel=\"stylesheet\" href=\"/fake/page.css\">\n<main class=\"wide\">\n"
    "<p class=\"demo\"><strong>Demo.</strong> These spreadsheets stand in for Google's."
    " <a href=\"/fake/calendar\">Calendars</a>, <a href=\"/fake/contacts\">contacts</a>,"
    " <a href=\"/fake/notion\">Notion</a>,"
    " <a href=\"/\">back to Tidemark</a></p>\n"
    "<h1>{{name}}</h1>\n"
    "<ul>\n"
    "{{#files}}<li>{{name}}: "
    "{{#tabs}}<a href=\"{{&url href}}\">{{title}}</a> {{/tabs}}\n"
    "{{/files}}</ul>\n"
    "{{#said}}<p role=\"status\">{{said}}</p>\n{{/said}}"
    "{{#tab}}<form method=\"post\" class=\"cell\">\n"
    "<label>Cell <input name=\"cell\" size=\"6\" required placeholder=\"B2\"></label>\n"
    "<label>Value <input name=\"value\"></label>\n"
    "<button class=\"first\">Enter</button>\n"
    "</form>\n"
    "<h2>{{title}}</h2>\n"
    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{{title}}\"><table>\n"
    "<tr><td></td>{{#columns}}<th scope=\"col\">{{.}}</th>{{/columns}}</tr>\n"
    "{{#rows}}<tr><th scope=\"row\">{{number}}</th>"
    "{{#cells}}<td>{{.}}</td>{{/cells}}</tr>\n"
    "{{/rows}}</table></div>\n"
    "{{/tab}}</main>\n</html>\n";

static const struct view edit_views[] = { { "edit", edit_html }, { NULL, NULL } };

static json *
edit_files(struct call *c)
{
	json *list = json_list(c->a);

	for (const struct file *file = drive_of(c->f)->files; file; file = file->next) {
		json *one = json_new(c->a), *tabs = json_list(c->a);

		if (file->gone)
			continue;
		for (const struct tab *t = book_of(file)->tabs; t; t = t->next) {
			json *link = json_new(c->a);

			if (t->type != TAB_GRID)
				continue;
			json_set_str(link, "title", t->title);
			json_set_str(link, "href",
			    arena_printf(
				c->a, "/fake/edit?file=%s&tab=%lld", file->id, (long long)t->id));
			json_add(tabs, link);
		}
		json_set_str(one, "name", file->name);
		json_set(one, "tabs", tabs);
		json_add(list, one);
	}
	return list;
}

/* At least four. */
static int64_t
edit_columns(struct call *c, const struct tab *t, int64_t rows)
{
	int64_t cols = 4;

	for (int64_t r = 0; r < rows; r++)
		for (int64_t k = cols; k < t->cols; k++) {
			struct cell cell = cell_at(t, r, k, c->a);

			cols = cell_empty(&cell) ? cols : k + 1;
		}
	return cols;
}

static json *
edit_tab(struct call *c, const struct book *book, const struct tab *t)
{
	json *j = json_new(c->a), *columns = json_list(c->a), *rows = json_list(c->a);
	int64_t cols, used = tab_used_rows(t, 0, t->cols);

	used = used > ROWS_SHOWN ? ROWS_SHOWN : used;
	cols = edit_columns(c, t, used);
	for (int64_t k = 0; k < cols; k++)
		json_add_str(columns, column_name(c->a, k));
	for (int64_t r = 0; r < used; r++) {
		json *row = json_new(c->a), *cells = json_list(c->a);

		for (int64_t k = 0; k < cols; k++) {
			struct cell cell = cell_at(t, r, k, c->a);

			json_add_str(cells, cell_text(c->a, &cell, book->locale));
		}
		json_set_i64(row, "number", r + 1);
		json_set(row, "cells", cells);
		json_add(rows, row);
	}
	json_set_str(j, "title", t->title);
	json_set(j, "columns", columns);
	json_set(j, "rows", rows);
	return j;
}

static const struct tab *
edit_asked(struct call *c, struct file **file)
{
	const char *tab = query_of(c, "tab");
	int64_t id;

	*file = file_by(c->f, query_of(c, "file"));
	return *file && tab && str_i64(str_c(tab), 0, INT64_MAX, &id)
	    ? tab_by_id(book_of(*file), id)
	    : NULL;
}

static void
edit_page(struct call *c)
{
	json *model = json_new(c->a);
	struct file *file;
	const struct tab *t = edit_asked(c, &file);

	json_set_str(model, "name", t ? file->name : "Demo spreadsheets");
	json_set(model, "files", edit_files(c));
	json_set_str(model, "said", demo_said(c));
	if (t)
		json_set(model, "tab", edit_tab(c, book_of(file), t));
	buf_clear(c->rep->body);
	c->rep->status = 200;
	c->rep->type = "text/html; charset=utf-8";
	if (tmpl_render(c->cx, edit_views, "edit", model, false, c->rep->body) != RC_OK)
		buf_str(c->rep->body, c->cx->err.detail);
}

static void
edit_entered(struct call *c)
{
	const char *cell = form_of(c, "cell"), *value = form_of(c, "value");
	json *values = json_list(c->a), *row = json_list(c->a);
	struct file *file;
	const struct tab *t = edit_asked(c, &file);
	const struct entry_way way = { .typed = true };
	const char *where;
	struct range g;

	if (!t || !cell || !value) {
		demo_done(c, "Choose a tab, a cell and a value.");
		return;
	}
	json_add_str(row, value);
	json_add(values, row);
	where = arena_printf(c->a, "%s!%s", title_quoted(c->a, t->title), cell);
	if (!values_write(c, book_of(file), where, values, way, &g)) {
		demo_done(c, "There is no such cell: write it like B2.");
		return;
	}
	book_changed(c->f, book_of(file));
	demo_done(c, "Entered.");
}

static void
edit_style(struct call *c)
{
	c->rep->status = 200;
	c->rep->type = "text/css; charset=utf-8";
	buf_str(c->rep->body, edit_css);
}

static const struct fake_param edit_query[] = {
	{ .name = "file" },
	{ .name = "tab" },
	{ .name = NULL },
};

const struct fake_route demo_routes[] = {
	{
	    .method = "GET",
	    .path = "/fake/edit",
	    .name = "edit",
	    .query = edit_query,
	    .handle = edit_page,
	},
	{
	    .method = "POST",
	    .path = "/fake/edit",
	    .name = "edit",
	    .query = edit_query,
	    .form = true,
	    .handle = edit_entered,
	},
	{
	    .method = "GET",
	    .path = "/fake/page.css",
	    .name = "edit",
	    .query = fake_nothing,
	    .handle = edit_style,
	},
	{ .path = NULL },
};
