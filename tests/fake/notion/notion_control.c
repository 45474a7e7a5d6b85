/*
 * notion_control.c - workspaces, people and connections for tests, and the weaknesses of Notion by
 * hand: see fake_control.c.
 */
#include "fake/notion/notion.h"

#include "base/clock.h"

static struct notion_space *
control_space(struct call *c, const json *j)
{
	const char *name = json_str(j, "workspace");
	struct notion_space *s;

	for (s = notion_of(c->f)->spaces; s; s = s->next)
		if (!name || strcmp(s->name, name) == 0)
			return s;
	return space_add(c->f, NULL, name ? name : "Workspace");
}

static struct notion_object *
control_root(struct call *c, struct notion_space *s, const char *id, struct notion_user *who)
{
	struct notion_object *o;

	o = object_add(c->f, OBJECT_PAGE, NULL, s, id ? id_read(c->a, id) : NULL);
	o->now.values = json_new(c->f->a);
	json_set(o->now.values, "title", json_list(c->f->a));
	o->creator = who;
	object_changed(c->f, o, who);
	o->past = NULL;
	return o;
}

/* A workspace is made where there is none, and each connection gets a page of its own. */
static void
control_notion(struct call *c, const json *j, json *out)
{
	const char *token = json_str(j, "token"), *name = json_str(j, "name");
	struct notion_space *s = control_space(c, j);
	struct notion_bot *b = bot_by(c->f, token);
	struct notion_object *o;

	if (!s->users)
		notion_user_add(c->f, s, NULL, "Paula Person", "paula@example.com");
	if (!b)
		b = bot_add(c->f, s, name ? name : "Integration", token);
	b->blind = json_flag(j, "no_users", b->blind);
	o = control_root(c, s, json_str(j, "page"), b->user);
	json_set_bool(o->shared, b->user->id, true);
	json_set_str(out, "page", o->id);
	json_set_str(out, "token", b->token);
	json_set_str(out, "workspace", s->id);
}

/* With a token of his own a person uses the same interface, and sees everything. */
static void
control_person(struct call *c, const json *j, json *out)
{
	const char *name = json_str(j, "name") ? json_str(j, "name") : "Somebody";
	struct notion_space *s = control_space(c, j);
	struct notion_bot *b = bot_add(c->f, s, name, json_str(j, "token"));

	b->person = true;
	b->user->email = arena_printf(c->f->a, "%s@example.com", b->user->id);
	json_set_str(out, "user", b->user->id);
	json_set_str(out, "token", b->token);
}

static struct notion_object *
control_object(struct call *c, const json *j)
{
	struct notion_object *o = object_by(c->f, id_read(c->a, json_str(j, "id")));

	if (!o)
		refuse_argument(c, "There is no object %s.", json_str(j, "id"));
	return o;
}

/* {"id", "token", "shared": bool}: here and below. */
static void
control_share(struct call *c, const json *j, json *out)
{
	struct notion_object *o = control_object(c, j);
	const struct notion_bot *b = bot_by(c->f, json_str(j, "token"));

	(void)out;
	if (o && !b)
		refuse_argument(c, "There is no connection with this token.");
	if (o && b)
		json_set_bool(o->shared, b->user->id, json_flag(j, "shared", true));
}

static void
control_lag(struct call *c, const json *j, json *out)
{
	(void)out;
	notion_of(c->f)->lag_ms = json_value_i64(j);
}

static void
control_cap(struct call *c, const json *j, json *out)
{
	(void)out;
	notion_of(c->f)->cap = json_value_i64(j);
}

static void
control_brief(struct call *c, const json *j, json *out)
{
	(void)out;
	notion_of(c->f)->brief = json_value_bool(j);
}

static void
control_client(struct call *c, const json *j, json *out)
{
	struct notion_client *client;

	(void)out;
	if (!json_str(j, "id") || !json_str(j, "secret")) {
		refuse_argument(c, "A client needs an id and a secret.");
		return;
	}
	client = notion_client_add(c->f, json_str(j, "id"), json_str(j, "secret"));
	if (json_at(j, "redirects"))
		client->redirects = notion_keep(c->f, json_at(j, "redirects"));
}

/* {"token"}: the connection is removed; {"token", "access": true}: its access token alone ends. */
static void
control_revoke(struct call *c, const json *j, json *out)
{
	struct notion_bot *b = bot_by(c->f, json_str(j, "token"));

	(void)out;
	if (!b)
		refuse_argument(c, "There is no connection with this token.");
	else if (json_flag(j, "access", false))
		b->token = fake_secret(c->f->a, "ntn_ended_");
	else
		b->dead = true;
}

/* {"source", "count", "edited_ms"}: pages "Row 1" to "Row n", as if they had always been there. */
static void
control_fill(struct call *c, const json *j, json *out)
{
	struct notion_object *source = object_by(c->f, id_read(c->a, json_str(j, "source")));
	const int64_t n = json_num(j, "count", 0), gap = json_num(j, "gap_ms", MINUTE_MS);

	(void)out;
	if (!source || source->kind != OBJECT_SOURCE) {
		refuse_argument(c, "There is no data source %s.", json_str(j, "source"));
		return;
	}
	for (int64_t i = 1; i <= n; i++) {
		struct notion_object *o = object_add(
		    c->f, OBJECT_PAGE, source, source->space, NULL);

		o->now.values = json_new(c->f->a);
		json_set(o->now.values, "title",
		    text_plain(c->f->a, arena_printf(c->a, "Row %lld", (long long)i)));
		o->creator = o->editor = source->creator;
		o->created = fake_now(c->f) - (n - i + 2) * gap - DAY_MS;
		o->now.edited = o->created;
		o->past = NULL;
		o->number = ++source->number;
	}
}

const struct fake_command notion_commands[] = {
	{ "notion", control_notion },
	{ "notion_user", control_person },
	{ "notion_share", control_share },
	{ "notion_lag_ms", control_lag },
	{ "notion_cap", control_cap },
	{ "notion_brief_pages", control_brief },
	{ "notion_client", control_client },
	{ "notion_revoke", control_revoke },
	{ "notion_fill", control_fill },
	{ "notion_webhook", control_webhook },
	{ NULL, NULL },
};
