/*
 * json.c - json-c behind typed getters and arena ownership. Reading texts is json_parse.c's.
 *
 * json-c returns NULL only when memory has run out, which ends the process.
 */
#include "base/json.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

static void
json_put(void *p)
{
	json_object_put(p);
}

static json *
json_made(json *j)
{
	if (j)
		return j;
	log_event(LOG_LEVEL_ERR, "json.no_memory", NULL);
	abort();
}

static json *
json_owned(struct arena *a, json *j)
{
	arena_defer(a, json_put, json_made(j));
	return j;
}

static json *
new_string(struct str s)
{
	/* No text that we hold comes near this; a longer one would turn negative in json-c. */
	if (s.n > INT32_MAX)
		json_made(NULL);
	return json_made(json_object_new_string_len(s.n > 0 ? s.p : "", (int)s.n));
}

json *
json_new(struct arena *a)
{
	return json_owned(a, json_object_new_object());
}

json *
json_list(struct arena *a)
{
	return json_owned(a, json_object_new_array());
}

json *
json_string(struct arena *a, struct str s)
{
	return json_owned(a, new_string(s));
}

json *
json_copy(struct arena *a, const json *j)
{
	json *copy = NULL;

	if (!j)
		return NULL;
	/* json-c reads it and does not say so. */
	if (json_object_deep_copy((json *)(uintptr_t)j, &copy, NULL) != 0)
		json_made(NULL);
	return json_owned(a, copy);
}

/* Gives the reference that `child` carries to the object. */
static void
json_give(json *obj, const char *key, json *child)
{
	if (json_object_object_add(obj, key, child) != 0)
		json_made(NULL);
}

void
json_set(json *obj, const char *key, json *child)
{
	json_give(obj, key, json_object_get(child));
}

void
json_set_str(json *obj, const char *key, const char *s)
{
	json_give(obj, key, s ? new_string(str_c(s)) : NULL);
}

void
json_set_s(json *obj, const char *key, struct str s)
{
	json_give(obj, key, s.p ? new_string(s) : NULL);
}

void
json_set_i64(json *obj, const char *key, int64_t v)
{
	json_give(obj, key, json_made(json_object_new_int64(v)));
}

void
json_set_f(json *obj, const char *key, double v)
{
	char text[40];

	if (!isfinite(v)) {
		json_set_null(obj, key);
		return;
	}
	/* The shortest text that reads back as the same number. */
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	json_give(obj, key, json_made(json_object_new_double_s(v, text)));
}

void
json_set_bool(json *obj, const char *key, bool v)
{
	json_give(obj, key, json_made(json_object_new_boolean(v)));
}

void
json_set_null(json *obj, const char *key)
{
	json_give(obj, key, NULL);
}

void
json_set_time(json *obj, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT];

	json_set_str(obj, key, ms > 0 ? clock_text(ms, text) : NULL);
}

void
json_unset(json *obj, const char *key)
{
	json_object_object_del(obj, key);
}

void
json_add(json *list, json *child)
{
	if (json_object_array_add(list, json_object_get(child)) != 0)
		json_made(NULL);
}

void
json_add_str(json *list, const char *s)
{
	if (json_object_array_add(list, s ? new_string(str_c(s)) : NULL) != 0)
		json_made(NULL);
}

bool
json_is_null(const json *j)
{
	return !j;
}

bool
json_is_obj(const json *j)
{
	return json_object_is_type(j, json_type_object);
}

bool
json_is_list(const json *j)
{
	return json_object_is_type(j, json_type_array);
}

bool
json_is_str(const json *j)
{
	return json_object_is_type(j, json_type_string);
}

bool
json_is_bool(const json *j)
{
	return json_object_is_type(j, json_type_boolean);
}

bool
json_is_int(const json *j)
{
	return json_object_is_type(j, json_type_int);
}

bool
json_is_num(const json *j)
{
	return json_is_int(j) || json_object_is_type(j, json_type_double);
}

bool
json_has(const json *obj, const char *key)
{
	return json_object_object_get_ex(obj, key, NULL);
}

json *
json_at(const json *obj, const char *key)
{
	json *j = NULL;

	/* Of what is no object json-c has no members. */
	json_object_object_get_ex(obj, key, &j);
	return j;
}

struct str
json_s(const json *obj, const char *key)
{
	json *j = json_at(obj, key);

	if (!json_is_str(j))
		return (struct str){ NULL, 0 };
	return (struct str){ json_object_get_string(j), (size_t)json_object_get_string_len(j) };
}

const char *
json_str(const json *obj, const char *key)
{
	return json_value_str(json_at(obj, key));
}

bool
json_i64(const json *obj, const char *key, int64_t *out)
{
	json *j = json_at(obj, key);

	if (!json_is_int(j))
		return false;
	*out = json_object_get_int64(j);
	return true;
}

int64_t
json_num(const json *obj, const char *key, int64_t dflt)
{
	int64_t v = dflt;

	json_i64(obj, key, &v);
	return v;
}

bool
json_flag(const json *obj, const char *key, bool dflt)
{
	json *j = json_at(obj, key);

	return json_is_bool(j) ? json_object_get_boolean(j) : dflt;
}

const char *
json_value_str(const json *j)
{
	/* json-c's accessor takes a mutable object because it caches text for other types; a
	 * string it only reads. */
	return json_is_str(j) ? json_object_get_string((json *)(uintptr_t)j) : NULL;
}

int64_t
json_value_i64(const json *j)
{
	return json_is_int(j) ? json_object_get_int64(j) : 0;
}

bool
json_value_bool(const json *j)
{
	return json_is_bool(j) && json_object_get_boolean(j);
}

bool
json_truth(const json *j)
{
	if (!j)
		return false;
	if (json_is_bool(j))
		return json_object_get_boolean(j);
	if (json_is_str(j))
		return json_object_get_string_len(j) > 0;
	if (json_is_list(j))
		return json_object_array_length(j) > 0;
	return true;
}

size_t
json_len(const json *j)
{
	if (json_is_list(j))
		return json_object_array_length(j);
	return json_is_obj(j) ? (size_t)json_object_object_length(j) : 0;
}

json *
json_nth(const json *list, size_t i)
{
	return json_is_list(list) ? json_object_array_get_idx(list, i) : NULL;
}

bool
json_each(const json *obj, struct json_iter *it)
{
	struct lh_entry *e;

	if (!json_is_obj(obj))
		return false;
	e = it->started ? it->next : json_object_get_object(obj)->head;
	it->started = true;
	if (!e)
		return false;
	it->key = lh_entry_k(e);
	it->value = lh_entry_v(e);
	it->next = e->next;
	return true;
}

/* True when one of the 8 bytes is a control character, a quote or a backslash. */
static bool
needs_escape(uint64_t w)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');

	return ((((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) &
		   high) != 0;
}

/* Length of the run from p that can be copied as it is. */
static size_t
clean_run(const char *p, size_t n)
{
	size_t i = 0;

	while (n - i >= sizeof(uint64_t)) {
		uint64_t w;

		memcpy(&w, p + i, sizeof w);
		if (needs_escape(w))
			break;
		i += sizeof w;
	}
	while (i < n && (unsigned char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

void
json_quote(struct buf *b, struct str s)
{
	char escape[UTF8_ESCAPE_MAX];
	size_t n = clean_run(s.p, s.n);

	/* The usual cell has nothing to escape and fits: one copy. */
	if (n == s.n && n + 2 <= b->max - b->n) {
		char *p;

		if (b->n + n + 2 >= b->cap)
			buf_reserve(b, b->n + n + 2);
		p = b->p + b->n;
		*p++ = '"';
		if (n > 0)
			memcpy(p, s.p, n);
		p[n] = '"';
		p[n + 1] = '\0';
		b->n += n + 2;
		return;
	}
	buf_ch(b, '"');
	for (;;) {
		buf_add(b, s.p, n);
		s.p += n;
		s.n -= n;
		if (s.n == 0)
			break;
		buf_add(b, escape, utf8_escape(escape, *s.p));
		s.p++;
		s.n--;
		n = clean_run(s.p, s.n);
	}
	buf_ch(b, '"');
}

static void text_add(struct buf *, const json *);

/* As it was read, or set. */
static void
text_double(struct buf *b, const char *text)
{
	if (!text)
		json_made(NULL);
	buf_str(b, text);
}

static void
text_members(struct buf *b, const json *obj)
{
	char before = '{';

	for (struct json_iter it = { 0 }; json_each(obj, &it);) {
		buf_ch(b, before);
		json_quote(b, str_c(it.key));
		buf_ch(b, ':');
		text_add(b, it.value);
		before = ',';
	}
	if (before == '{')
		buf_ch(b, before);
	buf_ch(b, '}');
}

static void
text_items(struct buf *b, const json *list)
{
	buf_ch(b, '[');
	for (size_t i = 0; i < json_len(list); i++) {
		if (i > 0)
			buf_ch(b, ',');
		text_add(b, json_nth(list, i));
	}
	buf_ch(b, ']');
}

static void
text_add(struct buf *b, const json *j)
{
	/* json-c's accessors of texts take a mutable object because they keep the text of a number
	 * inside it; the value stays as it is. */
	json *known = (json *)(uintptr_t)j;

	switch (json_object_get_type(j)) {
	case json_type_object:
		text_members(b, j);
		return;
	case json_type_array:
		text_items(b, j);
		return;
	case json_type_string:
		json_quote(b,
		    (struct str){
			json_object_get_string(known), (size_t)json_object_get_string_len(j) });
		return;
	case json_type_null:
		buf_str(b, "null");
		return;
	case json_type_boolean:
		buf_str(b, json_object_get_boolean(j) ? "true" : "false");
		return;
	case json_type_int:
		buf_printf(b, "%lld", (long long)json_object_get_int64(j));
		return;
	case json_type_double:
		text_double(b, json_object_to_json_string_ext(known, JSON_C_TO_STRING_PLAIN));
		return;
	}
}

const char *
json_text(struct arena *a, const json *j)
{
	struct buf b;
	const char *text;

	if (!j)
		return "null";
	buf_init(&b, INT32_MAX);
	text_add(&b, j);
	if (b.over)
		json_made(NULL);
	text = arena_dup_str(a, buf_s(&b));
	buf_release(&b);
	return text;
}
