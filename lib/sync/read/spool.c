/*
 * spool.c - see spool.h. Plain files, read and written by one process at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/space.h"
#include "base/vec.h"
#include "queue/workdir.h"
#include "sync/read/spool.h"

enum { READ_CHUNK = 64 * 1024, LOOK_EVERY = 256 * 1024 };

enum rc
spool_fail(struct ctx *cx, int err)
{
	const bool full = err == ENOSPC || err == EDQUOT || err == EFBIG;

	/* That is told in its own words. */
	if (full)
		return fail_file(cx, err, NULL);
	log_event(LOG_LEVEL_ERR, "spool.failed", "i:errno", (int64_t)err, NULL);
	return fail_file(cx, err,
	    arena_printf(cx->a, "Tidemark could not use its own working files (error %d).", err));
}

enum rc
spool_space(struct ctx *cx, const struct spool *sp, int64_t bytes)
{
	if (space_for(bytes))
		return RC_OK;
	return fail(cx, E_DISK_FULL,
	    "This source needs more room than there is: %lld MB of it had been read, and %lld MB "
	    "are kept free for everything else.",
	    (long long)(sp->bytes >> 20), (long long)(space_reserve() >> 20));
}

static void
close_fd(void *p)
{
	struct spool *sp = p;

	if (sp->fd >= 0)
		close(sp->fd);
	sp->fd = -1;
}

char *
spool_path(struct arena *a, const struct spool *sp, const char *name)
{
	return arena_printf(a, "%s/%s", sp->dir, name);
}

enum rc
spool_open(struct ctx *cx, const char *run_id, const char *from, struct spool **out, bool *taken)
{
	struct spool *sp = arena_alloc(cx->a, sizeof *sp);

	sp->a = cx->a;
	sp->dir = workdir_path(cx->a, run_id);
	sp->fd = -1;
	arena_defer(cx->a, close_fd, sp);
	if (from && !strcmp(from, run_id))
		*taken = access(sp->dir, F_OK) == 0;
	else
		*taken = from && rename(workdir_path(cx->a, from), sp->dir) == 0;
	if (!*taken) {
		if (mkdir(workdir_top(cx->a), 0700) && errno != EEXIST)
			return spool_fail(cx, errno);
		if (mkdir(sp->dir, 0700) && errno != EEXIST)
			return spool_fail(cx, errno);
	}
	*out = sp;
	return RC_OK;
}

void
spool_remove(struct spool *sp)
{
	close_fd(sp);
	workdir_remove(sp->dir);
}

static char *
page_path(struct arena *a, const struct spool *sp, size_t n)
{
	return arena_printf(a, "%s/page-%05zu.raw", sp->dir, n);
}

enum rc
spool_page_begin(struct ctx *cx, struct spool *sp, int n, int64_t *have)
{
	struct stat st;

	sp->fd = open(
	    page_path(cx->a, sp, (size_t)n), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (sp->fd < 0 || fstat(sp->fd, &st))
		return spool_fail(cx, errno);
	sp->page_bytes = *have = st.st_size;
	sp->bytes += st.st_size;
	return RC_OK;
}

enum rc
spool_write(struct ctx *cx, struct spool *sp, const char *p, size_t n)
{
	sp->unseen += (int64_t)n;
	if (sp->unseen >= LOOK_EVERY) {
		TRY(spool_space(cx, sp, sp->unseen));
		sp->unseen = 0;
	}
	while (n > 0) {
		ssize_t w = write(sp->fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return spool_fail(cx, errno);
		p += w;
		n -= (size_t)w;
		sp->page_bytes += w;
		sp->bytes += w;
	}
	return RC_OK;
}

enum rc
spool_rewind(struct ctx *cx, struct spool *sp)
{
	if (ftruncate(sp->fd, 0))
		return spool_fail(cx, errno);
	sp->bytes -= sp->page_bytes;
	sp->page_bytes = 0;
	return RC_OK;
}

enum rc
spool_page_end(struct ctx *cx, struct spool *sp, const char *content_type)
{
	(void)cx;
	close_fd(sp);
	VEC_HOLD(sp->a, sp->types, sp->types_cap, sp->pages + 1, VEC_ROWS_MAX);
	sp->types[sp->pages++] = arena_dup(sp->a, content_type);
	return RC_OK;
}

/* One page being read. Files are opened at the first read and closed at the end of each, so that
 * 10,000 pages need one descriptor. */
struct spool_reader {
	const char *path;
	int fd;
	bool ended;
	int64_t *total;
};

static void
reader_close(void *p)
{
	struct spool_reader *r = p;

	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

static enum rc
reader_read(struct ctx *cx, void *arg, char *buf, size_t cap, size_t *got)
{
	struct spool_reader *r = arg;
	ssize_t n;

	*got = 0;
	if (r->ended)
		return RC_OK;
	if (r->fd < 0 && (r->fd = open(r->path, O_RDONLY | O_CLOEXEC)) < 0)
		return spool_fail(cx, errno);
	do
		n = read(r->fd, buf, cap);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return spool_fail(cx, errno);
	*got = (size_t)n;
	*r->total += n;
	if (n == 0) {
		reader_close(r);
		r->ended = true;
	}
	return RC_OK;
}

static enum rc
reader_restart(struct ctx *cx, void *arg)
{
	struct spool_reader *r = arg;

	r->ended = false;
	if (r->fd >= 0 && lseek(r->fd, 0, SEEK_SET) < 0)
		return spool_fail(cx, errno);
	return RC_OK;
}

void
spool_page(struct ctx *cx, struct spool *sp, size_t n, int64_t *read_bytes, struct page_in *out)
{
	struct spool_reader *r = arena_alloc(cx->a, sizeof *r);

	*r = (struct spool_reader){
		.path = page_path(cx->a, sp, n),
		.fd = -1,
		.total = read_bytes,
	};
	arena_defer(cx->a, reader_close, r);
	*out = (struct page_in){
		.content_type = sp->types[n],
		.read = reader_read,
		.restart = reader_restart,
		.arg = r,
	};
}

enum rc
spool_pages(struct ctx *cx, struct spool *sp, bool cut, int64_t *read_bytes, struct page_in **out)
{
	struct page_in *pages = arena_array(cx->a, sp->pages ? sp->pages : 1, sizeof *pages);

	for (size_t i = 0; i < sp->pages; i++) {
		spool_page(cx, sp, i, read_bytes, &pages[i]);
		pages[i].cut = cut && i + 1 == sp->pages;
	}
	*out = pages;
	return RC_OK;
}

enum rc
spool_page_open(struct ctx *cx, const struct spool *sp, size_t n, int *fd)
{
	*fd = open(page_path(cx->a, sp, n), O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? spool_fail(cx, errno) : RC_OK;
}

enum rc
spool_digest(struct ctx *cx, struct spool *sp, char out[65])
{
	struct hash *h = hash_new(cx->a);
	char *chunk = arena_alloc(cx->a, READ_CHUNK);
	unsigned char sum[SHA256_LEN];
	struct page_in *pages;
	int64_t total = 0;
	size_t got;

	TRY(spool_pages(cx, sp, false, &total, &pages));
	hash_begin(h);
	for (size_t i = 0; i < sp->pages; i++) {
		do {
			TRY(pages[i].read(cx, pages[i].arg, chunk, READ_CHUNK, &got));
			hash_add(h, chunk, got);
		} while (got > 0);
		hash_add(h, "\0page", 5);
	}
	hash_end(h, sum);
	hex_encode(sum, sizeof sum, out);
	return RC_OK;
}

void
spool_drop_pages(struct spool *sp)
{
	for (size_t i = 0; i < sp->pages; i++)
		unlink(page_path(sp->a, sp, i));
}

enum rc
spool_put(struct ctx *cx, struct spool *sp, const char *name, struct str text)
{
	const char *path = spool_path(cx->a, sp, name), *tmp = arena_printf(cx->a, "%s.new", path);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return spool_fail(cx, errno);
	while (text.n > 0) {
		ssize_t w = write(fd, text.p, text.n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			int err = errno;
			close(fd);
			return spool_fail(cx, err);
		}
		text.p += w;
		text.n -= (size_t)w;
	}
	close(fd);
	if (rename(tmp, path))
		return spool_fail(cx, errno);
	return RC_OK;
}

enum rc
spool_get(struct ctx *cx, struct spool *sp, const char *name, size_t max, struct str *out)
{
	struct buf *b = buf_in(cx->a, max);
	char chunk[4096];
	ssize_t n;
	int fd = open(spool_path(cx->a, sp, name), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return spool_fail(cx, errno);
	while ((n = read(fd, chunk, sizeof chunk)) > 0)
		buf_add(b, chunk, (size_t)n);
	close(fd);
	if (n < 0 || b->over)
		return fail(cx, E_UNAVAILABLE, "A working file of this sync could not be read.");
	*out = buf_s(b);
	return RC_OK;
}

const char *
spool_boot_id(struct arena *a)
{
	char id[64] = "";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, id, sizeof id - 1);

	if (fd >= 0)
		close(fd);
	return arena_dup_str(a, str_trim((struct str){ id, n > 0 ? (size_t)n : 0 }));
}
