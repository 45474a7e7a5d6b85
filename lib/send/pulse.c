/*
 * pulse.c - see pulse.h.
 */
#include "send/pulse.h"

#include "base/conf.h"
#include "base/log.h"
#include "net/http_call.h"
#include "queue/pulse.h"

enum { PULSE_ANSWER = 4096 };

#define PULSE_EVERY_MS (55 * SECOND_MS)

const char *
pulse_fail_url(struct arena *a, const char *url)
{
	const size_t path = strcspn(url, "?#");
	const bool slash = path > 0 && url[path - 1] == '/';

	return arena_printf(a, "%.*s%sfail%s", (int)path, url, slash ? "" : "/", url + path);
}

static enum rc
pulse_send(struct ctx *cx, const char *why)
{
	const char *url = conf_str(CONF_HEARTBEAT_URL);
	struct http_call call = {
		.method = why ? "POST" : "GET",
		.url = why ? pulse_fail_url(cx->a, url) : url,
		.max_bytes = PULSE_ANSWER,
		.timeout_ms = lane_rows[LANE_PULSE].seconds * SECOND_MS / 2,
		.cut = true,
	};
	struct http_answer answer;

	if (why) {
		call.content_type = "text/plain; charset=utf-8";
		call.body = str_c(why);
	}
	TRY(http_call(cx, &call, &answer));
	return http_call_error(cx, &answer);
}

struct pulsing {
	const struct lane *lane;
	const char *error; /* a code; NULL: it has arrived */
};

static enum rc
pulse_end_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct pulsing *w = arg;
	const int64_t now = clock_ms();

	TRY(pulse_note(cx, db, now, w->error));
	/* The next beat asks for the next one. */
	return lane_release(cx, db, w->lane, 0, now + PULSE_EVERY_MS, 0);
}

enum rc
pulse_work(struct ctx *cx, struct db *db, const struct lane *lane)
{
	struct pulsing w = { .lane = lane };
	const char *why;

	TRY(pulse_trouble(cx, db, clock_ms(), &why));
	if (pulse_send(cx, why) != RC_OK) {
		w.error = error_row(cx->err.kind)->code;
		cx->err = (struct err){ 0 };
		log_event(LOG_LEVEL_WARN, "pulse.not_sent", "s:code", w.error, NULL);
	}
	return db_write(cx, db, pulse_end_write, &w);
}
