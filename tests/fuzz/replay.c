/*
 * Runs every file of tests/fuzz/corpus through its target, without a fuzzer: one TAP line each.
 * Files that once broke something stay there.
 */
#include <dirent.h>

#include "base/buf.h"
#include "fuzz/fuzz.h"

enum { INPUT_MAX = 1024 * 1024 };

static const struct {
	const char *name;
	void (*run)(struct ctx *, struct str);
} targets[] = {
#define FUZZ(name) { #name, fuzz_##name },
#include "fuzz/targets.def"
#undef FUZZ
};

enum { TARGETS = sizeof targets / sizeof targets[0] };

static int
is_file(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void
run_file(size_t target, const char *path)
{
	struct ctx cx = { .a = arena_new("fuzz", (size_t)256 << 20, 0) };
	struct buf *b = buf_in(cx.a, INPUT_MAX);
	FILE *f = fopen(path, "re");
	char chunk[4096];
	size_t n;

	if (!f) {
		perror(path);
		exit(1);
	}
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(b, chunk, n);
	fclose(f);
	/* A copy of its very size, so that reading past its end is seen. */
	char *copy = malloc(b->n ? b->n : 1);
	must(copy);
	memcpy(copy, buf_c(b), b->n);
	targets[target].run(&cx, (struct str){ copy, b->n });
	free(copy);
	arena_free(cx.a);
}

int
main(void)
{
	int no = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < TARGETS; i++) {
		struct dirent **list;
		char path[1000];
		int n;

		snprintf(path, sizeof path, "tests/fuzz/corpus/%s", targets[i].name);
		n = scandir(path, &list, is_file, alphasort);
		if (n <= 0) {
			printf("not ok %d - %s has no seeds\n", ++no, targets[i].name);
			continue;
		}
		for (int k = 0; k < n; k++) {
			snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", targets[i].name,
			    list[k]->d_name);
			run_file(i, path);
			printf("ok %d - %s/%s\n", ++no, targets[i].name, list[k]->d_name);
			free(list[k]);
		}
		free(list);
	}
	printf("1..%d\n", no);
	return 0;
}
