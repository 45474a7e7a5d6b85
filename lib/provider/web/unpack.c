/*
 * unpack.c - see unpack.h. ZIP is read from its front, by the headers before its entries (APPNOTE
 * 6.3): its directory stands at the end, where a stream learns of it too late.
 */
#include "provider/web/unpack.h"

#include "base/conf.h"
#include "base/inflate.h"

enum {
	UNPACK_BYTES = 32 * 1024,
	LOOK_BYTES = 1024,
	GZIP_LEAST = 18, /* head and tail of an empty one */
	ENTRY_HEAD = 30,
	STORED = 0,
	DEFLATED = 8
};

/* Bits of an entry's flags. */
enum { ZIP_SECRET = 1, ZIP_DESCRIBED = 8 };

struct entry {
	int method, flags;
	uint32_t want, sum; /* checksums: promised, and so far */
	int64_t left;       /* STORED: bytes that are still to come */
	bool ours;          /* the file that is read; others are passed over */
};

struct unpack {
	struct page_in page; /* what is handed out */
	struct page_in in;
	bool zip;
	struct inflate *packed;
	bool inside; /* of a packed text, or of an entry */
	bool over;
	bool given; /* a file has begun to come out */
	struct entry entry;
	int64_t total;
	bool ended; /* nothing more comes from in */
	size_t at, n;
	char raw[UNPACK_BYTES];
};

static enum rc
unpack_fail(struct ctx *cx, const char *why)
{
	return fail(cx, E_ARCHIVE, "%s", why);
}

/* At least so many bytes in raw, unless the page ends before. */
static enum rc
unpack_need(struct ctx *cx, struct unpack *u, size_t least)
{
	size_t got;

	if (u->n - u->at >= least)
		return RC_OK;
	memmove(u->raw, u->raw + u->at, u->n - u->at);
	u->n -= u->at;
	u->at = 0;
	while (!u->ended && u->n < least) {
		TRY(u->in.read(cx, u->in.arg, u->raw + u->n, sizeof u->raw - u->n, &got));
		u->n += got;
		u->ended = got == 0;
	}
	return RC_OK;
}

static uint32_t
le(const char *p, int bytes)
{
	uint32_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | (unsigned char)p[bytes];
	return v;
}

/* The page ends in the middle of something. */
static enum rc
unpack_torn(struct ctx *cx, struct unpack *u)
{
	u->over = true;
	return u->in.cut ? RC_OK
			 : fail(cx, E_ARCHIVE, "The packed file breaks off before its end.");
}

/* What systems put beside a file. */
static bool
entry_is_litter(struct str name)
{
	return str_ends(name, "/") || str_starts(name, "__MACOSX/") || str_ends(name, ".DS_Store");
}

static bool
entry_is_office(struct str name)
{
	return str_is(name, "[Content_Types].xml") || str_is(name, "mimetype") ||
	    str_starts(name, "_rels/") || str_starts(name, "xl/") || str_starts(name, "docProps/");
}

static enum rc
entry_open(struct ctx *cx, struct unpack *u, struct str name)
{
	struct entry *e = &u->entry;

	e->ours = !entry_is_litter(name);
	if (entry_is_office(name))
		return unpack_fail(cx,
		    "The address gives an Excel workbook or another office document. Export the "
		    "table as CSV, or connect it as a Google Sheet.");
	if (e->ours && u->given)
		return unpack_fail(cx,
		    "The ZIP archive holds more than one file. Pack the one that is to be read.");
	if (e->flags & ZIP_SECRET)
		return unpack_fail(cx, "The ZIP archive is encrypted.");
	if (e->method != DEFLATED && (e->method != STORED || (e->flags & ZIP_DESCRIBED)))
		return unpack_fail(cx, "The ZIP archive is packed in a way that is not usual.");
	u->given = u->given || e->ours;
	u->inside = true;
	inflate_again(u->packed);
	return RC_OK;
}

/* In front of an entry, or of the directory behind them. */
static enum rc
entry_next(struct ctx *cx, struct unpack *u)
{
	const char *p;
	size_t name, extra;

	TRY(unpack_need(cx, u, ENTRY_HEAD));
	p = u->raw + u->at;
	if (u->n - u->at < 4)
		return unpack_torn(cx, u);
	if (memcmp(p, "PK\003\004", 4) != 0) {
		u->over = true;
		return u->given ? RC_OK : unpack_fail(cx, "The ZIP archive holds no file.");
	}
	if (u->n - u->at < ENTRY_HEAD)
		return unpack_torn(cx, u);
	u->entry = (struct entry){
		.flags = (int)le(p + 6, 2),
		.method = (int)le(p + 8, 2),
		.want = le(p + 14, 4),
		.left = le(p + 18, 4),
	};
	name = le(p + 26, 2);
	extra = le(p + 28, 2);
	if (name > UNPACK_BYTES / 4)
		return unpack_fail(cx, "The ZIP archive is damaged.");
	TRY(unpack_need(cx, u, ENTRY_HEAD + name));
	if (u->n - u->at < ENTRY_HEAD + name)
		return unpack_torn(cx, u);
	TRY(entry_open(cx, u, (struct str){ u->raw + u->at + ENTRY_HEAD, name }));
	u->at += ENTRY_HEAD + name;
	while (extra > 0) {
		const size_t step = extra < UNPACK_BYTES / 2 ? extra : UNPACK_BYTES / 2;

		TRY(unpack_need(cx, u, step));
		if (u->n - u->at < step)
			return unpack_torn(cx, u);
		u->at += step;
		extra -= step;
	}
	return RC_OK;
}

/* The checksum and sizes behind an entry whose head did not know them: with or without a mark,
 * sizes of 4 or 8 bytes. What follows begins with "PK". */
static enum rc
entry_described(struct ctx *cx, struct unpack *u)
{
	static const size_t lengths[] = { 16, 24, 12, 20 };
	const char *p;

	TRY(unpack_need(cx, u, 24 + 2));
	p = u->raw + u->at;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		const bool marked = i < 2;

		if (u->n - u->at < lengths[i] + 2 || memcmp(p + lengths[i], "PK", 2) != 0 ||
		    marked != !memcmp(p, "PK\007\010", 4))
			continue;
		u->entry.want = le(p + (marked ? 4 : 0), 4);
		u->at += lengths[i];
		return RC_OK;
	}
	return u->in.cut ? unpack_torn(cx, u) : unpack_fail(cx, "The ZIP archive is damaged.");
}

static enum rc
entry_end(struct ctx *cx, struct unpack *u)
{
	u->inside = false;
	if (u->entry.flags & ZIP_DESCRIBED)
		TRY(entry_described(cx, u));
	if (u->over || u->entry.want == u->entry.sum)
		return RC_OK;
	return unpack_fail(cx, "The ZIP archive is damaged: its checksum is wrong.");
}

static enum rc
entry_stored(struct unpack *u, char *buf, size_t cap, size_t *got, bool *end)
{
	size_t n = u->n - u->at;

	n = n < cap ? n : cap;
	n = (int64_t)n < u->entry.left ? n : (size_t)u->entry.left;
	memcpy(buf, u->raw + u->at, n);
	u->at += n;
	u->entry.left -= (int64_t)n;
	*got = n;
	*end = u->entry.left == 0;
	return RC_OK;
}

static enum rc
unpack_inflate(struct ctx *cx, struct unpack *u, char *buf, size_t cap, size_t *got, bool *end)
{
	struct str in = { u->raw + u->at, u->n - u->at };
	const enum inflate_state state = inflate_take(u->packed, &in, buf, cap, got);

	u->at = u->n - in.n;
	*end = state == INFLATE_END;
	/* What came before goes out first, however the bytes came in. */
	return state == INFLATE_BROKEN && *got == 0 ? unpack_fail(cx, "The packed file is damaged.")
						    : RC_OK;
}

/* More of what is packed here; *got may be 0 before its end. */
static enum rc
unpack_some(struct ctx *cx, struct unpack *u, char *buf, size_t cap, size_t *got)
{
	const bool stored = u->zip && u->entry.method == STORED;
	bool end;

	TRY(unpack_need(cx, u, 1));
	const bool dry = u->at == u->n && u->ended;

	TRY(stored ? entry_stored(u, buf, cap, got, &end)
		   : unpack_inflate(cx, u, buf, cap, got, &end));
	if (u->zip)
		u->entry.sum = inflate_crc32(u->entry.sum, (struct str){ buf, *got });
	if (end && u->zip)
		TRY(entry_end(cx, u));
	else if (end)
		u->inside = false;
	else if (dry && *got == 0)
		return unpack_torn(cx, u);
	return RC_OK;
}

/* Between two packed texts: there may be more of them, one behind the other. */
static enum rc
unpack_next(struct ctx *cx, struct unpack *u)
{
	if (u->zip)
		return entry_next(cx, u);
	TRY(unpack_need(cx, u, 2));
	u->over = u->n - u->at < 2 || memcmp(u->raw + u->at, "\x1f\x8b", 2) != 0;
	u->inside = !u->over;
	inflate_again(u->packed);
	return RC_OK;
}

static enum rc
unpack_read(struct ctx *cx, void *arg, char *buf, size_t cap, size_t *got)
{
	struct unpack *u = arg;
	const int64_t max = conf_int(CONF_MAX_SOURCE_MB) * 1024 * 1024;

	for (*got = 0; *got == 0 && !u->over;) {
		if (!u->inside) {
			TRY(unpack_next(cx, u));
			continue;
		}
		TRY(unpack_some(cx, u, buf, cap, got));
		u->total += (int64_t)*got;
		if (u->total > max)
			return fail(cx, E_SOURCE_TOO_LARGE,
			    "What is packed in the file is larger than the %lld MB that are "
			    "allowed.",
			    (long long)conf_int(CONF_MAX_SOURCE_MB));
		if (u->zip && !u->entry.ours)
			*got = 0;
	}
	return RC_OK;
}

static enum rc
unpack_restart(struct ctx *cx, void *arg)
{
	struct unpack *u = arg;

	u->inside = u->over = u->given = u->ended = false;
	u->total = 0;
	u->at = u->n = 0;
	inflate_again(u->packed);
	return u->in.restart(cx, u->in.arg);
}

enum rc
unpack_open(struct ctx *cx, struct page_in *in, struct page_in **out)
{
	char look[LOOK_BYTES];
	size_t n = 0, got;

	*out = in;
	do {
		TRY(in->read(cx, in->arg, look + n, sizeof look - n, &got));
		n += got;
	} while (got > 0 && n < sizeof look);
	TRY(in->restart(cx, in->arg));
	const bool zip = n >= ENTRY_HEAD && !memcmp(look, "PK\003\004", 4);

	if (!zip && (n < GZIP_LEAST || memcmp(look, "\x1f\x8b\x08", 3) != 0))
		return RC_OK;
	struct unpack *u = arena_alloc(cx->a, sizeof *u);

	*u = (struct unpack){
		.page = *in,
		.in = *in,
		.zip = zip,
		.packed = inflate_new(cx->a, zip ? INFLATE_BARE : INFLATE_GZIP),
	};
	u->page.read = unpack_read;
	u->page.restart = unpack_restart;
	u->page.arg = u;
	*out = &u->page;
	return RC_OK;
}
