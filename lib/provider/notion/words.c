/*
 * words.c - what a property shows of an event, and how a text is written to one.
 */
#include "event/colour.h"
#include "provider/notion/event.h"

enum { CONTENT_MAX = 2000, OPTION_MAX = 100 };

/*
 * What is shown.
 */
static const char *
words_status(const json *value, bool *usual)
{
	const char *status = json_str(value, "status");

	*usual = !status || !strcmp(status, "confirmed");
	if (*usual)
		return "Confirmed";
	return strcmp(status, "tentative") ? "Cancelled" : "Tentative";
}

static const char *
words_busy(const json *value, bool *usual)
{
	*usual = json_flag(value, "busy", true);
	return *usual ? "Busy" : "Free";
}

const char *
notion_word_text(
    struct arena *a, struct notion_showing of, const struct notion_word *w, bool *usual)
{
	const char *word = w->word;

	*usual = false;
	if (w->how == NOTION_FACET)
		return json_str(of.facets, word);
	if (!strcmp(word, "status"))
		return words_status(of.value, usual);
	if (!strcmp(word, "busy"))
		return words_busy(of.value, usual);
	if (!strcmp(word, "recurrence"))
		return notion_series_words(a, of.value);
	if (strcmp(word, "color") != 0 || !json_str(of.value, "color"))
		return NULL;
	return event_colour_name(json_str(of.value, "color"));
}

/*
 * How it is written.
 */
static json *
words_piece(struct arena *a, struct str text)
{
	json *one = json_new(a), *inner = json_new(a);

	json_set_s(inner, "content", text);
	json_set(one, "text", inner);
	return one;
}

/* In pieces of 2,000 as Notion counts them: characters beyond the first plane are two. */
json *
notion_rich(struct arena *a, const char *text)
{
	json *list = json_list(a);
	size_t n = 0, from = 0, i;

	for (i = 0; text && text[i]; i++) {
		const unsigned char c = (unsigned char)text[i];
		const size_t wide = c >= 0xF0 ? 2 : 1;

		if ((c & 0xC0) == 0x80)
			continue;
		if (n + wide > CONTENT_MAX) {
			json_add(list, words_piece(a, (struct str){ text + from, i - from }));
			from = i;
			n = 0;
		}
		n += wide;
	}
	if (text && i > from)
		json_add(list, words_piece(a, (struct str){ text + from, i - from }));
	return list;
}

/* The name of an option has no comma, and a hundred characters at most. */
static json *
words_option(struct arena *a, const char *text)
{
	char *name = arena_dup_str(a, str_utf8_cut(str_c(text), OPTION_MAX));
	json *one = json_new(a);

	for (char *p = name; *p; p++)
		*p = (char)(*p == ',' ? ' ' : *p);
	json_set_str(one, "name", name);
	return one;
}

/* The type of the property, as it was found; otherwise the usual one. */
static const char *
words_type(struct arena *a, const json *calendar, const struct notion_word *w)
{
	const char *type = json_str(json_at(calendar, "types"), w->word);
	struct str rest;

	return type ? type : arena_dup_str(a, str_cut(str_c(w->types), ' ', &rest));
}

json *
notion_word_value(
    struct arena *a, const json *calendar, const struct notion_word *w, const char *text)
{
	const char *type = words_type(a, calendar, w);
	json *one = json_new(a);

	if (!strcmp(type, "url"))
		json_set_str(one, type, text);
	else if (!strcmp(type, "select"))
		json_set(one, type, text ? words_option(a, text) : NULL);
	else
		json_set(one, type, notion_rich(a, text));
	return one;
}
