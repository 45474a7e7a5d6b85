/*
 * mapping.c - see mapping.h.
 */
#include "profile/mapping.h"

#include <stdlib.h>

#include "base/fold.h"
#include "kind/person.h"
#include "profile/email.h"
#include "profile/ident.h"
#include "profile/phone.h"

enum {
	NAME,
	EMAIL,
	PHONE,
	IDENTS_MAX = 60, /* of one record */
	NAME_WORDS = 12
};

const char *const mapping_parts[MAPPING_PARTS] = { "name", "email", "phone" };

/* Words by which people call columns, folded. */
#define EMAIL_WORDS \
	"email,emails,mail,courriel,correo,emailaddress,emailaddresses,emailadresse,mailadresse"
#define PHONE_WORDS \
	"phone,phones,telephone,telefon,tel,mobile,mobil,handy,telefono,cell,cellphone," \
	"phonenumber,phonenumbers,telefonnummer,mobilnummer"
/* Beside one of them: it is about an address or a number, not itself one. */
#define BESIDE_WORDS "type,label,code,country,at,date,verified,id,count,status,fax,opt,subject,sent"
#define GIVEN_WORDS "first name,firstname,given name,givenname,vorname,prenom"
#define FAMILY_WORDS \
	"last name,lastname,family name,familyname,surname,nachname,apellido,apellidos,cognome"
static const char *const names[] = { "displayname", "display name", "full name", "fullname", "name",
	"contact name", "vollstandiger name", "customer name", "contact", "nom", "nombre", "nome",
	"kunde", "customer", NULL };

static bool
column_has(struct str name, struct str words)
{
	struct str rest = name;

	while (rest.n > 0)
		if (str_has_word(words, ',', str_cut(rest, ' ', &rest)))
			return true;
	return false;
}

/* What a column is called, folded, with "e-mail" as one word. */
static struct str
column_name(struct arena *a, const json *column)
{
	const struct str s = fold_words(a, json_s(column, "name"));
	const char *at = s.n ? strstr(s.p, "e mail") : NULL;

	if (!at || (at > s.p && at[-1] != ' '))
		return s;
	return str_c(arena_printf(a, "%.*se%s", (int)(at - s.p), s.p, at + 2));
}

static void
mapping_add(struct mapping *m, size_t part, size_t column)
{
	if (m->n[part] < MAPPING_COLUMNS)
		m->column[part][m->n[part]++] = column;
}

/* The full name, else what it is made of. */
static void
mapping_guess_name(struct mapping *m, const struct str *called, size_t n)
{
	for (size_t w = 0; names[w]; w++)
		for (size_t i = 0; i < n; i++)
			if (m->n[NAME] == 0 && str_is(called[i], names[w]))
				mapping_add(m, NAME, i);
	if (m->n[NAME] > 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (str_has_word(STR(GIVEN_WORDS), ',', called[i]))
			mapping_add(m, NAME, i);
	for (size_t i = 0; i < n; i++)
		if (str_has_word(STR(FAMILY_WORDS), ',', called[i]))
			mapping_add(m, NAME, i);
}

static void
mapping_guess(struct mapping *m, const struct str *called, size_t n)
{
	mapping_guess_name(m, called, n);
	for (size_t i = 0; i < n; i++) {
		if (column_has(called[i], STR(BESIDE_WORDS)))
			continue;
		if (column_has(called[i], STR(EMAIL_WORDS)))
			mapping_add(m, EMAIL, i);
		else if (column_has(called[i], STR(PHONE_WORDS)))
			mapping_add(m, PHONE, i);
	}
}

/* The number of the column that is called so; false: there is none. */
static bool
mapping_column(const json *columns, struct str name, size_t *at)
{
	for (size_t i = 0; name.p && i < json_len(columns); i++) {
		const json *c = json_nth(columns, i);

		if (json_flag(c, "gone", false) || !str_eq(json_s(c, "name"), name))
			continue;
		*at = i;
		return true;
	}
	return false;
}

/* As somebody has chosen; columns that are gone say nothing. */
static void
mapping_choose(struct mapping *m, const json *columns, const json *chosen)
{
	size_t at;

	for (size_t part = 0; part < MAPPING_PARTS; part++) {
		const json *list = json_at(chosen, mapping_parts[part]);

		for (size_t i = 0; i < json_len(list); i++)
			if (mapping_column(columns, str_c(json_value_str(json_nth(list, i))), &at))
				mapping_add(m, part, at);
	}
}

/* What the connection's fields name stands before what is guessed. */
static void
mapping_fields(struct mapping *m, const json *columns, const json *config)
{
	size_t at;

	for (size_t part = 0; part < MAPPING_PARTS; part++) {
		if (!mapping_column(columns, json_s(config, person_fields[part]), &at))
			continue;
		m->n[part] = 0;
		mapping_add(m, part, at);
	}
}

void
mapping_of(struct arena *a, const struct person_table *t, const char *country, struct mapping *out)
{
	const json *columns = json_stored(a, t->columns), *chosen = json_stored(a, t->chosen);
	const size_t n = json_len(columns);
	struct str *called = arena_array(a, n + 1, sizeof *called);
	json *shown;

	*out = (struct mapping){ .text = "", .country = country };
	if (t->chosen) {
		mapping_choose(out, columns, chosen);
	} else {
		for (size_t i = 0; i < n; i++)
			called[i] = json_flag(json_nth(columns, i), "gone", false)
			    ? STR("")
			    : column_name(a, json_nth(columns, i));
		mapping_guess(out, called, n);
		mapping_fields(out, columns, json_stored(a, t->config));
	}
	shown = mapping_shown(a, t, out);
	if (shown)
		out->text = arena_printf(a, "%s %s", json_text(a, shown), country);
}

json *
mapping_shown(struct arena *a, const struct person_table *t, const struct mapping *m)
{
	const json *columns = json_stored(a, t->columns);
	json *o = json_new(a);

	if (m->n[EMAIL] == 0 && m->n[PHONE] == 0)
		return NULL;
	for (size_t part = 0; part < MAPPING_PARTS; part++) {
		json *list = json_list(a);

		for (size_t i = 0; i < m->n[part]; i++)
			json_add_str(list, json_str(json_nth(columns, m->column[part][i]), "name"));
		json_set(o, mapping_parts[part], list);
	}
	return o;
}

static bool
mapping_has_part(const char *name)
{
	for (size_t part = 0; part < MAPPING_PARTS; part++)
		if (!strcmp(name, mapping_parts[part]))
			return true;
	return false;
}

static const char *
mapping_check_part(struct arena *a, const json *columns, const json *list)
{
	size_t at;

	if (list && !json_is_list(list))
		return "This must be a list of columns.";
	if (json_len(list) > MAPPING_COLUMNS)
		return arena_printf(a, "At most %d columns.", MAPPING_COLUMNS);
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_value_str(json_nth(list, i));

		if (!name || !mapping_column(columns, str_c(name), &at))
			return arena_printf(a, "There is no column \"%.100s\".", name ? name : "");
	}
	return NULL;
}

const char *
mapping_check(struct arena *a, const char *columns, const json *given, const char **field)
{
	const json *there = json_stored(a, columns);
	const char *why;

	*field = "people";
	if (!json_is_obj(given))
		return "This must be an object with name, email and phone, false for no people, or "
		       "null for what can be guessed.";
	for (struct json_iter it = { 0 }; json_each(given, &it);)
		if (!mapping_has_part(it.key))
			return "Its members are name, email and phone.";
	for (size_t part = 0; part < MAPPING_PARTS; part++) {
		*field = arena_printf(a, "people.%s", mapping_parts[part]);
		why = mapping_check_part(a, there, json_at(given, mapping_parts[part]));
		if (why)
			return why;
	}
	*field = "people";
	if (json_len(json_at(given, "email")) == 0 && json_len(json_at(given, "phone")) == 0)
		return "Name a column with e-mail addresses or phone numbers: people are told by "
		       "them.";
	return NULL;
}

/* --- a record --- */

struct reading {
	struct arena *a;
	const struct mapping *m;
	size_t part;
	struct ident_list *out;
};

static void
reading_add(struct reading *r, enum ident_kind kind, struct str value)
{
	for (size_t i = 0; i < r->out->n; i++)
		if (r->out->v[i].kind == kind && str_eq(r->out->v[i].value, value))
			return;
	if (r->out->n < IDENTS_MAX)
		r->out->v[r->out->n++] = (struct ident){ kind, value };
}

static void
reading_take(struct reading *r, struct str text)
{
	char number[PHONE_MAX];
	struct str address;

	if (r->part == EMAIL && email_address(r->a, text, &address))
		reading_add(r, IDENT_EMAIL, address);
	if (r->part == PHONE && phone_number(text, r->m->country, number))
		reading_add(r, IDENT_PHONE, str_c(arena_dup(r->a, number)));
}

/* A cell may have several, one behind the other. */
static void
reading_text(struct reading *r, struct str text)
{
	static const char between[] = ",;|\n\r";
	size_t from = 0;

	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && (!text.p[i] || !strchr(between, text.p[i])))
			continue;
		reading_take(r, (struct str){ text.p + from, i - from });
		from = i + 1;
	}
}

/* A text, a number, {"value": ...}, or a list of these, also as the text of such JSON. */
static void
reading_cell(struct reading *r, const json *cell)
{
	const json *inner;

	if (json_is_list(cell)) {
		for (size_t i = 0; i < json_len(cell); i++)
			reading_cell(r, json_nth(cell, i));
	} else if (json_is_obj(cell)) {
		reading_cell(r, json_at(cell, "value"));
	} else if (json_is_str(cell)) {
		const char *text = json_value_str(cell);

		inner = text[0] == '[' ? json_stored(r->a, text) : NULL;
		if (inner)
			reading_cell(r, inner);
		else
			reading_text(r, str_c(text));
	} else if (json_is_num(cell)) {
		reading_text(r, str_c(json_text(r->a, cell)));
	}
}

const char *
mapping_name(struct arena *a, const struct mapping *m, const json *values)
{
	const char *name = "";

	for (size_t i = 0; i < m->n[NAME]; i++) {
		const char *text = json_value_str(json_nth(values, m->column[NAME][i]));

		if (text && *text)
			name = arena_printf(a, "%s%s%s", name, *name ? " " : "", text);
	}
	return name;
}

void
mapping_read(struct arena *a, const struct mapping *m, struct str payload, struct str *name,
    struct ident_list *out)
{
	const json *values = json_stored(a, payload.p);
	struct reading r = { .a = a, .m = m, .out = out };
	struct str rest;

	*out = (struct ident_list){ .v = arena_array(a, IDENTS_MAX, sizeof *out->v) };
	*name = fold_words(a, str_c(mapping_name(a, m, values)));
	for (r.part = EMAIL; r.part <= PHONE; r.part++)
		for (size_t i = 0; i < m->n[r.part]; i++)
			reading_cell(&r, json_nth(values, m->column[r.part][i]));
	rest = *name;
	for (int i = 0; i < NAME_WORDS && rest.n > 0; i++)
		reading_add(&r, IDENT_WORD, str_cut(rest, ' ', &rest));
	if (out->n > 1)
		qsort(out->v, out->n, sizeof *out->v, ident_order);
}
