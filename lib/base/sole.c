/*
 * sole.c - see sole.h. The byte is that at an offset which a digest of the name gives; nothing is
 * ever written there. Two things that met at one offset would wait for each other in vain.
 */
#include "base/sole.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/hash.h"
#include "base/log.h"

enum { OFFSET_BYTES = 7 };

static off_t
sole_at(const char *name)
{
	unsigned char sum[SHA256_LEN];
	uint64_t n = 0;

	hash_sha256(str_c(name), sum);
	for (size_t i = 0; i < OFFSET_BYTES; i++)
		n = n << 8 | sum[i];
	return (off_t)n;
}

static int
sole_open(struct arena *a)
{
	return open(conf_path(a, "sole.lock"), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

const char *
sole_file(struct arena *a)
{
	const int file = sole_open(a);

	if (file >= 0)
		close(file);
	return conf_path(a, "sole.lock");
}

enum rc
sole_take(struct ctx *cx, const char *name, int *held)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	const int file = sole_open(cx->a);

	*held = -1;
	if (file < 0) {
		log_event(LOG_LEVEL_ERR, "sole.no_file", "i:errno", (int64_t)errno, NULL);
		return fail(cx, E_UNAVAILABLE, NULL);
	}
	l.l_start = sole_at(name);
	/* Of the open file, not of the process: whoever opens it anew is somebody else. */
	if (fcntl(file, F_OFD_SETLK, &l) == 0)
		*held = file;
	else
		close(file);
	return RC_OK;
}

/* A process that was started meanwhile has the file too. */
void
sole_end(int held)
{
	struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (held < 0)
		return;
	(void)fcntl(held, F_OFD_SETLK, &all);
	close(held);
}
