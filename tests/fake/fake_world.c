/*
 * fake_world.c - accounts, applications, tokens and files of the stand-in.
 */
#include "fake/world.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/rand.h"

const struct scope_row scope_rows[SCOPE_BIT__MAX] = {
#define X(id, url, words) { url, words },
	FAKE_SCOPES(X)
#undef X
};

int64_t
fake_now(const struct fake *f)
{
	return clock_ms() + f->skew_ms;
}

int64_t
fake_serial(struct fake *f)
{
	return ++f->serial;
}

char *
fake_secret(struct arena *a, const char *prefix)
{
	char text[TOKEN_TEXT], *made = arena_printf(a, "%s%s", prefix, rand_token(text));

	/* Letters and digits travel unchanged wherever they are pasted. */
	for (char *p = made + strlen(prefix); *p; p++)
		*p = *p == '-' || *p == '_' ? 'x' : *p;
	return made;
}

struct account *
account_by(struct fake *f, const char *email)
{
	struct account *w;

	for (w = f->accounts; w; w = w->next)
		if (email && strcmp(w->email, email) == 0)
			return w;
	return NULL;
}

struct account *
account_add(struct fake *f, const char *email, const char *name)
{
	struct account *w = account_by(f, email);
	struct account **end = &f->accounts;
	unsigned char digest[SHA256_LEN];
	uint64_t n = 0;

	if (w)
		return w;
	/* The same address is the same person after a restart. */
	hash_sha256(str_c(email), digest);
	for (int i = 0; i < 8; i++)
		n = n << 8 | digest[i];
	w = arena_alloc(f->a, sizeof *w);
	*w = (struct account){ .email = arena_dup(f->a, email), .name = arena_dup(f->a, name),
		.sub = arena_printf(f->a, "1%020llu", (unsigned long long)n) };
	while (*end)
		end = &(*end)->next;
	*end = w;
	return w;
}

struct client *
client_by(struct fake *f, const char *id)
{
	struct client *c;

	for (c = f->clients; c; c = c->next)
		if (id && strcmp(c->id, id) == 0)
			return c;
	return NULL;
}

struct client *
client_add(struct fake *f, const char *id, const char *secret)
{
	struct client *c = client_by(f, id);

	if (c)
		return c;
	c = arena_alloc(f->a, sizeof *c);
	*c = (struct client){ .next = f->clients, .id = arena_dup(f->a, id), .secret = arena_dup(f->a, secret),
		.project = arena_printf(f->a, "1000000000%02d", (int)fake_serial(f)) };
	f->clients = c;
	return c;
}

struct token *
token_add(struct fake *f, enum token_kind kind, struct client *client, struct account *who, unsigned scopes, int64_t life_ms)
{
	static const char *const prefix[] = { [TOKEN_CODE] = "4/0", [TOKEN_ACCESS] = "ya29.", [TOKEN_REFRESH] = "1//0" };
	int64_t now = fake_now(f);
	struct token *t = NULL;

	/* A dead or long expired one's place is used again, so that a long life does not fill the memory. */
	for (t = f->tokens; t; t = t->next)
		if (t->kind == kind && kind != TOKEN_REFRESH && t->ends > 0 && t->ends < now - DAY_MS)
			break;
	if (!t) {
		t = arena_alloc(f->a, sizeof *t);
		t->next = f->tokens;
		f->tokens = t;
	}
	*t = (struct token){ .next = t->next, .kind = kind, .text = fake_secret(f->a, prefix[kind]), .client = client, .who = who, .scopes = scopes,
		.made = now, .ends = life_ms > 0 ? now + life_ms : 0 };
	return t;
}

struct token *
token_by(struct fake *f, enum token_kind kind, const char *text)
{
	struct token *t;

	for (t = f->tokens; t; t = t->next)
		if (t->kind == kind && text && strcmp(t->text, text) == 0)
			return t;
	return NULL;
}

bool
token_ok(const struct fake *f, const struct token *t)
{
	return t && !t->dead && (t->ends == 0 || fake_now(f) < t->ends);
}

static int64_t
next_version(struct fake *f)
{
	int64_t now = fake_now(f);

	/* Starts from the clock: a world made anew never shows a version that was there before. */
	f->last_version = f->last_version < now ? now : f->last_version + 1;
	return f->last_version;
}

struct file *
world_file(struct fake *f, const char *id)
{
	struct file *file;

	for (file = f->files; file; file = file->next)
		if (id && strcmp(file->id, id) == 0)
			return file->gone ? NULL : file;
	return NULL;
}

struct file *
file_add(struct fake *f, struct account *owner, const char *name, const char *id)
{
	struct file *file = arena_alloc(f->a, sizeof *file);
	int64_t now = fake_now(f);

	*file = (struct file){ .next = f->files, .name = arena_dup(f->a, name), .owner = owner, .shared = json_new(f->a),
		.id = id ? arena_dup(f->a, id) : fake_secret(f->a, "1"), .version = next_version(f), .created = now, .modified = now, .locale = "en_US", .zone = "Etc/GMT" };
	f->files = file;
	return file;
}

bool
file_seen_by(const struct file *file, const struct account *who)
{
	return file->owner == who || json_str(file->shared, who->email) || json_str(file->shared, "anyone");
}

bool
file_changed_by(const struct file *file, const struct account *who)
{
	const char *role = json_str(file->shared, who->email);

	return file->owner == who || (role && strcmp(role, "writer") == 0);
}

void
file_touch(struct fake *f, struct file *file, const char *state, const char *changed)
{
	file->version = next_version(f);
	if (changed && strcmp(changed, "permissions") != 0)
		file->modified = fake_now(f);
	push_file(f, file, state, changed);
}
