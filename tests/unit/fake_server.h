/*
 * fake_server.h - the stand-in for Google as a program of its own, for tests of what calls it.
 * It ends with the test program.
 */
#ifndef TESTS_UNIT_FAKE_SERVER_H
#define TESTS_UNIT_FAKE_SERVER_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "net/http_call.h"
#include "oauth/consent.h"
#include "web/req.h"

#define FAKE_REDIRECT "http://127.0.0.1/back"
#define FAKE_VERIFIER "abcdefghijklmnopqrstuvwxyz-0123456789.ABCDEFGHIJ"
#define FAKE_WHO "openid https://www.googleapis.com/auth/userinfo.email"
#define FAKE_SHEETS "https://www.googleapis.com/auth/spreadsheets.readonly"

static pid_t fake_pid;
static char fake_base[80], fake_word[5][100];

/* The configuration leads to it. It stands in the directory above the tests' own. */
static inline void
fake_start(void)
{
	static const struct {
		enum conf_key key;
		const char *word;
	} bases[5] = {
		{ CONF_GOOGLE_ACCOUNTS_BASE, "accounts" },
		{ CONF_GOOGLE_OAUTH_BASE, "oauth2" },
		{ CONF_GOOGLE_API_BASE, "api" },
		{ CONF_GOOGLE_SHEETS_BASE, "sheets" },
		{ CONF_GOOGLE_PEOPLE_BASE, "people" },
	};
	char program[4200], line[200] = "", *at;
	ssize_t n = readlink("/proc/self/exe", program, 4096);
	int out[2];
	FILE *f;

	assert_true(n > 0);
	program[n] = '\0';
	for (int i = 0; i < 3; i++)
		*strrchr(program, '/') = '\0';
	strcat(program, "/tidemark-fake");
	assert_int_equal(pipe(out), 0);
	fake_pid = fork();
	assert_true(fake_pid >= 0);
	if (fake_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		close(out[0]);
		close(out[1]);
		execl(program, program, "--listen", "127.0.0.1:0", (char *)NULL);
		perror(program);
		_exit(127);
	}
	close(out[1]);
	f = fdopen(out[0], "r");
	at = fgets(line, sizeof line, f) ? strstr(line, "http://") : NULL;
	if (!at)
		flunk("the stand-in did not start: %s", line);
	at[strcspn(at, " \n")] = '\0';
	snprintf(fake_base, sizeof fake_base, "%s", at);
	for (int i = 0; i < 5; i++) {
		snprintf(fake_word[i], sizeof fake_word[i], "%s/fake/%s", fake_base, bases[i].word);
		conf_override(bases[i].key, fake_word[i]);
	}
	conf_override(CONF_GOOGLE_CLIENT_ID, "client");
	conf_override(CONF_GOOGLE_CLIENT_SECRET, "secret");
}

/* In a forked process: kept connections are the parent's, and answers on them too. */
static inline void
fake_forked(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct sockaddr_storage ss;

	for (int fd = 3; fd < 256; fd++) {
		socklen_t n = sizeof ss;
		if (getpeername(fd, (struct sockaddr *)&ss, &n) == 0 && ss.ss_family == AF_INET)
			dup2(null, fd);
	}
}

static inline void
fake_stop(void)
{
	kill(fake_pid, SIGKILL);
	waitpid(fake_pid, NULL, 0);
}

static inline struct http_answer
fake_ask(const char *method, const char *url, const char *type, const char *body)
{
	struct http_call call = {
		.method = method,
		.url = url,
		.content_type = type,
		.body = body ? str_c(body) : (struct str){ NULL, 0 },
		.max_bytes = 4 << 20,
		.timeout_ms = 20000,
		.configured = true,
	};
	struct http_answer answer;

	if (http_call(&cx, &call, &answer) != RC_OK)
		flunk("%s: %s", url, cx.err.detail);
	return answer;
}

static inline json *
fake_control(const char *commands)
{
	struct http_answer answer = fake_ask(
	    "POST", arena_printf(cx.a, "%s/fake/control", fake_base), "application/json", commands);

	if (answer.status != 200)
		flunk("%s: %s", commands, answer.body.p);
	return json_stored(cx.a, answer.body.p);
}

/* How many requests there were to addresses with this in them since the last reset; only whole
 * answers with this status, unless it is 0. */
static inline int
fake_calls(const char *path, int status)
{
	json *log = json_at(
	    json_stored(cx.a,
		fake_ask("GET", arena_printf(cx.a, "%s/fake/control", fake_base), NULL, NULL)
		    .body.p),
	    "log");
	int n = 0;

	for (size_t i = 0; i < json_len(log); i++)
		n += strstr(json_str(json_nth(log, i), "path"), path) &&
		    (!status || json_num(json_nth(log, i), "status", 0) == status);
	return n;
}

/* A person agrees to all of it on the consent page; the code comes back. */
static inline const char *
fake_agree(const char *email, const char *scopes, bool again)
{
	const char *page = consent_url(cx.a,
	    &(struct consent){
		.provider = oauth_find("google"),
		.redirect = FAKE_REDIRECT,
		.scopes = scopes,
		.state = "state",
		.verifier = FAKE_VERIFIER,
		.again = again,
	    });
	struct str rest = str_c(scopes);
	struct params back = { .n = 0 };
	struct http_answer answer;
	struct buf *form = buf_in(cx.a, 4000);

	form_put(form, "account", email);
	form_put(form, "decision", "allow");
	while (rest.p)
		form_put(form, "scope", arena_dup_str(cx.a, str_cut(rest, ' ', &rest)));
	answer = fake_ask("POST", page, "application/x-www-form-urlencoded", buf_c(form));
	if (!answer.location || !strchr(answer.location, '?') ||
	    !params_decode(cx.a, str_c(strchr(answer.location, '?') + 1), &back) ||
	    !params_get(&back, "code"))
		flunk("consent: %d %s", answer.status, answer.body.p);
	return params_get(&back, "code");
}

#endif
