/*
 * notion_text.c - rich text: what is written, in the form in which it is told.
 */
#include "fake/notion/notion.h"

enum { TEXT_MAX = 2000, EQUATION_MAX = 1000 };

static const char *const text_marks[] = {
	"bold",
	"italic",
	"strikethrough",
	"underline",
	"code",
};

static json *
text_annotations(struct arena *a, const json *given)
{
	json *j = json_new(a);
	const char *color = json_str(given, "color");

	for (size_t i = 0; i < sizeof text_marks / sizeof *text_marks; i++)
		json_set_bool(j, text_marks[i], json_flag(given, text_marks[i], false));
	json_set_str(j, "color", color ? color : "default");
	return j;
}

/* Characters as JavaScript counts them. */
static size_t
text_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		if (((unsigned char)*s & 0xc0) != 0x80)
			n += (unsigned char)*s >= 0xf0 ? 2 : 1;
	return n;
}

static json *
text_segment(struct arena *a, const char *type, json *inner, const char *plain, const char *href)
{
	json *j = json_new(a);

	json_set_str(j, "type", type);
	json_set(j, type, inner);
	json_set(j, "annotations", text_annotations(a, NULL));
	json_set_str(j, "plain_text", plain);
	json_set_str(j, "href", href);
	return j;
}

json *
text_plain(struct arena *a, const char *s)
{
	json *list = json_list(a), *inner = json_new(a);

	if (!s || !*s)
		return list;
	json_set_str(inner, "content", s);
	json_set_null(inner, "link");
	json_add(list, text_segment(a, "text", inner, s, NULL));
	return list;
}

static json *
text_read_text(struct call *c, const json *text, const char *where)
{
	const char *content = json_str(text, "content");
	const char *url = json_str(json_at(text, "link"), "url");
	json *inner = json_new(c->a), *link = json_new(c->a);

	if (!content) {
		refuse_invalid(c,
		    "body failed validation: %s.text.content should be defined, instead was "
		    "`undefined`.",
		    where);
		return NULL;
	}
	if (text_length(content) > TEXT_MAX) {
		refuse_invalid(c,
		    "body failed validation: %s.text.content.length should be ≤ `%d`, instead "
		    "was `%zu`.",
		    where, TEXT_MAX, text_length(content));
		return NULL;
	}
	if (url && text_length(url) > TEXT_MAX) {
		refuse_invalid(c,
		    "body failed validation: %s.text.link.url.length should be ≤ `%d`, instead "
		    "was `%zu`.",
		    where, TEXT_MAX, text_length(url));
		return NULL;
	}
	json_set_str(inner, "content", content);
	json_set_str(link, "url", url);
	json_set(inner, "link", url ? link : NULL);
	return text_segment(c->a, "text", inner, content, url);
}

static json *
text_read_equation(struct call *c, const json *equation, const char *where)
{
	const char *expression = json_str(equation, "expression");
	json *inner = json_new(c->a);

	if (!expression || text_length(expression) > EQUATION_MAX) {
		refuse_invalid(c,
		    "body failed validation: %s.equation.expression should be a string of at most "
		    "%d characters.",
		    where, EQUATION_MAX);
		return NULL;
	}
	json_set_str(inner, "expression", expression);
	return text_segment(c->a, "equation", inner, expression, NULL);
}

/* The name of what is mentioned stands in the text. */
static json *
text_read_mention(struct call *c, const json *mention, const char *where)
{
	const json *user = json_at(mention, "user"), *date = json_at(mention, "date");
	const json *page = json_at(mention, "page");
	json *inner = json_new(c->a), *value = NULL;
	const struct notion_user *u = notion_user_by(bot_of(c)->space, json_str(user, "id"));
	struct notion_object *o = object_by(c->f, id_read(c->a, json_str(page, "id")));

	if (date && date_read(c, date, &value)) {
		json_set_str(inner, "type", "date");
		json_set(inner, "date", value);
		return text_segment(c->a, "mention", inner, json_str(value, "start"), NULL);
	}
	if (u) {
		json_set_str(inner, "type", "user");
		json_set(inner, "user", user_json(c, u));
		return text_segment(
		    c->a, "mention", inner, arena_printf(c->a, "@%s", u->name), NULL);
	}
	if (o && o->kind == OBJECT_PAGE) {
		value = json_new(c->a);
		json_set_str(value, "id", o->id);
		json_set_str(inner, "type", "page");
		json_set(inner, "page", value);
		return text_segment(c->a, "mention", inner, object_title(c->a, o),
		    arena_printf(c->a, "https://app.notion.com/p/%s", o->id));
	}
	if (!c->refused)
		refuse_invalid(c, "body failed validation: %s.mention is not valid.", where);
	return NULL;
}

static json *
text_read_one(struct call *c, const json *one, const char *where)
{
	const json *text = json_at(one, "text"), *equation = json_at(one, "equation");
	const json *mention = json_at(one, "mention");
	json *j;

	if (text)
		j = text_read_text(c, text, where);
	else if (equation)
		j = text_read_equation(c, equation, where);
	else if (mention)
		j = text_read_mention(c, mention, where);
	else {
		refuse_invalid(c,
		    "body failed validation. Fix one:\n%s.text should be defined, instead was "
		    "`undefined`.\n%s.mention should be defined, instead was `undefined`.\n"
		    "%s.equation should be defined, instead was `undefined`.",
		    where, where, where);
		return NULL;
	}
	if (j && json_at(one, "annotations"))
		json_set(j, "annotations", text_annotations(c->a, json_at(one, "annotations")));
	return j;
}

json *
text_read(struct call *c, const json *list, const char *where)
{
	json *out = json_list(c->a);

	if (!json_is_list(list)) {
		refuse_invalid(c,
		    "body failed validation: %s should be an array, instead was `%.100s`.", where,
		    list ? json_text(c->a, list) : "undefined");
		return NULL;
	}
	if (json_len(list) > LIST_MAX) {
		refuse_invalid(c,
		    "body failed validation: %s.length should be ≤ `%d`, "
		    "instead was `%zu`.",
		    where, LIST_MAX, json_len(list));
		return NULL;
	}
	for (size_t i = 0; i < json_len(list); i++) {
		json *one = text_read_one(
		    c, json_nth(list, i), arena_printf(c->a, "%s[%zu]", where, i));

		if (!one)
			return NULL;
		json_add(out, one);
	}
	return out;
}

const char *
text_of(struct arena *a, const json *list)
{
	struct buf *b = buf_in(a, (size_t)16 << 20);

	for (size_t i = 0; i < json_len(list); i++)
		buf_str(b, json_str(json_nth(list, i), "plain_text"));
	return buf_c(b);
}
