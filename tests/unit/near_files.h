/*
 * near_files.h - SQLite's files without system calls, for programs that live through thousands of
 * transactions in a home in memory. The files are what they always are, but mapped: what lies
 * within one is copied, and only what makes it longer is written. Locks are for other processes, of
 * which there are none: between handles of one process SQLite keeps account itself.
 */
#ifndef NEAR_FILES_H
#define NEAR_FILES_H

#include "unit/unit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { NEAR_FDS = 1024, NEAR_FILES = 32, NEAR_BYTES = 64 << 20 };

struct near_file {
	dev_t dev;
	ino_t ino;
	char *at;
	off_t size; /* everybody who changes it comes through here */
	int fds;    /* 0: none, and free */
};

static struct near_file near_files[NEAR_FILES];
static struct near_file *near_of[NEAR_FDS];

static inline struct near_file *
near_find(const struct stat *st)
{
	struct near_file *free_one = NULL;

	for (int i = 0; i < NEAR_FILES; i++) {
		struct near_file *f = &near_files[i];

		if (f->fds && f->dev == st->st_dev && f->ino == st->st_ino)
			return f;
		if (!f->fds)
			free_one = f;
	}
	return free_one;
}

/* NULL: it is not mapped. */
static inline struct near_file *
near_file(int fd)
{
	struct near_file *f;
	struct stat st;
	void *at;

	if (fd < 0 || fd >= NEAR_FDS)
		return NULL;
	if (near_of[fd])
		return near_of[fd];
	if (fstat(fd, &st) != 0 || !(f = near_find(&st)))
		return NULL;
	if (!f->fds) {
		at = mmap(NULL, NEAR_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (at == MAP_FAILED)
			return NULL;
		*f = (struct near_file){
			.dev = st.st_dev, .ino = st.st_ino, .at = at, .size = st.st_size
		};
	}
	f->fds++;
	return near_of[fd] = f;
}

static inline bool
near_within(const struct near_file *f, size_t n, off_t from)
{
	return f && from >= 0 && n <= NEAR_BYTES && from <= NEAR_BYTES - (off_t)n &&
	    from + (off_t)n <= f->size;
}

static inline ssize_t
near_read(int fd, void *out, size_t n, off_t from)
{
	const struct near_file *f = near_file(fd);

	if (!near_within(f, n, from))
		return pread(fd, out, n, from);
	memcpy(out, f->at + from, n);
	return (ssize_t)n;
}

static inline ssize_t
near_write(int fd, const void *in, size_t n, off_t from)
{
	struct near_file *f = near_file(fd);
	ssize_t done;

	if (near_within(f, n, from)) {
		memcpy(f->at + from, in, n);
		return (ssize_t)n;
	}
	done = pwrite(fd, in, n, from);
	if (f && done > 0 && from + done > f->size)
		f->size = from + done;
	return done;
}

static inline int
near_truncate(int fd, off_t size)
{
	struct near_file *f = near_file(fd);
	int done = ftruncate(fd, size);

	if (f && done == 0)
		f->size = size;
	return done;
}

static inline int
near_close(int fd)
{
	struct near_file *f = fd >= 0 && fd < NEAR_FDS ? near_of[fd] : NULL;

	if (f) {
		near_of[fd] = NULL;
		if (--f->fds == 0)
			munmap(f->at, NEAR_BYTES);
	}
	return close(fd);
}

static inline int
near_lock(int fd, int what, ...)
{
	va_list ap;
	long arg;

	va_start(ap, what);
	arg = va_arg(ap, long);
	va_end(ap);
	return what == F_SETLK ? 0 : fcntl(fd, what, arg);
}

static inline void
near_call(const char *name, sqlite3_syscall_ptr call)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	if (vfs->xGetSystemCall(vfs, name))
		assert_int_equal(vfs->xSetSystemCall(vfs, name, call), SQLITE_OK);
}

/* After the product has opened a database for the first time: it sets SQLite up. */
static inline void
near_files_open(void)
{
	near_call("fcntl", (sqlite3_syscall_ptr)near_lock);
	near_call("pread", (sqlite3_syscall_ptr)near_read);
	near_call("pread64", (sqlite3_syscall_ptr)near_read);
	near_call("pwrite", (sqlite3_syscall_ptr)near_write);
	near_call("pwrite64", (sqlite3_syscall_ptr)near_write);
	near_call("ftruncate", (sqlite3_syscall_ptr)near_truncate);
	near_call("close", (sqlite3_syscall_ptr)near_close);
}

#endif
