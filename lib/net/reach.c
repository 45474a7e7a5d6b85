/*
 * reach.c - address classes and the shape of addresses. Pure.
 *
 * Sources: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its
 * updates), RFC 6052 (NAT64), RFC 9637 (documentation prefix). The answer given in http.c for
 * the address really connected to is what counts; reach_check_url() and reach_check_literal() only
 * spare people a pointless attempt.
 */
#include "net/reach.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/conf.h"

enum { URL_MAX = 10000 };

struct net4 {
	uint32_t net;
	unsigned len;
};

struct net6 {
	unsigned char net[16];
	unsigned len;
};

static const struct net4 refused4[] = {
	{ 0x00000000, 8 },  /* this network */
	{ 0x0a000000, 8 },  /* private */
	{ 0x64400000, 10 }, /* shared with carriers */
	{ 0x7f000000, 8 },  /* loopback */
	{ 0xa9fe0000, 16 }, /* link-local: cloud metadata lives here */
	{ 0xac100000, 12 }, /* private */
	{ 0xc0000000, 24 }, /* protocol assignments */
	{ 0xc0000200, 24 }, /* documentation */
	{ 0xc0586300, 24 }, /* 6to4 relays */
	{ 0xc0a80000, 16 }, /* private */
	{ 0xc6120000, 15 }, /* benchmarks */
	{ 0xc6336400, 24 }, /* documentation */
	{ 0xcb007100, 24 }, /* documentation */
	{ 0xe0000000, 4 },  /* multicast */
	{ 0xf0000000, 4 },  /* reserved, broadcast */
};

static const struct net6 global6 = { { 0x20 }, 3 };
static const struct net6 refused6[] = {
	/* protocol assignments: Teredo, ORCHID, benchmarks */
	{ { 0x20, 0x01 }, 23 }, { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02 }, 16 }, /* 6to4: hides an IPv4 address */
	{ { 0x3f, 0xff }, 20 }, /* documentation */
};

static const struct net6 mapped4 = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96 };
static const struct net6 nat64 = { { 0x00, 0x64, 0xff, 0x9b }, 96 };

static bool
reach_in4(uint32_t a, const struct net4 *n)
{
	return n->len == 0 || (a ^ n->net) >> (32 - n->len) == 0;
}

static bool
reach_in6(const unsigned char *a, const struct net6 *n)
{
	const unsigned whole = n->len / 8, rest = n->len % 8;

	if (memcmp(a, n->net, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ n->net[whole]) >> (8 - rest) == 0;
}

static uint32_t
reach_word4(const unsigned char *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* An address as we judge it: IPv4 in whatever dress, or IPv6. */
struct place {
	bool v4;
	uint32_t a4;
	unsigned char a6[16];
	int port;
};

static void
place_of6(struct place *p, const unsigned char *a)
{
	memcpy(p->a6, a, 16);
	p->v4 = reach_in6(a, &mapped4) || reach_in6(a, &nat64);
	if (p->v4)
		p->a4 = reach_word4(a + 12);
}

static bool
is_public(const struct place *p)
{
	if (p->v4) {
		for (size_t i = 0; i < sizeof refused4 / sizeof refused4[0]; i++)
			if (reach_in4(p->a4, &refused4[i]))
				return false;
		return true;
	}
	for (size_t i = 0; i < sizeof refused6 / sizeof refused6[0]; i++)
		if (reach_in6(p->a6, &refused6[i]))
			return false;
	return reach_in6(p->a6, &global6);
}

/* Below 1024 other services than the web live: a request there is a probe, or words put into a
 * mail server's mouth. */
static bool
is_web_port(int port)
{
	return port == 0 || port == 80 || port == 443 || port >= 1024;
}

/* One item of the list. */
struct allowed {
	bool v4;
	struct net4 n4;
	struct net6 n6;
	int port; /* 0: any */
};

static bool
parse_net(struct str s, struct allowed *out)
{
	char text[64];
	struct str len, addr = str_cut(s, '/', &len);
	unsigned char b[16];
	int64_t bits = -1;

	if (addr.n == 0 || addr.n >= sizeof text)
		return false;
	memcpy(text, addr.p, addr.n);
	text[addr.n] = '\0';
	if (inet_pton(AF_INET, text, b) == 1) {
		if (len.p && !str_i64(len, 0, 32, &bits))
			return false;
		out->v4 = true;
		out->n4 = (struct net4){ reach_word4(b), len.p ? (unsigned)bits : 32 };
		return true;
	}
	if (inet_pton(AF_INET6, text, b) != 1 || (len.p && !str_i64(len, 0, 128, &bits)))
		return false;
	out->v4 = false;
	memcpy(out->n6.net, b, 16);
	out->n6.len = len.p ? (unsigned)bits : 128;
	if (reach_in6(b, &mapped4) && out->n6.len >= 96) {
		out->v4 = true;
		out->n4 = (struct net4){ reach_word4(b + 12), out->n6.len - 96 };
	}
	return true;
}

/* "10.0.0.0/8", "10.0.0.1:80", "fd00::/8", "[::1]:80", "[fd00::/8]:80", "[fd00::]/8". */
static bool
parse_item(struct str s, struct allowed *out)
{
	const char *close, *colon;
	char text[96];
	struct str port = { NULL, 0 }, net = s;
	int64_t no = 0;

	if (s.n == 0 || s.n >= sizeof text)
		return false;
	if (s.p[0] == '[') {
		close = memchr(s.p, ']', s.n);
		if (!close)
			return false;
		struct str inner = { s.p + 1, (size_t)(close - s.p) - 1 };
		struct str rest = { close + 1, s.n - inner.n - 2 };
		if (!memchr(inner.p, ':', inner.n))
			return false;
		struct str bits = str_cut(rest, ':', &port);
		memcpy(text, inner.p, inner.n);
		memcpy(text + inner.n, bits.p, bits.n);
		if (bits.n > 0 && bits.p[0] != '/')
			return false;
		net = (struct str){ text, inner.n + bits.n };
	} else if ((colon = memchr(s.p, ':', s.n)) != NULL &&
	    !memchr(colon + 1, ':', s.n - (size_t)(colon - s.p) - 1))
		net = str_cut(s, ':', &port);
	if (port.p && !str_i64(port, 1, 65535, &no))
		return false;
	out->port = (int)no;
	return parse_net(net, out);
}

static bool
reach_covers(const struct allowed *a, const struct place *p)
{
	if (a->port != 0 && p->port != 0 && a->port != p->port)
		return false;
	if (a->v4)
		return p->v4 && reach_in4(p->a4, &a->n4);
	return reach_in6(p->a6, &a->n6) && !p->v4;
}

bool
reach_allows(const struct sockaddr *sa, socklen_t len, const char *allow_nets)
{
	struct place p = { 0 };
	struct str rest = str_c(allow_nets);
	struct allowed a;

	if (sa->sa_family == AF_INET && len >= (socklen_t)sizeof(struct sockaddr_in)) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof in);
		p.v4 = true;
		p.a4 = ntohl(in.sin_addr.s_addr);
		p.port = ntohs(in.sin_port);
	} else if (sa->sa_family == AF_INET6 && len >= (socklen_t)sizeof(struct sockaddr_in6)) {
		struct sockaddr_in6 in6_addr;
		memcpy(&in6_addr, sa, sizeof in6_addr);
		place_of6(&p, in6_addr.sin6_addr.s6_addr);
		p.port = ntohs(in6_addr.sin6_port);
	} else
		return false;
	if (is_public(&p) && is_web_port(p.port))
		return true;
	while (rest.p) {
		struct str item = str_trim(str_cut(rest, ',', &rest));
		if (parse_item(item, &a) && reach_covers(&a, &p))
			return true;
	}
	return false;
}

enum rc
reach_check_list(struct ctx *cx, const char *allow_nets)
{
	struct str rest = str_c(allow_nets);
	struct allowed a;

	while (rest.p) {
		struct str item = str_trim(str_cut(rest, ',', &rest));
		if (item.n > 0 && !parse_item(item, &a))
			return fail(cx, E_INPUT,
			    "\"%.*s\" is not a network. Write 10.0.0.0/8, 127.0.0.1:8080, fd00::/8 "
			    "or [::1]:8080, separated by commas.",
			    (int)(item.n < 60 ? item.n : 60), item.p);
	}
	return RC_OK;
}

static bool
host_ok(struct str host)
{
	for (size_t i = 0; i < host.n; i++) {
		const unsigned char c = (unsigned char)host.p[i];
		const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || c >= 0x80;

		if (!word && c != '-' && c != '.' && c != '_')
			return false;
	}
	return host.n > 0 && host.n <= 253 && host.p[0] != '.';
}

/* "host", "host:80", "[v6]", "[v6]:80". */
static bool
authority_ok(struct str s)
{
	struct str port = { NULL, 0 };
	char text[64];
	unsigned char b[16];
	int64_t no;

	if (s.n > 0 && s.p[0] == '[') {
		const char *close = memchr(s.p, ']', s.n);
		if (!close || (size_t)(close - s.p) > sizeof text)
			return false;
		struct str host = { s.p + 1, (size_t)(close - s.p) - 1 };
		struct str rest = { close + 1, s.n - (size_t)(close - s.p) - 1 };
		memcpy(text, host.p, host.n);
		text[host.n] = '\0';
		if (inet_pton(AF_INET6, text, b) != 1)
			return false;
		if (str_cut(rest, ':', &port).n > 0)
			return false;
	} else if (!host_ok(str_cut(s, ':', &port)))
		return false;
	return port.n == 0 || str_i64(port, 1, 65535, &no);
}

/* Of an http: or https: address. */
static struct str
reach_authority(const char *url)
{
	const char *from = strstr(url, "://") + 3;

	return (struct str){ from, strcspn(from, "/?#") };
}

enum rc
reach_check_url(struct ctx *cx, const char *url)
{
	struct str s = str_c(url);

	if (s.n > URL_MAX)
		return fail(cx, E_URL, "The address is longer than 10,000 characters.");
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f || s.p[i] == '\\')
			return fail(cx, E_URL,
			    "The address contains a space, a line break or another character that "
			    "does not belong there.");
	if (!str_utf8_ok(s))
		return fail(cx, E_URL, "The address is not valid text.");
	if (!str_istarts(s, "http://") && !str_istarts(s, "https://"))
		return fail(cx, E_URL, "The address must begin with http:// or https://.");
	s = reach_authority(url);
	if (memchr(s.p, '@', s.n) != NULL)
		return fail(cx, E_URL,
		    "The address contains a user name or password. Put credentials into the "
		    "Authorization setting instead.");
	if (!authority_ok(s))
		return fail(
		    cx, E_URL, "The address has no valid server name after http:// or https://.");
	return RC_OK;
}

enum rc
reach_blocked(struct ctx *cx, const char *host)
{
	return fail(cx, E_ADDRESS_BLOCKED,
	    "%s leads to a private network, or to a port that is not the web's, which Tidemark "
	    "does not reach unless its operator allows it.",
	    host);
}

/* A host of digits in whatever dress ("127.1", "0x7f000001"), or one in brackets, as curl would
 * connect to it. */
struct literal {
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	const struct sockaddr *is; /* NULL: it is a name */
	socklen_t size;
	char text[80];
};

static void
literal_read(struct literal *l, struct str host)
{
	char text[64];
	const bool brackets = host.p[0] == '[';
	const bool dot = host.n > 0 && host.p[host.n - 1] == '.';

	host.n -= dot;
	if (brackets)
		host = (struct str){ host.p + 1, host.n - 2 };
	if (host.n == 0 || host.n >= sizeof text)
		return;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	if (brackets && inet_pton(AF_INET6, text, &l->v6.sin6_addr) == 1) {
		inet_ntop(AF_INET6, &l->v6.sin6_addr, text, sizeof text);
		if (strlen(text) < host.n)
			host = str_c(text);
		snprintf(l->text, sizeof l->text, "[%.*s]", (int)host.n, host.p);
		l->is = (struct sockaddr *)&l->v6;
		l->size = sizeof l->v6;
	} else if (!brackets && inet_aton(text, &l->v4.sin_addr) == 1) {
		inet_ntop(AF_INET, &l->v4.sin_addr, text, sizeof text);
		snprintf(l->text, sizeof l->text, "%s%s", text, dot ? "." : "");
		l->is = (struct sockaddr *)&l->v4;
		l->size = sizeof l->v4;
	}
}

enum rc
reach_check_literal(struct ctx *cx, const char *url)
{
	struct literal l = { .v4 = { .sin_family = AF_INET }, .v6 = { .sin6_family = AF_INET6 } };
	struct str host = reach_authority(url), port = { NULL, 0 };
	const char *close = memchr(host.p, ']', host.n);
	int64_t no = str_istarts(str_c(url), "https:") ? 443 : 80;

	if (close) {
		const size_t n = (size_t)(close - host.p) + 1;

		(void)str_cut((struct str){ host.p + n, host.n - n }, ':', &port);
		host.n = n;
	} else
		host = str_cut(host, ':', &port);
	if (port.n > 0 && !str_i64(port, 1, 65535, &no))
		return RC_OK;
	literal_read(&l, host);
	l.v4.sin_port = l.v6.sin6_port = htons((uint16_t)no);
	if (!l.is || reach_allows(l.is, l.size, conf_str(CONF_ALLOW_NETS)))
		return RC_OK;
	return reach_blocked(cx, l.text);
}
