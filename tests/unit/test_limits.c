/* What a run takes of this machine, and leaves: its heartbeat, its descriptors, the disk. */
#include "engine_fixture.h"

#include <sys/resource.h>

#include "base/space.h"
#include "base/step.h"

#ifdef TIDEMARK_STEPS

/* A source of pages, each of which takes so long; none says by itself that it goes on. */
static struct {
	int pages, bytes;
	int64_t ms;
	int64_t late; /* times at which the lease of the run was over */
} paged;

static enum rc
paged_fetch(struct ctx *c, const struct source *src, struct fetch *f)
{
	struct buf *b = buf_in(c->a, 1 << 20);

	(void)src;
	clock_step_by(paged.ms);
	paged.late += raw_number(arena_printf(c->a,
	    "SELECT count(*) FROM sync WHERE state = 'running' AND lease_until < %lld",
	    (long long)clock_ms()));
	if (f->page == 0)
		buf_str(b, "id,name\n");
	buf_printf(b, "%d,", f->page);
	for (int i = 0; i < paged.bytes; i++)
		buf_str(b, "x");
	buf_str(b, "\n");
	f->calls = 1;
	f->content_type = "text/plain";
	if (f->page + 1 < paged.pages)
		f->next_page = "more";
	else
		f->cursor = json_new(c->a);
	return f->write(c, f->arg, buf_c(b), b->n);
}

static int
limits_open(void **state)
{
	if (fixture_open(state) != 0)
		return -1;
	memset(&paged, 0, sizeof paged);
	paged.pages = 1;
	script.text = "";
	script.fetch = paged_fetch;
	clock_step_to(INT64_C(1795000000000));
	return 0;
}

static int
limits_close(void **state)
{
	space_pretend(-1);
	clock_fake(0);
	return fixture_close(state);
}

static void
a_run_of_many_fast_pages_is_alive_all_the_time(void **state)
{
	struct run r;

	(void)state;
	paged.pages = 2400;
	paged.ms = 100;
	r = sync_now();
	assert_string_equal(r.state, "complete");
	assert_int_equal(r.added, 2400);
	assert_int_equal(paged.late, 0);
}

/* Slower than the bytes that a run must bring, but each page is there in time. */
static void
a_run_of_small_slow_pages_moves_with_each_of_them(void **state)
{
	struct run r;

	(void)state;
	paged.pages = 40;
	paged.ms = 50 * SECOND_MS;
	r = sync_now();
	assert_string_equal(r.state, "complete");
	assert_int_equal(r.added, 40);
}

static void
a_person_stops_a_run_between_two_fast_pages(void **state)
{
	struct run r;

	(void)state;
	paged.pages = 5000;
	paged.ms = 20;
	raw("CREATE TRIGGER stopped AFTER UPDATE OF checkpoint ON sync WHEN NEW.checkpoint LIKE "
	    "'%\"pages\":200,%' BEGIN UPDATE sync SET cancel = 1 WHERE no = NEW.no; END");
	r = sync_now();
	assert_string_equal(r.error_code, "cancelled");
	assert_in_range(r.calls, 200, 240);
}

static void
many_pages_need_no_descriptor_each(void **state)
{
	struct rlimit before, few = { 64, 64 };
	struct run r;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	paged.pages = 300;
	r = sync_now();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_string_equal(r.state, "complete");
	assert_int_equal(r.added, 300);
}

/* The checkpoint does not grow with the pages that it tells of. */
static void
a_checkpoint_of_many_pages_is_small(void **state)
{
	(void)state;
	paged.pages = 1000;
	raw("CREATE TABLE widest (n INTEGER); INSERT INTO widest VALUES (0);"
	    "CREATE TRIGGER wide AFTER UPDATE OF checkpoint ON sync WHEN NEW.checkpoint NOT NULL "
	    "BEGIN UPDATE widest SET n = max(n, length(NEW.checkpoint)); END");
	assert_string_equal(sync_now().state, "complete");
	assert_in_range(raw_number("SELECT n FROM widest"), 100, 600);
}

static void
assert_disk_full(const struct run *r)
{
	assert_string_equal(r->state, "error");
	assert_string_equal(r->error_code, "disk_full");
	assert_non_null(strstr(r->error_detail, "more room than there is"));
	/* What it took was given back. */
	assert_int_equal(access(arena_printf(cx.a, "%s/spool/%s", home, r->id), F_OK), -1);
	assert_int_equal(raw_number("SELECT count(*) FROM record"), 0);
}

static void
a_source_that_is_larger_than_the_disk_ends_with_a_sentence(void **state)
{
	struct run r;

	(void)state;
	paged.pages = 20;
	paged.bytes = 100 * 1000;
	space_pretend(space_reserve() + 200 * 1024);
	r = sync_now();
	assert_disk_full(&r);
	/* and a small one is read beside it, although the disk is as full as before */
	paged.pages = 2;
	r = sync_now();
	assert_string_equal(r.state, "complete");
	assert_int_equal(r.added, 2);
	/* Room was made: it goes on by itself. */
	space_pretend(-1);
	paged.pages = 20;
	r = sync_now();
	assert_string_equal(r.state, "complete");
}

static const char *full_at;
static int64_t left;

static void
full_from_then(void *arg, const char *name)
{
	(void)arg;
	if (!strcmp(name, full_at))
		space_pretend(space_reserve() + left);
}

/* The pages are there, but the plan beside them is too much; or it is there, and what it would
 * make in the database is too much. */
static void
a_plan_takes_no_last_bytes_either(void **state)
{
	static const struct {
		const char *at;
		int64_t left;
	} cases[] = {
		{ "download:write", 300 * 1000 },
		{ "process:planned", 1200 * 1000 },
	};
	struct run r;

	(void)state;
	paged.pages = 8;
	paged.bytes = 100 * 1000;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		full_at = cases[i].at;
		left = cases[i].left;
		space_pretend(INT64_C(1) << 40);
		step_watch(full_from_then, NULL);
		r = sync_now();
		step_watch(NULL, NULL);
		assert_disk_full(&r);
	}
	/* with as much as it needs */
	left = 1700 * 1000;
	space_pretend(INT64_C(1) << 40);
	step_watch(full_from_then, NULL);
	r = sync_now();
	step_watch(NULL, NULL);
	assert_string_equal(r.state, "complete");
}

static void
what_is_kept_for_the_end_is_made_and_given_up(void **state)
{
	const char *file = arena_printf(cx.a, "%s/reserve", home);
	struct stat st;

	(void)state;
	space_keep(cx.a);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_size > 0);
	assert_true(st.st_blocks * 512 >= st.st_size);
	assert_int_equal(st.st_mode & 077, 0);
	space_give(cx.a);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_blocks, 0);
	/* On a disk that is full it is not filled: it would take what is wanted. */
	space_pretend(space_reserve());
	space_keep(cx.a);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, 0);
	space_pretend(INT64_C(1) << 40);
	space_keep(cx.a);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_size > 0);
}

/* --- a run that waits is left where it is --- */

static int left_at; /* this page is not there before its time */
static int64_t left_ms;

static enum rc
leaving_fetch(struct ctx *c, const struct source *src, struct fetch *f)
{
	if (f->page == left_at && left_ms > 0) {
		enum rc rc = fail(c, E_LATER, "Waiting for a quota");

		c->err.wait_ms = left_ms;
		left_ms = 0;
		return rc;
	}
	return paged_fetch(c, src, f);
}

/* One piece of work, when there is any. */
static bool
works(void)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	bool found;

	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	if (found)
		assert_ok(engine_run(&cx, db, &job));
	return found;
}

static const char *
asks(void)
{
	struct conn c;
	const char *id;

	assert_ok(conn_get(&cx, db, OWNER, CONN, &c));
	assert_ok(db_begin(&cx, db));
	assert_ok(sync_enqueue(&cx, db, &c, "manual", &id));
	assert_ok(db_commit(&cx, db));
	return id;
}

static struct run
is_left(int page)
{
	const char *id = asks();
	struct run r;

	left_at = page;
	left_ms = 20 * SECOND_MS;
	script.fetch = leaving_fetch;
	assert_true(works());
	assert_ok(run_get(&cx, db, OWNER, id, &r));
	assert_string_equal(r.state, "queued");
	assert_string_equal(r.message, "Waiting for a quota");
	assert_int_equal(r.wait_until, clock_ms() + 20 * SECOND_MS);
	return r;
}

static void
a_run_that_waits_goes_on_from_its_last_page(void **state)
{
	struct run r;

	(void)state;
	paged.pages = 6;
	for (int page = 0; page < 6; page++) {
		raw("DELETE FROM record; UPDATE dataset SET rows = 0; "
		    "UPDATE connection SET cursor = NULL");
		r = is_left(page);
		assert_false(works());
		clock_step_by(19 * SECOND_MS);
		assert_false(works());
		clock_step_by(SECOND_MS);
		assert_true(works());
		assert_ok(run_get(&cx, db, OWNER, r.id, &r));
		assert_string_equal(r.state, "complete");
		assert_int_equal(r.added, 6);
		/* No page was read twice. */
		assert_int_equal(r.calls, 6);
		assert_int_equal(r.attempt, 2);
		assert_int_equal(access(arena_printf(cx.a, "%s/spool/%s", home, r.id), F_OK), -1);
	}
}

static void
a_run_that_waits_can_be_stopped_and_leaves_nothing(void **state)
{
	struct run r;

	(void)state;
	paged.pages = 6;
	r = is_left(3);
	assert_int_equal(access(arena_printf(cx.a, "%s/spool/%s", home, r.id), F_OK), 0);
	assert_ok(sync_cancel(&cx, db, OWNER, r.id));
	assert_int_equal(access(arena_printf(cx.a, "%s/spool/%s", home, r.id), F_OK), -1);
	clock_step_by(MINUTE_MS);
	assert_false(works());
}

/* A process that dies after it has gone on loses no more than any other. */
static void
a_run_that_has_waited_is_resumed_like_others(void **state)
{
	struct claim_state st = { 0 };
	struct job job = { 0 };
	int64_t reaped;
	bool found;
	struct run r;

	(void)state;
	paged.pages = 6;
	r = is_left(3);
	clock_step_by(MINUTE_MS);
	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_string_equal(job.run.id, r.id);
	assert_ok(queue_reap(&cx, db, job.run.pid, E_INTERRUPTED, &reaped));
	assert_int_equal(reaped, 1);
	assert_true(works());
	assert_ok(run_latest(&cx, db, OWNER, CONN, &r));
	assert_string_equal(r.state, "complete");
	assert_int_equal(r.added, 6);
	assert_int_equal(r.calls, 6);
}

#define LIMITS_TEST(f) cmocka_unit_test_setup_teardown(f, limits_open, limits_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LIMITS_TEST(a_run_of_many_fast_pages_is_alive_all_the_time),
		LIMITS_TEST(a_run_of_small_slow_pages_moves_with_each_of_them),
		LIMITS_TEST(a_person_stops_a_run_between_two_fast_pages),
		LIMITS_TEST(many_pages_need_no_descriptor_each),
		LIMITS_TEST(a_checkpoint_of_many_pages_is_small),
		LIMITS_TEST(a_source_that_is_larger_than_the_disk_ends_with_a_sentence),
		LIMITS_TEST(a_plan_takes_no_last_bytes_either),
		LIMITS_TEST(what_is_kept_for_the_end_is_made_and_given_up),
		LIMITS_TEST(a_run_that_waits_goes_on_from_its_last_page),
		LIMITS_TEST(a_run_that_waits_can_be_stopped_and_leaves_nothing),
		LIMITS_TEST(a_run_that_has_waited_is_resumed_like_others),
	};

	fixture_root = "/dev/shm";
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
int
main(void)
{
	puts("1..0 # SKIP the clock cannot be set outside test builds");
	return 0;
}
#endif
