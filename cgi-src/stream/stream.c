/*
 * stream.c - tidemark-stream: tells browsers what happens to syncs and to the calendar as it
 * happens (server-sent events). One process with one loop for everybody who looks on, so that a
 * viewer costs some memory and no process; nginx hands it those whom GET /api/sync/stream has let
 * in (conn/api_stream.c). It accepts on descriptor 0, reads the database four times a second at
 * most, and writes nothing but to its viewers.
 *
 * When it ends, however, nothing is lost: browsers come again by themselves and are told what they
 * have missed, and pages ask as they did before there were streams.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/confine.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mark.h"
#include "stream/viewer.h"

enum {
	TURN_MS = 250,
	CARE_MS = 1000, /* between two looks at how each viewer does */
	EVENTS = 256,
	BACKLOG = 4096,
	STREAM_ARENA = 256 * 1024 * 1024,
	SPARE_FILES = 32,
	BREATH_MS = 100, /* when the system has no files left */
	TRIES = 20,      /* of a database that has no time, before everybody is sent away */
	TOO_MANY = 429,
	UNAVAILABLE = 503
};

struct stream {
	struct ctx cx;      /* of one moment */
	struct arena *life; /* of this process */
	struct db *db;      /* NULL: not open */
	struct hub *hub;
	struct viewer *v; /* `room` of them; the first `used` were in use once */
	size_t room, used, n;
	int epoll;
	int64_t turned, cared;
	int failed;
};

static volatile sig_atomic_t stopping;

static void
on_end(int sig)
{
	(void)sig;
	stopping = 1;
}

/* --- viewers come and go --- */

static void
stream_drop(struct stream *s, struct viewer *v)
{
	hub_leave(s->hub, &v->place);
	viewer_end(v);
	s->n--;
}

/* Nobody can be told anything for now. They come again, or ask. */
static void
stream_drop_all(struct stream *s)
{
	for (size_t i = 0; i < s->used; i++)
		if (s->v[i].fd >= 0)
			stream_drop(s, &s->v[i]);
	hub_forget(s->hub);
}

static void
stream_fail(struct stream *s)
{
	log_event(LOG_LEVEL_ERR, "stream.failed", "s:code", error_row(s->cx.err.kind)->code,
	    "i:viewers", (int64_t)s->n, NULL);
	stream_drop_all(s);
	db_close(s->db);
	s->db = NULL;
	s->failed = 0;
}

/* Waits for whatever it says, or for room when there is something to be taken. */
static bool
stream_watch(struct stream *s, struct viewer *v, int how)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = (uint64_t)(v - s->v) + 1 };

	if (viewer_pending(v))
		e.events |= EPOLLOUT;
	return epoll_ctl(s->epoll, how, v->fd, &e) == 0;
}

static void
stream_send(struct stream *s, struct viewer *v)
{
	bool was = v->stuck != 0;

	if (!viewer_send(v, clock_mono_ms()) || (v->leaving && !viewer_pending(v)) ||
	    (was != (v->stuck != 0) && !stream_watch(s, v, EPOLL_CTL_MOD)))
		stream_drop(s, v);
}

static struct viewer *
stream_room(struct stream *s)
{
	if (s->n == s->room)
		return NULL;
	for (size_t i = 0; i < s->used; i++)
		if (s->v[i].fd < 0)
			return &s->v[i];
	return &s->v[s->used++];
}

static void
stream_accept(struct stream *s)
{
	struct viewer *v;
	int fd;

	while ((fd = accept4(STDIN_FILENO, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		v = stream_room(s);
		if (!v) {
			/* nginx says so in words. */
			(void)send(fd, "HTTP/1.0 503 Full\r\n\r\n", 21, MSG_NOSIGNAL);
			close(fd);
			continue;
		}
		viewer_begin(v, fd, clock_mono_ms());
		s->n++;
		if (!stream_watch(s, v, EPOLL_CTL_ADD))
			stream_drop(s, v);
	}
	/* Whoever could not be taken still knocks: not again and again at once. */
	if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		clock_sleep_ms(BREATH_MS);
}

static bool
stream_database(struct stream *s)
{
	if (!s->db && db_open(&s->cx, DB_BRIEF, &s->db) != RC_OK) {
		log_event(LOG_LEVEL_ERR, "stream.no_database", "s:code",
		    error_row(s->cx.err.kind)->code, NULL);
		s->db = NULL;
	}
	return s->db;
}

/* Whether anything has happened; with an error or in another database it sends everybody away. */
static enum hub_news
stream_look(struct stream *s)
{
	enum hub_news news;

	arena_reset(s->cx.a);
	if (hub_turn(&s->cx, s->hub, s->db, &news) != RC_OK) {
		if (error_row(s->cx.err.kind)->rc != RC_RETRY || ++s->failed == TRIES)
			stream_fail(s);
		return HUB_QUIET;
	}
	s->failed = 0;
	if (news == HUB_ELSE) {
		log_event(LOG_LEVEL_INFO, "stream.anew", NULL);
		stream_drop_all(s);
	}
	return news;
}

/* False: not now. */
static bool
stream_tell(struct stream *s, struct viewer *v)
{
	return hub_tell(&s->cx, s->hub, s->db, &v->place, &v->out) == RC_OK && !v->out.over;
}

static void
stream_admit(struct stream *s, struct viewer *v, struct str query)
{
	/* What was before him is not told him as news. */
	while (s->db && stream_look(s) == HUB_MORE)
		;
	if (v->fd < 0)
		return;
	arena_reset(s->cx.a);
	if (!ticket_read(s->cx.a, query, &v->ticket) || !stream_database(s))
		viewer_refuse(v, UNAVAILABLE);
	else if ((int64_t)hub_viewers(s->hub, v->ticket.owner) >= conf_int(CONF_USER_STREAMS))
		viewer_refuse(v, TOO_MANY);
	else if (hub_join(&s->cx, s->hub, s->db, &v->ticket, &v->place) != RC_OK)
		viewer_refuse(v, UNAVAILABLE);
	else {
		viewer_greet(v);
		if (!stream_tell(s, v))
			v->leaving = true;
		v->leaving |= v->place.over;
	}
	stream_send(s, v);
}

static void
stream_event(struct stream *s, struct viewer *v, uint32_t events)
{
	struct str query;

	if (v->fd < 0)
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		if (!viewer_take(v, &query)) {
			stream_drop(s, v);
			return;
		}
		if (query.p) {
			stream_admit(s, v, query);
			return;
		}
	}
	if (events & EPOLLOUT)
		stream_send(s, v);
}

/* --- what happens is told --- */

/* Its session or token may have ended: then nothing more is told. False: it was let go. */
static bool
stream_still(struct stream *s, struct viewer *v, int64_t now)
{
	bool yes = false;

	v->checked = now;
	if (ticket_stands(&s->cx, s->db, &v->ticket, &yes) == RC_OK && yes)
		return true;
	stream_drop(s, v);
	return false;
}

static void
stream_news(struct stream *s, struct viewer *v, int64_t now)
{
	if (!v->open || v->leaving || viewer_pending(v) || !hub_ready(&v->place))
		return;
	if (!stream_still(s, v, now))
		return;
	if (!stream_tell(s, v)) {
		stream_drop(s, v);
		return;
	}
	v->leaving = v->place.over;
	if (v->out.n || v->leaving)
		stream_send(s, v);
}

static void
stream_sweep(struct stream *s)
{
	hub_sweep_begin(s->hub);
	for (size_t i = 0; i < s->used; i++)
		if (s->v[i].fd >= 0)
			hub_sweep_place(&s->v[i].place);
	hub_sweep_end(s->hub);
}

/* True: there is more to be looked at, at once. */
static bool
stream_turn(struct stream *s, int64_t now)
{
	enum hub_news news = stream_look(s);

	if (!s->n)
		return false;
	/* Also without news: who was slow may have room by now. */
	for (size_t i = 0; i < s->used; i++)
		if (s->v[i].fd >= 0)
			stream_news(s, &s->v[i], now);
	if (news != HUB_QUIET)
		stream_sweep(s);
	return news == HUB_MORE;
}

static void
stream_care(struct stream *s, struct viewer *v, int64_t now)
{
	if (!v->open) {
		if (now - v->came > VIEWER_HEAD_MS)
			stream_drop(s, v);
		return;
	}
	if ((v->stuck && now - v->stuck > VIEWER_STUCK_MS) || now - v->came > v->life) {
		stream_drop(s, v);
		return;
	}
	if (now - v->checked >= VIEWER_CHECK_MS && !stream_still(s, v, now))
		return;
	if (!viewer_pending(v) && now - v->spoke >= VIEWER_BEAT_MS) {
		buf_str(&v->out, ":\n\n");
		stream_send(s, v);
	}
}

/* Their questions to the database are one read: its locks are taken once. */
static void
stream_care_all(struct stream *s, int64_t now)
{
	const bool one = s->db && db_read_begin(&s->cx, s->db) == RC_OK;

	for (size_t i = 0; i < s->used; i++)
		if (s->v[i].fd >= 0)
			stream_care(s, &s->v[i], now);
	if (one)
		db_read_end(s->db);
}

/* --- the loop --- */

static int
stream_patience(const struct stream *s, bool more)
{
	int64_t left = s->turned + TURN_MS - clock_mono_ms();

	if (s->n == 0)
		return -1;
	return more || left < 0 ? 0 : (int)left;
}

static void
stream_moment(struct stream *s, bool *more)
{
	int64_t now = clock_mono_ms();

	if (s->db && s->n && (*more || now - s->turned >= TURN_MS)) {
		*more = stream_turn(s, now);
		s->turned = now;
	}
	if (now - s->cared >= CARE_MS) {
		s->cared = now;
		stream_care_all(s, now);
	}
}

static void
stream_run(struct stream *s)
{
	struct epoll_event e[EVENTS], listening = { .events = EPOLLIN, .data.u64 = 0 };
	bool more = false;
	sigset_t open;

	sigprocmask(SIG_SETMASK, NULL, &open);
	sigdelset(&open, SIGTERM);
	sigdelset(&open, SIGINT);
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &listening) != 0)
		return;
	while (!stopping) {
		int n = epoll_pwait(s->epoll, e, EVENTS, stream_patience(s, more), &open);

		for (int i = 0; i < n; i++)
			if (e[i].data.u64 == 0)
				stream_accept(s);
			else
				stream_event(s, &s->v[e[i].data.u64 - 1], e[i].events);
		stream_moment(s, &more);
	}
	stream_drop_all(s);
	db_close(s->db);
	arena_free(s->life);
	arena_free(s->cx.a);
}

/* As many files as viewers, where that is allowed. */
static size_t
stream_files(void)
{
	struct rlimit r = { 0, 0 };
	size_t want = (size_t)conf_int(CONF_STREAMS);

	getrlimit(RLIMIT_NOFILE, &r);
	if (r.rlim_cur < want + SPARE_FILES) {
		r.rlim_cur = r.rlim_max < want + SPARE_FILES ? r.rlim_max : want + SPARE_FILES;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_cur >= want + SPARE_FILES)
		return want;
	log_event(LOG_LEVEL_WARN, "stream.few_files", "i:limit", (int64_t)r.rlim_cur, NULL);
	return r.rlim_cur > 2 * SPARE_FILES ? (size_t)r.rlim_cur - SPARE_FILES : SPARE_FILES;
}

static int
stream_usage(FILE *to, int code)
{
	fputs(
	    "usage: tidemark-stream\n"
	    "Tells browsers what happens to syncs. Accepts connections of nginx on descriptor 0, a "
	    "listening unix socket: started by systemd, or by nginx/pool.\n",
	    to);
	return code;
}

static bool
stream_socket(void)
{
	int on = 0;
	socklen_t n = sizeof on;

	/* When it comes again all of them do. */
	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &on, &n) == 0 && on &&
	    listen(STDIN_FILENO, BACKLOG) == 0 && fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) == 0;
}

static void
stream_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_end }, NULL);
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_end }, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static enum rc
stream_prepare(struct stream *s)
{
	const char *path, *dir;
	unsigned char sum[SHA256_LEN];

	confine_start();
	stream_signals();
	s->room = stream_files();
	s->life = arena_new("viewers", SIZE_MAX, 0);
	s->v = arena_array(s->life, s->room, sizeof *s->v);
	for (size_t i = 0; i < s->room; i++)
		s->v[i].fd = -1;
	s->hub = hub_in(s->life);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return fail(&s->cx, E_UNAVAILABLE, "There is no way to wait for viewers.");
	mark_put(s->cx.a, STREAM_MARK);
	/* OpenSSL reads its settings at its first use. */
	hash_sha256(str_c(""), sum);
	TRY(db_place(&s->cx, s->cx.a, &path, &dir));
	return confine(&s->cx, CONFINE_WEB, dir);
}

int
main(int argc, char **argv)
{
	struct stream s = { .cx.a = arena_new("stream", STREAM_ARENA, 0) };

	log_init("tidemark-stream");
	if (argc == 2 && !strcmp(argv[1], "--help"))
		return stream_usage(stdout, EX_OK);
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return puts("tidemark-stream " TIDEMARK_VERSION) < 0 ? EX_IOERR : EX_OK;
	if (argc > 1)
		return stream_usage(stderr, EX_USAGE);
	if (conf_load(&s.cx) != RC_OK) {
		fprintf(stderr, "tidemark-stream: %s\n", s.cx.err.detail);
		return EX_CONFIG;
	}
	if (!stream_socket())
		return stream_usage(stderr, EX_USAGE);
	if (stream_prepare(&s) != RC_OK) {
		fprintf(stderr, "tidemark-stream: %s\n", s.cx.err.detail);
		return EX_OSERR;
	}
	stream_run(&s);
	return EX_OK;
}
