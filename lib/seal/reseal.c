/*
 * reseal.c - see reseal.h. Every place of the database that holds a sealed text is one row of
 * the table below.
 */
#include "seal/reseal.h"

#include <stdio.h>

#include "base/step.h"
#include "seal/secret.h"

enum { PAGE = 100, STEP_ARENA = 16 * 1024 * 1024 };

static const struct place {
	const char *table;
	enum sql list, put;
	const char *after, *types; /* of their parameters */
} places[] = {
	{ "credential", Q_SEAL_CREDENTIALS, Q_SEAL_CREDENTIAL_PUT, "ss", "sssss" },
	{ "webhook", Q_SEAL_WEBHOOKS, Q_SEAL_WEBHOOK_PUT, "s", "ssss" },
	{ "webhook", Q_SEAL_WEBHOOKS_OLD, Q_SEAL_WEBHOOK_OLD_PUT, "s", "ssss" },
	{ "message", Q_SEAL_MAILS, Q_SEAL_MAIL_PUT, "s", "ssss" },
	{ "remote_account", Q_SEAL_GRANTS, Q_SEAL_GRANT_PUT, "s", "ssss" },
	{ "remote_account", Q_SEAL_ACCESS, Q_SEAL_ACCESS_PUT, "s", "ssss" },
	{ "oauth_try", Q_SEAL_VERIFIERS, Q_SEAL_VERIFIER_PUT, "s", "ssss" },
	{ "subscription", Q_SEAL_SUBSCRIPTIONS, Q_SEAL_SUBSCRIPTION_PUT, "s", "ssss" },
};
enum { PLACES = sizeof places / sizeof *places };

/* Up to PAGE texts after one. */
static enum rc
page_of(struct ctx *cx, struct db *db, const struct place *p, const struct sealed *after,
    struct sealed v[PAGE], size_t *n)
{
	*n = 0;
	TRY(db_query(cx, db, p->list, p->after, after->id, after->purpose));
	while (*n < PAGE && db_next(db, p->list)) {
		v[*n] = (struct sealed){
			.table = p->table,
			.id = db_dup(cx->a, db, p->list, C_SEAL_ID),
			.purpose = db_dup(cx->a, db, p->list, C_SEAL_PURPOSE),
			.owner = db_dup(cx->a, db, p->list, C_SEAL_OWNER),
			.text = db_dup(cx->a, db, p->list, C_SEAL_TEXT),
		};
		++*n;
	}
	return db_done(cx, db, p->list);
}

/* The number of its key; -1: not in the file. */
static int
key_of(const struct vault *v, const char *sealed)
{
	struct str id = vault_sealed_with(sealed);

	for (size_t i = 0; i < vault_keys(v); i++)
		if (str_is(id, vault_key_name(v, i)))
			return (int)i;
	return -1;
}

/* Calls for every sealed text with memory of its own page, which goes with the page. */
static enum rc
seal_each(struct ctx *cx, struct db *db,
    enum rc (*what)(
	struct ctx *, struct db *, const struct place *, const struct sealed[], size_t, void *),
    void *arg)
{
	char last[2][128];
	enum rc rc = RC_OK;

	for (size_t p = 0; rc == RC_OK && p < PLACES; p++) {
		size_t n = PAGE;

		last[0][0] = last[1][0] = '\0';
		while (rc == RC_OK && n == PAGE) {
			struct ctx own = { .a = arena_new("reseal", STEP_ARENA, ARENA_WIPE) };
			struct sealed *v = arena_array(own.a, PAGE, sizeof *v);
			struct sealed from = { .id = last[0], .purpose = last[1] };

			rc = page_of(&own, db, &places[p], &from, v, &n);
			if (rc == RC_OK && n > 0)
				rc = what(&own, db, &places[p], v, n, arg);
			if (n > 0) {
				snprintf(last[0], sizeof last[0], "%s", v[n - 1].id);
				snprintf(last[1], sizeof last[1], "%s", v[n - 1].purpose);
			}
			if (rc != RC_OK)
				cx->err = own.err;
			arena_free(own.a);
		}
	}
	return rc;
}

struct counting {
	const struct vault *vault;
	struct seal_count *out;
};

static enum rc
count_page(struct ctx *cx, struct db *db, const struct place *p, const struct sealed v[], size_t n,
    void *arg)
{
	struct counting *c = arg;

	(void)cx;
	(void)db;
	(void)p;
	for (size_t i = 0; i < n; i++) {
		int key = key_of(c->vault, v[i].text);

		c->out->texts++;
		c->out->old += key > 0;
		c->out->lost += key < 0;
		if (key >= 0)
			c->out->used[key] = true;
	}
	return RC_OK;
}

enum rc
seal_count(struct ctx *cx, struct db *db, const struct vault *vault, struct seal_count *out)
{
	struct counting c = { vault, out };

	*out = (struct seal_count){ .used = arena_array(
					cx->a, vault_keys(vault), sizeof *out->used) };
	return seal_each(cx, db, count_page, &c);
}

struct resealing {
	void (*tell)(int64_t);
	int64_t *done, *lost;
};

/* A page that is sealed anew in one write; what came of it. */
struct reseal_write {
	const struct place *place;
	const struct sealed *v;
	size_t n;
	int64_t done, lost;
};

/* One that changes meanwhile is sealed with the first key already. */
static enum rc
reseal_text(struct ctx *cx, struct db *db, const struct vault *vault, struct reseal_write *w,
    const struct sealed *t)
{
	const struct place *p = w->place;
	struct str plain;
	char *sealed;
	int64_t n = 0;

	if (secret_unseal(cx, vault, t, &plain) != RC_OK) {
		w->lost++;
		return RC_OK;
	}
	TRY(vault_seal(
	    cx, vault, secret_aad(cx->a, p->table, t->id, t->purpose, t->owner), plain, &sealed));
	TRY(db_run(cx, db, &n, p->put, p->types, t->id, t->owner, sealed, t->text, t->purpose));
	w->done += n;
	return RC_OK;
}

/* The key file is read inside the write, like everywhere where something is sealed. */
static enum rc
reseal_page_write(struct ctx *cx, struct db *db, void *arg)
{
	struct reseal_write *w = arg;
	struct vault *vault;

	w->done = w->lost = 0;
	TRY(vault_open(cx, false, &vault));
	for (size_t i = 0; i < w->n; i++)
		if (key_of(vault, w->v[i].text) != 0)
			TRY(reseal_text(cx, db, vault, w, &w->v[i]));
	return RC_OK;
}

static enum rc
reseal_page(struct ctx *cx, struct db *db, const struct place *p, const struct sealed v[], size_t n,
    void *arg)
{
	struct resealing *r = arg;
	struct reseal_write w = { .place = p, .v = v, .n = n };

	TRY(db_write(cx, db, reseal_page_write, &w));
	step("reseal.page");
	*r->done += w.done;
	*r->lost += w.lost;
	if (r->tell)
		r->tell(*r->done);
	return RC_OK;
}

static enum rc
reseal_nothing(struct ctx *cx, struct db *db, void *arg)
{
	(void)cx, (void)db, (void)arg;
	return RC_OK;
}

enum rc
reseal(struct ctx *cx, struct db *db, void (*tell)(int64_t), int64_t *done, int64_t *lost)
{
	struct resealing r = { tell, done, lost };

	*done = *lost = 0;
	/* Whoever read the key file before it was changed has finished writing when this write
	 * begins. */
	TRY(db_write(cx, db, reseal_nothing, NULL));
	return seal_each(cx, db, reseal_page, &r);
}
