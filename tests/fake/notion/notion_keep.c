/*
 * notion_keep.c - workspaces over a restart: people, connections and their tokens, and all objects.
 * What the index has not come to know yet it knows afterwards.
 */
#include "fake/notion/notion.h"

#include "fake/core/keep.h"

/*
 * Saving.
 */
static json *
keep_user(struct arena *a, const struct notion_user *u)
{
	json *j = json_new(a);

	json_set_str(j, "id", u->id);
	json_set_str(j, "name", u->name);
	json_set_str(j, "email", u->email);
	return j;
}

static json *
keep_space(struct arena *a, const struct notion_space *s)
{
	json *j = json_new(a), *users = json_list(a);

	for (const struct notion_user *u = s->users; u; u = u->next)
		json_add(users, keep_user(a, u));
	json_set_str(j, "id", s->id);
	json_set_str(j, "name", s->name);
	json_set(j, "users", users);
	return j;
}

static json *
keep_bot(struct arena *a, const struct notion_bot *b)
{
	json *j = json_new(a);

	json_set_str(j, "space", b->space->id);
	json_set_str(j, "user", b->user->id);
	json_set_str(j, "owner", b->owner ? b->owner->id : NULL);
	json_set_str(j, "integration", b->integration);
	json_set_str(j, "token", b->token);
	json_set_str(j, "refresh", b->refresh);
	json_set_str(j, "client", b->client);
	json_set_bool(j, "person", b->person);
	json_set_bool(j, "dead", b->dead);
	json_set_bool(j, "blind", b->blind);
	json_set_i64(j, "made", b->made);
	return j;
}

static json *
keep_client(struct arena *a, const struct notion_client *c)
{
	json *j = json_new(a);

	json_set_str(j, "id", c->id);
	json_set_str(j, "secret", c->secret);
	json_set(j, "redirects", c->redirects);
	return j;
}

static json *
keep_object(struct arena *a, const struct notion_object *o)
{
	json *j = json_new(a), *children = json_list(a);

	for (const struct notion_object *x = o->child; x; x = x->sibling)
		json_add_str(children, x->id);
	json_set_i64(j, "kind", o->kind);
	json_set_str(j, "space", o->space->id);
	json_set_str(j, "id", o->id);
	json_set(j, "values", o->now.values);
	json_set(j, "title", o->now.title);
	json_set_i64(j, "edited", o->now.edited);
	json_set_bool(j, "trash", o->now.trash);
	json_set_i64(j, "created", o->created);
	json_set_str(j, "creator", o->creator ? o->creator->id : NULL);
	json_set_str(j, "editor", o->editor ? o->editor->id : NULL);
	json_set(j, "properties", o->properties);
	json_set(j, "description", o->description);
	json_set(j, "icon", o->icon);
	json_set(j, "cover", o->cover);
	json_set(j, "shared", o->shared);
	json_set_str(j, "block", o->block);
	json_set_i64(j, "number", o->number);
	json_set_bool(j, "locked", o->locked);
	json_set_bool(j, "in_line", o->in_line);
	json_set_bool(j, "archived", o->archived);
	json_set(j, "children", children);
	return j;
}

void
notion_save(struct fake *f, struct arena *a, json *top)
{
	const struct notion *n = notion_of(f);
	json *j = json_new(a), *spaces = json_list(a), *bots = json_list(a);
	json *clients = json_list(a), *objects = json_list(a);

	for (const struct notion_space *s = n->spaces; s; s = s->next)
		json_add(spaces, keep_space(a, s));
	for (const struct notion_client *c = n->clients; c; c = c->next)
		json_add(clients, keep_client(a, c));
	for (const struct notion_bot *b = n->bots; b; b = b->next)
		json_add(bots, keep_bot(a, b));
	for (const struct notion_object *o = n->first; o; o = o->next)
		json_add(objects, keep_object(a, o));
	json_set(j, "spaces", spaces);
	json_set(j, "clients", clients);
	json_set(j, "bots", bots);
	json_set(j, "objects", objects);
	json_set(j, "hooks", hooks_kept(f, a));
	json_set(top, "workspaces", j);
}

/*
 * Loading. Lists that are told from the newest on are read from their end.
 */
static void
keep_load_space(struct fake *f, const json *j)
{
	const json *users = json_at(j, "users");
	struct notion_space *s;

	if (!json_str(j, "id"))
		return;
	s = space_add(f, json_str(j, "id"), json_str(j, "name"));
	for (size_t i = 0; i < json_len(users); i++) {
		const json *u = json_nth(users, i);

		notion_user_add(f, s, json_str(u, "id"), json_str(u, "name"), json_str(u, "email"));
	}
}

static struct notion_space *
keep_space_by(struct fake *f, const char *id)
{
	struct notion_space *s = notion_of(f)->spaces;

	while (s && id && strcmp(s->id, id) != 0)
		s = s->next;
	return id ? s : NULL;
}

static void
keep_load_client(struct fake *f, const json *j)
{
	if (json_str(j, "id") && json_str(j, "secret"))
		notion_client_add(f, json_str(j, "id"), json_str(j, "secret"))->redirects =
		    loaded_json(f, j, "redirects");
}

static void
keep_load_bot(struct fake *f, const json *j)
{
	const struct notion_space *s = keep_space_by(f, json_str(j, "space"));
	struct notion_user *user = s ? notion_user_by(s, json_str(j, "user")) : NULL;
	struct notion_bot *b;

	if (!user || !json_str(j, "token"))
		return;
	b = arena_alloc(f->a, sizeof *b);
	*b = (struct notion_bot){
		.next = notion_of(f)->bots,
		.space = user->space,
		.user = user,
		.owner = notion_user_by(s, json_str(j, "owner")),
		.integration = loaded_text(f, j, "integration", user->id),
		.token = loaded_text(f, j, "token", NULL),
		.refresh = loaded_text(f, j, "refresh", NULL),
		.client = loaded_text(f, j, "client", NULL),
		.person = json_flag(j, "person", false),
		.dead = json_flag(j, "dead", false),
		.blind = json_flag(j, "blind", false),
		.made = json_num(j, "made", 0),
	};
	if (b->client && (!b->owner || !b->refresh))
		return;
	notion_of(f)->bots = b;
}

static const struct notion_user *
keep_user_by(const struct notion_space *s, const char *id)
{
	const struct notion_user *u = notion_user_by(s, id);

	return u ? u : s->users;
}

static void
keep_load_object(struct fake *f, const json *j)
{
	struct notion_space *s = keep_space_by(f, json_str(j, "space"));
	const int64_t kind = json_num(j, "kind", -1);
	struct notion_object *o;

	if (!s || !s->users || !json_str(j, "id") || kind < OBJECT_PAGE || kind > OBJECT_BLOCK)
		return;
	o = object_add(f, (enum object_kind)kind, NULL, s, json_str(j, "id"));
	o->past = NULL;
	o->now.values = loaded_json(f, j, "values");
	o->now.title = loaded_json(f, j, "title");
	o->now.edited = json_num(j, "edited", o->now.edited);
	o->now.trash = json_flag(j, "trash", false);
	o->created = json_num(j, "created", o->created);
	o->creator = keep_user_by(s, json_str(j, "creator"));
	o->editor = keep_user_by(s, json_str(j, "editor"));
	o->properties = loaded_json(f, j, "properties");
	o->description = loaded_json(f, j, "description");
	o->icon = loaded_json(f, j, "icon");
	o->cover = loaded_json(f, j, "cover");
	o->shared = json_is_obj(json_at(j, "shared")) ? loaded_json(f, j, "shared") : o->shared;
	o->block = loaded_text(f, j, "block", NULL);
	o->number = json_num(j, "number", 0);
	o->locked = json_flag(j, "locked", false);
	o->in_line = json_flag(j, "in_line", false);
	o->archived = json_flag(j, "archived", false);
}

/* In the order in which its page shows them, which is not that in which they were made. */
static void
keep_load_children(struct fake *f, const json *j)
{
	struct notion_object *o = object_by(f, json_str(j, "id"));
	const json *children = json_at(j, "children");

	for (size_t i = 0; o && i < json_len(children); i++) {
		struct notion_object *x = object_by(f, json_value_str(json_nth(children, i)));

		if (x && x != o && !x->now.parent)
			object_move(x, o);
	}
}

static void
keep_empty(struct notion *n)
{
	n->spaces = NULL;
	n->bots = NULL;
	n->codes = NULL;
	n->hooks = NULL;
	n->first = NULL;
	n->end = &n->first;
	memset(n->bucket, 0, sizeof n->bucket);
}

static void
keep_load_all(struct fake *f, const json *list, void (*load)(struct fake *, const json *))
{
	for (size_t i = 0; i < json_len(list); i++)
		load(f, json_nth(list, i));
}

static void
keep_load_back(struct fake *f, const json *list, void (*load)(struct fake *, const json *))
{
	for (size_t i = json_len(list); i-- > 0;)
		load(f, json_nth(list, i));
}

void
notion_load(struct fake *f, const json *top)
{
	const json *j = json_at(top, "workspaces"), *objects = json_at(j, "objects");

	if (!json_is_list(objects))
		return;
	keep_empty(notion_of(f));
	keep_load_back(f, json_at(j, "spaces"), keep_load_space);
	keep_load_back(f, json_at(j, "clients"), keep_load_client);
	keep_load_back(f, json_at(j, "bots"), keep_load_bot);
	keep_load_all(f, objects, keep_load_object);
	keep_load_all(f, objects, keep_load_children);
	keep_load_back(f, json_at(j, "hooks"), hook_loaded);
}
