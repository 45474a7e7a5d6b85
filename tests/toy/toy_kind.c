/*
 * toy_kind.c - the kind "toy": the toys of a shelf, kept by a service that exists in tests only
 * (toy_server.pl).
 */
#include "kind/kind.h"

static const struct field fields[] = {
	{
	    .name = "shelf",
	    .type = FIELD_TEXT,
	    .required = true,
	    .label = "Shelf",
	    .help = "The name of the shelf.",
	    .max = 40,
	},
	{ .name = NULL },
};

static void
toy_configure(struct arena *a, json *config, json *errors)
{
	const char *shelf = json_str(config, "shelf");

	for (const char *p = shelf; p && *p; p++)
		if (*p < 'a' || *p > 'z') {
			kind_complain(a, errors, "config.shelf", "A shelf has a name of letters.");
			return;
		}
}

static const char *
toy_link(struct arena *a, const json *config)
{
	return arena_printf(a, "https://toy.example/shelves/%s", json_str(config, "shelf"));
}

static const char *const toy_headers[] = { "x-toy-channel", "x-toy-token", "x-toy-shelf",
	"x-toy-event", NULL };

static bool
toy_receive(const struct kind_request *r, struct kind_call *out)
{
	const char *event = r->header(r->arg, "x-toy-event");

	*out = (struct kind_call){
		.channel = r->header(r->arg, "x-toy-channel"),
		.token = r->header(r->arg, "x-toy-token"),
		.resource = r->header(r->arg, "x-toy-shelf"),
		.greeting = event && !strcmp(event, "hello"),
	};
	return out->channel && event;
}

static const struct kind_receiver toybox = {
	.name = "toybox",
	.headers = toy_headers,
	.receive = toy_receive,
	.summary = "Toybox says that a shelf has changed",
};

static const struct cost cost[] = { { QUOTA_TOY, 1, 0 }, { 0 } };

const struct kind kind_toy = {
	.id = "toy",
	.title = "Toybox",
	.blurb = "The toys of a shelf.",
	.icon = "M4 12a8 8 0 1 0 16 0 8 8 0 0 0-16 0z",
	.caps = KIND_PULL | KIND_PUSH | KIND_HOOK | KIND_OWN_KEYS,
	.fields = fields,
	.account = "toy",
	.scopes = "toys.read",
	.more_scopes = "toys.write",
	.cost = cost,
	.words = {
		.things = "shelves",
		.look = "Look at the shelf",
		.open = "Open the shelf",
		.without = "The shelf can be seen and not changed.",
	},
	.receiver = &toybox,
	.configure = toy_configure,
	.link = toy_link,
};
