/*
 * gcal_twins.c - google-calendar: twins. A series and what differs in it is one; an occurrence
 * whose series is not in this calendar, or has no such place, stands alone.
 */
#include "base/zone_name.h"
#include "provider/google/gcal.h"
#include "provider/google/gcal_pages.h"

/*
 * The days of the settings.
 */
static int64_t
window_day(const char *day, const struct zone *zone, int64_t otherwise)
{
	struct when w;

	return day && when_read(str_c(day), NULL, &w) ? when_utc(&w, zone) : otherwise;
}

bool
gcal_outside(struct arena *a, const json *value, const struct ways *w, const struct gcal_home *home)
{
	const struct zone *zone = home->zone ? zone_system(a, str_c(home->zone)) : NULL;
	const struct zone *at = zone ? zone : &zone_utc;
	struct occurrence *v;
	int64_t begins, ends;

	if (!w->from && !w->to)
		return false;
	occur_bounds(a, value, &begins, &ends);
	if (ends == INT64_MAX && !w->to)
		return false;
	return occur_between(a, value, at, window_day(w->from, at, begins),
		   window_day(w->to, at, ends), &v) == 0;
}

/*
 * One twin.
 */
struct twinning {
	struct twin_sink *sink;
	const struct gcal_index *index;
	struct gcal_head *head;
	struct ways ways;
};

/* One of ours may be gone before the answer that made it has come: then nothing but its name tells
 * whose it was. */
static enum rc
twin_gone(struct ctx *cx, const struct twinning *t, struct arena *a, const char *id)
{
	const struct twin gone = { .key = id, .mark = gcal_id_read(a, id) };

	return t->sink->twin(cx, t->sink, &gone);
}

/* Whose it is, as far as a name of ours can be trusted: copies that people make of an event have
 * its properties, too. */
static void
twin_names(struct arena *a, const json *event, struct twin *out)
{
	const char *uid = json_str(event, "iCalUID"), *ours;

	out->mark = gcal_id_read(a, out->key);
	out->uid = uid;
	if (!out->mark)
		return;
	out->object = gcal_own(event, "tidemark_object");
	ours = gcal_own(event, "tidemark_uid");
	out->uid = ours ? ours : uid;
}

/* An occurrence that stands alone: it shares the iCalUID with all others. */
static void
twin_names_one(struct arena *a, const json *event, struct twin *out)
{
	const char *uid = json_str(event, "iCalUID"), *at = strrchr(out->key, '_');

	out->uid = uid && at ? arena_printf(a, "%s/%s", uid, at + 1) : NULL;
}

static enum rc
twin_tell(struct ctx *cx, const struct twinning *t, struct arena *a, const json *event,
    struct twin *twin, const struct gcal_event *read)
{
	twin->values = read->value;
	twin->facets = gcal_facets(a, event);
	twin->fixed = read->fixed;
	twin->outside = gcal_outside(a, read->value, &t->ways, &t->head->home);
	if (json_str(event, "recurringEventId"))
		twin_names_one(a, event, twin);
	else
		twin_names(a, event, twin);
	return t->sink->twin(cx, t->sink, twin);
}

/* What was read of it before stays: parse() tells of it by its name. */
static enum rc
twin_unread(struct ctx *cx, const struct twinning *t, const char *key)
{
	return t->sink->twin(cx, t->sink, &(struct twin){ .key = key, .unread = true });
}

static enum rc
twin_alone(
    struct ctx *cx, const struct twinning *t, struct arena *a, const json *event, size_t size)
{
	const struct gcal_event read = gcal_value(a, event, &t->head->home);
	struct twin twin = {
		.key = json_str(event, "id"),
		.etag = json_str(event, "etag"),
		.edited_at = gcal_updated(event),
		.size = size,
	};

	return read.value ? twin_tell(cx, t, a, event, &twin, &read) : twin_unread(cx, t, twin.key);
}

/* What finds its place in the series is in no twin of its own any more. */
static enum rc
twin_differing(struct ctx *cx, const struct twinning *t, struct arena *a, json *series,
    const json *one, size_t size)
{
	const char *id = json_str(one, "id");

	if (gcal_differ(a, series, one, &t->head->home) || gcal_is_gone(one))
		return t->head->delta ? twin_gone(cx, t, a, id) : RC_OK;
	return twin_alone(cx, t, a, one, size);
}

static enum rc
twin_series(
    struct ctx *cx, const struct twinning *t, struct arena *a, const json *event, size_t size)
{
	struct gcal_event read = gcal_value(a, event, &t->head->home);
	struct twin twin = {
		.key = json_str(event, "id"),
		.edited_at = gcal_updated(event),
		.size = size,
	};
	json *parts = json_list(a), *ids = json_list(a);
	const struct gcal_differing *v;
	size_t n;

	if (!read.value)
		return twin_unread(cx, t, twin.key);
	v = gcal_index_differing(t->index, twin.key, &n);
	for (size_t i = 0; i < n; i++) {
		json *one = json_stored(a, v[i].text);
		int64_t updated = gcal_updated(one);
		size_t bytes = strlen(v[i].text);

		json_add_str(ids, v[i].id);
		if (v[i].lost) {
			TRY(twin_gone(cx, t, a, v[i].id));
			continue;
		}
		json_add(parts, one);
		twin.size += bytes;
		TRY(twin_differing(cx, t, a, read.value, one, bytes));
		twin.edited_at = updated > twin.edited_at ? updated : twin.edited_at;
	}
	twin.parts = ids;
	twin.etag = gcal_etag(a, event, parts);
	return twin_tell(cx, t, a, event, &twin, &read);
}

/* Nothing on another page adds to it. */
static bool
twin_is_plain(const struct gcal_item *item)
{
	return !item->of && !item->series && !item->gone && !item->whole;
}

static bool
twin_was_early(const struct twinning *t, const struct gcal_item *item)
{
	const size_t page = (size_t)item->page - 1;

	return page < t->sink->n_early && t->sink->early[page] && twin_is_plain(item);
}

static enum rc
twin_item(struct ctx *cx, void *arg, const struct gcal_item *item)
{
	const struct twinning *t = arg;
	const json *event;

	if (twin_was_early(t, item))
		return RC_OK;
	/* Those of a series that is there are told with it. */
	if (item->of && gcal_index_series(t->index, item->of))
		return RC_OK;
	if (item->gone || (item->of && gcal_index_lost(t->index, item->id, item->of)))
		return t->head->delta || t->sink->n_early ? twin_gone(cx, t, item->a, item->id)
							  : RC_OK;
	event = gcal_item_event(item);
	return item->series ? twin_series(cx, t, item->a, event, item->text.n)
			    : twin_alone(cx, t, item->a, event, item->text.n);
}

enum rc
gcal_twins(struct ctx *cx, const struct source *src, struct page_in *pages, size_t n,
    struct twin_sink *sink)
{
	struct gcal_head head = { .home = gcal_home_of(src) };
	struct twinning t = { .sink = sink, .head = &head, .ways = ways_of(src->config) };
	struct gcal_index *index;
	enum rc rc;

	TRY(gcal_index(cx, pages, n, &head, &index));
	t.index = index;
	rc = gcal_scan(cx, pages, n, &head, &(struct gcal_listener){ twin_item, &t, index });
	gcal_index_drop(index);
	return rc;
}

static enum rc
twin_early(struct ctx *cx, void *arg, const struct gcal_item *item)
{
	if (!twin_is_plain(item))
		return RC_OK;
	return twin_alone(cx, arg, item->a, gcal_item_event(item), item->text.n);
}

enum rc
gcal_early(struct ctx *cx, const struct source *src, struct page_in *page, struct twin_sink *sink)
{
	struct gcal_head head = { .home = gcal_home_of(src) };
	struct twinning t = { .sink = sink, .head = &head, .ways = ways_of(src->config) };

	/* Where the calendar is may stand behind its events. */
	TRY(gcal_scan(cx, page, 1, &head, &(struct gcal_listener){ 0 }));
	return gcal_scan(cx, page, 1, &head, &(struct gcal_listener){ twin_early, &t, NULL });
}
