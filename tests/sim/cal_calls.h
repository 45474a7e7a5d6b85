/*
 * cal_calls.h - the messages by which Google tells that something has changed: on their way they
 * come late, twice, in another order, and where a schedule has other ways to hear of it, not at
 * all.
 */
#ifndef SIM_CAL_CALLS_H
#define SIM_CAL_CALLS_H

#include "sim/cal_grant.h"

#include "kind/google_call.h"
#include "queue/channel.h"

enum { CALLS = 200, CALL_TEXT = 120 };

struct sim_call {
	char header[4][CALL_TEXT]; /* as google_call_headers has them */
	int64_t due;               /* by the clock that never jumps */
};

static struct {
	struct sim_call v[CALLS];
	int n;
} calls;

/* "X-Goog-Channel-ID: text\r\n" */
static inline void
call_header(const char *headers, int i, char *out)
{
	const char *line = strcasestr(headers, google_call_headers[i]);

	*out = '\0';
	if (line)
		snprintf(out, CALL_TEXT, "%.*s",
		    (int)strcspn(line + strlen(google_call_headers[i]) + 2, "\r"),
		    line + strlen(google_call_headers[i]) + 2);
}

static inline void
call_leaves(const char *headers)
{
	struct sim_call *c = &calls.v[calls.n];

	if (calls.n == CALLS) {
		sim_bad("more messages than the simulation has room for");
		return;
	}
	for (int i = 0; i < 4; i++)
		call_header(headers, i, c->header[i]);
	c->due = clock_mono_ms() + (sim.calm ? 0 : dice(3) ? dice(5000) : dice(600000));
	calls.n++;
}

/* What the stand-in has sent since. */
static inline void
calls_leave(void)
{
	struct fake_note note;

	while (fake_note_take(cal.fake, &note)) {
		bool lost = sim.cal.calls == CALLS_SOME && luck(5);

		if (!lost)
			call_leaves(note.headers);
		if (!lost && luck(5))
			call_leaves(note.headers);
		if (lost)
			tell("a message is lost");
		fake_note_done(cal.fake, note.note, 204);
	}
}

static const char *
call_said(const void *arg, const char *name)
{
	const struct sim_call *c = arg;

	for (int i = 0; i < 4; i++)
		if (!strcmp(name, google_call_headers[i]))
			return *c->header[i] ? c->header[i] : NULL;
	return NULL;
}

/* The receiver, whose pool is a process of its own. */
static inline void
call_comes(const struct sim_call *c)
{
	const struct kind_request request = { .header = call_said, .arg = c };
	struct kind_call said;
	bool wake;

	tell("a message comes: %s", c->header[3]);
	if (!google_call_receive(&request, &said)) {
		sim_bad("a message without a channel");
		return;
	}
	if (channel_receive(&cx, db,
		&(struct channel_message){
		    .channel = said.channel,
		    .token = said.token,
		    .resource = said.resource,
		    .greeting = said.greeting,
		},
		&wake) != RC_OK &&
	    cx.err.kind != E_NOT_FOUND)
		sim_bad("a message is not taken: %s", cx.err.detail);
	cx.err = (struct err){ 0 };
}

/* In any order: all that are due. */
static inline void
calls_come(void)
{
	calls_leave();
	for (int i = 0; i < calls.n;) {
		struct sim_call c = calls.v[i];

		if (c.due > clock_mono_ms() || (!sim.calm && dice(3) == 0)) {
			i++;
			continue;
		}
		calls.v[i] = calls.v[--calls.n];
		call_comes(&c);
	}
}

#endif
