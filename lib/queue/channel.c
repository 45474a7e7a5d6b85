/*
 * channel.c - see channel.h.
 */
#include "queue/channel.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/rand.h"
#include "kind/kind.h"
#include "queue/lane.h"
#include "queue/sched.h"

enum { CHANNELS_MAX = 20, REST_MS = 50, FEW = 4 };

static void
channel_digest(const char *text, char out[SHA256_HEX])
{
	hash_sha256_hex(str_c(text ? text : ""), out);
}

const char *
channel_address(struct arena *a, const char *receiver)
{
	return arena_printf(a, "%s/api/webhooks/%s", conf_app_url(a), receiver);
}

static bool
channel_listed(const json *list, const char *text)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (!strcmp(json_value_str(json_nth(list, i)), text))
			return true;
	return false;
}

json *
channel_addresses(struct arena *a, const char *account)
{
	json *list = json_list(a);
	const struct kind *k;

	for (size_t i = 0; (k = kind_of_account(account, &i));) {
		const char *text = k->receiver ? channel_address(a, k->receiver->name) : NULL;

		if (text && !channel_listed(list, text))
			json_add_str(list, text);
	}
	return list;
}

bool
channel_possible(void)
{
	return conf_int(CONF_DEMO) || str_starts(str_c(conf_str(CONF_APP_URL)), "https://");
}

static enum rc
channel_refuse(struct ctx *cx)
{
	return fail(cx, E_NOT_FOUND, "There is no such channel.");
}

/* The channel a message came by, when it is from there. */
struct origin {
	const char *owner, *conn;
	int64_t last_at, waiting; /* messages not served yet */
};

static enum rc
check_origin(struct ctx *cx, struct db *db, const struct channel_message *m, struct origin *o)
{
	/* Of no token at all: an unknown channel costs the same comparison. */
	const char *want = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	const char *resource = NULL;
	char have[SHA256_HEX];
	int64_t expires = 0;
	bool found;

	TRY(db_row(cx, db, &found, Q_CHANNEL_FIND, "s", m->channel ? m->channel : ""));
	if (found) {
		*o = (struct origin){
			.owner = db_dup(cx->a, db, Q_CHANNEL_FIND, C_CHANNEL_TOLD_OWNER),
			.conn = db_dup(cx->a, db, Q_CHANNEL_FIND, C_CHANNEL_TOLD_CONNECTION_ID),
			.last_at = db_num(db, Q_CHANNEL_FIND, C_CHANNEL_TOLD_LAST_AT),
			.waiting = db_num(db, Q_CHANNEL_FIND, C_CHANNEL_TOLD_WAITING),
		};
		want = db_dup(cx->a, db, Q_CHANNEL_FIND, C_CHANNEL_TOLD_TOKEN_HASH);
		resource = db_dup(cx->a, db, Q_CHANNEL_FIND, C_CHANNEL_TOLD_RESOURCE_ID);
		expires = db_num(db, Q_CHANNEL_FIND, C_CHANNEL_TOLD_EXPIRES_AT);
	}
	db_reset(db, Q_CHANNEL_FIND);
	channel_digest(m->token, have);
	if (!hash_equal_c(have, want) || !found || !m->token || expires < clock_ms())
		return channel_refuse(cx);
	/* The first message may come before the provider's answer has told the resource. */
	if (resource && (!m->resource || !hash_equal_c(m->resource, resource)))
		return channel_refuse(cx);
	return RC_OK;
}

struct count_args {
	const struct channel_message *m;
	const struct origin *o;
	int64_t stands_for; /* so many messages */
	bool recent;
	bool *wake;
};

static enum rc
count_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct count_args *w = arg;
	bool found;

	TRY(db_run(cx, db, NULL, Q_CHANNEL_SEEN, "ssii", w->m->channel, w->o->owner, clock_ms(),
	    w->stands_for));
	if (w->m->greeting)
		return RC_OK;
	TRY(db_row(cx, db, &found, Q_PUSH_ASK, "ssi", w->o->conn, w->o->owner, w->stands_for));
	*w->wake = found && (!w->recent || db_num(db, Q_PUSH_ASK, 0) == 1);
	db_reset(db, Q_PUSH_ASK);
	return RC_OK;
}

/* Where many wait already, what one more adds is how long the next run rests: one in some of them
 * is written down for all. Else a storm, each of whose writes queues behind those of a large run,
 * would hold up the calls of others. */
static int64_t
storm_share(const struct origin *o)
{
	return o->waiting > FEW ? o->waiting / 2 : 1;
}

enum rc
channel_receive(struct ctx *cx, struct db *db, const struct channel_message *m, bool *wake)
{
	struct origin o = { 0 };
	int64_t now = clock_ms();
	bool recent;

	*wake = false;
	TRY(check_origin(cx, db, m, &o));
	recent = o.last_at <= now && now - o.last_at < SECOND_MS;
	/* A storm: the run that is asked for will begin after this message, and no sooner for
	 * it. */
	if (recent && o.waiting * REST_MS > CHANNEL_REST_MAX_MS)
		return RC_OK;
	struct count_args w = {
		.m = m,
		.o = &o,
		.stands_for = recent && !m->greeting ? storm_share(&o) : 1,
		.recent = recent,
		.wake = wake,
	};

	if (w.stands_for > 1 && rand_below((uint64_t)w.stands_for))
		return RC_OK;
	return db_write(cx, db, count_write, &w);
}

enum rc
channel_list(struct ctx *cx, struct db *db, const struct conn *c, struct channel **out, size_t *n)
{
	*out = arena_array(cx->a, CHANNELS_MAX, sizeof **out);
	*n = 0;
	TRY(db_query(cx, db, Q_CHANNELS_OF, "ss", c->owner, c->id));
	while (*n < CHANNELS_MAX && db_next(db, Q_CHANNELS_OF))
		(*out)[(*n)++] = (struct channel){
			.id = db_dup(cx->a, db, Q_CHANNELS_OF, C_CHANNEL_ID),
			.resource_id = db_dup(cx->a, db, Q_CHANNELS_OF, C_CHANNEL_RESOURCE_ID),
			.expires_at = db_num(db, Q_CHANNELS_OF, C_CHANNEL_EXPIRES_AT),
			.last_at = db_num(db, Q_CHANNELS_OF, C_CHANNEL_LAST_AT),
			.messages = db_num(db, Q_CHANNELS_OF, C_CHANNEL_MESSAGES),
			.account_id = db_dup(cx->a, db, Q_CHANNELS_OF, C_CHANNEL_ACCOUNT_ID),
		};
	return db_done(cx, db, Q_CHANNELS_OF);
}

enum rc
channel_refusal(struct ctx *cx, struct db *db, const struct conn *c, const char **why, int64_t *at)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_PUSH_REFUSED, "ss", c->id, c->owner));
	*why = found ? db_dup(cx->a, db, Q_PUSH_REFUSED, C_PUSH_REFUSED_PUSH_REFUSED) : NULL;
	*at = found ? db_num(db, Q_PUSH_REFUSED, C_PUSH_REFUSED_PUSH_REFUSED_AT) : 0;
	db_reset(db, Q_PUSH_REFUSED);
	return RC_OK;
}

static const char *
channel_lane(struct arena *a, const struct conn *c)
{
	return arena_printf(a, LANE_ID_CHANNEL "%s|%s", c->owner, c->id);
}

enum rc
channel_want(struct ctx *cx, struct db *db, const struct conn *c)
{
	struct channel *v;
	const char *why;
	int64_t at;
	size_t n;

	if (!channel_possible())
		return RC_OK;
	TRY(channel_list(cx, db, c, &v, &n));
	for (size_t i = 0; i < n; i++)
		if (v[i].resource_id && v[i].expires_at > clock_ms())
			return RC_OK;
	TRY(channel_refusal(cx, db, c, &why, &at));
	if (why && !at)
		return RC_OK;
	if (why && clock_ms() - at < CHANNEL_REFUSED_MS && at <= clock_ms())
		return RC_OK;
	return lane_put(cx, db, LANE_CHANNEL, c->owner, channel_lane(cx->a, c), clock_ms());
}

enum rc
channel_end(struct ctx *cx, struct db *db, const struct conn *c)
{
	struct channel *v;
	size_t n;

	TRY(channel_list(cx, db, c, &v, &n));
	if (n == 0)
		return RC_OK;
	return lane_hurry(cx, db, LANE_CHANNEL, c->owner, channel_lane(cx->a, c), clock_ms());
}

/* A schedule that is as it was made is one for what is told, or for what is not (kind.h). One that
 * somebody has set to just that is taken for it. */
static enum rc
channel_paces(struct ctx *cx, struct db *db, const struct conn *of, bool told)
{
	const struct kind *k = kind_find(of->provider);
	struct sched *s;
	struct conn c;
	int64_t next;

	if (!k || !k->untold_minutes)
		return RC_OK;
	TRY(conn_get(cx, db, of->owner, of->id, &c));
	s = &c.sched;
	if (s->rrule || s->interval_minutes != (told ? k->untold_minutes : k->poll_minutes))
		return RC_OK;
	s->interval_minutes = told ? k->poll_minutes : k->untold_minutes;
	s->freq = freq_of_minutes(s->interval_minutes);
	next = sched_next(s, clock_ms());
	if (s->health == HEALTH_OK && s->next_poll_at > next) {
		s->next_poll_at = next;
		s->set_at = clock_ms();
	}
	return sched_save(cx, db, &c);
}

/* why NULL: no more. at 0: a person said so, and nobody asks again by himself. */
static enum rc
channel_say(struct ctx *cx, struct db *db, const struct conn *c, const char *why, int64_t at)
{
	const char *was;
	int64_t since;

	TRY(channel_refusal(cx, db, c, &was, &since));
	TRY(db_run(cx, db, NULL, Q_PUSH_REFUSE, "sssi", c->id, c->owner, why, at));
	return !was == !why ? RC_OK : channel_paces(cx, db, c, !why);
}

enum rc
channel_off(struct ctx *cx, struct db *db, const struct conn *c)
{
	TRY(channel_say(cx, db, c, "It was switched off.", 0));
	return channel_end(cx, db, c);
}

enum rc
channel_is_off(struct ctx *cx, struct db *db, const struct conn *c, bool *off)
{
	const char *why;
	int64_t at;

	TRY(channel_refusal(cx, db, c, &why, &at));
	*off = why && !at;
	return RC_OK;
}

enum rc
channel_ask(struct ctx *cx, struct db *db, const struct conn *c)
{
	TRY(channel_refused(cx, db, c, NULL));
	return lane_hurry(cx, db, LANE_CHANNEL, c->owner, channel_lane(cx->a, c), clock_ms());
}

enum rc
channel_insert(struct ctx *cx, struct db *db, const struct conn *c, const char *id,
    const char *token, int64_t expires_at)
{
	char hash[SHA256_HEX];

	channel_digest(token, hash);
	return db_run(cx, db, NULL, Q_CHANNEL_INSERT, "ssssiis", id, c->owner, c->id, hash,
	    expires_at, clock_ms(), c->account_id);
}

enum rc
channel_opened(struct ctx *cx, struct db *db, const struct conn *c, const char *id,
    const char *resource_id, int64_t expires_at)
{
	return db_run(cx, db, NULL, Q_CHANNEL_OPEN, "sssi", id, c->owner, resource_id, expires_at);
}

enum rc
channel_catch_up(struct ctx *cx, struct db *db, const struct conn *c)
{
	return db_run(cx, db, NULL, Q_PUSH_CATCH_UP, "ss", c->id, c->owner);
}

enum rc
channel_drop(struct ctx *cx, struct db *db, const struct conn *c, const char *id)
{
	return db_run(cx, db, NULL, Q_CHANNEL_DROP, "ss", id, c->owner);
}

enum rc
channel_forget(struct ctx *cx, struct db *db, const char *owner, const char *account_id)
{
	return db_run(cx, db, NULL, Q_CHANNEL_FORGET, "ss", owner, account_id);
}

enum rc
channel_refused(struct ctx *cx, struct db *db, const struct conn *c, const char *why)
{
	return channel_say(cx, db, c, why, clock_ms());
}

/* The more messages wait, the surer it is that more are coming. */
static enum rc
next_asked(struct ctx *cx, struct db *db, const struct places *places, struct channel_call *out,
    int64_t *due_at)
{
	const enum sql q = Q_PUSH_ASKED;
	const struct places_want want = { .asked = false, .failing = false };
	const int64_t now = clock_ms();

	*out = (struct channel_call){ 0 };
	*due_at = 0;
	TRY(db_query(cx, db, q, "ii", (int64_t)REST_MS, (int64_t)CHANNEL_REST_MAX_MS));
	while (!out->conn_id && db_next(db, q)) {
		if (places && !places_for(places, db_text(db, q, C_PUSH_ASKED_OWNER), want))
			continue;
		out->conn_id = db_dup(cx->a, db, q, C_PUSH_ASKED_CONNECTION_ID);
		out->owner = db_dup(cx->a, db, q, C_PUSH_ASKED_OWNER);
		out->trigger = db_flag(db, q, C_PUSH_ASKED_TOLD) ? CHANNEL_TOLD : CHANNEL_OPENED;
		*due_at = db_num(db, q, C_PUSH_ASKED_DUE_AT);
		/* Further ahead than any rest: the last run began by a clock that was wrong. */
		if (*due_at <= 0 || *due_at > now + CHANNEL_REST_MAX_MS)
			*due_at = now;
	}
	return db_done(cx, db, q);
}

enum rc
channel_next(struct ctx *cx, struct db *db, const struct places *places, struct channel_call *out)
{
	int64_t due_at;

	TRY(next_asked(cx, db, places, out, &due_at));
	if (due_at > clock_ms())
		*out = (struct channel_call){ 0 };
	return RC_OK;
}

enum rc
channel_due(struct ctx *cx, struct db *db, const struct places *places, int64_t *due_at)
{
	struct channel_call next;

	return next_asked(cx, db, places, &next, due_at);
}

enum rc
channel_served(struct ctx *cx, struct db *db, const char *owner, const char *conn_id)
{
	return db_run(cx, db, NULL, Q_PUSH_SERVED, "ss", conn_id, owner);
}

enum rc
channel_sweep(struct ctx *cx, struct db *db, int64_t now)
{
	return db_run(cx, db, NULL, Q_CHANNEL_SWEEP, "i", now - DAY_MS);
}
