/*
 * idem.c - see idem.h. What a call does and the answer that is kept of it are one transaction
 * (db_hold): there is no moment at which one is there without the other, whatever dies. Who asks a
 * second time meanwhile waits for that transaction, and finds the answer.
 */
#include "ask/ask.h"
#include "base/clock.h"
#include "base/hash.h"
#include "fcgi/answers.h"
#include "fcgi/idem.h"

enum {
	KEY_MAX_BYTES = 200,
	BODY_KEPT = 64 * 1024, /* a longer reply is not kept, only that there was one */
	KEYS_MAX = 10000       /* of one user in a day */
};

struct idem {
	struct req *r;
	const struct resp *w;
	const char *key, *digest;
	bool met; /* an answer is there already */
};

static const char *
request_digest(struct req *r)
{
	unsigned char sum[SHA256_LEN];
	struct hash *h = hash_new(r->cx->a);
	char *hex = arena_alloc(r->cx->a, SHA256_HEX);

	hash_begin(h);
	hash_add(h, method_name(r->method), strlen(method_name(r->method)) + 1);
	hash_add(h, r->path, strlen(r->path) + 1);
	hash_add(h, r->raw.p, r->raw.n);
	hash_end(h, sum);
	hex_encode(sum, SHA256_LEN, hex);
	return hex;
}

/* Answers as the first time, when there was one; *met says. */
static enum rc
idem_replay(struct idem *i, struct resp *w)
{
	struct req *r = i->r;
	const char *location;
	bool same;

	TRY(db_row(
	    r->cx, r->db, &i->met, Q_IDEM_GET, "ssi", r->who.user_id, i->key, clock_ms() - DAY_MS));
	if (!i->met)
		return RC_OK;
	same = str_is(db_str(r->db, Q_IDEM_GET, C_IDEM_REQUEST), i->digest);
	w->status = (int)db_num(r->db, Q_IDEM_GET, C_IDEM_STATUS);
	location = db_dup(r->cx->a, r->db, Q_IDEM_GET, C_IDEM_LOCATION);
	buf_clear(w->body);
	w->headers.n = 0;
	buf_str(w->body, db_text(r->db, Q_IDEM_GET, C_IDEM_BODY));
	db_reset(r->db, Q_IDEM_GET);
	if (!same)
		return fail(r->cx, E_IDEMPOTENCY, NULL);
	if (w->status == 201 && !w->body->n)
		return fail(r->cx, E_STATE,
		    "This was made by an earlier request with the same Idempotency-Key; its "
		    "secret is shown only once.");
	if (w->status == 200 && !w->body->n)
		return fail(r->cx, E_STATE,
		    "This was done by an earlier request with the same Idempotency-Key; its reply "
		    "was too large to be kept.");
	w->type = w->body->n ? "application/json" : NULL;
	if (location)
		resp_header(w, "Location", location);
	resp_header(w, "Idempotent-Replayed", "true");
	return RC_OK;
}

static enum rc
idem_room(struct req *r)
{
	bool full;

	TRY(db_row(r->cx, r->db, &full, Q_IDEM_FULL, "si", r->who.user_id, (int64_t)KEYS_MAX - 1));
	db_reset(r->db, Q_IDEM_FULL);
	if (!full)
		return RC_OK;
	return fail(r->cx, E_TOO_MANY,
	    "%d of your requests with an Idempotency-Key are kept for a day, which is as many as "
	    "one user can have; send this one without.",
	    KEYS_MAX);
}

/* Before anything is written: has another request with this key been faster? */
static enum rc
idem_first_write(struct ctx *cx, struct db *db, void *arg)
{
	struct idem *i = arg;
	const char *owner = i->r->who.user_id;
	const int64_t since = clock_ms() - DAY_MS;

	TRY(db_row(cx, db, &i->met, Q_IDEM_GET, "ssi", owner, i->key, since));
	db_reset(db, Q_IDEM_GET);
	if (i->met)
		return fail(cx, E_STATE, "This request was answered meanwhile.");
	return db_run(cx, db, NULL, Q_IDEM_FORGET, "ssi", owner, i->key, since);
}

static enum rc
idem_note_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct idem *i = arg;
	const struct resp *w = i->w;

	return db_run(cx, db, NULL, Q_IDEM_PUT, "sssissi", i->r->who.user_id, i->key, i->digest,
	    (int64_t)w->status, params_get(&w->headers, "Location"),
	    w->secret || w->body->n > BODY_KEPT ? "" : buf_c(w->body), clock_ms());
}

static enum rc
idem_keep_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct idem *i = arg;

	return db_run(cx, db, NULL, Q_IDEM_KEEP, "sss", i->r->who.user_id, i->key,
	    i->w->body->n > BODY_KEPT ? "" : buf_c(i->w->body));
}

/* The reply that is given is the one that is kept. */
static enum rc
idem_later(struct idem *i, struct resp *w)
{
	TRY(w->later(i->r, w));
	return db_write(i->r->cx, i->r->db, idem_keep_write, i);
}

/* Does the call do one thing and answer at once? Others wait between what they write, and may be
 * done twice: a run of what is due finds nothing due then. */
static bool
is_one_thing(const struct route *route)
{
	return route->who != WHO_CRON && answer_of(route->name)->status != 204;
}

enum rc
idem_answer(struct req *r, struct resp *w)
{
	struct idem i = {
		.r = r,
		.w = w,
		.key = req_header(r, "idempotency-key"),
		.digest = request_digest(r),
	};
	enum rc rc, noted;
	struct err err;
	bool good;

	if (strlen(i.key) > KEY_MAX_BYTES)
		return fail_input(r->cx, "Idempotency-Key",
		    "An Idempotency-Key has at most %d characters.", KEY_MAX_BYTES);
	TRY(idem_replay(&i, w));
	if (i.met)
		return RC_OK;
	TRY(idem_room(r));
	if (is_one_thing(r->route))
		db_hold(r->db, idem_first_write, &i);
	rc = r->route->handler(r, w);
	err = r->cx->err;
	/* Only a success is kept: what failed may be tried again. */
	good = rc == RC_OK && w->status < 300 && !w->stream && !w->body->over && !w->pure;
	if (!is_one_thing(r->route))
		db_hold(r->db, idem_first_write, &i);
	noted = db_hold_end(r->cx, r->db, good ? idem_note_write : NULL, &i);
	if (i.met)
		return idem_replay(&i, w);
	r->cx->err = rc == RC_OK ? r->cx->err : err;
	TRY(rc);
	TRY(noted);
	/* The handler's own call came before there was anything to be found. */
	wake_tick();
	return good && w->later ? idem_later(&i, w) : RC_OK;
}
