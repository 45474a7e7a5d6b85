/*
 * token.c - API tokens (user.h). A token is "tm_" and 256 random bits; a digest of it is stored, so a lost one cannot be shown again.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "store/user.h"

static const char *const scope_words[] = { "read", "sync", "write", "operator" };

unsigned
scopes_parse(const char *scopes)
{
	struct str rest = str_c(scopes);
	unsigned bits = 0;

	while (rest.p && rest.n) {
		struct str word = str_trim(str_cut(rest, ',', &rest));
		unsigned bit = 0;
		for (size_t i = 0; i < sizeof scope_words / sizeof *scope_words; i++)
			if (str_is(word, scope_words[i]))
				bit = 1u << i;
		if (!bit)
			return 0;
		bits |= bit;
	}
	return bits;
}

static void
token_read(struct arena *a, struct db *db, enum sql q, struct token *t)
{
	*t = (struct token){ db_dup(a, db, q, 0), db_dup(a, db, q, 1), db_dup(a, db, q, 2), db_dup(a, db, q, 3), db_dup(a, db, q, 4), db_dup(a, db, q, 5),
		db_num(db, q, 6), db_num(db, q, 7), db_num(db, q, 8), db_num(db, q, 9) };
}

/* "read, sync" as it is stored: each word once, in one order. */
static const char *
scopes_text(struct arena *a, unsigned bits)
{
	const char *text = NULL;

	for (size_t i = 0; i < sizeof scope_words / sizeof *scope_words; i++)
		if (bits & 1u << i)
			text = text ? arena_printf(a, "%s,%s", text, scope_words[i]) : scope_words[i];
	return text;
}

static enum rc
token_check(struct ctx *cx, struct db *db, const char *owner, const char *name, unsigned bits)
{
	bool found, is_operator;

	if (!bits)
		return fail(cx, E_INPUT, "Scopes are one or more of read, sync, write, operator, with commas between.");
	if (!*name || strlen(name) > 100 || !str_utf8_ok(str_c(name)))
		return fail(cx, E_INPUT, "A token's name has 1 to 100 characters.");
	TRY(db_row(cx, db, &found, Q_USER_BY_ID, "s", owner));
	is_operator = found && str_is(db_str(db, Q_USER_BY_ID, 2), "operator");
	db_reset(db, Q_USER_BY_ID);
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no such user.");
	if (bits & 1u << 3 && !is_operator)
		return fail(cx, E_FORBIDDEN, "Only operators have the scope \"operator\".");
	return RC_OK;
}

enum rc
token_create(struct ctx *cx, struct db *db, const char *owner, const char *name, const char *scopes, int64_t days, const char **text, struct token *out)
{
	char random[TOKEN_TEXT], hash[SHA256_HEX], id[UUID_TEXT];
	unsigned bits = scopes_parse(scopes);
	int64_t now = clock_ms();
	enum rc rc;

	TRY(token_check(cx, db, owner, name, bits));
	*text = arena_printf(cx->a, "tm_%s", rand_token(random));
	hash_sha256_hex(str_c(*text), hash);
	*out = (struct token){ .id = arena_dup(cx->a, rand_uuid(id)), .owner = owner, .name = name, .scopes = scopes_text(cx->a, bits), .created_at = now,
		.expires_at = days ? now + days * DAY_MS : 0 };
	TRY(db_begin(cx, db));
	if (days)
		rc = db_run(cx, db, NULL, Q_TOKEN_INSERT, "sssssii", out->id, owner, name, hash, out->scopes, now, out->expires_at);
	else
		rc = db_run(cx, db, NULL, Q_TOKEN_INSERT, "sssssin", out->id, owner, name, hash, out->scopes, now);
	return db_end(cx, db, rc);
}

enum rc
token_find(struct ctx *cx, struct db *db, const char *text, struct token *out)
{
	char hash[SHA256_HEX];
	int64_t now = clock_ms();
	bool found;

	hash_sha256_hex(str_c(text), hash);
	TRY(db_row(cx, db, &found, Q_TOKEN_FIND, "si", hash, now));
	if (!found)
		return fail(cx, E_UNAUTHORIZED, "The token is unknown, revoked or too old.");
	token_read(cx->a, db, Q_TOKEN_FIND, out);
	db_reset(db, Q_TOKEN_FIND);
	if (now - out->last_used_at < MINUTE_MS)
		return RC_OK;
	/* A use that cannot be noted (full disk) is still a use. */
	if (db_begin(cx, db) != RC_OK || db_end(cx, db, db_run(cx, db, NULL, Q_TOKEN_USED, "si", out->id, now)) != RC_OK)
		log_event(LOG_LEVEL_WARN, "token.use_not_noted", "s:code", error_row(cx->err.kind)->code, NULL);
	return RC_OK;
}

enum rc
tokens_of(struct ctx *cx, struct db *db, const char *owner, struct token_list *out)
{
	*out = (struct token_list){ .v = arena_array(cx->a, 1000, sizeof *out->v) };
	TRY(db_query(cx, db, Q_TOKEN_LIST, "s", owner));
	while (out->n < 1000 && db_next(db, Q_TOKEN_LIST))
		token_read(cx->a, db, Q_TOKEN_LIST, &out->v[out->n++]);
	return db_done(cx, db, Q_TOKEN_LIST);
}

enum rc
token_end(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	int64_t changed = 0;
	enum rc rc;

	TRY(db_begin(cx, db));
	rc = db_run(cx, db, &changed, Q_TOKEN_REVOKE, "ssi", owner, id, clock_ms());
	if (rc == RC_OK && !changed)
		rc = fail(cx, E_NOT_FOUND, "There is no such token.");
	return db_end(cx, db, rc);
}
