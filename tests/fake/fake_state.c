/*
 * fake_state.c - what outlives a restart: applications' settings are the starter's, spreadsheets begin anew, grants and channels are kept.
 */
#include "fake/world.h"

#include <string.h>

#include "base/clock.h"

json *
fake_save(struct fake *f, struct arena *a)
{
	json *top = json_new(a), *tokens = json_list(a), *channels = json_list(a);

	for (const struct token *t = f->tokens; t; t = t->next) {
		json *j = json_new(a);

		if (!token_ok(f, t))
			continue;
		json_set_i64(j, "kind", t->kind);
		json_set_str(j, "text", t->text);
		json_set_str(j, "client", t->client->id);
		json_set_str(j, "email", t->who->email);
		json_set_str(j, "scope", scopes_text(a, t->scopes));
		json_set_i64(j, "made", t->made);
		json_set_i64(j, "ends", t->ends);
		if (t->kind != TOKEN_CODE)
			json_add(tokens, j);
	}
	for (const struct channel *ch = f->channels; ch; ch = ch->next) {
		json *j = json_new(a);

		if (ch->stopped || ch->ends < fake_now(f))
			continue;
		json_set_str(j, "id", ch->id);
		json_set_str(j, "token", ch->token);
		json_set_str(j, "address", ch->address);
		json_set_str(j, "resource", ch->resource);
		json_set_str(j, "uri", ch->uri);
		json_set_str(j, "file", ch->file->id);
		json_set_str(j, "email", ch->who->email);
		json_set_str(j, "client", ch->client->id);
		json_set_i64(j, "ends", ch->ends);
		json_set_i64(j, "number", ch->number);
		json_add(channels, j);
	}
	json_set_i64(top, "version", f->last_version);
	json_set(top, "tokens", tokens);
	json_set(top, "channels", channels);
	return top;
}

static void
load_token(struct fake *f, const json *j)
{
	struct client *client = client_by(f, json_str(j, "client"));
	struct account *who = account_by(f, json_str(j, "email"));
	int64_t kind = json_num(j, "kind", -1);
	struct token *t;
	unsigned scopes;

	if (!client || !who || !json_str(j, "text") || !json_str(j, "scope") || (kind != TOKEN_ACCESS && kind != TOKEN_REFRESH) || !fake_scopes_parse(json_str(j, "scope"), &scopes))
		return;
	t = token_add(f, (enum token_kind)kind, client, who, scopes, 0);
	t->text = arena_dup(f->a, json_str(j, "text"));
	t->made = json_num(j, "made", t->made);
	t->ends = json_num(j, "ends", 0);
}

static void
load_channel(struct fake *f, const json *j)
{
	struct file *file = world_file(f, json_str(j, "file"));
	struct account *who = account_by(f, json_str(j, "email"));
	struct client *client = client_by(f, json_str(j, "client"));
	struct channel *ch;

	if (!file || !who || !client || !json_str(j, "id") || !json_str(j, "address") || !json_str(j, "resource") || !json_str(j, "uri"))
		return;
	ch = arena_alloc(f->a, sizeof *ch);
	*ch = (struct channel){ .next = f->channels, .id = arena_dup(f->a, json_str(j, "id")), .token = arena_dup(f->a, json_str(j, "token")),
		.address = arena_dup(f->a, json_str(j, "address")), .resource = arena_dup(f->a, json_str(j, "resource")), .uri = arena_dup(f->a, json_str(j, "uri")),
		.file = file, .who = who, .client = client, .ends = json_num(j, "ends", 0), .number = json_num(j, "number", 1) };
	f->channels = ch;
}

void
fake_load(struct fake *f, const json *j)
{
	int64_t version = json_num(j, "version", 0);

	/* What was told of a file before is below what is told from now on. */
	if (version > f->last_version)
		f->last_version = version;
	for (struct file *file = f->files; file; file = file->next)
		file->version = ++f->last_version;
	for (size_t i = 0; i < json_len(json_at(j, "tokens")); i++)
		load_token(f, json_nth(json_at(j, "tokens"), i));
	for (size_t i = 0; i < json_len(json_at(j, "channels")); i++)
		load_channel(f, json_nth(json_at(j, "channels"), i));
}
