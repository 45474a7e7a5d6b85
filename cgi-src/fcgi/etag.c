/*
 * etag.c - see etag.h.
 */
#include "fcgi/etag.h"

#include <inttypes.h>

#include "base/hash.h"

/* The next of a list, without the mark of a weak one: nginx weakens the tag of what it compresses.
 */
static struct str
tag_next(struct str *rest)
{
	struct str one = str_trim(str_cut(*rest, ',', rest));

	return str_starts(one, "W/") ? (struct str){ one.p + 2, one.n - 2 } : one;
}

static bool
tag_listed(const char *list, const char *tag)
{
	struct str rest = str_c(list), one;

	while (rest.p && rest.n) {
		one = tag_next(&rest);
		if (str_is(one, "*") || str_is(one, tag))
			return true;
	}
	return false;
}

void
etag_answer(struct req *r, struct resp *w)
{
	unsigned char sum[SHA256_LEN];
	char hex[SHA256_HEX];
	const char *tag;

	hash_sha256(w->state ? str_c(w->state) : buf_s(w->body), sum);
	hex_encode(sum, 16, hex);
	tag = w->rev ? arena_printf(r->cx->a, "\"%" PRId64 "-%s\"", w->rev, hex)
		     : arena_printf(r->cx->a, "\"%s\"", hex);
	resp_header(w, "ETag", tag);
	if (tag_listed(req_header(r, "if-none-match"), tag)) {
		w->status = 304;
		w->type = NULL;
		w->stream = NULL;
		buf_clear(w->body);
	}
}

void
etag_revision(struct req *r, struct resp *w, int64_t rev)
{
	resp_header(w, "ETag", arena_printf(r->cx->a, "\"%" PRId64 "\"", rev));
}

enum rc
etag_match(struct req *r, int64_t rev, int64_t *held)
{
	const char *list = req_header(r, "if-match");
	const char *whole = arena_printf(r->cx->a, "\"%" PRId64 "\"", rev);
	const char *begin = arena_printf(r->cx->a, "\"%" PRId64 "-", rev);
	struct str rest = str_c(list), one;

	*held = 0;
	if (!list)
		return RC_OK;
	while (rest.p && rest.n) {
		one = tag_next(&rest);
		if (str_is(one, "*"))
			return RC_OK;
		*held = str_is(one, whole) || str_starts(one, begin) ? rev : *held;
	}
	return *held ? RC_OK : fail(r->cx, E_STALE, NULL);
}
