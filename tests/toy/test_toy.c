/* What a writer owes, shown by the toy kind against its service: a change that is made, one that met
 * another, one of which nobody knows, and what looking tells then. */
#include "unit/unit.h"

#include <sys/wait.h>

#include "net/http_call.h"
#include "provider/provider.h"

static struct source src;
static pid_t server;

/* What a run lends; nobody waits. */
static enum rc
lent_token(struct ctx *c, struct remote *r, const char *refused, const char **bearer)
{
	(void)c, (void)r;
	assert_null(refused);
	*bearer = json_str(src.secret, "bearer");
	return RC_OK;
}

static enum rc
lent_spend(struct ctx *c, struct remote *r, int quota)
{
	(void)c, (void)r;
	assert_int_equal(quota, QUOTA_TOY);
	return RC_OK;
}

static enum rc
lent_slow(struct ctx *c, struct remote *r, int quota, int64_t ms)
{
	(void)c, (void)r, (void)quota, (void)ms;
	return RC_OK;
}

static enum rc
lent_pause(struct ctx *c, struct remote *r, int64_t ms)
{
	(void)c, (void)r, (void)ms;
	return RC_OK;
}

static enum rc
lent_alive(struct ctx *c, struct remote *r)
{
	(void)c, (void)r;
	return RC_OK;
}

static struct remote lent = {
	.address = "ann@toy.example",
	.token = lent_token,
	.spend = lent_spend,
	.slow = lent_slow,
	.pause = lent_pause,
	.alive = lent_alive,
};

static json *
ask(const char *method, const char *path, const char *type, const char *body)
{
	struct http_call call = {
		.method = method,
		.url = arena_printf(cx.a, "%s%s", conf_str(CONF_TOY_BASE), path),
		.content_type = type,
		.body = str_c(body),
		.max_bytes = 1 << 20,
		.timeout_ms = 10000,
		.configured = true,
	};
	struct http_answer answer;

	assert_ok(http_call(&cx, &call, &answer));
	return json_stored(cx.a, answer.body.p);
}

static json *
control(const char *what)
{
	return ask("POST", "/control", "application/json", what);
}

static const json *
toy(const char *id)
{
	return json_at(json_at(control("{}"), "toys"), id);
}

static int
setup(void **state)
{
	const char *token;

	if (unit_open(state))
		return 1;
	token = json_str(
	    ask("POST", "/token", "application/x-www-form-urlencoded",
		"grant_type=refresh_token&refresh_token=refresh&client_id=toy-client&client_secret=toy-secret"),
	    "access_token");
	src = (struct source){
		.config = json_stored(cx.a, "{\"shelf\": \"red\"}"),
		.secret = json_stored(cx.a, arena_printf(cx.a, "{\"bearer\": \"%s\"}", token)),
		.remote = &lent,
	};
	return 0;
}

static const struct writer *
writer(void)
{
	return provider_find("toy")->writer;
}

static void
a_change_is_made_and_what_the_source_has_comes_back(void **state)
{
	struct push p = { .id = "p1", .values = json_stored(cx.a, "{\"name\": \"Bear\"}") };
	struct pushed out;

	(void)state;
	assert_ok(writer()->send(&cx, &src, &p, &out));
	assert_non_null(out.key);
	assert_string_equal(json_str(toy(out.key), "name"), "Bear");
	p = (struct push){
		.id = "p2",
		.key = out.key,
		.etag = out.etag,
		.values = json_stored(cx.a, "{\"colour\": \"brown\"}"),
	};
	assert_ok(writer()->send(&cx, &src, &p, &out));
	assert_string_equal(json_str(out.values, "name"), "Bear");
	assert_string_equal(json_str(toy(out.key), "colour"), "brown");
	assert_string_not_equal(out.etag, p.etag);
	p = (struct push){ .id = "p3", .key = out.key, .etag = out.etag };
	assert_ok(writer()->send(&cx, &src, &p, &out));
	assert_null(out.key);
	assert_null(toy(p.key));
	assert_ok(writer()->look(&cx, &src, &p, &out));
	assert_null(out.key);
}

static void
a_change_of_what_has_changed_meanwhile_is_not_made(void **state)
{
	struct push p = {
		.id = "p4",
		.key = "duck",
		.etag = "\"r0\"",
		.values = json_stored(cx.a, "{\"name\": \"Goose\"}"),
	};
	struct pushed out;

	(void)state;
	control("{\"toy\": {\"id\": \"duck\", \"name\": \"Duck\", \"colour\": \"yellow\"}}");
	assert_error(writer()->send(&cx, &src, &p, &out), E_CHANGED);
	assert_int_equal(error_row(E_CHANGED)->rc, RC_CONFLICT);
	assert_string_equal(json_str(toy("duck"), "name"), "Duck");
	assert_ok(writer()->look(&cx, &src, &p, &out));
	p.etag = out.etag;
	assert_ok(writer()->send(&cx, &src, &p, &out));
	assert_string_equal(json_str(toy("duck"), "name"), "Goose");
}

static void
a_change_without_an_answer_is_unsure_until_somebody_has_looked(void **state)
{
	struct push p = { .id = "p5", .values = json_stored(cx.a, "{\"name\": \"Ball\"}") };
	size_t before;
	struct pushed out;

	(void)state;
	before = json_len(json_at(control("{\"drop\": 1}"), "asked"));
	assert_error(writer()->send(&cx, &src, &p, &out), E_UNSURE);
	assert_int_equal(error_row(E_UNSURE)->rc, RC_UNSURE);
	assert_int_equal(json_len(json_at(control("{}"), "asked")), before + 1);
	assert_ok(writer()->look(&cx, &src, &p, &out));
	assert_non_null(out.key);
	assert_string_equal(json_str(out.values, "name"), "Ball");
	/* Of one that was never made it says so. */
	p.id = "p6";
	assert_ok(writer()->look(&cx, &src, &p, &out));
	assert_null(out.key);
}

static void
kinds_without_a_writer_and_a_watcher_say_so(void **state)
{
	(void)state;
	assert_null(provider_find("csv")->writer->send);
	assert_null(provider_find("csv")->watcher->watch);
	assert_non_null(provider_find("toy")->watcher->watch);
}

static int
server_start(void **state)
{
	static char address[80];
	int fd[2];
	ssize_t n;

	(void)state;
	if (pipe(fd))
		return 1;
	server = fork();
	if (server == 0) {
		dup2(fd[1], STDOUT_FILENO);
		execlp("perl", "perl", "tests/toy/toy_server.pl", (char *)NULL);
		_exit(1);
	}
	close(fd[1]);
	n = read(fd[0], address, sizeof address - 1);
	close(fd[0]);
	if (n < 1)
		return 1;
	address[strcspn(address, "\n")] = '\0';
	conf_override(CONF_TOY_BASE, address);
	return 0;
}

static int
server_stop(void **state)
{
	(void)state;
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, unit_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_is_made_and_what_the_source_has_comes_back),
		TEST(a_change_of_what_has_changed_meanwhile_is_not_made),
		TEST(a_change_without_an_answer_is_unsure_until_somebody_has_looked),
		TEST(kinds_without_a_writer_and_a_watcher_say_so),
	};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
