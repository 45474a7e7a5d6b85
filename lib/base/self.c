/*
 * self.c - see self.h. The rules are those of nginx/run.sh and `make install`.
 */
#include "base/self.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#define INSTALLED_HOME "/var/lib/tidemark"

const char *
self_dir(struct arena *a)
{
	char self[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return ".";
	return arena_dup_str(a, (struct str){ self, (size_t)(slash - self) });
}

/* The tree of sources that the program was built in; NULL: none. */
static const char *
self_tree(struct arena *a)
{
	const char *dir = self_dir(a), *slash = strrchr(dir, '/');
	const char *tree = slash ? arena_dup_str(a, (struct str){ dir, (size_t)(slash - dir) })
				 : NULL;

	return tree && access(arena_printf(a, "%s/nginx/run.sh", tree), R_OK) == 0 ? tree : NULL;
}

static bool
is_home(struct arena *a, const char *dir)
{
	return access(arena_printf(a, "%s/tidemark.db", dir), F_OK) == 0;
}

const char *
self_home(struct arena *a)
{
	const char *tree = self_tree(a);
	const char *var = tree ? arena_printf(a, "%s/var", tree) : NULL;

	if (!var || (geteuid() == 0 && (is_home(a, INSTALLED_HOME) || !is_home(a, var))))
		return INSTALLED_HOME;
	return var;
}

const char *
self_settings(struct arena *a)
{
	return str_ends(str_c(self_dir(a)), "/lib/tidemark") ? "/etc/tidemark/tidemark.env" : NULL;
}
