/*
 * kind.c - see kind.h: what is the same for every kind. The table of them is kinds.c, which tests
 * replace.
 */
#include "kind/kind.h"

#include "kind/veil.h"
#include "kind/veil_url.h"
#include "net/origin.h"

void
kind_complain(struct arena *a, json *errors, const char *field, const char *message)
{
	json *one = json_new(a);

	json_set_str(one, "field", field);
	json_set_str(one, "message", message);
	json_add(errors, one);
}

/* What a reading costs of the quotas, by their names. */
static json *
kind_costs(struct arena *a, const struct cost *c)
{
	json *list = json_list(a);

	for (; c && c->calls; c++) {
		json *o = json_new(a);
		json_set_str(o, "quota", quota_name(c->quota));
		json_set_i64(o, "calls", c->calls);
		json_set_i64(o, "cells", c->cells);
		json_add(list, o);
	}
	return list;
}

static json *
kind_capabilities(struct arena *a, unsigned caps)
{
	json *list = json_list(a);

	if (caps & KIND_PULL)
		json_add_str(list, "pull");
	if (caps & KIND_PUSH)
		json_add_str(list, "push");
	if (caps & KIND_HOOK)
		json_add_str(list, "webhook");
	return list;
}

static json *
kind_shown(struct arena *a, const struct kind *k)
{
	const char *scopes = k->scopes;
	json *o = json_new(a);

	if (k->account && k->more_scopes)
		scopes = arena_printf(a, "%s %s", k->scopes, k->more_scopes);
	json_set_str(o, "id", k->id);
	json_set_str(o, "title", k->title);
	json_set_str(o, "blurb", k->blurb);
	json_set(o, "capabilities", kind_capabilities(a, k->caps));
	json_set_str(o, "account", k->account);
	json_set_str(o, "scopes", k->account ? scopes : NULL);
	json_set_bool(o, "sources", k->chosen != NULL);
	json_set(o, "cost", kind_costs(a, k->cost));
	json_set(o, "fields", field_describe(a, k->fields));
	return o;
}

json *
kind_list(struct arena *a)
{
	json *list = json_list(a), *o = json_new(a);
	const struct kind *k;

	for (size_t i = 0; (k = kind_nth(i)); i++)
		json_add(list, kind_shown(a, k));
	json_set(o, "data", list);
	return o;
}

const char *
kind_token(const struct kind *k, const json *secret)
{
	const char *own = k->token ? json_str(secret, k->token) : NULL;

	if (own || !k->token || !conf_set(k->token_setting))
		return own;
	return conf_str(k->token_setting);
}

bool
kind_sends(enum conf_key setting)
{
	const struct kind *k;
	bool sent = false;

	for (size_t i = 0; !sent && (k = kind_nth(i)); i++)
		sent = k->token && k->token_setting == setting;
	return sent;
}

const char *
kind_object(const struct kind *k, const json *config)
{
	const char *mode = json_str(config, "mode");

	return k->records_mode && mode && !strcmp(mode, k->records_mode) ? NULL : k->object;
}

static bool
member_moved(const char *name, const json *stored, const json *config)
{
	const char *from = json_str(stored, name), *to = json_str(config, name);

	return (from || to) && (!from || !to || !origin_same(from, to));
}

/* Is this field an address that the source is read at? */
static bool
kind_address(const struct kind *k, const char *field)
{
	for (const struct field *f = k->fields; f->name; f++)
		if (f->type == FIELD_URL && !strcmp(f->name, field))
			return true;
	return k->origin && str_has_word(str_c(k->origin), ' ', str_c(field));
}

bool
kind_moved(struct arena *a, const struct kind *k, const json *stored, const json *config)
{
	struct str rest = str_c(k->origin);

	for (const struct field *f = k->fields; f->name; f++)
		if (f->type == FIELD_URL && member_moved(f->name, stored, config))
			return true;
	while (rest.p && rest.n)
		if (member_moved(arena_dup_str(a, str_cut(rest, ' ', &rest)), stored, config))
			return true;
	return false;
}

#define MOVED "The address has moved to another server, and what is stored here is not sent there. "

/* The secrets of a source that reads from another server now are asked for again. kept: NULL: they
 * cannot be read. */
static void
secrets_ask(struct arena *a, const struct kind *k, const json *kept, json *errors)
{
	for (const struct field *f = k->fields; f->name; f++)
		if (f->type == FIELD_SECRET && (!kept || json_str(kept, f->name)))
			kind_complain(a, errors, arena_printf(a, "secret.%s", f->name),
			    MOVED "Enter it again, or say that none is needed.");
}

/* What is given, with the secrets of its addresses where VEIL stands. True: one of `kept` goes on.
 */
static bool
addresses_fill(
    struct arena *a, const struct kind *k, const struct kind_given *g, json *given, json *errors)
{
	bool kept = false;

	for (struct json_iter it = { 0 }; json_each(g->config, &it);) {
		const char *url = json_value_str(it.value), *missing, *whole;

		if (!url || !kind_address(k, it.key) || !veil_url_veiled(url))
			continue;
		whole = veil_url_fill(
		    a, url, json_str(json_at(g->secret, "urls"), it.key), &missing);
		if (!whole) {
			whole = veil_url_fill(
			    a, url, json_str(json_at(g->kept, "urls"), it.key), &missing);
			kept |= whole != NULL;
		}
		if (whole)
			json_set_str(given, it.key, whole);
		else if (!g->later)
			kind_complain(a, errors, arena_printf(a, "config.%s", it.key),
			    arena_printf(a,
				"Enter the address with %.60s: nothing is stored of it.", missing));
	}
	return kept;
}

void
kind_veil(struct arena *a, const struct kind *k, json *config, json *secrets)
{
	json *parts = json_new(a), *shown = json_new(a);

	for (struct json_iter it = { 0 }; json_each(config, &it);) {
		const char *url = json_value_str(it.value);

		if (!url || !kind_address(k, it.key) || !veil_url_parts(a, url))
			continue;
		json_set_str(parts, it.key, veil_url_parts(a, url));
		json_set_str(shown, it.key, veil_url(a, url));
	}
	for (struct json_iter it = { 0 }; json_each(shown, &it);)
		json_set(config, it.key, it.value);
	if (json_len(parts))
		json_set(secrets, "urls", parts);
}

json *
kind_check(struct arena *a, const char *id, const struct kind_given *g)
{
	json *good = json_new(a), *secrets = json_new(a), *errors = json_list(a),
	     *out = json_new(a);
	const struct kind *k = kind_find(id);
	const struct veil_from from = { g->secret, g->kept };
	const char *missing = NULL;
	json *given = json_new(a);
	bool moved = false, kept = false;

	/* Secrets are fields like the others, given apart. */
	for (struct json_iter it = { 0 }; json_each(g->config, &it);)
		json_set(given, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(g->secret ? g->secret : g->kept, &it);)
		if (strcmp(it.key, "headers") != 0 && strcmp(it.key, "urls") != 0)
			json_set(given, it.key, it.value);
	if (k)
		kept = addresses_fill(a, k, g, given, errors);
	if (k)
		field_check(
		    a, k->fields, "config", given, &(struct field_out){ good, secrets, errors });
	else
		kind_complain(a, errors, "provider",
		    "There is no such kind of source; GET /api/providers lists them.");
	if (k && k->configure && !json_len(errors))
		k->configure(a, good, errors);
	if (k && !json_len(errors))
		moved = g->stored && kind_moved(a, k, g->stored, good);
	if (moved && !g->secret)
		secrets_ask(a, k, g->kept, errors);
	if (k && !json_len(errors) && veil_headers(a, good, &from, secrets, &missing) && moved)
		kind_complain(a, errors, "config.headers", MOVED "Enter the values again.");
	if (moved && kept)
		kind_complain(a, errors, "config.url", MOVED "Enter it whole.");
	if (k && !json_len(errors))
		kind_veil(a, k, good, secrets);
	if (missing && !g->later)
		kind_complain(a, errors, "config.headers",
		    arena_printf(a, "Enter the value of %.60s: nothing is stored of it.", missing));
	json_set(out, "config", good);
	json_set(out, "secret", secrets);
	json_set(out, "errors", errors);
	return out;
}
