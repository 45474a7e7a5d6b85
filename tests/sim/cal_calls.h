/*
 * cal_calls.h - the messages by which Google and Notion tell that something has changed: on their
 * way they come late, twice, in another order, and where a schedule has other ways to hear of it,
 * not at all.
 */
#ifndef SIM_CAL_CALLS_H
#define SIM_CAL_CALLS_H

#include "sim/cal_grant.h"

#include "kind/google_call.h"
#include "kind/notion_call.h"
#include "queue/channel.h"
#include "queue/signed.h"

#define NOTION_HOOK "https://tidemark.example/hooks/notion"

enum { CALLS = 400, CALL_TEXT = 120, CALL_BODY = 2000 };

struct sim_call {
	char header[4][CALL_TEXT]; /* as google_call_headers has them */
	char signature[CALL_TEXT]; /* of a message of Notion: with its body */
	char body[CALL_BODY];
	int64_t due; /* by the clock that never jumps */
};

static struct {
	struct sim_call v[CALLS];
	int n;
} calls;

/* "X-Goog-Channel-ID: text\r\n" */
static inline void
call_header(const char *headers, const char *name, char *out)
{
	const char *line = strcasestr(headers, name);

	*out = '\0';
	if (line)
		snprintf(out, CALL_TEXT, "%.*s", (int)strcspn(line + strlen(name) + 2, "\r"),
		    line + strlen(name) + 2);
}

static inline void
call_leaves(const struct fake_note *note)
{
	struct sim_call *c = &calls.v[calls.n];

	if (calls.n == CALLS) {
		sim_bad("more messages than the simulation has room for");
		return;
	}
	for (int i = 0; i < 4; i++)
		call_header(note->headers, google_call_headers[i], c->header[i]);
	call_header(note->headers, "X-Notion-Signature", c->signature);
	if (snprintf(c->body, CALL_BODY, "%s", note->body ? note->body : "") >= CALL_BODY)
		sim_bad("a message is longer than the simulation has room for");
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
			call_leaves(&note);
		if (!lost && luck(5))
			call_leaves(&note);
		if (lost)
			tell("a message is lost");
		fake_note_done(cal.fake, note.note, 204);
	}
}

static const char *
call_said(const void *arg, const char *name)
{
	const struct sim_call *c = arg;

	if (!strcmp(name, "x-notion-signature"))
		return *c->signature ? c->signature : NULL;
	for (int i = 0; i < 4; i++)
		if (!strcmp(name, google_call_headers[i]))
			return *c->header[i] ? c->header[i] : NULL;
	return NULL;
}

/* One of Notion's; said: what it says. */
static inline void
call_comes_signed(const struct sim_call *c)
{
	const struct kind_request request = {
		.a = cx.a,
		.header = call_said,
		.arg = c,
		.body = str_c(c->body),
	};
	struct kind_call said;
	bool wake;

	tell("a message comes: %s", c->body);
	notion_tally.calls++;
	if (!notion_receiver.receive(&request, &said))
		sim_bad("a message of Notion is not understood: %.900s", c->body);
	else if (signed_receive(&cx, db,
		     &(struct signed_message){ notion_receiver.name, &said, str_c(c->body) },
		     &wake) != RC_OK)
		sim_bad("a message of Notion is not taken: %s", cx.err.detail);
	cx.err = (struct err){ 0 };
}

/* The receiver, whose pool is a process of its own. */
static inline void
call_comes(const struct sim_call *c)
{
	const struct kind_request request = { .header = call_said, .arg = c };
	struct kind_call said;
	bool wake;

	if (*c->signature) {
		call_comes_signed(c);
		return;
	}
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

/* --- Notion's subscription, which an operator makes in its settings --- */

static enum rc
hook_confirm_write(struct ctx *c, struct db *d, void *arg)
{
	return signed_confirm(c, d, arg);
}

static inline void
notion_listens(void)
{
	struct subscription *v;
	const char *secret;
	size_t n;

	cal_control(
	    "{\"notion_webhook\":{\"token\":\"" NOTION_OURS "\",\"address\":\"" NOTION_HOOK "\"}}");
	calls_leave();
	while (calls.n)
		call_comes(&calls.v[--calls.n]);
	assert_ok(signed_list(&cx, db, &v, &n));
	assert_int_equal(n, 1);
	assert_ok(signed_open(&cx, &v[0], &secret));
	cal_control(arena_printf(cx.a, "{\"notion_webhook\":{\"verify\":\"%s\"}}", secret));
	assert_ok(db_write(&cx, db, hook_confirm_write, (void *)v[0].id));
}

#endif
