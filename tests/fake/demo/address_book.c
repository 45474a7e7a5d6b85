/*
 * address_book.c - /fake/contacts: a page on which a person plays somebody else who changes the
 * demo's contacts, to see the change arrive elsewhere. Forms, no script.
 */
#include "fake/demo/demo.h"

#include "fake/fake_control.h"
#include "fake/google/people.h"
#include "web/tmpl.h"

enum { PEOPLE_SHOWN = 200 };

static const char book_html[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Demo contacts</title>\n"
    "<link rel=\"stylesheet\" href=\"/fake/page.css\">\n<main class=\"wide\">\n"
    "<p class=\"demo\"><strong>Demo.</strong> These contacts stand in for Google's."
    " <a href=\"/fake/edit\">Spreadsheets</a>, <a href=\"/fake/calendar\">calendars</a>,"
    " <a href=\"/fake/notion\">Notion</a>,"
    " <a href=\"/\">back to Tidemark</a></p>\n"
    "<h1>Contacts of {{owner}}</h1>\n"
    "{{#said}}<p role=\"status\">{{said}}</p>\n{{/said}}"
    "<form method=\"post\" class=\"cell\">\n"
    "<label>First name <input name=\"given\"></label>\n"
    "<label>Last name <input name=\"family\"></label>\n"
    "<label>E-mail <input name=\"email\" type=\"email\"></label>\n"
    "<label>Phone <input name=\"phone\" type=\"tel\"></label>\n"
    "<label>Label <input name=\"label\"></label>\n"
    "<button class=\"first\" name=\"do\" value=\"add\">Add</button>\n</form>\n"
    "{{#people}}<form method=\"post\" class=\"cell\">\n"
    "<input type=\"hidden\" name=\"person\" value=\"{{name}}\">\n"
    "<label>First name <input name=\"given\" value=\"{{given}}\"></label>\n"
    "<label>Last name <input name=\"family\" value=\"{{family}}\"></label>\n"
    "<label>E-mail <input name=\"email\" value=\"{{email}}\"></label>\n"
    "<label>Phone <input name=\"phone\" value=\"{{phone}}\"></label>\n"
    "<label>Label <input name=\"label\" value=\"{{label}}\"></label>\n"
    "<button name=\"do\" value=\"save\">Save</button>\n"
    "<button name=\"do\" value=\"delete\">Delete</button>\n"
    "<label>The same as <select name=\"into\">{{#others}}<option value=\"{{name}}\">{{shown}}"
    "</option>{{/others}}</select></label>\n"
    "<button name=\"do\" value=\"merge\">Merge</button>\n</form>\n{{/people}}"
    "{{^people}}<p>There are no contacts.</p>\n{{/people}}"
    "</main>\n</html>\n";

static const struct view book_views[] = { { "book", book_html }, { NULL, NULL } };

/* Whose contacts: those of the first account that has any, or of the first. */
static struct account *
book_owner(const struct call *c)
{
	for (const struct person *p = people_of(c->f)->list; p; p = p->next)
		return p->owner;
	return c->f->accounts;
}

static const char *
book_item(const struct person *p, const char *field, const char *member)
{
	const char *text = json_str(json_nth(json_at(p->now.content, field), 0), member);

	return text ? text : "";
}

/* The first of its labels that is not everybody's. */
static const char *
book_label(const struct call *c, const struct person *p)
{
	const json *ids = json_at(p->now.content, "labels");

	for (size_t i = 0; i < json_len(ids); i++) {
		const struct label *l = label_by(c->f, p->owner, json_value_str(json_nth(ids, i)));

		if (l && !l->system)
			return l->name;
	}
	return "";
}

static const char *
book_shown(struct call *c, const struct person *p)
{
	const char *given = book_item(p, "names", "givenName");
	const char *family = book_item(p, "names", "familyName");

	if (*given || *family)
		return arena_printf(c->a, "%s %s", given, family);
	return *book_item(p, "organizations", "name") ? book_item(p, "organizations", "name")
						      : book_item(p, "emailAddresses", "value");
}

static json *
book_others(struct call *c, const struct person *self)
{
	json *list = json_list(c->a);

	for (const struct person *p = people_of(c->f)->list; p; p = p->next) {
		json *one = json_new(c->a);

		if (p == self || p->now.gone || p->other || p->owner != self->owner)
			continue;
		json_set_str(one, "name", p->name);
		json_set_str(one, "shown", book_shown(c, p));
		json_add(list, one);
	}
	return list;
}

static json *
book_person(struct call *c, const struct person *p)
{
	json *one = json_new(c->a);

	json_set_str(one, "name", p->name);
	json_set_str(one, "given", book_item(p, "names", "givenName"));
	json_set_str(one, "family", book_item(p, "names", "familyName"));
	json_set_str(one, "email", book_item(p, "emailAddresses", "value"));
	json_set_str(one, "phone", book_item(p, "phoneNumbers", "value"));
	json_set_str(one, "label", book_label(c, p));
	json_set(one, "others", book_others(c, p));
	return one;
}

static void
book_page(struct call *c)
{
	const struct account *who = book_owner(c);
	json *model = json_new(c->a), *list = json_list(c->a);

	for (const struct person *p = people_of(c->f)->list; p && json_len(list) < PEOPLE_SHOWN;
	     p = p->next)
		if (p->owner == who && !p->now.gone && !p->other)
			json_add(list, book_person(c, p));
	json_set_str(model, "owner", who ? who->name : "nobody");
	json_set_str(model, "said", demo_said(c));
	json_set(model, "people", list);
	buf_clear(c->rep->body);
	c->rep->status = 200;
	c->rep->type = "text/html; charset=utf-8";
	if (tmpl_render(c->cx, book_views, "book", model, false, c->rep->body) != RC_OK)
		buf_str(c->rep->body, c->cx->err.detail);
}

/* The first item of a field with other members; without any, the item goes. */
static void
book_set(struct call *c, json *content, const char *field, const char *const member[2],
    const char *const form[2])
{
	json *list = json_list(c->a), *had = json_at(content, field);
	json *one = json_len(had) ? json_stored(c->a, json_text(c->a, json_nth(had, 0)))
				  : json_new(c->a);
	bool any = false;

	for (int i = 0; i < 2 && member[i]; i++) {
		const char *v = form_of(c, form[i]);

		json_set_str(one, member[i], v ? v : "");
		any |= v && *v;
	}
	if (any)
		json_add(list, one);
	for (size_t i = 1; i < json_len(had); i++)
		json_add(list, json_nth(had, i));
	if (json_len(list))
		json_set(content, field, list);
	else
		json_unset(content, field);
}

static void
book_label_set(struct call *c, struct person *p)
{
	const char *name = form_of(c, "label"), *had = book_label(c, p);
	const struct label *l;

	if (!name || strcmp(name, had) == 0)
		return;
	if (*had)
		person_label(c->f, p, label_named(c->f, p->owner, had)->id, false);
	if (!*name)
		return;
	l = label_named(c->f, p->owner, name);
	person_label(c->f, p, l ? l->id : label_add(c->f, p->owner, name)->id, true);
}

static const char *
book_person_save(struct call *c, struct person *p)
{
	json *content = json_stored(c->a, json_text(c->a, p->now.content));

	book_set(c, content, "names", (const char *const[2]){ "givenName", "familyName" },
	    (const char *const[2]){ "given", "family" });
	book_set(c, content, "emailAddresses", (const char *const[2]){ "value", NULL },
	    (const char *const[2]){ "email", NULL });
	book_set(c, content, "phoneNumbers", (const char *const[2]){ "value", NULL },
	    (const char *const[2]){ "phone", NULL });
	p->now.content = json_stored(c->f->a, json_text(c->a, content));
	person_touch(c->f, p);
	book_label_set(c, p);
	return "Saved.";
}

static const char *
book_person_add(struct call *c)
{
	struct account *who = book_owner(c);
	struct person *p = who ? person_add(c->f, who, person_new_name(c->f, false)) : NULL;

	if (!p)
		return "There is no account.";
	p->now.content = json_stored(c->f->a, "{\"labels\": [\"myContacts\"]}");
	return book_person_save(c, p);
}

static void
person_changed(struct call *c)
{
	const char *what = form_of(c, "do"), *said = "Choose a person.";
	struct account *who = book_owner(c);
	struct person *p = who ? person_by(c->f, who, form_of(c, "person")) : NULL;
	struct person *into = who ? person_by(c->f, who, form_of(c, "into")) : NULL;

	if (what && strcmp(what, "add") == 0) {
		said = book_person_add(c);
	} else if (p && !p->now.gone && what) {
		if (strcmp(what, "save") == 0) {
			said = book_person_save(c, p);
		} else if (strcmp(what, "delete") == 0) {
			person_remove(c->f, p);
			said = "Deleted.";
		} else if (into && !into->now.gone && into != p) {
			person_merge(c->f, into, p, false);
			said = "Merged.";
		}
	}
	demo_done(c, said);
}

static const struct fake_route book_routes[] = {
	{
	    .method = "GET",
	    .path = "/fake/contacts",
	    .name = "contacts",
	    .query = fake_nothing,
	    .handle = book_page,
	},
	{
	    .method = "POST",
	    .path = "/fake/contacts",
	    .name = "contacts",
	    .query = fake_nothing,
	    .form = true,
	    .handle = person_changed,
	},
	{ .path = NULL },
};

const struct fake_service address_book_service = {
	.name = "address_book",
	.own = true,
	.manners = &own_manners,
	.routes = book_routes,
};
