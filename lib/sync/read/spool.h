/*
 * spool.h - the bytes of one read on disk, so that a run can be killed at any moment and go on
 * where it was.
 *
 * HOME/spool/<run id>/ holds page-N.raw (what came from the source), plan.bin and plan.json
 * (what is to be done). A resuming run takes the directory over by renaming it. After a reboot a
 * spool is not trusted (it is not fsynced): the checkpoint carries the boot id.
 */
#ifndef SYNC_READ_SPOOL_H
#define SYNC_READ_SPOOL_H

#include "provider/provider.h"

enum { SPOOL_PAGES_MAX = 10000 };

struct spool {
	struct arena *a;
	char *dir;
	int fd;             /* page being written, -1: none */
	int64_t page_bytes; /* of that page */
	int64_t bytes;      /* of all pages */
	int64_t unseen;     /* written since the free space was looked at */
	size_t pages;       /* complete ones */
	const char **types; /* content type of each page */
	size_t types_cap;
};

/* An empty spool for the run; takes over the directory of `from`, which may be its own, when it is
 * not NULL and still there (*taken). Open files are closed with the arena; the directory stays
 * until spool_remove(). */
MUST enum rc
spool_open(struct ctx *, const char *run_id, const char *from, struct spool **out, bool *taken);
void spool_remove(struct spool *);
/* E_DISK_FULL unless so many bytes more leave free on the disk what is to stay (base/space.h). */
MUST enum rc spool_space(struct ctx *, const struct spool *, int64_t bytes);

/* Opens page n for appending; *have is how many bytes it holds already. */
MUST enum rc spool_page_begin(struct ctx *, struct spool *, int n, int64_t *have);
MUST enum rc spool_write(struct ctx *, struct spool *, const char *, size_t);
MUST enum rc spool_rewind(struct ctx *, struct spool *);
MUST enum rc spool_page_end(struct ctx *, struct spool *, const char *content_type);

/* A reader of a complete page. *read_bytes grows as it is read. */
void spool_page(struct ctx *, struct spool *, size_t n, int64_t *read_bytes, struct page_in *out);
/* Readers of all complete pages, for provider->parse. *read_bytes grows as they are read. */
MUST enum rc
spool_pages(struct ctx *, struct spool *, bool cut, int64_t *read_bytes, struct page_in **out);
/* The same bytes for another process: a complete page, open to be read. */
MUST enum rc spool_page_open(struct ctx *, const struct spool *, size_t n, int *fd);
/* Removes the pages, whose room is wanted for what is made of them. */
void spool_drop_pages(struct spool *);
/* SHA-256 over all pages, hex. */
MUST enum rc spool_digest(struct ctx *, struct spool *, char out[65]);
char *spool_path(struct arena *, const struct spool *, const char *name);
/* Small whole files beside the pages. */
MUST enum rc spool_put(struct ctx *, struct spool *, const char *name, struct str text);
MUST enum rc spool_get(struct ctx *, struct spool *, const char *name, size_t max, struct str *out);
const char *spool_boot_id(struct arena *);
/* errno after a failed write as an error: a full disk is E_DISK_FULL. */
MUST enum rc spool_fail(struct ctx *, int err);

#endif
