/*
 * charset.c - see charset.h.
 */
#include "provider/web/charset.h"

static const struct {
	const char *label, *iconv_name;
} charsets[] = {
	/* as browsers read it */
	{ "windows-1252", "CP1252" },
	{ "cp1252", "CP1252" },
	{ "iso-8859-1", "CP1252" },
	{ "latin1", "CP1252" },
	{ "us-ascii", "CP1252" },
	{ "iso-8859-15", "ISO-8859-15" },
	{ "iso-8859-2", "ISO-8859-2" },
	{ "windows-1250", "CP1250" },
	{ "cp1250", "CP1250" },
	{ "windows-1251", "CP1251" },
	{ "cp1251", "CP1251" },
	{ "windows-1253", "CP1253" },
	{ "windows-1254", "CP1254" },
	{ "windows-1255", "CP1255" },
	{ "windows-1256", "CP1256" },
	{ "windows-1257", "CP1257" },
	{ "windows-1258", "CP1258" },
	{ "windows-874", "CP874" },
	{ "iso-8859-5", "ISO-8859-5" },
	{ "iso-8859-7", "ISO-8859-7" },
	{ "iso-8859-9", "CP1254" },
	{ "koi8-r", "KOI8-R" },
	{ "koi8-u", "KOI8-U" },
	{ "ibm850", "CP850" },
	{ "ibm852", "CP852" },
	{ "ibm866", "CP866" },
	{ "cp866", "CP866" },
	{ "macintosh", "MACINTOSH" },
	{ "shift_jis", "CP932" },
	{ "shift-jis", "CP932" },
	{ "euc-jp", "EUC-JP" },
	{ "gbk", "GBK" },
	{ "gb2312", "GBK" },
	{ "gb18030", "GB18030" },
	{ "big5", "BIG5" },
	{ "euc-kr", "CP949" },
	{ "utf-16", "UTF-16LE" },
	{ "utf-16le", "UTF-16LE" },
	{ "utf-16be", "UTF-16BE" },
};

const char *
charset_iconv(const char *label)
{
	for (size_t i = 0; label && i < sizeof charsets / sizeof charsets[0]; i++)
		if (strcmp(charsets[i].label, label) == 0)
			return charsets[i].iconv_name;
	return NULL;
}

void
charset_count(struct charset_tally *t, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80) {
			t->of[c - 0x80]++;
			t->all++;
			t->beside += t->last;
		}
		t->last = c >= 0x80;
	}
}

/* In words of an alphabet that is not Latin nearly every letter stands beside another; in Latin
 * ones hardly any does. Some 45 % of what such a text has are the seven letters that its languages
 * use most. In double-byte encodings no few bytes stand out so. */
const char *
charset_guess(const struct charset_tally *t)
{
	static const struct {
		const char *label, *frequent;
	} alphabets[] = {
		/* o e a i n t r, small */
		{ "windows-1251", "\xee\xe5\xe0\xe8\xed\xf2\xf0" },
		{ "koi8-r", "\xcf\xc5\xc1\xc9\xce\xd4\xd2" },
		{ "ibm866", "\xae\xa5\xa0\xa8\xad\xe2\xe0" },
		{ "iso-8859-5", "\xde\xd5\xd0\xd8\xdd\xe2\xe0" },
		/* alpha omikron iota tau epsilon nu sigma, small */
		{ "windows-1253", "\xe1\xef\xe9\xf4\xe5\xed\xf3" },
	};
	enum { LEAST_LETTERS = 12 };
	const char *best = "windows-1252";
	int64_t most = 0, second = 0;

	if (t->all < LEAST_LETTERS || t->beside * 2 < t->all)
		return best;
	for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++) {
		int64_t n = 0;

		for (const char *p = alphabets[i].frequent; *p; p++)
			n += t->of[(unsigned char)*p - 0x80];
		if (n > most) {
			second = most;
			most = n;
			best = alphabets[i].label;
		} else if (n > second)
			second = n;
	}
	return most * 25 >= t->all * 9 && most * 5 >= second * 6 ? best : "windows-1252";
}
