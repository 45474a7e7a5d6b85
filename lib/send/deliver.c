/*
 * deliver.c - see deliver.h.
 */
#include "send/deliver.h"

#include <stdio.h>

#include "base/backoff.h"
#include "base/buf.h"
#include "base/clamp.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "kind/veil_url.h"
#include "net/http_call.h"
#include "net/mail.h"
#include "queue/mailbox.h"
#include "queue/queue.h"

/* States of a delivery. */
#define DELIVERY_WAITING "waiting"
#define DELIVERY_DONE "done"
#define DELIVERY_FAILED "failed"

/* Standard Webhooks 1.0; the first try is at once. */
static const int64_t waits[TRIES_MAX - 1] = { 5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS,
	2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS, 14 * HOUR_MS, 20 * HOUR_MS, 24 * HOUR_MS };

int64_t
deliver_wait_ms(int64_t n, int64_t asked_ms, uint64_t rnd)
{
	int64_t wait;

	if (n >= TRIES_MAX)
		return -1;
	wait = waits[n < 1 ? 0 : n - 1];
	wait = backoff_spread(wait, wait / 10, rnd);
	return wait > asked_ms ? wait : asked_ms;
}

int64_t
deliver_hold_ms(int64_t n)
{
	return n < 2 ? waits[0] : waits[1];
}

const char *
deliver_signature(struct arena *a, const struct str *keys, size_t n, const char *id,
    int64_t at_seconds, struct str body)
{
	const char *head = arena_printf(a, "%s.%lld.", id, (long long)at_seconds);
	struct str text = { NULL, strlen(head) + body.n };
	char *bytes = arena_alloc(a, text.n + 1);
	const char *list = "";
	unsigned char mac[SHA256_LEN];

	memcpy(bytes, head, strlen(head));
	memcpy(bytes + strlen(head), body.p, body.n);
	text.p = bytes;
	for (size_t i = 0; i < n; i++) {
		hash_hmac(keys[i], text, mac);
		list = arena_printf(a, "%s%sv1,%s", list, i ? " " : "",
		    base64_encode(a, (struct str){ (const char *)mac, sizeof mac }));
	}
	return list;
}

/* Is this character one of control, of those that ASCII has or the others (U+0080 to U+009F)? */
static bool
deliver_is_control(struct str c)
{
	const unsigned char first = (unsigned char)c.p[0];

	if (c.n == 1)
		return first == 0x7f || (first < ' ' && first != '\n' && first != '\t');
	return c.n == 2 && first == 0xc2 && (unsigned char)c.p[1] < 0xa0;
}

const char *
deliver_answer_text(struct arena *a, struct str answer)
{
	char *text = arena_alloc(a, ANSWER_SHOWN + 1);
	size_t n = 0;

	/* Bytes that are no text are left out one by one. */
	for (size_t i = 0; i < answer.n && n < ANSWER_SHOWN; i++) {
		const int len = utf8_char(answer.p + i, answer.n - i);

		if (len <= 0 || (size_t)len > ANSWER_SHOWN - n ||
		    deliver_is_control((struct str){ answer.p + i, (size_t)len }))
			continue;
		memcpy(text + n, answer.p + i, (size_t)len);
		n += (size_t)len;
		i += (size_t)len - 1;
	}
	return text;
}

/*
 * Claiming.
 */

/* The first delivery of a lane that is due, counted as tried. *found false: there is none. */
static enum rc
take_delivery(struct ctx *cx, struct db *db, int64_t now, bool *found, struct parcel *p)
{
	enum sql q = Q_DELIVERY_DUE;

	TRY(db_row(cx, db, found, q, "si", p->lane.id, now));
	if (*found) {
		p->delivery = db_dup(cx->a, db, q, C_DELIVERY_DUE_ID);
		p->owner = db_dup(cx->a, db, q, C_DELIVERY_DUE_OWNER);
		p->message = db_dup(cx->a, db, q, C_DELIVERY_DUE_MESSAGE_ID);
		p->webhook = db_dup(cx->a, db, q, C_DELIVERY_DUE_WEBHOOK_ID);
		p->tries = db_num(db, q, C_DELIVERY_DUE_TRIES) + 1;
		p->attempt = db_num(db, q, C_DELIVERY_DUE_ATTEMPTS) + 1;
		p->type = db_dup(cx->a, db, q, C_DELIVERY_DUE_TYPE);
		p->body = db_dup(cx->a, db, q, C_DELIVERY_DUE_BODY);
	}
	db_reset(db, q);
	return RC_OK;
}

static enum rc
next_due(struct ctx *cx, struct db *db, const char *lane, int64_t *due_at)
{
	bool found;

	TRY(db_row(cx, db, &found, Q_DELIVERY_NEXT, "s", lane));
	*due_at = found ? db_num(db, Q_DELIVERY_NEXT, 0) : 0;
	db_reset(db, Q_DELIVERY_NEXT);
	return RC_OK;
}

/* Nothing to send after all: the lane waits for what is due next. */
static enum rc
put_back(struct ctx *cx, struct db *db, const struct lane *lane, int64_t now)
{
	int64_t next;

	TRY(db_run(cx, db, NULL, Q_DELIVERY_MEND, "sii", lane->id, now, now + LANE_WAIT_MAX));
	TRY(next_due(cx, db, lane->id, &next));
	return lane_release(cx, db, lane, next, 0, lane->failures);
}

enum rc
deliver_take(struct ctx *cx, struct db *db, struct parcel *p, int64_t now, bool *found)
{
	bool any;

	*found = false;
	TRY(take_delivery(cx, db, now, &any, p));
	if (!any)
		return put_back(cx, db, &p->lane, now);
	if (p->webhook) {
		TRY(hook_get(cx, db, p->owner, p->webhook, &p->hook));
		if (!p->hook.enabled)
			return lane_release(cx, db, &p->lane, 0, 0, 0);
	}
	/* Only a process that was killed again and again comes here. */
	if (p->tries > TRIES_MAX) {
		TRY(db_run(cx, db, NULL, Q_DELIVERY_END, "sssii", p->delivery, p->owner,
		    DELIVERY_FAILED, INT64_C(0), now));
		return put_back(cx, db, &p->lane, now);
	}
	*found = true;
	TRY(db_run(cx, db, NULL, Q_DELIVERY_BEGIN, "ss", p->delivery, p->owner));
	return db_run(cx, db, NULL, Q_ATTEMPT_BEGIN, "sii", p->delivery, p->attempt, now);
}

/*
 * Sending.
 */

static enum rc
send_hook(struct ctx *cx, const struct parcel *p, struct sent *s)
{
	const int64_t now = clock_ms(), at = now / SECOND_MS;
	const struct str body = str_c(p->body);
	json *headers = json_new(cx->a);
	struct http_answer answer;
	struct str keys[HOOK_KEYS];
	const char *url;
	size_t n;
	enum rc rc;

	TRY(hook_whole(cx, &p->hook, &url));
	TRY(hook_keys(cx, &p->hook, now, keys, &n));
	json_set_str(headers, "webhook-id", p->message);
	json_set_str(headers, "webhook-timestamp", arena_printf(cx->a, "%lld", (long long)at));
	json_set_str(
	    headers, "webhook-signature", deliver_signature(cx->a, keys, n, p->message, at, body));
	TRY(http_call(cx,
	    &(struct http_call){
		.method = "POST",
		.url = url,
		.headers = headers,
		.content_type = "application/json",
		.body = body,
		.max_bytes = ANSWER_SHOWN,
		.timeout_ms = lane_rows[LANE_WEBHOOK].seconds * SECOND_MS,
		.cut = true,
	    },
	    &answer));
	s->status = answer.status;
	s->answer = answer.body.n ? deliver_answer_text(cx->a, answer.body) : NULL;
	s->gone = answer.status == 410;
	rc = answer.status == 304
	    ? fail(cx, E_SOURCE_STATUS, "%s answered 304, which means nothing here.", answer.host)
	    : http_call_error(cx, &answer);
	if (answer.limited || (answer.status >= 502 && answer.status <= 504))
		/* No receiver puts off more than the longest of the waits. */
		s->wait_ms = clamp(answer.wait_ms, 0, waits[TRIES_MAX - 2]);
	return rc;
}

static enum rc
send_mail(struct ctx *cx, const struct parcel *p, struct sent *s)
{
	json *body;
	enum rc rc;

	TRY(mail_open(cx, p->owner, p->message, p->body, &body));
	rc = mail_send(cx,
	    &(struct mail){
		.from = conf_str(CONF_MAIL_FROM),
		.to = json_str(body, "to"),
		.subject = json_str(body, "subject"),
		.text = json_str(body, "text"),
		.id = p->message,
		.at = clock_ms(),
	    });
	s->refused = rc == RC_INVALID && cx->err.kind == E_INPUT;
	return rc;
}

void
deliver_send(struct ctx *cx, const struct parcel *p, struct sent *s)
{
	const int64_t began = clock_mono_ms();
	enum rc rc;

	*s = (struct sent){ 0 };
	rc = p->webhook ? send_hook(cx, p, s) : send_mail(cx, p, s);
	s->ok = rc == RC_OK;
	s->duration_ms = clock_mono_ms() - began;
	if (s->ok)
		return;
	s->error_code = error_row(cx->err.kind)->code;
	s->error_detail = *cx->err.detail ? arena_dup(cx->a, cx->err.detail)
					  : error_row(cx->err.kind)->title;
}

/*
 * Settling.
 */

/* The webhook is switched off and its owner told: on the page, and by mail. */
static enum rc
switch_off(struct ctx *cx, struct db *db, struct hook *h, enum error_kind why, const char *detail,
    int64_t now)
{
	const struct error_row *row = error_row(why);
	char id[UUID_TEXT];

	h->enabled = false;
	h->disabled_code = row->code;
	h->disabled_detail = detail;
	h->updated_at = now;
	TRY(hook_save(cx, db, h));
	TRY(db_run(cx, db, NULL, Q_NOTICE_PUT, "ssssssi", rand_uuid(id), h->owner, NULL,
	    "attention", row->code, detail, now));
	return mail_tell(cx, db, h->owner, "Tidemark: a webhook was switched off",
	    arena_printf(cx->a, "Tidemark no longer sends to this webhook:\n\n  %s\n\n%s\n%s\n%s\n",
		veil_url(cx->a, h->url), row->title, detail, row->advice));
}

static enum rc
settle_hook(struct ctx *cx, struct db *db, const struct parcel *p, const struct sent *s,
    int64_t now, bool *off)
{
	struct hook h;
	int64_t sure;

	/* A clock that jumps ahead switches nothing off. */
	TRY(queue_trusted_now(cx, db, now, &sure));
	/* Read again: its owner may have changed it while it was called. */
	TRY(hook_get(cx, db, p->owner, p->webhook, &h));
	if (s->ok) {
		h.last_success_at = now;
		h.failing_since = 0;
	} else if (h.failing_since == 0)
		h.failing_since = now;
	TRY(hook_save_result(cx, db, &h));
	if (h.enabled && s->gone)
		TRY(switch_off(cx, db, &h, E_WEBHOOK_GONE, s->error_detail, now));
	else if (h.enabled && !s->ok && sure - h.failing_since >= FAILING_DAYS * DAY_MS)
		TRY(switch_off(cx, db, &h, E_WEBHOOK_FAILING, s->error_detail, now));
	*off = !h.enabled;
	return RC_OK;
}

struct settling {
	const struct parcel *parcel;
	const struct sent *sent;
	int64_t now, again_at; /* again_at 0: it is over, well or not */
};

static const char *
settle_state(const struct settling *w)
{
	if (w->sent->ok)
		return DELIVERY_DONE;
	return w->again_at ? DELIVERY_WAITING : DELIVERY_FAILED;
}

/* The lane waits for its failures, not before anything is due in it. */
static enum rc
settle_lane(struct ctx *cx, struct db *db, const struct settling *w, bool off)
{
	const struct lane *lane = &w->parcel->lane;
	const bool failed = !w->sent->ok && !w->sent->refused;
	int64_t next, hold = 0;

	if (failed) {
		hold = deliver_hold_ms(lane->failures + 1);
		hold = w->now + (w->sent->wait_ms > hold ? w->sent->wait_ms : hold);
	}
	TRY(next_due(cx, db, lane->id, &next));
	if (off)
		next = 0;
	else if (next != 0 && next < hold)
		next = hold;
	return lane_release(cx, db, lane, next, hold, failed ? lane->failures + 1 : 0);
}

static enum rc
settle_write(struct ctx *cx, struct db *db, void *arg)
{
	struct settling *w = arg;
	const struct parcel *p = w->parcel;
	const struct sent *s = w->sent;
	int64_t wait = -1;
	bool off = false;

	w->now = clock_ms();
	TRY(lane_held(cx, db, &p->lane));
	if (!s->ok && !s->refused && !s->gone)
		wait = deliver_wait_ms(p->tries, s->wait_ms, rand_u64());
	w->again_at = wait < 0 ? 0 : w->now + wait;
	TRY(db_run(cx, db, NULL, Q_ATTEMPT_END, "siiisss", p->delivery, p->attempt, s->duration_ms,
	    s->status, s->error_code, s->error_detail, s->answer));
	TRY(db_run(cx, db, NULL, Q_DELIVERY_END, "sssii", p->delivery, p->owner, settle_state(w),
	    w->again_at, w->again_at ? INT64_C(0) : w->now));
	if (p->webhook)
		TRY(settle_hook(cx, db, p, s, w->now, &off));
	return settle_lane(cx, db, w, off);
}

enum rc
deliver_settle(struct ctx *cx, struct db *db, const struct parcel *p, const struct sent *s)
{
	struct settling w = { .parcel = p, .sent = s };

	TRY(db_write(cx, db, settle_write, &w));
	log_event(s->ok ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "delivery.settled", "s:webhook",
	    p->webhook ? p->webhook : "", "s:message", p->message, "s:type", p->type, "i:try",
	    p->tries, "i:status", s->status, "s:code", s->ok ? "ok" : s->error_code, "i:ms",
	    s->duration_ms, NULL);
	return RC_OK;
}
