/*
 * engine_fixture.h - a temporary home, one user, one connection, and a scripted source, for
 * tests of the engine.
 *
 * The source is a text: a header line and lines of comma-separated values without quotes. Faults
 * are switched on by the test. This file defines provider_find(), so that the engine meets no
 * other source.
 */
#ifndef ENGINE_FIXTURE_H
#define ENGINE_FIXTURE_H

#include "unit/db_fixture.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "provider/provider.h"
#include "store/data.h"
#include "sync/engine.h"

#define OWNER "00000000-0000-7000-8000-000000000001"
#define CONN "00000000-0000-7000-8000-0000000000c1"

static struct script {
	const char *text;  /* the whole source */
	size_t page_bytes; /* > 0: served in pages of about this size */
	int fail_page;     /* > 0: this page (from 1) fails with fail_kind */
	enum error_kind fail_kind;
	bool fail_parse; /* the last row cannot be parsed */
	bool unchanged;
	/* what the source says of itself: "unchanged" to whoever has it already */
	const char *etag;
	/* Only what was changed since the cursor: a line "-KEY,WHY" is one that is gone. */
	bool delta;
	bool own_keys;            /* the first value is the source's own identity */
	int refuse;               /* so often a cursor is not taken; below 0: whatever is given */
	int refuse_page;          /* from this page on (from 1) */
	void (*line)(int64_t no); /* called before each line is parsed */
	/* NULL, or brings the pages in its own way */
	enum rc (*fetch)(struct ctx *, const struct source *, struct fetch *);
	int fetches;
} script;

static enum rc
script_fetch(struct ctx *c, const struct source *src, struct fetch *f)
{
	size_t all = strlen(script.text);
	size_t size = script.page_bytes ? script.page_bytes : all;
	size_t from = (size_t)f->page * size;
	size_t end = from + size < all ? from + size : all, n;

	script.fetches++;
	if (script.fetch)
		return script.fetch(c, src, f);
	f->calls = 1;
	f->delta = script.delta && src->cursor;
	if (script.refuse < 0 ||
	    (src->cursor && script.refuse > 0 && f->page + 1 >= script.refuse_page)) {
		script.refuse -= script.refuse > 0;
		return fail(c, E_CURSOR, "Scripted.");
	}
	if (script.etag && f->page == 0 && json_str(src->cursor, "etag"))
		f->unchanged = !strcmp(json_str(src->cursor, "etag"), script.etag);
	if ((script.unchanged || f->unchanged) && f->page == 0) {
		f->unchanged = true;
		f->cursor = json_new(c->a);
		return RC_OK;
	}
	if (script.fail_page && f->page + 1 >= script.fail_page)
		return fail(c, script.fail_kind, "Scripted.");
	from += (size_t)f->offset;
	n = end - from;
	TRY(f->tick(c, f->arg, 0, (int64_t)all));
	TRY(f->started(c, f->arg, "\"v1\""));
	/* Two writes, so that a kill can fall between them. */
	TRY(f->write(c, f->arg, script.text + from, n / 2));
	TRY(f->write(c, f->arg, script.text + from + n / 2, n - n / 2));
	f->content_type = "text/plain";
	if (end < all)
		f->next_page = "more";
	else {
		f->cursor = json_new(c->a);
		json_set_str(f->cursor, "etag", script.etag);
	}
	return RC_OK;
}

static enum rc
script_line(struct ctx *c, struct sink *sink, char *line, int64_t no)
{
	struct str cells_s[64];
	struct cell cells[64];
	size_t n = 0;

	for (char *p = line; p && n < 64; n++) {
		char *comma = strchr(p, ',');
		if (comma)
			*comma = 0;
		cells_s[n] = str_c(p);
		cells[n] = (struct cell){ CELL_TEXT, cells_s[n] };
		p = comma ? comma + 1 : NULL;
	}
	if (no == 1)
		return sink->header(c, sink, cells_s, n);
	if (*line == '-')
		return sink->gone(c, sink, str_c(line + 1), n > 1 ? cells_s[1].p : NULL);
	return sink->row(c, sink,
	    &(struct row){
		.cells = cells,
		.n = n,
		.key = script.own_keys ? cells_s[0] : (struct str){ 0 },
		.line = no,
	    });
}

static enum rc
script_parse(
    struct ctx *c, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	struct buf *all = buf_in(c->a, 64 * 1024 * 1024);
	char chunk[4096], *line, *save = NULL;
	int64_t no = 0;
	size_t got;

	(void)src;
	for (size_t i = 0; i < n; i++)
		do {
			TRY(pages[i].read(c, pages[i].arg, chunk, sizeof chunk, &got));
			buf_add(all, chunk, got);
		} while (got > 0);
	if (all->n == 0)
		return fail(c, E_EMPTY, NULL);
	TRY(sink->dataset(c, sink, "", "Test"));
	for (line = strtok_r(buf_c(all), "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (script.line)
			script.line(no + 1);
		TRY(script_line(c, sink, line, ++no));
	}
	return script.fail_parse ? fail(c, E_CSV, "Scripted.") : RC_OK;
}

static const struct field script_fields[] = { { .name = NULL } };
static struct kind kind_script = {
	.id = "script",
	.title = "Scripted source",
	.blurb = "For tests.",
	.caps = KIND_PULL | KIND_COLUMNS,
	.fields = script_fields,
};
static struct reader reader_script = {
	.fetch = script_fetch,
	.parse = script_parse,
};
static struct watcher watcher_script; /* unless a test says so, it cannot call back */
static const struct provider provider_script = {
	.kind = &kind_script,
	.reader = &reader_script,
	.watcher = &watcher_script,
};

const struct provider *
provider_find(const char *id)
{
	return strcmp(id, "script") ? NULL : &provider_script;
}

/* A test of many runs may be better off in memory. */
static const char *fixture_root = "/tmp";

static int
fixture_open(void **state)
{
	struct ctx boot = { .a = arena_new("boot", 1 << 20, 0) };

	(void)state;
	snprintf(home, sizeof home, "%s/tidemark-test-XXXXXX", fixture_root);
	assert_non_null(mkdtemp(home));
	assert_int_equal(conf_load(&boot), RC_OK);
	conf_override(CONF_HOME, home);
	conf_override(CONF_DATABASE_URL, "");
	conf_override(CONF_LOG_LEVEL, "3");
	memset(&script, 0, sizeof script);
	cx = (struct ctx){ .a = arena_new("test", (size_t)1 << 30, 0) };
	new_database();
	raw("INSERT INTO account (id, name, role, created_at) VALUES ('" OWNER
	    "', 'admin', 'operator', 1);"
	    "INSERT INTO connection (id, owner, provider, name, config, created_at, updated_at) "
	    "VALUES ('" CONN "', '" OWNER "', 'script', 'Test', '{}', 1, 1);"
	    "INSERT INTO schedule (connection_id, owner, enabled, health, frequency, "
	    "interval_minutes, set_at) VALUES ('" CONN "', '" OWNER
	    "', 0, 'ok', 'hourly', 60, 1);");
	assert_ok(db_open(&cx, 0, &db));
	arena_free(boot.a);
	return 0;
}

static int
fixture_close(void **state)
{
	char cmd[128];

	(void)state;
	db_close(db);
	arena_free(cx.a);
	snprintf(cmd, sizeof cmd, "rm -rf %s", home);
	return system(cmd);
}

static enum rc
ask_write(struct ctx *c, struct db *d, void *id)
{
	struct conn conn;

	TRY(conn_get(c, d, OWNER, CONN, &conn));
	return sync_enqueue(c, d, &conn, "manual", id);
}

/* Queues a sync; its id. */
static const char *
enqueue(void)
{
	const char *id;

	assert_ok(db_write(&cx, db, ask_write, &id));
	return id;
}

/* Queues and runs one sync; the finished run comes back. */
static struct run
sync_now(void)
{
	const char *id = enqueue();
	struct claim_state st = { 0 };
	struct job job = { 0 };
	struct run r;
	bool found;

	assert_ok(queue_claim(&cx, db, &st, NULL, &found, &job));
	assert_true(found);
	assert_ok(engine_run(&cx, db, &job));
	assert_ok(run_get(&cx, db, OWNER, id, &r));
	return r;
}

static inline struct run
sync_text(const char *text)
{
	script.text = text;
	return sync_now();
}

/* All present records as "key=payload\n" in the order of keys. */
static inline const char *
contents(void)
{
	return raw_lines(
	    "SELECT key || '=' || payload FROM record WHERE deleted IS NULL ORDER BY key", 0);
}

static inline void
assert_counts(const struct run *r, int added, int updated, int deleted, int unchanged)
{
	if (r->added != added || r->updated != updated || r->deleted != deleted ||
	    r->unchanged != unchanged)
		flunk("added %lld updated %lld deleted %lld unchanged %lld, wanted %d "
		      "%d %d %d (%s %s)",
		    (long long)r->added, (long long)r->updated, (long long)r->deleted,
		    (long long)r->unchanged, added, updated, deleted, unchanged, r->state,
		    r->error_detail ? r->error_detail : "");
}

#define ENGINE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

#endif
