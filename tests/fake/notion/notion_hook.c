/*
 * notion_hook.c - subscriptions: the handshake, and messages of what has changed, signed over the
 * bytes of their bodies. Changes of one kind to one object are told together; a page that was made
 * and deleted before anything was told is not told of.
 */
#include "fake/notion/notion.h"

#include "base/clock.h"
#include "base/hash.h"
#include "fake/core/keep.h"

enum { HOOK_TRIES = 8 };

struct notion_hook {
	struct notion_hook *next;
	struct notion_space *space;
	struct notion_bot *bot;
	const char *id, *address, *secret;
	struct hook_event *events; /* those that are to be sent */
	bool verified;
};

struct hook_event {
	struct hook_event *next;
	struct notion_hook *hook;
	const struct notion_object *object;
	const struct notion_user *by;
	const char *id, *type;
	const char *detail; /* JSON: ids of properties; or NULL */
	int64_t at;
	bool taken, dropped;
};

/* Its bytes are unlike what anybody would make of the same JSON: who signs what he has parsed
 * fails. */
static void
hook_sign(struct fake *f, struct note_text *t, const struct notion_hook *h, const char *body)
{
	unsigned char mac[SHA256_LEN];
	char hex[SHA256_HEX];

	hash_hmac(str_c(h->secret), str_c(body), mac);
	hex_encode(mac, sizeof mac, hex);
	t->body = body;
	t->headers = arena_printf(f->a,
	    "Content-Type: application/json\r\nUser-Agent: NotionWebhook\r\n"
	    "X-Notion-Signature: sha256=%s\r\n",
	    hex);
}

static const char *
hook_entity(const struct notion_object *o)
{
	static const char *const words[] = {
		[OBJECT_PAGE] = "page",
		[OBJECT_DATABASE] = "database",
		[OBJECT_SOURCE] = "data_source",
		[OBJECT_BLOCK] = "block",
	};

	return words[o->kind];
}

/* {"parent": {"id", "type", "data_source_id"?}, "updated_properties"?}. */
static json *
hook_data(struct arena *a, const struct hook_event *e)
{
	const struct notion_object *up = e->object->now.parent;
	json *data = json_new(a), *parent = json_new(a);

	if (up && up->kind == OBJECT_SOURCE) {
		json_set_str(parent, "id", up->now.parent->id);
		json_set_str(parent, "type", "database");
		json_set_str(parent, "data_source_id", up->id);
	} else {
		json_set_str(parent, "id", up ? up->id : e->hook->space->id);
		json_set_str(parent, "type", up ? hook_entity(up) : "space");
	}
	json_set(data, "parent", parent);
	if (e->detail)
		json_set(data, "updated_properties", json_stored(a, e->detail));
	return data;
}

static json *
hook_body(struct fake *f, const struct hook_event *e, int attempt)
{
	json *j = json_new(f->a), *author = json_new(f->a), *authors = json_list(f->a);
	json *entity = json_new(f->a);
	char at[CLOCK_TEXT];

	json_set_str(author, "id", e->by->id);
	json_set_str(author, "type", e->by->email ? "person" : "bot");
	json_add(authors, author);
	json_set_str(entity, "id", e->object->id);
	json_set_str(entity, "type", hook_entity(e->object));
	json_set_str(j, "id", e->id);
	json_set_str(j, "timestamp",
	    arena_printf(f->a, "%.19s.%03dZ", clock_text(e->at, at), (int)(e->at % SECOND_MS)));
	json_set_str(j, "workspace_id", e->hook->space->id);
	json_set_str(j, "workspace_name", e->hook->space->name);
	json_set_str(j, "subscription_id", e->hook->id);
	json_set_str(j, "integration_id", e->hook->bot->integration);
	json_set(j, "authors", authors);
	json_set_i64(j, "attempt_number", attempt);
	json_set_str(j, "api_version", "2025-09-03");
	json_set(j, "entity", entity);
	json_set_str(j, "type", e->type);
	json_set(j, "data", hook_data(f->a, e));
	return j;
}

static bool
hook_make(struct fake *f, struct note_text *t, int attempt)
{
	struct hook_event *e = t->arg;

	e->taken = true;
	if (e->dropped)
		return false;
	hook_sign(
	    f, t, e->hook, arena_printf(f->a, " %s \n", json_text(f->a, hook_body(f, e, attempt))));
	return true;
}

/* Is it told already, or taken back, by what waits? */
static bool
hook_joined(struct notion_hook *h, const struct notion_object *o, const char *type)
{
	const bool gone = strcmp(type, "page.deleted") == 0;
	bool joined = false;

	for (struct hook_event *e = h->events; e; e = e->next) {
		if (e->taken || e->dropped || e->object != o)
			continue;
		joined |= strcmp(e->type, type) == 0;
		if (gone && strcmp(e->type, "page.created") == 0)
			joined = e->dropped = true;
		else if (gone)
			e->dropped = true;
	}
	return joined;
}

static void
hook_say(struct fake *f, struct notion_hook *h, const struct hook_event *what)
{
	struct hook_event *e = arena_alloc(f->a, sizeof *e);
	struct note_text text = { .tries = HOOK_TRIES, .stubborn = true, .make = hook_make };

	*e = *what;
	e->next = h->events;
	e->hook = h;
	e->id = notion_id(f);
	e->at = fake_now(f);
	h->events = e;
	text.arg = e;
	note_send(f, h->address, &text);
}

void
hook_tell(struct fake *f, const struct notion_object *o, const char *event,
    const struct notion_user *by, const char *detail)
{
	for (struct notion_hook *h = notion_of(f)->hooks; h; h = h->next)
		if (h->verified && object_seen(h->bot, o) && !hook_joined(h, o, event))
			hook_say(f, h,
			    &(struct hook_event){
				.object = o,
				.by = by,
				.type = event,
				.detail = arena_dup(f->a, detail),
			    });
}

/*
 * For tests: what is done in the settings of a connection, which has no API.
 */
static void
hook_open(struct call *c, struct notion_bot *bot, const char *address, json *out)
{
	struct notion_hook *h = arena_alloc(c->f->a, sizeof *h);
	struct note_text text = { .tries = 1 };

	*h = (struct notion_hook){
		.next = notion_of(c->f)->hooks,
		.space = bot->space,
		.bot = bot,
		.id = notion_id(c->f),
		.address = arena_dup(c->f->a, address),
		.secret = fake_secret(c->f->a, "secret_"),
	};
	notion_of(c->f)->hooks = h;
	hook_sign(
	    c->f, &text, h, arena_printf(c->f->a, "{\"verification_token\": \"%s\"}", h->secret));
	note_send_now(c->f, h->address, &text);
	json_set_str(out, "verification_token", h->secret);
	json_set_str(out, "subscription", h->id);
}

bool
hook_verify(struct fake *f, const char *token)
{
	for (struct notion_hook *h = notion_of(f)->hooks; h; h = h->next)
		if (strcmp(h->secret, token) == 0) {
			h->verified = true;
			return true;
		}
	return false;
}

/* What a person does in the settings of a public connection. */
bool
hook_subscribe(struct call *c, const char *address)
{
	struct notion_bot *bot = notion_of(c->f)->bots;

	while (bot && (!bot->client || bot->dead))
		bot = bot->next;
	if (bot)
		hook_open(c, bot, address, json_new(c->a));
	return bot != NULL;
}

void
control_webhook(struct call *c, const json *j, json *out)
{
	const char *token = json_str(j, "token"), *address = json_str(j, "address");
	const char *verify = json_str(j, "verify");
	struct notion_bot *bot = bot_by(c->f, token);

	if (verify && hook_verify(c->f, verify))
		return;
	if (verify)
		refuse_argument(c, "There is no such verification token.");
	else if (!bot || !address)
		refuse_argument(c, "A webhook needs the token of a connection and an address.");
	else
		hook_open(c, bot, address, out);
}

json *
notion_hooks(struct call *c)
{
	json *list = json_list(c->a);

	for (const struct notion_hook *h = notion_of(c->f)->hooks; h; h = h->next) {
		json *j = json_new(c->a);

		json_set_str(j, "id", h->id);
		json_set_str(j, "address", h->address);
		json_set_bool(j, "verified", h->verified);
		json_add(list, j);
	}
	return list;
}

/*
 * Over a restart.
 */
json *
hooks_kept(struct fake *f, struct arena *a)
{
	json *list = json_list(a);

	for (const struct notion_hook *h = notion_of(f)->hooks; h; h = h->next) {
		json *j = json_new(a);

		json_set_str(j, "id", h->id);
		json_set_str(j, "address", h->address);
		json_set_str(j, "secret", h->secret);
		json_set_str(j, "bot", h->bot->token);
		json_set_bool(j, "verified", h->verified);
		json_add(list, j);
	}
	return list;
}

void
hook_loaded(struct fake *f, const json *j)
{
	const char *token = json_str(j, "bot");
	struct notion_bot *bot = notion_of(f)->bots;
	struct notion_hook *h;

	while (bot && token && strcmp(bot->token, token) != 0)
		bot = bot->next;
	if (!bot || !token || !json_str(j, "address") || !json_str(j, "secret"))
		return;
	h = arena_alloc(f->a, sizeof *h);
	*h = (struct notion_hook){
		.next = notion_of(f)->hooks,
		.space = bot->space,
		.bot = bot,
		.id = loaded_text(f, j, "id", bot->integration),
		.address = loaded_text(f, j, "address", NULL),
		.secret = loaded_text(f, j, "secret", NULL),
		.verified = json_flag(j, "verified", false),
	};
	notion_of(f)->hooks = h;
}

void
hook_report(struct call *c, json *top)
{
	json_set(top, "notion_webhooks", notion_hooks(c));
}
