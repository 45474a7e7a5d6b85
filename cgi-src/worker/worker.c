/*
 * worker.c - tidemark-worker: the only program that loads curl.
 *
 *	tidemark-worker run [--limit N]   claims runs and carries them out until nothing is left,
 *	                                  or it has parsed what a source wrote or used a secret
 *	tidemark-worker deliver           sends out webhooks and mail until nothing is due
 *	tidemark-worker ask [VERB]        answers one question of lib/ask/ask.h: JSON on standard
 *	                                  input and output; the word may be the first line
 *
 * The first two are started by tidemark-tick. What reads sources has no key: access/keeper.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/confine.h"
#include "base/log.h"
#include "access/keeper.h"
#include "queue/orphan.h"
#include "worker/answer.h"
#include "send/remover.h"
#include "send/sender.h"
#include "send/watch.h"
#include "sync/engine.h"
#include "sync/progress.h"
#include "sync/read/parser.h"
#include "sync/seclude.h"
#include "sync/task.h"
#include "sync/write/outlet.h"

enum {
	JOB_ARENA = 1024 * 1024 * 1024,
	DELIVERY_ARENA = 64 * 1024 * 1024,
	QUESTION_MAX = 1024 * 1024,
	WORD_MAX = 32
};

static volatile sig_atomic_t stopping;

static void
on_term(int sig)
{
	(void)sig;
	stopping = 1;
	progress_stop();
}

static void
worker_limits(void)
{
	rlim_t bytes = (rlim_t)conf_int(CONF_WORKER_MB) * 1024 * 1024;

	confine_start();
#ifndef __SANITIZE_ADDRESS__
	setrlimit(RLIMIT_AS, &(struct rlimit){ bytes, bytes });
#else
	(void)bytes;
#endif
	/* A worker does not outlive the tick that supervises it: its run is taken over at once
	 * instead of when the lease ends. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);
}

static int
worker_code(enum rc rc)
{
	if (rc == RC_RETRY)
		return EX_TEMPFAIL;
	return rc == RC_OK ? EX_OK : EX_SOFTWARE;
}

/* What it reads was written by strangers: it may reach the network and its own files, and start
 * nothing. */
static enum rc
worker_confine(struct ctx *cx)
{
	const char *path, *dir;

	TRY(db_place(cx, cx->a, &path, &dir));
	return confine(cx, CONFINE_SOURCE, dir);
}

static enum rc
run_parsing(struct ctx *cx, const char *dir)
{
	return answer_parsing(cx, dir, true);
}

static enum rc
run_one(struct ctx *cx, struct db *db, struct claim_state *st, int64_t limit, bool *found)
{
	struct job job = { 0 };
	enum rc rc;

	*found = false;
	st->asked_only = limit >= 0 && st->healthy + st->failing >= limit;
	TRY(queue_claim(cx, db, st, NULL, found, &job));
	if (!*found)
		return RC_OK;
	log_context("sync", job.run.id);
	rc = job.run.task ? task_run(cx, db, &job) : engine_run(cx, db, &job);
	log_context("sync", NULL);
	/* Somebody took the run over: that is settled there. */
	return rc != RC_OK && cx->err.kind == E_LEASE ? RC_OK : rc;
}

static int
run_jobs(int64_t limit)
{
	struct ctx cx = { .a = arena_new("job", JOB_ARENA, ARENA_WIPE) };
	struct claim_state st = { 0 };
	bool found = true, any = false;
	struct db *db;
	enum rc rc = db_open(&cx, DB_BIG_CACHE, &db);

	if (rc != RC_OK) {
		log_event(LOG_LEVEL_ERR, "worker.failed", "s:code", error_row(cx.err.kind)->code,
		    "s:detail", cx.err.detail, NULL);
		return rc == RC_RETRY ? EX_TEMPFAIL : EX_SOFTWARE;
	}
	seclude_use(run_parsing);
	rc = orphan_mine(&cx, db);
	if (rc == RC_OK)
		rc = answer_reading(&cx, true);
	while (rc == RC_OK && found && !stopping && !seclude_done() && !keeper_bound()) {
		arena_reset(cx.a);
		rc = run_one(&cx, db, &st, limit, &found);
		any = any || found;
	}
	if (rc != RC_OK)
		log_event(LOG_LEVEL_ERR, "worker.failed", "s:code", error_row(cx.err.kind)->code,
		    "s:detail", cx.err.detail, "s:where", cx.err.where, NULL);
	db_close(db);
	arena_free(cx.a);
	return rc == RC_OK && !any ? QUEUE_NOTHING : worker_code(rc);
}

/* What a provider answers was written by strangers too: from then on this process has no key, and
 * serves no other login. */
static enum rc
outbox_work(struct ctx *cx, struct db *db, struct parcel *p)
{
	stopping = 1;
	TRY(answer_reading(cx, true));
	return outlet_work(cx, db, &p->lane);
}

static enum rc
channel_work(struct ctx *cx, struct db *db, struct parcel *p)
{
	stopping = 1;
	TRY(answer_reading(cx, true));
	return watch_work(cx, db, &p->lane);
}

/* It may have told a service that nobody listens any more: the next login is for another
 * process. */
static enum rc
removal_work(struct ctx *cx, struct db *db, struct parcel *p)
{
	const enum rc rc = remover_work(cx, db, &p->lane);

	if (keeper_bound())
		stopping = 1;
	return rc;
}

static int
worker_deliver(void)
{
	static const struct sender outbox = { .work = outbox_work };
	static const struct sender channels = { .work = channel_work };
	static const struct sender removals = { .work = removal_work };
	struct ctx cx = { .a = arena_new("delivery", DELIVERY_ARENA, ARENA_WIPE) };
	struct db *db = NULL;
	enum rc rc = db_open(&cx, 0, &db);

	sender_use(LANE_OUTBOX, &outbox);
	sender_use(LANE_CHANNEL, &channels);
	sender_use(LANE_REMOVAL, &removals);
	if (rc == RC_OK)
		rc = orphan_mine(&cx, db);
	if (rc == RC_OK)
		rc = sender_all(&cx, db, &stopping);
	if (rc != RC_OK)
		log_event(LOG_LEVEL_ERR, "deliver.failed", "s:code", error_row(cx.err.kind)->code,
		    "s:detail", cx.err.detail, "s:where", cx.err.where, NULL);
	db_close(db);
	arena_free(cx.a);
	return rc == RC_OK && !stopping ? QUEUE_NOTHING : worker_code(rc);
}

static enum rc
read_question(struct ctx *cx, json **out)
{
	struct buf *b = buf_in(cx->a, QUESTION_MAX);
	char chunk[4096];
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(b, chunk, (size_t)n);
	if (b->over)
		return fail(cx, E_TOO_LARGE, NULL);
	return json_parse(cx, "The question", buf_s(b), out);
}

/* Up to the end of the first line and no further. */
static bool
read_word(char word[WORD_MAX])
{
	size_t n = 0;

	while (n < WORD_MAX && read(STDIN_FILENO, word + n, 1) == 1 && word[n] != '\n')
		n++;
	if (n == WORD_MAX)
		return false;
	word[n] = '\0';
	return n > 0;
}

/* {"ok": answer} or {"error": {code, detail, waitMs}}. */
static int
worker_ask(const char *verb)
{
	struct ctx cx = { .a = arena_new("ask", JOB_ARENA, ARENA_WIPE) };
	json *question, *answer = NULL, *reply = json_new(cx.a), *error;
	const char *text;
	enum rc rc = read_question(&cx, &question);

	if (rc == RC_OK)
		rc = answer_question(&cx, verb, question, &answer);
	if (rc == RC_OK)
		json_set(reply, "ok", answer);
	else {
		error = json_new(cx.a);
		json_set_str(error, "code", error_row(cx.err.kind)->code);
		json_set_str(error, "detail", cx.err.detail);
		json_set_i64(error, "waitMs", cx.err.wait_ms);
		json_set(reply, "error", error);
	}
	text = json_text(cx.a, reply);
	fputs(text, stdout);
	fflush(stdout);
	arena_free(cx.a);
	return EX_OK;
}

static int
worker_usage(FILE *to, int code)
{
	fputs("usage: tidemark-worker run [--limit N]\n"
	      "       tidemark-worker deliver\n"
	      "       tidemark-worker ask [VERB]\n"
	      "Started by tidemark-tick and tidemark-fcgi; see tidemark --help.\n",
	    to);
	return code;
}

/* What the command line asks for. */
struct asked {
	bool run, deliver;
	int64_t limit;    /* of run; -1: none */
	const char *verb; /* of ask, which has a word then; NULL: neither */
	char word[WORD_MAX];
};

static bool
worker_asked(int argc, char **argv, struct asked *as)
{
	const char *what = argc > 1 ? argv[1] : "";

	as->limit = -1;
	as->run = !strcmp(what, "run") &&
	    (argc == 2 ||
		(argc == 4 && !strcmp(argv[2], "--limit") &&
		    str_i64(str_c(argv[3]), 0, 1000000, &as->limit)));
	as->deliver = argc == 2 && !strcmp(what, "deliver");
	if (argc == 3 && !strcmp(what, "ask"))
		as->verb = argv[2];
	else if (argc == 2 && !strcmp(what, "ask") && read_word(as->word))
		as->verb = as->word;
	return as->run || as->deliver || as->verb;
}

/* The secrets of the installation, but for what is sent to sources, and what mails take. */
static void
worker_forget(bool mails)
{
	for (int k = 0; k < CONF__MAX; k++)
		if (conf_secret((enum conf_key)k) && !kind_sends((enum conf_key)k) &&
		    !(mails && (k == CONF_SMTP_PASSWORD || k == CONF_HEARTBEAT_URL)))
			conf_forget((enum conf_key)k);
}

/* What reads what strangers wrote gets a keeper, and somebody who parses it; then every one is
 * confined. */
static enum rc
worker_begin(struct ctx *cx, const struct asked *as)
{
	worker_limits();
	if (!as->verb || answer_reads(as->verb)) {
		TRY(keeper_fork(cx));
		worker_forget(as->deliver);
		if (!as->deliver)
			TRY(parser_fork(cx));
	}
	return worker_confine(cx);
}

/* What it was doing is given up in the middle; whoever started it says so. */
static void
run_full(void)
{
	_exit(QUEUE_NO_MEMORY);
}

/* The same where somebody waits for a word: it is said with no memory at all. */
static void
ask_full(void)
{
	static const char reply[] = "{\"error\":{\"code\":\"out_of_memory\",\"detail\":\"\"}}";

	_exit(write(STDOUT_FILENO, reply, sizeof reply - 1) == (ssize_t)sizeof reply - 1
		? EX_OK
		: EX_IOERR);
}

static int
worker_work(const struct asked *as)
{
	int code;

	arena_when_full(as->verb ? ask_full : run_full);
	if (as->verb)
		code = worker_ask(as->verb);
	else
		code = as->run ? run_jobs(as->limit) : worker_deliver();
	parser_end();
	keeper_end();
	return code;
}

int
main(int argc, char **argv)
{
	static struct ctx cx;
	struct asked as = { 0 };

	log_init("tidemark-worker");
	cx.a = arena_new("start", 1024 * 1024, 0);
	if (argc == 2 && !strcmp(argv[1], "--help"))
		return worker_usage(stdout, EX_OK);
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return puts("tidemark-worker " TIDEMARK_VERSION) < 0;
	if (conf_load(&cx) != RC_OK) {
		fprintf(stderr, "tidemark-worker: %s\n", cx.err.detail);
		return EX_CONFIG;
	}
	if (!worker_asked(argc, argv, &as))
		return worker_usage(stderr, EX_USAGE);
	if (worker_begin(&cx, &as) != RC_OK) {
		fprintf(stderr, "tidemark-worker: %s\n", cx.err.detail);
		return EX_OSERR;
	}
	return worker_work(&as);
}
