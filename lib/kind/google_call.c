/*
 * google_call.c - see google_call.h.
 */
#include "kind/google_call.h"

const char *const google_call_headers[] = { "x-goog-channel-id", "x-goog-channel-token",
	"x-goog-resource-id", "x-goog-resource-state", NULL };

bool
google_call_receive(const struct kind_request *r, struct kind_call *out)
{
	const char *state = r->header(r->arg, "x-goog-resource-state");

	*out = (struct kind_call){
		.channel = r->header(r->arg, "x-goog-channel-id"),
		.token = r->header(r->arg, "x-goog-channel-token"),
		.resource = r->header(r->arg, "x-goog-resource-id"),
		/* "sync" comes once, when a channel is open. */
		.greeting = state && !strcmp(state, "sync"),
	};
	return out->channel != NULL;
}

bool
google_role_writes(const char *role)
{
	return role && (!strcmp(role, "owner") || str_starts(str_c(role), "writer"));
}
