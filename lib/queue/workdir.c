/*
 * workdir.c - see workdir.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
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
workdir_clear(struct arena *a, bool (*is_over)(void *arg, const char *name), void *arg)
{
	DIR *d = opendir(workdir_top(a));
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && is_over(arg, e->d_name))
			workdir_discard(a, e->d_name);
	if (d)
		closedir(d);
}

struct sweeping {
	const char *top;
	int64_t now;
};

static bool
is_old(void *arg, const char *name)
{
	const struct sweeping *s = arg;
	char path[PATH_MAX];
	struct stat st;

	return snprintf(path, sizeof path, "%s/%s", s->top, name) < (int)sizeof path &&
	    lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    (int64_t)st.st_mtime * SECOND_MS < s->now - DAY_MS;
}

void
workdir_sweep(struct arena *a, int64_t now)
{
	workdir_clear(a, is_old, &(struct sweeping){ workdir_top(a), now });
}
