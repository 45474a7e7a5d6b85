/*
 * web.c - see web.h.
 */
#include "kind/web.h"

#include "net/header.h"
#include "net/reach.h"

/* What requests say by themselves. */
static bool
web_is_ours(struct str name)
{
	static const char *const ours[] = { "host", "connection", "content-length",
		"transfer-encoding", "accept-encoding", "te", "upgrade", "expect", "range",
		"if-range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since",
		"proxy-authorization", "trailer" };

	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (str_ieq(name, str_c(ours[i])))
			return true;
	return false;
}

void
web_configure(struct arena *a, const json *config, json *errors)
{
	struct ctx cx = { .a = a };
	const char *url = json_str(config, "url");

	if (url && reach_check_url(&cx, url) != RC_OK)
		kind_complain(a, errors, "config.url", cx.err.detail);
	for (struct json_iter it = { 0 }; json_each(json_at(config, "headers"), &it);) {
		const char *value = json_value_str(it.value);

		if (!value || !header_ok(it.key, value))
			kind_complain(a, errors, "config.headers",
			    "A header needs a name of letters, digits and hyphens, "
			    "and a value on one line.");
		else if (str_ieq(str_c(it.key), STR("authorization")))
			kind_complain(a, errors, "config.headers",
			    "Put Authorization into the field of that name, "
			    "where it is stored encrypted.");
		if (web_is_ours(str_c(it.key)))
			kind_complain(a, errors, "config.headers",
			    arena_printf(a, "The header %s is set by Tidemark itself.", it.key));
	}
}
