/*
 * deliver.c - see deliver.h.
 */
#include "send/deliver.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/step.h"
#include "net/http_call.h"
#include "net/mail.h"
#include "queue/mailbox.h"
#include "queue/channel.h"
#include "send/watch.h"

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
	/* Up to a tenth more: those that failed together do not come back together. */
	wait += (int64_t)(rnd % (uint64_t)(wait / 10 + 1));
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

const char *
deliver_answer_text(struct arena *a, struct str answer)
{
	char *text = arena_alloc(a, ANSWER_SHOWN + 1);
	size_t n = 0;

	/* Bytes that are no text are left out one by one. */
	for (size_t i = 0; i < answer.n && n < ANSWER_SHOWN; i++) {
		const unsigned char c = (unsigned char)answer.p[i];
		const size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if (c == 0x7f || (c < ' ' && c != '\n' && c != '\t') ||
		    (len == 2 && c == 0xc2 && i + 1 < answer.n &&
			(unsigned char)answer.p[i + 1] < 0xa0))
			continue;
		if (len > answer.n - i || len > ANSWER_SHOWN - n ||
		    !str_utf8_ok((struct str){ answer.p + i, len }))
			continue;
		memcpy(text + n, answer.p + i, len);
		n += len;
		i += len - 1;
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

struct claim_args {
	bool *found;
	bool *again;
	struct parcel *p;
};

static enum rc
claim_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct claim_args *w = arg;
	const int64_t now = clock_ms();
	int64_t next;
	bool any;

	TRY(lane_claim(cx, db, now, w->again, &w->p->lane));
	if (!*w->again)
		return RC_OK;
	if (str_starts(str_c(w->p->lane.id), LANE_DIGEST)) {
		TRY(mail_digest(cx, db, w->p->lane.id + strlen(LANE_DIGEST), now, &next));
		return lane_release(cx, db, &w->p->lane, next, 0, 0);
	}
	w->p->watch = str_starts(str_c(w->p->lane.id), LANE_WATCH);
	*w->found = w->p->watch;
	if (w->p->watch)
		return RC_OK;
	TRY(take_delivery(cx, db, now, &any, w->p));
	if (!any)
		return put_back(cx, db, &w->p->lane, now);
	if (w->p->webhook) {
		TRY(hook_get(cx, db, w->p->owner, w->p->webhook, &w->p->hook));
		if (!w->p->hook.enabled)
			return lane_release(cx, db, &w->p->lane, 0, 0, 0);
	}
	/* Only a process that was killed again and again comes here. */
	if (w->p->tries > TRIES_MAX) {
		TRY(db_run(cx, db, NULL, Q_DELIVERY_END, "sssii", w->p->delivery, w->p->owner,
		    "failed", INT64_C(0), now));
		return put_back(cx, db, &w->p->lane, now);
	}
	*w->found = true;
	TRY(db_run(cx, db, NULL, Q_DELIVERY_BEGIN, "ss", w->p->delivery, w->p->owner));
	return db_run(cx, db, NULL, Q_ATTEMPT_BEGIN, "sii", w->p->delivery, w->p->attempt, now);
}

enum rc
deliver_claim(struct ctx *cx, struct db *db, bool *found, bool *again, struct parcel *out)
{
	int64_t next;

	*out = (struct parcel){ 0 };
	*found = *again = false;
	TRY(lane_next(cx, db, clock_ms(), &next));
	if (next == 0 || next > clock_ms())
		return RC_OK;
	struct claim_args w = { found, again, out };

	return db_write(cx, db, claim_write, &w);
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
	size_t n;
	enum rc rc;

	TRY(hook_keys(cx, &p->hook, now, keys, &n));
	json_set_str(headers, "webhook-id", p->message);
	json_set_str(headers, "webhook-timestamp", arena_printf(cx->a, "%lld", (long long)at));
	json_set_str(
	    headers, "webhook-signature", deliver_signature(cx->a, keys, n, p->message, at, body));
	TRY(http_call(cx,
	    &(struct http_call){
		.method = "POST",
		.url = p->hook.url,
		.headers = headers,
		.content_type = "application/json",
		.body = body,
		.max_bytes = ANSWER_SHOWN,
		.timeout_ms = SEND_SECONDS * SECOND_MS,
		.cut = true,
	    },
	    &answer));
	s->status = answer.status;
	s->answer = answer.body.n ? deliver_answer_text(cx->a, answer.body) : NULL;
	s->gone = answer.status == 410;
	rc = answer.status == 304
	    ? fail(cx, E_SOURCE_STATUS, "%s answered 304, which means nothing here.", answer.host)
	    : http_call_error(cx, &answer);
	if (answer.status == 429 || (answer.status >= 502 && answer.status <= 504))
		s->wait_ms = answer.wait_ms;
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
		h->url, row->title, detail, row->advice));
}

static enum rc
settle_hook(struct ctx *cx, struct db *db, const struct parcel *p, const struct sent *s,
    int64_t now, bool *off)
{
	struct hook h;

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
	else if (h.enabled && !s->ok && now - h.failing_since >= FAILING_DAYS * DAY_MS)
		TRY(switch_off(cx, db, &h, E_WEBHOOK_FAILING, s->error_detail, now));
	*off = !h.enabled;
	return RC_OK;
}

struct settle_args {
	const struct parcel *p;
	const struct sent *s;
};

static enum rc
settle_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct settle_args *w = arg;
	const int64_t now = clock_ms();
	const bool lane_failed = !w->s->ok && !w->s->refused;
	int64_t wait = -1, next, hold = 0;
	bool off = false;
	uint64_t rnd;

	TRY(lane_held(cx, db, &w->p->lane));
	rand_bytes(&rnd, sizeof rnd);
	if (lane_failed && !w->s->gone)
		wait = deliver_wait_ms(w->p->tries, w->s->wait_ms, rnd);
	TRY(db_run(cx, db, NULL, Q_ATTEMPT_END, "siiisss", w->p->delivery, w->p->attempt,
	    w->s->duration_ms, w->s->status, w->s->error_code, w->s->error_detail, w->s->answer));
	TRY(db_run(cx, db, NULL, Q_DELIVERY_END, "sssii", w->p->delivery, w->p->owner,
	    w->s->ok       ? "done"
		: wait < 0 ? "failed"
			   : "waiting",
	    wait < 0 ? 0 : now + wait, wait < 0 ? now : 0));
	if (w->p->webhook)
		TRY(settle_hook(cx, db, w->p, w->s, now, &off));
	if (lane_failed) {
		hold = deliver_hold_ms(w->p->lane.failures + 1);
		hold = now + (w->s->wait_ms > hold ? w->s->wait_ms : hold);
	}
	TRY(next_due(cx, db, w->p->lane.id, &next));
	return lane_release(cx, db, &w->p->lane,
	    off || next == 0  ? 0
		: next > hold ? next
			      : hold,
	    hold, lane_failed ? w->p->lane.failures + 1 : 0);
}

enum rc
deliver_settle(struct ctx *cx, struct db *db, const struct parcel *p, const struct sent *s)
{
	struct settle_args w = { p, s };

	TRY(db_write(cx, db, settle_write, &w));
	log_event(s->ok ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "delivery.settled", "s:webhook",
	    p->webhook ? p->webhook : "", "s:message", p->message, "s:type", p->type, "i:try",
	    p->tries, "i:status", s->status, "s:code", s->ok ? "ok" : s->error_code, "i:ms",
	    s->duration_ms, NULL);
	return RC_OK;
}

enum rc
deliver_all(struct ctx *cx, struct db *db, const volatile sig_atomic_t *stop)
{
	bool found = false, again = true;

	while (again && !*stop) {
		struct parcel p;
		struct sent s;

		arena_reset(cx->a);
		TRY(deliver_claim(cx, db, &found, &again, &p));
		if (!found)
			continue;
		if (p.watch) {
			if (watch_work(cx, db, &p.lane) != RC_OK && cx->err.kind != E_LEASE)
				return error_row(cx->err.kind)->rc;
			continue;
		}
		step("deliver.claimed");
		deliver_send(cx, &p, &s);
		step("deliver.sent");
		/* Taken over meanwhile: whoever has it now settles it. */
		if (deliver_settle(cx, db, &p, &s) != RC_OK && cx->err.kind != E_LEASE)
			return error_row(cx->err.kind)->rc;
	}
	return RC_OK;
}
