/*
 * veiled.c - see veiled.h.
 */
#include "app/veiled.h"

#include <stdio.h>

#include "kind/kind.h"
#include "kind/veil.h"
#include "seal/secret.h"

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

static enum rc
veiled_page(struct ctx *cx, struct db *db, const struct conn_stored *v, size_t n)
{
	struct veiled w;
	enum rc rc;

	for (size_t i = 0; i < n; i++) {
		if (!veiled_find(cx, &v[i], &w))
			continue;
		rc = db_write(cx, db, veiled_write, &w);
		/* One whose secrets cannot be opened waits for its key. */
		if (rc != RC_OK && cx->err.kind != E_SECRET)
			return rc;
	}
	return RC_OK;
}

enum rc
veiled_all(struct ctx *cx, struct db *db)
{
	char after[64] = "";
	size_t n = CONN_PAGE;
	enum rc rc = RC_OK;

	while (rc == RC_OK && n == CONN_PAGE) {
		struct ctx own = { .a = arena_new("veiled", PAGE_ARENA, ARENA_WIPE) };
		struct conn_stored *v = arena_array(own.a, CONN_PAGE, sizeof *v);

		rc = conn_stored(&own, db, after, v, &n);
		if (rc == RC_OK && n > 0)
			rc = veiled_page(&own, db, v, n);
		if (n > 0)
			snprintf(after, sizeof after, "%s", v[n - 1].id);
		if (rc != RC_OK)
			cx->err = own.err;
		arena_free(own.a);
	}
	return rc;
}
