/*
 * contacts_parse.c - google-contacts: the pure half. Of people who were merged one goes on; those
 * that it was before are gone, and say where to.
 *
 * People with neither an e-mail address nor a phone number are kept and counted. Who they are is
 * found out once and told again, so that a read of changes alone knows how many there are.
 */
#include "provider/google/contacts.h"

#include "base/buf.h"
#include "provider/web/jscan.h"

enum { PERSON_ARENA = 256 * 1024 * 1024, UNREACHABLE_MAX = 64 * 1024 * 1024 };

struct load;
typedef enum rc load_fn(struct ctx *, struct load *, const json *person, int page);

struct load {
	const struct source *src;
	struct sink *sink;
	struct ctx page; /* of the present person */
	struct jscan *js;
	char *chunk;
	load_fn *fn; /* what is done with each person; NULL: the head is read */
	int number;  /* of the page, from 1 */
	json *head, *labels, *chosen;
	json *people; /* chosen one by one: a set */
	bool delta;
	size_t column[CONTACT__MAX];
	struct cell *cells;
	size_t n_cells;
	json *merged;      /* who was before: {"people/c1": who goes on} */
	json *unreachable; /* a set: {"people/c1": true} */
	int64_t line;
};

/* --- pages --- */

static bool
page_at_person(const struct jscan *js)
{
	return js->depth == 3 && str_is(js->frame[0].name, "answer") &&
	    (str_is(js->frame[1].name, "connections") ||
		str_is(js->frame[1].name, "otherContacts"));
}

static enum rc
page_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	const struct load *l = arg;

	(void)cx;
	(void)type;
	*keep = l->fn ? page_at_person(js) : js->depth == 1 && str_is(js->frame[0].name, "head");
	return RC_OK;
}

/* One person after the other: a page of them as a tree takes twice the time. */
static enum rc
page_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct load *l = arg;

	(void)type;
	if (!text)
		return RC_OK;
	if (l->fn) {
		TRY(l->fn(cx, l,
		    json_stored(l->page.a, arena_dup_str(l->page.a, (struct str){ text, n })),
		    l->number));
		arena_reset(l->page.a);
		return RC_OK;
	}
	l->head = json_stored(cx->a, arena_dup_str(cx->a, (struct str){ text, n }));
	js->stopped = true;
	return RC_OK;
}

static enum rc
page_scan(struct ctx *cx, struct load *l, struct page_in *in)
{
	size_t got;
	enum rc rc;

	jscan_begin(l->js);
	do {
		TRY(in->read(cx, in->arg, l->chunk, PAGE_CHUNK, &got));
		rc = got > 0 ? jscan_feed(cx, l->js, (struct str){ l->chunk, got })
			     : jscan_end(cx, l->js, in->cut);
	} while (rc == RC_OK && got > 0 && !l->js->stopped);
	if (rc != RC_OK && (cx->err.kind == E_JSON || cx->err.kind == E_EMPTY))
		return fail(cx, E_JSON, "Google's answer could not be read.");
	return rc;
}

static enum rc
each_person(struct ctx *cx, struct load *l, struct page_in *pages, size_t n, load_fn *fn)
{
	l->fn = fn;
	for (size_t i = 0; i < n; i++) {
		l->number = (int)i + 1;
		TRY(page_scan(cx, l, &pages[i]));
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
	return json_has(l->people, name);
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

static json *
load_chosen(struct arena *a, const json *names)
{
	json *people = json_new(a);

	for (size_t i = 0; i < json_len(names); i++)
		json_set_bool(people, json_value_str(json_nth(names, i)), true);
	return people;
}

static enum rc
load_head(struct ctx *cx, struct load *l, struct page_in *first)
{
	TRY(page_scan(cx, l, first));
	if (!l->head)
		return fail(cx, E_JSON, "The first page of contacts is not the first.");
	l->labels = json_at(l->head, "labels");
	l->chosen = json_at(l->head, "chosen");
	l->people = load_chosen(cx->a, json_at(l->src->config, "people"));
	l->delta = json_flag(l->head, "delta", false);
	return first->restart(cx, first->arg);
}

/* By a name or an address people are known. */
static bool
load_tells(enum contact_column c)
{
	return c == CONTACT_DISPLAY_NAME || c == CONTACT_EMAILS || c == CONTACT_PHONES;
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
		if (l->sink->telling && load_tells((enum contact_column)i))
			l->sink->telling(l->sink, l->column[i]);
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
		.page = { .a = arena_new("contacts page", PERSON_ARENA, ARENA_WIPE) },
		.chunk = arena_alloc(cx->a, PAGE_CHUNK),
		.merged = json_new(cx->a),
		.unreachable = json_new(cx->a),
	};
	const struct jscan_events events = { .begin = page_begin, .end = page_end, .arg = &l };
	enum rc rc;

	l.js = jscan_new(cx->a, &events);
	rc = n ? load_all(cx, &l, pages, n) : fail(cx, E_EMPTY, NULL);
	arena_free(l.page.a);
	return rc;
}
