/*
 * keeper.c - see keeper.h. A message is a head and a text: to the keeper a word and what goes with
 * it, from it an error or what was asked for. It trusts nothing that it is told but what it is
 * bound to, which is said before anything was read.
 */
#include "access/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access/grant.h"
#include "base/confine.h"
#include "base/log.h"
#include "base/pass.h"
#include "seal/secret.h"

enum { KEEPER_ARENA = 64 * 1024 * 1024, TEXT_MAX_BYTES = 4 * 1024 * 1024, NAME_MAX_BYTES = 128 };
enum word { WORD_BIND, WORD_SECRET, WORD_ACCESS, WORD_TOKEN };

/* word: to the keeper an enum word, from it an enum error_kind. */
struct head {
	int32_t word;
	uint32_t n; /* bytes of the text behind it */
	int64_t wait_ms;
};

static int channel = -1; /* to the keeper, in a process that has one */
static pid_t keeper;
static bool forked, bound;
static char login[2 * NAME_MAX_BYTES]; /* that it is bound to: "owner LF account" */

/* --- messages --- */

static bool
message_put(struct arena *a, int fd, struct head head, struct str text)
{
	char *all = arena_alloc(a, sizeof head + text.n + 1);

	head.n = (uint32_t)text.n;
	memcpy(all, &head, sizeof head);
	if (text.n)
		memcpy(all + sizeof head, text.p, text.n);
	return pass_bytes(fd, all, sizeof head + text.n, true);
}

static bool
message_get(struct arena *a, int fd, struct head *head, struct str *text)
{
	char *p;

	if (!pass_bytes(fd, (char *)head, sizeof *head, false) || head->n > TEXT_MAX_BYTES)
		return false;
	p = arena_alloc(a, head->n + 1);
	*text = (struct str){ p, head->n };
	return pass_bytes(fd, p, head->n, false);
}

/* --- the keeper --- */

struct keeping {
	struct db *db;
	char *owner, *conn_id, *account_id; /* NULL: not bound yet; "": none */
	bool confined;
};

/* Before its first word; most keepers are never asked for any. */
static enum rc
keeper_confine(struct ctx *cx, struct keeping *k)
{
	const char *path, *dir;

	if (k->confined)
		return RC_OK;
	TRY(db_place(cx, cx->a, &path, &dir));
	TRY(confine(cx, CONFINE_SOURCE, dir));
	k->confined = true;
	return RC_OK;
}

/* A line each: owner, connection, account; once. */
static enum rc
keeper_bind_to(struct ctx *cx, struct keeping *k, struct str text)
{
	static char room[3][NAME_MAX_BYTES];
	char **const to[] = { &k->owner, &k->conn_id, &k->account_id };

	if (k->owner)
		return fail(cx, E_FORBIDDEN, NULL);
	for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
		const struct str one = str_cut(text, '\n', &text);

		if (one.n >= sizeof *room)
			return fail(cx, E_FORBIDDEN, NULL);
		snprintf(room[i], sizeof *room, "%.*s", (int)one.n, one.p);
		*to[i] = room[i];
	}
	return RC_OK;
}

static enum rc
keeper_database(struct ctx *cx, struct keeping *k)
{
	return k->db ? RC_OK : db_open(cx, 0, &k->db);
}

/* sealed: as the other process has read it. It may be of before a change of keys: then what is
 * stored now counts. */
static enum rc
keeper_open_secret(struct ctx *cx, struct keeping *k, struct str sealed, struct str *out)
{
	const struct conn conn = { .owner = k->owner, .id = k->conn_id };
	json *secret;

	if (secret_of(cx, &conn, sealed.p, &secret) != RC_OK) {
		cx->err = (struct err){ 0 };
		TRY(keeper_database(cx, k));
		TRY(secret_open(cx, k->db, &conn, &secret));
	}
	*out = secret ? str_c(json_text(cx->a, secret)) : STR("");
	return RC_OK;
}

/* Most are never asked for more than to open what the other process has read, and so read nothing
 * of the database themselves. */
static enum rc
keeper_answer(struct ctx *cx, struct keeping *k, int32_t word, struct str text, struct str *out)
{
	const char *bearer;

	*out = STR("");
	TRY(keeper_confine(cx, k));
	if (word == WORD_BIND)
		return keeper_bind_to(cx, k, text);
	if (word == WORD_SECRET && k->conn_id && *k->conn_id)
		return keeper_open_secret(cx, k, text, out);
	if ((word != WORD_ACCESS && word != WORD_TOKEN) || !k->account_id || !*k->account_id)
		return fail(cx, E_FORBIDDEN, NULL);
	if (word == WORD_ACCESS)
		TRY(grant_access(cx, k->owner, k->account_id, text.p, &bearer));
	else {
		TRY(keeper_database(cx, k));
		TRY(grant_token(
		    cx, k->db, k->owner, k->account_id, text.n ? text.p : NULL, &bearer));
	}
	*out = str_c(bearer);
	return RC_OK;
}

static _Noreturn void
keeper_serve(int fd)
{
	struct ctx cx = { .a = arena_new("keeper", KEEPER_ARENA, ARENA_WIPE) };
	struct keeping k = { 0 };
	struct head head;
	struct str text, out;
	bool more = true;

	while (more && message_get(cx.a, fd, &head, &text)) {
		cx.err = (struct err){ 0 };
		if (keeper_answer(&cx, &k, head.word, text, &out) != RC_OK)
			out = str_c(cx.err.detail);
		if (cx.err.kind == E_FORBIDDEN)
			log_event(
			    LOG_LEVEL_ERR, "keeper.refused", "i:word", (int64_t)head.word, NULL);
		head = (struct head){ .word = (int32_t)cx.err.kind, .wait_ms = cx.err.wait_ms };
		more = message_put(cx.a, fd, head, out);
		arena_reset(cx.a);
	}
	db_close(k.db);
	arena_free(cx.a);
	_exit(0);
}

/* Nothing of the other process stays with it but standard error. What that is told to do is no
 * matter of the keeper's: it ends when it is not needed any more. */
static _Noreturn void
keeper_become(int fd)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_NAME, "tidemark-keeper");
	log_init("tidemark-keeper");
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(1);
	if (null > STDERR_FILENO)
		close(null);
	keeper_serve(fd);
}

enum rc
keeper_fork(struct ctx *cx)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
		return fail(cx, E_UNAVAILABLE, "There is no socket for the process with the key.");
	keeper = fork();
	if (keeper == 0) {
		close(fd[0]);
		keeper_become(fd[1]);
	}
	close(fd[1]);
	if (keeper < 0)
		return fail(cx, E_UNAVAILABLE, "The process with the key could not be made.");
	channel = fd[0];
	forked = true;
	return RC_OK;
}

/* --- the other side --- */

void
keeper_end(void)
{
	if (channel < 0)
		return;
	close(channel);
	channel = -1;
	while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
		;
}

bool
keeper_bound(void)
{
	return bound;
}

static enum rc
keeper_ask(struct ctx *cx, enum word word, struct str text, struct str *out)
{
	struct head head = { .word = (int32_t)word };

	if (channel < 0 || !message_put(cx->a, channel, head, text) ||
	    !message_get(cx->a, channel, &head, out))
		return fail(
		    cx, E_UNAVAILABLE, "The process with the key has ended; the next one goes on.");
	if (head.word == E_NONE)
		return RC_OK;
	(void)fail(cx,
	    head.word > E_NONE && head.word < E__MAX ? (enum error_kind)head.word : E_BUG, "%s",
	    out->p);
	cx->err.wait_ms = head.wait_ms;
	return error_row(cx->err.kind)->rc;
}

/* Said before anything was read; what is no name of ours is not said. */
static enum rc
keeper_bind(struct ctx *cx, const char *owner, const char *conn_id, const char *account_id)
{
	struct str none;

	bound = true;
	snprintf(login, sizeof login, "%s\n%s", owner, account_id ? account_id : "");
	return keeper_ask(cx, WORD_BIND,
	    str_c(arena_printf(cx->a, "%s\n%s\n%s", owner, conn_id, account_id ? account_id : "")),
	    &none);
}

enum rc
keeper_open(struct ctx *cx, struct db *db, const struct conn *c, json **secret)
{
	const char *sealed;
	struct str text;

	if (!forked)
		return secret_open(cx, db, c, secret);
	*secret = NULL;
	TRY(secret_sealed(cx, db, c, &sealed));
	if (!sealed && !c->account_id)
		return RC_OK;
	TRY(keeper_bind(cx, c->owner, sealed ? c->id : "", c->account_id));
	if (!sealed)
		return RC_OK;
	TRY(keeper_ask(cx, WORD_SECRET, str_c(sealed), &text));
	if (text.n == 0)
		return RC_OK;
	*secret = json_stored(cx->a, text.p);
	return *secret ? RC_OK : fail(cx, E_SECRET, NULL);
}

static bool
keeper_serves(struct arena *a, const char *owner, const char *account_id)
{
	return bound && !strcmp(login, arena_printf(a, "%s\n%s", owner, account_id));
}

enum rc
keeper_login(struct ctx *cx, const char *owner, const char *account_id)
{
	if (!forked || keeper_serves(cx->a, owner, account_id))
		return RC_OK;
	return keeper_bind(cx, owner, "", account_id);
}

/* The access token that is stored; *bearer NULL: there is none that will do, or it was sealed with
 * another key by now. */
static enum rc
keeper_access(struct ctx *cx, struct db *db, const char *owner, const char *account_id,
    const char *refused, const char **bearer)
{
	struct login a;
	struct str text;

	*bearer = NULL;
	TRY(login_get(cx, db, owner, account_id, &a));
	if (!grant_lasts(&a))
		return RC_OK;
	if (keeper_ask(cx, WORD_ACCESS, str_c(a.access), &text) != RC_OK)
		cx->err = (struct err){ 0 };
	else if (!refused || strcmp(refused, text.p))
		*bearer = text.p;
	return RC_OK;
}

enum rc
keeper_token(struct ctx *cx, struct db *db, const char *owner, const char *account_id,
    const char *refused, const char **bearer)
{
	struct str text;

	if (!forked)
		return grant_token(cx, db, owner, account_id, refused, bearer);
	if (!keeper_serves(cx->a, owner, account_id))
		return fail(cx, E_BUG, "A token of another login was asked for.");
	TRY(keeper_access(cx, db, owner, account_id, refused, bearer));
	if (*bearer)
		return RC_OK;
	TRY(keeper_ask(cx, WORD_TOKEN, str_c(refused ? refused : ""), &text));
	*bearer = text.p;
	return RC_OK;
}
