/*
 * notion_user.c - workspaces, their people and connections, and what is told of them.
 */
#include "fake/notion/notion.h"

struct notion_space *
space_add(struct fake *f, const char *id, const char *name)
{
	struct notion_space *s = arena_alloc(f->a, sizeof *s);

	*s = (struct notion_space){
		.next = notion_of(f)->spaces,
		.id = id ? arena_dup(f->a, id) : notion_id(f),
		.name = arena_dup(f->a, name),
	};
	notion_of(f)->spaces = s;
	return s;
}

struct notion_user *
notion_user_add(
    struct fake *f, struct notion_space *space, const char *id, const char *name, const char *email)
{
	struct notion_user *u = arena_alloc(f->a, sizeof *u), **end = &space->users;

	*u = (struct notion_user){
		.space = space,
		.id = id ? arena_dup(f->a, id) : notion_id(f),
		.name = arena_dup(f->a, name),
		.email = arena_dup(f->a, email),
	};
	while (*end)
		end = &(*end)->next;
	*end = u;
	return u;
}

struct notion_bot *
bot_add(struct fake *f, struct notion_space *space, const char *name, const char *token)
{
	struct notion_bot *b = arena_alloc(f->a, sizeof *b);

	*b = (struct notion_bot){
		.next = notion_of(f)->bots,
		.space = space,
		.user = notion_user_add(f, space, NULL, name, NULL),
		.integration = notion_id(f),
		.token = token ? arena_dup(f->a, token) : fake_secret(f->a, "ntn_"),
		.made = fake_now(f),
	};
	notion_of(f)->bots = b;
	return b;
}

struct notion_bot *
bot_by(struct fake *f, const char *token)
{
	struct notion_bot *b;

	for (b = notion_of(f)->bots; b; b = b->next)
		if (token && !b->dead && strcmp(b->token, token) == 0)
			return b;
	return NULL;
}

struct notion_user *
notion_user_by(const struct notion_space *space, const char *id)
{
	struct notion_user *u;

	for (u = space->users; u; u = u->next)
		if (id && strcmp(u->id, id) == 0)
			return u;
	return NULL;
}

/*
 * What is told.
 */
json *
user_stub(struct arena *a, const struct notion_user *u)
{
	json *j = json_new(a);

	json_set_str(j, "object", "user");
	json_set_str(j, "id", u->id);
	return j;
}

static json *
user_owner(struct call *c, const struct notion_user *u)
{
	json *owner = json_new(c->a);
	const struct notion_bot *b;

	for (b = notion_of(c->f)->bots; b && b->user != u; b = b->next)
		continue;
	if (b && b->owner) {
		json_set_str(owner, "type", "user");
		json_set(owner, "user", user_json(c, b->owner));
	} else {
		json_set_str(owner, "type", "workspace");
		json_set_bool(owner, "workspace", true);
	}
	return owner;
}

json *
user_json(struct call *c, const struct notion_user *u)
{
	json *j = user_stub(c->a, u), *inner = json_new(c->a), *limits = json_new(c->a);

	if (bot_of(c) && bot_of(c)->blind)
		return j;
	json_set_str(j, "name", u->name);
	json_set_null(j, "avatar_url");
	if (u->email) {
		json_set_str(j, "avatar_url",
		    arena_printf(c->a, "https://s3-us-west-2.amazonaws.com/%s.jpeg", u->id));
		json_set_str(j, "type", "person");
		json_set_str(inner, "email", u->email);
		json_set_bool(inner, "email_verified", true);
		json_set(j, "person", inner);
		return j;
	}
	json_set_str(j, "type", "bot");
	json_set(inner, "owner", user_owner(c, u));
	json_set_str(inner, "workspace_name", u->space->name);
	json_set_str(inner, "workspace_id", u->space->id);
	json_set_i64(limits, "max_file_upload_size_in_bytes", 5242880);
	json_set(inner, "workspace_limits", limits);
	json_set(j, "bot", inner);
	return j;
}

static bool
user_shown(const struct call *c, const struct notion_user *u)
{
	/* Of the bots only the one that asks. */
	return u->email || u == bot_of(c)->user;
}

static bool
user_allowed(struct call *c)
{
	if (bot_of(c)->blind)
		refuse_notion(
		    c, 403, "restricted_resource", "Insufficient permissions for this endpoint.");
	return !c->refused;
}

void
users_list(struct call *c)
{
	json *results = json_list(c->a);
	const char *start, *next = NULL;
	size_t size, n = 0;
	bool on;

	if (!user_allowed(c) || !list_asked(c, &size, &start))
		return;
	on = !start;
	for (const struct notion_user *u = bot_of(c)->space->users; u; u = u->next) {
		on = on || strcmp(u->id, start) == 0;
		if (!on || !user_shown(c, u))
			continue;
		if (n++ == size) {
			next = u->id;
			break;
		}
		json_add(results, user_json(c, u));
	}
	reply_notion(c, list_json(c, results, next, "user"));
}

void
users_get(struct call *c)
{
	const char *id = id_read(c->a, c->part[0]);
	const struct notion_user *u = notion_user_by(bot_of(c)->space, id);

	if (!user_allowed(c))
		return;
	if (!id)
		refuse_invalid(c,
		    "path failed validation: path.user_id should be a valid uuid, instead was "
		    "`\"%.100s\"`.",
		    c->part[0]);
	else if (!u || !user_shown(c, u))
		refuse_notion(c, 404, "object_not_found", "Could not find user with ID: %s.", id);
	else
		reply_notion(c, user_json(c, u));
}

void
users_me(struct call *c)
{
	reply_notion(c, user_json(c, bot_of(c)->user));
}
