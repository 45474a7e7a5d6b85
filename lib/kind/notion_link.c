/*
 * notion_link.c - see notion_link.h. A link ends with the id, after the title and a hyphen:
 * https://www.notion.so/team/Tasks-1f0c...?v=...; what is behind "?" and "#" is a view, or a block.
 */
#include "kind/notion_link.h"

enum { DIGITS = 32 };

const struct notion_word notion_words[] = {
#define NOTION_WORD(word, label, types, names, how) { word, label, types, names, NOTION_##how },
#include "kind/notion_words.def"
#undef NOTION_WORD
	{ .word = NULL },
};

const struct notion_word *
notion_word(const char *word)
{
	const struct notion_word *w = notion_words;

	while (w->word && strcmp(w->word, word) != 0)
		w++;
	return w->word ? w : NULL;
}

static bool
link_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The last DIGITS digits, hyphens between them left out; they are cut off. */
static bool
link_digits(struct str *text, char out[DIGITS + 1])
{
	size_t n = DIGITS;

	out[DIGITS] = '\0';
	while (text->n > 0 && n > 0) {
		const char c = text->p[--text->n];

		if (c == '-' && n < DIGITS)
			continue;
		if (!link_digit(c))
			return false;
		out[--n] = (char)(c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
	}
	return n == 0;
}

const char *
notion_link_id(struct arena *a, const char *text)
{
	struct str path = str_trim(str_c(text)), rest;
	const bool link = str_istarts(path, "http://") || str_istarts(path, "https://");
	char d[DIGITS + 1];

	path = str_cut(path, '?', &rest);
	path = str_cut(path, '#', &rest);
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	if (!link_digits(&path, d) || (!link && path.n > 0))
		return NULL;
	return arena_printf(a, "%.8s-%.4s-%.4s-%.4s-%.12s", d, d + 8, d + 12, d + 16, d + 20);
}

const char *
notion_link_to(struct arena *a, const char *id)
{
	struct str rest = str_c(id);
	char plain[DIGITS + 1];

	return link_digits(&rest, plain) ? arena_printf(a, "https://www.notion.so/%s", plain)
					 : "https://www.notion.so";
}
