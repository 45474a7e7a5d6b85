/*
 * cal_pages.h - what people do in Notion with pages of single occurrences, and with what is shared
 * with us there and what is not.
 *
 * A page that is not shown to us counts as one that was deleted, as the product says of it; whoever
 * shares it no more has seen it. A database that is not shown says nothing of its pages.
 */
#ifndef SIM_CAL_PAGES_H
#define SIM_CAL_PAGES_H

#include "sim/cal_notion.h"

/* A page of an occurrence, as it is. */
struct cal_leaf {
	struct notion_seen *seen;
	const json *page;
	json *mark; /* beside it */
	bool trash;
};

struct cal_leaves {
	struct cal_leaf v[NOTION_PAGES];
	int n;
};

/* Those of one series; series NULL: all that are not in the trash, also those that belong to none any
 * more. */
static inline void
leaves_of(const char *series, struct cal_leaves *out)
{
	const json *calendar = notion_calendar_now();

	out->n = 0;
	for (int i = 0; i < notion.pages; i++) {
		const json *page = notion_get(&notion.page[i]);
		struct cal_leaf leaf = {
			.seen = &notion.page[i],
			.page = page,
			.mark = notion_mark(cx.a, page, calendar),
			.trash = json_flag(page, "in_trash", false),
		};
		const char *of = json_str(leaf.mark, "series");

		if (series ? of && !strcmp(of, series)
			   : (of || json_at(leaf.mark, "left")) && !leaf.trash)
			out->v[out->n++] = leaf;
	}
}

static inline int
leaf_token(const struct cal_leaf *leaf)
{
	return cal_token(notion_title(cx.a, leaf->page), 't');
}

static inline const char *
leaf_path(const struct cal_leaf *leaf)
{
	return arena_printf(cx.a, "/pages/%s", leaf->seen->id);
}

/* --- edits --- */

static inline void
leaf_left_out(const struct cal_leaf *leaf, bool date)
{
	token_fine(leaf_token(leaf));
	notion_says("PATCH", leaf_path(leaf),
	    date ? json_stored(cx.a, "{\"When\":{\"date\":null}}") : NULL);
}

/* Left out of the series; or back. */
static inline void
leaf_goes(const struct cal_leaf *leaf)
{
	if (leaf->trash) {
		json *body = json_new(cx.a);

		json_set_bool(body, "in_trash", false);
		tell("paula: takes %s out of the trash", leaf->seen->id);
		notion_call(NOTION_THEIRS, "PATCH", leaf_path(leaf), body);
		tally.there++;
		return;
	}
	leaf_left_out(leaf, dice(3) == 0);
}

static inline void
leaf_edited(const struct cal_leaf *leaf, int name)
{
	int t = token_new(leaf_token(leaf), 0);
	json *properties = json_new(cx.a);

	cal.of[t] = name;
	json_set(properties, "Name", notion_text("title", arena_printf(cx.a, "t%d", t)));
	notion_says("PATCH", leaf_path(leaf), properties);
	notion_edit_noted(leaf->seen, 0, t);
}

/* By some minutes. */
static inline void
leaf_moves(const struct cal_leaf *leaf)
{
	const json *date = json_at(json_at(json_at(leaf->page, "properties"), "When"), "date");
	int64_t start, end, by = (1 + dice(50)) * MINUTE_MS;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	if (!clock_parse(json_s(date, "start"), &start) || !clock_parse(json_s(date, "end"), &end))
		return;
	notion_says("PATCH", leaf_path(leaf),
	    json_stored(cx.a,
		arena_printf(cx.a, "{\"When\":{\"date\":{\"start\":\"%s\",\"end\":\"%s\"}}}",
		    clock_text(start + by, from), clock_text(end + by, to))));
}

/* One of the pages of its occurrences, if it has any. */
static inline bool
notion_edits_leaf(const struct twin *t)
{
	struct cal_leaves all;
	const struct cal_leaf *leaf;

	leaves_of(t->key, &all);
	if (!all.n)
		return false;
	leaf = &all.v[dice((uint32_t)all.n)];
	notion_tally.leaves++;
	if (leaf->trash ? dice(4) == 0 : dice(5) == 0)
		leaf_goes(leaf);
	else if (leaf->trash)
		return true;
	else if (dice(5) == 0)
		leaf_moves(leaf);
	else
		leaf_edited(leaf, cal_name(t->values));
	return true;
}

/* Any page of an occurrence that is in its series. */
static inline void
people_edit_leaf(void)
{
	struct cal_twins all;
	int from;

	notion_all(&all);
	from = all.n ? (int)dice((uint32_t)all.n) : 0;
	for (int i = 0; i < all.n; i++)
		if (notion_edits_leaf(&all.v[(from + i) % all.n]))
			return;
}

static inline void
notion_edits(const struct twin *t)
{
	if (!notion_page(t->key))
		sim_bad("page %s was made by nobody", t->key);
	else if (!sim.cal.each || !cal.series[cal_name(t->values)] || dice(3) == 0 ||
	    !notion_edits_leaf(t))
		notion_edits_page(t);
}

/* --- what is shared --- */

static inline void
notion_shares(const char *id, bool *hidden, bool hide)
{
	tell("paula: %s is %s", id, hide ? "shared no more" : "shared again");
	*hidden = hide;
	notion_tally.shares++;
	cal_control(arena_printf(cx.a,
	    "{\"notion_share\":{\"id\":\"%s\",\"token\":\"" NOTION_OURS "\",\"shared\":%s}}", id,
	    hide ? "false" : "true"));
}

/* Is it that of an occurrence? */
static inline bool
page_is_leaf(const struct notion_seen *p)
{
	return json_str(notion_mark(cx.a, notion_get(p), notion_calendar_now()), "of") != NULL;
}

static inline const char *
page_name(const struct notion_seen *p)
{
	const json *named = json_at(json_at(notion_get(p), "properties"), "Description");

	return json_str(json_nth(json_at(named, "rich_text"), 0), "plain_text");
}

/* Was another page made for what this one stood for? Then it is a thing of its own, and who sees
 * that lets it be. */
static inline bool
page_has_heir(const struct notion_seen *p)
{
	const char *name = page_name(p), *other;

	for (int i = 0; i < notion.pages; i++) {
		other = &notion.page[i] != p ? page_name(&notion.page[i]) : NULL;
		if (name && other && !strcmp(name, other) && !page_is_leaf(&notion.page[i]))
			return true;
	}
	return false;
}

/* What an occurrence says is waited for; all else counts as deleted. */
static inline void
page_hides(struct notion_seen *p)
{
	struct cal_twins all;

	if (page_is_leaf(p))
		notion_shares(p->id, &p->hidden, true);
	notion_all(&all);
	for (int i = 0; i < all.n && !p->hidden; i++)
		if (!strcmp(all.v[i].key, p->id)) {
			cal_fine(all.v[i].values);
			cal.gone[cal_name(all.v[i].values)] = true;
			notion_shares(p->id, &p->hidden, true);
		}
}

static inline void
shares_turn(void)
{
	struct notion_seen *p;

	if (notion.hidden || dice(3) == 0) {
		notion_shares(notion.database, &notion.hidden, !notion.hidden);
		return;
	}
	if (!notion.pages)
		return;
	p = &notion.page[dice((uint32_t)notion.pages)];
	if (!p->hidden)
		page_hides(p);
	else if (page_is_leaf(p) || !page_has_heir(p))
		notion_shares(p->id, &p->hidden, false);
}

/* What is waited for comes. */
static inline void
shares_end(void)
{
	if (notion.hidden)
		notion_shares(notion.database, &notion.hidden, false);
	for (int i = 0; i < notion.pages; i++)
		if (notion.page[i].hidden && page_is_leaf(&notion.page[i]))
			notion_shares(notion.page[i].id, &notion.page[i].hidden, false);
}

#endif
