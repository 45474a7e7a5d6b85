/*
 * fake_transport.h - what this process asks of Google is answered by a world of the stand-in in it,
 * without a socket: net_transport_set(fake_transport, &world). Requests that are lost or cut off
 * are those that the stand-in is told to lose.
 */
#ifndef TESTS_UNIT_FAKE_TRANSPORT_H
#define TESTS_UNIT_FAKE_TRANSPORT_H

#include "fake/fake.h"
#include "net/rest.h"
#include "net/transport.h"

static inline void
fake_transport(struct ctx *c, void *arg, const struct net_request *in, struct net_response *out)
{
	static const enum net_fault fates[] = {
		[FAKE_SENT] = NET_FINE,
		[FAKE_CUT] = NET_CUT,
		[FAKE_RESET] = NET_REFUSED,
		[FAKE_LOST] = NET_LOST,
	};
	struct fake **fake = arg;
	const char *host = strstr(in->url, "://"), *target = host ? strchr(host + 3, '/') : NULL;
	struct fake_request req = {
		.a = c->a,
		.method = in->method,
		.target = target ? target : "/",
		.body = in->body,
	};
	struct fake_reply reply;
	size_t n = 0;

	for (size_t i = 0; i < in->headers_n; i++) {
		char *name = arena_dup(c->a, in->headers[i].name);

		for (char *p = name; *p; p++)
			*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 'a' - 'A' : *p);
		params_add(&req.headers, name, in->headers[i].value);
	}
	/* Which says that we ask: what is asked is held against the provider's description. */
	params_add(&req.headers, "user-agent", "Tidemark/test");
	fake_handle(*fake, &req, &reply);
	out->status = reply.status;
	out->takes_ms = reply.delay_ms;
	out->body = buf_s(reply.body);
	if (reply.type)
		out->headers[n++] = (struct net_header){ "Content-Type", reply.type };
	for (size_t i = 0; i < reply.headers.n && n < NET_HEADERS_MAX - 1; i++)
		out->headers[n++] = (struct net_header){ reply.headers.v[i].name,
			reply.headers.v[i].value };
	out->fault = fates[reply.fate];
	out->cut_at = out->body.n / 2;
}

/* What a run lends: the token "t", and no quota. */
static inline enum rc
fake_lent_token(struct ctx *c, struct remote *r, const char *refused, const char **token)
{
	(void)c;
	(void)r;
	(void)refused;
	*token = "t";
	return RC_OK;
}

static inline enum rc
fake_lent_spend(struct ctx *c, struct remote *r, int quota)
{
	(void)c;
	(void)r;
	(void)quota;
	return RC_OK;
}

static inline enum rc
fake_lent_slow(struct ctx *c, struct remote *r, int quota, int64_t ms)
{
	(void)c;
	(void)r;
	(void)quota;
	(void)ms;
	return RC_OK;
}

static inline enum rc
fake_lent_pause(struct ctx *c, struct remote *r, int64_t ms)
{
	return fake_lent_slow(c, r, 0, ms);
}

static inline enum rc
fake_lent_alive(struct ctx *c, struct remote *r)
{
	(void)c;
	(void)r;
	return RC_OK;
}

/* A call of the quota is never free, so that nothing is sent ahead: how often that was wanted. */
static int fake_wanted_ahead;

static inline bool
fake_lent_spare(struct ctx *c, struct remote *r, int quota)
{
	(void)c;
	(void)r;
	(void)quota;
	fake_wanted_ahead++;
	return false;
}

static inline struct remote
fake_remote(void)
{
	return (struct remote){
		.address = "owner@example.com",
		.token = fake_lent_token,
		.spend = fake_lent_spend,
		.slow = fake_lent_slow,
		.pause = fake_lent_pause,
		.alive = fake_lent_alive,
	};
}

#endif
