/*
 * value.c - see value.h.
 *
 * Recursion is bounded: json_parse() lets nothing deeper than JSON_DEPTH in.
 */
#include "agree/value.h"

/* A number without its spelling: 0.<digits> * 10^exponent. Zero has no digits and no sign. */
struct decimal {
	bool minus;
	struct str digits;
	int64_t exponent;
};

/* Far beyond any number that is meant; one that is larger is as good as this. */
static const int64_t exponent_max = INT64_C(1) << 60;

static int64_t
decimal_exponent(struct str s)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	int64_t e;

	if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
		s.p++;
		s.n--;
	}
	if (!str_i64(s, 0, exponent_max, &e))
		e = exponent_max;
	return minus ? -e : e;
}

/* text: of a JSON number. */
static struct decimal
decimal_of(struct arena *a, struct str text)
{
	struct decimal d = { .minus = text.n > 0 && text.p[0] == '-' };
	char *digits = arena_alloc(a, text.n + 1);
	size_t n = 0, i = d.minus;
	bool point = false;

	for (; i < text.n && text.p[i] != 'e' && text.p[i] != 'E'; i++) {
		point |= text.p[i] == '.';
		if (text.p[i] < '0' || text.p[i] > '9')
			continue;
		if (n > 0 || text.p[i] != '0')
			digits[n++] = text.p[i];
		/* Digits before the point raise the exponent, noughts right behind it lower it. */
		if (!point && n > 0)
			d.exponent++;
		else if (point && n == 0)
			d.exponent--;
	}
	if (i < text.n)
		d.exponent += decimal_exponent((struct str){ text.p + i + 1, text.n - i - 1 });
	while (n > 0 && digits[n - 1] == '0')
		n--;
	if (n == 0)
		return (struct decimal){ .digits = STR("") };
	d.digits = (struct str){ digits, n };
	return d;
}

static bool
number_same(struct arena *a, const json *x, const json *y)
{
	struct decimal dx = decimal_of(a, str_c(json_text(a, x)));
	struct decimal dy = decimal_of(a, str_c(json_text(a, y)));

	return dx.minus == dy.minus && dx.exponent == dy.exponent && str_eq(dx.digits, dy.digits);
}

static bool
list_same(struct arena *a, const json *x, const json *y)
{
	size_t n = json_len(x);

	if (n != json_len(y))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!value_same(a, json_nth(x, i), json_nth(y, i)))
			return false;
	return true;
}

static bool
object_same(struct arena *a, const json *x, const json *y)
{
	if (json_len(x) != json_len(y))
		return false;
	for (struct json_iter it = { 0 }; json_each(x, &it);)
		if (!json_has(y, it.key) || !value_same(a, it.value, json_at(y, it.key)))
			return false;
	return true;
}

bool
value_same(struct arena *a, const json *x, const json *y)
{
	if (x == y)
		return true;
	if (json_is_null(x) || json_is_null(y))
		return false;
	if (json_is_str(x))
		return json_is_str(y) && !strcmp(json_value_str(x), json_value_str(y));
	if (json_is_num(x))
		return json_is_num(y) && number_same(a, x, y);
	if (json_is_bool(x))
		return json_is_bool(y) && json_value_bool(x) == json_value_bool(y);
	if (json_is_list(x))
		return json_is_list(y) && list_same(a, x, y);
	return json_is_obj(y) && object_same(a, x, y);
}

bool
slot_same(struct arena *a, struct slot x, struct slot y)
{
	return x.there == y.there && (!x.there || value_same(a, x.v, y.v));
}

struct slot
slot_of(const json *obj, const char *key)
{
	return (struct slot){ .there = json_has(obj, key), .v = json_at(obj, key) };
}

void
slot_set(json *obj, const char *key, struct slot s)
{
	if (s.there)
		json_set(obj, key, s.v);
	else
		json_unset(obj, key);
}
