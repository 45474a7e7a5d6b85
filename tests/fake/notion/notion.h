/*
 * notion.h - a Notion workspace: people, connections (bots), and a tree of pages, databases, data
 * sources and blocks, all of which are objects.
 *
 * A page of a data source keeps a value for each property, by the property's id, in the form in
 * which it is told; a data source keeps its properties in order. What is computed (formulas,
 * rollups, times) is made when it is told. A bot sees what was shared with it and all below.
 *
 * Queries and searches read an index, which may lag: then an object is still found as it was.
 */
#ifndef FAKE_NOTION_NOTION_H
#define FAKE_NOTION_NOTION_H

#include "fake/core/call.h"

enum { UUID_LEN = 36, INLINE_MAX = 25, LIST_MAX = 100 };

struct notion_space;

struct notion_user {
	struct notion_user *next; /* oldest first */
	struct notion_space *space;
	const char *id, *name, *email; /* email NULL: a bot */
};

/* A connection: an internal one with a token for good, or what a person has allowed a public one.
 * A person who calls with a token of his own is one, too, that sees everything. */
struct notion_bot {
	struct notion_bot *next;
	struct notion_space *space;
	struct notion_user *user;             /* what edits are signed with */
	struct notion_user *owner;            /* of a grant; NULL: the workspace */
	const char *integration;              /* id */
	const char *token, *refresh, *client; /* refresh and client NULL: internal */
	bool person, dead, blind;             /* blind: without the capability to read users */
	int64_t made;
};

struct notion_space {
	struct notion_space *next;
	const char *id, *name;
	struct notion_user *users;
};

enum object_kind { OBJECT_PAGE, OBJECT_DATABASE, OBJECT_SOURCE, OBJECT_BLOCK };

/* What an index knows. */
struct notion_state {
	json *values; /* of a page, by property id; of a block its content */
	json *title;  /* of a database or data source */
	struct notion_object *parent;
	int64_t edited;
	bool trash, there;
};

/* What it was, and until when the index has that. */
struct notion_past {
	struct notion_past *older;
	struct notion_state was;
	int64_t until;
};

struct notion_object {
	struct notion_object *next, *chain;
	struct notion_object *child, *last, *sibling; /* oldest first */
	enum object_kind kind;
	struct notion_space *space;
	const char *id;
	struct notion_state now;
	struct notion_past *past; /* latest first; NULL: the index knows what it is now */
	int64_t created;
	const struct notion_user *creator, *editor;
	json *properties; /* of a data source: [{"id", "name", "type", TYPE: {...}}] */
	json *description, *icon, *cover;
	json *shared;      /* {integration or bot id: bool}: here and below */
	const char *block; /* its type */
	int64_t number;    /* of a page in its data source; the last given in a data source */
	bool locked, in_line, archived;
};

struct notion_client {
	struct notion_client *next;
	const char *id, *secret;
	json *redirects; /* NULL: any */
};

struct notion_code {
	struct notion_code *next;
	const char *text, *redirect;
	struct notion_client *client;
	struct notion_user *who;
	json *pages;
	int64_t ends;
	bool used;
};

struct notion_hook;

enum { NOTION_BUCKETS = 16384 };

struct notion {
	struct notion_space *spaces;
	struct notion_bot *bots;
	struct notion_client *clients;
	struct notion_code *codes;
	struct notion_hook *hooks;
	struct notion_object *first, **end; /* oldest first */
	struct notion_object *bucket[NOTION_BUCKETS];
	int64_t lag_ms, cap;
	bool brief; /* pages of lists hold fewer than was asked for */
};

/* notion.c */
extern const struct fake_service notion_service;
extern const struct fake_manners notion_manners;
struct notion *notion_of(const struct fake *);
void refuse_notion(struct call *, int status, const char *code, const char *fmt, ...) PRINTF(4, 5);
void refuse_invalid(struct call *, const char *fmt, ...) PRINTF(2, 3); /* validation_error */
struct notion_bot *bot_of(const struct call *);
bool version_is(const struct call *, const char *); /* the Notion-Version of the call */
void reply_notion(struct call *, json *);           /* with a request_id */

/* notion_store.c */
const char *notion_id(struct fake *);
/* As it is written everywhere, with hyphens; NULL: it is none. */
const char *id_read(struct arena *, const char *);
json *notion_keep(struct fake *, const json *); /* a copy that stays */
struct notion_object *object_by(struct fake *, const char *id);
struct notion_object *object_add(struct fake *, enum object_kind, struct notion_object *parent,
    struct notion_space *, const char *id);
/* The object of this kind that is named, when the caller may see it; refused otherwise. */
struct notion_object *object_of_call(struct call *, enum object_kind, const char *id);
bool object_seen(const struct notion_bot *, const struct notion_object *);
/* In the trash, itself or what it is in. */
bool object_trashed(const struct notion_object *);
/* Before it is changed, and when it has been: a time, an editor. */
void object_changes(struct fake *, struct notion_object *);
void object_changed(struct fake *, struct notion_object *, const struct notion_user *);
const struct notion_state *object_indexed(const struct fake *, const struct notion_object *);
void object_move(struct notion_object *, struct notion_object *parent);
const char *object_title(struct arena *, const struct notion_object *);
const char *minute_text(struct arena *, int64_t ms);

/* notion_user.c */
struct notion_space *space_add(struct fake *, const char *id, const char *name);
struct notion_user *notion_user_add(
    struct fake *, struct notion_space *, const char *id, const char *name, const char *email);
struct notion_bot *
bot_add(struct fake *, struct notion_space *, const char *name, const char *token);
struct notion_bot *bot_by(struct fake *, const char *token);
struct notion_user *notion_user_by(const struct notion_space *, const char *id);
json *user_json(struct call *, const struct notion_user *);
json *user_stub(struct arena *, const struct notion_user *);
void users_list(struct call *);
void users_get(struct call *);
void users_me(struct call *);

/* notion_text.c: rich text as it is stored; NULL: refused. where: "body.properties.Name.title". */
json *text_read(struct call *, const json *, const char *where);
json *text_plain(struct arena *, const char *);    /* of a plain text */
const char *text_of(struct arena *, const json *); /* all plain texts */

/* notion_schema.c */
/* The property that is named, by its id or its name; NULL: there is none. */
json *property_by(const struct notion_object *source, const char *name);
/* Adds, changes and removes as the body's "properties" say; false: refused. */
bool schema_change(struct call *, struct notion_object *source, const json *);
json *schema_json(struct call *, const struct notion_object *source);
json *option_add(struct fake *, json *property, const char *name);
bool type_is(const json *property, const char *type);

/* notion_value.c */
/* What is written to a property, as it is kept; NULL: refused. */
json *value_read(struct call *, json *property, const json *value);
json *value_empty(struct arena *, const char *type);
bool date_read(struct call *, const json *, json **out);

/* notion_show.c */
/* {"id", "type", TYPE: value}: lists are cut unless `whole`. */
json *value_json(struct call *, const struct notion_object *page, const json *property, bool whole);
json *page_json(struct call *, const struct notion_object *);
void page_property(struct call *);

/* notion_computed.c: what nobody writes. */
json *computed_formula(struct call *, const struct notion_object *page, const json *property);
json *
computed_rollup(struct call *, const struct notion_object *page, const json *property, bool whole);

/* notion_page.c */
void pages_create(struct call *);
void pages_get(struct call *);
void pages_update(struct call *);
void pages_move(struct call *);
/* Changes values as "properties" of a body says; false: refused, and nothing is changed. */
bool page_write(struct call *, struct notion_object *, const json *properties, bool fresh);

/* notion_base.c */
void databases_create(struct call *);
void databases_get(struct call *);
void databases_update(struct call *);
void sources_create(struct call *);
void sources_get(struct call *);
void sources_update(struct call *);
void sources_templates(struct call *);
json *source_json(struct call *, const struct notion_object *);
json *database_json(struct call *, const struct notion_object *);
struct notion_object *
source_add(struct call *, struct notion_object *database, json *title, const json *properties);
json *parent_json(struct arena *, const struct notion_object *);
/* The object that a body's "parent" names; NULL: refused. kinds: "page_id|data_source_id". */
struct notion_object *parent_read(struct call *, const char *kinds);
/* {"in_trash", "archived", "icon", "cover"} of an update; false: refused. */
bool common_update(struct call *, struct notion_object *);

/* notion_block.c */
void blocks_get(struct call *);
void blocks_update(struct call *);
void blocks_delete(struct call *);
void blocks_children(struct call *);
void blocks_append(struct call *);
bool blocks_add(struct call *, struct notion_object *parent, const json *children);

/* notion_filter.c: does the page fit? False also when it refused. */
bool filter_fits(struct call *, const struct notion_object *source,
    const struct notion_object *page, const json *filter);
/* Refuses what is no filter of this data source. */
bool filter_check(struct call *, const struct notion_object *source, const json *filter, int depth);

/* notion_query.c */
void sources_query(struct call *);
void notion_search(struct call *);
/* The part of `all` that the call asks for, from start_cursor on; NULL: refused. */
json *list_part(struct call *, struct notion_object **all, size_t n, const char *type,
    json *(*show)(struct call *, const struct notion_object *));
/* {"object": "list", ...} around results. */
json *list_json(struct call *, json *results, const char *next, const char *type);
/* page_size and start_cursor, of the body or the query; false: refused. */
bool list_asked(struct call *, size_t *size, const char **start);

/* notion_oauth.c */
void notion_authorize(struct call *);
void notion_authorized(struct call *);
void notion_token(struct call *);
void notion_introspect(struct call *);
void notion_revoke(struct call *);
struct notion_client *notion_client_by(struct fake *, const char *id);
struct notion_client *notion_client_add(struct fake *, const char *id, const char *secret);

/* notion_keep.c */
void notion_save(struct fake *, struct arena *, json *top);
void notion_load(struct fake *, const json *top);

/* notion_hook.c */
void hook_tell(struct fake *, const struct notion_object *, const char *event,
    const struct notion_user *, const char *detail);
void hook_report(struct call *, json *top);
json *notion_hooks(struct call *); /* [{"id", "address", "verified"}] */
/* For the connection that somebody has made last; false: there is none. */
bool hook_subscribe(struct call *, const char *address);
bool hook_verify(struct fake *, const char *token);
void control_webhook(struct call *, const json *, json *out);
/* What outlives a restart of each subscription; what waits to be sent does not. */
json *hooks_kept(struct fake *, struct arena *);
void hook_loaded(struct fake *, const json *);

/* notion_control.c */
extern const struct fake_command notion_commands[];

#endif
