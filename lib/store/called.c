/*
 * called.c - see called.h.
 */
#include "store/called.h"

int
called_column(const json *columns)
{
	static const char *const names[] = { "displayName", "name", "title", "full name", "summary",
		"subject", "label" };

	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		for (size_t i = 0; i < json_len(columns); i++) {
			const json *c = json_nth(columns, i);

			if (!json_flag(c, "gone", false) &&
			    str_ieq(json_s(c, "name"), str_c(names[k])))
				return (int)i;
		}
	return -1;
}

const char *
called(struct arena *a, int column, const json *values, const char *key, bool digest)
{
	const json *v = column >= 0 ? json_nth(values, (size_t)column) : NULL;

	for (size_t i = 0; digest && i < json_len(values) && !json_truth(v); i++)
		v = json_nth(values, i);
	if (!json_truth(v))
		return key;
	return json_is_str(v) ? json_value_str(v) : json_text(a, v);
}

bool
called_by_digest(const json *key_rule)
{
	return str_is(json_s(key_rule, "kind"), "content");
}
