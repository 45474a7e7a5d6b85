/*
 * idem.c - see idem.h. A row with status 0 is a request that is being answered; it is in the way
 * of a second one for as long as an answer may take, and after that it is taken for dead.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "fcgi/idem.h"

enum { KEY_MAX_BYTES = 200, ANSWER_MS = 60 * 1000 };

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

/* Puts the row of this request in place; *mine false: there was one already. */
static enum rc
idem_reserve(struct req *r, const char *key, const char *digest, bool *mine)
{
	int64_t now = clock_ms(), changed = 0;
	enum rc rc;

	TRY(db_begin(r->cx, r->db));
	rc = db_run(r->cx, r->db, NULL, Q_IDEM_FORGET, "ssii", r->who.user_id, key, now - DAY_MS,
	    now - ANSWER_MS);
	if (rc == RC_OK)
		rc = db_run(
		    r->cx, r->db, &changed, Q_IDEM_PUT, "sssi", r->who.user_id, key, digest, now);
	*mine = changed != 0;
	return db_end(r->cx, r->db, rc);
}

/* Only a success is kept: what failed may be tried again. */
static enum rc
idem_settle(struct req *r, const struct resp *w, const char *key, bool good)
{
	enum rc rc;

	TRY(db_begin(r->cx, r->db));
	if (good)
		rc = db_run(r->cx, r->db, NULL, Q_IDEM_DONE, "ssiss", r->who.user_id, key,
		    (int64_t)w->status, params_get(&w->headers, "Location"),
		    w->secret ? "" : buf_c(w->body));
	else
		rc = db_run(r->cx, r->db, NULL, Q_IDEM_DROP, "ss", r->who.user_id, key);
	return db_end(r->cx, r->db, rc);
}

static enum rc
idem_replay(struct req *r, struct resp *w, const char *key, const char *digest)
{
	const char *location;
	bool found, same;

	TRY(db_row(r->cx, r->db, &found, Q_IDEM_GET, "ss", r->who.user_id, key));
	if (!found)
		return fail(
		    r->cx, E_UNAVAILABLE, "The first request with this key has just failed.");
	same = str_is(db_str(r->db, Q_IDEM_GET, C_IDEM_REQUEST), digest);
	w->status = (int)db_num(r->db, Q_IDEM_GET, C_IDEM_STATUS);
	location = db_dup(r->cx->a, r->db, Q_IDEM_GET, C_IDEM_LOCATION);
	buf_clear(w->body);
	buf_str(w->body, db_text(r->db, Q_IDEM_GET, C_IDEM_BODY));
	db_reset(r->db, Q_IDEM_GET);
	if (!same)
		return fail(r->cx, E_IDEMPOTENCY, NULL);
	if (w->status == 0)
		return fail(r->cx, E_STATE,
		    "The first request with this Idempotency-Key is still being answered; ask "
		    "again in a moment.");
	if (w->status == 201 && !w->body->n)
		return fail(r->cx, E_STATE,
		    "This was made by an earlier request with the same Idempotency-Key; its "
		    "secret is shown only once.");
	w->type = w->body->n ? "application/json" : NULL;
	if (location)
		resp_header(w, "Location", location);
	resp_header(w, "Idempotent-Replayed", "true");
	return RC_OK;
}

enum rc
idem_answer(struct req *r, struct resp *w)
{
	const char *key = req_header(r, "idempotency-key"), *digest = request_digest(r);
	struct err err;
	bool mine;
	enum rc rc;

	if (strlen(key) > KEY_MAX_BYTES)
		return fail(
		    r->cx, E_INPUT, "An Idempotency-Key has at most %d characters.", KEY_MAX_BYTES);
	TRY(idem_reserve(r, key, digest, &mine));
	if (!mine)
		return idem_replay(r, w, key, digest);
	rc = r->route->handler(r, w);
	db_rollback(r->db);
	err = r->cx->err;
	/* The work is done or not, whether or not that can be noted. */
	(void)idem_settle(r, w, key, rc == RC_OK && w->status < 300 && !w->stream);
	r->cx->err = err;
	return rc;
}
