/*
 * feed.c - see feed.h. The epoch is made when it is first asked for. A backup is made without one
 * (sqlite.c), so whatever is restored gets another, as often as it is restored.
 */
#include "base/hash.h"
#include "base/rand.h"
#include "store/feed.h"

/* What every refusal ends with. */
#define START_AGAIN \
	" Start again: ask without a cursor, and put what comes in the place of your copy."

static enum rc
feed_epoch(struct ctx *cx, struct db *db, const char **epoch)
{
	bool found;

	*epoch = NULL;
	TRY(db_row(cx, db, &found, Q_FEED_EPOCH, ""));
	if (found)
		*epoch = db_dup(cx->a, db, Q_FEED_EPOCH, 0);
	db_reset(db, Q_FEED_EPOCH);
	return RC_OK;
}

static enum rc
feed_epoch_write(struct ctx *cx, struct db *db, void *arg)
{
	return db_run(cx, db, NULL, Q_FEED_EPOCH_MAKE, "s", (const char *)arg);
}

enum rc
feed_open(struct ctx *cx, struct db *db)
{
	char made[UUID_TEXT];
	const char *epoch;

	TRY(feed_epoch(cx, db, &epoch));
	if (!epoch)
		TRY(db_write(cx, db, feed_epoch_write, (void *)(uintptr_t)rand_uuid(made)));
	return db_read_begin(cx, db);
}

int64_t
feed_end(const struct dataset *d)
{
	return (d->no << SEQ_SHIFT) + d->next_seq - 1;
}

/* "f|epoch|after|base", opaque to others. */
enum rc
feed_cursor(struct ctx *cx, struct db *db, const struct feed_place *at, const char **cursor)
{
	const char *epoch;

	TRY(feed_epoch(cx, db, &epoch));
	*cursor = base64url_encode(cx->a,
	    str_c(arena_printf(cx->a, "f|%s|%lld|%lld", epoch ? epoch : "", (long long)at->after,
		(long long)at->base)));
	return RC_OK;
}

/* Earlier programs gave "s" and a number, which names no epoch. */
static bool
cursor_read(struct arena *a, const char *cursor, struct str *epoch, struct feed_place *out)
{
	struct str s, kind, after, rest;

	*epoch = (struct str){ "", 0 };
	*out = (struct feed_place){ 0 };
	if (!base64url_decode(a, str_c(cursor), &s) || !s.n)
		return false;
	if (s.p[0] == 's')
		return str_i64((struct str){ s.p + 1, s.n - 1 }, 0, INT64_MAX, &out->after);
	kind = str_cut(s, '|', &rest);
	*epoch = str_cut(rest, '|', &rest);
	after = str_cut(rest, '|', &rest);
	return str_is(kind, "f") && str_i64(after, 0, INT64_MAX, &out->after) &&
	    str_i64(rest, 0, INT64_MAX, &out->base);
}

/* From the start. Who names a time has what there was then, and needs all that came after it. */
static enum rc
feed_begin(struct ctx *cx, const struct dataset *d, int64_t since, struct feed_place *out)
{
	const int64_t first = d->no << SEQ_SHIFT;

	*out = (struct feed_place){ .after = first, .base = feed_end(d) };
	if (since == 0)
		return RC_OK;
	out->base = d->pruned > first ? d->pruned : first;
	if (since > d->pruned_at)
		return RC_OK;
	return fail(cx, E_FEED_OVER,
	    "Deletions after this time are forgotten by now. Start again: ask without "
	    "modifiedAfter, and put what comes in the place of your copy.");
}

enum rc
feed_seek(struct ctx *cx, struct db *db, const struct dataset *d, const char *cursor, int64_t since,
    struct feed_place *out)
{
	const int64_t first = d->no << SEQ_SHIFT, end = feed_end(d);
	struct str epoch;
	const char *ours;

	if (!cursor || !*cursor)
		return feed_begin(cx, d, since, out);
	if (!cursor_read(cx->a, cursor, &epoch, out))
		return fail_input(cx, "cursor", "The cursor is not one that this feed gave.");
	TRY(feed_epoch(cx, db, &ours));
	if (!ours || !str_is(epoch, ours))
		return fail(cx, E_FEED_OVER,
		    "The cursor was given before the data was restored from a backup, or by an "
		    "earlier version." START_AGAIN);
	if (out->after < first || out->after > end || out->base < first || out->base > end)
		return fail(cx, E_FEED_OVER,
		    "The cursor is that of another dataset, or of this one before it was "
		    "cleared." START_AGAIN);
	if (d->pruned > out->after && d->pruned > out->base)
		return fail(cx, E_FEED_OVER,
		    "Deletions that come after this cursor are forgotten by now." START_AGAIN);
	return RC_OK;
}

enum rc
feed_forget(
    struct ctx *cx, struct db *db, int64_t dataset_no, int64_t before, int64_t max, int64_t *n)
{
	int64_t seq, deleted;
	bool found;

	TRY(db_row(cx, db, &found, Q_FEED_OLD, "iii", dataset_no, before, max));
	seq = db_num(db, Q_FEED_OLD, C_FEED_OLD_SEQ);
	deleted = db_num(db, Q_FEED_OLD, C_FEED_OLD_DELETED);
	db_reset(db, Q_FEED_OLD);
	*n = 0;
	if (!seq)
		return RC_OK;
	TRY(db_run(cx, db, NULL, Q_FEED_PRUNED, "iii", dataset_no, seq, deleted));
	return db_run(cx, db, n, Q_FEED_FORGET, "iii", dataset_no, before, max);
}
