/*
 * place.c - see place.h. The places of an owner lie side by side in the file, at an offset that a
 * digest of the owner gives; nothing is ever written there. Two owners who met at one offset would
 * share their places.
 */
#include "ask/place.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/hash.h"
#include "base/log.h"

enum { PLACES_MAX = 64, OFFSET_BYTES = 6, RETRY_MS = 2000 };

static int file = -1;
static off_t held = -1;
static int64_t worked; /* things, by the request that is served */

static off_t
place_first(const char *owner)
{
	unsigned char sum[SHA256_LEN];
	uint64_t n = 0;

	hash_sha256(str_c(owner), sum);
	for (size_t i = 0; i < OFFSET_BYTES; i++)
		n = n << 8 | sum[i];
	return (off_t)(n * PLACES_MAX);
}

static bool
place_lock(off_t at, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };

	return fcntl(file, F_SETLK, &l) == 0;
}

enum rc
place_take(struct ctx *cx, const char *owner)
{
	const int64_t places = conf_int(CONF_WAITING);
	const off_t first = place_first(owner);
	enum rc rc;

	if (held >= 0)
		return RC_OK;
	if (file < 0)
		file = open(conf_path(cx->a, "places.lock"),
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0) {
		const int err = errno;

		log_event(LOG_LEVEL_ERR, "place.no_file", "i:errno", (int64_t)err, NULL);
		return fail_file(cx, err, NULL);
	}
	for (off_t i = 0; i < places; i++)
		if (place_lock(first + i, F_WRLCK)) {
			held = first + i;
			return RC_OK;
		}
	rc = fail(cx, E_TOO_MANY,
	    "%lld long requests of yours are under way; go on when one of them has ended.",
	    (long long)places);
	cx->err.wait_ms = RETRY_MS;
	return rc;
}

enum rc
place_work(struct ctx *cx, const char *owner, int64_t things)
{
	worked += things;
	return worked > PLACE_WORK ? place_take(cx, owner) : RC_OK;
}

void
place_leave(void)
{
	worked = 0;
	if (held >= 0)
		(void)place_lock(held, F_UNLCK);
	held = -1;
}
