/*
 * idem.c - see idem.h. What failed is not kept: it may be tried again.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "idem.h"

enum { KEY_MAX_BYTES = 200 };

static const char *
request_digest(struct req *r)
{
	struct buf *b = buf_in(r->cx->a, 2 * 1024 * 1024);
	char hex[SHA256_HEX];

	buf_printf(b, "%s %s\n", method_name(r->method), r->path);
	buf_add(b, r->raw.p, r->raw.n);
	return arena_dup(r->cx->a, hash_sha256_hex(buf_s(b), hex));
}

static enum rc
keep(struct req *r, struct resp *w, const char *key, const char *digest)
{
	enum rc rc;

	TRY(db_begin(r->cx, r->db));
	rc = db_run(r->cx, r->db, NULL, Q_IDEM_PUT, "sssissi", r->who.user_id, key, digest, (int64_t)w->status, params_get(&w->headers, "Location"),
	    buf_c(w->body), clock_ms());
	if (rc == RC_OK)
		rc = db_commit(r->cx, r->db);
	if (rc != RC_OK)
		db_rollback(r->db);
	return rc;
}

enum rc
idem_answer(struct req *r, struct resp *w)
{
	const char *key = req_header(r, "idempotency-key"), *digest = request_digest(r), *location;
	bool found, same;

	if (strlen(key) > KEY_MAX_BYTES)
		return fail(r->cx, E_INPUT, "An Idempotency-Key has at most %d characters.", KEY_MAX_BYTES);
	TRY(db_row(r->cx, r->db, &found, Q_IDEM_GET, "ss", r->who.user_id, key));
	if (found) {
		same = str_is(db_str(r->db, Q_IDEM_GET, 0), digest);
		w->status = (int)db_num(r->db, Q_IDEM_GET, 1);
		location = db_dup(r->cx->a, r->db, Q_IDEM_GET, 2);
		buf_clear(w->body);
		buf_str(w->body, db_text(r->db, Q_IDEM_GET, 3));
		db_reset(r->db, Q_IDEM_GET);
		if (!same) {
			buf_clear(w->body);
			return fail(r->cx, E_IDEMPOTENCY, NULL);
		}
		w->type = w->body->n ? "application/json" : NULL;
		if (location)
			resp_header(w, "Location", location);
		resp_header(w, "Idempotent-Replayed", "true");
		return RC_OK;
	}
	TRY(r->route->handler(r, w));
	return keep(r, w, key, digest);
}
