/*
 * veil.c - see veil.h.
 */
#include "kind/veil.h"

#include "net/header.h"

static bool
veil_harmless(struct str name)
{
	static const char *const harmless[] = { "accept", "accept-charset", "accept-language",
		"accept-datetime", "cache-control", "content-type", "dnt", "from", "if-range",
		"origin", "pragma", "prefer", "referer", "user-agent", "x-requested-with" };
	static const struct str version = { "-version", 8 };

	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
		if (str_ieq(name, str_c(harmless[i])))
			return true;
	return name.n > version.n &&
	    str_ieq((struct str){ name.p + name.n - version.n, version.n }, version);
}

/* Names of headers are the same in any case. */
static const char *
veil_find(const json *secrets, const char *name)
{
	for (struct json_iter it = { 0 }; json_each(json_at(secrets, "headers"), &it);)
		if (str_ieq(str_c(it.key), str_c(name)))
			return json_value_str(it.value);
	return NULL;
}

bool
veil_headers(struct arena *a, json *config, const struct veil_from *from, json *secrets,
    const char **missing)
{
	json *shown = json_new(a), *hidden = json_new(a);
	bool kept = false;

	*missing = NULL;
	for (struct json_iter it = { 0 }; json_each(json_at(config, "headers"), &it);) {
		const char *value = json_value_str(it.value);

		if (veil_harmless(str_c(it.key))) {
			json_set_str(shown, it.key, value);
			continue;
		}
		if (!strcmp(value, VEIL) && !(value = veil_find(from->given, it.key))) {
			value = veil_find(from->kept, it.key);
			kept |= value != NULL;
		}
		json_set_str(shown, it.key, VEIL);
		if (value && header_ok(it.key, value))
			json_set_str(hidden, it.key, value);
		else
			*missing = arena_dup(a, it.key);
	}
	if (json_len(shown))
		json_set(config, "headers", shown);
	if (json_len(hidden))
		json_set(secrets, "headers", hidden);
	return kept;
}

const json *
veil_open(struct arena *a, const json *config)
{
	json *open = NULL;

	for (struct json_iter it = { 0 }; json_each(json_at(config, "headers"), &it);) {
		if (!strcmp(json_value_str(it.value), VEIL))
			continue;
		open = open ? open : json_new(a);
		json_set_str(open, it.key, json_value_str(it.value));
	}
	return open;
}
