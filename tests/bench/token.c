/*
 * token.c - how long it takes to check an API token, in microseconds: token TEXT, in the state
 * directory that the environment names.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "store/token.h"

enum { TIMES = 20000 };

int
main(int argc, char **argv)
{
	struct ctx cx = { .a = arena_new("bench", 64 * 1024 * 1024, 0) };
	struct token t;
	struct db *db;
	int64_t began;

	log_init("bench");
	if (argc != 2 || conf_load(&cx) != RC_OK || db_open(&cx, 0, &db) != RC_OK)
		return 1;
	began = clock_mono_ms();
	for (int i = 0; i < TIMES; i++) {
		if (token_find(&cx, db, argv[1], "127.0.0.1", &t) != RC_OK)
			return 1;
		if (i % 100 == 0)
			arena_reset(cx.a);
	}
	printf("%.2f\n", (double)(clock_mono_ms() - began) * 1000 / TIMES);
	db_close(db);
	return 0;
}
