/* What people type about a sheet, and what Google says and sends. */
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "fuzz/fuzz.h"
#include "net/http_call.h"
#include "oauth/consent.h"
#include "oauth/oauth.h"
#include "provider/google/a1.h"
#include "provider/google/sheets.h"
#include "store/user.h"
#include "queue/channel.h"

/* What is read lies on a sheet; what is written reads back to the same. */
void
fuzz_a1(struct ctx *cx, struct str in)
{
	struct buf *b = buf_in(cx->a, 4 << 20);
	struct a1 r, again;

	if (!a1_parse(cx->a, in, &r))
		return;
	must(r.row >= 0 && r.row <= A1_ROWS_MAX && r.last_row >= 0 && r.last_row <= A1_ROWS_MAX &&
	    r.col >= 0 && r.col <= A1_COLUMNS_MAX && r.last_col >= 0 &&
	    r.last_col <= A1_COLUMNS_MAX);
	must((!r.last_row || r.last_row >= r.row) && (!r.last_col || r.last_col >= r.col));
	if (!r.row || !r.col || !r.last_row || !r.last_col)
		return;
	a1_write(b, r.tab && *r.tab ? r.tab : "Tab", r.row, r.col, r.last_row, r.last_col);
	/* A longer title than a sheet may have is not read. */
	if (b->over || b->n > 400)
		return;
	must(a1_parse(cx->a, buf_s(b), &again) &&
	    strcmp(again.tab, r.tab && *r.tab ? r.tab : "Tab") == 0);
	must(again.row == r.row && again.col == r.col && again.last_row == r.last_row &&
	    again.last_col == r.last_col);
}

/* A condition, a byte 1e, a cell. Of each pair of opposites exactly one holds. */
void
fuzz_row_test(struct ctx *cx, struct str in)
{
	static const char *const opposites[][2] = {
		{ "=", "!=" },
		{ "<", ">=" },
		{ ">", "<=" },
		{ " contains ", " does not contain " },
		{ " is empty", " is not empty" },
	};
	struct str cell, text = str_cut(in, '\x1e', &cell);
	struct row_test test, one, other;
	const char *why = NULL;

	if (in.n > 0 && memchr(in.p, '\0', in.n))
		return;
	if (!row_test_parse(cx->a, arena_dup_str(cx->a, text), &test, &why)) {
		must(why);
		return;
	}
	must(*test.column && test.value);
	(void)row_test_holds(&test, cell);
	for (size_t i = 0; i < 5; i++) {
		const char *value = i < 4 ? test.value : "";
		/* A value may hold an operator, or be none: then it is another condition. */
		if (!row_test_parse(
			cx->a, arena_printf(cx->a, "c%s%s", opposites[i][0], value), &one, &why) ||
		    !row_test_parse(cx->a, arena_printf(cx->a, "c%s%s", opposites[i][1], value),
			&other, &why) ||
		    strcmp(one.value, value) || strcmp(other.value, value))
			continue;
		must(row_test_holds(&one, cell) != row_test_holds(&other, cell));
	}
}

/* The first byte chooses the status. A token is one word of printable characters, or there is
 * none. */
void
fuzz_oauth_tokens(struct ctx *cx, struct str in)
{
	static const int statuses[] = { 200, 400, 401, 403, 429, 500, 302, 0 };
	struct http_answer answer = { .status = statuses[fuzz_byte(&in) % 8],
		.host = "oauth2.googleapis.com" };
	struct oauth_tokens t;
	const char *missing;

	answer.body = (struct str){ arena_dup_str(cx->a, in), in.n };
	if (oauth_answered(cx, &answer, &t) != RC_OK) {
		must(cx->err.kind != E_BUG && cx->err.kind != E_NONE &&
		    str_utf8_ok(str_c(cx->err.detail)));
		return;
	}
	must(answer.status == 200 && t.access && *t.access && t.expires_s >= 0 &&
	    t.expires_s <= INT32_MAX);
	for (const char *p = t.access; *p; p++)
		must((unsigned char)*p > ' ' && *p != 0x7f);
	if (t.scopes)
		must(consent_covers(cx->a, t.scopes, t.scopes, &missing) && !*missing);
}

void
fuzz_oauth_who(struct ctx *cx, struct str in)
{
	const struct oauth_client c = { .provider = oauth_find("google"), .id = "me" };
	const char *subject, *address;
	const struct oauth_tokens t = { .id_token = arena_dup_str(cx->a, in), .nonce = "n" };

	if (oauth_told(cx->a, &c, &t, 1, &subject, &address) != OAUTH_SILENT)
		must(str_utf8_ok(str_c(subject)) && str_utf8_ok(str_c(address)));
}

void
fuzz_service_key(struct ctx *cx, struct str in)
{
	const char *address;
	json *key;

	if (json_parse(cx, "The key", in, &key) != RC_OK)
		return;
	if (oauth_service_check(cx, key, &address) == RC_OK)
		must(address);
	else
		must(cx->err.kind == E_INPUT);
}

/*
 * Messages, against a database with one open channel.
 */

static char home[] = "/tmp/tidemark-fuzz-XXXXXX";

static void
home_remove(void)
{
	static const char *const files[] = { "tidemark.db", "tidemark.db-wal", "tidemark.db-shm" };
	char path[100];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", home, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(home);
}

static struct db *
channel_db(void)
{
	static struct ctx own, *cx = &own;
	static struct db *db;
	struct conn c = {
		.id = "c1",
		.provider = "google-sheets",
		.name = "c1",
		.config = "{}",
		.guard = "",
		.sched = { .enabled = true, .freq = FREQ_DAILY, .interval_minutes = 1440 },
	};
	struct user u;

	if (db)
		return db;
	own.a = arena_new("channel", 64 << 20, 0);
	must(mkdtemp(home) && atexit(home_remove) == 0 && conf_load(cx) == RC_OK);
	conf_override(CONF_HOME, home);
	conf_override(CONF_DATABASE_URL, "");
	conf_override(CONF_LOG_LEVEL, "3");
	must(db_open(cx, DB_ANY_SCHEMA, &db) == RC_OK && db_migrate(cx, db, NULL) == RC_OK);
	must(user_add(cx, db, "ann", false, NULL, &u) == RC_OK && db_begin(cx, db) == RC_OK);
	c.owner = u.id;
	must(conn_insert(cx, db, &c) == RC_OK);
	must(channel_insert(cx, db, &c, "channel", "token", clock_ms() + DAY_MS) == RC_OK &&
	    channel_opened(cx, db, &c, "channel", "resource", clock_ms() + DAY_MS) == RC_OK);
	must(db_commit(cx, db) == RC_OK);
	return db;
}

/* Channel, token, resource and state with a byte 1e between; one that is "-" is not sent. Only
 * the channel's own message is taken. */
void
fuzz_push(struct ctx *cx, struct str in)
{
	struct db *db = channel_db();
	const char *field[4];
	struct channel_message m;
	bool right, wake;

	for (size_t i = 0; i < 4; i++) {
		struct str s = in.p ? str_cut(in, '\x1e', &in) : STR("-");
		field[i] = str_is(s, "-") ? NULL : arena_dup_str(cx->a, s);
	}
	m = (struct channel_message){
		.channel = field[0],
		.token = field[1],
		.resource = field[2],
		.greeting = field[3] && !strcmp(field[3], "sync"),
	};
	right = field[0] && field[1] && field[2] && !strcmp(field[0], "channel") &&
	    !strcmp(field[1], "token") && !strcmp(field[2], "resource");
	must((channel_receive(cx, db, &m, &wake) == RC_OK) == right);
	must(right || cx->err.kind == E_NOT_FOUND);
	must(!wake || (right && (!field[3] || strcmp(field[3], "sync") != 0)));
}
