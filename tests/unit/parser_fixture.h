/*
 * parser_fixture.h - a spool with a read in it, and what is to be parsed of it.
 */
#ifndef TESTS_UNIT_PARSER_FIXTURE_H
#define TESTS_UNIT_PARSER_FIXTURE_H

#include "unit/unit.h"
#include "unit/provider_fixture.h"

#include "base/log.h"
#include "queue/workdir.h"
#include "sync/read/parser.h"

static inline int
spooled_close(void **state)
{
	rmdir(workdir_top(cx.a));
	return home_close(state);
}

static inline struct spool *
spooled(const struct str *pages, size_t n)
{
	static int runs;
	struct spool *sp;
	int64_t have;
	bool taken;

	assert_ok(spool_open(&cx, arena_printf(cx.a, "run-%d", ++runs), NULL, &sp, &taken));
	for (size_t i = 0; i < n; i++) {
		assert_ok(spool_page_begin(&cx, sp, (int)i, &have));
		assert_ok(spool_write(&cx, sp, pages[i].p, pages[i].n));
		assert_ok(spool_page_end(&cx, sp, "text/plain"));
	}
	return sp;
}

static inline struct parsing
parsing_of(const char *kind, const struct source *src, struct spool *sp, int64_t *read_bytes)
{
	*read_bytes = 0;
	cx.err = (struct err){ 0 };
	return (struct parsing){
		.provider = provider_find(kind),
		.source = src,
		.spool = sp,
		.read_bytes = read_bytes,
	};
}

#endif
