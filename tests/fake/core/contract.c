/*
 * contract.c - each exchange is held against the provider's own description of its interface
 * (tests/fake/contract, from its discovery documents), apart from the tables by which the stand-in
 * works: what is asked, where the stand-in takes it, and all that it answers. What our programs ask
 * is looked at whatever the answer.
 *
 * FAKE_CONTRACTS names another directory of descriptions. Where there are none, nothing is checked.
 */
#include "fake/core/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONTRACT_BYTES = 1 << 20, CONTRACTS_ROOM = 64 << 20, BREACHES_MAX = 50 };

static const char *const contract_names[] = { "google-calendar-v3", "google-drive-v3",
	"google-sheets-v4", "google-people-v1" };
enum { CONTRACTS = sizeof contract_names / sizeof *contract_names };

static struct {
	bool read;
	struct arena *a;
	json *v[CONTRACTS]; /* NULL: there is none */
} contracts;

struct breach {
	struct breach *next; /* newest first */
	const char *text;
};

static json *
contract_file(struct arena *a, const char *name)
{
	const char *dir = getenv("FAKE_CONTRACTS");
	char *text = arena_alloc(a, CONTRACT_BYTES);
	FILE *f = fopen(
	    arena_printf(a, "%s/%s.json", dir ? dir : "tests/fake/contract", name), "re");
	size_t n = 0;

	if (f) {
		n = fread(text, 1, CONTRACT_BYTES - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return json_stored(a, text);
}

/* Once for all worlds. */
static void
contract_read(void)
{
	if (contracts.read)
		return;
	contracts.read = true;
	contracts.a = arena_new("contracts", CONTRACTS_ROOM, 0);
	for (size_t i = 0; i < CONTRACTS; i++)
		contracts.v[i] = contract_file(contracts.a, contract_names[i]);
}

/*
 * One value against a schema.
 */
struct holding {
	struct arena *a;
	const json *contract;
	bool asked; /* else it is an answer */
	bool ours;  /* asked by one of our programs */
	const char *flaw;
};

/* Where a value stands: "answer.items[3].start". Told only when something is wrong with it. */
struct where {
	const struct where *in;
	const char *name; /* NULL: it is one of a list */
	size_t no;
};

static const char *
where_text(struct arena *a, const struct where *w)
{
	if (!w->in)
		return w->name;
	if (!w->name)
		return arena_printf(a, "%s[%zu]", where_text(a, w->in), w->no);
	return arena_printf(a, "%s.%s", where_text(a, w->in), w->name);
}

static bool
hold_flaw(struct holding *h, const char *where, const char *what)
{
	if (!h->flaw)
		h->flaw = arena_printf(h->a, "%s %s", where, what);
	return false;
}

static bool
hold_flaw_at(struct holding *h, const struct where *where, const char *what)
{
	return hold_flaw(h, where_text(h->a, where), what);
}

static bool
hold_listed(const json *list, const char *word)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (word && !strcmp(json_value_str(json_nth(list, i)), word))
			return true;
	return false;
}

static bool
hold_text(struct holding *h, const json *schema, const json *v, const struct where *where)
{
	const char *format = json_str(schema, "format");
	const json *words = json_at(schema, "enum");

	/* Long numbers are told as texts, and taken as either. */
	if (format && !strcmp(format, "int64") && h->asked && json_is_int(v))
		return true;
	if (!json_is_str(v))
		return hold_flaw_at(h, where, "is no text");
	if (format && !strcmp(format, "date") && strlen(json_value_str(v)) != 10)
		return hold_flaw_at(h, where, "is no day");
	if (words && !hold_listed(words, json_value_str(v)))
		return hold_flaw_at(h, where, "is none of the words that there are");
	return true;
}

static bool
hold_value(struct holding *, const json *schema, const json *v, const struct where *where);

static bool
hold_object(struct holding *h, const json *schema, const json *v, const struct where *where)
{
	const json *members = json_at(schema, "properties");
	const json *others = json_at(schema, "additionalProperties");
	const json *pruned = json_at(schema, "x-prunedProperties");

	if (!json_is_obj(v))
		return hold_flaw_at(h, where, "is no object");
	for (struct json_iter it = { 0 }; json_each(v, &it);) {
		const struct where at = { .in = where, .name = it.key };
		const json *one = json_at(members, it.key);

		if (hold_listed(pruned, it.key) || (!members && !others))
			continue;
		if (!one && !others)
			return hold_flaw_at(h, &at, "is not in the reference");
		if (h->ours && json_flag(one, "readOnly", false) && !json_is_null(it.value))
			return hold_flaw_at(h, &at, "is not for us to say");
		if (!hold_value(h, one ? one : others, it.value, &at))
			return false;
	}
	return true;
}

static bool
hold_list(struct holding *h, const json *schema, const json *v, const struct where *where)
{
	const json *each = json_at(schema, "items");

	if (!json_is_list(v))
		return hold_flaw_at(h, where, "is no list");
	for (size_t i = 0; i < json_len(v); i++) {
		const struct where at = { .in = where, .no = i };

		if (!hold_value(h, each, json_nth(v, i), &at))
			return false;
	}
	return true;
}

static bool
hold_value(struct holding *h, const json *schema, const json *v, const struct where *where)
{
	const char *type = json_str(schema, "type"), *ref = json_str(schema, "$ref");

	if (ref)
		return hold_value(h, json_at(json_at(h->contract, "schemas"), ref), v, where);
	/* null takes a member away; nothing is told so. */
	if (json_is_null(v))
		return h->asked || hold_flaw_at(h, where, "is null");
	if (!type || !strcmp(type, "any"))
		return true;
	if (!strcmp(type, "string"))
		return hold_text(h, schema, v, where);
	if (!strcmp(type, "object"))
		return hold_object(h, schema, v, where);
	if (!strcmp(type, "boolean"))
		return json_is_bool(v) || hold_flaw_at(h, where, "is neither true nor false");
	if (!strcmp(type, "integer"))
		return json_is_int(v) || hold_flaw_at(h, where, "is no whole number");
	if (!strcmp(type, "number"))
		return json_is_num(v) || hold_flaw_at(h, where, "is no number");
	return hold_list(h, schema, v, where);
}

/*
 * What was asked.
 */
static bool
hold_number(const json *schema, const char *text)
{
	int64_t least = INT64_MIN, most = INT64_MAX, n;

	str_i64(str_c(json_str(schema, "minimum")), INT64_MIN, INT64_MAX, &least);
	str_i64(str_c(json_str(schema, "maximum")), INT64_MIN, INT64_MAX, &most);
	return str_i64(str_c(text), least, most, &n);
}

static bool
hold_param(struct holding *h, const json *schema, const char *name, const char *text)
{
	const char *type = json_str(schema, "type"), *at = arena_printf(h->a, "?%s", name);

	if (!schema || strcmp(json_str(schema, "location"), "query") != 0)
		return hold_flaw(h, at, "is not in the reference");
	if (!strcmp(type, "integer") && !hold_number(schema, text))
		return hold_flaw(h, at, "is not such a number");
	if (!strcmp(type, "boolean") && strcasecmp(text, "true") != 0 &&
	    strcasecmp(text, "false") != 0)
		return hold_flaw(h, at, "is neither true nor false");
	if (json_has(schema, "enum") && !hold_listed(json_at(schema, "enum"), text))
		return hold_flaw(h, at, "is none of the words that there are");
	return true;
}

static bool
hold_query(struct holding *h, const json *method, const struct call *c)
{
	const json *params = json_at(method, "parameters");

	for (size_t i = 0; i < c->query.n; i++) {
		const char *name = c->query.v[i].name;
		const json *one = json_at(params, name);
		const json *all = json_at(json_at(h->contract, "commonParameters"), name);

		if (!hold_param(h, one ? one : all, name, c->query.v[i].value))
			return false;
		if (one && !json_flag(one, "repeated", false) &&
		    params_get(&c->query, name) != c->query.v[i].value)
			return hold_flaw(h, arena_printf(h->a, "?%s", name), "is there twice");
	}
	for (struct json_iter it = { 0 }; json_each(params, &it);)
		if (json_flag(it.value, "required", false) &&
		    !strcmp(json_str(it.value, "location"), "query") && !query_of(c, it.key))
			return hold_flaw(h, arena_printf(h->a, "?%s", it.key), "is missing");
	return true;
}

/* "/calendar/v3/calendars/{calendarId}/events"; {+x} is more than one part. */
static bool
hold_path(const char *pattern, const char *path)
{
	while (*pattern && *pattern != '{') {
		if (*pattern++ != *path++)
			return false;
	}
	if (!*pattern)
		return !*path;
	for (size_t n = 1; path[n - 1]; n++) {
		if (path[n - 1] == '/' && pattern[1] != '+')
			return false;
		if (hold_path(strchr(pattern, '}') + 1, path + n))
			return true;
	}
	return false;
}

static bool
hold_asked(struct holding *h, const json *method, const struct call *c, const char *path)
{
	const char *pattern = arena_printf(
	    h->a, "/%s%s", json_str(h->contract, "servicePath"), json_str(method, "path"));
	const char *request = json_str(method, "request");
	const json *body = json_stored(h->a, arena_dup_str(h->a, c->req->body));

	if (strcmp(json_str(method, "httpMethod"), c->req->method) != 0 ||
	    !hold_path(pattern, path))
		return hold_flaw(h, "the call", "is none of this method's");
	if (!hold_query(h, method, c))
		return false;
	if (c->req->body.n == 0)
		return true;
	if (!request)
		return hold_flaw(h, "the body", "is none of this method's");
	return hold_value(h, json_at(json_at(h->contract, "schemas"), request), body,
	    &(struct where){ .name = "body" });
}

static bool
hold_answered(struct holding *h, const json *method, const struct call *c)
{
	const char *response = json_str(method, "response");
	const struct str body = buf_s(c->rep->body);

	if (c->rep->status >= 300 || !c->rep->type ||
	    !str_istarts(str_c(c->rep->type), "application/json"))
		return true;
	if (!response)
		return body.n == 0 || hold_flaw(h, "the answer", "is none of this method's");
	return hold_value(h, json_at(json_at(h->contract, "schemas"), response),
	    json_stored(h->a, arena_dup_str(h->a, body)), &(struct where){ .name = "answer" });
}

/*
 * Breaches.
 */
static void
contract_breach(struct call *c, const char *path, const char *flaw)
{
	struct breach *b;
	int n = 0;

	for (b = c->f->breaches; b; b = b->next)
		n++;
	if (n == BREACHES_MAX)
		return;
	b = arena_alloc(c->f->a, sizeof *b);
	*b = (struct breach){
		.next = c->f->breaches,
		.text = arena_printf(
		    c->f->a, "%s %.200s (%s): %s", c->req->method, path, c->route->name, flaw),
	};
	c->f->breaches = b;
}

/* The description that has the method; NULL: none. *known: one has the service. */
static const json *
contract_of(const char *method, bool *known)
{
	const size_t service = strcspn(method, ".");

	*known = false;
	for (size_t i = 0; i < CONTRACTS; i++) {
		const char *name = strchr(contract_names[i], '-') + 1;

		if (json_at(json_at(contracts.v[i], "methods"), method))
			return contracts.v[i];
		*known = *known ||
		    (contracts.v[i] && strcspn(name, "-") == service &&
			!strncmp(name, method, service));
	}
	return NULL;
}

void
contract_hold(struct call *c, const char *path)
{
	const char *agent = params_get(&c->req->headers, "user-agent");
	struct holding h = { .a = c->a, .asked = true };
	const json *method;
	bool known;

	contract_read();
	h.ours = agent && str_starts(str_c(agent), "Tidemark/");
	h.contract = contract_of(c->route->name, &known);
	if (!h.contract) {
		if (known && h.ours)
			contract_breach(c, path, "there is no such method");
		return;
	}
	method = json_at(json_at(h.contract, "methods"), c->route->name);
	if ((h.ours || c->rep->status < 400) && !hold_asked(&h, method, c, path))
		contract_breach(c, path, h.flaw);
	h = (struct holding){ .a = c->a, .contract = h.contract };
	if (!c->fault && !hold_answered(&h, method, c))
		contract_breach(c, path, h.flaw);
}

const char *
fake_breach(const struct fake *f)
{
	return f->breaches ? f->breaches->text : NULL;
}

json *
contract_report(const struct fake *f, struct arena *a)
{
	json *list = json_list(a);

	for (const struct breach *b = f->breaches; b; b = b->next)
		json_add_str(list, b->text);
	return list;
}
