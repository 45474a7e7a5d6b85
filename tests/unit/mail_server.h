/*
 * mail_server.h - a mail server on the loopback that keeps what it is told in a file. Who is
 * written to decides its answer: "no@" is refused for good, "later@" for now.
 */
#ifndef TESTS_UNIT_MAIL_SERVER_H
#define TESTS_UNIT_MAIL_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t mail_pid;
static int mail_port;
static char mail_file[64];

/* One connection: every line is written down, and answered. */
static void
mail_serve(FILE *in, FILE *out, FILE *log)
{
	static char line[8192];
	int data = 0;

	fputs("220 test\r\n", out);
	while (fflush(out) == 0 && fgets(line, sizeof line, in)) {
		fputs(line, log);
		fflush(log);
		if (data) {
			data = strcmp(line, ".\r\n") != 0;
			if (!data)
				fputs("250 taken\r\n", out);
		} else if (!strncmp(line, "EHLO", 4))
			fputs("250-test\r\n250 AUTH PLAIN\r\n", out);
		else if (!strncmp(line, "AUTH PLAIN", 10))
			fputs("334 \r\n", out);
		else if (!strncmp(line, "AHVzZXIA", 8))
			fputs(strstr(line, "AHVzZXIAd3Jvbmc=") ? "535 no\r\n" : "235 ok\r\n", out);
		else if (!strncmp(line, "RCPT TO:<no@", 12))
			fputs("550 no such mailbox\r\n", out);
		else if (!strncmp(line, "RCPT TO:<later@", 15))
			fputs("451 later\r\n", out);
		else if (!strncmp(line, "DATA", 4)) {
			fputs("354 go on\r\n", out);
			data = 1;
		} else if (!strncmp(line, "QUIT", 4)) {
			fputs("221 bye\r\n", out);
			fflush(out);
			return;
		} else
			fputs("250 ok\r\n", out);
	}
}

static void
mail_start(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sa;
	const pid_t parent = getpid();
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one, file;

	snprintf(mail_file, sizeof mail_file, "/tmp/tidemark-mail-XXXXXX");
	file = mkstemp(mail_file);
	if (file < 0 || fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0 ||
	    listen(fd, 64) != 0 || getsockname(fd, (struct sockaddr *)&sa, &len) != 0) {
		perror("mail server");
		exit(1);
	}
	close(file);
	mail_port = ntohs(sa.sin_port);
	fflush(NULL);
	mail_pid = fork();
	if (mail_pid != 0) {
		close(fd);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	signal(SIGCHLD, SIG_IGN);
	while ((one = accept(fd, NULL, NULL)) >= 0) {
		if (fork() == 0) {
			mail_serve(fdopen(one, "r"), fdopen(dup(one), "w"), fopen(mail_file, "a"));
			_exit(0);
		}
		close(one);
	}
	_exit(0);
}

static void
mail_stop(void)
{
	kill(mail_pid, SIGKILL);
	waitpid(mail_pid, NULL, 0);
	unlink(mail_file);
}

/* What was said so far, which is forgotten then. */
static const char *
mail_said(void)
{
	static char text[256 * 1024];
	FILE *f = fopen(mail_file, "r");

	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	if (truncate(mail_file, 0) != 0)
		perror(mail_file);
	return text;
}

#endif
