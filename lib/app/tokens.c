/*
 * tokens.c - see tokens.h.
 */
#include "app/tokens.h"
#include "store/conn.h"

static enum rc
tokens_input(struct ctx *cx, const struct caller *by, const struct token_input *in)
{
	const char *name = in->name ? in->name : "";

	if (!token_name_ok(str_c(name)))
		complaints_add(
		    cx, by->wrong, "name", "A token's name has 1 to 100 characters, in one line.");
	if (!scopes_parse(in->scopes))
		complaints_add(cx, by->wrong, "scopes",
		    "The scopes are one or more of read, sync, write and operator.");
	if (in->days < 0 || in->days > TOKEN_DAYS_MAX)
		complaints_add(
		    cx, by->wrong, "days", "The life of a token is from 1 to 3650 days.");
	return complaints_end(cx, by->wrong);
}

struct tokens_make {
	const struct caller *by;
	const struct token_input *in;
	struct token_made *out;
};

static enum rc
tokens_make_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct tokens_make *w = arg;
	const struct token_new new = {
		.owner = w->by->owner,
		.name = w->in->name,
		.scopes = w->in->scopes,
		.days = w->in->days,
		.made_by = w->by->token,
	};
	struct token *t = &w->out->token;

	TRY(token_create(cx, db, &new, &w->out->text, t));
	return caller_audit(
	    cx, db, w->by, "token made", t->id, arena_printf(cx->a, "%s (%s)", t->name, t->scopes));
}

enum rc
tokens_make(struct ctx *cx, struct db *db, const struct caller *by, const struct token_input *in,
    struct token_made *out)
{
	struct tokens_make w = { .by = by, .in = in, .out = out };

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(tokens_input(cx, by, in));
	if (scopes_parse(in->scopes) & ~by->scopes)
		return fail(cx, E_FORBIDDEN,
		    "A token cannot have more scopes than the credential that makes it.");
	return db_write(cx, db, tokens_make_write, &w);
}

struct tokens_rotate {
	const struct caller *by;
	struct token_rotation how;
	struct token_made *out;
};

static enum rc
tokens_rotate_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct tokens_rotate *w = arg;
	struct token *t = &w->out->token;

	TRY(token_rotate(cx, db, &w->how, &w->out->text, t));
	return caller_audit(cx, db, w->by, "token rotated", t->id,
	    arena_printf(cx->a, "%s, the old one ends in %lld hours", t->name,
		(long long)w->how.overlap_hours));
}

enum rc
tokens_rotate(struct ctx *cx, struct db *db, const struct caller *by, const char *id,
    int64_t overlap_hours, struct token_made *out)
{
	struct tokens_rotate w = { .by = by, .out = out };

	w.how = (struct token_rotation){
		.owner = by->owner,
		.id = id,
		.overlap_hours = overlap_hours,
		.may = by->scopes,
		.made_by = by->token,
	};
	TRY(caller_need(cx, by, SCOPE_WRITE));
	if (overlap_hours < 0 || overlap_hours > TOKEN_OVERLAP_HOURS_MAX)
		return caller_wrong(
		    cx, by, "overlapHours", "The old token goes on for 0 to 720 hours.");
	return db_write(cx, db, tokens_rotate_write, &w);
}

struct tokens_revoke {
	const struct caller *by;
	const char *id;
};

static enum rc
tokens_revoke_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct tokens_revoke *w = arg;

	TRY(token_end(cx, db, w->by->owner, w->id));
	return caller_audit(cx, db, w->by, "token revoked", w->id, "");
}

enum rc
tokens_revoke(struct ctx *cx, struct db *db, const struct caller *by, const char *id)
{
	struct tokens_revoke w = { .by = by, .id = id };

	TRY(caller_need(cx, by, SCOPE_WRITE));
	db_urgent(db);
	return db_write(cx, db, tokens_revoke_write, &w);
}

enum rc
tokens_progress(struct ctx *cx, struct db *db, const struct caller *by, const char *conn_id,
    int64_t minutes, struct progress_made *out)
{
	struct conn c;

	TRY(caller_need(cx, by, SCOPE_SYNC));
	if (minutes < 1 || minutes > PROGRESS_MINUTES_MAX)
		return caller_wrong(
		    cx, by, "minutes", "A progress token lives from 1 to 1440 minutes.");
	TRY(conn_get(cx, db, by->owner, conn_id, &c));
	return progress_token_make(cx, db, c.owner, c.id, minutes, out);
}
