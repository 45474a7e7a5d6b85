/*
 * push.c - see push.h.
 */
#include "sync/push.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/hash.h"
#include "sync/lane.h"

enum { CHANNELS_MAX = 20 };

static void
digest(const char *text, char out[SHA256_HEX])
{
	hash_sha256_hex(str_c(text ? text : ""), out);
}

static enum rc
refuse(struct ctx *cx)
{
	return fail(cx, E_NOT_FOUND, "There is no such channel.");
}

static enum rc
receive_in_tx(struct ctx *cx, struct db *db, const struct push_message *m, bool *asked)
{
	/* Of no token at all: an unknown channel costs the same comparison. */
	const char *owner = NULL, *conn = NULL, *want = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", *resource = NULL;
	char have[SHA256_HEX];
	int64_t expires = 0, now = clock_ms();
	bool found;

	TRY(db_row(cx, db, &found, Q_CHANNEL_FIND, "s", m->channel ? m->channel : ""));
	if (found) {
		owner = db_dup(cx->a, db, Q_CHANNEL_FIND, 0);
		conn = db_dup(cx->a, db, Q_CHANNEL_FIND, 1);
		want = db_dup(cx->a, db, Q_CHANNEL_FIND, 2);
		resource = db_dup(cx->a, db, Q_CHANNEL_FIND, 3);
		expires = db_num(db, Q_CHANNEL_FIND, 4);
	}
	db_reset(db, Q_CHANNEL_FIND);
	digest(m->token, have);
	if (!hash_equal_c(have, want) || !found || !m->token || expires < now)
		return refuse(cx);
	/* The first message may come before the provider's answer has told the resource. */
	if (resource && (!m->resource || !hash_equal_c(m->resource, resource)))
		return refuse(cx);
	TRY(db_run(cx, db, NULL, Q_CHANNEL_SEEN, "ssi", m->channel, owner, now));
	*asked = !m->state || strcmp(m->state, "sync") != 0;
	return *asked ? db_run(cx, db, NULL, Q_PUSH_ASK, "ss", conn, owner) : RC_OK;
}

enum rc
push_receive(struct ctx *cx, struct db *db, const struct push_message *m, bool *asked)
{
	*asked = false;
	TRY(db_begin(cx, db));
	return db_end(cx, db, receive_in_tx(cx, db, m, asked));
}

enum rc
push_channels(struct ctx *cx, struct db *db, const struct conn *c, struct channel **out, size_t *n)
{
	*out = arena_array(cx->a, CHANNELS_MAX, sizeof **out);
	*n = 0;
	TRY(db_query(cx, db, Q_CHANNELS_OF, "ss", c->owner, c->id));
	while (*n < CHANNELS_MAX && db_next(db, Q_CHANNELS_OF))
		(*out)[(*n)++] = (struct channel){ db_dup(cx->a, db, Q_CHANNELS_OF, 0), db_dup(cx->a, db, Q_CHANNELS_OF, 1), db_num(db, Q_CHANNELS_OF, 2),
			db_num(db, Q_CHANNELS_OF, 3), db_num(db, Q_CHANNELS_OF, 4) };
	return db_done(cx, db, Q_CHANNELS_OF);
}

enum rc
push_refusal(struct ctx *cx, struct db *db, const struct conn *c, const char **why, int64_t *at)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_PUSH_REFUSED, "ss", c->id, c->owner));
	*why = found ? db_dup(cx->a, db, Q_PUSH_REFUSED, 0) : NULL;
	*at = found ? db_num(db, Q_PUSH_REFUSED, 1) : 0;
	db_reset(db, Q_PUSH_REFUSED);
	return RC_OK;
}

enum rc
push_want(struct ctx *cx, struct db *db, const struct conn *c)
{
	struct channel *v;
	const char *why;
	int64_t at;
	size_t n;

	/* Providers call back over TLS only. */
	/* Google calls no other address; its stand-in does. */
	if (!str_starts(str_c(conf_str(CONF_APP_URL)), "https://") && !conf_int(CONF_DEMO))
		return RC_OK;
	TRY(push_channels(cx, db, c, &v, &n));
	for (size_t i = 0; i < n; i++)
		if (v[i].resource_id && v[i].expires_at > clock_ms())
			return RC_OK;
	TRY(push_refusal(cx, db, c, &why, &at));
	if (why && clock_ms() - at < DAY_MS && at <= clock_ms())
		return RC_OK;
	return lane_put(cx, db, arena_printf(cx->a, LANE_WATCH "%s|%s", c->owner, c->id), clock_ms());
}

enum rc
push_insert(struct ctx *cx, struct db *db, const struct conn *c, const char *id, const char *token, int64_t expires_at)
{
	char hash[SHA256_HEX];

	digest(token, hash);
	return db_run(cx, db, NULL, Q_CHANNEL_INSERT, "ssssii", id, c->owner, c->id, hash, expires_at, clock_ms());
}

enum rc
push_opened(struct ctx *cx, struct db *db, const struct conn *c, const char *id, const char *resource_id, int64_t expires_at)
{
	return db_run(cx, db, NULL, Q_CHANNEL_OPEN, "sssi", id, c->owner, resource_id, expires_at);
}

enum rc
push_drop(struct ctx *cx, struct db *db, const struct conn *c, const char *id)
{
	return db_run(cx, db, NULL, Q_CHANNEL_DROP, "ss", id, c->owner);
}

enum rc
push_refused(struct ctx *cx, struct db *db, const struct conn *c, const char *why)
{
	return db_run(cx, db, NULL, Q_PUSH_REFUSE, "sssi", c->id, c->owner, why, clock_ms());
}

enum rc
push_next(struct ctx *cx, struct db *db, const char **conn_id, const char **owner)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_PUSH_ASKED, ""));
	*conn_id = found ? db_dup(cx->a, db, Q_PUSH_ASKED, 0) : NULL;
	*owner = found ? db_dup(cx->a, db, Q_PUSH_ASKED, 1) : NULL;
	db_reset(db, Q_PUSH_ASKED);
	return RC_OK;
}

enum rc
push_served(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	return db_run(cx, db, NULL, Q_PUSH_SERVED, "ss", conn_id, owner);
}

enum rc
push_sweep(struct ctx *cx, struct db *db, int64_t now)
{
	return db_run(cx, db, NULL, Q_CHANNEL_SWEEP, "i", now - DAY_MS);
}
