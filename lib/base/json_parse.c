/*
 * json_parse.c - the strict reader of JSON texts. It builds json-c objects itself, because
 * json-c's own reader lets through single quotes, NaN, raw control characters, lone surrogates
 * and repeated names, and quietly bends integers beyond 64 bits.
 *
 * Recursion is bounded by JSON_DEPTH. A number that is not an int64 keeps its text, so it is
 * written again as it was read. U+0000 is refused: neither C strings nor every database can hold
 * it.
 */
#include "base/json.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/utf8.h"

enum { KEY_SMALL = 64 }; /* a name that is shorter needs no memory while its value is read */

struct parser {
	const char *start, *p, *end;
	const char *wrong; /* the reason, a literal; NULL: none yet */
	int depth;
	struct buf text; /* unescaped string; taken over before the next one begins */
};

static json *parse_value(struct parser *);

static bool
parse_refuse(struct parser *ps, const char *why)
{
	if (!ps->wrong)
		ps->wrong = why;
	return false;
}

static json *
parse_made(json *j)
{
	if (j)
		return j;
	log_event(LOG_LEVEL_ERR, "json.no_memory", NULL);
	abort();
}

static void
skip_space(struct parser *ps)
{
	while (ps->p < ps->end &&
	    (*ps->p == ' ' || *ps->p == '\n' || *ps->p == '\t' || *ps->p == '\r'))
		ps->p++;
}

static bool
parse_take(struct parser *ps, char c)
{
	if (ps->p == ps->end || *ps->p != c)
		return false;
	ps->p++;
	return true;
}

static bool
parse_escape(struct parser *ps)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint32_t c;
	size_t n;
	char bytes[UTF8_MAX];

	if (ps->p == ps->end)
		return parse_refuse(ps, "the text ends inside a string");
	if (*ps->p != 'u') {
		at = *ps->p ? strchr(from, *ps->p) : NULL;
		if (!at)
			return parse_refuse(ps, "unknown escape in a string");
		buf_ch(&ps->text, to[at - from]);
		ps->p++;
		return true;
	}
	ps->p++;
	n = utf8_unescape(ps->p, (size_t)(ps->end - ps->p), &c);
	ps->p += n;
	if (n == 0)
		return parse_refuse(ps, "\\u needs four hexadecimal digits");
	if (c == 0)
		return parse_refuse(ps, "a string holds the character U+0000");
	if (utf8_is_half(c))
		return parse_refuse(ps, "half of a surrogate pair");
	buf_add(&ps->text, bytes, utf8_put(bytes, c));
	return true;
}

/* The bytes of a string whose opening quote has been taken; they live in the text or in ps->text
 * until the next string. */
static bool
parse_string(struct parser *ps, struct str *out)
{
	const char *from = ps->p;
	bool escaped = false;

	buf_clear(&ps->text);
	for (;;) {
		while (ps->p < ps->end && *ps->p != '"' && *ps->p != '\\' &&
		    (unsigned char)*ps->p >= 0x20)
			ps->p++;
		if (ps->p == ps->end)
			return parse_refuse(ps, "the text ends inside a string");
		if ((unsigned char)*ps->p < 0x20)
			return parse_refuse(ps, "a control character inside a string");
		if (*ps->p == '"')
			break;
		buf_add(&ps->text, from, (size_t)(ps->p - from));
		escaped = true;
		ps->p++;
		if (!parse_escape(ps))
			return false;
		from = ps->p;
	}
	if (escaped) {
		buf_add(&ps->text, from, (size_t)(ps->p - from));
		*out = buf_s(&ps->text);
	} else {
		*out = (struct str){ from, (size_t)(ps->p - from) };
	}
	ps->p++;
	return true;
}

static json *
string_value(struct parser *ps)
{
	struct str s;

	if (!parse_string(ps, &s))
		return NULL;
	return parse_made(json_object_new_string_len(s.p, (int)s.n));
}

static bool
skip_digits(struct parser *ps)
{
	const char *from = ps->p;

	while (ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9')
		ps->p++;
	return ps->p > from || parse_refuse(ps, "a number without digits");
}

static json *
number_value(struct parser *ps)
{
	struct str s = { ps->p, 0 };
	bool whole = true;
	int64_t v;

	parse_take(ps, '-');
	if (parse_take(ps, '0')) {
		if (ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9') {
			parse_refuse(ps, "a number that begins with 0");
			return NULL;
		}
	} else if (!skip_digits(ps)) {
		return NULL;
	}
	if (parse_take(ps, '.')) {
		whole = false;
		if (!skip_digits(ps))
			return NULL;
	}
	if (parse_take(ps, 'e') || parse_take(ps, 'E')) {
		whole = false;
		if (!parse_take(ps, '+'))
			parse_take(ps, '-');
		if (!skip_digits(ps))
			return NULL;
	}
	s.n = (size_t)(ps->p - s.p);
	if (whole && !str_is(s, "-0") && str_i64(s, INT64_MIN, INT64_MAX, &v))
		return parse_made(json_object_new_int64(v));
	buf_clear(&ps->text);
	buf_add(&ps->text, s.p, s.n);
	return parse_made(
	    json_object_new_double_s(strtod(buf_c(&ps->text), NULL), buf_c(&ps->text)));
}

static bool
parse_member(struct parser *ps, json *obj)
{
	char small[KEY_SMALL], *key = small;
	struct str s;
	json *value;
	bool ok = false;

	skip_space(ps);
	if (!parse_take(ps, '"'))
		return parse_refuse(ps, "a name in double quotes is missing");
	if (!parse_string(ps, &s))
		return false;
	if (s.n >= sizeof small && !(key = strndup(s.p, s.n)))
		parse_made(NULL);
	if (key == small) {
		memcpy(small, s.p, s.n);
		small[s.n] = '\0';
	}
	skip_space(ps);
	if (json_object_object_get_ex(obj, key, NULL)) {
		parse_refuse(ps, "the same name twice in one object");
	} else if (!parse_take(ps, ':')) {
		parse_refuse(ps, "a colon is missing after a name");
	} else {
		value = parse_value(ps);
		ok = !ps->wrong;
		if (ok &&
		    json_object_object_add_ex(obj, key, value, JSON_C_OBJECT_ADD_KEY_IS_NEW) != 0)
			parse_made(NULL);
	}
	if (key != small)
		free(key);
	return ok;
}

static json *
object_value(struct parser *ps)
{
	json *obj = parse_made(json_object_new_object());

	skip_space(ps);
	if (parse_take(ps, '}'))
		return obj;
	while (parse_member(ps, obj)) {
		skip_space(ps);
		if (parse_take(ps, '}'))
			return obj;
		if (!parse_take(ps, ',')) {
			parse_refuse(ps, "a comma or a closing brace is missing");
			break;
		}
	}
	json_object_put(obj);
	return NULL;
}

static json *
list_value(struct parser *ps)
{
	json *list = parse_made(json_object_new_array()), *value;

	skip_space(ps);
	if (parse_take(ps, ']'))
		return list;
	for (;;) {
		value = parse_value(ps);
		if (ps->wrong)
			break;
		if (json_object_array_add(list, value) != 0)
			parse_made(NULL);
		skip_space(ps);
		if (parse_take(ps, ']'))
			return list;
		if (!parse_take(ps, ',')) {
			parse_refuse(ps, "a comma or a closing bracket is missing");
			break;
		}
	}
	json_object_put(list);
	return NULL;
}

static bool
take_word(struct parser *ps, const char *word)
{
	if (!str_starts((struct str){ ps->p, (size_t)(ps->end - ps->p) }, word))
		return parse_refuse(ps, "this is not a value");
	ps->p += strlen(word);
	return true;
}

/* NULL is also the value null: ps->wrong tells. */
static json *
parse_value(struct parser *ps)
{
	json *j = NULL;

	skip_space(ps);
	if (ps->p == ps->end) {
		parse_refuse(ps, "the text ends where a value should be");
		return NULL;
	}
	if (*ps->p == '{' || *ps->p == '[') {
		if (ps->depth == JSON_DEPTH) {
			parse_refuse(ps, "it is nested too deeply");
			return NULL;
		}
		ps->depth++;
		j = *ps->p++ == '{' ? object_value(ps) : list_value(ps);
		ps->depth--;
		return j;
	}
	if (parse_take(ps, '"'))
		return string_value(ps);
	if (*ps->p == '-' || (*ps->p >= '0' && *ps->p <= '9'))
		return number_value(ps);
	if (*ps->p == 't')
		return take_word(ps, "true") ? parse_made(json_object_new_boolean(1)) : NULL;
	if (*ps->p == 'f')
		return take_word(ps, "false") ? parse_made(json_object_new_boolean(0)) : NULL;
	take_word(ps, "null");
	return NULL;
}

static void
parse_put(void *p)
{
	json_object_put(p);
}

/* The object of the whole text; false with ps->wrong and ps->p at the fault. */
static bool
parse_text(struct parser *ps, struct str text, json **out)
{
	*ps = (struct parser){ .start = text.p, .p = text.p, .end = text.p + text.n };
	*out = NULL;
	if (text.n > INT32_MAX)
		return parse_refuse(ps, "it is too long");
	if (!str_utf8_ok(text))
		return parse_refuse(ps, "it is not valid UTF-8");
	buf_init(&ps->text, text.n);
	*out = parse_value(ps);
	if (!ps->wrong) {
		skip_space(ps);
		if (ps->p != ps->end) {
			parse_refuse(ps, "there is more after the value");
			json_object_put(*out);
			*out = NULL;
		}
	}
	buf_release(&ps->text);
	return !ps->wrong;
}

enum rc
json_parse(struct ctx *cx, const char *what, struct str text, json **out)
{
	struct parser ps;
	int line = 1;

	if (parse_text(&ps, text, out)) {
		if (*out)
			arena_defer(cx->a, parse_put, *out);
		return RC_OK;
	}
	for (const char *p = ps.start; p < ps.p; p++)
		line += *p == '\n';
	return fail(cx, E_BAD_REQUEST, "%s is not valid JSON: %s (line %d).", what, ps.wrong, line);
}

json *
json_stored(struct arena *a, const char *text)
{
	struct parser ps;
	json *j;

	if (!text || !parse_text(&ps, str_c(text), &j))
		return NULL;
	if (j)
		arena_defer(a, parse_put, j);
	return j;
}
