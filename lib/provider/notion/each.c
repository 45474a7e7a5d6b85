/*
 * each.c - a series as a page for each of its occurrences in a window that goes along with the
 * days: from a week ago to sixty days ahead (each_tend.c makes it so). Pure.
 *
 * There is one twin for a series all the same: a page of the series itself, without a date, on
 * which everything of it can be edited, and by which it is deleted. Its mark (event.c) has
 *
 *	"each": {"made": {slot: page id}, "done": digest, "next": seconds, "making"?: seconds,
 *		"took"?: {slot: digest}, "unseen"?: {slot: value}}
 *
 * the pages of its occurrences that were made, what they were made of, when the window has gone on,
 * since when some are made that may not have been answered, and what of them was edited in pages,
 * and over what (each_seen.c). The mark of one of them is
 *
 *	{"of": the push of the series, "series": its page, "object", "slot",
 *	 "sent": {word: "DIGEST ID" of what it was made to say, and the property's}, "touched"}
 *
 * What a page says and was not sent is somebody's edit of that occurrence: it is written into the
 * mark of the series, and comes from there. One that somebody puts into the trash, or whose date
 * is taken away, is left out of the series; taken out of the trash, it comes back. So nothing of it
 * has to be remembered here, and whatever is broken off is done when it is looked at next: what is
 * there is compared with what is to be. Of two pages for one place, as only a death at a bad moment
 * and an index that lags by minutes could leave them, the later one goes.
 *
 * Only a series that we have made there becomes such pages; one that a person's page has become is
 * one page. A series that is moved takes its pages along. One whose place is gone, or is over for a
 * week, goes, unless somebody has written something in it that is nowhere else: that is not ours
 * from then on. Its mark is {"left": its date}, and it is no event until somebody gives it another
 * date (each_kept.c).
 */
#include "base/clock.h"
#include "base/hash.h"
#include "event/span.h"
#include "provider/notion/event.h"

enum { EACH_MAX = 100, EACH_DIGEST = 16 };
enum { EACH_DAY = 86400, EACH_BEFORE = 7 * EACH_DAY, EACH_AHEAD = 61 * EACH_DAY };

bool
notion_each_wanted(const json *config)
{
	const char *series = json_str(config, "series");

	return series && !strcmp(series, "each");
}

/* --- the series --- */

json *
notion_each_keeps(
    struct arena *a, const json *config, const struct notion_event *e, const json *shall)
{
	json *each;

	if (e && !e->push)
		return NULL;
	if (e && e->each)
		return (json *)e->each;
	if (!notion_each_wanted(config) || !json_has(shall, "recurrence"))
		return NULL;
	each = json_new(a);
	json_set(each, "made", json_new(a));
	return each;
}

json *
notion_each_anew(struct arena *a, const json *each)
{
	json *out = json_copy(a, each);

	json_unset(out, "done");
	json_set_i64(out, "next", NOTION_AT_ONCE);
	return out;
}

static const char *
each_digest(struct arena *a, const char *text)
{
	char digest[SHA256_HEX];

	return text ? arena_printf(a, "%.*s", EACH_DIGEST, hash_sha256_hex(str_c(text), digest))
		    : "";
}

const char *
notion_each_digest(struct arena *a, const struct notion_event *e, const json *calendar)
{
	json *all = json_new(a);

	json_set(all, "value", e->value);
	if (e->facets)
		json_set(all, "facets", (json *)e->facets);
	json_set(all, "types", json_at(calendar, "types"));
	for (const struct notion_word *w = notion_words; w->word; w++)
		json_set_str(all, w->word, json_str(calendar, w->word));
	return each_digest(a, json_text(a, all));
}

int64_t
notion_each_due(struct arena *a, const json *config, const struct notion_event *e,
    const json *calendar, const json *mark)
{
	const char *done = json_str(e->each, "done");

	if (!e->value || !e->push)
		return 0;
	if (!notion_each_wanted(config) || !json_has(e->value, "recurrence"))
		return e->each ? NOTION_AT_ONCE : notion_series_over(a, mark);
	if (e->shown || !done || strcmp(done, notion_each_digest(a, e, calendar)) != 0)
		return NOTION_AT_ONCE;
	return json_num(e->each, "next", NOTION_AT_ONCE);
}

size_t
notion_each_list(
    struct arena *a, const json *value, int64_t now, struct occurrence **out, int64_t *next)
{
	const int64_t today = now - now % EACH_DAY;
	int64_t ahead = EACH_AHEAD;
	size_t n;

	*next = today + EACH_DAY;
	do {
		n = occur_between(a, value, &zone_utc, today - EACH_BEFORE, today + ahead, out);
		ahead /= 2;
	} while (n > OCCUR_MAX && ahead > 0);
	if (n > OCCUR_MAX)
		return 0;
	return n < EACH_MAX ? n : EACH_MAX;
}

/* Those that have pages by now. */
static void
each_gather(struct arena *a, const struct notion_event *e, struct notion_each_turn *turn)
{
	const json *made = json_at(e->each, "made");
	struct occurrence o;
	struct event_span s;
	struct when at;

	turn->gather = true;
	turn->values = json_list(a);
	if (!event_span(a, e->value, &s))
		return;
	for (struct json_iter it = { 0 }; json_each(made, &it);)
		if (when_slot_read(str_c(it.key), &s.start, &at) && occur_at(a, e->value, &at, &o))
			json_add(turn->values, (json *)occur_value(a, e->value, &o));
}

struct notion_each_turn
notion_each_turn(struct arena *a, const json *config, const struct notion_event *e)
{
	const bool wanted = notion_each_wanted(config);
	struct notion_each_turn turn = { .values = NULL };
	struct occurrence *v;
	int64_t next;
	size_t n;

	if (!e->push || wanted == (e->each != NULL))
		return turn;
	if (!wanted) {
		each_gather(a, e, &turn);
	} else if (json_has(e->value, "recurrence")) {
		n = notion_each_list(a, e->value, clock_ms() / SECOND_MS, &v, &next);
		turn.values = json_list(a);
		for (size_t i = 0; i < n; i++)
			json_add(turn.values, (json *)occur_value(a, e->value, &v[i]));
	}
	return turn;
}

/* --- what a page says --- */

static bool
each_is_date(const struct notion_word *w)
{
	return !strcmp(w->word, "date");
}

static const char *
each_date_text(struct arena *a, const json *date)
{
	struct when start, end;

	return date && notion_span_of(a, date, &start, &end)
	    ? json_text(a, notion_date_of(a, &start, &end))
	    : NULL;
}

/* As it is to be. */
static const char *
each_text(struct arena *a, const struct notion_occurrence *o, const struct notion_word *w)
{
	const struct notion_showing of = { o->value, o->series->facets };
	bool usual;

	if (each_is_date(w))
		return each_date_text(a, notion_date(a, o->value));
	return w->how >= NOTION_SHOWN ? notion_word_text(a, of, w, &usual)
				      : json_str(o->value, w->word);
}

static const char *
each_there(struct arena *a, const json *page, const json *calendar, const struct notion_word *w)
{
	return each_is_date(w) ? each_date_text(a, notion_date_there(page, calendar))
			       : notion_said(a, page, calendar, w);
}

static bool
each_same(const char *x, const char *y)
{
	return x && y ? !strcmp(x, y) : x == y;
}

bool
notion_each_is(
    struct arena *a, const json *page, const json *calendar, const char *bot, json **mark)
{
	*mark = notion_is_ours(page, bot) ? notion_mark(a, page, calendar) : NULL;
	return json_str(*mark, "of") && json_str(*mark, "series") && json_str(*mark, "slot");
}

/* --- what somebody has changed --- */

void
notion_each_cancel(struct arena *a, const char *slot, json *value)
{
	json *one = json_new(a);

	json_set_str(one, "status", "cancelled");
	json_set(value, arena_printf(a, "@%s", slot), one);
}

static void
each_take_text(
    struct arena *a, const char *slot, const struct notion_word *w, const char *text, json *value)
{
	const char *name = arena_printf(a, "@%s", slot);
	json *one = json_new(a);

	for (struct json_iter it = { 0 }; json_each(json_at(value, name), &it);)
		json_set(one, it.key, it.value);
	json_set_str(one, w->word, text);
	if (each_same(text, json_str(value, w->word)))
		json_unset(one, w->word);
	json_set(value, name, one);
	if (!json_len(one))
		json_unset(value, name);
}

static void
each_take_date(struct arena *a, const char *slot, const json *date, json *value)
{
	struct when start, end;

	if (notion_span_of(a, date, &start, &end))
		notion_series_move(a, slot, &start, &end, value);
	else if (!date)
		notion_each_cancel(a, slot, value);
}

enum notion_place
notion_each_place(struct arena *a, const json *value, const char *slot)
{
	struct event_span s;
	struct when at;
	struct occurrence o;

	if (!event_span(a, value, &s) || !when_slot_read(str_c(slot), &s.start, &at) ||
	    !occur_at(a, value, &at, &o))
		return PLACE_NONE;
	return o.cancelled ? PLACE_CANCELLED : PLACE_THERE;
}

static bool
each_place(struct arena *a, const json *value, const char *slot)
{
	return notion_each_place(a, value, slot) == PLACE_THERE;
}

/* What the property that says a word now was made to say; NULL: nothing yet. What another one was
 * made to say tells nothing of it. */
static const char *
each_sent(struct arena *a, const json *mark, const json *calendar, const struct notion_word *w)
{
	const char *sent = json_str(json_at(mark, "sent"), w->word);
	const char *of = json_str(calendar, w->word);
	struct str digest, id;

	if (!sent || !of)
		return NULL;
	digest = str_cut(str_c(sent), ' ', &id);
	return !id.p || str_is(id, of) ? arena_dup_str(a, digest) : NULL;
}

/* Does the page say something that it was not sent? What is empty in a property that was given
 * nothing yet is to be filled in. */
static bool
each_changed(struct arena *a, const json *page, const json *calendar, const json *mark,
    const struct notion_word *w)
{
	const char *sent = each_sent(a, mark, calendar, w), *there;

	if (w->how >= NOTION_SHOWN || !json_str(calendar, w->word))
		return false;
	there = each_there(a, page, calendar, w);
	return sent ? strcmp(each_digest(a, there), sent) != 0 : there && *there;
}

bool
notion_each_edited(struct arena *a, const json *page, const json *calendar, const json *mark)
{
	for (const struct notion_word *w = notion_words; w->word; w++)
		if (each_changed(a, page, calendar, mark, w))
			return true;
	return false;
}

void
notion_each_take(
    struct arena *a, const json *page, const json *calendar, const json *mark, json *value)
{
	const char *slot = json_str(mark, "slot");

	for (const struct notion_word *w = notion_words; w->word && each_place(a, value, slot); w++)
		if (!each_changed(a, page, calendar, mark, w))
			continue;
		else if (each_is_date(w))
			each_take_date(a, slot, notion_date_there(page, calendar), value);
		else
			each_take_text(a, slot, w, each_there(a, page, calendar, w), value);
}

/* What an occurrence is said to be in a series; NULL: it is left out, or says nothing of this. */
static const char *
each_of(struct arena *a, const json *value, const char *slot, const struct notion_word *w)
{
	struct event_span s;
	struct when at;
	struct occurrence o;
	const json *one;

	if (!event_span(a, value, &s) || !when_slot_read(str_c(slot), &s.start, &at) ||
	    !occur_at(a, value, &at, &o) || o.cancelled)
		return NULL;
	one = occur_value(a, value, &o);
	return each_is_date(w) ? each_date_text(a, notion_date(a, one)) : json_str(one, w->word);
}

static bool
each_differs(const json *one, const struct notion_word *w)
{
	return each_is_date(w) ? json_has(one, "startDateTime") || json_has(one, "endDateTime")
			       : json_has(one, w->word);
}

bool
notion_each_unshown(struct arena *a, const struct notion_unshown *u, const char *slot)
{
	const json *one = json_at(u->was, arena_printf(a, "@%s", slot));

	for (const struct notion_word *w = notion_words; w->word; w++) {
		const char *sent = each_sent(a, u->mark, u->calendar, w), *text;

		/* What no property says no page will ever say. */
		if (w->how >= NOTION_SHOWN || !json_str(u->calendar, w->word) ||
		    !each_differs(one, w))
			continue;
		text = each_of(a, u->was, slot, w);
		if (!each_same(text, each_of(a, u->now, slot, w)) &&
		    (!sent || strcmp(each_digest(a, text), sent) != 0))
			return true;
	}
	return false;
}

json *
notion_each_unseen(struct arena *a, const json *each)
{
	json *out = NULL;

	for (struct json_iter it = { 0 }; json_each(json_at(each, "unseen"), &it);) {
		out = out ? out : json_new(a);
		json_set(out, arena_printf(a, "@%s", it.key), it.value);
	}
	return out;
}

/* --- what is written --- */

static json *
each_value(struct arena *a, const struct notion_occurrence *o, const struct notion_word *w,
    const char *text)
{
	json *date;

	if (!each_is_date(w))
		return notion_word_value(a, o->calendar, w, text);
	date = json_new(a);
	json_set(date, "date", notion_date(a, o->value));
	return date;
}

static json *
each_mark(struct arena *a, const struct notion_occurrence *o, json *sent)
{
	json *mark = json_new(a);

	json_set_str(mark, "of", o->series->push);
	json_set_str(mark, "series", o->page);
	json_set_str(mark, "object", o->series->object);
	json_set_str(mark, "slot", o->slot);
	json_set(mark, "sent", sent);
	return mark;
}

static void
each_put_mark(struct arena *a, const struct notion_occurrence *o, json *mark, json *out)
{
	json *one = json_new(a);

	json_set(one, "rich_text", notion_rich(a, json_text(a, mark)));
	json_set(out, json_str(o->calendar, "mark"), one);
}

json *
notion_each_properties(
    struct arena *a, const struct notion_occurrence *o, const json *there, const char *bot)
{
	const json *mark = there ? notion_mark(a, there, o->calendar) : NULL;
	const char *by = json_str(json_at(there, "last_edited_by"), "id");
	json *out = json_new(a), *sent = json_new(a), *shall;

	for (const struct notion_word *w = notion_words; w->word; w++) {
		const char *of = json_str(o->calendar, w->word), *text, *digest;
		const char *was = each_sent(a, mark, o->calendar, w);

		/* It may say that word again, and still what it was made to say. */
		if (!of) {
			json_set_str(sent, w->word, json_str(json_at(mark, "sent"), w->word));
			continue;
		}
		text = each_text(a, o, w);
		digest = each_digest(a, text);
		json_set_str(sent, w->word, arena_printf(a, "%s %s", digest, of));
		if (!there || !was || strcmp(was, digest) != 0 ||
		    (w->how < NOTION_SHOWN &&
			!each_same(text, each_there(a, there, o->calendar, w))))
			json_set(out, of, each_value(a, o, w, text));
	}
	shall = each_mark(a, o, sent);
	if (json_flag(mark, "touched", false) || (there && (!by || !bot || strcmp(by, bot) != 0)))
		json_set_bool(shall, "touched", true);
	if (json_len(out) > 0 || !mark || !notion_same(a, mark, shall, "sent") ||
	    !notion_same(a, mark, shall, "slot"))
		each_put_mark(a, o, shall, out);
	return out;
}
