/*
 * What is parsed by a process of its own comes out as if it were parsed here; whatever becomes of
 * that process ends one read, with a sentence; and it has nothing else.
 */
#include "unit/parser_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/confine.h"

#if defined(__SANITIZE_ADDRESS__)
#define FILTERED 0
#elif defined(__has_feature)
#define FILTERED !__has_feature(address_sanitizer)
#else
#define FILTERED 1
#endif

extern const struct reader reader_csv, reader_json, reader_ical;

/* --- a source that does what its settings say --- */

static enum rc
odd_reach(struct ctx *c, struct sink *sink, const char *path)
{
	char dir[200];
	int open_too = 0;

	snprintf(dir, sizeof dir, "%s.d", path);
	if (open(path, O_RDONLY) >= 0 || errno != EACCES)
		TRY(sink->warn(c, sink, "reads", "."));
	if (open(path, O_WRONLY) >= 0 || open(dir, O_WRONLY | O_CREAT, 0600) >= 0)
		TRY(sink->warn(c, sink, "writes", "."));
	if (unlink(path) == 0 || mkdir(dir, 0700) == 0 || rename(path, dir) == 0)
		TRY(sink->warn(c, sink, "changes", "."));
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		TRY(sink->warn(c, sink, "connects", "."));
	if (fork() >= 0)
		TRY(sink->warn(c, sink, "forks", "."));
	for (int fd = STDERR_FILENO + 1; fd < 300; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && fcntl(fd, F_GETFL) >= 0)
			TRY(sink->warn(c, sink, arena_printf(c->a, "open_%d", ++open_too), "."));
	return RC_OK;
}

static _Noreturn void
odd_fill(struct ctx *c)
{
	for (;;)
		(void)arena_alloc(c->a, 1 << 20);
}

/* Not by what the tests have for it. */
static void
odd_die(int number)
{
	signal(number, SIG_DFL);
	kill(getpid(), number);
}

static enum rc
odd_parse(
    struct ctx *c, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	const char *does = json_str(src->config, "does");
	const int64_t number = json_num(src->config, "signal", 0);

	(void)pages;
	(void)n;
	TRY(sink->dataset(c, sink, "", "Odd"));
	if (!strcmp(does, "reach"))
		return odd_reach(c, sink, json_str(src->config, "path"));
	if (!strcmp(does, "fill"))
		odd_fill(c);
	if (!strcmp(does, "refuse"))
		return fail(c, E_LEASE, NULL);
	if (number)
		odd_die((int)number);
	return fail(c, E_CSV, "This is odd.");
}

static const struct reader reader_odd = { .parse = odd_parse };
static const struct kind kind_odd = { .id = "odd", .caps = KIND_PULL };
static const struct provider providers_here[] = {
	{ .kind = &kind_csv, .reader = &reader_csv },
	{ .kind = &kind_json, .reader = &reader_json },
	{ .kind = &kind_ical, .reader = &reader_ical },
	{ .kind = &kind_odd, .reader = &reader_odd },
};

const struct provider *
provider_find(const char *id)
{
	for (size_t i = 0; i < sizeof providers_here / sizeof *providers_here; i++)
		if (!strcmp(providers_here[i].kind->id, id))
			return &providers_here[i];
	return NULL;
}

/* --- one read, here and there --- */

static int
parser_open(void **state)
{
	if (home_open(state) != 0)
		return -1;
	conf_override(CONF_WORKER_MB, "64");
	log_level((enum log_level)0); /* it is told each time */
	return parser_fork(&cx) != RC_OK;
}

static int
parser_close(void **state)
{
	parser_end();
	return spooled_close(state);
}

static void
comes_out_alike(const char *kind, const char *config, const struct str *pages, size_t n)
{
	const struct source src = { .config = json_stored(cx.a, config) };
	struct fixture *here = fixture_new(cx.a), *there = fixture_new(cx.a);
	struct spool *sp = spooled(pages, n);
	int64_t read_here, read_there;
	struct parsing p = parsing_of(kind, &src, sp, &read_here);
	struct page_in *in;
	struct err err;

	here->sentences = there->sentences = true;
	assert_ok(spool_pages(&cx, sp, false, &read_here, &in));
	if (p.provider->reader->parse(&cx, &src, in, n, &here->sink) == RC_OK)
		cx.err = (struct err){ 0 };
	err = cx.err;
	p = parsing_of(kind, &src, sp, &read_there);
	assert_int_equal(parser_run(&cx, &p, &there->sink), error_row(err.kind)->rc);
	assert_string_equal(cx.err.detail, err.detail);
	assert_int_equal(cx.err.kind, err.kind);
	assert_string_equal(buf_c(there->text), buf_c(here->text));
	assert_int_equal(read_there, read_here);
	spool_remove(sp);
}

static void
test_alike(void **state)
{
	struct str one = STR("id;name\n1;\"A\n;x\"\n2;B;surplus\n;\n3;\xc3\xa4\n");
	struct str odd = STR("id,name\n1,\xcf\xf0\xe8\xe2\xe5\xf2\n2,\xec\xe8\xf0\n");
	struct str zoned = STR("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\n"
			       "DTSTART;TZID=Europe/Berlin:20261001T100000\r\nSUMMARY:T\xc3\xa4"
			       "g\r\nEND:VEVENT\r\nBEGIN:VTODO\r\nEND:VTODO\r\nEND:VCALENDAR\r\n");
	struct str items[] = {
		STR("{\"items\":[{\"id\":1,\"tags\":[1,{\"a\":\"b \\u0041\"}]},{\"name\":\"x\"}]}"),
		STR("{\"items\":[{\"name\":null,\"id\":2.50},7,{\"id\":true,\"new\":\"\"}]}")
	};
	struct str broken = STR("[{\"id\":1},{\"id\":");

	(void)state;
	comes_out_alike("csv", "{\"url\":\"http://a/x.csv\"}", &one, 1);
	/* A character set is loaded there. */
	comes_out_alike(
	    "csv", "{\"url\":\"http://a/x.csv\",\"encoding\":\"windows-1251\"}", &odd, 1);
	comes_out_alike("csv", "{\"url\":\"http://a/x.csv\"}", &odd, 1);
	comes_out_alike("ical", "{\"url\":\"http://a/x.ics\"}", &zoned, 1);
	comes_out_alike("json", "{\"url\":\"http://a/x\",\"next\":\"next\"}", items, 2);
	comes_out_alike("json", "{\"url\":\"http://a/x\"}", &broken, 1);
	comes_out_alike("json", "{\"url\":\"http://a/x\"}", &(struct str){ "", 0 }, 1);
}

/* More than is sent at once, on both ways. */
static void
test_large(void **state)
{
	struct buf *csv = buf_in(cx.a, 8 << 20), *page = buf_in(cx.a, 8 << 20);
	struct str long_one, pages[300];

	(void)state;
	buf_str(csv, "id,text\n");
	for (int i = 0; i < 20000; i++)
		buf_printf(csv, "%d,text of %d\n", i, i);
	buf_str(csv, "x,");
	for (int i = 0; i < 1 << 20; i++)
		buf_ch(csv, 'y');
	long_one = buf_s(csv);
	comes_out_alike("csv", "{\"url\":\"http://a/x.csv\"}", &long_one, 1);
	for (size_t i = 0; i < 300; i++) {
		buf_clear(page);
		buf_printf(page, "[{\"id\":%zu,\"m%zu\":[%zu]}]", i, i % 150, i);
		pages[i] = str_c(arena_dup(cx.a, buf_c(page)));
	}
	comes_out_alike("json", "{\"url\":\"http://a/x\",\"next\":\"page:p\"}", pages, 300);
}

/* --- what becomes of it --- */

static enum rc
odd_run(const char *config, struct fixture *f)
{
	const struct source src = { .config = json_stored(cx.a, config) };
	struct spool *sp = spooled(&(struct str){ "x", 1 }, 1);
	int64_t read_bytes;
	const struct parsing p = parsing_of("odd", &src, sp, &read_bytes);
	const enum rc rc = parser_run(&cx, &p, &f->sink);

	spool_remove(sp);
	return rc;
}

static void
test_its_end_is_a_sentence(void **state)
{
	static const struct {
		const char *does;
		int signal;
		enum error_kind kind;
		const char *says;
	} ends[] = {
		{ "fail", 0, E_CSV, "This is odd." },
		{ "fail", SIGFPE, E_CRASHED, "signal 8" },
		{ "fail", SIGXCPU, E_SOURCE_TOO_LARGE, "minutes" },
		{ "fail", SIGKILL, E_UNAVAILABLE, "was ended" },
		{ "fill", 0, E_SOURCE_TOO_LARGE, "memory" },
		/* What says something of the run is not its to say. */
		{ "refuse", 0, E_CRASHED, "could not be used" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * (sizeof ends / sizeof *ends); i++) {
		const size_t k = i % (sizeof ends / sizeof *ends);

		assert_error(odd_run(arena_printf(cx.a, "{\"does\":\"%s\",\"signal\":%d}",
					 ends[k].does, ends[k].signal),
				 fixture_new(cx.a)),
		    ends[k].kind);
		assert_non_null(strstr(cx.err.detail, ends[k].says));
	}
}

static enum rc
enough(struct ctx *c, struct sink *sink, const struct row *row)
{
	(void)sink;
	return row->line > 3 ? fail(c, E_ENOUGH, NULL) : RC_OK;
}

static void
test_who_has_enough_ends_it(void **state)
{
	const struct source src = { .config = json_stored(cx.a, "{\"url\":\"http://a/x.csv\"}") };
	struct buf *csv = buf_in(cx.a, 8 << 20);
	struct fixture *f = fixture_new(cx.a);
	int64_t read_bytes;
	struct parsing p;
	struct str all;

	for (int i = 0; i < 50000; i++)
		buf_printf(csv, "%d,text of %d\n", i, i);
	all = buf_s(csv);
	f->sink.row = enough;
	p = parsing_of("csv", &src, spooled(&all, 1), &read_bytes);
	assert_error(parser_run(&cx, &p, &f->sink), E_ENOUGH);
	spool_remove(p.spool);
	/* The next one is made as ever. */
	test_its_end_is_a_sentence(state);
}

static void
test_it_has_nothing_else(void **state)
{
	struct fixture *f = fixture_new(cx.a);
	const char *path = arena_printf(cx.a, "%s/secret", home);
	const int own = open(path, O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_true(own >= 0);
	close(own);
	assert_ok(odd_run(arena_printf(cx.a, "{\"does\":\"reach\",\"path\":\"%s\"}", path), f));
	/* One descriptor is open: the socket to whoever runs it. */
	assert_string_equal(buf_c(f->text), "dataset \"Odd\"\nwarn open_1\n");
	assert_int_equal(access(path, R_OK), 0);
}

/* Of a prefix that was looked at, only the last page is torn. */
static void
test_the_last_page_of_a_prefix_is_cut(void **state)
{
	const struct str pages[] = { STR("a"), STR("b"), STR("c") };
	struct spool *sp = spooled(pages, 3);
	struct page_in *in;
	int64_t read_bytes = 0;

	(void)state;
	assert_ok(spool_pages(&cx, sp, true, &read_bytes, &in));
	assert_true(!in[0].cut && !in[1].cut && in[2].cut);
	assert_ok(spool_pages(&cx, sp, false, &read_bytes, &in));
	assert_true(!in[0].cut && !in[1].cut && !in[2].cut);
	spool_remove(sp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_its_end_is_a_sentence),
		cmocka_unit_test(test_who_has_enough_ends_it),
		cmocka_unit_test(test_the_last_page_of_a_prefix_is_cut),
		/* Sanitizers need calls that the filter refuses: builds with them have none, nor
		 * have kernels without it. */
		cmocka_unit_test(test_it_has_nothing_else),
	};
	const struct confine_kernel here = confine_kernel();
	const size_t without = FILTERED && here.landlock && here.seccomp ? 0 : 1;

	home_in_memory();
	return _cmocka_run_group_tests(
	    "parser", tests, sizeof tests / sizeof *tests - without, parser_open, parser_close);
}
