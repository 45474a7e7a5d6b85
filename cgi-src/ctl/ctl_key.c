/*
 * ctl_key.c - tidemark rotate-key.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "ctl/ctl.h"
#include "seal/reseal.h"

enum { READERS_MS = 1000 };

static void
key_tell(int64_t done)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%lld\r", (long long)done);
}

static enum rc
new_key(struct call *c)
{
	struct vault *vault;
	enum rc rc;

	TRY(vault_open(c->cx, false, &vault));
	rc = vault_replace(c->cx, vault, true, NULL);
	if (rc == RC_OK)
		ctl_say("A new key is in front of the key file.\n");
	else if (c->cx->err.kind == E_STATE)
		return fail(c->cx, E_STATE,
		    "%s Put a new line in front of it: an id, a space, and what this prints: "
		    "openssl rand -hex 32. Then run this again.",
		    arena_dup(c->cx->a, c->cx->err.detail));
	return rc;
}

/* Keys that no text names. A reader that has an old text in its hands is given the time to open
 * it. */
static enum rc
drop_old(struct call *c)
{
	struct vault *vault;
	struct seal_count n;
	bool *keep;
	size_t dropped = 0;
	enum rc rc;

	clock_sleep_ms(READERS_MS);
	TRY(vault_open(c->cx, false, &vault));
	TRY(seal_count(c->cx, c->db, vault, &n));
	keep = n.used;
	keep[0] = true;
	for (size_t i = 0; i < vault_keys(vault); i++)
		dropped += !keep[i];
	if (dropped == 0)
		return RC_OK;
	rc = vault_replace(c->cx, vault, false, keep);
	for (size_t i = 0; i < vault_keys(vault); i++)
		if (!keep[i])
			ctl_say(rc == RC_OK ? "The key %s is no longer needed and was removed.\n"
					    : "The key %s is no longer needed: remove its line.\n",
			    vault_key_name(vault, i));
	return c->cx->err.kind == E_STATE ? RC_OK : rc;
}

enum rc
ctl_rotate_key(struct call *c)
{
	int lock = open(
	    conf_path(c->cx->a, "rotate.lock"), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int64_t done, lost;

	if (lock < 0)
		return fail_file(c->cx, errno,
		    arena_printf(
			c->cx->a, "The state directory cannot be written: %s.", strerror(errno)));
	/* Ends with the process. */
	if (flock(lock, LOCK_EX | LOCK_NB) != 0)
		return fail(c->cx, E_STATE, "Another change of keys is under way.");
	/* What an earlier change of keys, or a line that the operator put in front, has left to
	 * do; only without that there is a new key. */
	TRY(reseal(c->cx, c->db, key_tell, &done, &lost));
	if (done == 0) {
		TRY(new_key(c));
		TRY(reseal(c->cx, c->db, key_tell, &done, &lost));
	}
	ctl_say("%lld secrets were sealed with the first key of the file.\n", (long long)done);
	if (!call_option(c, "keep-old"))
		TRY(drop_old(c));
	TRY(call_note(c, "key rotated", NULL));
	if (lost > 0)
		return fail(c->cx, E_STATE,
		    "%lld secrets cannot be opened with any key of the file and were left as they "
		    "are; their owners must enter them again.",
		    (long long)lost);
	return RC_OK;
}
