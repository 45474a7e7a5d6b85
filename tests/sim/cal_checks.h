/*
 * cal_checks.h - what must hold when all has worked itself off: the sides are level, nothing is there
 * twice, every edit is in a final value or is kept, and no guest was written to.
 */
#ifndef SIM_CAL_CHECKS_H
#define SIM_CAL_CHECKS_H

#include "event/rules.h"
#include "sim/cal_players.h"

static inline void
check_answers(const struct side *s, const json *item)
{
	const json *guests = json_at(item, "attendees");
	bool own = json_flag(json_at(item, "organizer"), "self", false);
	int name = json_len(guests) ? cal_name(item) : 0;

	for (size_t i = 0; i < json_len(guests); i++) {
		const json *guest = json_nth(guests, i);
		const char *says = json_str(guest, "responseStatus");
		const char *want = own ? "accepted" : cal.says[name];

		if (!strcmp(json_str(guest, "email"), s->email) &&
		    !json_has(item, "recurringEventId") &&
		    strcmp(says, want ? want : "needsAction") != 0)
			sim_bad("%s has answered %s to n%d, and said it is %s", s->email,
			    want ? want : "nothing", name, says);
	}
}

/* Nobody has got mail, and who has answered is who was asked. */
static inline void
check_guests(void)
{
	if (json_len(json_at(cal_control(NULL), "mails")))
		sim_bad("guests get mail");
	for (int s = 0; s < GOOGLES; s++) {
		json *items = cal_list(&sides[s], sides[s].theirs);

		for (size_t i = 0; i < json_len(items); i++)
			check_answers(&sides[s], json_nth(items, i));
	}
}

static inline const struct twin *
twin_named(const struct cal_twins *all, int name)
{
	const struct twin *found = NULL;

	for (int i = 0; i < all->n; i++) {
		if (cal_name(all->v[i].values) != name)
			continue;
		if (found)
			sim_bad("n%d is there twice: %s and %s", name, found->key, all->v[i].key);
		found = &all->v[i];
	}
	return found;
}

/* What was an invitation there, and was called off after an edit here, or is the rest of one that was
 * split here, does not go there. */
static inline bool
is_left_alone(const struct side *s, int name)
{
	return ask_handle(sqlite_handle(db->engine),
		   arena_printf(cx.a,
		       "SELECT count(*) FROM event e JOIN link l ON l.object_key = e.id WHERE"
		       " e.value LIKE '%%\"n%d\"%%' AND e.deleted_at IS NULL AND"
		       " l.connection_id = '%s' AND l.state <> 'skipped'",
		       name, s->conn)) == 0;
}

static inline void
check_side(const struct side *s, const json *const here[NAMES])
{
	struct cal_twins all;

	cal_all(s, &all);
	for (int n = 1; n <= cal.names; n++) {
		const struct twin *t = twin_named(&all, n);

		if (!t && (!here[n] || (cal.meets[n] && is_left_alone(s, n))))
			continue;
		if (!t || !here[n] || !merge_same(cx.a, &event_rules, here[n], t->values))
			sim_bad("n%d is %s here and at %s %s", n,
			    here[n] ? json_text(cx.a, here[n]) : "gone", s->email,
			    t ? json_text(cx.a, t->values) : "gone");
	}
}

/* --- pages of occurrences --- */

static inline const struct cal_leaf *
leaf_at(const struct cal_leaves *all, const char *slot)
{
	const struct cal_leaf *found = NULL;

	for (int i = 0; i < all->n; i++) {
		if (all->v[i].trash || strcmp(json_str(all->v[i].mark, "slot"), slot) != 0)
			continue;
		if (found)
			sim_bad("%s has two pages: %s and %s", slot, found->seen->id,
			    all->v[i].seen->id);
		found = &all->v[i];
	}
	return found;
}

static inline const char *
leaf_span(const json *date)
{
	struct when start, end;

	return notion_span_of(cx.a, date, &start, &end)
	    ? json_text(cx.a, notion_date_of(cx.a, &start, &end))
	    : "no date";
}

static inline void
check_leaf(const struct twin *t, const struct occurrence *o, const struct cal_leaf *leaf)
{
	const char *slot = when_slot(cx.a, &o->slot), *have, *shall;
	const json *value = occur_value(cx.a, t->values, o), *date;

	if (!leaf) {
		sim_bad("occurrence %s of n%d has no page", slot, cal_name(t->values));
		return;
	}
	date = json_at(json_at(json_at(leaf->page, "properties"), "When"), "date");
	have = arena_printf(cx.a, "%s %s", notion_title(cx.a, leaf->page), leaf_span(date));
	shall = arena_printf(
	    cx.a, "%s %s", json_str(value, "title"), leaf_span(notion_date(cx.a, value)));
	if (strcmp(have, shall) != 0)
		sim_bad("the page of %s says %s, and is to say %s", slot, have, shall);
}

/* Each occurrence in the window has its page, and no other page is there. */
static inline void
check_leaves(const struct twin *t)
{
	struct cal_leaves all;
	struct occurrence *v;
	int64_t next;
	size_t n;
	int live = 0;

	leaves_of(t->key, &all);
	for (int i = 0; i < all.n; i++)
		live += !all.v[i].trash;
	if (!t->mark && !live)
		return;
	n = notion_each_list(cx.a, t->values, clock_ms() / SECOND_MS, &v, &next);
	for (size_t i = 0; i < n; i++)
		check_leaf(t, &v[i], leaf_at(&all, when_slot(cx.a, &v[i].slot)));
	if (live != (int)n)
		sim_bad("n%d has %d pages, and %zu occurrences", cal_name(t->values), live, n);
}

static inline void
check_pages(void)
{
	struct cal_twins all;

	notion_all(&all);
	for (int i = 0; i < all.n; i++)
		if (json_has(all.v[i].values, "recurrence"))
			check_leaves(&all.v[i]);
}

/* A page of a series has one. (What is not shared says nothing: those of a series that is shared no
 * more stay, with what is in them.) */
static inline void
check_leaf_series(const struct cal_leaf *leaf)
{
	const char *series = json_str(leaf->mark, "series");
	const struct notion_seen *of = series ? notion_page(series) : NULL;

	if (of && !of->hidden && json_flag(notion_get(of), "in_trash", false))
		sim_bad("page %s is left of a series that is gone", leaf->seen->id);
}

/* What somebody has written in a page that has no place any more stays there: of an occurrence that
 * is over with its date, else without one. */
static inline void
check_left(const struct cal_leaf *leaf)
{
	const json *date = json_at(json_at(json_at(leaf->page, "properties"), "When"), "date");
	struct when start, end;

	if (json_at(leaf->mark, "left") && notion_span_of(cx.a, date, &start, &end) &&
	    end.utc > clock_ms() / SECOND_MS)
		sim_bad("page %s is left, and is to come", leaf->seen->id);
}

static inline void
left_fine(void)
{
	struct cal_leaves all;

	leaves_of(NULL, &all);
	for (int i = 0; i < all.n; i++) {
		check_leaf_series(&all.v[i]);
		check_left(&all.v[i]);
		token_fine(leaf_token(&all.v[i]));
	}
}

static inline void
check_level(void)
{
	const json *here[NAMES] = { NULL };
	struct event_list list = app_events();

	for (size_t i = 0; i < list.n; i++) {
		const json *value = json_stored(cx.a, list.v[i].value);
		int n = cal_name(value);

		if (here[n])
			sim_bad("n%d is here twice", n);
		here[n] = value;
		cal_fine(value);
	}
	for (int n = 1; n <= cal.names; n++)
		if (!here[n] && !cal.gone[n])
			sim_bad("n%d is gone, and nobody deleted it", n);
	for (int s = 0; s < SIDES; s++)
		check_side(&sides[s], here);
	if (sim.cal.each)
		check_pages();
}

static inline void
kept_token(int t)
{
	token_fine(t);
	if (t > 0 && t <= sim.tokens)
		sim.token[t].kept = true;
}

static inline void
kept_texts(const json *kept)
{
	for (struct json_iter it = { 0 }; json_each(kept, &it);) {
		kept_token(cal_token(json_value_str(it.value), 't'));
		kept_token(cal_token(json_value_str(it.value), 'p'));
	}
}

/* Whatever is in it, at any depth, is kept. (The times of an occurrence are those of its place.) */
static inline void
kept_fine(int name, const json *kept)
{
	cal_fine_of(name, kept);
	kept_texts(kept);
	for (struct json_iter it = { 0 }; json_each(kept, &it);)
		if (json_is_obj(it.value) && *it.key == '@')
			kept_texts(it.value);
		else if (json_is_obj(it.value))
			kept_fine(name, it.value);
}

/* Nobody ever sets a field back: one that goes back to what its value had replaced was taken from
 * something old, or has lost a conflict. */
static inline void
check_step(const json *from, const json *to)
{
	struct content x = cal_content(from), y = cal_content(to);

	for (int i = 0; i < 2; i++)
		if (y.f[i] && x.f[i] != y.f[i] && token_descends(x.f[i], y.f[i]) &&
		    !sim.token[x.f[i]].kept)
			sim_bad("edit %d was undone, and no conflict tells of it", x.f[i]);
}

/* Every value that the core has put in the place of another. */
static inline void
check_steps(void)
{
	sqlite3_stmt *st = raw_ask(sqlite_handle(db->engine),
	    "SELECT c.before, coalesce((SELECT n.before FROM change n WHERE n.object_key ="
	    " c.object_key AND n.object_kind = 'event' AND n.side = 'local' AND n.no > c.no"
	    " ORDER BY n.no LIMIT 1), (SELECT value FROM event WHERE id = c.object_key))"
	    " FROM change c WHERE c.object_kind = 'event' AND c.side = 'local'"
	    " AND c.actor IS NULL AND c.action = 1");

	while (sqlite3_step(st) == SQLITE_ROW)
		check_step(json_stored(cx.a, (const char *)sqlite3_column_text(st, 0)),
		    json_stored(cx.a, (const char *)sqlite3_column_text(st, 1)));
	sqlite3_finalize(st);
}

/* What differed in a series that was given other places may find none: the history has it. */
static inline bool
was_known(int t)
{
	return cal.of[t] && cal.loose[cal.of[t]] &&
	    ask_handle(sqlite_handle(db->engine),
		arena_printf(
		    cx.a, "SELECT count(*) FROM change WHERE before LIKE '%%\"t%d\"%%'", t)) > 0;
}

/* It was said of something that did not come back. */
static inline bool
went_with(int t)
{
	const struct event_list list = app_events();
	const int name = cal.last[t];

	for (size_t i = 0; name && i < list.n; i++)
		if (cal_named(json_stored(cx.a, list.v[i].value)) == name)
			return false;
	return name != 0;
}

/* What was edited here after the other edit had been seen is not in conflict with it: it would be an
 * echo, or a twin of something that is known. (What was edited there over a write of ours whose
 * answer is lost is: nobody knows that it has arrived.) */
static inline void
check_conflict(const struct conflict *c)
{
	const json *fields = json_stored(cx.a, c->fields);

	for (size_t i = 0; i < json_len(fields); i++) {
		const json *one = json_nth(fields, i);
		const char *field = json_str(one, "field");
		char kind = !strcmp(field, "title") ? 't' : !strcmp(field, "location") ? 'p' : 0;
		int local = kind ? cal_token(json_str(one, "local"), kind) : 0;
		int remote = kind ? cal_token(json_str(one, "remote"), kind) : 0;

		if (local && remote && token_descends(local, remote))
			sim_bad("edit %d of %s is in conflict with %d, which it had seen", local,
			    field, remote);
	}
}

static inline void
check_losses(void)
{
	struct conflict_page page = { .owner = OWNER, .state = CONFLICT_RESOLVED };
	struct conflict_list list;
	struct event_row e;

	assert_ok(conflict_page(&cx, db, &page, &list));
	for (size_t i = 0; i < list.n; i++) {
		assert_ok(event_any(&cx, db, OWNER, list.v[i].object.key, &e));
		check_conflict(&list.v[i]);
		kept_fine(cal_named(json_stored(cx.a, e.value)), json_stored(cx.a, list.v[i].kept));
	}
	tally.conflicts += (long)list.n;
	if (sim.cal.each)
		left_fine();
	for (int t = sim.tokens; t > 0; t--)
		if (!sim.token[t].fine && (was_known(t) || went_with(t)))
			token_fine(t);
	for (int t = 1; t <= sim.tokens; t++)
		if (!sim.token[t].fine)
			sim_bad("edit %d is lost", t);
	check_steps();
}

#endif
