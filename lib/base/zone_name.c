/*
 * zone_name.c - see zone_name.h.
 */
#include "base/zone_name.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#define ZONE_DIR "/usr/share/zoneinfo"

enum { NAME_MAX_BYTES = 100, FILE_BYTES = 256 * 1024, OFFSET_HOURS_MAX = 18, ZONES_KEPT = 50 };

static const struct {
	const char *name, *shown, *zone;
} windows[] = {
#define W(name, shown, zone) { name, shown, zone },
#include "base/zone_windows.def"
#undef W
};

/* What leads nowhere but to a zone: no path of dots, no zone of this machine's own, none that
 * counts leap seconds. */
static bool
name_is_proper(struct str s)
{
	static const char *const others[] = { "localtime", "posixrules", "Factory" };

	if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[0] == '/' || str_starts(s, "right/"))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    !memchr("+-_/", c, 4))
			return false;
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (str_is(s, others[i]))
			return false;
	return true;
}

static bool
file_bytes(struct arena *a, const char *path, struct str *out)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *bytes;
	ssize_t n = 0;
	size_t all = 0;

	if (fd < 0)
		return false;
	bytes = arena_alloc(a, FILE_BYTES);
	while (all < FILE_BYTES && (n = read(fd, bytes + all, FILE_BYTES - all)) > 0)
		all += (size_t)n;
	close(fd);
	*out = (struct str){ bytes, all };
	return n == 0;
}

static const struct zone *
file_zone(struct arena *a, struct str name)
{
	struct zone_made made = { .open = true };
	struct arena *brief; /* the file is needed until it is read */
	struct str bytes;
	bool ok;

	brief = arena_new("zone", 2 * FILE_BYTES, 0);
	ok = file_bytes(brief, arena_printf(brief, ZONE_DIR "/%.*s", (int)name.n, name.p), &bytes);
	ok = ok && tzif_read(a, bytes, &made.table);
	arena_free(brief);
	return ok ? zone_make(a, &made) : NULL;
}

/* A file is read once by a process, as long as it knows few zones. */
static struct {
	struct arena *a;
	struct {
		const char *name;
		const struct zone *zone;
	} v[ZONES_KEPT];
	size_t n;
} kept;

const struct zone *
zone_system(struct arena *a, struct str name)
{
	const struct zone *z;

	if (str_is(name, "UTC") || str_is(name, "Etc/UTC"))
		return &zone_utc;
	for (size_t i = 0; i < kept.n; i++)
		if (str_is(name, kept.v[i].name))
			return kept.v[i].zone;
	if (!name_is_proper(name))
		return NULL;
	if (kept.n == ZONES_KEPT)
		return file_zone(a, name);
	if (!kept.a)
		kept.a = arena_new("zones", ZONES_KEPT * FILE_BYTES, 0);
	z = file_zone(kept.a, name);
	if (z) {
		kept.v[kept.n].name = arena_dup_str(kept.a, name);
		kept.v[kept.n++].zone = z;
	}
	return z;
}

/* Upper and lower case are one, and so are blanks and underscores. */
static bool
name_is_like(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		const struct str x = { a.p + i, 1 }, y = { b.p + i, 1 };

		if (!str_ieq(x, y) && !(a.p[i] == ' ' && b.p[i] == '_'))
			return false;
	}
	return true;
}

/* The name as the system writes it, part by part; NULL: there is none like it. */
static const char *
name_spelled(struct arena *a, struct str name)
{
	const char *so_far = NULL;

	while (name.p) {
		const struct str part = str_cut(name, '/', &name);
		DIR *d = opendir(arena_printf(a, ZONE_DIR "/%s", so_far ? so_far : ""));
		const char *next = NULL;

		for (struct dirent *e; d && !next && (e = readdir(d));)
			if (e->d_name[0] != '.' && name_is_like(part, str_c(e->d_name)))
				next = so_far ? arena_printf(a, "%s/%s", so_far, e->d_name)
					      : arena_dup(a, e->d_name);
		if (d)
			closedir(d);
		if (!next)
			return NULL;
		so_far = next;
	}
	return so_far;
}

static const struct zone *
system_like(struct arena *a, struct str name)
{
	const struct zone *z = zone_system(a, name);
	const char *spelled;

	if (z || name.n == 0 || name.n > NAME_MAX_BYTES)
		return z;
	spelled = name_spelled(a, name);
	return spelled ? zone_system(a, str_c(spelled)) : NULL;
}

/* By Windows' name, or by what it shows: "(UTC-05:00) Eastern Time (US & Canada)", in older
 * versions with GMT. */
static const struct zone *
windows_zone(struct arena *a, struct str name)
{
	struct str shown = name;

	if (name.n > 0 && name.p[0] == '(')
		(void)str_cut(name, ')', &shown);
	shown = str_trim(shown);
	for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
		if (str_ieq(name, str_c(windows[i].name)) ||
		    str_ieq(shown, str_c(windows[i].shown)))
			return zone_system(a, str_c(windows[i].zone));
	return NULL;
}

/* "GMT+05:30", "UTC-3", "+0530": eastwards is positive, other than in the system's "Etc/GMT-3". */
static const struct zone *
offset_zone(struct arena *a, struct str s)
{
	int64_t h, m = 0;
	bool west;

	if (str_istarts(s, "GMT") || str_istarts(s, "UTC"))
		s = (struct str){ s.p + 3, s.n - 3 };
	if (s.n < 2 || (s.p[0] != '+' && s.p[0] != '-'))
		return NULL;
	west = s.p[0] == '-';
	s = (struct str){ s.p + 1, s.n - 1 };
	if (s.n == 5 && s.p[2] == ':' && !str_i64((struct str){ s.p + 3, 2 }, 0, 59, &m))
		return NULL;
	if (s.n == 4 && !str_i64((struct str){ s.p + 2, 2 }, 0, 59, &m))
		return NULL;
	if ((s.n != 1 && s.n != 2 && s.n != 4 && !(s.n == 5 && s.p[2] == ':')) ||
	    !str_i64((struct str){ s.p, s.n < 2 ? s.n : 2 }, 0, OFFSET_HOURS_MAX, &h))
		return NULL;
	return zone_make(a,
	    &(struct zone_made){
		.table.before = (int32_t)(h * 3600 + m * 60) * (west ? -1 : 1), .open = true });
}

const struct zone *
zone_named(struct arena *a, struct str name)
{
	const struct zone *z;

	name = str_trim(name);
	z = system_like(a, name);
	if (!z)
		z = windows_zone(a, name);
	if (!z)
		z = offset_zone(a, name);
	/* Every path has an end that may be the name. */
	while (!z && name.p) {
		(void)str_cut(name, '/', &name);
		if (name.p)
			z = system_like(a, str_trim(name));
	}
	return z;
}
