/*
 * app.c - tidemark-fcgi: the FastCGI worker, and the only user of fcgiapp.h. It accepts on
 * descriptor 0, which its supervisor (systemd, spawn-fcgi) has opened; one request at a time; no
 * network, no provider code.
 *
 *	tidemark-fcgi [--pool web|wait|hook]
 */
#include <fcgiapp.h>
#include <getopt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/confine.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "fcgi/count.h"
#include "fcgi/dispatch.h"
#include "ask/broker.h"
#include "ask/place.h"
#include "kind/kind.h"

enum {
	REQUEST_ARENA = 64 * 1024 * 1024,
	BODY_MAX = 1024 * 1024,
	REPLY_MAX = 48 * 1024 * 1024,
	HEAD_MAX = 64 * 1024
};

struct app {
	enum route_pool pool;
	struct db *db;
};

/* A process whose broker ends before that has not got to work: the next one will not either. */
enum { EARLY_MS = 1000 };

static volatile sig_atomic_t stopping, busy, alone;

/* An idle worker leaves accept(); a busy one answers first. The alarm repeats it, for a signal
 * that comes just before accept() would miss it. */
static void
on_term(int sig)
{
	(void)sig;
	stopping = 1;
	if (!busy)
		FCGX_ShutdownPending();
	alarm(1);
}

static void
app_limits(void)
{
	confine_start();
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_term }, NULL);
}

/* Of a request's parameters these are used. */
enum {
	P_METHOD,
	P_TARGET,
	P_LENGTH,
	P_COOKIE,
	P_HTTPS,
	P_ADDRESS,
	P_ID,
	P_SSO_USER,
	P_SSO_PROXY,
	P_HEADERS
};
static const struct {
	const char *name;
	size_t n;
	const char *header; /* lower-case, from P_HEADERS on */
} known[] = {
#define PARAM(name, header) \
	{ \
		name, sizeof name - 1, header \
	}
	[P_METHOD] = PARAM("REQUEST_METHOD", NULL),
	[P_TARGET] = PARAM("REQUEST_URI", NULL),
	[P_LENGTH] = PARAM("CONTENT_LENGTH", NULL),
	[P_COOKIE] = PARAM("HTTP_COOKIE", NULL),
	[P_HTTPS] = PARAM("HTTPS", NULL),
	[P_ADDRESS] = PARAM("REMOTE_ADDR", NULL),
	[P_ID] = PARAM("REQUEST_ID", NULL),
	/* A client's own headers come as HTTP_..., so nobody but nginx can say these. */
	[P_SSO_USER] = PARAM("TIDEMARK_SSO_USER", NULL),
	[P_SSO_PROXY] = PARAM("TIDEMARK_SSO_PROXY", NULL),
	[P_HEADERS] = PARAM("HTTP_AUTHORIZATION", "authorization"),
	PARAM("CONTENT_TYPE", "content-type"),
	PARAM("HTTP_X_CSRF_TOKEN", "x-csrf-token"),
	PARAM("HTTP_SEC_FETCH_SITE", "sec-fetch-site"),
	PARAM("HTTP_SEC_FETCH_DEST", "sec-fetch-dest"),
	PARAM("HTTP_SEC_PURPOSE", "sec-purpose"),
	PARAM("HTTP_ORIGIN", "origin"),
	PARAM("HTTP_HOST", "host"),
	PARAM("HTTP_IF_MATCH", "if-match"),
	PARAM("HTTP_IF_NONE_MATCH", "if-none-match"),
	PARAM("HTTP_LAST_EVENT_ID", "last-event-id"),
	PARAM("HTTP_IDEMPOTENCY_KEY", "idempotency-key"),
	PARAM("HTTP_ACCEPT", "accept"),
	PARAM("HTTP_USER_AGENT", "user-agent"),
#undef PARAM
};
enum { KNOWN = sizeof known / sizeof *known };

/* The values by the order above; NULL: not given, or empty. They live until the request is
 * finished. */
static void
values_find(char **envp, const char *values[KNOWN])
{
	for (size_t i = 0; i < KNOWN; i++)
		values[i] = NULL;
	for (; *envp; envp++) {
		size_t n = strcspn(*envp, "=");
		for (size_t i = 0; i < KNOWN; i++)
			if (known[i].n == n && !memcmp(*envp, known[i].name, n)) {
				if ((*envp)[n] && (*envp)[n + 1])
					values[i] = *envp + n + 1;
				break;
			}
	}
}

static enum method
method_from(const char *name)
{
	static const enum method all[] = { M_GET, M_HEAD, M_POST, M_PUT, M_PATCH, M_DELETE,
		M_OPTIONS };

	for (size_t i = 0; name && i < sizeof all / sizeof *all; i++)
		if (!strcmp(method_name(all[i]), name))
			return all[i];
	return 0;
}

static enum rc
read_body(struct ctx *cx, FCGX_Request *fr, const char *length, struct str *out)
{
	int64_t n = 0;
	char *p;

	*out = (struct str){ "", 0 };
	if (!length)
		return RC_OK;
	if (!str_i64(str_c(length), 0, INT64_MAX, &n))
		return fail(cx, E_BAD_REQUEST, "The Content-Length is not a number.");
	if (n > BODY_MAX)
		return fail(cx, E_TOO_LARGE, "At most %d bytes are taken.", BODY_MAX);
	p = arena_alloc(cx->a, (size_t)n + 1);
	if (n && FCGX_GetStr(p, (int)n, fr->in) != (int)n)
		return fail(cx, E_BAD_REQUEST, "The body broke off.");
	*out = (struct str){ p, (size_t)n };
	return RC_OK;
}

/* nginx gives every request an id; it is ours too. */
static const char *
request_id(struct arena *a, const char *given)
{
	char made[UUID_TEXT];

	if (given && strlen(given) == 32 && strspn(given, "0123456789abcdef") == 32)
		return given;
	return arena_dup(a, rand_uuid(made));
}

/* Is it the parameter of this header: HTTP_X_NAME of x-name? */
static bool
param_is(const char *param, size_t n, const char *header)
{
	if (n != strlen(header) + 5 || memcmp(param, "HTTP_", 5))
		return false;
	for (size_t i = 5; i < n; i++) {
		char c = header[i - 5];
		if (c == '-')
			c = '_';
		else if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (param[i] != c)
			return false;
	}
	return true;
}

/* The headers that some kind of source wants of whoever calls its receiver, and no others. */
static void
receiver_headers(char **envp, const char *path, struct params *out)
{
	const struct kind *k = kind_called(path);

	for (const char *const *h = k ? k->receiver->headers : NULL; h && *h; h++)
		for (char **e = envp; *e; e++) {
			size_t n = strcspn(*e, "=");
			if (param_is(*e, n, *h) && (*e)[n] && (*e)[n + 1])
				params_add(out, *h, *e + n + 1);
		}
}

/* Takes what cannot fail first, so that a refusal finds its skin. */
static enum rc
request_read(struct ctx *cx, FCGX_Request *fr, struct req *r)
{
	const char *v[KNOWN];
	struct str query, path;
	char *decoded;

	values_find(fr->envp, v);
	r->cx = cx;
	r->id = request_id(cx->a, v[P_ID]);
	r->remote_addr = v[P_ADDRESS] ? v[P_ADDRESS] : "";
	r->sso_user = v[P_SSO_USER];
	r->sso_proxy = v[P_SSO_PROXY];
	r->https = v[P_HTTPS] && strcmp(v[P_HTTPS], "off");
	r->target = v[P_TARGET];
	r->method = method_from(v[P_METHOD]);
	for (size_t i = P_HEADERS; i < KNOWN; i++)
		if (v[i])
			params_add(&r->headers, known[i].header, v[i]);
	path = str_cut(str_c(r->target), '?', &query);
	r->path = arena_dup_str(cx->a, path);
	if (!url_decode(cx->a, path, false, &decoded) || decoded[0] != '/')
		return fail(cx, E_BAD_REQUEST, "The address could not be read.");
	r->path = decoded;
	receiver_headers(fr->envp, r->path, &r->headers);
	if (query.p && !params_decode(cx->a, query, &r->query))
		return fail(cx, E_BAD_REQUEST, "The query could not be read.");
	if (v[P_COOKIE])
		cookies_decode(cx->a, str_c(v[P_COOKIE]), &r->cookies);
	return read_body(cx, fr, v[P_LENGTH], &r->raw);
}

/* nginx passes the words on as they are. */
static const char *
app_reason(int status)
{
	static const struct {
		int status;
		const char *words;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].words;
	return "Error";
}

static void
put_head(FCGX_Request *fr, struct arena *a, const struct resp *w)
{
	struct buf *b = buf_in(a, HEAD_MAX);

	buf_reserve(b, 512);
	buf_printf(b, "Status: %d %s\r\n", w->status, app_reason(w->status));
	if (w->type)
		buf_printf(b, "Content-Type: %s%s\r\n", w->type,
		    str_starts(str_c(w->type), "text/") && !strchr(w->type, ';') ? "; charset=utf-8"
										 : "");
	for (size_t i = 0; i < w->headers.n; i++)
		buf_printf(b, "%s: %s\r\n", w->headers.v[i].name, w->headers.v[i].value);
	if (!w->stream && w->status != 304 && w->status != 204)
		buf_printf(b, "Content-Length: %zu\r\n", w->body->n);
	buf_str(b, "\r\n");
	FCGX_PutStr(b->p, (int)b->n, fr->out);
}

/* The reply must not look like a whole one. nginx takes a connection that only ends for a good end;
 * for what is no record of FastCGI it breaks off its own reply too. */
static void
put_break(FCGX_Request *fr)
{
	static const char no_record[8] = { 0 };

	(void)FCGX_FFlush(fr->out);
	if (write(fr->ipcFd, no_record, sizeof no_record) < 0)
		log_event(LOG_LEVEL_DEBUG, "http.gone", NULL);
	FCGX_Free(fr, 1);
}

static void
put_reply(FCGX_Request *fr, struct req *r, struct resp *w)
{
	bool more = w->stream != NULL;

	put_head(fr, r->cx->a, w);
	if (r->method == M_HEAD)
		return;
	if (!w->stream) {
		FCGX_PutStr(buf_c(w->body), (int)w->body->n, fr->out);
		return;
	}
	/* Page by page: memory stays at one page however long the export is. */
	while (more) {
		buf_clear(w->body);
		more = w->stream(r, w, w->body);
		if (w->body->n && FCGX_PutStr(w->body->p, (int)w->body->n, fr->out) < 0)
			break; /* the reader has gone */
	}
	if (w->broken) {
		log_event(LOG_LEVEL_WARN, "http.broken", "s:route", r->route->path, "s:code",
		    error_row(r->cx->err.kind)->code, NULL);
		put_break(fr);
	}
}

/* Opened at the first request, and tried again until a migration has run: meanwhile cx->err says
 * what is missing. */
static struct db *
app_database(struct ctx *cx, struct app *app)
{
	if (!app->db && db_open(cx, DB_BRIEF, &app->db) != RC_OK)
		app->db = NULL;
	return app->db;
}

/*
 * A request that needs more memory than one may have. What it was doing is given up in the middle,
 * so nothing of it is used again: it is answered with memory of its own, and the process ends.
 */
static jmp_buf app_full;

static void
app_on_full(void)
{
	longjmp(app_full, 1);
}

static void
app_refuse(FCGX_Request *fr, const struct req *of)
{
	struct ctx cx = { .a = arena_new("refusal", REQUEST_ARENA, ARENA_WIPE) };
	struct req r = *of;
	struct resp w = { .body = buf_in(cx.a, REPLY_MAX) };

	r.cx = &cx;
	r.db = NULL;
	dispatch_too_large(&r, &w);
	put_reply(fr, &r, &w);
	arena_free(cx.a);
}

static void
app_serve(struct app *app, FCGX_Request *fr, struct arena *a)
{
	struct ctx *cx = arena_alloc(a, sizeof *cx);
	struct req *r = arena_alloc(a, sizeof *r);
	struct resp *w = arena_alloc(a, sizeof *w);

	cx->a = a;
	w->body = buf_in(a, REPLY_MAX);
	if (setjmp(app_full)) {
		stopping = 1;
		if (w->begun)
			FCGX_Free(fr, 1);
		else
			app_refuse(fr, r);
		return;
	}
	arena_when_full(app_on_full);
	r->db = app_database(cx, app);
	r->refused = request_read(cx, fr, r) != RC_OK;
	dispatch(r, w, app->pool);
	w->begun = true;
	put_reply(fr, r, w);
	if (r->db && w->stream)
		db_rollback(r->db);
	arena_when_full(NULL);
}

static int
app_run(struct app *app)
{
	struct arena *a = arena_new("request", REQUEST_ARENA, ARENA_WIPE);
	int64_t left = conf_int(CONF_FCGI_REQUESTS);
	FCGX_Request fr;

	if (FCGX_Init() || FCGX_InitRequest(&fr, 0, 0))
		return EX_OSERR;
	log_event(LOG_LEVEL_DEBUG, "worker.ready", "s:pool",
	    app->pool == POOL_HOOK ? "hook" : "web", NULL);
	while (!stopping && !broker_lost() && left-- > 0 && FCGX_Accept_r(&fr) == 0) {
		busy = 1;
		app_serve(app, &fr, a);
		FCGX_Finish_r(&fr);
		place_leave();
		arena_reset(a);
		busy = 0;
	}
	db_close(app->db);
	arena_free(a);
	return EX_OK;
}

static bool
have_socket(void)
{
	int on = 0;
	socklen_t n = sizeof on;

	return getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &on, &n) == 0 && on;
}

static int
app_usage(FILE *to, int code)
{
	fputs("usage: tidemark-fcgi [--pool web|wait|hook]\n"
	      "Accepts FastCGI connections on descriptor 0, a listening unix socket: started by "
	      "systemd, or by\n"
	      "  spawn-fcgi -n -s /run/tidemark/web.sock -- tidemark-fcgi\n",
	    to);
	return code;
}

static bool
app_configured(void)
{
	struct ctx cx = { .a = arena_new("start", 1024 * 1024, 0) };
	bool ok = conf_load(&cx) == RC_OK;

	if (!ok)
		fprintf(stderr, "tidemark-fcgi: %s\n", cx.err.detail);
	arena_free(cx.a);
	return ok;
}

static void
on_alone(int sig)
{
	alone = 1;
	on_term(sig);
}

/* The broker is its only child. When that has ended, another process with another broker takes this
 * one's place at once: the next request may be one that needs it. It may have ended by now. */
static void
app_follow_broker(void)
{
	sigaction(
	    SIGCHLD, &(struct sigaction){ .sa_handler = on_alone, .sa_flags = SA_NOCLDSTOP }, NULL);
	if (waitpid(-1, NULL, WNOHANG) > 0)
		on_alone(SIGCHLD);
}

/* First the broker, which has nothing and may start programs; then this process, which has the
 * rest and may not. */
static bool
app_confined(void)
{
	struct ctx cx = { .a = arena_new("start", 1024 * 1024, 0) };
	unsigned char sum[SHA256_LEN];
	const char *path, *dir;
	bool ok = broker_fork(&cx) == RC_OK;

	app_follow_broker();
	ok = ok && db_place(&cx, cx.a, &path, &dir) == RC_OK;
	/* OpenSSL reads its settings at its first use. */
	hash_sha256(str_c(""), sum);
	ok = ok && confine(&cx, CONFINE_WEB, dir) == RC_OK;
	if (!ok)
		fprintf(stderr, "tidemark-fcgi: %s\n", cx.err.detail);
	arena_free(cx.a);
	return ok;
}

/* Whoever starts these processes does so at once, and again and again. */
static int
app_ended(int code, int64_t began)
{
	if (!alone && !broker_lost())
		return code;
	if (clock_mono_ms() - began < EARLY_MS) {
		log_event(LOG_LEVEL_ERR, "broker.ended_at_once", NULL);
		clock_sleep_ms(EARLY_MS);
	}
	return EX_UNAVAILABLE;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pool", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 },
	};
	struct app app = { .pool = POOL_WEB };
	const int64_t began = clock_mono_ms();
	int c;

	log_init("tidemark-fcgi");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'p':
			if (strcmp(optarg, "web") && strcmp(optarg, "wait") &&
			    strcmp(optarg, "hook"))
				return app_usage(stderr, EX_USAGE);
			app.pool = strcmp(optarg, "hook") ? POOL_WEB : POOL_HOOK;
			break;
		case 'h':
			return app_usage(stdout, EX_OK);
		case 'v':
			return puts("tidemark-fcgi " TIDEMARK_VERSION) < 0;
		default:
			return app_usage(stderr, EX_USAGE);
		}
	if (optind < argc)
		return app_usage(stderr, EX_USAGE);
	if (!app_configured())
		return EX_CONFIG;
	if (!have_socket())
		return app_usage(stderr, EX_USAGE);
	app_limits();
	if (!app_confined())
		return EX_OSERR;
	count_open();
	return app_ended(app_run(&app), began);
}
