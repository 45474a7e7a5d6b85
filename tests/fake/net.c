/*
 * net.c - an internet of our own for programs that run with it preloaded: names come from a file,
 *and connections go to two ports of the loopback.
 *
 *	FAKE_NAMES   file of lines "name address address ...": each look-up of the name gets the
 *next address, the last stays; "a,b" is one answer of two FAKE_COUNTS  directory that remembers,
 *over all processes, how often a name was looked up FAKE_PUBLIC  the address that stands for the
 *public internet, and FAKE_PUBLIC_PORT, where a connection to it really goes FAKE_TRAP_PORT  where
 *a connection to any other address goes: whoever listens there sees what should have been refused;
 *not set: where it was going FAKE_CA      the only authority whose certificates are trusted, in
 *place of the system's
 *
 * Numeric hosts are left to the C library; every other name does not exist. So no test asks a real
 *name server.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int getaddrinfo_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);
typedef int connect_fn(int, const struct sockaddr *, socklen_t);

/* How often the name was looked up before. */
static long
count_of(const char *name)
{
	char path[400];
	struct stat st = { 0 };
	int fd;

	snprintf(path, sizeof path, "%s/%.250s", getenv("FAKE_COUNTS"), name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return 0;
	fstat(fd, &st);
	if (write(fd, ".", 1) != 1)
		st.st_size = 0;
	close(fd);
	return (long)st.st_size;
}

/* The answer for a name: "1.2.3.4" or "1.2.3.4,::1"; false when it has none. */
static int
address_of(const char *name, char out[200])
{
	FILE *f = getenv("FAKE_NAMES") ? fopen(getenv("FAKE_NAMES"), "re") : NULL;
	char line[1000], *word, *rest;
	size_t n = strlen(name);

	if (n && name[n - 1] == '.')
		n--;
	out[0] = '\0';
	while (f && fgets(line, sizeof line, f)) {
		word = strtok_r(line, " \n", &rest);
		if (!word || strlen(word) != n || strncasecmp(word, name, n) != 0)
			continue;
		for (long left = count_of(word); left >= 0 && (word = strtok_r(NULL, " \n", &rest));
		     left--)
			snprintf(out, 200, "%s", word);
		break;
	}
	if (f)
		fclose(f);
	return out[0] != '\0';
}

int
getaddrinfo(
    const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
	getaddrinfo_fn *real = (getaddrinfo_fn *)dlsym(RTLD_NEXT, "getaddrinfo");
	struct addrinfo numeric = hints ? *hints : (struct addrinfo){ 0 }, **end = res;
	char text[200], *rest, *one;
	int e = 0;

	numeric.ai_flags |= AI_NUMERICHOST;
	numeric.ai_family = AF_UNSPEC;
	if (!node || real(node, service, &numeric, res) == 0)
		return node ? 0 : real(node, service, hints, res);
	if (!address_of(node, text))
		return EAI_NONAME;
	*res = NULL;
	for (one = strtok_r(text, ",", &rest); one && e == 0; one = strtok_r(NULL, ",", &rest)) {
		e = real(one, service, &numeric, end);
		while (e == 0 && *end)
			end = &(*end)->ai_next;
	}
	return e;
}

int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	connect_fn *real = (connect_fn *)dlsym(RTLD_NEXT, "connect");
	struct sockaddr_in there = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct in_addr public;
	int flags, plain;

	if ((to->sa_family != AF_INET && to->sa_family != AF_INET6) || !getenv("FAKE_TRAP_PORT"))
		return real(fd, to, len);
	inet_pton(AF_INET, getenv("FAKE_PUBLIC"), &public);
	if (to->sa_family == AF_INET &&
	    memcmp(&((const struct sockaddr_in *)(const void *)to)->sin_addr, &public,
		sizeof public) == 0)
		there.sin_port = htons((unsigned short)atoi(getenv("FAKE_PUBLIC_PORT")));
	else
		there.sin_port = htons((unsigned short)atoi(getenv("FAKE_TRAP_PORT")));
	if (to->sa_family == AF_INET6) {
		/* The machine may have no IPv6 at all: the descriptor becomes a socket of the other
		 * family. */
		flags = fcntl(fd, F_GETFL);
		plain = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (plain < 0 || dup3(plain, fd, O_CLOEXEC) < 0)
			return -1;
		close(plain);
		fcntl(fd, F_SETFL, flags);
	}
	return real(fd, (const struct sockaddr *)&there, sizeof there);
}

/* Without IPv6 in the kernel a socket of that family could not even be made. */
int
socket(int family, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	int fd = real(family, type, protocol);

	if (fd < 0 && family == AF_INET6 && errno == EAFNOSUPPORT)
		fd = real(AF_INET, type, protocol);
	return fd;
}

/* libcurl takes the system's authorities by these. */
int
X509_STORE_load_file(void *store, const char *file)
{
	int (*real)(void *, const char *) = (int (*)(void *, const char *))dlsym(
	    RTLD_NEXT, "X509_STORE_load_file");

	return real(store, getenv("FAKE_CA") ? getenv("FAKE_CA") : file);
}

int
X509_STORE_load_path(void *store, const char *path)
{
	int (*real)(void *, const char *) = (int (*)(void *, const char *))dlsym(
	    RTLD_NEXT, "X509_STORE_load_path");

	return getenv("FAKE_CA") ? 1 : real(store, path);
}
