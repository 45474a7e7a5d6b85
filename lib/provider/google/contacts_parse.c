/*
 * contacts_parse.c - google-contacts: the pure half. Of people who were merged one goes on; those
 * that it was before are gone, and say where to.
 *
 * People with neither an e-mail address nor a phone number are kept and counted. Who they are is
 * found out once and told again, so that a read of changes alone knows how many there are.
 */
#include "provider/google/contacts.h"

#include "base/buf.h"

enum { PAGE_ARENA = 1024 * 1024 * 1024, UNREACHABLE_MAX = 64 * 1024 * 1024 };

struct load {
	const struct source *src;
	struct sink *sink;
	struct ctx page; /* of the present page */
	json *head, *labels, *chosen;
	const json *people; /* chosen one by one */
	bool delta;
	size_t column[CONTACT__MAX];
	struct cell *cells;
	size_t n_cells;
	json *merged;      /* who was before: {"people/c1": who goes on} */
	json *unreachable; /* a set: {"people/c1": true} */
	int64_t line;
};

/* --- pages --- */

static enum rc
page_read(struct ctx *cx, struct load *l, struct page_in *in, json **out)
{
	struct buf *b = buf_in(l->page.a, GCONTACTS_PAGE_MAX * 2);
	char *chunk = arena_alloc(l->page.a, PAGE_CHUNK);
	size_t got;

	do {
		TRY(in->read(cx, in->arg, chunk, PAGE_CHUNK, &got));
		buf_add(b, chunk, got);
	} while (got > 0);
	if (b->over)
		return fail(cx, E_SOURCE_TOO_LARGE, NULL);
	if (json_parse(&l->page, "A page of contacts", buf_s(b), out) != RC_OK)
		return fail(cx, E_JSON, "Google's answer could not be read.");
	return RC_OK;
}

static const json *
page_people(const json *page)
{
	const json *answer = json_at(page, "answer"), *list = json_at(answer, "connections");

	return list ? list : json_at(answer, "otherContacts");
}

typedef enum rc load_fn(struct ctx *, struct load *, const json *person, int page);

static enum rc
each_person(struct ctx *cx, struct load *l, struct page_in *pages, size_t n, load_fn *fn)
{
	for (size_t i = 0; i < n; i++) {
		const json *list;
		json *page;

		TRY(page_read(cx, l, &pages[i], &page));
		list = page_people(page);
		for (size_t k = 0; k < json_len(list); k++)
			TRY(fn(cx, l, json_nth(list, k), (int)i + 1));
		arena_reset(l->page.a);
	}
	return RC_OK;
}

/* --- who was merged --- */

static const char *
shown_name(struct arena *a, const json *person)
{
	struct cell cells[CONTACT__MAX];

	gcontacts_cells(a, person, NULL, cells);
	return cells[CONTACT_DISPLAY_NAME].kind == CELL_TEXT ? cells[CONTACT_DISPLAY_NAME].v.p
							     : json_str(person, "resourceName");
}

static enum rc
note_merged(struct ctx *cx, struct load *l, const json *person, int page)
{
	const json *before = json_at(json_at(person, "metadata"), "previousResourceNames");
	const char *name = json_str(person, "resourceName"), *old;

	(void)cx;
	(void)page;
	for (size_t i = 0; name && i < json_len(before); i++) {
		old = json_value_str(json_nth(before, i));
		if (old && *old && strcmp(old, name))
			json_set_str(l->merged, old,
			    arena_printf(l->page.a, "It was merged at Google into %.200s (%.100s).",
				shown_name(l->page.a, person), name));
	}
	return RC_OK;
}

/* --- people --- */

static bool
is_chosen(const struct load *l, const json *person, const char *name)
{
	if (!l->chosen || !str_starts(str_c(name), "people/"))
		return true;
	for (struct json_iter it = { 0 }; json_each(l->chosen, &it);)
		if (gcontacts_labelled(person, json_value_str(it.value)))
			return true;
	for (size_t i = 0; i < json_len(l->people); i++)
		if (!strcmp(json_value_str(json_nth(l->people, i)), name))
			return true;
	return false;
}

static enum rc
person_gone(struct ctx *cx, struct load *l, const char *name, const char *why)
{
	json_unset(l->unreachable, name);
	return l->delta ? l->sink->gone(cx, l->sink, str_c(name), why) : RC_OK;
}

/* Those that it was before are not told as deleted by every service. */
static enum rc
person_before(struct ctx *cx, struct load *l, const json *person, const char *name)
{
	const json *before = json_at(json_at(person, "metadata"), "previousResourceNames");
	const char *old;

	for (size_t i = 0; i < json_len(before); i++) {
		old = json_value_str(json_nth(before, i));
		if (old && *old && strcmp(old, name))
			TRY(person_gone(cx, l, old, json_str(l->merged, old)));
	}
	return RC_OK;
}

static enum rc
person_row(struct ctx *cx, struct load *l, const json *person, const char *name, int page)
{
	struct cell cells[CONTACT__MAX];

	if (gcontacts_reachable(person))
		json_unset(l->unreachable, name);
	else
		json_set_bool(l->unreachable, name, true);
	gcontacts_cells(l->page.a, person, l->labels, cells);
	for (int i = 0; i < CONTACT__MAX; i++)
		if (contact_chosen(l->src->config, (enum contact_column)i))
			l->cells[l->column[i]] = cells[i];
	return l->sink->row(cx, l->sink,
	    &(struct row){
		.cells = l->cells,
		.n = l->n_cells,
		.key = str_c(name),
		.line = l->line,
		.page = page,
	    });
}

static enum rc
put_person(struct ctx *cx, struct load *l, const json *person, int page)
{
	const char *name = json_str(person, "resourceName");

	l->line++;
	if (!name || !*name)
		return l->sink->skip(cx, l->sink, "no_resource_name", l->line, "");
	if (json_flag(json_at(person, "metadata"), "deleted", false))
		return person_gone(cx, l, name, json_str(l->merged, name));
	TRY(person_before(cx, l, person, name));
	if (is_chosen(l, person, name))
		return person_row(cx, l, person, name, page);
	return person_gone(cx, l, name, "It is not among the people that are chosen any more.");
}

/* --- the whole --- */

static void
load_unreachable(struct load *l)
{
	struct str rest = str_c(l->delta ? json_str(l->src->known, "unreachable") : NULL);

	while (rest.p && rest.n) {
		const struct str one = str_cut(rest, ' ', &rest);

		json_set_bool(l->unreachable, arena_dup_str(l->page.a, one), true);
	}
	arena_reset(l->page.a);
}

static enum rc
load_head(struct ctx *cx, struct load *l, struct page_in *first)
{
	json *page;

	TRY(page_read(cx, l, first, &page));
	l->head = json_copy(cx->a, json_at(page, "head"));
	arena_reset(l->page.a);
	if (!l->head)
		return fail(cx, E_JSON, "The first page of contacts is not the first.");
	l->labels = json_at(l->head, "labels");
	l->chosen = json_at(l->head, "chosen");
	l->people = json_at(l->src->config, "people");
	l->delta = json_flag(l->head, "delta", false);
	return first->restart(cx, first->arg);
}

static enum rc
load_columns(struct ctx *cx, struct load *l)
{
	TRY(l->sink->dataset(cx, l->sink, "", "Contacts"));
	for (int i = 0; i < CONTACT__MAX; i++) {
		if (!contact_chosen(l->src->config, (enum contact_column)i))
			continue;
		TRY(l->sink->column(cx, l->sink, str_c(contact_fields[i].name), &l->column[i]));
		if (l->column[i] >= l->n_cells)
			l->n_cells = l->column[i] + 1;
	}
	l->cells = arena_array(cx->a, l->n_cells + 1, sizeof *l->cells);
	return RC_OK;
}

static enum rc
load_found(struct ctx *cx, struct load *l, const char *name, const char *value)
{
	return l->sink->found ? l->sink->found(cx, l->sink, name, value) : RC_OK;
}

static enum rc
load_tell(struct ctx *cx, struct load *l)
{
	struct buf *b = buf_in(cx->a, UNREACHABLE_MAX);
	const json *missing = json_at(l->head, "missing");
	int64_t n = 0;

	for (struct json_iter it = { 0 }; json_each(l->unreachable, &it); n++)
		buf_printf(b, "%s%s", b->n ? " " : "", it.key);
	TRY(load_found(cx, l, "unreachable", n ? buf_c(b) : NULL));
	TRY(load_found(cx, l, "labels", l->chosen ? json_text(cx->a, l->chosen) : NULL));
	TRY(load_found(cx, l, "label", json_str(l->src->config, "label")));
	for (size_t i = 0; i < json_len(missing); i++)
		TRY(l->sink->warn(cx, l->sink, arena_printf(cx->a, "label_gone_%zu", i),
		    "Google Contacts has no label \"%.100s\" any more, which is chosen.",
		    json_value_str(json_nth(missing, i))));
	return l->sink->people ? l->sink->people(cx, l->sink, n, NULL) : RC_OK;
}

static enum rc
load_all(struct ctx *cx, struct load *l, struct page_in *pages, size_t n)
{
	TRY(load_head(cx, l, pages));
	load_unreachable(l);
	TRY(load_columns(cx, l));
	if (l->delta) {
		TRY(each_person(cx, l, pages, n, note_merged));
		for (size_t i = 0; i < n; i++)
			TRY(pages[i].restart(cx, pages[i].arg));
	}
	TRY(each_person(cx, l, pages, n, put_person));
	return load_tell(cx, l);
}

enum rc
gcontacts_parse(
    struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	struct load l = {
		.src = src,
		.sink = sink,
		.page = { .a = arena_new("contacts page", PAGE_ARENA, ARENA_WIPE) },
		.merged = json_new(cx->a),
		.unreachable = json_new(cx->a),
	};
	enum rc rc = n ? load_all(cx, &l, pages, n) : fail(cx, E_EMPTY, NULL);

	arena_free(l.page.a);
	return rc;
}
