/*
 * provider.h - the contract of what reads, writes and watches a source. What the kind itself is:
 * kind/kind.h. A new one is one file and one row in providers.def. The worker alone links them.
 *
 * A provider sees only lib/base, lib/net and lib/kind. It gets a configuration, the secrets that
 * belong to it and the cursor of the last complete read; it never sees the database, the vault or
 * the schedule. Reading works in two halves, so that a network failure can never leave half a
 * read behind:
 *
 *	fetch   the network half: brings one page of raw bytes; the engine keeps them in a spool
 *	        file. Called until `next` is NULL. After a kill the engine calls it again with the
 *	        offset it already has.
 *	parse   the pure half: reads the spooled pages, emits rows. No network, no clock, no
 *	        random: the same bytes give the same rows.
 */
#ifndef PROVIDER_PROVIDER_H
#define PROVIDER_PROVIDER_H

#include "base/err.h"
#include "base/json.h"
#include "kind/kind.h"
#include "net/rest.h"
#include "table/row.h"

/* Of a connection whose lists lag (writer.lists_lag). */
struct young {
	/* Adds {key: true} of the records that both sides have agreed on so lately, within
	 * writer.unsure_ms, that a list may lack them: YOUNG_MAX at most, those that we have made
	 * before all others. Reads the database. */
	MUST enum rc (*keys)(struct ctx *, const struct young *, json *keys);
};
enum { YOUNG_MAX = 1000 };

/* What a provider works on. All of it is borrowed. */
struct source {
	const json *config; /* checked against `fields` */
	const json *secret; /* NULL or the opened secrets */
	/* what fetch left at the last complete read; NULL: read everything. One that the source
	 * does not take any more is E_CURSOR: fetch is called again without. */
	const json *cursor;
	/* what an earlier complete read has found out (sink.found) of the one dataset of the
	 * source, and "columns", the labels of those that it had; NULL: nothing yet */
	const json *known;
	bool recheck; /* "unchanged" is not believed this time: read it */
	bool asked;   /* a person or a program asked for this read */
	/* With `choices`, of a kind with a field that is searched (field.search): the word that
	 * somebody wrote; NULL: nothing is searched */
	const char *search;
	/* Of a service that signs (kind_receiver.signs): what its messages have named since the
	 * last complete read: {"items": {key: may it be gone?}, "all": true when that is not all
	 * of it}; NULL: nothing. A read that has looked at less fails. */
	const json *told;
	const struct young *young; /* NULL: nothing is known of such */
	struct remote *remote;     /* NULL: nothing to sign in to */
};

/* One call of fetch. */
struct fetch {
	/* in */
	int page;         /* 0, 1, ... */
	const char *next; /* what the page before left in `next`; NULL for page 0 */
	/* bytes of this page that are already spooled (resume); 0 normally */
	int64_t offset;
	/* what the interrupted try left in `validator`, when offset > 0 */
	const char *validator;
	int64_t max_bytes;  /* over this: E_SOURCE_TOO_LARGE */
	int64_t silence_ms; /* nothing received for this long: E_SILENT */
	/* 0, or stop quietly after about this many (preview) and set `cut` */
	int64_t enough_bytes;
	/* Whoever knows then what the next page is may ask for it at once: rest_ahead(). */
	bool ahead;
	/* Receives the body, in order. rewind: drop what was spooled of this page and start at 0
	 * (the server did not honour the offset). Called at least once a second while bytes
	 * flow. Any outcome but RC_OK ends the transfer with it. */
	enum rc (*write)(struct ctx *, void *arg, const char *bytes, size_t n);
	enum rc (*rewind)(struct ctx *, void *arg);
	/* So far and expected bytes (total < 0: not known), at least once a second, also while
	 * nothing comes; RC_OK to go on. */
	enum rc (*tick)(struct ctx *, void *arg, int64_t got, int64_t total);
	/* Called when the response has begun, with the validator that would allow a resume
	 * (strong ETag); may be NULL. */
	enum rc (*started)(struct ctx *, void *arg, const char *validator);
	void *arg;
	/* out, allocated from cx->a */
	/* page 0: the source says that nothing changed; nothing was written */
	bool unchanged;
	bool cut; /* stopped at enough_bytes */
	/* This read has only what was changed since the cursor: what is missing in it says
	 * nothing. Alike on every page. */
	bool delta;
	const char *next_page;    /* opaque; NULL: this was the last page */
	const char *content_type; /* as sent, or NULL; kept and handed to parse */
	json *cursor;             /* last page: what the next run gets as source.cursor */
	int calls;                /* requests made */
	/* Of sources that tell: how many records came with this page and those before, of about
	 * how many; expected 0: not told. */
	int64_t items, expected;
};

enum { PAGE_CHUNK = 64 * 1024 }; /* what a page is read by */

/* The spooled bytes of one page, for parse. */
struct page_in {
	const char *content_type; /* or NULL */
	/* Fills buf with the next bytes; *got 0 at the end. */
	enum rc (*read)(struct ctx *, void *arg, char *buf, size_t cap, size_t *got);
	/* back to the first byte of this page */
	enum rc (*restart)(struct ctx *, void *arg);
	void *arg;
	/* a preview's prefix: the end is not the true end */
	bool cut;
};

/* What parse writes to: the engine's side. Every call may fail (cancelled, disk full); pass the
 * outcome up at once. Strings are borrowed for the call. */
struct sink {
	/* Begins a dataset. remote_id: the source's own name for it, "" when there is only one.
	 * Called before anything else. */
	enum rc (*dataset)(struct ctx *, struct sink *, const char *remote_id, const char *title);
	/* KIND_COLUMNS: the header row as it stood, once per dataset, before the first row.
	 * Blank and repeated names are allowed: the engine names such columns. Cells are then
	 * numbered like the header. */
	enum rc (*header)(struct ctx *, struct sink *, const struct str *names, size_t n);
	/* Others: the number of the column with this name, made if new. */
	enum rc (*column)(struct ctx *, struct sink *, struct str name, size_t *no);
	enum rc (*row)(struct ctx *, struct sink *, const struct row *);
	/* Of a delta: what had this key (row->key) is not in the source any more. why: a sentence
	 * for the history, or NULL. A key may be named more than once: the last word is meant. */
	enum rc (*gone)(struct ctx *, struct sink *, struct str key, const char *why);
	/* A row that cannot be used: counted under the reason (a literal word such as
	 * "too_many_cells"), with a few examples kept. */
	enum rc (*skip)(
	    struct ctx *, struct sink *, const char *reason, int64_t line, const char *detail);
	/* Something a person should know about the whole read; code is a literal word; the same
	 * code is kept once. */
	enum rc (*warn)(struct ctx *, struct sink *, const char *code, const char *fmt, ...)
	    PRINTF(4, 5);
	/* Something that was not said in the settings and had to be found out to read the present
	 * dataset (a literal word of the interface, and what it is; NULL: nothing any more). It
	 * belongs to the dataset from then on: the next read gets it as source.known, goes by it
	 * and tells it again. May be NULL. */
	enum rc (*found)(struct ctx *, struct sink *, const char *name, const char *value);
	/* For sources that are read in pieces, between which rows may be moved. Is this the row
	 * that came last in this dataset, by its key? True also where that cannot be told. */
	bool (*is_last)(struct ctx *, struct sink *, const struct row *);
	/* Nothing failed, and yet this read may lack something: what is missing in the present
	 * dataset is deleted only when a person says so. Told as a warning too. May be NULL. */
	enum rc (*doubt)(struct ctx *, struct sink *, const char *code, const char *fmt, ...)
	    PRINTF(4, 5);
	/* The rows of this read are people, of whom so many, of all that are kept, have neither
	 * an e-mail address nor a phone number: counted with the run, kept all the same. how: where
	 * their names were found, or NULL. May be NULL. */
	enum rc (*people)(struct ctx *, struct sink *, int64_t unreachable, const char *how);
	/* Rows were moved between two pieces of this dataset, nobody knows how, or are too new for
	 * the source to tell of: that something is missing says nothing. */
	enum rc (*torn)(struct ctx *, struct sink *);
	/* Of the present dataset: the column says what a row is (a name, when it is): with another
	 * value there the row is taken for written over, whatever else it holds. May be NULL. */
	void (*telling)(struct sink *, size_t column);
};

/* A twin: what the source has of an object that both sides edit. All of it, in the fields of the
 * object (of an event: event/event.h), what the source has beside them left out. Borrowed. */
struct twin {
	const char *key;    /* the source's own; never NULL */
	const char *mark;   /* id of the push that made it; NULL: it is not ours, or not told */
	const char *object; /* which object it was made for, as push.object said; likewise */
	const char *uid;    /* the name of the same thing in every source (iCalUID); NULL: none */
	const char *etag; /* of this state, in whatever form writer.send understands; NULL: none */
	const json *values; /* NULL: gone */
	bool unread;        /* it is there, and its values cannot be read: all stays as it is */
	int64_t edited_at;  /* ms, by the source's clock; 0: not told */
	size_t size;        /* bytes that were read of it, about */
	/* why it is not for us to edit ("The organiser is somebody else."): a sentence; NULL: it
	 * is */
	const char *fixed;
	/* it lies outside of what the settings name: no object is made for it, and one that there
	 * is goes on as ever */
	bool outside;
	/* keys of the records that it is made of beside that of its own key; NULL: none */
	const json *parts;
	/* {field: could it be told there?} of those of which the source says nothing, so that they
	 * are as they were agreed on; NULL: it says all. One that could is filled in. Of one that
	 * is gone (pushed.last) also {"@": false}: of no part of it is anything said */
	const json *silent;
	/* {word: text} of what it says beside the object, for others to show (push.facets); NULL:
	 * it says nothing of such. The words: attendees, organizer, call, reminders, visibility */
	const json *facets;
	/* {field: true} of what is to be told there, and is not: a push of nothing fills it in;
	 * NULL: nothing */
	const json *unfilled;
	/* {field: value} of what somebody there has written over who could not see it there yet: it
	 * is no answer to that, also where it is gone by now; NULL: nothing */
	const json *unseen;
};

/* What twins() writes to; as struct sink. */
struct twin_sink {
	enum rc (*twin)(struct ctx *, struct twin_sink *, const struct twin *);
	/* Optional. Beside the twins, tend() makes this at the source (before NULL), or removes it
	 * (after NULL): for those who want to know beforehand. Values as those of a twin. */
	enum rc (*beside)(struct ctx *, struct twin_sink *, const json *before, const json *after);
	/* Of each page, was early() told of it? What it has told twins() passes over, unless it
	 * comes again on a later page or is gone by then, which is told also of a full read. */
	const bool *early;
	size_t n_early; /* of the pages behind these: no */
};

/* One whom a label that is put on people is about. Borrowed until the next one is asked for. */
enum bearer_wish {
	BEARER_SHALL,  /* is to have it: is kept here, or an undo says so */
	BEARER_SPARED, /* an undo says so: gets none, and loses one that was put on by us */
	BEARER_OTHER   /* is not kept */
};
enum bearer_stands {
	BEARER_NOT,    /* nothing was done by us */
	BEARER_PUT,    /* it was put on by us */
	BEARER_COMING, /* it was about to be: whether that was done is not known */
	BEARER_GOING   /* it was about to be taken off, likewise */
};
struct bearer {
	struct str key;
	enum bearer_wish wish;
	enum bearer_stands stands;
	const char *label; /* of which one that is said, as the source names it; NULL: of none */
};
/* A label that is put on some, or taken off; label NULL: something else was done about them, which
 * is told alone. */
struct bestowal {
	const json *keys; /* a list */
	bool on;
	const char *label, *name; /* the source's name for it, and what it is called there */
	bool made;                /* by us */
	bool gone;                /* they went there, by us: that a read lacks them is no loss */
	const char *what; /* a sentence for the histories of those; NULL: somebody else did it */
};

enum keeping_whom {
	KEEPING_ALL,   /* who is kept, and who is not and has one of ours */
	KEEPING_GIVEN, /* who has one of ours */
	KEEPING_HELD   /* of whom an undo speaks */
};
/* The records that are kept, for tend(); who has a label of ours, for leave(). */
struct keeping {
	void (*begin)(void *arg, enum keeping_whom);
	/* The next one, with key {NULL, 0} at the end. */
	enum rc (*next)(struct ctx *, void *arg, struct bearer *);
	enum rc (*of)(struct ctx *, void *arg, const char *key, struct bearer *);
	/* That it will be done is written down before the source is asked for it, and that it was,
	 * once. */
	enum rc (*about)(struct ctx *, void *arg, const struct bestowal *);
	enum rc (*told)(struct ctx *, void *arg, const struct bestowal *);
	/* A sentence for the log of the run. */
	void (*said)(void *arg, const char *sentence);
	/* Something is taken back: nothing is done for anybody but KEEPING_HELD. */
	bool undoing;
	void *arg;
};

/* What becomes of something at the source that carries a mark of ours. */
enum leaving_act {
	LEAVING_NOTHING, /* it is not known: another installation's */
	LEAVING_MARKS,   /* it is the person's: the marks are taken off */
	LEAVING_ALL      /* it was made by us: it goes */
};
/* For leave(). key: the source's name for it; object: as in struct twin, NULL: none. */
struct farewell {
	MUST enum rc (*known)(
	    struct ctx *, void *arg, const char *key, const char *object, enum leaving_act *out);
	void *arg;
	const struct keeping *kept;
	int64_t n; /* out: what was cleaned */
};

/* How a kind is read. The units, who owns what and what a failure means: struct fetch, struct
 * sink. `fetch` and `choices`, `sources` use the network; `parse` is pure. */
struct reader {
	MUST enum rc (*fetch)(struct ctx *, const struct source *, struct fetch *);
	/* pages: all of the read, in order. */
	MUST enum rc (*parse)(
	    struct ctx *, const struct source *, struct page_in *pages, size_t n, struct sink *);
	/* Of kinds whose items are objects that both sides edit (kind.object); else NULL. The same
	 * read as twins: each once and whole, in any order; what is unusable is left out, parse()
	 * has told of it. Pure, as parse; may go over the pages twice (page_in.restart). */
	MUST enum rc (*twins)(struct ctx *, const struct source *, struct page_in *pages, size_t n,
	    struct twin_sink *);
	/* Optional, beside twins. One page of a full read that is still going on: those of its
	 * twins that are whole whatever other pages have. Pure, likewise. */
	MUST enum rc (*early)(
	    struct ctx *, const struct source *, struct page_in *page, struct twin_sink *);
	/* Optional. What can be chosen in the source (tabs, calendars), for the form: adds to
	 * `choices`. */
	MUST enum rc (*choices)(struct ctx *, const struct source *, json *choices);
	/* Optional. After a read that has brought something, when all of it is saved: what is done
	 * at the source for the records that are kept now. Uses the network. A failure ends no run:
	 * the next one gets it as "untended": true in source.cursor, and then does not say that
	 * nothing has changed. *calls grows by the requests made. */
	MUST enum rc (*tend)(
	    struct ctx *, const struct source *, const struct keeping *, int *calls);
	/* Optional. The connection is left, and the copies that were made there are gone: marks,
	 * labels and properties of ours go. May be called again after a failure. Uses the network.
	 */
	MUST enum rc (*leave)(struct ctx *, const struct source *, struct farewell *, int *calls);
	/* Of kinds with `chosen`. What the account holds that could be read, the latest first:
	 * adds {id, title, link, changedAt, note} to `list`: link is what to name it by, note a
	 * few words on it or null. *more: those are the first alone, which a person is told. */
	MUST enum rc (*sources)(struct ctx *, const struct source *, json *list, bool *more);
};
/* So many are asked for page by page; who has more names the one that is meant. */
enum { SOURCES_MAX = 500 };

/* One change that goes out to a source. All of it is borrowed. */
struct push {
	/* Of this push for good, however often it is tried: where the service takes a key that
	 * makes a repetition harmless, it is made from this. */
	const char *id;
	const char *dataset; /* its remote_id */
	const char *key;     /* the source's own; NULL: a new record */
	/* of the record when the push was decided; NULL: none is known. Sent as a condition
	 * where the service has one */
	const char *etag;
	/* what the record shall be, member by member, null to clear one; NULL: it shall be gone.
	 * Members that are not there stay as they are; none: what is unfilled is filled in */
	const json *values;
	/* all of it: as both sides agreed on it last, as it shall be then; NULL: nothing */
	const json *was, *all;
	/* what the object's twins elsewhere say beside it (twin.facets), for a writer that shows
	 * it; NULL: nobody has said */
	const json *facets;
	/* the object's own name and that of the same thing everywhere (twin.object, twin.uid), for
	 * what is made; NULL: none */
	const char *object, *uid;
	/* `values` is all that the record shall have, and one that is gone is brought back; false:
	 * one that is gone stays gone (RC_NOTFOUND) */
	bool whole;
	/* of what is made: key of a record that the object had there before, and that was gone, or
	 * was not shown. If that is there again none is made (RC_CONFLICT), and look() tells of it.
	 * NULL: none */
	const char *former;
	/* by clock_mono_ms(): from then on no request leaves that would make a record, for somebody
	 * else may look by then for what it has made; 0: whenever */
	int64_t until;
};

/* All that the record shall be: `all`, or `values` over `was`. NULL: it shall be gone. Borrows from
 * the push. */
const json *push_all(struct arena *, const struct push *);

/* What the source has after a push, or has now. Allocated from cx->a. */
struct pushed {
	/* the source's own; NULL: there is no such record. With values NULL: there was one */
	const char *key;
	const char *etag;  /* NULL: the source has none */
	json *values;      /* the whole record; NULL: gone, or not said (look() always says) */
	int64_t edited_at; /* ms, by the source's clock; 0: not told */
	const char *fixed; /* as twin.fixed */
	const json *silent;
	const json *unfilled, *unseen; /* as those of struct twin */
	/* of one that is gone and can be brought back: what it says, beside what is silent, and
	 * `etag` is that of this; NULL: not known */
	const json *last;
	json *parted; /* keys of other records that went with it, by us; NULL: of none */
};

/* How a kind is written; send NULL: it is read only. Both use the network. */
struct writer {
	/* Makes one change. RC_OK: the source has it, and `out` says what it has now. RC_CONFLICT:
	 * the source is no longer as `etag` says, or what is to be made has been made with this
	 * `id` before; nothing was done. RC_UNSURE: it was sent and no answer came, so it may
	 * have been done; look() tells, and until it has told nothing is sent again. Every other
	 * failure: nothing was done. Called again with the same `id` after a failure; may do at
	 * most one repetition by itself, when nothing can have left. */
	MUST enum rc (*send)(
	    struct ctx *, const struct source *, const struct push *, struct pushed *out);
	/* What the source has under the key of the push; for one that makes a record, whether
	 * there is one with its `id`. A record that is not there is RC_OK with key NULL, or with
	 * its key and values NULL where the source still knows that it was. */
	MUST enum rc (*look)(
	    struct ctx *, const struct source *, const struct push *, struct pushed *out);
	/* How long after a request without an answer a look is sure to find what it made, ms. Where
	 * lists lag that is not less than they do. */
	int64_t unsure_ms;
	/* Its times of edits are cut to multiples of this, ms (Notion: a minute). */
	int64_t grain_ms;
	bool shows;     /* push.facets; one that shows others than these is unfilled */
	bool lists_lag; /* what a full read lacks may be there all the same: look */
};

/* A channel by which a service tells of changes. */
struct watching {
	/* in: ours. The row of the channel is committed before watch() is called, for the first
	 * call may come before the answer does. */
	const char *channel, *token, *address;
	int64_t until; /* wished for, ms */
	/* out of watch(), in of unwatch(): the service's name for what is watched; cx->a's */
	const char *resource;
	int64_t expires_at; /* out: ms */
};

/* How a service is made to call, and to stop; watch NULL: it cannot. Both use the network, make
 * one try, and end within some 15 seconds. What comes in then: struct kind_receiver. */
struct watcher {
	/* A failure that is worth another try is one of the schedule (RC_RETRY, RC_LIMITED); any
	 * other means that this source is read by schedule alone. */
	MUST enum rc (*watch)(struct ctx *, const struct source *, struct watching *);
	/* Of a channel that is not needed any more. A failure harms nothing: it ends by itself. */
	MUST enum rc (*unwatch)(struct ctx *, const struct source *, const struct watching *);
};

/* A kind with what reads, writes and watches it: a row of providers.def. */
struct provider {
	const struct kind *kind;
	const struct reader *reader;
	const struct writer *writer;
	const struct watcher *watcher;
};

/* For rows without one. */
extern const struct writer no_writer;
extern const struct watcher no_watcher;

#define PROVIDER(kind_, reader_, writer_, watcher_) \
	extern const struct reader reader_; \
	extern const struct writer writer_; \
	extern const struct watcher watcher_;
#include "provider/providers.def"
#undef PROVIDER

const struct provider *provider_find(const char *kind_id); /* NULL: no such kind */

#endif
