/*
 * charset_look.c - which encoding a text without a name is in. libuchardet knows the languages; it
 * says something of every text, so its word counts only where there are enough letters, and where
 * all of them are letters of what it names.
 */
#include <iconv.h>
#include <uchardet/uchardet.h>
#include <unictype.h>
#include <unistr.h>

#include "base/buf.h"
#include "provider/web/charset.h"

enum {
	LOOKED_AT = 1024 * 1024, /* bytes of pieces with letters beyond ASCII */
	WORDS_MAX = 8 * 1024,
	WORD_MAX = 512,
	WORD_SHOWN = 48,   /* bytes of a word that is shown */
	ENOUGH_BYTES = 12, /* letters that tell an alphabet */
	ENOUGH_LATIN = 24, /* and one Latin language from another */
	ENOUGH_PAIRS = 40, /* and one double-byte encoding from another */
	LIKELY_MAX = 3
};

struct charset_look {
	uchardet_t detector;
	size_t seen;       /* by the detector */
	int64_t of[128];   /* bytes beyond ASCII, by byte - 0x80 */
	int64_t all;       /* of them */
	int64_t beside;    /* those that follow another one */
	bool last;         /* the byte before was one */
	struct buf *words; /* those with letters beyond ASCII, a line each */
	char word[WORD_MAX];
	size_t n, high; /* of the word: bytes, and those beyond ASCII; n WORD_MAX: too long */
	char best[WORD_SHOWN];
	size_t best_n, best_high;
};

static void
look_free(void *p)
{
	struct charset_look *l = p;

	uchardet_delete(l->detector);
}

struct charset_look *
charset_look_new(struct arena *a)
{
	struct charset_look *l = arena_alloc(a, sizeof *l);

	*l = (struct charset_look){ .detector = uchardet_new(), .words = buf_in(a, WORDS_MAX) };
	arena_defer(a, look_free, l);
	return l;
}

/* Behind it a word begins. None of these is the second byte of a character in any encoding. */
static bool
look_parts(unsigned char c)
{
	return c < ' ' || c == '"' || c == ',' || c == ';';
}

static void
look_word(struct charset_look *l)
{
	if (l->high > 0 && l->n < WORD_MAX && l->words->n + l->n < WORDS_MAX - 1) {
		buf_add(l->words, l->word, l->n);
		buf_ch(l->words, '\n');
		if (l->high > l->best_high && l->n <= WORD_SHOWN) {
			memcpy(l->best, l->word, l->n);
			l->best_n = l->n;
			l->best_high = l->high;
		}
	}
	l->n = l->high = 0;
}

void
charset_look_at(struct charset_look *l, struct str s)
{
	const int64_t before = l->all;

	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80) {
			l->of[c - 0x80]++;
			l->all++;
			l->beside += l->last;
			l->high++;
		}
		l->last = c >= 0x80;
		if (look_parts(c))
			look_word(l);
		else if (l->n < WORD_MAX)
			l->word[l->n++] = (char)c;
	}
	if (l->all == before || l->seen > LOOKED_AT)
		return;
	l->seen += s.n;
	(void)uchardet_handle_data(l->detector, s.p, s.n);
}

/* What the detector calls it, and the label; those that it names for texts in others are left
 * out. */
static const char *
look_label(const struct charset_look *l)
{
	static const char *const rows[][2] = {
		{ "ISO-8859-1", "windows-1252" },
		{ "WINDOWS-1252", "windows-1252" },
		{ "ISO-8859-2", "iso-8859-2" },
		{ "WINDOWS-1250", "windows-1250" },
		{ "WINDOWS-1251", "windows-1251" },
		{ "KOI8-R", "koi8-r" },
		{ "ISO-8859-5", "iso-8859-5" },
		{ "IBM866", "ibm866" },
		{ "ISO-8859-7", "iso-8859-7" },
		{ "WINDOWS-1253", "windows-1253" },
		{ "ISO-8859-9", "windows-1254" },
		{ "WINDOWS-1254", "windows-1254" },
		{ "WINDOWS-1255", "windows-1255" },
		{ "ISO-8859-8", "windows-1255" },
		{ "WINDOWS-1256", "windows-1256" },
		{ "ISO-8859-13", "windows-1257" },
		{ "WINDOWS-1257", "windows-1257" },
		{ "WINDOWS-1258", "windows-1258" },
		{ "TIS-620", "windows-874" },
		{ "ISO-8859-11", "windows-874" },
		{ "SHIFT_JIS", "shift_jis" },
		{ "EUC-JP", "euc-jp" },
		{ "GB18030", "gb18030" },
		{ "BIG5", "big5" },
		{ "EUC-KR", "euc-kr" },
		{ "UHC", "euc-kr" },
	};
	const char *name;

	uchardet_data_end(l->detector);
	name = uchardet_get_charset(l->detector);
	if (!strcmp(name, "ISO-8859-15"))
		return l->of[0xa4 - 0x80] > 0 ? "iso-8859-15" : "windows-1252";
	/* The letters that Ukrainian has besides are boxes in the Russian one. */
	if (!strcmp(name, "KOI8-R") &&
	    l->of[0xa4 - 0x80] + l->of[0xa6 - 0x80] + l->of[0xa7 - 0x80] > 0)
		return "koi8-u";
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i][0], name))
			return rows[i][1];
	return NULL;
}

/* NULL: it is no text in this encoding. Lines of it may be. */
static const char *
look_decode(struct arena *a, const char *label, struct str s)
{
	const size_t max = 4 * s.n + 1;
	char *text = arena_alloc(a, max), *in = (char *)(uintptr_t)s.p, *out = text;
	size_t left = s.n, room = max - 1;
	iconv_t cd = iconv_open("UTF-8", charset_iconv(label));
	struct str rest;
	bool whole;

	if (cd == (iconv_t)-1)
		return NULL;
	whole = iconv(cd, &in, &left, &out, &room) != (size_t)-1;
	iconv_close(cd);
	*out = '\0';
	for (rest = (struct str){ text, (size_t)(out - text) }; whole && rest.n > 0;)
		whole = str_line_ok(str_cut(rest, '\n', &rest));
	return whole ? text : NULL;
}

/* Signs that stand beside words, and hardly ever inside. */
static bool
look_sign(ucs4_t c)
{
	static const ucs4_t signs[] = { 0xa0, 0xa3, 0xa7, 0xa9, 0xaa, 0xab, 0xae, 0xb0, 0xb1, 0xb2,
		0xb3, 0xb5, 0xb7, 0xba, 0xbb, 0xbd, 0xbf, 0xa1, 0xd7 };

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (signs[i] == c)
			return true;
	return (c >= 0x2010 && c <= 0x2030) || c == 0x20ac || c == 0x2122 ||
	    (c >= 0x3000 && c <= 0x30ff) || (c >= 0xff00 && c <= 0xffef);
}

static bool
look_letter(ucs4_t c)
{
	return uc_is_general_category_withtable(
	    c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_Nd);
}

/* Is this character strange here: a sign inside a word, a capital among small letters? */
static bool
look_strange(ucs4_t before, ucs4_t c, ucs4_t after)
{
	const bool inside = look_letter(before) && look_letter(after);

	/* Words of Chinese and Japanese have no blanks around their signs. */
	if (c < 0x80 || (c >= 0x3000 && look_sign(c)))
		return false;
	if (!look_letter(c))
		return !look_sign(c) || (inside && c != 0x2019 && c != 0xb7 && c != 0xa0);
	return uc_is_property_uppercase(c) && uc_is_property_lowercase(before) &&
	    uc_is_property_lowercase(after);
}

/* How many strange characters the words have in this encoding; -1: they are no text in it. */
static int64_t
look_flaws(struct arena *a, const struct charset_look *l, const char *label)
{
	const char *text = look_decode(a, label, buf_s(l->words));
	const uint8_t *p = (const uint8_t *)text;
	ucs4_t before = 0, c = 0, after;
	int64_t n = 0;

	while (p && (p = u8_next(&after, p)) != NULL) {
		n += look_strange(before, c, after);
		before = c;
		c = after;
	}
	return text ? n + look_strange(before, c, 0) : -1;
}

/* In words of Latin letters hardly any letter beyond ASCII stands beside another. */
static const char *const *
look_others(const struct charset_look *l)
{
	static const char *const latin[] = { "windows-1252", "windows-1250", "ibm850", "macintosh",
		"windows-1251", NULL };
	static const char *const pairs[] = { "gb18030", "shift_jis", "euc-kr", "big5",
		"windows-1251", "windows-1252", NULL };
	int64_t low = 0;

	for (size_t i = 0; i < 32; i++)
		low += l->of[i];
	if (l->beside * 3 >= l->all)
		return pairs;
	/* There windows-1252 has few letters, and those of DOS and the first Macintoshes are. */
	return low * 2 > l->all ? latin + 2 : latin;
}

/* The best word as it reads in each: the first LIKELY_MAX that differ. */
static const char *
look_words(struct arena *a, const struct charset_look *l, const char *label)
{
	const struct str word = { l->best, l->best_n };
	const char *const *others = look_others(l);
	const char *seen[LIKELY_MAX], *text = "";
	size_t n = 0;

	for (const char *one = label; one && n < LIKELY_MAX && word.n > 0; one = *others++) {
		const char *reads = look_decode(a, one, word);
		bool again = !reads;

		for (size_t i = 0; i < n; i++)
			again |= reads && !strcmp(seen[i], reads);
		if (again)
			continue;
		text = arena_printf(a, "%s%s\"%s\" in %s", text, n ? ", " : "", reads, one);
		seen[n++] = reads;
	}
	return text;
}

/* Two encodings of the same languages. */
static const char *
look_twin(const char *label)
{
	if (label && !strcmp(label, "windows-1250"))
		return "iso-8859-2";
	return label && !strcmp(label, "iso-8859-2") ? "windows-1250" : NULL;
}

/* What the detector says, or its twin, if it has no strange characters; else the first that has
 * none, or the fewest. *told: it is what the detector says. */
static const char *
look_choose(struct arena *a, const struct charset_look *l, const char *label, bool *told)
{
	const char *const *others = look_others(l);
	const char *const first[] = { label, look_twin(label) };
	const char *best = "windows-1252";
	int64_t least = INT64_MAX, flaws;

	for (size_t i = 0; least > 0; i++) {
		const char *one = i < 2 ? first[i] : *others++;

		if (i >= 2 && !one)
			break;
		flaws = one ? look_flaws(a, l, one) : -1;
		if (flaws < 0 || flaws >= least)
			continue;
		least = flaws;
		best = one;
		*told = i < 2 && flaws == 0;
	}
	return best;
}

static bool
look_is_pairs(const char *label)
{
	return str_has_word(STR("shift_jis euc-jp euc-kr gb18030 big5"), ' ', str_c(label));
}

/* How much of the words, read so, is of these characters? In hundredths; -1: they are no text. */
static int64_t
look_share(struct arena *a, const struct charset_look *l, const char *label, ucs4_t from, ucs4_t to)
{
	const uint8_t *p = (const uint8_t *)look_decode(a, label, buf_s(l->words));
	int64_t all = 0, n = 0;
	ucs4_t c;

	while (p && (p = u8_next(&c, p)) != NULL) {
		all += c >= 0x80;
		n += c >= from && c <= to;
	}
	return all > 0 ? n * 100 / all : -1;
}

/* What the detector takes for something else when there is little of it: Korean is all
 * Hangul, whose bytes are high ones, and a quarter of Japanese is kana. */
static const char *
look_other_pairs(struct arena *a, const struct charset_look *l, const char *label)
{
	int64_t low = 0;

	for (size_t i = 0; i < 0xa1 - 0x80; i++)
		low += l->of[i];
	if (l->all < ENOUGH_BYTES ||
	    (label && str_has_word(STR("shift_jis euc-jp euc-kr"), ' ', str_c(label))))
		return label;
	if (low == 0 && look_share(a, l, "euc-kr", 0xac00, 0xd7a3) == 100)
		return "euc-kr";
	if (low > 0 && look_share(a, l, "shift_jis", 0x3041, 0x30ff) >= 25)
		return "shift_jis";
	return low == 0 && look_share(a, l, "euc-jp", 0x3041, 0x30ff) >= 25 ? "euc-jp" : label;
}

static int64_t
look_enough(const char *label)
{
	if (look_is_pairs(label))
		return ENOUGH_PAIRS;
	return look_twin(label) ? ENOUGH_LATIN : ENOUGH_BYTES;
}

struct charset_guess
charset_look_end(struct arena *a, struct charset_look *l)
{
	struct charset_guess g = { .label = NULL };
	const char *label;
	bool told = false;

	look_word(l);
	label = look_other_pairs(a, l, look_label(l));
	g.label = look_choose(a, l, label, &told);
	g.sure = told && l->all >= look_enough(label);
	g.words = look_words(a, l, g.label);
	return g;
}
