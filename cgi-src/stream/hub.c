/*
 * hub.c - see hub.h.
 */
#include "stream/hub.h"

#include "app/run_text.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/vec.h"
#include "store/change.h"
#include "store/outbox.h"

enum {
	BUCKETS = 1024,
	MADE_MAX = 500, /* runs that one turn takes up */
	ENDED_MAX = 20, /* runs that have ended, looked at together */
	ENDED_ROUNDS = 50,
	NO_VERSION = -1,  /* that a database has */
	QUEUES_MS = 1000, /* between two looks at what is on its way to providers */
	CROWD_ARENA = 16 * 1024 * 1024,
	NEWS_MAX = 100000
};

/* A run of somebody who looks on. */
struct news {
	int64_t no, seq;
	uint64_t print; /* of what was said of it last */
	uint64_t turn;  /* when it was found the last time, and its text is at hand */
	bool active, running;
	char conn[UUID_TEXT];
	struct str text;
};

struct crowd {
	char owner[UUID_TEXT];
	struct arena *a;
	struct crowd *next; /* in its bucket */
	size_t viewers;
	struct news *v; /* in order of their numbers */
	size_t n, cap;
	int64_t seq;      /* the newest in it */
	int64_t revision; /* of the owner's calendar */
	int64_t queue;    /* what is on its way from it, as a number (outbox_print) */
	int64_t low;      /* while sweeping: what every viewer was told */
};

struct hub {
	struct crowd *bucket[BUCKETS];
	size_t crowds;
	uint64_t key[2], turn, mark;
	int64_t seq, version, top, changes, revision;
	int64_t queues, queued; /* the version at which the queues were looked at, and when */
};

struct hub *
hub_in(struct arena *a)
{
	struct hub *h = arena_alloc(a, sizeof *h);

	rand_bytes(h->key, sizeof h->key);
	/* Later than those of the process before, as far as clocks can tell. */
	h->mark = (uint64_t)clock_ms() << 12;
	h->revision = clock_ms() * 1000; /* browsers count up to 2^53 */
	return h;
}

static struct crowd **
hub_bucket(struct hub *h, const char *owner)
{
	return &h->bucket[hash_sip(h->key, str_c(owner)) % BUCKETS];
}

static struct crowd *
hub_crowd(const struct hub *h, const char *owner)
{
	struct crowd *c = h->bucket[hash_sip(h->key, str_c(owner)) % BUCKETS];

	while (c && strcmp(c->owner, owner))
		c = c->next;
	return c;
}

size_t
hub_viewers(const struct hub *h, const char *owner)
{
	const struct crowd *c = hub_crowd(h, owner);

	return c ? c->viewers : 0;
}

static void
hub_disperse(struct hub *h, struct crowd *c)
{
	struct crowd **at = hub_bucket(h, c->owner);

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	h->crowds--;
	arena_free(c->a);
}

void
hub_forget(struct hub *h)
{
	for (size_t i = 0; i < BUCKETS; i++)
		while (h->bucket[i])
			hub_disperse(h, h->bucket[i]);
	h->version = NO_VERSION;
}

/* --- what there is to know --- */

static struct news *
crowd_find(const struct crowd *c, int64_t no)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->v[mid].no < no)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->n && c->v[low].no == no ? &c->v[low] : NULL;
}

static struct news *
crowd_add(struct crowd *c, int64_t no)
{
	size_t at = c->n;

	VEC_HOLD(c->a, c->v, c->cap, c->n + 1, NEWS_MAX);
	for (; at > 0 && c->v[at - 1].no > no; at--)
		c->v[at] = c->v[at - 1];
	c->n++;
	c->v[at] = (struct news){ .no = no };
	return &c->v[at];
}

static void
crowd_drop(struct crowd *c, size_t i)
{
	memmove(&c->v[i], &c->v[i + 1], (--c->n - i) * sizeof *c->v);
}

/* One line: what is stored of a run may have been written in several. */
static enum rc
news_text(struct ctx *cx, struct db *db, const struct run *run, struct str *out)
{
	struct buf *b = buf_in(cx->a, HUB_TEXT_MAX);

	TRY(run_text(cx, db, run, b));
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] == '\n' || b->p[i] == '\r')
			b->p[i] = ' ';
	*out = buf_s(b);
	return b->over ? fail(cx, E_REPLY_LARGE, "A run has too much to say.") : RC_OK;
}

/* A run as it is now: something new when it says something else. */
static enum rc
hub_take(struct ctx *cx, struct hub *h, struct db *db, const struct run *run)
{
	struct crowd *c = hub_crowd(h, run->owner);
	struct news *n;
	struct str text;
	uint64_t print;

	if (!c)
		return RC_OK;
	TRY(news_text(cx, db, run, &text));
	print = hash_sip(h->key, text);
	n = crowd_find(c, run->no);
	if (!n) {
		n = crowd_add(c, run->no);
		memcpy(n->conn, run->connection_id, strnlen(run->connection_id, UUID_TEXT - 1));
	}
	n->running = !strcmp(run->state, "running");
	n->active = n->running || !strcmp(run->state, "queued");
	if (print != n->print)
		c->seq = n->seq = ++h->seq;
	n->print = print;
	n->text = text;
	n->turn = h->turn;
	return RC_OK;
}

static enum rc
hub_take_all(struct ctx *cx, struct hub *h, struct db *db, const struct run_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		TRY(hub_take(cx, h, db, &list->v[i]));
	return RC_OK;
}

static bool
is_waiting(const struct run_number_list *list, int64_t no)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (list->v[mid] < no)
			low = mid + 1;
		else
			high = mid;
	}
	return low < list->n && list->v[low] == no;
}

/* Those that do not run now: some wait as before, the others have ended, or are gone with their
 * connection. */
static enum rc
crowd_settle(struct ctx *cx, struct hub *h, struct db *db, struct crowd *c,
    const struct run_number_list *waiting)
{
	struct run run;

	for (size_t i = 0; i < c->n;) {
		struct news *n = &c->v[i++];

		if (!n->active || n->turn == h->turn)
			continue;
		if (!n->running && is_waiting(waiting, n->no))
			continue;
		TRY(run_numbered(cx, db, c->owner, n->no, &run));
		if (run.id)
			TRY(hub_take(cx, h, db, &run));
		else
			crowd_drop(c, --i);
	}
	return RC_OK;
}

static enum rc
hub_calendars(struct ctx *cx, struct hub *h, struct db *db)
{
	struct change_told_list told;
	int64_t last;

	TRY(change_told(cx, db, h->changes, OBJECT_EVENT, &told));
	TRY(change_last(cx, db, &last));
	/* Changes were forgotten, and their numbers are given again: nobody knows whose. */
	for (size_t i = 0; last < h->changes && i < BUCKETS; i++)
		for (struct crowd *c = h->bucket[i]; c; c = c->next)
			c->revision = ++h->revision;
	h->changes = last;
	for (size_t i = 0; i < told.n; i++) {
		struct crowd *c = hub_crowd(h, told.v[i].owner);

		if (c)
			c->revision = ++h->revision;
	}
	return RC_OK;
}

/* Where events stand at providers is seen in what waits to be written there. */
static enum rc
hub_queues(struct ctx *cx, struct hub *h, struct db *db)
{
	int64_t queue;

	for (size_t i = 0; i < BUCKETS; i++)
		for (struct crowd *c = h->bucket[i]; c; c = c->next) {
			TRY(outbox_print(cx, db, c->owner, &queue));
			if (queue != c->queue)
				c->revision = ++h->revision;
			c->queue = queue;
		}
	return RC_OK;
}

static enum rc
hub_look(struct ctx *cx, struct hub *h, struct db *db, enum hub_news *news)
{
	struct run_list made, going;
	struct run_number_list waiting;
	int64_t last;

	TRY(run_last(cx, db, &last));
	if (last < h->top) {
		*news = HUB_ELSE;
		return RC_OK;
	}
	TRY(run_made(cx, db, h->top, MADE_MAX, &made));
	*news = made.n == MADE_MAX ? HUB_MORE : HUB_NEWS;
	TRY(hub_take_all(cx, h, db, &made));
	if (made.n)
		h->top = made.v[made.n - 1].no;
	TRY(run_going(cx, db, &going));
	TRY(hub_take_all(cx, h, db, &going));
	TRY(run_waiting(cx, db, &waiting));
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct crowd *c = h->bucket[i]; c; c = c->next)
			TRY(crowd_settle(cx, h, db, c, &waiting));
	return hub_calendars(cx, h, db);
}

/* At one moment of the database. */
static enum rc
hub_read(struct ctx *cx, struct hub *h, struct db *db, int64_t version, enum hub_news *news)
{
	const int64_t now = clock_mono_ms();

	if (version != h->version)
		TRY(hub_look(cx, h, db, news));
	if (*news == HUB_MORE || *news == HUB_ELSE)
		return RC_OK;
	h->version = version;
	if (version == h->queues || now - h->queued < QUEUES_MS)
		return RC_OK;
	*news = HUB_NEWS;
	TRY(hub_queues(cx, h, db));
	h->queues = version;
	h->queued = now;
	return RC_OK;
}

enum rc
hub_turn(struct ctx *cx, struct hub *h, struct db *db, enum hub_news *news)
{
	int64_t version;
	enum rc rc;

	*news = HUB_QUIET;
	h->turn++;
	if (!h->crowds)
		return RC_OK;
	TRY(db_version(cx, db, &version));
	if (version == h->version && version == h->queues)
		return RC_OK;
	TRY(db_read_begin(cx, db));
	rc = hub_read(cx, h, db, version, news);
	db_read_end(db);
	return rc;
}

/* --- who looks on --- */

static enum rc
hub_gather(struct ctx *cx, struct hub *h, struct db *db, const char *owner, struct crowd **out)
{
	struct arena *a = arena_new("crowd", CROWD_ARENA, 0);
	struct crowd *c = arena_alloc(a, sizeof *c), **at = hub_bucket(h, owner);
	struct run_list active;

	c->a = a;
	memcpy(c->owner, owner, UUID_TEXT);
	c->next = *at;
	*at = *out = c;
	/* Nobody has looked for a while. */
	if (h->crowds++ == 0) {
		TRY(run_last(cx, db, &h->top));
		TRY(change_last(cx, db, &h->changes));
		h->version = NO_VERSION;
	}
	c->revision = ++h->revision;
	TRY(outbox_print(cx, db, owner, &c->queue));
	TRY(run_active_all(cx, db, owner, &active));
	return hub_take_all(cx, h, db, &active);
}

void
hub_leave(struct hub *h, struct place *p)
{
	if (p->crowd && --p->crowd->viewers == 0)
		hub_disperse(h, p->crowd);
	p->crowd = NULL;
}

/* The one run that is asked for may have ended long ago. */
static enum rc
place_one(struct ctx *cx, struct db *db, struct place *p)
{
	const struct news *n = crowd_find(p->crowd, p->ticket->sync);
	struct run run;

	p->from = 0;
	if (n && n->active)
		return RC_OK;
	TRY(run_numbered(cx, db, p->ticket->owner, p->ticket->sync, &run));
	if (run.finished_at)
		p->from = run.no;
	p->over = !run.id;
	return RC_OK;
}

static enum rc
hub_enter(struct ctx *cx, struct hub *h, struct db *db, struct place *p)
{
	enum rc rc = RC_OK;

	p->crowd = hub_crowd(h, p->ticket->owner);
	if (!p->crowd)
		rc = hub_gather(cx, h, db, p->ticket->owner, &p->crowd);
	p->crowd->viewers++;
	p->start = h->seq;
	if (rc == RC_OK && p->ticket->sync)
		rc = place_one(cx, db, p);
	if (rc != RC_OK)
		hub_leave(h, p);
	return rc;
}

enum rc
hub_join(struct ctx *cx, struct hub *h, struct db *db, const struct ticket *t, struct place *p)
{
	enum rc rc;

	*p = (struct place){ .ticket = t, .from = t->after, .revision = -1 };
	h->turn++;
	TRY(db_read_begin(cx, db));
	rc = hub_enter(cx, h, db, p);
	db_read_end(db);
	return rc;
}

/* --- what is told --- */

/* One that has ended before he came is told as one of those from place.from on, or not at all. */
static bool
is_news(const struct place *p, const struct news *n)
{
	return n->seq > p->seen && (n->active || n->seq > p->start) &&
	    ticket_sees(p->ticket, n->no, n->conn);
}

/* A calendar is of no concern to who follows a connection or a sync. */
static bool
place_has_calendar(const struct place *p)
{
	return p->ticket->by != BY_PROGRESS && !p->ticket->sync;
}

bool
hub_ready(const struct place *p)
{
	return p->from || p->seen < p->crowd->seq || p->revision < 0 ||
	    (place_has_calendar(p) && p->revision < p->crowd->revision);
}

/* See ticket.h. */
static void
put_id(struct hub *h, const struct place *p, struct buf *out)
{
	int64_t no = p->from ? p->from : h->top + 1;

	for (size_t i = 0; i < p->crowd->n && p->crowd->v[i].no < no; i++) {
		const struct news *n = &p->crowd->v[i];

		if ((n->active && ticket_sees(p->ticket, n->no, n->conn)) || is_news(p, n))
			no = n->no;
	}
	buf_printf(out, "id: %lld.%llx\n", (long long)no, (unsigned long long)h->mark++);
}

static void
put_sync(struct hub *h, const struct place *p, struct str text, struct buf *out)
{
	put_id(h, p, out);
	buf_str(out, "event: sync\ndata: ");
	buf_add(out, text.p, text.n);
	buf_str(out, "\n\n");
}

static enum rc
tell_ended(struct ctx *cx, struct hub *h, struct db *db, struct place *p, struct buf *out)
{
	struct run_list list;
	struct str text;

	TRY(run_ended(cx, db, p->ticket->owner, p->from, ENDED_MAX, &list));
	for (size_t i = 0; i < list.n; i++) {
		p->from = list.v[i].no + 1;
		if (!ticket_sees(p->ticket, list.v[i].no, list.v[i].connection_id))
			continue;
		TRY(news_text(cx, db, &list.v[i], &text));
		put_sync(h, p, text, out);
		p->over = p->ticket->sync != 0;
	}
	if (list.n < ENDED_MAX || p->over)
		p->from = 0;
	return RC_OK;
}

/* The first that he has not heard of. */
static struct news *
next_news(const struct place *p)
{
	struct news *first = NULL;

	for (size_t i = 0; i < p->crowd->n; i++)
		if (is_news(p, &p->crowd->v[i]) && (!first || p->crowd->v[i].seq < first->seq))
			first = &p->crowd->v[i];
	return first;
}

static enum rc
tell_news(struct ctx *cx, struct hub *h, struct db *db, struct place *p, struct buf *out)
{
	struct news *n = next_news(p);
	struct run run;

	if (!n) {
		p->seen = p->crowd->seq;
		return RC_OK;
	}
	p->seen = n->seq;
	if (n->turn != h->turn) {
		TRY(run_numbered(cx, db, p->crowd->owner, n->no, &run));
		/* Gone with its connection; the next turn finds out. */
		if (!run.id)
			return RC_OK;
		TRY(news_text(cx, db, &run, &n->text));
		n->turn = h->turn;
	}
	put_sync(h, p, n->text, out);
	p->over = p->ticket->sync && !n->active;
	return RC_OK;
}

static void
tell_calendar(struct hub *h, struct place *p, struct buf *out)
{
	if (p->revision == p->crowd->revision)
		return;
	p->revision = p->crowd->revision;
	if (!place_has_calendar(p))
		return;
	put_id(h, p, out);
	buf_printf(out, "event: events\ndata: {\"revision\":%lld}\n\n", (long long)p->revision);
}

enum rc
hub_tell(struct ctx *cx, struct hub *h, struct db *db, struct place *p, struct buf *out)
{
	for (int i = 0; i < ENDED_ROUNDS && out->n < HUB_BATCH && !p->over && p->from; i++)
		TRY(tell_ended(cx, h, db, p, out));
	while (out->n < HUB_BATCH && !p->over && !p->from && p->seen < p->crowd->seq)
		TRY(tell_news(cx, h, db, p, out));
	if (!p->over)
		tell_calendar(h, p, out);
	return RC_OK;
}

/* --- forgetting --- */

void
hub_sweep_begin(struct hub *h)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct crowd *c = h->bucket[i]; c; c = c->next)
			c->low = INT64_MAX;
}

void
hub_sweep_place(const struct place *p)
{
	if (p->crowd && p->seen < p->crowd->low)
		p->crowd->low = p->seen;
}

void
hub_sweep_end(struct hub *h)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct crowd *c = h->bucket[i]; c; c = c->next)
			for (size_t k = c->n; k-- > 0;)
				if (!c->v[k].active && c->v[k].seq <= c->low)
					crowd_drop(c, k);
}
