/*
 * oauth_control.c - applications, service accounts and tokens for tests: see fake_control.c.
 */
#include "fake/google/oauth.h"

struct account *
account_named(struct call *c, const char *email)
{
	struct account *who = email ? account_by(c->f, email) : c->f->accounts;

	/* Unless one is named, the oldest person. */
	while (!email && who && who->service)
		who = who->next;
	if (!who)
		refuse_argument(c, "There is no account %s.", email ? email : "at all");
	return who;
}

static void
control_client(struct call *c, const json *j, json *out)
{
	const char *id = json_str(j, "id") ? json_str(j, "id") : "client";
	struct client *client = client_add(c->f, id, "secret");
	const json *redirects = json_at(j, "redirects");

	(void)out;
	client->secret = kept(c, j, "secret", client->secret);
	client->nonce = json_at(j, "nonce") ? kept(c, j, "nonce", NULL) : NULL;
	client->iss = json_at(j, "iss") ? kept(c, j, "iss", NULL) : NULL;
	client->testing = json_flag(j, "testing", client->testing);
	client->rotate = json_flag(j, "rotate", client->rotate);
	if (!json_is_list(redirects))
		return;
	client->redirects = json_list(c->f->a);
	for (size_t i = 0; i < json_len(redirects); i++)
		json_add_str(client->redirects, json_value_str(json_nth(redirects, i)));
}

static void
control_service_account(struct call *c, const json *j, json *out)
{
	json_set(out, "service_account", service_key(c->f, c->a, json_value_str(j)));
}

static void
control_token(struct call *c, const json *j, json *out)
{
	struct token like = { .client = client_by(c->f, "client"), .scopes = SCOPES_ALL }, *t;
	const char *scope = json_str(j, "scope");

	like.who = account_named(c, json_str(j, "email"));
	if (!like.who)
		return;
	if (scope && !scopes_read(scope, &like.scopes)) {
		refuse_argument(c, "There is no such scope.");
		return;
	}
	t = token_add(c->f, TOKEN_ACCESS, &like, 0);
	t->text = kept(c, j, "value", t->text);
	json_set_str(out, "token", t->text);
}

static void
control_expire(struct call *c, const json *j, json *out)
{
	static const char *const kinds[] = {
		[TOKEN_CODE] = "code",
		[TOKEN_ACCESS] = "access",
		[TOKEN_REFRESH] = "refresh",
	};
	const char *which = json_value_str(j) ? json_value_str(j) : "";
	const char *email = json_str(c->body, "email");

	(void)out;
	for (struct token *t = oauth_of(c->f)->tokens; t; t = t->next)
		if ((strcmp(which, "all") == 0 || strcmp(which, kinds[t->kind]) == 0) &&
		    (!email || strcmp(t->who->email, email) == 0))
			t->dead = true;
}

const struct fake_command oauth_commands[] = {
	{ "client", control_client },
	{ "service_account", control_service_account },
	{ "token", control_token },
	{ "expire", control_expire },
	{ "email", NULL },
	{ NULL, NULL },
};
