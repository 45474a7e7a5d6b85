/*
 * token.c - see token.h. A token is "tm_" and 256 random bits; a digest of it is stored, so a lost
 * one cannot be shown again.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "store/room.h"
#include "store/token.h"
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
	*t = (struct token){
		.id = db_dup(a, db, q, C_TOKEN_ID),
		.owner = db_dup(a, db, q, C_TOKEN_OWNER),
		.user_name = db_dup(a, db, q, C_TOKEN_USER_NAME),
		.role = db_dup(a, db, q, C_TOKEN_ROLE),
		.name = db_dup(a, db, q, C_TOKEN_NAME),
		.scopes = db_dup(a, db, q, C_TOKEN_SCOPES),
		.created_at = db_num(db, q, C_TOKEN_CREATED_AT),
		.last_used_at = db_num(db, q, C_TOKEN_LAST_USED_AT),
		.expires_at = db_num(db, q, C_TOKEN_EXPIRES_AT),
		.revoked_at = db_num(db, q, C_TOKEN_REVOKED_AT),
		.last_used_from = db_dup(a, db, q, C_TOKEN_LAST_USED_FROM),
		.replaces = db_dup(a, db, q, C_TOKEN_REPLACES),
		.made_by = db_dup(a, db, q, C_TOKEN_MADE_BY),
	};
}

/* "read, sync" as it is stored: each word once, in one order. */
static const char *
scopes_text(struct arena *a, unsigned bits)
{
	const char *text = NULL;

	for (size_t i = 0; i < sizeof scope_words / sizeof *scope_words; i++)
		if (bits & 1u << i)
			text = text ? arena_printf(a, "%s,%s", text, scope_words[i])
				    : scope_words[i];
	return text;
}

bool
token_name_ok(struct str s)
{
	return str_trim(s).n && str_chars(s) <= TOKEN_NAME_MAX && str_line_ok(s);
}

static enum rc
token_check(struct ctx *cx, struct db *db, const char *owner, const char *name, unsigned bits)
{
	struct user u;

	if (!bits)
		return fail_input(cx, "scopes",
		    "Scopes are one or more of read, sync, write, operator, with commas between.");
	if (!token_name_ok(str_c(name)))
		return fail_input(
		    cx, "name", "A token's name has 1 to 100 characters, in one line.");
	TRY(user_get(cx, db, owner, &u));
	if (bits & 1u << 3 && strcmp(u.role, "operator"))
		return fail(cx, E_FORBIDDEN, "Only operators have the scope \"operator\".");
	return RC_OK;
}

/* In a write transaction: a token ends with the one that makes it, at the latest. */
static enum rc
token_within(struct ctx *cx, struct db *db, struct token *t)
{
	int64_t until;
	bool found;

	if (!t->made_by)
		return RC_OK;
	TRY(db_row(cx, db, &found, Q_TOKEN_ALIVE, "si", t->made_by, clock_ms()));
	if (!found)
		return fail(cx, E_UNAUTHORIZED, "The token at hand has just ended.");
	until = db_num(db, Q_TOKEN_ALIVE, 0);
	db_reset(db, Q_TOKEN_ALIVE);
	if (until && (!t->expires_at || t->expires_at > until))
		t->expires_at = until;
	return RC_OK;
}

/* In a write transaction: t has name, owner, scopes, expires_at, replaces and made_by; the rest is
 * made. */
static enum rc
insert(struct ctx *cx, struct db *db, struct token *t, const char **text)
{
	char random[TOKEN_TEXT], hash[SHA256_HEX], id[UUID_TEXT];

	TRY(token_within(cx, db, t));
	*text = arena_printf(cx->a, "tm_%s", rand_token(random));
	hash_sha256_hex(str_c(*text), hash);
	t->id = arena_dup(cx->a, rand_uuid(id));
	t->created_at = clock_ms();

	const struct db_arg args[P_TOKEN_INSERT__N] = {
		[P_TOKEN_INSERT_ID] = db_s(t->id),
		[P_TOKEN_INSERT_OWNER] = db_s(t->owner),
		[P_TOKEN_INSERT_NAME] = db_s(t->name),
		[P_TOKEN_INSERT_HASH] = db_s(hash),
		[P_TOKEN_INSERT_SCOPES] = db_s(t->scopes),
		[P_TOKEN_INSERT_CREATED_AT] = db_i(t->created_at),
		[P_TOKEN_INSERT_EXPIRES_AT] = db_i(t->expires_at),
		[P_TOKEN_INSERT_REPLACES] = db_s(t->replaces),
		[P_TOKEN_INSERT_MADE_BY] = db_s(t->made_by),
	};

	return db_run_named(cx, db, NULL, Q_TOKEN_INSERT, args, P_TOKEN_INSERT__N);
}

/* In a write transaction. What no list would show could not be found and revoked. */
static enum rc
token_room(struct ctx *cx, struct db *db, const char *owner, int64_t max)
{
	bool found;
	int64_t n;

	TRY(db_row(cx, db, &found, Q_TOKENS_LIVE, "si", owner, clock_ms()));
	n = found ? db_num(db, Q_TOKENS_LIVE, 0) : 0;
	db_reset(db, Q_TOKENS_LIVE);
	if (n < max)
		return RC_OK;
	return fail(cx, E_STATE,
	    "There are %lld live tokens already; revoke some that are not used.", (long long)n);
}

/* A token that is made, anew or after another one. */
struct token_birth {
	const struct token_rotation *how; /* NULL: anew, as *out says */
	const char **text;
	struct token *out;
};

static enum rc
token_create_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct token_birth *b = arg;

	TRY(token_room(cx, db, b->out->owner, TOKENS_LIVE_MAX));
	return insert(cx, db, b->out, b->text);
}

enum rc
token_create(
    struct ctx *cx, struct db *db, const struct token_new *t, const char **text, struct token *out)
{
	struct token_birth b = { .text = text, .out = out };
	unsigned bits = scopes_parse(t->scopes);

	TRY(token_check(cx, db, t->owner, t->name, bits));
	*out = (struct token){
		.owner = t->owner,
		.name = t->name,
		.scopes = scopes_text(cx->a, bits),
		.expires_at = t->days ? clock_ms() + t->days * DAY_MS : 0,
		.made_by = t->made_by,
	};
	return db_write(cx, db, token_create_write, &b);
}

/* The decision falls on the row that is copied. */
static enum rc
token_rotate_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct token_birth *b = arg;
	const struct token_rotation *how = b->how;
	struct token *out = b->out;
	int64_t now = clock_ms(), until = now + how->overlap_hours * HOUR_MS;
	struct token old;
	bool found;

	TRY(db_row(cx, db, &found, Q_TOKEN_GET, "ss", how->owner, how->id));
	if (!found)
		return fail(cx, E_NOT_FOUND, "There is no such token.");
	token_read(cx->a, db, Q_TOKEN_GET, &old);
	db_reset(db, Q_TOKEN_GET);
	if (scopes_parse(old.scopes) & ~how->may)
		return fail(
		    cx, E_FORBIDDEN, "This token has more scopes than the credential at hand.");
	if (old.revoked_at || (old.expires_at && old.expires_at <= now))
		return fail(cx, E_STATE, "This token has ended already; make a new one.");
	/* A token is replaced also by who can make no further one. */
	TRY(token_room(cx, db, how->owner, TOKENS_LISTED));
	*out = (struct token){
		.owner = how->owner,
		.name = old.name,
		.scopes = old.scopes,
		.replaces = old.id,
		.made_by = how->made_by && strcmp(how->made_by, old.id) ? how->made_by
									: old.made_by,
	};
	if (old.expires_at)
		out->expires_at = now + (old.expires_at - old.created_at);
	TRY(insert(cx, db, out, b->text));
	TRY(db_run(cx, db, NULL, Q_TOKEN_HEIR, "ss", old.id, out->id));
	/* The overlap never makes the old one live longer. */
	if (!old.expires_at || until < old.expires_at)
		TRY(db_run(cx, db, NULL, Q_TOKEN_EXPIRE, "ssi", how->owner, how->id, until));
	return RC_OK;
}

enum rc
token_rotate(struct ctx *cx, struct db *db, const struct token_rotation *how, const char **text,
    struct token *out)
{
	struct token_birth b = { how, text, out };

	return db_write(cx, db, token_rotate_write, &b);
}

struct token_use {
	const char *id, *address;
};

static enum rc
token_used_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct token_use *u = arg;

	return db_run(cx, db, NULL, Q_TOKEN_USED, "sis", u->id, clock_ms(), u->address);
}

enum rc
token_find(struct ctx *cx, struct db *db, const char *text, const char *address, struct token *out)
{
	struct token_use use;
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
	use = (struct token_use){ out->id, address };
	if (db_write(cx, db, token_used_write, &use) != RC_OK)
		log_event(LOG_LEVEL_WARN, "token.use_not_noted", "s:code",
		    error_row(cx->err.kind)->code, NULL);
	return RC_OK;
}

enum rc
tokens_of(struct ctx *cx, struct db *db, const char *owner, struct token_list *out)
{
	*out = (struct token_list){ .v = arena_array(cx->a, TOKENS_LISTED, sizeof *out->v) };
	TRY(db_query(cx, db, Q_TOKEN_LIST, "sii", owner, clock_ms(), (int64_t)TOKENS_LISTED));
	while (out->n < TOKENS_LISTED && db_next(db, Q_TOKEN_LIST))
		token_read(cx->a, db, Q_TOKEN_LIST, &out->v[out->n++]);
	return db_done(cx, db, Q_TOKEN_LIST);
}

struct token_name {
	const char *owner, *id;
};

static enum rc
token_end_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct token_name *t = arg;
	int64_t changed;

	TRY(db_run(cx, db, &changed, Q_TOKEN_REVOKE, "ssi", t->owner, t->id, clock_ms()));
	return changed ? RC_OK : fail(cx, E_NOT_FOUND, "There is no such token.");
}

enum rc
token_end(struct ctx *cx, struct db *db, const char *owner, const char *id)
{
	struct token_name t = { owner, id };

	return db_write(cx, db, token_end_write, &t);
}

enum rc
token_end_all(struct ctx *cx, struct db *db, const char *owner)
{
	TRY(db_run(cx, db, NULL, Q_TOKEN_REVOKE_ALL, "si", owner, clock_ms()));
	return db_run(cx, db, NULL, Q_PROGRESS_END_ALL, "s", owner);
}

enum rc
token_stands(struct ctx *cx, struct db *db, const char *id, const char *owner, bool *yes)
{
	TRY(db_row(cx, db, yes, Q_TOKEN_STANDS, "ssi", id, owner, clock_ms()));
	db_reset(db, Q_TOKEN_STANDS);
	return RC_OK;
}

struct progress_new {
	const char *hash, *owner, *conn_id;
	int64_t expires_at;
};

static enum rc
progress_token_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct progress_new *p = arg;

	TRY(room_for(cx, db, p->owner, ROOM_FOLLOWERS, 1, E_STATE));
	return db_run(
	    cx, db, NULL, Q_PROGRESS_INSERT, "sssi", p->hash, p->owner, p->conn_id, p->expires_at);
}

enum rc
progress_token_make(struct ctx *cx, struct db *db, const char *owner, const char *conn_id,
    int64_t minutes, struct progress_made *out)
{
	char random[TOKEN_TEXT], hash[SHA256_HEX];
	struct progress_new p = { .hash = hash, .owner = owner, .conn_id = conn_id };

	out->text = arena_printf(cx->a, PROGRESS_PREFIX "%s", rand_token(random));
	hash_sha256_hex(str_c(out->text), hash);
	out->expires_at = p.expires_at = clock_ms() + minutes * MINUTE_MS;
	return db_write(cx, db, progress_token_write, &p);
}

enum rc
progress_token_find(struct ctx *cx, struct db *db, const char *text, struct progress_token *out)
{
	bool found;

	hash_sha256_hex(str_c(text), out->digest);
	TRY(db_row(cx, db, &found, Q_PROGRESS_FIND, "si", out->digest, clock_ms()));
	if (!found)
		return fail(cx, E_UNAUTHORIZED,
		    "The progress token is unknown or too old; make a new one.");
	out->owner = db_dup(cx->a, db, Q_PROGRESS_FIND, C_PROGRESS_OWNER);
	out->conn_id = db_dup(cx->a, db, Q_PROGRESS_FIND, C_PROGRESS_CONNECTION_ID);
	db_reset(db, Q_PROGRESS_FIND);
	return RC_OK;
}

enum rc
progress_token_stands(struct ctx *cx, struct db *db, const char *digest, bool *yes)
{
	TRY(db_row(cx, db, yes, Q_PROGRESS_FIND, "si", digest, clock_ms()));
	db_reset(db, Q_PROGRESS_FIND);
	return RC_OK;
}
