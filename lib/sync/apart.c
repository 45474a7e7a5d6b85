/*
 * apart.c - see apart.h.
 */
#include "sync/apart.h"

#include "seal/secret.h"
#include "sync/read/known.h"

enum { APART_PATIENCE_MS = 120 * 1000 };

enum rc
apart_open(struct ctx *cx, struct db *db, const struct job *job, struct progress *progress,
    struct apart *out)
{
	const struct conn *c = &job->conn;
	struct loan loan = {
		.owner = c->owner,
		.account_id = c->account_id,
		.waiter = progress_waiter(progress),
		.patience_ms = APART_PATIENCE_MS,
	};
	json *config, *secret, *known;

	*out = (struct apart){ .provider = provider_find(c->provider) };
	if (!out->provider)
		return RC_OK;
	TRY(conn_config(cx, c, &config));
	TRY(secret_open(cx, db, c, &secret));
	TRY(source_known(cx, db, c, &known));
	loan.token = kind_token(out->provider->kind, secret);
	TRY(lend_open(cx, db, out->provider->kind, &loan, &out->lend));
	out->source = (struct source){
		.config = config,
		.secret = secret,
		.cursor = json_at(json_stored(cx->a, c->cursor), "source"),
		.known = known,
		.remote = out->lend ? &out->lend->remote : NULL,
	};
	return RC_OK;
}
