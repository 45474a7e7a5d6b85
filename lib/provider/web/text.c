/*
 * text.c - detection and conversion of encodings; iconv does the work for everything but UTF-8.
 */
#include "provider/web/text.h"

#include <errno.h>
#include <iconv.h>

#include "base/utf8.h"
#include "provider/web/charset.h"
#include "provider/web/known.h"
#include "provider/web/unpack.h"
#include "provider/web/url.h"

enum {
	RAW_BYTES = 64 * 1024,
	OUT_BYTES = 4 * RAW_BYTES, /* no encoding we read grows more than this in UTF-8 */
	TAIL_MAX = 16,             /* an unfinished character carried to the next read */
	ZEROS_MAX = 100            /* more zero bytes are no accident */
};

static const char replacement[] = "\xef\xbf\xbd";

struct text {
	struct page_in *in;
	struct sink *sink;
	bool choosable;   /* there is a setting for the encoding */
	bool convert;     /* through iconv, or to repair broken UTF-8 */
	iconv_t cd;       /* (iconv_t)-1: UTF-8 */
	size_t bom;       /* bytes to leave out at the beginning */
	size_t tail;      /* bytes of an unfinished character at the start of raw */
	const char *wide; /* it looks like UTF-16: its label */
	bool ended;
	int64_t lost, first_lost;  /* bytes that are no letter of the encoding; line of the first */
	int64_t zeros, first_zero; /* shown as U+FFFD so far; the line of the first */
	int64_t total;             /* that was converted so far */
	char raw[RAW_BYTES];
	char out[OUT_BYTES];
};

/* What one pass over the bytes finds. */
struct survey {
	int64_t good, bad; /* characters beyond ASCII, and bytes that are no UTF-8 */
	int64_t first_bad; /* offset, -1: none */
	int64_t zeros;
	int64_t total;
};

static void
close_text(void *p)
{
	struct text *t = p;

	if (t->cd != (iconv_t)-1)
		iconv_close(t->cd);
}

/* How many bytes from the start are ASCII, by words of eight. */
static size_t
ascii_run(const unsigned char *p, size_t n)
{
	size_t i = 0;
	uint64_t w[4];

	for (; i + sizeof w <= n; i += sizeof w) {
		memcpy(w, p + i, sizeof w);
		if ((w[0] | w[1] | w[2] | w[3]) & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

static int64_t
zeros_in(struct str s)
{
	int64_t n = 0;

	for (const char *p = s.p, *end = s.p + s.n;
	     (p = memchr(p, '\0', (size_t)(end - p))) != NULL; p++)
		n++;
	return n;
}

static enum rc
survey_page(struct ctx *cx, struct text *t, struct survey *s)
{
	size_t tail = 0, got;

	*s = (struct survey){ .first_bad = -1 };
	do {
		TRY(t->in->read(cx, t->in->arg, t->raw + tail, sizeof t->raw - tail, &got));
		const unsigned char *p = (const unsigned char *)t->raw;
		const size_t n = tail + got;
		size_t i = 0;

		while (i < n) {
			i += ascii_run(p + i, n - i);
			if (i == n)
				break;
			int len = utf8_char((const char *)p + i, n - i);
			if (len < 0 && got > 0)
				break;
			if (len < 0 && t->in->cut) {
				i = n;
				break;
			}
			if (len <= 0) {
				if (s->bad++ == 0)
					s->first_bad = s->total + (int64_t)i;
				len = 1;
			} else
				s->good++;
			i += (size_t)len;
		}
		tail = n - i;
		s->zeros += zeros_in((struct str){ t->raw, i });
		memmove(t->raw, t->raw + i, tail);
		s->total += (int64_t)i;
	} while (got > 0);
	return t->in->restart(cx, t->in->arg);
}

static enum rc
line_at(struct ctx *cx, struct text *t, int64_t offset, int64_t *line)
{
	int64_t done = 0;
	size_t got = 1;

	*line = 1;
	while (done < offset && got > 0) {
		const int64_t left = offset - done;
		TRY(t->in->read(
		    cx, t->in->arg, t->raw, left < RAW_BYTES ? (size_t)left : RAW_BYTES, &got));
		for (const char *p = t->raw, *end = t->raw + got;
		     (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
			++*line;
		done += (int64_t)got;
	}
	return t->in->restart(cx, t->in->arg);
}

/* One zero byte in a text is an accident; many are another encoding, or no text. */
static enum rc
zeros_judge(struct ctx *cx, const struct text *t, int64_t zeros, int64_t total)
{
	if (zeros <= ZEROS_MAX && (zeros <= 1 || zeros * 16 <= total))
		return RC_OK;
	return fail(cx, E_ENCODING,
	    "The file contains zero bytes, so it is not plain text in UTF-8 or a Western "
	    "encoding. %s",
	    t->choosable ? "If it is UTF-16, choose that encoding in the settings; otherwise "
			   "export it again in UTF-8."
			 : "Export it again in UTF-8.");
}

static enum rc
refuse_binary(struct ctx *cx, struct str head)
{
	static const struct {
		const char *magic;
		size_t n;
		const char *what;
	} kinds[] = {
		{ "PK\003\004", 4, "an Excel workbook or a ZIP archive" },
		{ "\xd0\xcf\x11\xe0", 4, "an old Excel or Office file" },
		{ "\x1f\x8b", 2, "a gzip archive" },
		{ "%PDF-", 5, "a PDF document" },
		{ "SQLite format 3", 15, "a database" },
		{ "\x28\xb5\x2f\xfd", 4, "a Zstandard archive" },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (head.n >= kinds[i].n && memcmp(head.p, kinds[i].magic, kinds[i].n) == 0)
			return fail(cx, E_ENCODING,
			    "The address gives %s, not a text file. Export the data as plain "
			    "text and use that address.",
			    kinds[i].what);
	return RC_OK;
}

/* UTF-16 without a mark: digits and separators are Latin, so zeros stand on one side. */
static const char *
utf16_side(struct str head)
{
	size_t zeros[2] = { 0, 0 };

	for (size_t i = 0; i < head.n; i++)
		zeros[i & 1] += head.p[i] == '\0';
	return zeros[0] > zeros[1] ? "utf-16be" : "utf-16le";
}

/* Is it that without being called so? Then a quarter of its characters at least is Latin, and no
 * zero stands on the other side. NULL: no. */
static const char *
utf16_seen(struct str head)
{
	const char *side = utf16_side(head);
	const size_t even = !strcmp(side, "utf-16be") ? 0 : 1;
	size_t zeros = 0;

	for (size_t i = 0; i < head.n; i++) {
		if (head.p[i] == '\0' && (i & 1) != even)
			return NULL;
		zeros += head.p[i] == '\0';
	}
	return zeros * 8 >= head.n && zeros > 1 ? side : NULL;
}

static enum rc
use_iconv(struct ctx *cx, struct text *t, const char *name)
{
	t->cd = iconv_open("UTF-8", name);
	if (t->cd == (iconv_t)-1)
		return fail(cx, E_ENCODING, "This machine cannot read text in %s.", name);
	t->convert = true;
	return RC_OK;
}

/* Broken UTF-8 is shown as such; what is well-formed stays what it was. */
static enum rc
text_damaged(struct ctx *cx, struct text *t, const struct survey *s, struct sink *sink)
{
	int64_t line;

	TRY(line_at(cx, t, s->first_bad, &line));
	t->convert = true;
	TRY(known_tell(cx, sink, "encoding", "utf-8"));
	return sink->warn(cx, sink, "encoding_damaged",
	    "Some bytes are not valid UTF-8 and are shown as \xef\xbf\xbd: %lld in "
	    "all, the first on line %lld.",
	    (long long)s->bad, (long long)line);
}

/* Well-formed UTF-8, as far as it says anything: text that has only ASCII is in any encoding. */
static enum rc
text_is_utf8(struct ctx *cx, const struct survey *s, const char *known, struct sink *sink)
{
	if (s->good == 0)
		return RC_OK;
	if (known && strcmp(known, "utf-8") != 0)
		TRY(sink->warn(cx, sink, "encoding_changed",
		    "The text was %s before and is UTF-8 now, and is read so.", known));
	return known_tell(cx, sink, "encoding", "utf-8");
}

/* What its letters look like. */
static enum rc
text_look(struct ctx *cx, struct text *t, struct charset_guess *out)
{
	struct charset_look *look = charset_look_new(cx->a);
	size_t got;

	do {
		TRY(t->in->read(cx, t->in->arg, t->raw, sizeof t->raw, &got));
		charset_look_at(look, (struct str){ t->raw, got });
	} while (got > 0);
	*out = charset_look_end(cx->a, look);
	return t->in->restart(cx, t->in->arg);
}

/* Nobody has said what it is: as it was found to be before (`known`), or as it looks. A look that
 * is not certain is asked about, and so is one that speaks against what is known. */
static enum rc
text_take_look(struct ctx *cx, struct text *t, int64_t line, const char *known, const char **label)
{
	const char *how = t->choosable ? "choose the encoding in the settings"
				       : "it must be published in UTF-8";
	struct charset_guess g;

	TRY(text_look(cx, t, &g));
	*label = known ? known : g.label;
	if (known ? g.sure && strcmp(known, g.label) != 0 : !g.sure)
		return t->sink->warn(cx, t->sink, "encoding_unsure",
		    "The text is not UTF-8 (first seen on line %lld), and it is not certain what "
		    "it is: %s. It is read as %s%s. If that is wrong, %s.",
		    (long long)line, *g.words ? g.words : "there are few letters", *label,
		    known ? " as before" : "", how);
	return t->sink->warn(cx, t->sink, "encoding_guessed",
	    "The text is not UTF-8 (first seen on line %lld); it is read as %s. If letters look "
	    "wrong, %s.",
	    (long long)line, *label, how);
}

/* Not UTF-8. */
static enum rc
text_guess_other(
    struct ctx *cx, struct text *t, const struct survey *s, const char *known, struct sink *sink)
{
	const char *label = url_charset(cx->a, t->in->content_type);
	int64_t line;

	TRY(line_at(cx, t, s->first_bad, &line));
	if (known && strcmp(known, "utf-8") == 0)
		return fail(cx, E_SHAPE,
		    "The text was UTF-8 before, and no letter of it is now (first seen on line "
		    "%lld).%s",
		    (long long)line,
		    t->choosable ? " Choose the encoding in the settings if it is another one now."
				 : "");
	if (known || !charset_iconv(label))
		TRY(text_take_look(cx, t, line, charset_iconv(known) ? known : NULL, &label));
	TRY(use_iconv(cx, t, charset_iconv(label)));
	return known_tell(cx, sink, "encoding", label);
}

/* UTF-16 without a mark, seen at once by what stands between the cells. */
static enum rc
text_is_wide(struct ctx *cx, struct text *t, const char *known, struct sink *sink)
{
	TRY(use_iconv(cx, t, charset_iconv(t->wide)));
	if (known && !strcmp(known, t->wide))
		return RC_OK;
	TRY(known_tell(cx, sink, "encoding", t->wide));
	return sink->warn(cx, sink, "encoding_guessed",
	    "The text seems to be %s, and is read so. If it looks wrong, %s.", t->wide,
	    t->choosable ? "choose the encoding in the settings" : "it must be published in UTF-8");
}

/* Nothing named: look at every byte. */
static enum rc
text_guess(struct ctx *cx, struct text *t, const char *known, struct sink *sink)
{
	const char *name = charset_iconv(url_charset(cx->a, t->in->content_type));
	struct survey s;

	TRY(survey_page(cx, t, &s));
	if (name && strncmp(name, "UTF-16", 6) == 0 && s.zeros > 0)
		return use_iconv(cx, t, name);
	if (t->wide && s.zeros > 0)
		return text_is_wide(cx, t, known, sink);
	TRY(zeros_judge(cx, t, s.zeros, s.total));
	t->convert = s.zeros > 0;
	if (s.bad == 0)
		return text_is_utf8(cx, &s, known, sink);
	if (t->bom > 0 || (known && strcmp(known, "utf-8") == 0 ? s.good > 0 : s.good > s.bad))
		return text_damaged(cx, t, &s, sink);
	return text_guess_other(cx, t, &s, known, sink);
}

static enum rc
check_utf8(struct ctx *cx, struct text *t)
{
	struct survey s;
	int64_t line;

	TRY(survey_page(cx, t, &s));
	TRY(zeros_judge(cx, t, s.zeros, s.total));
	t->convert = s.zeros > 0;
	if (s.bad == 0)
		return RC_OK;
	TRY(line_at(cx, t, s.first_bad, &line));
	return fail(cx, E_ENCODING,
	    "Line %lld is not UTF-8. Choose another encoding in the settings, "
	    "or let Tidemark detect it.",
	    (long long)line);
}

enum rc
text_open(struct ctx *cx, struct page_in *in, const char *encoding, const char *known,
    struct sink *sink, struct text **out)
{
	struct text *t = arena_alloc(cx->a, sizeof *t);
	struct str head = { t->raw, 0 };
	size_t got;

	TRY(unpack_open(cx, in, &in));
	t->in = in;
	t->sink = sink;
	t->choosable = encoding != NULL;
	t->first_zero = t->first_lost = 1;
	t->cd = (iconv_t)-1;
	arena_defer(cx->a, close_text, t);
	do {
		TRY(in->read(cx, in->arg, t->raw + head.n, 1024 - head.n, &got));
		head.n += got;
	} while (got > 0 && head.n < 1024);
	TRY(refuse_binary(cx, head));
	TRY(in->restart(cx, in->arg));
	*out = t;
	if (str_starts(head, "\xef\xbb\xbf"))
		t->bom = 3;
	else if (str_starts(head, "\xff\xfe") || str_starts(head, "\xfe\xff")) {
		t->bom = 2;
		return use_iconv(cx, t, head.p[0] == '\xff' ? "UTF-16LE" : "UTF-16BE");
	}
	t->wide = utf16_seen(head);
	if (!encoding || t->bom > 0 || strcmp(encoding, "auto") == 0)
		return text_guess(cx, t, known, sink);
	if (strcmp(encoding, "utf-8") == 0)
		return check_utf8(cx, t);
	if (strcmp(encoding, "utf-16") == 0)
		return use_iconv(cx, t, charset_iconv(utf16_side(head)));
	return use_iconv(cx, t, charset_iconv(encoding));
}

/* Broken UTF-8 made whole: each bad byte becomes the replacement character. */
static size_t
text_repair(struct text *t, size_t n, bool last, size_t *used)
{
	const unsigned char *p = (const unsigned char *)t->raw;
	size_t i = 0, o = 0;

	while (i < n) {
		const int len = utf8_char((const char *)p + i, n - i);
		if (len < 0 && !last)
			break;
		if (len > 0) {
			memcpy(t->out + o, p + i, (size_t)len);
			o += (size_t)len;
			i += (size_t)len;
		} else {
			memcpy(t->out + o, replacement, 3);
			o += 3;
			i++;
		}
	}
	*used = i;
	return o;
}

static int64_t
newlines_in(struct str s)
{
	int64_t n = 0;

	for (const char *p = s.p, *end = s.p + s.n;
	     (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		n++;
	return n;
}

/* A byte is no letter of the encoding; n bytes of out are before it. */
static void
text_note_lost(struct text *t, size_t n)
{
	if (t->lost++ == 0)
		t->first_lost += newlines_in((struct str){ t->out, n });
}

static size_t
through_iconv(struct text *t, size_t n, bool last, size_t *used)
{
	char *in = t->raw, *out = t->out;
	size_t left = n, room = sizeof t->out;

	while (left > 0 && iconv(t->cd, &in, &left, &out, &room) == (size_t)-1) {
		if (errno == E2BIG || room < 3 || (errno == EINVAL && !last && left < TAIL_MAX))
			break;
		text_note_lost(t, sizeof t->out - room);
		memcpy(out, replacement, 3);
		out += 3;
		room -= 3;
		in++;
		left--;
	}
	*used = n - left;
	if (t->lost == 0)
		t->first_lost += newlines_in((struct str){ t->out, sizeof t->out - room });
	return sizeof t->out - room;
}

/* Lines up to the first zero byte. */
static void
text_note_line(struct text *t, size_t n)
{
	const char *end = memchr(t->out, '\0', n);

	end = end ? end : t->out + n;
	for (const char *p = t->out; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		t->first_zero++;
}

/* Zero bytes among n bytes of out become the replacement character: out has room for it. */
static size_t
text_fill_zeros(struct text *t, size_t n)
{
	const int64_t zeros = zeros_in((struct str){ t->out, n });
	size_t to = n + 2 * (size_t)zeros;
	const size_t all = to;

	if (t->zeros == 0)
		text_note_line(t, n);
	t->zeros += zeros;
	while (to > n) {
		const char c = t->out[--n];

		if (c)
			t->out[--to] = c;
		else
			memcpy(t->out + (to -= 3), replacement, 3);
	}
	return all;
}

/* A piece has been converted: *n bytes of out. */
static enum rc
text_converted(struct ctx *cx, struct text *t, size_t *n)
{
	*n = text_fill_zeros(t, *n);
	t->total += (int64_t)*n;
	if (t->ended && t->lost > 0)
		TRY(t->sink->warn(cx, t->sink, "encoding_damaged",
		    "Some bytes are no characters in the encoding of this text and are shown as "
		    "%s: %lld in all, the first on line %lld.%s",
		    replacement, (long long)t->lost, (long long)t->first_lost,
		    t->choosable ? " Perhaps another encoding is to be chosen in the settings."
				 : ""));
	if (!t->ended && t->zeros <= ZEROS_MAX)
		return RC_OK;
	TRY(zeros_judge(cx, t, t->zeros, t->total));
	if (t->zeros == 0)
		return RC_OK;
	return t->sink->warn(cx, t->sink, "zero_bytes",
	    "Zero bytes stand in the text and are shown as %s: %lld in all, the first on line "
	    "%lld.",
	    replacement, (long long)t->zeros, (long long)t->first_zero);
}

enum rc
text_next(struct ctx *cx, struct text *t, struct str *out)
{
	size_t got, used;

	*out = (struct str){ t->out, 0 };
	while (out->n == 0 && !t->ended) {
		TRY(t->in->read(cx, t->in->arg, t->raw + t->tail, sizeof t->raw - t->tail, &got));
		const size_t n = t->tail + got, skip = n < t->bom ? n : t->bom;

		t->ended = got == 0;
		if (!t->convert) {
			*out = (struct str){ t->raw + skip, n - skip };
			t->bom -= skip;
			continue;
		}
		if (skip > 0) {
			memmove(t->raw, t->raw + skip, n - skip);
			t->bom -= skip;
		}
		out->n = t->cd == (iconv_t)-1 ? text_repair(t, n - skip, t->ended, &used)
					      : through_iconv(t, n - skip, t->ended, &used);
		t->tail = n - skip - used;
		memmove(t->raw, t->raw + used, t->tail);
		TRY(text_converted(cx, t, &out->n));
	}
	return RC_OK;
}
