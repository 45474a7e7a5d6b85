/*
 * workdir.c - see workdir.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "queue/workdir.h"

const char *
workdir_top(struct arena *a)
{
	return conf_path(a, "spool");
}

char *
workdir_path(struct arena *a, const char *run_id)
{
	return arena_printf(a, "%s/%s", workdir_top(a), run_id);
}

void
workdir_remove(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(dir);
}

void
workdir_discard(struct arena *a, const char *run_id)
{
	workdir_remove(workdir_path(a, run_id));
}

void
workdir_sweep(struct arena *a, int64_t now)
{
	const char *top = workdir_top(a);
	DIR *d = opendir(top);
	struct dirent *e;
	struct stat st;

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISDIR(st.st_mode))
			continue;
		if ((int64_t)st.st_mtime * SECOND_MS < now - DAY_MS)
			workdir_remove(arena_printf(a, "%s/%s", top, e->d_name));
	}
	closedir(d);
}
