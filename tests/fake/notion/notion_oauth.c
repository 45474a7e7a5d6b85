/*
 * notion_oauth.c - public connections: the page on which a person allows one and chooses what to
 * share, and the token endpoint, which speaks JSON and asks for the client by HTTP Basic. A refresh
 * ends both tokens of before.
 */
#include "fake/notion/notion.h"

#include <strings.h>

#include "base/clock.h"
#include "base/hash.h"
#include "web/tmpl.h"

enum { CODE_MS = 10 * 60 * 1000 };

static const char oauth_form[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Demo: choose what to share</title>\n"
    "<link rel=\"stylesheet\" href=\"/fake/page.css\">\n<main>\n"
    "<p class=\"demo\"><strong>Demo.</strong> This is a stand-in for Notion on this machine."
    " No real account is involved.</p>\n"
    "<h1>{{client}} wants access to your demo workspace</h1>\n"
    "{{#why}}<p role=\"alert\">{{why}}</p>\n{{/why}}"
    "{{#ready}}<form method=\"post\">\n"
    "<fieldset><legend>Account</legend>\n"
    "{{#people}}<label><input type=\"radio\" name=\"account\" value=\"{{id}}\" required"
    "{{#first}} checked{{/first}}> {{name}}, {{email}}, in {{space}}</label>\n"
    "{{/people}}</fieldset>\n"
    "<fieldset><legend>Pages it may see, with all in them</legend>\n"
    "{{#pages}}<label><input type=\"checkbox\" name=\"page\" value=\"{{id}}\""
    " checked> {{title}}</label>\n"
    "{{/pages}}</fieldset>\n"
    "<button name=\"decision\" value=\"allow\" class=\"first\">Allow access</button>"
    "<button name=\"decision\" value=\"deny\" formnovalidate>Cancel</button>\n"
    "</form>\n{{/ready}}</main>\n</html>\n";

static const struct view oauth_views[] = { { "notion", oauth_form }, { NULL, NULL } };

struct notion_client *
notion_client_by(struct fake *f, const char *id)
{
	struct notion_client *c;

	for (c = notion_of(f)->clients; c; c = c->next)
		if (id && strcmp(c->id, id) == 0)
			return c;
	return NULL;
}

struct notion_client *
notion_client_add(struct fake *f, const char *id, const char *secret)
{
	struct notion_client *c = notion_client_by(f, id);

	if (!c) {
		c = arena_alloc(f->a, sizeof *c);
		c->next = notion_of(f)->clients;
		notion_of(f)->clients = c;
	}
	c->id = arena_dup(f->a, id);
	c->secret = arena_dup(f->a, secret);
	return c;
}

/*
 * The page.
 */
static void
oauth_show(struct call *c, int status, const char *why)
{
	json *model = json_new(c->a), *people = json_list(c->a), *pages = json_list(c->a);
	bool first = true;

	for (const struct notion_space *s = notion_of(c->f)->spaces; s; s = s->next)
		for (const struct notion_user *u = s->users; u; u = u->next) {
			json *one = json_new(c->a);

			if (!u->email)
				continue;
			json_set_str(one, "id", u->id);
			json_set_str(one, "name", u->name);
			json_set_str(one, "email", u->email);
			json_set_str(one, "space", s->name);
			json_set_bool(one, "first", first);
			first = false;
			json_add(people, one);
		}
	for (const struct notion_object *o = notion_of(c->f)->first; o; o = o->next) {
		json *one = json_new(c->a);

		if (o->kind != OBJECT_PAGE || o->now.parent || o->now.trash)
			continue;
		json_set_str(one, "id", o->id);
		json_set_str(
		    one, "title", *object_title(c->a, o) ? object_title(c->a, o) : "Untitled");
		json_add(pages, one);
	}
	json_set_str(model, "client", query_of(c, "client_id"));
	json_set_str(model, "why", why ? why : "");
	json_set_bool(model, "ready", !why);
	json_set(model, "people", people);
	json_set(model, "pages", pages);
	c->rep->status = status;
	c->rep->type = "text/html; charset=utf-8";
	buf_clear(c->rep->body);
	if (tmpl_render(c->cx, oauth_views, "notion", model, false, c->rep->body) != RC_OK)
		buf_str(c->rep->body, c->cx->err.detail);
}

static bool
oauth_back_known(const struct call *c, const struct notion_client *client, const char *uri)
{
	if (c->f->back && str_starts(str_c(uri), "http")) {
		const char *path = strstr(c->f->back, "/api/auth/");

		/* The same host as for the other provider. */
		return path && strncmp(uri, c->f->back, (size_t)(path - c->f->back)) == 0;
	}
	for (size_t i = 0; i < json_len(client->redirects); i++)
		if (strcmp(json_value_str(json_nth(client->redirects, i)), uri) == 0)
			return true;
	return !client->redirects;
}

/* NULL: what is wrong is in the reply. */
static struct notion_client *
oauth_asked(struct call *c)
{
	static const char known[] = "|client_id|redirect_uri|response_type|owner|state|";
	struct notion_client *client = notion_client_by(c->f, query_of(c, "client_id"));
	const char *uri = query_of(c, "redirect_uri"), *why = NULL;
	const char *type = query_of(c, "response_type"), *owner = query_of(c, "owner");

	for (size_t i = 0; i < c->query.n && !why; i++)
		if (!strstr(known, arena_printf(c->a, "|%s|", c->query.v[i].name)))
			why = arena_printf(
			    c->a, "The parameter %s is not known.", c->query.v[i].name);
	if (!client)
		why = "Missing or invalid client_id.";
	else if (!uri || !oauth_back_known(c, client, uri))
		why = "Missing or invalid redirect_uri.";
	else if (!type || strcmp(type, "code") != 0)
		why = "Missing or invalid response_type.";
	else if (!owner || strcmp(owner, "user") != 0)
		why = "Missing or invalid owner.";
	if (why)
		oauth_show(c, 400, why);
	return why ? NULL : client;
}

static void
oauth_go(struct call *c, const char *first)
{
	const char *uri = query_of(c, "redirect_uri"), *state = query_of(c, "state");
	struct buf *b = buf_in(c->a, 8000);

	buf_printf(b, "%s%c%s", uri, strchr(uri, '?') ? '&' : '?', first);
	if (state) {
		buf_str(b, "&state=");
		url_encode(b, state);
	}
	c->rep->status = 302;
	c->rep->type = NULL;
	reply_header(c, "Location", buf_c(b));
}

void
notion_authorize(struct call *c)
{
	if (oauth_asked(c))
		oauth_show(c, 200, NULL);
}

static struct notion_user *
oauth_who(struct call *c)
{
	for (const struct notion_space *s = notion_of(c->f)->spaces; s; s = s->next) {
		struct notion_user *u = notion_user_by(s, form_of(c, "account"));

		if (u)
			return u;
	}
	return NULL;
}

void
notion_authorized(struct call *c)
{
	struct notion_client *client = oauth_asked(c);
	const char *decision = form_of(c, "decision");
	struct notion_code *code;

	if (!client)
		return;
	if (!decision || strcmp(decision, "allow") != 0) {
		oauth_go(c, "error=access_denied");
		return;
	}
	code = arena_alloc(c->f->a, sizeof *code);
	*code = (struct notion_code){
		.next = notion_of(c->f)->codes,
		.text = fake_secret(c->f->a, "03"),
		.redirect = arena_dup(c->f->a, query_of(c, "redirect_uri")),
		.client = client,
		.who = oauth_who(c),
		.pages = json_list(c->f->a),
		.ends = fake_now(c->f) + CODE_MS,
	};
	if (!code->who) {
		oauth_show(c, 400, "Choose an account.");
		return;
	}
	for (size_t i = 0; i < c->form.n; i++)
		if (strcmp(c->form.v[i].name, "page") == 0)
			json_add_str(code->pages, c->form.v[i].value);
	notion_of(c->f)->codes = code;
	oauth_go(c, arena_printf(c->a, "code=%s", code->text));
}

/*
 * Tokens.
 */
static void
oauth_refuse(struct call *c, int status, const char *error, const char *message)
{
	json *j = json_new(c->a);

	json_set_str(j, "error", error);
	json_set_str(j, "error_description", message);
	json_set_str(j, "request_id", notion_id(c->f));
	c->refused = true;
	reply_json(c, status, j);
}

static struct notion_client *
oauth_client(struct call *c)
{
	const char *auth = params_get(&c->req->headers, "authorization");
	struct notion_client *client;

	for (client = notion_of(c->f)->clients; auth && client; client = client->next) {
		const char *pair = arena_printf(c->a, "%s:%s", client->id, client->secret);

		if (strncasecmp(auth, "Basic ", 6) == 0 &&
		    strcmp(auth + 6, base64_encode(c->a, str_c(pair))) == 0)
			return client;
	}
	oauth_refuse(c, 401, "invalid_client", "Client authentication failed.");
	return NULL;
}

static void
oauth_answer(struct call *c, const struct notion_bot *b)
{
	json *j = json_new(c->a), *owner = json_new(c->a);

	json_set_str(owner, "type", "user");
	json_set(owner, "user", user_json(c, b->owner));
	json_set_str(j, "access_token", b->token);
	json_set_str(j, "token_type", "bearer");
	json_set_str(j, "refresh_token", b->refresh);
	json_set_str(j, "bot_id", b->user->id);
	json_set_null(j, "workspace_icon");
	json_set_str(j, "workspace_name", b->space->name);
	json_set_str(j, "workspace_id", b->space->id);
	json_set(j, "owner", owner);
	json_set_null(j, "duplicated_template_id");
	reply_notion(c, j);
}

static void
oauth_renew(struct fake *f, struct notion_bot *b)
{
	b->token = fake_secret(f->a, "ntn_");
	b->refresh = fake_secret(f->a, "nrt_");
}

/* The same person and application have one connection, however often it is allowed. */
static struct notion_bot *
oauth_bot(struct call *c, const struct notion_code *code)
{
	struct notion_bot *b;

	for (b = notion_of(c->f)->bots; b; b = b->next)
		if (b->owner == code->who && b->client && strcmp(b->client, code->client->id) == 0)
			break;
	if (!b)
		b = bot_add(c->f, code->who->space, code->client->id, NULL);
	b->owner = code->who;
	b->client = code->client->id;
	b->dead = false;
	for (size_t i = 0; i < json_len(code->pages); i++) {
		struct notion_object *o = object_by(c->f, json_value_str(json_nth(code->pages, i)));

		if (o && o->space == b->space)
			json_set_bool(o->shared, b->user->id, true);
	}
	return b;
}

static void
oauth_by_code(struct call *c, const struct notion_client *client)
{
	const char *text = json_str(c->body, "code"), *uri = json_str(c->body, "redirect_uri");
	struct notion_code *code;
	struct notion_bot *b;

	for (code = notion_of(c->f)->codes; code; code = code->next)
		if (text && strcmp(code->text, text) == 0)
			break;
	if (!code || code->client != client || code->used || fake_now(c->f) > code->ends || !uri ||
	    strcmp(uri, code->redirect) != 0) {
		oauth_refuse(c, 400, "invalid_grant",
		    "Invalid code: it is used up, has ended, or belongs to another redirect_uri.");
		return;
	}
	code->used = true;
	b = oauth_bot(c, code);
	oauth_renew(c->f, b);
	oauth_answer(c, b);
}

static void
oauth_by_refresh(struct call *c, const struct notion_client *client)
{
	const char *text = json_str(c->body, "refresh_token");
	struct notion_bot *b;

	for (b = notion_of(c->f)->bots; b; b = b->next)
		if (text && b->refresh && !b->dead && strcmp(b->refresh, text) == 0)
			break;
	if (!b || strcmp(b->client, client->id) != 0) {
		oauth_refuse(c, 400, "invalid_grant", "Invalid refresh token.");
		return;
	}
	oauth_renew(c->f, b);
	oauth_answer(c, b);
}

void
notion_token(struct call *c)
{
	const struct notion_client *client = oauth_client(c);
	const char *type = json_str(c->body, "grant_type");

	if (!client)
		return;
	if (type && strcmp(type, "authorization_code") == 0)
		oauth_by_code(c, client);
	else if (type && strcmp(type, "refresh_token") == 0)
		oauth_by_refresh(c, client);
	else
		oauth_refuse(c, 400, "invalid_request",
		    "body.grant_type should be `\"authorization_code\"` or `\"refresh_token\"`.");
}

static struct notion_bot *
oauth_named(struct call *c)
{
	const char *text = json_str(c->body, "token");
	struct notion_bot *b;

	for (b = notion_of(c->f)->bots; b; b = b->next)
		if (text && b->client && !b->dead &&
		    (strcmp(b->token, text) == 0 || strcmp(b->refresh, text) == 0))
			return b;
	return NULL;
}

void
notion_introspect(struct call *c)
{
	const struct notion_bot *b;
	json *j = json_new(c->a);

	if (!oauth_client(c))
		return;
	b = oauth_named(c);
	json_set_bool(j, "active", b != NULL);
	if (b) {
		json_set_str(j, "scope", "read_content update_content insert_content");
		json_set_i64(j, "iat", b->made / SECOND_MS);
	}
	reply_notion(c, j);
}

void
notion_revoke(struct call *c)
{
	struct notion_bot *b;

	if (!oauth_client(c))
		return;
	b = oauth_named(c);
	if (b)
		b->dead = true;
	reply_notion(c, json_new(c->a));
}
