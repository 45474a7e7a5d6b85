/* Many processes in one: each with its context and struct db, killed at any point without ending
 * this one (lib/base/step.h, proc_play()). */
#include "unit/engine_fixture.h"

#include "base/proc.h"
#include "base/step.h"

#ifdef TIDEMARK_STEPS

/* A process that is played. */
struct actor {
	pid_t pid;
	struct arena *a; /* cx.a may be that of a page when it is killed */
	struct ctx cx;
	struct db *db;
};

static jmp_buf killed_here;
static int kill_in;

static void
count_down(void *arg, const char *name)
{
	(void)arg, (void)name;
	if (kill_in > 0 && --kill_in == 0)
		longjmp(killed_here, 1);
}

static void
actor_open(struct actor *p, pid_t pid)
{
	*p = (struct actor){ .pid = pid, .a = arena_new("actor", (size_t)1 << 29, 0) };
	p->cx.a = p->a;
	assert_ok(db_open(&p->cx, 0, &p->db));
}

static void
actor_close(struct actor *p)
{
	db_close(p->db);
	arena_free(p->a);
}

/* Works off the queue as that process; true when it was killed at its at-th step (0: never). */
static bool
actor_works(struct actor *p, int at)
{
	struct claim_state st = { 0 };
	bool found = true;

	proc_play(p->pid);
	kill_in = at;
	step_watch(count_down, NULL);
	if (setjmp(killed_here)) {
		step_watch(NULL, NULL);
		return true;
	}
	while (found) {
		struct job job = { 0 };

		assert_int_equal(queue_claim(&p->cx, p->db, &st, NULL, &found, &job), RC_OK);
		if (found)
			assert_int_equal(engine_run(&p->cx, p->db, &job), RC_OK);
	}
	step_watch(NULL, NULL);
	proc_play(0);
	return false;
}

static void
queue_one(void)
{
	struct conn c;
	const char *id;

	assert_ok(conn_get(&cx, db, OWNER, CONN, &c));
	assert_ok(db_begin(&cx, db));
	assert_ok(sync_enqueue(&cx, db, &c, "manual", &id));
	assert_ok(db_commit(&cx, db));
}

static void
a_claim_carries_the_process_that_is_played(void **state)
{
	struct actor p[2];
	struct claim_state st = { 0 };
	struct job job = { 0 };
	struct holder held[4];
	int64_t reaped;
	bool found;
	size_t n;

	(void)state;
	actor_open(&p[0], 100001);
	actor_open(&p[1], 100002);
	queue_one();
	for (int i = 0; i < 2; i++) {
		proc_play(p[i].pid);
		assert_int_equal(queue_claim(&p[i].cx, p[i].db, &st, NULL, &found, &job), RC_OK);
		assert_int_equal(found, i == 0);
	}
	proc_play(0);
	assert_int_equal(proc_self(), getpid());
	assert_ok(queue_running(&cx, db, held, 4, &n));
	assert_int_equal(n, 1);
	assert_int_equal(held[0].pid, 100001);
	assert_ok(queue_reap(&cx, db, 100002, E_CRASHED, &reaped));
	assert_int_equal(reaped, 0);
	assert_ok(queue_reap(&cx, db, 100001, E_CRASHED, &reaped));
	assert_int_equal(reaped, 1);
	actor_close(&p[0]);
	actor_close(&p[1]);
}

static void
one_is_killed_at_every_step_and_another_goes_on(void **state)
{
	int64_t n;
	int kills = 0;
	pid_t pid = 200000;

	(void)state;
	script.page_bytes = 12;
	for (int at = 1;; at++) {
		struct actor dead, heir;

		script.text = at % 2 ? "id,name\n1,a\n2,b\n3,c\n" : "id,name\n1,a\n2,x\n4,d\n";
		queue_one();
		actor_open(&dead, ++pid);
		if (!actor_works(&dead, at)) {
			actor_close(&dead);
			break;
		}
		kills++;
		actor_close(&dead);
		assert_ok(queue_reap(&cx, db, dead.pid, E_CRASHED, &n));
		actor_open(&heir, ++pid);
		assert_false(actor_works(&heir, 0));
		actor_close(&heir);
		if (raw_number("SELECT count(*) FROM sync WHERE state IN ('queued', 'running')"))
			flunk("step %d: a run is left over", at);
		if (raw_number("SELECT count(*) FROM record WHERE deleted IS NULL") != 3)
			flunk("step %d: %s", at, contents());
	}
	assert_in_range(kills, 8, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(a_claim_carries_the_process_that_is_played),
		ENGINE_TEST(one_is_killed_at_every_step_and_another_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int
main(void)
{
	puts("1..0 # SKIP nobody can be played outside test builds");
	return 0;
}
#endif
