/*
 * state.c - the file that a world is kept in over a restart. It is written anew beside the old one
 * and takes its place, so whoever kills the program leaves one that is whole and at most as old as
 * the time between two writings: a second, or more where writing itself takes long.
 */
#include "fake/main/main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"

enum {
	STATE_EVERY_MS = 1000,
	STATE_SHARE = 50, /* at most this part of the processor's time goes into it */
	STATE_MOST = 1 << 29
};

static struct {
	const char *path; /* NULL: nothing is kept */
	int64_t due;      /* not before */
	int64_t asked;    /* when it was saved; -1: not yet */
	unsigned char digest[SHA256_LEN];
} state = { .asked = -1 };

static struct arena *
state_arena(void)
{
	return arena_new("state", (size_t)4 << 30, 0);
}

/*
 * Reading.
 */
static bool
state_text(FILE *in, struct buf *b)
{
	char piece[65536];
	size_t n;

	while ((n = fread(piece, 1, sizeof piece, in)) > 0)
		buf_add(b, piece, n);
	return !ferror(in) && !b->over;
}

/* What cannot be read is kept for a person to look at. */
static void
state_set_aside(struct arena *a, const char *path)
{
	const char *aside = arena_printf(a, "%s.damaged", path);

	fprintf(stderr, "tidemark-fake: %s cannot be read; what it holds is invented anew. %s\n",
	    path,
	    rename(path, aside) == 0 ? arena_printf(a, "It is %s now.", aside) : strerror(errno));
}

void
state_read(struct fake *f, const char *path)
{
	struct arena *a = state_arena();
	struct buf *b = buf_in(a, STATE_MOST);
	FILE *in = fopen(path, "re");
	const bool none = !in && errno == ENOENT;
	const bool read = in && state_text(in, b);
	const json *top = read ? json_stored(a, buf_c(b)) : NULL;

	state.path = path;
	if (in)
		fclose(in);
	if (json_is_obj(top))
		fake_load(f, top);
	else if (!none && !(read && b->n == 0))
		state_set_aside(a, path);
	arena_free(a);
}

/*
 * Writing.
 */
static bool
state_put(struct arena *a, const char *text)
{
	const char *next = arena_printf(a, "%s.new", state.path);
	int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool put = out && fputs(text, out) >= 0;

	if (out && fclose(out) != 0)
		put = false;
	if (put && rename(next, state.path) == 0)
		return true;
	fprintf(stderr, "tidemark-fake: %s: %s\n", state.path, strerror(errno));
	return false;
}

/* What the program has used of the processor: a machine that does much else makes nothing wait. */
static int64_t
state_worked_ms(void)
{
	return (int64_t)clock() * SECOND_MS / CLOCKS_PER_SEC;
}

static void
state_write(struct fake *f, bool ended)
{
	const int64_t from = state_worked_ms();
	struct arena *a = state_arena();
	const char *text = json_text(a, fake_save(f, a, ended));
	unsigned char digest[SHA256_LEN];
	int64_t pause;

	state.asked = fake_asked(f);
	hash_sha256(str_c(text), digest);
	if (memcmp(digest, state.digest, sizeof digest) != 0 && state_put(a, text))
		memcpy(state.digest, digest, sizeof digest);
	arena_free(a);
	pause = (state_worked_ms() - from) * STATE_SHARE;
	state.due = clock_mono_ms() + (pause < STATE_EVERY_MS ? STATE_EVERY_MS : pause);
}

/* The first time at once: what was kept when the last one ended is the end no more. */
void
state_turn(struct fake *f)
{
	if (state.path && state.asked != fake_asked(f) && clock_mono_ms() >= state.due)
		state_write(f, false);
}

int64_t
state_wait(const struct fake *f, int64_t ms)
{
	const int64_t left = state.due - clock_mono_ms();

	if (!state.path || state.asked == fake_asked(f) || left >= ms)
		return ms;
	return left < 0 ? 0 : left;
}

void
state_end(struct fake *f)
{
	if (state.path)
		state_write(f, true);
}
