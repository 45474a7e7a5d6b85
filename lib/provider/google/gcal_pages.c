/*
 * gcal_pages.c - see gcal_pages.h.
 */
#include "provider/google/gcal_pages.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/rand.h"
#include "base/vec.h"
#include "provider/web/jscan.h"

enum {
	ITEM_ROOM = 128 * 1024 * 1024,
	EVENTS_MAX = 1 << 24,
	TABLE_FIRST = 1024,
	ITEM_NO = (1 << 30) - 1
};

/*
 * What is known of all of them: where each is mentioned last, by a keyed hash of its id.
 */
struct mention {
	uint64_t hash;                /* 0: free */
	unsigned no : 30, series : 1; /* series: and not gone */
	unsigned whole : 1;
};

struct gcal_index {
	struct arena *a;
	uint64_t key[2];
	struct mention *v;
	size_t n, cap; /* cap: a power of two */
	struct gcal_differing *differ;
	size_t n_differ, cap_differ;
	/* For each item: ITEM_... */
	unsigned char *items;
	size_t n_items, cap_items;
};

/* PLAIN: nothing but an event by itself. LAST: it is not mentioned again. */
enum { ITEM_PLAIN = 1, ITEM_LAST = 2 };

/*
 * One event after the other.
 */
struct scanning {
	struct ctx *cx;
	const struct gcal_listener *to;
	struct gcal_head *head;
	struct gcal_item item;
	struct arena *room;
};

static bool
scan_in(const struct jscan *js, int depth, const char *name)
{
	return js->depth == depth && str_is(js->frame[0].name, "answer") &&
	    str_is(js->frame[1].name, name);
}

static enum rc
scan_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	const struct scanning *s = arg;

	(void)cx;
	(void)type;
	*keep = (s->to->item && scan_in(js, 3, "items")) || scan_in(js, 2, "summary") ||
	    scan_in(js, 2, "timeZone") || scan_in(js, 2, "accessRole") ||
	    (js->depth == 1 &&
		(str_is(js->frame[0].name, "delta") || str_is(js->frame[0].name, "whole")));
	return RC_OK;
}

static const char *
scan_text(const struct scanning *s, char *text, size_t n)
{
	const struct str said = jtext_decode((struct str){ text, n });

	return arena_dup_str(s->cx->a, said);
}

json *
gcal_item_event(const struct gcal_item *item)
{
	return json_stored(item->a, item->text.p);
}

/* What a member says, if it is a text. */
static const char *
glance_text(struct arena *a, struct str raw)
{
	if (jtext_type(raw) != J_TEXT)
		return NULL;
	return arena_dup_str(a, jtext_read(raw, buf_in(a, raw.n)));
}

/* Its members that tell where it belongs, without reading the others. False: it is no event. */
static bool
scan_glance(struct gcal_item *item)
{
	struct jparts parts = jparts_of(item->text);
	const char *status = NULL;
	struct jpart p;

	item->id = item->of = NULL;
	item->series = false;
	if (jtext_type(item->text) != J_OBJECT)
		return false;
	while (jparts_next(&parts, &p)) {
		if (p.depth >= JSON_DEPTH)
			return false;
		if (str_is(p.name, "\"id\""))
			item->id = glance_text(item->a, p.value);
		else if (str_is(p.name, "\"status\""))
			status = glance_text(item->a, p.value);
		else if (str_is(p.name, "\"recurringEventId\""))
			item->of = glance_text(item->a, p.value);
		else if (str_is(p.name, "\"recurrence\""))
			item->series = jtext_type(p.value) == J_LIST && p.value.n > 2;
	}
	item->gone = status && !strcmp(status, "cancelled");
	return item->id && *item->id;
}

/* Of a plain one the index has seen where it belongs. */
static bool
scan_counts(struct scanning *s)
{
	const struct gcal_index *x = s->to->index;
	const size_t no = (size_t)s->item.no;
	int known = ITEM_LAST;

	if (x)
		known = no < x->n_items ? x->items[no] : 0;
	if (!(known & ITEM_LAST))
		return false;
	if (!(known & ITEM_PLAIN))
		return scan_glance(&s->item);
	s->item.id = s->item.of = NULL;
	s->item.gone = s->item.series = false;
	return true;
}

static enum rc
scan_item(struct scanning *s, struct str text)
{
	arena_reset(s->room);
	s->item.a = s->room;
	s->item.text = text;
	if (scan_counts(s))
		TRY(s->to->item(s->cx, s->to->arg, &s->item));
	s->item.no++;
	return RC_OK;
}

static enum rc
scan_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	struct scanning *s = arg;

	(void)cx;
	if (!text)
		return RC_OK;
	if (js->depth == 3)
		return scan_item(s, (struct str){ text, n });
	if (js->depth == 1 && str_is(js->frame[0].name, "whole"))
		s->item.whole = type == J_TRUE;
	else if (js->depth == 1)
		s->head->delta = type == J_TRUE;
	else if (type == J_TEXT && str_is(js->frame[1].name, "summary"))
		s->head->title = scan_text(s, text, n);
	else if (type == J_TEXT && str_is(js->frame[1].name, "timeZone"))
		s->head->home.zone = scan_text(s, text, n);
	else if (type == J_TEXT)
		s->head->home.role = scan_text(s, text, n);
	js->stopped = !s->to->item && s->head->home.zone && s->head->home.role;
	return RC_OK;
}

static enum rc
scan_page(struct ctx *cx, struct page_in *page, struct jscan *js, char *chunk)
{
	size_t got;
	enum rc rc;

	TRY(page->restart(cx, page->arg));
	jscan_begin(js);
	do {
		TRY(page->read(cx, page->arg, chunk, PAGE_CHUNK, &got));
		rc = got > 0 ? jscan_feed(cx, js, (struct str){ chunk, got })
			     : jscan_end(cx, js, page->cut);
	} while (rc == RC_OK && got > 0 && !js->stopped);
	if (rc != RC_OK && (cx->err.kind == E_JSON || cx->err.kind == E_EMPTY))
		return fail(cx, E_JSON, "Google's answer could not be read.");
	return rc;
}

enum rc
gcal_scan(struct ctx *cx, struct page_in *pages, size_t n, struct gcal_head *head,
    const struct gcal_listener *to)
{
	struct scanning s = {
		.cx = cx,
		.to = to,
		.head = head,
		.room = arena_inside(cx->a, "calendar event", ITEM_ROOM),
	};
	const struct jscan_events events = { scan_begin, scan_end, &s };
	struct arena *once = arena_inside(cx->a, "calendar scan", ITEM_ROOM);
	struct jscan *js = jscan_new(once, &events);
	struct buf *chunk = buf_in(once, PAGE_CHUNK);
	enum rc rc = RC_OK;

	buf_reserve(chunk, PAGE_CHUNK);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		s.item.page = (int)i + 1;
		s.item.whole = false;
		rc = scan_page(cx, &pages[i], js, chunk->p);
	}
	arena_reset(once);
	arena_reset(s.room);
	return rc;
}

static uint64_t
index_hash(const struct gcal_index *x, const char *id)
{
	uint64_t h = hash_sip(x->key, str_c(id));

	return h ? h : 1;
}

static struct mention *
index_place(struct mention *v, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (v[i].hash && v[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static void
index_grow(struct gcal_index *x)
{
	/* What was there before stays in the arena. */
	size_t cap = x->cap * 4;
	struct mention *v = arena_array(x->a, cap, sizeof *v);

	for (size_t i = 0; i < x->cap; i++)
		if (x->v[i].hash)
			*index_place(v, cap, x->v[i].hash) = x->v[i];
	x->v = v;
	x->cap = cap;
}

static void
index_differing(struct gcal_index *x, const struct gcal_item *item)
{
	json *bare = gcal_item_event(item);

	json_unset(bare, "attendees");
	VEC_HOLD(x->a, x->differ, x->cap_differ, x->n_differ + 1, EVENTS_MAX);
	x->differ[x->n_differ++] = (struct gcal_differing){
		.series = arena_dup(x->a, item->of),
		.id = arena_dup(x->a, item->id),
		.text = arena_dup(x->a, json_text(item->a, bare)),
		.no = item->no,
	};
}

static enum rc
index_item(struct ctx *cx, void *arg, const struct gcal_item *item)
{
	struct gcal_index *x = arg;
	uint64_t hash = index_hash(x, item->id);
	struct mention *m;

	(void)cx;
	x->n_items = (size_t)item->no + 1;
	VEC_HOLD(x->a, x->items, x->cap_items, x->n_items, ITEM_NO);
	x->items[item->no] = !item->of && !item->gone && !item->series ? ITEM_PLAIN : 0;
	if (x->n * 4 >= x->cap * 3)
		index_grow(x);
	m = index_place(x->v, x->cap, hash);
	x->n += !m->hash;
	*m = (struct mention){
		.hash = hash,
		.no = (unsigned)item->no & ITEM_NO,
		.series = item->series && !item->gone,
		.whole = item->whole,
	};
	if (item->of)
		index_differing(x, item);
	return RC_OK;
}

/* By series and id; of one that is mentioned more than once the last. */
static int
index_order(const void *x, const void *y)
{
	const struct gcal_differing *a = x, *b = y;
	int d = strcmp(a->series, b->series);

	if (d == 0)
		d = strcmp(a->id, b->id);
	return d ? d : (a->no > b->no) - (a->no < b->no);
}

static const struct mention *
index_mention(const struct gcal_index *x, const char *id)
{
	return index_place(x->v, x->cap, index_hash(x, id));
}

static void
index_settle(struct gcal_index *x)
{
	size_t kept = 0;

	if (x->n_differ > 0)
		qsort(x->differ, x->n_differ, sizeof *x->differ, index_order);
	for (size_t i = 0; i < x->n_differ; i++) {
		struct gcal_differing *d = &x->differ[i];

		if (index_mention(x, d->id)->no != d->no)
			continue;
		d->lost = gcal_index_lost(x, d->id, d->series);
		x->differ[kept++] = *d;
	}
	x->n_differ = kept;
	for (size_t i = 0; i < x->cap; i++)
		if (x->v[i].hash)
			x->items[x->v[i].no] |= ITEM_LAST;
}

enum rc
gcal_index(struct ctx *cx, struct page_in *pages, size_t n, struct gcal_head *head,
    struct gcal_index **out)
{
	struct gcal_index *x = arena_alloc(cx->a, sizeof *x);

	*x = (struct gcal_index){
		.a = arena_inside(cx->a, "calendar index", ITEM_ROOM),
		.cap = TABLE_FIRST,
	};
	x->v = arena_array(x->a, x->cap, sizeof *x->v);
	rand_bytes(x->key, sizeof x->key);
	TRY(gcal_scan(cx, pages, n, head, &(struct gcal_listener){ index_item, x, NULL }));
	index_settle(x);
	*out = x;
	return RC_OK;
}

void
gcal_index_drop(struct gcal_index *x)
{
	arena_reset(x->a);
}

bool
gcal_index_lost(const struct gcal_index *x, const char *id, const char *series)
{
	const struct mention *m = index_mention(x, series);

	return m->hash && m->whole && !index_mention(x, id)->whole;
}

bool
gcal_index_series(const struct gcal_index *x, const char *id)
{
	const struct mention *m = index_mention(x, id);

	return m->hash && m->series;
}

const struct gcal_differing *
gcal_index_differing(const struct gcal_index *x, const char *series, size_t *n)
{
	size_t from = 0, to = x->n_differ;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (strcmp(x->differ[mid].series, series) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	for (*n = 0; from + *n < x->n_differ && !strcmp(x->differ[from + *n].series, series);)
		++*n;
	return *n > 0 ? &x->differ[from] : NULL;
}
