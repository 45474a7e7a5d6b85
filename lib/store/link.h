/*
 * link.h - links as rows: an object of ours, its twin at a provider, and what both agreed on last.
 *
 * Every write names the rev that it was decided on and raises it; one whose row has moved is
 * E_STATE, never nothing: the caller reads again and decides again. A foreign id is E_NOT_FOUND,
 * like an unknown one.
 */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include "base/json.h"
#include "db/db.h"
#include "store/object.h"

#define LINK_SYNCED "synced"
#define LINK_QUEUED "queued"
#define LINK_FAILED "failed"
#define LINK_CONFLICT "conflict"
#define LINK_SKIPPED "skipped"

/* error_code of one whose twin is not for us to edit; error_detail says why. */
#define LINK_FIXED "not_editable"

/* error_code of one whose twin was removed there, as was asked for. */
#define LINK_WITHDRAWN "withdrawn"

/* error_code of one whose twin a person has kept there as it was, though it is another one here, or
 * was deleted (queue/outward.h). */
#define LINK_KEPT "kept"

/* error_code of that of a record whose edit here gives way to what the source changes next. */
#define LINK_YIELDS "yields"

/* error_code of what a person has kept here as it was, when much was to be written over: its base
 * is what was refused, and what comes next in place of that is taken whole. */
#define LINK_REFUSED "kept_here"
/* The same of one whose twin is not for us to edit. */
#define LINK_REFUSED_FIXED "kept_here_not_editable"

/* What `sent` holds while a deletion is on its way. */
#define LINK_SENT_DELETION "null"

enum { LINKS_OF_OBJECT = 50 };

struct link {
	const char *id, *owner, *connection_id;
	struct object object;
	const char *remote_id; /* NULL: the provider gives it with its answer */
	const char *etag;      /* NULL: none */
	const char *base;      /* JSON: last agreed on; NULL: that there is nothing */
	const char *sent;      /* JSON: sent and not confirmed; NULL: nothing */
	const char *state;     /* LINK_... */
	bool ours;             /* the twin was made by us */
	bool withdrawn;        /* the twin shall go, or is gone, and the object stay */
	/* The run that had the twin made of what was here before; withdrawn: the one that takes it
	 * back; 0: none. */
	int64_t run_no;
	/* JSON {run, values}: the run that takes something back puts this there in place of what is
	 * here; NULL: nothing. Not written by link_insert(). */
	const char *back;
	/* JSON {word: text}: what its twin says beside the object (sync/write/facets.h); NULL:
	 * nothing is known. */
	const char *facets;
	/* Number of the change (store/change.h) by which a twin was met that was there by itself;
	 * 0: it is ours, or that is not known. Not written by link_save(). */
	int64_t since_no;
	const char *heir; /* key of the object that an edit of the twin goes to; NULL: its own */
	/* What an earlier twin was called, which was gone, or was not shown any more, when this one
	 * was to be made in its place; NULL: there was none. Not written by link_save(). */
	const char *former;
	int64_t rev;
	const char *error_code, *error_detail; /* NULL: none */
	int64_t last_synced_at;                /* 0: never */
	int64_t created_at, updated_at;
};

struct link_list {
	struct link *v;
	size_t n;
	const char *next; /* cursor of the next page, or NULL */
};

MUST enum rc
link_get(struct ctx *, struct db *, const char *owner, const char *id, struct link *out);
/* Of an object, of a remote id, at one connection: RC_OK with out->id NULL when there is none. */
MUST enum rc link_of(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const struct object *, struct link *out);
MUST enum rc link_of_remote(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *remote_id, struct link *out);
/* The one whose twin was made in place of that. */
MUST enum rc link_of_former(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *former, struct link *out);
/* All links of one object, at most LINKS_OF_OBJECT. */
MUST enum rc link_list(
    struct ctx *, struct db *, const char *owner, const struct object *, struct link_list *out);

/* Those of a connection in one state, in order of id; after: "" or the cursor. */
struct link_page {
	const char *owner, *connection_id, *state, *after;
	int64_t limit;
};
MUST enum rc
link_list_state(struct ctx *, struct db *, const struct link_page *, struct link_list *out);

/* All of events at a connection, LINKS_PAGE at most, in order of their objects; after: "" or the
 * cursor. */
enum { LINKS_PAGE = 200 };
MUST enum rc link_list_all(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *after, struct link_list *out);

/* Adds {remote id: true} of those that were agreed on then, max at most: of twins that we have made
 * before all others, the latest first. */
struct link_young {
	const char *owner, *connection_id;
	int64_t after, before; /* ms */
	int64_t max;
};
MUST enum rc link_young(struct ctx *, struct db *, const struct link_young *, json *keys);

/* How many records of a connection are kept as they were (LINK_REFUSED). */
MUST enum rc
link_refused(struct ctx *, struct db *, const char *owner, const char *conn_id, int64_t *n);
/* How many events of it have this error_code and are skipped. */
MUST enum rc link_kept(struct ctx *, struct db *, const char *owner, const char *conn_id,
    const char *error_code, int64_t *n);
/* The first of those records, at most LINKS_PAGE. */
MUST enum rc link_list_refused(struct ctx *, struct db *, const char *owner, const char *conn_id,
    int64_t limit, struct link_list *out);
/* Is it one of those, or the link of an object that is? */
bool link_is_refused(const struct link *);
/* Does it give way to what the source says next? */
bool link_yields(const char *error_code);

/* Those of a run, LINKS_PAGE at most, in order of id; after: "" or the cursor. */
struct link_run {
	const char *owner, *after;
	int64_t run_no;
};
MUST enum rc
link_list_run(struct ctx *, struct db *, const struct link_run *, struct link_list *out);

/* In the caller's write transaction. */
/* Of a connection that is left: those whose twin was withdrawn are no more. */
MUST enum rc link_drop_withdrawn(struct ctx *, struct db *, const char *owner, const char *conn_id);
/* Sets rev, updated_at, and the id unless it has one. E_STATE: the object or the remote id has a
 * link there already. */
MUST enum rc link_insert(struct ctx *, struct db *, struct link *);
/* All but object and connection; l->rev is the one it was read with, and the new one afterwards. */
MUST enum rc link_save(struct ctx *, struct db *, struct link *);
/* As link_save(), of one that is left as it is from now on: LINK_SKIPPED, with this error_code. */
MUST enum rc link_skip(
    struct ctx *, struct db *, struct link *, const char *code, const char *detail, int64_t now);
/* It is of an object that there is not from now on, and the one that it was of is its heir. */
MUST enum rc link_give_way(struct ctx *, struct db *, struct link *, const char *object_key);
MUST enum rc link_delete(struct ctx *, struct db *, const struct link *);

/* Those of a dataset that goes for good, at most max; *n how many. */
MUST enum rc link_forget(
    struct ctx *, struct db *, const char *owner, int64_t dataset_no, int64_t max, int64_t *n);

#endif
