/*
 * decode.c - see decode.h.
 */
#include "net/decode.h"

enum { OUT_BYTES = 64 * 1024 };

enum decode_word
decode_word(const char *value)
{
	static const struct {
		const char *name;
		enum decode_word word;
	} words[] = {
		{ "gzip", DECODE_GZIP },
		{ "x-gzip", DECODE_GZIP },
		{ "deflate", DECODE_DEFLATE },
		{ "br", DECODE_FOREIGN },
		{ "zstd", DECODE_FOREIGN },
		{ "compress", DECODE_FOREIGN },
		{ "x-compress", DECODE_FOREIGN },
	};
	struct str rest = str_c(value);

	while (rest.p && rest.n) {
		const struct str one = str_trim(str_cut(rest, ',', &rest));

		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (str_ieq(one, str_c(words[i].name)))
				return words[i].word;
	}
	return DECODE_NONE;
}

static bool
decode_hand(decode_out *out, void *arg, char *p, size_t n)
{
	return n == 0 || out(p, 1, n, arg) == n;
}

/* More than one packed text may follow each other; what else stands behind is left. */
static bool
decode_unpack(struct decode *d, struct str piece, decode_out *out, void *arg)
{
	size_t n;

	do {
		enum inflate_state s;

		if (d->over) {
			if (piece.n == 0 || d->word != DECODE_GZIP || piece.p[0] != '\x1f')
				return true;
			inflate_again(d->packed);
			d->over = false;
		}
		s = inflate_take(d->packed, &piece, d->room, OUT_BYTES, &n);
		d->over = s == INFLATE_END;
		d->broken = s == INFLATE_BROKEN;
		if (!decode_hand(out, arg, d->room, n))
			return false;
	} while (!d->broken && (piece.n > 0 || n == OUT_BYTES));
	return !d->broken;
}

/* Text, as far as its beginning shows. */
static bool
decode_is_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' && !strchr("\t\r\n", s.p[i]))
			return false;
	return str_utf8_ok(str_utf8_cut(s, s.n < 1000 ? s.n : 1000));
}

/* The first bytes are there. */
static void
decode_begin(struct decode *d, struct str piece)
{
	const unsigned char *p = (const unsigned char *)piece.p;
	const unsigned mark = piece.n > 1 ? (unsigned)(p[0] << 8 | p[1]) : 0;

	d->begun = true;
	if (piece.n == 0 || decode_is_text(piece) || (d->word == DECODE_GZIP && mark != 0x1f8b))
		return;
	d->broken = d->word == DECODE_FOREIGN;
	if (d->broken)
		return;
	d->room = arena_alloc(d->a, OUT_BYTES);
	if (d->word == DECODE_GZIP)
		d->packed = inflate_new(d->a, INFLATE_GZIP);
	else if ((p[0] & 15) == 8 && mark % 31 == 0)
		d->packed = inflate_new(d->a, INFLATE_ZLIB);
	else
		d->packed = inflate_new(d->a, INFLATE_BARE);
}

static bool
decode_go_on(struct decode *d, struct str piece, decode_out *out, void *arg)
{
	if (d->broken)
		return false;
	if (d->packed)
		return decode_unpack(d, piece, out, arg);
	return decode_hand(out, arg, (char *)piece.p, piece.n);
}

bool
decode_piece(struct decode *d, struct str piece, decode_out *out, void *arg)
{
	if (!d->begun && d->word != DECODE_NONE) {
		char *all = arena_alloc(d->a, d->n + piece.n + 1);

		memcpy(all, d->held, d->n);
		memcpy(all + d->n, piece.p, piece.n);
		piece = (struct str){ all, d->n + piece.n };
		if (piece.n < sizeof d->held) {
			memcpy(d->held, piece.p, piece.n);
			d->n = piece.n;
			return true;
		}
		decode_begin(d, piece);
	}
	return decode_go_on(d, piece, out, arg);
}

bool
decode_end(struct decode *d, decode_out *out, void *arg)
{
	const struct str held = { d->held, d->n };

	if (!d->begun && d->n > 0) {
		decode_begin(d, held);
		if (!decode_go_on(d, held, out, arg))
			return false;
	}
	return !d->packed || d->over;
}
