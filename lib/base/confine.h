/*
 * confine.h - takes from a process, for good, what it never needs: files outside its own
 * (Landlock), system calls (seccomp), core files. So an error in one program gives an attacker
 * that program's rights and no more.
 *
 * A refused system call fails with EPERM and is logged as "confine.refused"; the process goes
 * on, so that a request that runs into it ends that request alone. A kernel without Landlock or
 * seccomp does without; `tidemark doctor` says so.
 */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

#include "base/err.h"

enum confine_profile {
	/* serves requests on descriptor 0: its own files; no program, no process, no socket of
	 * its own, no new code in memory */
	CONFINE_WEB,
	/* reaches out: connections, threads, name resolution; no program, no process, no server */
	CONFINE_SOURCE,
	/* starts programs of ours and nothing else; what it starts inherits that */
	CONFINE_START,
	/* parses what it reads from descriptors that are open: it opens nothing but zones and
	 * character sets, to read; reaches, writes and starts nothing */
	CONFINE_PARSE
};

/* Every program, first: no core files, no look into its memory by others of the same user, new
 * files for the owner alone, no privileges gained by exec. */
void confine_start(void);

/* Before the first request or run, and before there are threads. data: the directory of the
 * database; not looked at for CONFINE_START and CONFINE_PARSE. Not undone by anything, inherited by
 * children. E_UNAVAILABLE when the kernel takes a part of it and refuses another. */
MUST enum rc confine(struct ctx *, enum confine_profile, const char *data);

/* What is left to a process that reads what strangers wrote. */
struct confine_left {
	const char *dir;          /* its own, to the end, when it may be removed */
	const char *const *files; /* to read and write; ended by NULL */
	/* Not all is fetched yet: connections are left, with what names and certificates take, and
	 * the directory stays. */
	bool reach;
};
/* Once or twice more, behind CONFINE_SOURCE: of files those are left, zones and character sets;
 * without `reach` nothing is reached any more. What is open stays open. */
MUST enum rc confine_reading(struct ctx *, const struct confine_left *);

/* What this kernel offers. */
struct confine_kernel {
	int landlock; /* its version; 0: none */
	bool seccomp;
};
struct confine_kernel confine_kernel(void);

#endif
