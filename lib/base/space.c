/*
 * space.c - see space.h.
 */
#include "base/space.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"

enum { SPARE_BYTES = 4 * 1024 * 1024, OF_DISK = 8 };

#ifdef TIDEMARK_STEPS
static int64_t pretended = -1;

void
space_pretend(int64_t bytes)
{
	pretended = bytes;
}
#endif

int64_t
space_free(void)
{
	struct statvfs fs;

#ifdef TIDEMARK_STEPS
	if (pretended >= 0)
		return pretended;
#endif
	return statvfs(conf_str(CONF_HOME), &fs) == 0
	    ? (int64_t)((uint64_t)fs.f_bavail * fs.f_frsize)
	    : INT64_MAX;
}

int64_t
space_reserve(void)
{
	const int64_t wanted = conf_int(CONF_RESERVE_MB) * 1024 * 1024;
	struct statvfs fs;
	int64_t most;

	if (statvfs(conf_str(CONF_HOME), &fs) != 0)
		return wanted;
	most = (int64_t)((uint64_t)fs.f_blocks * fs.f_frsize) / OF_DISK;
	return wanted < most ? wanted : most;
}

bool
space_for(int64_t bytes)
{
	const int64_t free = space_free();

	return free == INT64_MAX || free - bytes >= space_reserve();
}

const char *
space_file(struct arena *a)
{
	return conf_path(a, "reserve");
}

void
space_keep(struct arena *a)
{
	const int64_t part = space_reserve() / 4;
	const off_t size = part < SPARE_BYTES ? (off_t)part : SPARE_BYTES;
	struct stat st;
	int fd;

	if ((stat(space_file(a), &st) == 0 && st.st_size > 0) || !space_for(2 * (int64_t)size))
		return;
	fd = open(space_file(a), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, size) != 0)
		(void)!ftruncate(fd, 0);
	close(fd);
}

/* Emptied rather than removed: who is confined to it may not remove it. */
void
space_give(struct arena *a)
{
	const int fd = open(space_file(a), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > 0 && ftruncate(fd, 0) == 0)
		log_event(LOG_LEVEL_WARN, "space.given", NULL);
	close(fd);
}
