/*
 * receive.c - the receiver: where services call when something has changed (pool hook). What a
 * call says is for the kind of source to tell. The answer is 204 when the hint is durable and 503
 * when it cannot be made so: services repeat after 503 and its like alone, every other status
 * loses the message.
 */
#include "fcgi/route.h"
#include "ask/ask.h"
#include "kind/kind.h"
#include "queue/channel.h"
#include "queue/signed.h"

static const char *
receive_header(const void *arg, const char *name)
{
	return req_header(arg, name);
}

enum rc
receive_call(struct req *r, struct resp *w)
{
	const struct kind *k = kind_called(r->path);
	const struct kind_request call = {
		.a = r->cx->a,
		.header = receive_header,
		.arg = r,
		.body = r->raw,
	};
	struct kind_call said;
	bool wake;

	if (!r->db)
		return r->cx->err.kind != E_NONE ? error_row(r->cx->err.kind)->rc
						 : fail(r->cx, E_SCHEMA, NULL);
	if (!k || !k->receiver->receive(&call, &said))
		return fail(r->cx, E_NOT_FOUND, "There is no such channel.");
	if (k->receiver->signs)
		TRY(signed_receive(r->cx, r->db,
		    &(struct signed_message){ k->receiver->name, &said, r->raw }, &wake));
	else
		TRY(channel_receive(r->cx, r->db,
		    &(struct channel_message){
			.channel = said.channel,
			.token = said.token,
			.resource = said.resource,
			.greeting = said.greeting,
		    },
		    &wake));
	if (wake)
		wake_tick();
	w->status = 204;
	return RC_OK;
}
