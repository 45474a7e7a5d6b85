/*
 * channel.c - see channel.h. Channels outlive a restart of the stand-in.
 */
#include "fake/google/channel.h"

#include "base/clock.h"
#include "fake/core/keep.h"

enum { CHANNEL_TRIES = 5 };

struct channel {
	struct channel *next;
	const char *id, *token, *address, *resource, *uri;
	const struct watched *kind;
	const void *what;
	const char *what_id;
	struct account *who;
	struct client *client;
	int64_t ends, number;
	bool stopped;
};

struct channels {
	struct channel *list;
};

static const struct watched *const channel_kinds[] = {
	&drive_watched,
	&calendar_watched,
	&calendars_watched,
	NULL,
};

static struct channels *
channel_part(const struct fake *f)
{
	return fake_part(f, &channel_service);
}

static bool
channel_lives(const struct fake *f, const struct channel *ch)
{
	return !ch->stopped && ch->ends > fake_now(f);
}

/*
 * Telling.
 */
static void
channel_say(struct fake *f, struct channel *ch, const char *state, const char *changed)
{
	char until[CLOCK_TEXT];
	struct buf *b = buf_in(f->a, 8000);
	struct note_text text = { .tries = CHANNEL_TRIES };

	/* Numbers grow, and skip some. */
	ch->number += ch->number > 0 ? 1 + ch->number % 3 : 1;
	buf_str(b,
	    "Content-Type: application/json; utf-8\r\n"
	    "User-Agent: APIs-Google; "
	    "(+https://developers.google.com/webmasters/APIs-Google.html)\r\n");
	buf_printf(b, "X-Goog-Channel-ID: %s\r\nX-Goog-Channel-Expiration: %s\r\n", ch->id,
	    clock_http(ch->ends, until));
	buf_printf(b, "X-Goog-Resource-State: %s\r\nX-Goog-Message-Number: %lld\r\n", state,
	    (long long)ch->number);
	buf_printf(
	    b, "X-Goog-Resource-ID: %s\r\nX-Goog-Resource-URI: %s\r\n", ch->resource, ch->uri);
	if (ch->token)
		buf_printf(b, "X-Goog-Channel-Token: %s\r\n", ch->token);
	if (changed)
		buf_printf(b, "X-Goog-Changed: %s\r\n", changed);
	text.headers = buf_c(b);
	if (strcmp(state, "sync") == 0)
		note_send_now(f, ch->address, &text);
	else
		note_send(f, ch->address, &text);
}

void
channel_tell(struct fake *f, const void *what, const char *state, const char *changed)
{
	for (struct channel *ch = channel_part(f)->list; ch; ch = ch->next)
		if (ch->what == what && channel_lives(f, ch))
			channel_say(f, ch, state, changed);
}

/*
 * Opening and stopping.
 */
struct channel_flaw {
	int status;
	const char *reason, *message;
};

static bool
channel_local(const char *address)
{
	return strncmp(address, "http://127.0.0.1", 16) == 0 ||
	    strncmp(address, "http://localhost", 16) == 0;
}

static bool
channel_taken(struct call *c, const char *id)
{
	for (const struct channel *o = channel_part(c->f)->list; o; o = o->next)
		if (strcmp(o->id, id) == 0 && o->client == c->token->client)
			return true;
	return false;
}

static struct channel_flaw
channel_check(struct call *c)
{
	const char *id = json_str(c->body, "id"), *type = json_str(c->body, "type");
	const char *address = json_str(c->body, "address"), *token = json_str(c->body, "token");
	struct channel_flaw flaw = { .status = 400, .reason = "invalid" };

	if (!id || !*id || strlen(id) > 64 || !address || !type || (token && strlen(token) > 256)) {
		flaw.message = !id ? "Required" : "Invalid value";
	} else if (strcmp(type, "web_hook") != 0 && strcmp(type, "webhook") != 0) {
		flaw.message = arena_printf(c->a, "Unknown channel type: %s", type);
	} else if (c->f->way.refuse) {
		flaw.status = 401;
		flaw.reason = "push.webhookUrlUnauthorized";
		flaw.message = arena_printf(
		    c->a, "Unauthorized WebHook callback channel: %s", address);
	} else if (strncmp(address, "https://", 8) != 0 && !channel_local(address)) {
		/* Addresses of this machine are the one exception: tests have no certificates. */
		flaw.reason = "push.webhookUrlNotHttps";
		flaw.message = arena_printf(c->a, "WebHook callback must be HTTPS: %s", address);
	} else if (channel_taken(c, id)) {
		flaw.reason = "channelIdNotUnique";
		flaw.message = arena_printf(c->a, "Channel id %s not unique", id);
	}
	return flaw;
}

static int64_t
channel_end(struct call *c, const struct watched *kind)
{
	int64_t now = fake_now(c->f), ends = now + kind->usual_ms, ttl;
	const char *text = json_str(c->body, "expiration");
	const char *params = json_str(json_at(c->body, "params"), "ttl");

	if (params && str_i64(str_c(params), 1, INT32_MAX, &ttl))
		ends = now + ttl * SECOND_MS;
	if (!text || !str_i64(str_c(text), 1, INT64_MAX, &ends))
		json_i64(c->body, "expiration", &ends);
	return ends > now + kind->most_ms ? now + kind->most_ms : ends;
}

static json *
channel_answer(struct arena *a, const struct channel *ch)
{
	json *j = json_new(a);

	json_set_str(j, "kind", "api#channel");
	json_set_str(j, "id", ch->id);
	json_set_str(j, "resourceId", ch->resource);
	json_set_str(j, "resourceUri", ch->uri);
	if (ch->token)
		json_set_str(j, "token", ch->token);
	json_set_str(j, "expiration", arena_printf(a, "%lld", (long long)ch->ends));
	return j;
}

void
channel_open(struct call *c, const struct watch_target *t)
{
	const struct channel_flaw flaw = channel_check(c);
	struct channel *ch;

	if (flaw.message) {
		refuse(c,
		    &(struct refusal){
			.status = flaw.status,
			.reason = flaw.reason,
			.message = flaw.message,
		    });
		return;
	}
	ch = arena_alloc(c->f->a, sizeof *ch);
	*ch = (struct channel){
		.next = channel_part(c->f)->list,
		.id = kept(c, c->body, "id", NULL),
		.token = kept(c, c->body, "token", NULL),
		.address = kept(c, c->body, "address", NULL),
		.resource = t->resource,
		.uri = t->uri,
		.kind = t->kind,
		.what = t->what,
		.what_id = t->id,
		.who = c->who,
		.client = c->token->client,
		.ends = channel_end(c, t->kind),
	};
	channel_part(c->f)->list = ch;
	c->rep->delay_ms += c->f->way.watch_delay_ms;
	channel_say(c->f, ch, "sync", NULL);
	reply_json(c, 200, channel_answer(c->a, ch));
}

void
channel_stop(struct call *c)
{
	const char *id = json_str(c->body, "id"), *resource = json_str(c->body, "resourceId");
	const struct client *client = c->token->client;
	struct channel *ch = channel_part(c->f)->list;

	for (; ch && id && resource; ch = ch->next)
		if (strcmp(ch->id, id) == 0 && strcmp(ch->resource, resource) == 0 &&
		    ch->client == client && (ch->who == c->who || c->who->service) &&
		    !ch->stopped) {
			ch->stopped = true;
			c->rep->status = 204;
			return;
		}
	refuse(c,
	    &(struct refusal){
		.status = 404,
		.reason = "notFound",
		.message = arena_printf(
		    c->a, "Channel '%s' not found for project '%s'", id ? id : "", client->project),
	    });
}

/*
 * For tests, and over a restart.
 */
static void
channel_notify(struct call *c, const json *j, json *out)
{
	const char *state = json_str(j, "state") ? json_str(j, "state") : "update";
	const struct watched *kind = channel_kinds[0];
	const char *id;
	void *what;

	(void)out;
	for (size_t i = 0; channel_kinds[i]; i++)
		if (json_str(j, channel_kinds[i]->name))
			kind = channel_kinds[i];
	id = json_str(j, kind->name);
	what = kind->find(c->f, id);
	if (what)
		channel_tell(c->f, what, state, json_str(j, "changed"));
	else
		refuse_argument(c, "There is no %s %s.", kind->name, id ? id : "(none)");
}

static void
channel_report(struct call *c, json *top)
{
	json *list = json_list(c->a);

	for (const struct channel *ch = channel_part(c->f)->list; ch; ch = ch->next) {
		json *j = json_new(c->a);

		json_set_str(j, "id", ch->id);
		json_set_str(j, ch->kind->name, ch->what_id);
		json_set_str(j, "address", ch->address);
		json_set_str(j, "token", ch->token);
		json_set_str(j, "resource", ch->resource);
		json_set_bool(j, "open", channel_lives(c->f, ch));
		json_add(list, j);
	}
	json_set(top, "channels", list);
}

static void
channel_save(struct fake *f, struct arena *a, json *top)
{
	json *list = json_list(a);

	for (const struct channel *ch = channel_part(f)->list; ch; ch = ch->next) {
		json *j = json_new(a);

		if (ch->stopped || ch->ends < fake_now(f))
			continue;
		json_set_str(j, "id", ch->id);
		json_set_str(j, "token", ch->token);
		json_set_str(j, "address", ch->address);
		json_set_str(j, "resource", ch->resource);
		json_set_str(j, "uri", ch->uri);
		json_set_str(j, ch->kind->name, ch->what_id);
		json_set_str(j, "email", ch->who->email);
		json_set_str(j, "client", ch->client->id);
		json_set_i64(j, "ends", ch->ends);
		json_set_i64(j, "number", ch->number);
		json_add(list, j);
	}
	json_set(top, "channels", list);
}

static void
channel_load_one(struct fake *f, const json *top, const json *j)
{
	struct channel *ch = arena_alloc(f->a, sizeof *ch);

	*ch = (struct channel){
		.next = channel_part(f)->list,
		.id = arena_dup(f->a, json_str(j, "id")),
		.token = arena_dup(f->a, json_str(j, "token")),
		.address = arena_dup(f->a, json_str(j, "address")),
		.resource = arena_dup(f->a, json_str(j, "resource")),
		.uri = arena_dup(f->a, json_str(j, "uri")),
		.who = account_by(f, json_str(j, "email")),
		.client = client_by(f, json_str(j, "client")),
		.ends = json_num(j, "ends", 0),
		.number = loaded_counter(top, j, "number"),
	};
	for (size_t i = 0; channel_kinds[i] && !ch->what; i++) {
		ch->kind = channel_kinds[i];
		ch->what_id = arena_dup(f->a, json_str(j, ch->kind->name));
		ch->what = ch->kind->find(f, ch->what_id);
	}
	if (ch->what && ch->who && ch->client && ch->id && ch->address && ch->resource && ch->uri)
		channel_part(f)->list = ch;
}

static void
channel_load(struct fake *f, const json *top)
{
	const json *list = json_at(top, "channels");

	for (size_t i = 0; i < json_len(list); i++)
		channel_load_one(f, top, json_nth(list, i));
}

static const struct fake_param channel_ttl[] = { { .name = "ttl" }, { .name = NULL } };

const struct fake_param channel_body[] = {
	{ .name = "id" },
	{ .name = "type" },
	{ .name = "address" },
	{ .name = "token" },
	{ .name = "expiration", .type = P_INT },
	{ .name = "payload", .type = P_BOOL },
	{ .name = "params", .type = P_OBJECT, .sub = channel_ttl },
	{ .name = "kind" },
	{ .name = "resourceId" },
	{ .name = "resourceUri" },
	{ .name = NULL },
};

static const struct fake_command channel_commands[] = {
	{ "notify", channel_notify },
	{ NULL, NULL },
};

const struct fake_service channel_service = {
	.name = "channels",
	.manners = &google_manners,
	.commands = channel_commands,
	.part = sizeof(struct channels),
	.save = channel_save,
	.load = channel_load,
	.report = channel_report,
};
