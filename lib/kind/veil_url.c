/*
 * veil_url.c - see veil_url.h. An address is walked piece by piece: the server, each segment of
 * the path, each name and value of the query, and the fragment.
 */
#include "kind/veil_url.h"

#include "base/buf.h"
#include "base/pct.h"
#include "kind/veil.h"

/* VEILED_MAX: an address of 2,000 bytes, each other one of which were a secret. */
enum { VEILED_MAX = 16 * 1024, DRAWN_MIN = 16, DRAWN_CHANGES = 5, UUID_BYTES = 36 };

/* One piece of an address. */
struct url_piece {
	enum { URL_REST, URL_SEGMENT, URL_VALUE } kind; /* URL_REST: nothing of it is secret */
	bool open;                                      /* no secret, whatever it looks like */
	struct str before; /* the segment before it, or the name of the value */
	struct str text;
};

struct url_walk {
	struct str rest;
	struct str before;
	enum { AT_HEAD, AT_PATH, AT_NAME, AT_VALUE } at;
	bool sheets; /* at Google's, whose paths name documents */
};

static struct url_walk
url_walk(const char *url)
{
	return (struct url_walk){ .rest = str_c(url) };
}

static void
url_take(struct url_walk *w, size_t n, struct url_piece *out)
{
	out->text = (struct str){ w->rest.p, n };
	w->rest = (struct str){ w->rest.p + n, w->rest.n - n };
}

static size_t
url_span(struct str s, const char *ends)
{
	size_t n = 0;

	while (n < s.n && !memchr(ends, s.p[n], strlen(ends)))
		n++;
	return n;
}

/* "https://host", with nothing behind it; empty for a reference. */
static void
url_head(struct url_walk *w, struct url_piece *out)
{
	const size_t scheme = url_span(w->rest, "/?#");
	size_t n = 0;

	if (scheme > 0 && scheme + 1 < w->rest.n && w->rest.p[scheme - 1] == ':' &&
	    w->rest.p[scheme] == '/' && w->rest.p[scheme + 1] == '/') {
		n = scheme + 2;
		n += url_span((struct str){ w->rest.p + n, w->rest.n - n }, "/?#");
	}
	url_take(w, n, out);
	w->sheets = str_ieq(out->text, STR("https://docs.google.com"));
	w->at = AT_PATH;
}

/* The next piece, separators being pieces of their own. */
static bool
url_next(struct url_walk *w, struct url_piece *out)
{
	static const char *const ends[] = {
		[AT_PATH] = "/?#", [AT_NAME] = "=&#;", [AT_VALUE] = "&#;"
	};
	const int at = (int)w->at;

	*out = (struct url_piece){ .kind = URL_REST };
	if (w->rest.n == 0)
		return false;
	if (at == AT_HEAD) {
		url_head(w, out);
		return true;
	}
	if (w->rest.p[0] == '#') {
		url_take(w, w->rest.n, out);
		return true;
	}
	if (memchr(ends[at], w->rest.p[0], strlen(ends[at]))) {
		if (at == AT_PATH)
			w->at = w->rest.p[0] == '?' ? AT_NAME : AT_PATH;
		else
			w->at = at == AT_NAME && w->rest.p[0] == '=' ? AT_VALUE : AT_NAME;
		url_take(w, 1, out);
		return true;
	}
	url_take(w, url_span(w->rest, ends[at]), out);
	out->before = w->before;
	w->before = out->text;
	out->open = at == AT_PATH && w->sheets;
	if (at == AT_PATH)
		out->kind = URL_SEGMENT;
	else if (at == AT_VALUE)
		out->kind = URL_VALUE;
	return true;
}

/*
 * What is secret.
 */

/* Decoded, in lower case; what cannot be decoded as it is. */
static struct str
url_plain(struct arena *a, struct str s)
{
	char *text;

	if (!url_decode(a, s, true, &text))
		text = arena_dup_str(a, s);
	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return str_c(text);
}

static bool
url_name_tells(struct str name)
{
	static const char *const ends[] = { "key", "token", "secret", "password", "passwd", "pwd",
		"signature", "credential", "credentials", "auth", "authorization", "jwt" };
	static const char *const words[] = { "sig", "pass", "pw", "pin", "sid", "session",
		"sessionid", "pat", "sas", "hash", "bearer", "k" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (str_ends(name, ends[i]))
			return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(name, words[i]))
			return true;
	return false;
}

static bool
url_segment_tells(struct str before, struct str text)
{
	static const char *const prefixes[] = { "private-", "secret-", "token-", "key-" };

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (str_starts(text, prefixes[i]) && text.n > strlen(prefixes[i]))
			return true;
	return str_is(before, "key") || str_is(before, "apikey") || str_is(before, "api_key") ||
	    str_is(before, "token") || str_is(before, "secret");
}

static int
url_class(char c)
{
	if (c >= '0' && c <= '9')
		return 1;
	if (c >= 'a' && c <= 'z')
		return 2;
	return c >= 'A' && c <= 'Z' ? 3 : 0;
}

/* How often letters and digits alternate, and small letters become capitals: a word does so at its
 * ends, what is drawn by lot at every second or third character. */
static bool
url_drawn(struct str s)
{
	size_t changes = 0;
	bool digits = false;

	for (size_t i = 0; i < s.n; i++) {
		const int now = url_class(s.p[i]), was = i ? url_class(s.p[i - 1]) : 0;

		digits |= now == 1;
		changes += now && was && (now == 1) != (was == 1);
		changes += was == 2 && now == 3;
	}
	return s.n >= DRAWN_MIN && changes >= DRAWN_CHANGES && changes * (digits ? 5 : 4) >= s.n;
}

static bool
url_is_uuid(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23
			? s.p[i] != '-'
			: !strchr("0123456789abcdefABCDEF", s.p[i]))
			return false;
	return s.n == UUID_BYTES;
}

/* Data that is open to all is named by UUIDs as well. */
static bool
url_uuid_tells(const struct url_piece *p, struct str before)
{
	static const char *const words[] = { "hook", "hooks", "webhook", "webhooks", "private",
		"feed", "ical", "ics", "calendar", "share", "shared" };

	if (p->kind == URL_VALUE)
		return !str_ends(before, "id");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(before, words[i]))
			return true;
	return false;
}

static bool
url_is_veil(struct str s)
{
	return str_is(s, VEIL) || str_ieq(s, STR("%28stored%29"));
}

static bool
url_secret(struct arena *a, const struct url_piece *p)
{
	const struct str before = url_plain(a, p->before);
	char *text;

	if (p->kind == URL_REST || p->open || p->text.n == 0)
		return false;
	if (url_is_veil(p->text))
		return true;
	if (!url_decode(a, p->text, p->kind == URL_VALUE, &text))
		text = arena_dup_str(a, p->text);
	if (p->kind == URL_VALUE ? url_name_tells(before)
				 : url_segment_tells(before, url_plain(a, p->text)))
		return true;
	if (url_is_uuid(str_c(text)))
		return url_uuid_tells(p, before);
	return url_drawn(str_c(text));
}

/*
 * Veiling and filling.
 */

static void
url_put(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

const char *
veil_url(struct arena *a, const char *url)
{
	struct url_walk w = url_walk(url);
	struct buf *b = buf_in(a, VEILED_MAX);
	struct url_piece p;
	bool any = false;

	while (url_next(&w, &p)) {
		const bool secret = url_secret(a, &p);

		any |= secret;
		url_put(b, secret ? STR(VEIL) : p.text);
	}
	return any ? buf_c(b) : url;
}

bool
veil_url_veiled(const char *url)
{
	struct url_walk w = url_walk(url);
	struct url_piece p;

	while (url_next(&w, &p))
		if (p.kind != URL_REST && url_is_veil(p.text))
			return true;
	return false;
}

const char *
veil_url_parts(struct arena *a, const char *url)
{
	struct buf *path = buf_in(a, VEILED_MAX), *query = buf_in(a, VEILED_MAX);
	struct url_walk w = url_walk(url);
	struct url_piece p;

	while (url_next(&w, &p)) {
		if (!url_secret(a, &p) || url_is_veil(p.text))
			continue;
		if (p.kind == URL_SEGMENT) {
			buf_ch(path, '/');
			url_put(path, p.text);
			continue;
		}
		buf_ch(query, query->n ? '&' : '?');
		url_put(query, p.before);
		buf_ch(query, '=');
		url_put(query, p.text);
	}
	buf_str(path, buf_c(query));
	return path->n ? buf_c(path) : NULL;
}

/* The nth value of this name among the parts, or the nth segment; {NULL, 0}: there is none. */
static struct str
url_part(const char *parts, const struct url_piece *like, size_t nth)
{
	struct url_walk w = url_walk(parts);
	struct url_piece p;

	while (url_next(&w, &p)) {
		if (p.kind != like->kind ||
		    (p.kind == URL_VALUE && !str_eq(p.before, like->before)))
			continue;
		if (nth-- == 0)
			return p.text;
	}
	return (struct str){ NULL, 0 };
}

/* How many of its like are veiled before it? */
static size_t
url_rank(const char *url, const struct url_piece *like)
{
	struct url_walk w = url_walk(url);
	struct url_piece p;
	size_t n = 0;

	while (url_next(&w, &p) && p.text.p != like->text.p)
		n += p.kind == like->kind && url_is_veil(p.text) &&
		    (p.kind != URL_VALUE || str_eq(p.before, like->before));
	return n;
}

const char *
veil_url_fill(struct arena *a, const char *url, const char *parts, const char **missing)
{
	struct url_walk w = url_walk(url);
	struct buf *b = buf_in(a, VEILED_MAX);
	struct url_piece p;

	*missing = NULL;
	while (url_next(&w, &p)) {
		struct str text = p.text;

		if (p.kind != URL_REST && url_is_veil(text))
			text = url_part(parts, &p, url_rank(url, &p));
		if (!text.p) {
			*missing = p.kind == URL_VALUE ? arena_dup_str(a, p.before)
						       : "the hidden part of the path";
			return NULL;
		}
		url_put(b, text);
	}
	return buf_c(b);
}

/* Is it one of the parts? */
static bool
url_is_part(const char *parts, const struct url_piece *p)
{
	struct str part;

	for (size_t i = 0; p->kind != URL_REST && (part = url_part(parts, p, i)).p; i++)
		if (str_eq(part, p->text))
			return true;
	return false;
}

const char *
veil_url_like(struct arena *a, const char *url, const char *parts)
{
	struct url_walk w = url_walk(url);
	struct buf *b = buf_in(a, VEILED_MAX);
	const char *veiled, *back, *missing;
	struct url_piece p;

	while (url_next(&w, &p))
		url_put(b, url_is_part(parts, &p) ? STR(VEIL) : p.text);
	veiled = buf_c(b);
	back = veil_url_fill(a, veiled, parts, &missing);
	return back && !strcmp(back, url) ? veiled : url;
}

const char *
veil_url_name(struct arena *a, const char *url)
{
	struct str last = { NULL, 0 }, host = { NULL, 0 };
	struct url_walk w = url_walk(url);
	struct url_piece p;
	const char *sep;

	while (w.at != AT_NAME && url_next(&w, &p)) {
		if (p.kind == URL_SEGMENT)
			last = url_secret(a, &p) ? (struct str){ NULL, 0 } : p.text;
		else if ((sep = memmem(p.text.p, p.text.n, "://", 3)))
			host = (struct str){ sep + 3, p.text.n - (size_t)(sep + 3 - p.text.p) };
	}
	return arena_dup_str(a, last.p ? last : host);
}
