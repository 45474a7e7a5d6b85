/*
 * google.c - receives the messages of Google's push channels (pool hook). Bodies are ignored;
 * the answer is 204 when the hint is durable and 503 when it cannot be made so: Google repeats
 * after 500, 502, 503 and 504 alone, every other status loses the message.
 */
#include "fcgi/route.h"
#include "ask/ask.h"
#include "queue/channel.h"

enum rc
receive_google_drive(struct req *r, struct resp *w)
{
	struct channel_message m = { req_header(r, "x-goog-channel-id"),
		req_header(r, "x-goog-channel-token"), req_header(r, "x-goog-resource-id"),
		req_header(r, "x-goog-resource-state") };
	bool wake;

	if (!r->db)
		return r->cx->err.kind != E_NONE ? error_row(r->cx->err.kind)->rc
						 : fail(r->cx, E_SCHEMA, NULL);
	TRY(channel_receive(r->cx, r->db, &m, &wake));
	if (wake)
		wake_tick();
	w->status = 204;
	return RC_OK;
}
