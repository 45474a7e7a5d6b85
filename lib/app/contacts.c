/*
 * contacts.c - see contacts.h.
 */
#include "app/contacts.h"
#include "app/quota.h"
#include "app/schedule.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "base/field.h"
#include "kind/kind.h"

enum { CONTACTS_PAGE = 100 };

typedef enum rc contacts_fn(struct ctx *, struct db *, struct conn *, void *arg);

bool
contacts_kind(const char *provider)
{
	const struct kind *k = kind_find(provider);

	return k && (k->caps & KIND_PEOPLE) != 0;
}

/* Calls fn for every connection of the owner's that reads people. */
static enum rc
contacts_each(struct ctx *cx, struct db *db, const char *owner, contacts_fn *fn, void *arg)
{
	const char *after = "";
	struct conn_list list;

	do {
		TRY(conn_list(cx, db, owner, after, CONTACTS_PAGE, &list));
		for (size_t i = 0; i < list.n; i++)
			if (contacts_kind(list.v[i].provider))
				TRY(fn(cx, db, &list.v[i], arg));
		after = list.next;
	} while (after);
	return RC_OK;
}

/*
 * The view.
 */

struct contacts_view {
	struct auto_sync all;
	bool any;
};

static enum rc
contacts_see(struct ctx *cx, struct db *db, struct conn *c, void *arg)
{
	const struct sched *s = &c->sched;
	const int64_t hours = (s->interval_minutes + 59) / 60;
	struct contacts_view *v = arg;
	struct auto_sync *all = &v->all;

	(void)cx;
	(void)db;
	/* The interval is that of those that are on, or of all when none is. */
	if (!v->any || (s->enabled && !all->enabled) ||
	    (s->enabled == all->enabled && hours < all->interval_hours))
		all->interval_hours = hours;
	v->any = true;
	all->enabled |= s->enabled;
	if (s->last_success_at > all->last_sync_at)
		all->last_sync_at = s->last_success_at;
	if (s->next_poll_at && (!all->next_sync_at || s->next_poll_at < all->next_sync_at))
		all->next_sync_at = s->next_poll_at;
	return RC_OK;
}

enum rc
contacts_get(struct ctx *cx, struct db *db, const char *owner, struct auto_sync *out)
{
	struct contacts_view v = { .any = false };

	TRY(contacts_each(cx, db, owner, contacts_see, &v));
	if (!v.any)
		return auto_sync_get(cx, db, owner, out);
	*out = v.all;
	return RC_OK;
}

enum rc
contacts_any(struct ctx *cx, struct db *db, const char *owner, bool *any)
{
	struct contacts_view v = { .any = false };

	TRY(contacts_each(cx, db, owner, contacts_see, &v));
	*any = v.any;
	return RC_OK;
}

enum rc
contacts_first(struct ctx *cx, struct db *db, const char *owner, const char *provider, int64_t now,
    struct sched *s)
{
	struct contacts_view v = { .any = false };
	struct auto_sync set;

	schedule_first(s, kind_find(provider), now);
	if (!contacts_kind(provider))
		return RC_OK;
	TRY(contacts_each(cx, db, owner, contacts_see, &v));
	set = v.all;
	if (!v.any)
		TRY(auto_sync_get(cx, db, owner, &set));
	s->enabled = v.any || set.updated_at ? set.enabled : true;
	s->freq = set.interval_hours == 24 ? FREQ_DAILY : FREQ_CUSTOM;
	s->interval_minutes = set.interval_hours * 60;
	s->next_poll_at = s->enabled ? now + set.interval_hours * HOUR_MS : 0;
	return RC_OK;
}

/*
 * Setting it.
 */

struct contacts_set {
	const struct caller *by;
	const json *in;
	struct auto_sync *out;
};

/* One interval after the last sync; what was never read is read now. */
static int64_t
contacts_next(const struct sched *s, int64_t hours, int64_t now)
{
	const int64_t next = s->last_polled_at ? s->last_polled_at + hours * HOUR_MS : now;

	return next > now ? next : now;
}

/* What is so already is left alone: the same settings again move nothing. */
static enum rc
contacts_schedule(struct ctx *cx, struct db *db, struct conn *c, void *arg)
{
	const struct contacts_set *w = arg;
	const struct auto_sync *want = w->out;
	const struct schedule_rule none = { .rrule = NULL };
	const struct sched before = c->sched;
	const struct quota_wish wish = {
		.provider = c->provider,
		.account_id = c->account_id,
		.conn_id = c->id,
		.before = &before,
		.after = &c->sched,
	};
	const int64_t now = clock_ms();
	json *change = json_new(cx->a);

	if (before.enabled == want->enabled && !before.rrule &&
	    before.interval_minutes == want->interval_hours * 60)
		return RC_OK;
	json_set_bool(change, "enabled", want->enabled);
	json_set_i64(change, "intervalMinutes", want->interval_hours * 60);
	TRY(schedule_merge(cx, w->by->wrong, &c->sched, change, &none, now));
	if (c->sched.next_poll_at)
		c->sched.next_poll_at = contacts_next(&c->sched, want->interval_hours, now);
	TRY(quota_fits(cx, db, c->owner, w->by->wrong, &wish));
	return sched_save(cx, db, c);
}

static enum rc
contacts_set_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct contacts_set *w = arg;
	const struct caller *by = w->by;
	struct auto_sync *out = w->out, kept;
	const char *detail = "off";

	TRY(contacts_get(cx, db, by->owner, out));
	out->enabled = json_flag(w->in, "enabled", out->enabled);
	out->interval_hours = json_num(w->in, "interval_hours", out->interval_hours);
	kept = *out;
	TRY(auto_sync_set(cx, db, by->owner, clock_ms(), &kept));
	TRY(contacts_each(cx, db, by->owner, contacts_schedule, arg));
	if (out->enabled)
		detail = arena_printf(cx->a, "every %lld hours", (long long)out->interval_hours);
	TRY(contacts_get(cx, db, by->owner, out));
	return caller_audit(cx, db, by, "contacts sync set", "", detail);
}

enum rc
contacts_set(struct ctx *cx, struct db *db, const struct caller *by, const json *change,
    struct auto_sync *out)
{
	static const struct field fields[] = {
		{ .name = "enabled", .type = FIELD_BOOL },
		{
		    .name = "interval_hours",
		    .type = FIELD_INT,
		    .min = 1,
		    .max = AUTO_SYNC_HOURS_MAX,
		},
		{ .name = NULL },
	};
	json *in = json_new(cx->a), *wrong = json_list(cx->a);

	TRY(caller_need(cx, by, SCOPE_WRITE));
	field_check(cx->a, fields, "", change, &(struct field_out){ in, in, wrong });
	by->wrong->list = wrong;
	TRY(complaints_end(cx, by->wrong));

	struct contacts_set w = {
		.by = by,
		.in = in,
		.out = out,
	};

	TRY(db_write(cx, db, contacts_set_write, &w));
	if (out->next_sync_at && out->next_sync_at <= clock_ms())
		wake_tick();
	return RC_OK;
}
