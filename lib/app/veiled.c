/*
 * veiled.c - see veiled.h.
 */
#include "app/veiled.h"

#include <stdio.h>

#include "kind/kind.h"
#include "kind/veil.h"
#include "kind/veil_url.h"
#include "seal/secret.h"
#include "send/hook.h"

enum { PAGE_ARENA = 64 * 1024 * 1024 };

struct veiled {
	const struct conn_stored *c;
	json *config;
	const json *hidden; /* what is to be sealed: {headers, urls} */
};

/* In a configuration that was stored every value is there, but those that are sealed already. */
static bool
veiled_find(struct ctx *cx, const struct conn_stored *c, struct veiled *out)
{
	json *open = json_new(cx->a), *found = json_new(cx->a);
	const char *missing;
	json *config = json_stored(cx->a, c->config);
	const struct kind *k = kind_find(c->provider);

	json_set(open, "headers", (json *)veil_open(cx->a, config));
	(void)veil_headers(cx->a, open, &(struct veil_from){ 0 }, found, &missing);
	for (struct json_iter it = { 0 }; json_each(json_at(found, "headers"), &it);)
		json_set_str(json_at(config, "headers"), it.key, VEIL);
	if (k)
		kind_veil(cx->a, k, config, found);
	*out = (struct veiled){ .c = c, .config = config, .hidden = found };
	return json_len(found) > 0;
}

/* Beside what is sealed there already. */
static void
veiled_add(struct arena *a, json *secret, const char *name, const json *hidden)
{
	json *all = json_at(secret, name) ? json_at(secret, name) : json_new(a);

	for (struct json_iter it = { 0 }; json_each(hidden, &it);)
		json_set(all, it.key, it.value);
	json_set(secret, name, all);
}

static enum rc
veiled_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct veiled *w = arg;
	const struct conn c = { .id = w->c->id, .owner = w->c->owner };
	json *secret;
	bool done;

	TRY(conn_rewrite(cx, db, w->c, json_text(cx->a, w->config), &done));
	if (!done || w->c->removed)
		return RC_OK;
	TRY(secret_open(cx, db, &c, &secret));
	secret = secret ? secret : json_new(cx->a);
	for (struct json_iter it = { 0 }; json_each(w->hidden, &it);)
		veiled_add(cx->a, secret, it.key, it.value);
	return secret_save(cx, db, c.owner, c.id, secret);
}

/* *last: the id behind which the next page begins, for a while; *n: how many there were. */
struct veiled_page {
	const char *last;
	size_t n;
};

/* One whose secrets cannot be opened waits for its key, and one that is gone for nothing. */
static enum rc
veiled_done(struct ctx *cx, enum rc rc)
{
	return cx->err.kind == E_SECRET || cx->err.kind == E_NOT_FOUND ? RC_OK : rc;
}

static enum rc
veiled_conns(struct ctx *cx, struct db *db, const char *after, struct veiled_page *out)
{
	struct conn_stored *v = arena_array(cx->a, CONN_PAGE, sizeof *v);
	struct veiled w;

	TRY(conn_stored(cx, db, after, v, &out->n));
	for (size_t i = 0; i < out->n; i++) {
		out->last = v[i].id;
		if (veiled_find(cx, &v[i], &w))
			TRY(veiled_done(cx, db_write(cx, db, veiled_write, &w)));
	}
	return RC_OK;
}

static enum rc
veiled_hook_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct hook *was = arg;
	const char *url;
	struct hook h;

	TRY(hook_get(cx, db, was->owner, was->id, &h));
	TRY(hook_whole(cx, &h, &url));
	TRY(hook_seal_url(cx, &h, url));
	TRY(hook_save_secrets(cx, db, &h));
	return hook_save(cx, db, &h);
}

static enum rc
veiled_hooks(struct ctx *cx, struct db *db, const char *after, struct veiled_page *out)
{
	struct hook *v = arena_array(cx->a, HOOK_PAGE, sizeof *v);

	TRY(hook_stored(cx, db, after, v, &out->n));
	for (size_t i = 0; i < out->n; i++) {
		out->last = v[i].id;
		if (veil_url_parts(cx->a, v[i].url))
			TRY(veiled_done(cx, db_write(cx, db, veiled_hook_write, &v[i])));
	}
	return RC_OK;
}

/* Page after page, each with memory of its own. */
static enum rc
veiled_each(struct ctx *cx, struct db *db,
    enum rc (*page)(struct ctx *, struct db *, const char *, struct veiled_page *))
{
	char after[64] = "";
	size_t n = 1;
	enum rc rc = RC_OK;

	while (rc == RC_OK && n > 0) {
		struct ctx own = { .a = arena_new("veiled", PAGE_ARENA, ARENA_WIPE) };
		struct veiled_page out = { .last = "" };

		rc = page(&own, db, after, &out);
		n = out.n;
		snprintf(after, sizeof after, "%s", out.last);
		if (rc != RC_OK)
			cx->err = own.err;
		arena_free(own.a);
	}
	return rc;
}

enum rc
veiled_all(struct ctx *cx, struct db *db)
{
	TRY(veiled_each(cx, db, veiled_conns));
	return veiled_each(cx, db, veiled_hooks);
}
