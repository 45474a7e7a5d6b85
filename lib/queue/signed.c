/*
 * signed.c - see signed.h.
 */
#include "queue/signed.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/rand.h"
#include "queue/channel.h"
#include "seal/secret.h"

enum {
	SUBSCRIPTIONS_MAX = 200,
	HEARERS_MAX = 200,
	SIGNED_SECRET_MAX = 300,
	SIGNED_ID_MAX = 100,
	SIGNED_REPEAT_MS = 26 * 60 * 60 * 1000, /* a service tries for a day */
	SIGNED_OFFER_MS = 7 * 24 * 60 * 60 * 1000,
	SIGNED_LIFE_MS = 4 * 24 * 60 * 60 * 1000
};

/* No digest is this: no token opens such a channel. */
static const char *
signed_mark(struct arena *a, const char *receiver)
{
	return arena_printf(a, "signed %s", receiver);
}

/* --- subscriptions --- */

static void
subscription_take(struct arena *a, struct db *db, enum sql q, struct subscription *out)
{
	*out = (struct subscription){
		.id = db_dup(a, db, q, C_SUBSCRIPTION_ID),
		.receiver = db_dup(a, db, q, C_SUBSCRIPTION_RECEIVER),
		.secret = db_dup(a, db, q, C_SUBSCRIPTION_SECRET),
		.offered_at = db_num(db, q, C_SUBSCRIPTION_OFFERED_AT),
		.confirmed_at = db_num(db, q, C_SUBSCRIPTION_CONFIRMED_AT),
		.last_at = db_num(db, q, C_SUBSCRIPTION_LAST_AT),
		.messages = db_num(db, q, C_SUBSCRIPTION_MESSAGES),
	};
}

enum rc
signed_list(struct ctx *cx, struct db *db, struct subscription **out, size_t *n)
{
	*out = arena_array(cx->a, SUBSCRIPTIONS_MAX, sizeof **out);
	*n = 0;
	TRY(db_query(cx, db, Q_SUBSCRIPTION_LIST, ""));
	while (*n < SUBSCRIPTIONS_MAX && db_next(db, Q_SUBSCRIPTION_LIST))
		subscription_take(cx->a, db, Q_SUBSCRIPTION_LIST, &(*out)[(*n)++]);
	return db_done(cx, db, Q_SUBSCRIPTION_LIST);
}

enum rc
signed_get(struct ctx *cx, struct db *db, const char *id, struct subscription *out)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_SUBSCRIPTION_GET, "s", id));
	if (found)
		subscription_take(cx->a, db, Q_SUBSCRIPTION_GET, out);
	db_reset(db, Q_SUBSCRIPTION_GET);
	return found ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such subscription.");
}

static const char *
subscription_aad(struct arena *a, const char *id)
{
	return secret_aad(a, "subscription", id, "secret", "");
}

enum rc
signed_open(struct ctx *cx, const struct subscription *s, const char **secret)
{
	struct vault *vault;
	struct str plain;

	TRY(vault_open(cx, false, &vault));
	TRY(vault_unseal(cx, vault, subscription_aad(cx->a, s->id), s->secret, &plain));
	*secret = arena_dup_str(cx->a, plain);
	return RC_OK;
}

static bool
subscription_signs(struct str body, const char *secret, const char *signature)
{
	unsigned char mac[SHA256_LEN];
	char hex[SHA256_HEX];

	hash_hmac(str_c(secret), body, mac);
	hex_encode(mac, sizeof mac, hex);
	return hash_equal_c(hex, signature);
}

/* The one that has signed it; id NULL: none. All are tried, whichever it is. */
static enum rc
subscription_of(
    struct ctx *cx, struct db *db, const struct signed_message *m, struct subscription *out)
{
	struct subscription *v;
	const char *secret;
	enum rc rc = RC_OK;
	size_t n;

	*out = (struct subscription){ .id = NULL };
	TRY(signed_list(cx, db, &v, &n));
	for (size_t i = 0; i < n; i++) {
		if (!v[i].confirmed_at || strcmp(v[i].receiver, m->receiver) != 0)
			continue;
		if (signed_open(cx, &v[i], &secret) != RC_OK)
			rc = RC_RETRY;
		else if (subscription_signs(m->body, secret, m->said->signature))
			*out = v[i];
	}
	/* Keys change just now, or one is lost: the service comes again. */
	if (!out->id && rc != RC_OK)
		return fail(cx, E_UNAVAILABLE, NULL);
	cx->err = (struct err){ 0 };
	return RC_OK;
}

/* --- an offer --- */

struct offering {
	const struct signed_message *m;
	const char *digest;
};

static enum rc
offer_room(struct ctx *cx, struct db *db, const char *receiver)
{
	int64_t n;
	bool found;

	TRY(db_row(cx, db, &found, Q_SUBSCRIPTION_OFFERS, "s", receiver));
	n = found ? db_num(db, Q_SUBSCRIPTION_OFFERS, 0) : 0;
	db_reset(db, Q_SUBSCRIPTION_OFFERS);
	return n < SIGNED_OFFERS_MAX
	    ? RC_OK
	    : fail(cx, E_UNAVAILABLE,
		  "%d subscriptions wait for an operator, who is to look through them first.",
		  SIGNED_OFFERS_MAX);
}

static enum rc
offer_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct offering *w = arg;
	struct vault *vault;
	char id[UUID_TEXT], *sealed;

	TRY(offer_room(cx, db, w->m->receiver));
	rand_uuid(id);
	TRY(vault_open(cx, true, &vault));
	TRY(vault_seal(cx, vault, subscription_aad(cx->a, id), str_c(w->m->said->secret), &sealed));
	return db_run(cx, db, NULL, Q_SUBSCRIPTION_INSERT, "ssssi", id, w->m->receiver, sealed,
	    w->digest, clock_ms());
}

static enum rc
offer_take(struct ctx *cx, struct db *db, const struct signed_message *m)
{
	const struct kind_call *said = m->said;
	char digest[SHA256_HEX];
	bool known;

	if (strlen(said->secret) > SIGNED_SECRET_MAX || !str_line_ok(str_c(said->secret)))
		return fail(cx, E_NOT_FOUND, "There is no such channel.");
	if (said->signature && !subscription_signs(m->body, said->secret, said->signature))
		return fail(cx, E_UNAUTHORIZED, "The signature does not fit.");
	hash_sha256_hex(str_c(said->secret), digest);
	TRY(db_row(cx, db, &known, Q_SUBSCRIPTION_KNOWN, "ss", m->receiver, digest));
	db_reset(db, Q_SUBSCRIPTION_KNOWN);
	if (known)
		return RC_OK;
	return db_write(cx, db, offer_write, &(struct offering){ m, digest });
}

/* --- a message --- */

struct hearing {
	const struct signed_message *m;
	const struct subscription *by;
	struct hearer {
		const char *channel, *owner, *conn;
		int64_t last_at, waiting; /* messages not served yet */
		bool told;                /* the run that is to come looks at it anyway */
	} * v;
	size_t n;
	bool *wake;
};

static enum rc
hear_whom(struct ctx *cx, struct db *db, struct hearing *h)
{
	const char *const *about = h->m->said->about;

	h->v = arena_array(cx->a, HEARERS_MAX, sizeof *h->v);
	TRY(db_query(cx, db, Q_SIGNED_CHANNELS, "ssssi", about[0] ? about[0] : "",
	    about[1] ? about[1] : "", about[2] ? about[2] : "", signed_mark(cx->a, h->m->receiver),
	    clock_ms()));
	while (h->n < HEARERS_MAX && db_next(db, Q_SIGNED_CHANNELS))
		h->v[h->n++] = (struct hearer){
			.channel = db_dup(cx->a, db, Q_SIGNED_CHANNELS, C_SIGNED_CHANNEL_ID),
			.owner = db_dup(cx->a, db, Q_SIGNED_CHANNELS, C_SIGNED_CHANNEL_OWNER),
			.conn = db_dup(
			    cx->a, db, Q_SIGNED_CHANNELS, C_SIGNED_CHANNEL_CONNECTION_ID),
			.last_at = db_num(db, Q_SIGNED_CHANNELS, C_SIGNED_CHANNEL_LAST_AT),
			.waiting = db_num(db, Q_SIGNED_CHANNELS, C_SIGNED_CHANNEL_WAITING),
		};
	return db_done(cx, db, Q_SIGNED_CHANNELS);
}

static const char *
hear_item(const struct hearing *h)
{
	return h->m->said->item ? h->m->said->item : "";
}

/* Does nobody have to be told any more? Such a message is not written down: a storm of them, each
 * of whose writes queues behind those of a large run, would hold up the calls of others. */
static enum rc
hear_old(struct ctx *cx, struct db *db, struct hearing *h, bool *old)
{
	bool found;

	*old = true;
	for (size_t i = 0; i < h->n; i++) {
		TRY(db_row(cx, db, &found, Q_MENTION_WAITS, "sssii", h->v[i].conn, h->v[i].owner,
		    hear_item(h), (int64_t)h->m->said->gone, (int64_t)SIGNED_TOLD_MAX));
		db_reset(db, Q_MENTION_WAITS);
		h->v[i].told = found && h->v[i].waiting > 0;
		*old = *old && h->v[i].told;
	}
	return RC_OK;
}

static enum rc
hear_again(struct ctx *cx, struct db *db, const struct signed_message *m, bool *again)
{
	TRY(db_row(cx, db, again, Q_HEARD, "ss", m->receiver, m->said->id));
	db_reset(db, Q_HEARD);
	return RC_OK;
}

/* The first that asks for a run wakes the tick, or the first of its channel for a second. */
static enum rc
hear_one(struct ctx *cx, struct db *db, const struct hearing *h, const struct hearer *who)
{
	const int64_t now = clock_ms(), age = now - who->last_at;
	const char *item = hear_item(h);
	int64_t n;
	bool found;

	TRY(db_row(cx, db, &found, Q_MENTION_COUNT, "ss", who->conn, who->owner));
	n = found ? db_num(db, Q_MENTION_COUNT, 0) : 0;
	db_reset(db, Q_MENTION_COUNT);
	TRY(db_run(
	    cx, db, NULL, Q_CHANNEL_SEEN, "ssii", who->channel, who->owner, now, (int64_t)1));
	TRY(db_row(cx, db, &found, Q_PUSH_ASK, "ssi", who->conn, who->owner, (int64_t)1));
	*h->wake = *h->wake ||
	    (found && (age < 0 || age >= SECOND_MS || db_num(db, Q_PUSH_ASK, 0) == 1));
	db_reset(db, Q_PUSH_ASK);
	return db_run(cx, db, NULL, Q_MENTION_PUT, "sssi", who->conn, who->owner,
	    n >= SIGNED_TOLD_MAX ? "" : item, (int64_t)h->m->said->gone);
}

static enum rc
hear_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct hearing *h = arg;
	const int64_t now = clock_ms(), at = h->m->said->at;

	*h->wake = false;
	TRY(db_run(cx, db, NULL, Q_HEARD_PUT, "ssi", h->m->receiver, h->m->said->id,
	    (at > now ? at : now) + SIGNED_REPEAT_MS));
	TRY(db_run(cx, db, NULL, Q_SUBSCRIPTION_SEEN, "si", h->by->id, now));
	for (size_t i = 0; i < h->n; i++)
		if (!h->v[i].told)
			TRY(hear_one(cx, db, h, &h->v[i]));
	return RC_OK;
}

enum rc
signed_receive(struct ctx *cx, struct db *db, const struct signed_message *m, bool *wake)
{
	struct hearing h = { .m = m, .wake = wake };
	struct subscription by;
	bool old;

	*wake = false;
	if (m->said->secret)
		return offer_take(cx, db, m);
	TRY(subscription_of(cx, db, m, &by));
	if (!by.id)
		return fail(cx, E_UNAUTHORIZED, "The signature does not fit.");
	h.by = &by;
	/* Older than any repetition: somebody else sends it once more. */
	if (!m->said->id || strlen(m->said->id) > SIGNED_ID_MAX ||
	    m->said->at < clock_ms() - SIGNED_REPEAT_MS)
		return RC_OK;
	TRY(hear_whom(cx, db, &h));
	TRY(hear_old(cx, db, &h, &old));
	if (!old)
		TRY(hear_again(cx, db, m, &old));
	return old ? RC_OK : db_write(cx, db, hear_write, &h);
}

/* --- runs --- */

enum rc
signed_told(struct ctx *cx, struct db *db, const struct conn *c, json **out)
{
	json *o = json_new(cx->a), *items = json_new(cx->a);
	bool all = false, any = false;

	TRY(db_query(cx, db, Q_MENTION_LIST, "ss", c->id, c->owner));
	while (db_next(db, Q_MENTION_LIST)) {
		const char *item = db_dup(cx->a, db, Q_MENTION_LIST, C_MENTIONED_ITEM);

		any = true;
		all = all || !*item;
		if (*item)
			json_set_bool(items, item, db_num(db, Q_MENTION_LIST, C_MENTIONED_GONE));
	}
	json_set(o, "items", items);
	json_set_bool(o, "all", all);
	*out = any ? o : NULL;
	return db_done(cx, db, Q_MENTION_LIST);
}

/* Is there a subscription that counts? */
static enum rc
signed_counts(struct ctx *cx, struct db *db, const char *receiver, bool *yes)
{
	struct subscription *v;
	size_t n;

	*yes = false;
	TRY(signed_list(cx, db, &v, &n));
	for (size_t i = 0; i < n; i++)
		*yes = *yes || (v[i].confirmed_at && !strcmp(v[i].receiver, receiver));
	return RC_OK;
}

/* The connection is among those that messages are for. */
static enum rc
signed_listens(struct ctx *cx, struct db *db, const struct conn *c, const char *resource)
{
	const char *mark = signed_mark(cx->a, kind_find(c->provider)->receiver->name);
	const int64_t now = clock_ms();
	char fresh[UUID_TEXT];
	const char *id;
	bool found, same;

	TRY(db_row(cx, db, &found, Q_SIGNED_CHANNEL_GET, "sss", c->id, c->owner, mark));
	id = found ? db_dup(cx->a, db, Q_SIGNED_CHANNEL_GET, C_LISTENING_ID) : NULL;
	same = found &&
	    !strcmp(db_text(db, Q_SIGNED_CHANNEL_GET, C_LISTENING_RESOURCE_ID), resource) &&
	    db_num(db, Q_SIGNED_CHANNEL_GET, C_LISTENING_EXPIRES_AT) > now + SIGNED_LIFE_MS / 2;
	db_reset(db, Q_SIGNED_CHANNEL_GET);
	if (same)
		return RC_OK;
	return db_run(cx, db, NULL, Q_SIGNED_CHANNEL_PUT, "sssssii", id ? id : rand_uuid(fresh),
	    c->owner, c->id, mark, resource, now + SIGNED_LIFE_MS, now);
}

enum rc
signed_served(struct ctx *cx, struct db *db, const struct conn *c, const char *resource)
{
	const char *receiver = kind_find(c->provider)->receiver->name;
	bool counts;

	TRY(db_run(cx, db, NULL, Q_MENTION_SERVED, "ss", c->id, c->owner));
	TRY(signed_counts(cx, db, receiver, &counts));
	if (counts && resource)
		return signed_listens(cx, db, c, resource);
	return db_run(cx, db, NULL, Q_SIGNED_CHANNEL_DROP, "sss", c->id, c->owner,
	    signed_mark(cx->a, receiver));
}

/* --- an operator's --- */

enum rc
signed_confirm(struct ctx *cx, struct db *db, const char *id)
{
	return db_run(cx, db, NULL, Q_SUBSCRIPTION_CONFIRM, "si", id, clock_ms());
}

enum rc
signed_drop(struct ctx *cx, struct db *db, const struct subscription *s)
{
	bool left;

	TRY(db_run(cx, db, NULL, Q_SUBSCRIPTION_DROP, "s", s->id));
	TRY(signed_counts(cx, db, s->receiver, &left));
	return left
	    ? RC_OK
	    : db_run(cx, db, NULL, Q_SIGNED_CHANNELS_DROP, "s", signed_mark(cx->a, s->receiver));
}

enum rc
signed_sweep(struct ctx *cx, struct db *db, int64_t now)
{
	TRY(db_run(cx, db, NULL, Q_HEARD_SWEEP, "i", now));
	return db_run(cx, db, NULL, Q_SUBSCRIPTION_SWEEP, "i", now - SIGNED_OFFER_MS);
}
