/*
 * there.h - the provider in memory: things with keys, etags, tombstones and a delta that ends in a
 * cursor. It refuses a mark that is taken (when it has etags), forgets cursors (410) and deleted
 * things for good (then they are NOTFOUND), loses requests and answers, is busy, repeats items in a
 * delta and gives empty pages.
 */
#ifndef SIM_THERE_H
#define SIM_THERE_H

#include "sim/sim.h"

enum { REQUEST_MS = 60000 };

struct thing {
	bool gone, purged, deleted_by_user;
	struct content c;
	char mark[UUID_TEXT];
	int64_t etag, listed_at, edited_at;
};

static struct {
	struct thing v[THINGS];
	int n;
	int64_t seq, oldest; /* cursors before `oldest` are refused */
	bool revives;        /* what was deleted can be brought back */
	int64_t poison;      /* a token that it refuses to take */
	long writes;         /* that came from us */
} there;

static inline const char *
thing_key(struct arena *a, int i)
{
	return arena_printf(a, "r%d", i);
}

static inline const char *
thing_etag(struct arena *a, const struct thing *t)
{
	return sim.w.etags ? arena_printf(a, "\"%lld\"", (long long)t->etag) : NULL;
}

static inline int
thing_index(const char *key)
{
	int64_t n;

	return str_i64(str_c(key + 1), 0, there.n - 1, &n) ? (int)n : -1;
}

static inline void
thing_touch(struct thing *t)
{
	t->etag = ++there.seq;
	t->edited_at = sim_time();
	t->listed_at = clock_mono_ms() + (sim.w.lags ? (int64_t)dice((uint32_t)sim.w.lag_ms) : 0);
}

static inline bool
thing_listed(const struct thing *t)
{
	return sim.calm || t->listed_at <= clock_mono_ms();
}

static inline struct thing *
thing_new(void)
{
	if (there.n == THINGS) {
		sim_bad("things are made there without end");
		return &there.v[0];
	}
	there.v[there.n] = (struct thing){ 0 };
	return &there.v[there.n++];
}

/* --- faults --- */

static inline enum rc
there_fails(struct ctx *c, enum rc rc, int64_t wait_ms)
{
	static const enum error_kind kinds[RC__MAX] = {
		[RC_LIMITED] = E_RATE_LIMITED,
		[RC_AUTH] = E_GRANT,
		[RC_INVALID] = E_SOURCE_STATUS,
		[RC_NOTFOUND] = E_SOURCE_GONE,
		[RC_CONFLICT] = E_CHANGED,
		[RC_UNSURE] = E_UNSURE,
	};

	c->err = (struct err){ .kind = kinds[rc] ? kinds[rc] : E_NETWORK, .wait_ms = wait_ms };
	snprintf(c->err.detail, sizeof c->err.detail, "as the simulation wants it");
	return rc;
}

/* Nothing was done. */
static inline enum rc
there_weather(struct ctx *c)
{
	if (!luck(sim.w.fault))
		return RC_OK;
	tally.faults++;
	switch (dice(4)) {
	case 0:
		return there_fails(c, RC_LIMITED, 1000 + dice(60000));
	case 1:
		return there_fails(c, RC_AUTH, 0);
	default:
		return there_fails(c, RC_RETRY, 0);
	}
}

/* --- reading one --- */

static inline void
thing_answer(struct ctx *c, int i, bool whole, struct pushed *out)
{
	const struct thing *t = &there.v[i];

	*out = (struct pushed){ .key = thing_key(c->a, i), .etag = thing_etag(c->a, t) };
	if (!t->gone && whole)
		out->values = content_json(c->a, &t->c);
}

static inline int
thing_by_mark(const char *mark, bool all)
{
	for (int i = 0; i < there.n; i++)
		if (!strcmp(there.v[i].mark, mark) && (all || thing_listed(&there.v[i])))
			return i;
	return -1;
}

static inline enum rc
there_look(struct ctx *c, const struct source *src, const struct push *p, struct pushed *out)
{
	int i;

	(void)src;
	*out = (struct pushed){ 0 };
	player_yields("look:asks", true);
	tally.looks++;
	TRY(there_weather(c));
	i = p->key ? thing_index(p->key) : thing_by_mark(p->id, sim.w.etags);
	if (i >= 0 && !there.v[i].purged)
		thing_answer(c, i, true, out);
	tell("%s looks at %s: %s", player_name(), p->key ? p->key : "its mark",
	    out->key ? content_text(&there.v[i].c, there.v[i].gone) : "nothing");
	player_holds(!sim.w.etags);
	player_yields("look:answered", true);
	return RC_OK;
}

/* --- writing one --- */

static inline enum rc
there_create(struct ctx *c, const struct push *p, int *i)
{
	struct thing *t;

	if (sim.w.etags && thing_by_mark(p->id, true) >= 0)
		return there_fails(c, RC_CONFLICT, 0);
	t = thing_new();
	*i = (int)(t - there.v);
	snprintf(t->mark, sizeof t->mark, "%s", p->id);
	t->c = content_of(p->values);
	return RC_OK;
}

static inline enum rc
there_change(struct ctx *c, const struct push *p, int i)
{
	struct thing *t = &there.v[i];
	bool same = sim.w.etags && p->etag && !strcmp(p->etag, thing_etag(c->a, t));

	if (t->purged)
		return there_fails(c, RC_NOTFOUND, 0);
	if (sim.w.etags && p->etag && !same)
		return there_fails(c, RC_CONFLICT, 0);
	/* Deleted already, or brought back by whoever knows that it was. */
	if (t->gone && (!p->whole || !there.revives))
		return there_fails(c, RC_NOTFOUND, 0);
	t->gone = !p->values;
	if (p->whole)
		t->c = (struct content){ { 0 } };
	for (int f = 0; p->values && f < FIELDS; f++)
		if (json_has(p->values, field_names[f]))
			t->c.f[f] = (int)json_num(p->values, field_names[f], 0);
	return RC_OK;
}

static inline bool
there_poisoned(const struct push *p)
{
	struct content c = content_of(p->values);

	for (int f = 0; p->values && f < FIELDS; f++)
		if (!sim.calm && there.poison && c.f[f] == there.poison)
			return true;
	return false;
}

static inline enum rc
there_do(struct ctx *c, const struct push *p, int *i)
{
	*i = p->key ? thing_index(p->key) : -1;
	if (there_poisoned(p))
		return there_fails(c, RC_INVALID, 0);
	if (p->key)
		TRY(there_change(c, p, *i));
	else
		TRY(there_create(c, p, i));
	thing_touch(&there.v[*i]);
	there.writes++;
	tally.sent++;
	return RC_OK;
}

static inline enum rc
there_send(struct ctx *c, const struct source *src, const struct push *p, struct pushed *out)
{
	const int64_t began = clock_mono_ms();
	bool lost, unanswered;
	enum rc rc;
	int i;

	(void)src;
	*out = (struct pushed){ 0 };
	player_yields("send:asks", true);
	player_holds(false);
	TRY(there_weather(c));
	lost = luck(sim.w.fault) || clock_mono_ms() - began >= REQUEST_MS;
	unanswered = luck(sim.w.fault);
	tally.faults += lost + unanswered;
	if (lost) {
		tell("%s sends to %s: lost", player_name(), p->key ? p->key : "a new one");
		return there_fails(c, RC_UNSURE, 0);
	}
	rc = there_do(c, p, &i);
	tell("%s sends to %s %s if %s: %s%s", player_name(), p->key ? p->key : "a new one",
	    p->values ? json_text(c->a, p->values) : "a deletion", p->etag ? p->etag : "-",
	    rc == RC_OK             ? "done"
		: rc == RC_CONFLICT ? "refused, it changed"
				    : "refused",
	    unanswered ? ", unanswered" : "");
	if (rc == RC_OK)
		thing_answer(c, i, sim.w.says, out);
	player_yields("send:done", true);
	if (unanswered || clock_mono_ms() - began >= REQUEST_MS)
		return there_fails(c, RC_UNSURE, 0);
	return rc;
}

static const struct writer sim_writer = { .send = there_send, .look = there_look };

/* --- listing --- */

/* What one read is going to list; its items are read when their page is asked for. */
struct listing {
	bool full;
	int v[2 * THINGS];
	int n, at;
	int64_t cursor; /* at its end */
};

/* What is not listed yet must come after the cursor. */
static inline int64_t
there_cursor(void)
{
	int64_t c = there.seq;

	for (int i = 0; i < there.n; i++)
		if (!thing_listed(&there.v[i]) && there.v[i].etag <= c)
			c = there.v[i].etag - 1;
	return c;
}

/* RC_RESYNC: the cursor is refused. */
static inline enum rc
there_list(struct ctx *c, int64_t cursor, struct listing *l)
{
	TRY(there_weather(c));
	*l = (struct listing){ .full = cursor < 0, .cursor = there_cursor() };
	if (!l->full && cursor < there.oldest)
		return RC_RESYNC;
	for (int i = 0; i < there.n; i++) {
		const struct thing *t = &there.v[i];

		if (!thing_listed(t) || t->purged || (l->full ? t->gone : t->etag <= cursor))
			continue;
		l->v[l->n++] = i;
		if (luck(8))
			l->v[l->n++] = i;
	}
	for (int i = l->n - 1; i > 0; i--) {
		int k = (int)dice((uint32_t)i + 1), x = l->v[i];

		l->v[i] = l->v[k];
		l->v[k] = x;
	}
	return RC_OK;
}

static inline enum rc
there_page(struct ctx *c, struct listing *l, int64_t as_of, struct there *out, size_t *n)
{
	int max = luck(10) ? 0 : 1 + (int)dice(4);

	TRY(there_weather(c));
	for (*n = 0; (int)*n < max && l->at < l->n;) {
		int i = l->v[l->at++];
		const struct thing *t = &there.v[i];

		if (l->full && t->gone)
			continue;
		out[(*n)++] = (struct there){
			.key = thing_key(c->a, i),
			.mark = *t->mark ? t->mark : NULL,
			.etag = thing_etag(c->a, t),
			.values = t->gone ? NULL : content_json(c->a, &t->c),
			.edits = { .whole = t->edited_at },
			.as_of = as_of,
		};
		tell("%s reads r%d %s", player_name(), i, content_text(&t->c, t->gone));
	}
	return RC_OK;
}

#endif
