/*
 * twoway.h - a connection whose objects are written on both sides, and what is known of an object
 * here and there.
 *
 * The words: an object is ours; its twin is what the provider has; a link joins the two (one link,
 * one twin); the base is what both agreed on last. Of what is read at a provider it is known before
 * which of our changes it was read (`as_of`), because a page may be applied long after it was
 * fetched: what a link agreed on meanwhile is never undone by it.
 */
#ifndef SYNC_WRITE_TWOWAY_H
#define SYNC_WRITE_TWOWAY_H

#include "provider/provider.h"
#include "store/change.h"
#include "store/limits.h"
#include "store/link.h"
#include "agree/decide.h"

struct twoway;

/* An object here. */
struct here {
	const json *value;  /* NULL: there is none, or it is deleted */
	struct edits edits; /* when it was edited here */
	const char *uid;    /* see struct push; NULL: none */
	bool fresh;         /* named in this write: nothing else knows of it yet */
};

/* Its twin there, as it was read. */
struct there {
	const char *key;  /* the provider's name for it; NULL: it never had one */
	const char *mark; /* id of the push that made it; NULL: it is not ours, or not told */
	const char *object, *uid; /* see struct twin */
	const char *etag;         /* NULL: none */
	const char *fixed;        /* why it is not for us to edit; NULL: it is */
	bool outside;             /* no object is made for it */
	const json *silent;       /* see struct twin; NULL: it says all */
	const json *unfilled;     /* likewise; NULL: nothing */
	const json *unseen;       /* likewise; NULL: nothing */
	const json *last;         /* see struct pushed; NULL: not known */
	const json *facets;       /* see struct twin; NULL: nothing */
	const json *values;       /* NULL: gone */
	bool was;                 /* gone, and known to have been there although it has no name */
	struct edits edits;       /* when it was edited there */
	int64_t as_of;            /* change_last() before it was asked for */
	/* By a list that was asked for then, ms, which may tell an older state; 0: by none */
	int64_t listed_at;
	bool refused; /* a person has kept here what it would write over */
};

/* Where the objects lie. Every call is part of the caller's write. */
struct object_ops {
	MUST enum rc (*get)(
	    struct ctx *, struct db *, const struct twoway *, const char *key, struct here *out);
	/* Makes it so, whether it is there, was deleted or never was. */
	MUST enum rc (*put)(
	    struct ctx *, struct db *, const struct twoway *, const char *key, const json *value);
	MUST enum rc (*remove)(struct ctx *, struct db *, const struct twoway *, const char *key);
	/* The key of the object for a twin that was made there: a new one (which put() makes), or
	 * one of ours that is
	 * the same thing and has no link at this connection, or one to something that we have made
	 * there: that goes then. NULL: it is not taken in. *fresh: it is a new one, which nothing
	 * else knows of yet. */
	MUST enum rc (*name)(struct ctx *, struct db *, const struct twoway *, const struct there *,
	    const char **key, bool *fresh);
	/* What it was here has gone over to that connection, where it has a twin that is there by
	 * itself: it comes from there now. NULL: that does not happen to these. */
	MUST enum rc (*moved)(struct ctx *, struct db *, const struct twoway *, const char *key,
	    const char *connection_id);
	/* Is it still written there, and by the settings that this was begun with? NULL: always. */
	MUST enum rc (*sends)(struct ctx *, struct db *, const struct twoway *, bool *yes);
};

/* All of it is borrowed. */
struct twoway {
	const char *owner, *connection_id;
	const char *object_kind; /* OBJECT_... */
	int64_t dataset_no;      /* of records, else 0 */
	const char *dataset;     /* its remote_id */
	const struct object_ops *ops;
	void *arg; /* of theirs */
	const struct merge_rules *rules;
	enum direction direction;
	enum policy policy;
	const struct writer *writer;
	const struct source *source;
	/* More than twice as long as any request can take, so that who takes over meets what has
	 * arrived; where a list that tells late is to find it, unsure_ms later. */
	int64_t lease_ms;
	/* How long after a request without an answer a look is sure to find what it made: not
	 * less than the index there lags. */
	int64_t unsure_ms;
	/* What fields begin with that are made by requests of their own, once the thing itself is
	 * there (occurrences that differ: '@'); 0: none. */
	char part;
	/* change_last() before the last complete read began; 0: there was none. What has been met
	 * elsewhere since may be what is gone from here. */
	int64_t known_no;
	/* Lists tell late, by no more than unsure_ms: what one lacks may be there all the same, and
	 * what was written there a while ago may look as before. */
	bool lists_lag;
	struct conn_limits limits;
	int64_t sync_no; /* the run that reads; 0: none */
	/* It reads everything by other settings than before: what was left as it was by those is
	 * decided. */
	bool anew;
	bool allowed; /* what it has to be written there a person has let go already */
	/* Optional. Renews the lease of the run, first thing in each write of a read. E_LEASE:
	 * somebody else has taken over, and nothing is written. */
	MUST enum rc (*hold)(struct ctx *, struct db *, void *arg);
	/* Optional. Last thing in each write of a read. */
	MUST enum rc (*saved)(struct ctx *, struct db *, void *arg);
	void *hold_arg; /* of both */
	int64_t *overs; /* optional: grows with what it is to write over there */
};

static inline struct object
twoway_object(const struct twoway *t, const char *key)
{
	return (struct object){ t->object_kind, t->dataset_no, key };
}

#endif
