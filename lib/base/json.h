/*
 * json.h - json-c behind strict parsing, typed getters and arena ownership. The only user of
 * json-c's accessors.
 *
 * Every object made or parsed here belongs to an arena and needs no put. json_set() and
 * json_add() take a reference of their own, so a child may come from another arena.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/err.h"

typedef struct json_object json;

enum { JSON_DEPTH = 32 };

/* Strict RFC 8259, UTF-8 checked, the whole text consumed, at most JSON_DEPTH deep.
 * E_BAD_REQUEST with line and reason otherwise. `what` names the text in the message: "The
 * body". */
MUST enum rc json_parse(struct ctx *, const char *what, struct str text, json **out);
/* The same for text we stored ourselves: NULL or invalid text gives NULL. */
json *json_stored(struct arena *, const char *text);
/* All of it anew; NULL: null. */
json *json_copy(struct arena *, const json *);

json *json_new(struct arena *);  /* {} */
json *json_list(struct arena *); /* [] */
json *json_string(struct arena *, struct str);
void json_set(json *obj, const char *key, json *child);      /* NULL child: null */
void json_set_str(json *obj, const char *key, const char *); /* NULL: null */
void json_set_s(json *obj, const char *key, struct str);
void json_set_i64(json *obj, const char *key, int64_t);
void json_set_f(json *obj, const char *key, double);
void json_set_bool(json *obj, const char *key, bool);
void json_set_null(json *obj, const char *key);
void json_set_time(json *obj, const char *key, int64_t ms); /* RFC 3339 text; ms <= 0: null */
void json_unset(json *obj, const char *key);
void json_add(json *list, json *child);
void json_add_str(json *list, const char *);

/* Getters: never coerce. A missing member, null, or another type gives NULL / false / the
 * default. */
json *json_at(const json *obj, const char *key);
const char *json_str(const json *obj, const char *key);
struct str json_s(const json *obj, const char *key); /* {NULL, 0} when absent */
bool json_i64(const json *obj, const char *key, int64_t *out);
int64_t json_num(const json *obj, const char *key, int64_t dflt);
bool json_flag(const json *obj, const char *key, bool dflt);
bool json_has(const json *obj, const char *key); /* present, even as null */
bool json_is_null(const json *);
bool json_is_obj(const json *);
bool json_is_list(const json *);
bool json_is_str(const json *);
bool json_is_bool(const json *);
bool json_is_num(const json *); /* integer or real */
bool json_is_int(const json *);
/* mustache: false, null, "" and [] are false */
bool json_truth(const json *);
const char *json_value_str(const json *); /* of a string itself */
/* of an integer itself, 0 otherwise */
int64_t json_value_i64(const json *);
bool json_value_bool(const json *);
/* of a list, or members of an object */
size_t json_len(const json *);
json *json_nth(const json *list, size_t);
/* for (struct json_iter it = {0}; json_each(obj, &it);) use it.key, it.value */
struct json_iter {
	const char *key;
	json *value;
	void *next;
	bool started;
};
bool json_each(const json *obj, struct json_iter *);

/* Compact text, "/" not escaped, valid UTF-8; allocated from the arena. */
const char *json_text(struct arena *, const json *);

struct buf;
/* Appends a JSON string literal, quotes included, for the bytes (must be UTF-8; control
 * characters escaped). */
void json_quote(struct buf *, struct str);

#endif
