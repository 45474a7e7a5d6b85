/* Which addresses may be reached: tests/table/guard.txt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours is another */

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/conf.h"
#include "net/reach.h"
#include "net/http.h"
#include "unit/table_file.h"

static int wrong;
static struct ctx cx;

/* "1.2.3.4", "1.2.3.4:80", "::1", "[::1]:80". */
static bool
reachable(const char *text, const char *allow)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	char host[64];
	const char *colon = strrchr(text, ':');
	unsigned port = 0;

	snprintf(host, sizeof host, "%s", text);
	if (text[0] == '[' || (colon && strchr(text, ':') == colon)) {
		const size_t skip = text[0] == '[';
		snprintf(host, sizeof host, "%.*s", (int)((size_t)(colon - text) - 2 * skip),
		    text + skip);
		port = (unsigned)atoi(colon + 1);
	}
	if (inet_pton(AF_INET, host, &in.sin_addr) == 1) {
		in.sin_port = htons((uint16_t)port);
		return reach_allows((struct sockaddr *)&in, sizeof in, allow);
	}
	assert_int_equal(inet_pton(AF_INET6, host, &in6.sin6_addr), 1);
	in6.sin6_port = htons((uint16_t)port);
	return reach_allows((struct sockaddr *)&in6, sizeof in6, allow);
}

static bool
is_blocked(const char *url, const char *allow)
{
	const struct http_get get = { .url = url, .max_bytes = 1000, .silence_ms = 5000 };
	struct http_reply reply;

	conf_override(CONF_ALLOW_NETS, allow);
	return http_get(&cx, &get, &reply) != RC_OK && cx.err.kind == E_ADDRESS_BLOCKED;
}

static void
check(char *const *columns, int n, const char *where)
{
	const char *what = columns[0], *in = columns[1], *allow = columns[2], *want = columns[3];
	const char *got;

	assert_int_equal(n, 4);
	if (strcmp(what, "addr") == 0)
		got = reachable(in, allow) ? "yes" : "no";
	else if (strcmp(what, "list") == 0)
		got = reach_check_list(&cx, in) == RC_OK ? "ok" : "no";
	else if (strcmp(what, "url") == 0)
		got = reach_check_url(&cx, in) == RC_OK ? "ok" : "no";
	else
		got = is_blocked(in, allow) ? "blocked" : error_row(cx.err.kind)->code;
	if (strcmp(got, want) != 0) {
		print_message("# %s %s (%s): got %s, not %s\n", where, in, allow, got, want);
		wrong++;
	}
}

static void
every_case_of_the_table_holds(void **state)
{
	(void)state;
	assert_in_range(table_each("tests/table/guard.txt", check), 150, 1000);
	assert_int_equal(wrong, 0);
}

static bool
is_refused_when_typed(const char *url, const char *allow)
{
	conf_override(CONF_ALLOW_NETS, allow);
	return reach_check_url(&cx, url) == RC_OK && reach_check_literal(&cx, url) != RC_OK &&
	    cx.err.kind == E_ADDRESS_BLOCKED;
}

/* Also that no network is allowed changes nothing of what is said of a name. */
static void
check_typed(char *const *columns, int n, const char *where)
{
	const char *url = columns[0], *host;
	bool literal;

	assert_int_equal(n, 3);
	if (strcmp(columns[1], "blocked"))
		return;
	host = strstr(url, "//") + 2;
	literal = strcspn(host, "/") == strspn(host, "0123456789abcdefABCDEFxX.:[]");
	if (is_refused_when_typed(url, "") != literal ||
	    is_refused_when_typed(url, "0.0.0.0/0,::/0")) {
		print_message("# %s %s: %s\n", where, url, literal ? "not refused" : "refused");
		wrong++;
	}
}

static void
an_address_in_digits_is_refused_as_soon_as_it_is_typed(void **state)
{
	(void)state;
	wrong = 0;
	assert_in_range(table_each("tests/table/ssrf.txt", check_typed), 120, 1000);
	assert_int_equal(wrong, 0);
	assert_false(is_refused_when_typed("http://8.8.8.8/", ""));
	assert_false(is_refused_when_typed("https://[2606:4700::1111]:8443/", ""));
	assert_true(is_refused_when_typed("https://[2606:4700::1111]:25/", ""));
	assert_true(is_refused_when_typed("https://8.8.8.8:25/", ""));
	assert_false(is_refused_when_typed("http://10.1/", "10.0.0.1:80"));
	assert_true(is_refused_when_typed("https://10.1/", "10.0.0.1:80"));
	assert_false(is_refused_when_typed("https://[fd00::1]:8443/", "[fd00::/8]:8443"));
	assert_string_equal(cx.err.detail,
	    "10.0.0.1 leads to a private network, or to a port that is not the web's, which "
	    "Tidemark does not reach unless its operator allows it.");
}

static void
nothing_private_is_allowed_by_default(void **state)
{
	(void)state;
	assert_false(reachable("127.0.0.1", ""));
	assert_false(reachable("127.0.0.1", NULL));
}

static void
other_socket_families_are_refused(void **state)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };

	(void)state;
	assert_false(reach_allows(&sa, sizeof sa, "0.0.0.0/0"));
	assert_false(reach_allows((struct sockaddr *)&in, 4, "0.0.0.0/0"));
}

static void
addresses_with_control_characters_or_too_long_are_refused(void **state)
{
	char url[10100];

	(void)state;
	assert_int_not_equal(reach_check_url(&cx, "http://a.example/\r\nHost: b"), RC_OK);
	assert_int_not_equal(reach_check_url(&cx, "http://a.example/\t"), RC_OK);
	assert_int_not_equal(reach_check_url(&cx, "http://a.example/\xff"), RC_OK);
	assert_int_not_equal(reach_check_url(&cx, ""), RC_OK);
	assert_int_not_equal(reach_check_url(&cx, NULL), RC_OK);
	memset(url, 'a', sizeof url);
	memcpy(url, "http://a.example/", 17);
	url[10000] = '\0';
	assert_int_equal(reach_check_url(&cx, url), RC_OK);
	url[10000] = 'a';
	url[10001] = '\0';
	assert_int_not_equal(reach_check_url(&cx, url), RC_OK);
	assert_int_equal(cx.err.kind, E_URL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_table_holds),
		cmocka_unit_test(an_address_in_digits_is_refused_as_soon_as_it_is_typed),
		cmocka_unit_test(nothing_private_is_allowed_by_default),
		cmocka_unit_test(other_socket_families_are_refused),
		cmocka_unit_test(addresses_with_control_characters_or_too_long_are_refused),
	};

	cx.a = arena_new("test", 64 << 20, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
