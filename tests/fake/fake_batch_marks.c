/*
 * fake_batch_marks.c - requests of batchUpdate for what is laid over cells: names, merges, a filter, protection, groups.
 */
#include "fake/batch.h"

#include <string.h>

/*
 * Named ranges.
 */
static void
set_named(struct named *n, const json *range)
{
	n->tab = json_num(range, "sheetId", 0);
	n->r0 = json_num(range, "startRowIndex", 0);
	n->c0 = json_num(range, "startColumnIndex", 0);
	n->r1 = json_num(range, "endRowIndex", -1);
	n->c1 = json_num(range, "endColumnIndex", -1);
}

static void
add_named(struct step *s)
{
	const json *given = json_at(s->args, "namedRange");
	struct arena *a = s->c->f->a;
	struct named *n = arena_alloc(a, sizeof *n), **end = &s->file->named;
	json *out;

	if (!json_str(given, "name") || !step_tab(s, json_at(given, "range")))
		return;
	while (*end)
		end = &(*end)->next;
	n->id = json_str(given, "namedRangeId") ? arena_dup(a, json_str(given, "namedRangeId")) : arena_printf(a, "%lld", 220000000 + 7919 * (long long)fake_serial(s->c->f));
	n->name = arena_dup(a, json_str(given, "name"));
	set_named(n, json_at(given, "range"));
	*end = n;
	out = json_new(s->c->a);
	json_set_str(out, "namedRangeId", n->id);
	json_set_str(out, "name", n->name);
	json_set(out, "range", grid_range_json(s->c->a, tab_by_id(s->file, n->tab), n->r0, n->c0, n->r1, n->c1));
	json_set(s->reply, "namedRange", out);
}

static struct named **
named_at(struct step *s, const char *id)
{
	struct named **at = &s->file->named;

	while (*at && (!id || strcmp((*at)->id, id) != 0))
		at = &(*at)->next;
	if (!*at)
		step_wrong(s, "No named range with this id.");
	return *at ? at : NULL;
}

static void
delete_named(struct step *s)
{
	struct named **at = named_at(s, json_str(s->args, "namedRangeId"));

	if (at)
		*at = (*at)->next;
}

static void
update_named(struct step *s)
{
	const json *given = json_at(s->args, "namedRange");
	const struct mask *m = step_mask(s);
	struct named **at = m ? named_at(s, json_str(given, "namedRangeId")) : NULL;

	if (at && mask_at(m, "name") && json_str(given, "name"))
		(*at)->name = arena_dup(s->c->f->a, json_str(given, "name"));
	if (at && mask_at(m, "range") && json_at(given, "range"))
		set_named(*at, json_at(given, "range"));
}

/*
 * Merges, filter, protection and groups are kept as the lists they are answered as.
 */
static json *
marks(struct step *s, struct tab *t, const char *name)
{
	if (!json_at(t->extra, name))
		json_set(t->extra, name, json_list(s->c->f->a));
	return json_at(t->extra, name);
}

/* Leaves those for which keep() says so; an empty list is not shown. */
static void
sift(struct step *s, struct tab *t, const char *name, bool (*keep)(const json *, const void *), const void *arg)
{
	json *old = json_at(t->extra, name), *list = json_list(s->c->f->a);

	for (size_t i = 0; i < json_len(old); i++)
		if (keep(json_nth(old, i), arg))
			json_add(list, json_nth(old, i));
	json_unset(t->extra, name);
	if (json_len(list))
		json_set(t->extra, name, list);
}

/* Only the first cell of a merge keeps its value. */
static void
merge_one(struct step *s, struct tab *t, int64_t r0, int64_t c0, int64_t r1, int64_t c1)
{
	struct cell first = *cell_make(s->c->f, t, r0, c0);

	if (r1 - r0 <= 1 && c1 - c0 <= 1)
		return;
	tab_clear(s->c->f, t, r0, c0, r1, c1);
	*cell_make(s->c->f, t, r0, c0) = first;
	json_add(marks(s, t, "merges"), grid_range_json(s->c->f->a, t, r0, c0, r1, c1));
}

static bool
apart(const json *merge, const void *arg)
{
	const struct range *g = arg;

	return json_num(merge, "startRowIndex", 0) >= g->r1 || json_num(merge, "endRowIndex", 0) <= g->r0 ||
		json_num(merge, "startColumnIndex", 0) >= g->c1 || json_num(merge, "endColumnIndex", 0) <= g->c0;
}

static void
merge_cells(struct step *s)
{
	const char *type = json_str(s->args, "mergeType");
	struct range g;

	if (!step_range(s, json_at(s->args, "range"), &g))
		return;
	sift(s, g.tab, "merges", apart, &g);
	if (type && strcmp(type, "MERGE_ROWS") == 0)
		for (int64_t r = g.r0; r < g.r1; r++)
			merge_one(s, g.tab, r, g.c0, r + 1, g.c1);
	else if (type && strcmp(type, "MERGE_COLUMNS") == 0)
		for (int64_t k = g.c0; k < g.c1; k++)
			merge_one(s, g.tab, g.r0, k, g.r1, k + 1);
	else
		merge_one(s, g.tab, g.r0, g.c0, g.r1, g.c1);
}

static void
unmerge_cells(struct step *s)
{
	struct range g;

	if (step_range(s, json_at(s->args, "range"), &g))
		sift(s, g.tab, "merges", apart, &g);
}

static void
set_filter(struct step *s)
{
	json *filter = json_new(s->c->f->a);
	struct range g;

	if (!step_range(s, json_at(json_at(s->args, "filter"), "range"), &g))
		return;
	json_set(filter, "range", grid_range_json(s->c->f->a, g.tab, g.r0, g.c0, g.r1, g.c1));
	json_set(g.tab->extra, "basicFilter", filter);
}

static void
clear_filter(struct step *s)
{
	struct tab *t = step_tab(s, s->args);

	if (t)
		json_unset(t->extra, "basicFilter");
}

static void
add_protected(struct step *s)
{
	const json *given = json_at(s->args, "protectedRange");
	struct arena *a = s->c->f->a;
	json *kept, *shown = json_new(s->c->a), *editors = json_new(a), *users = json_list(a);
	struct range g;

	if (!step_range(s, json_at(given, "range"), &g))
		return;
	kept = without_defaults(a, given);
	json_set_i64(kept, "protectedRangeId", 1000000000 + 7919 * fake_serial(s->c->f));
	json_set(kept, "range", grid_range_json(a, g.tab, g.r0, g.c0, g.r1, g.c1));
	json_set_bool(kept, "requestingUserCanEdit", true);
	for (struct json_iter it = { 0 }; json_each(kept, &it);)
		json_set(shown, it.key, it.value);
	json_set(shown, "editors", json_new(s->c->a));
	json_add_str(users, s->file->owner->email);
	json_set(editors, "users", users);
	json_set(kept, "editors", editors);
	json_add(marks(s, g.tab, "protectedRanges"), kept);
	json_set(s->reply, "protectedRange", shown);
}

static bool
other_id(const json *mark, const void *arg)
{
	return json_num(mark, "protectedRangeId", 0) != *(const int64_t *)arg;
}

static void
delete_protected(struct step *s)
{
	int64_t id = json_num(s->args, "protectedRangeId", 0);

	for (struct tab *t = s->file->tabs; t; t = t->next)
		sift(s, t, "protectedRanges", other_id, &id);
}

static bool
other_span(const json *group, const void *arg)
{
	const json *x = json_at(group, "range"), *y = arg;

	return json_num(x, "startIndex", 0) != json_num(y, "startIndex", 0) || json_num(x, "endIndex", 0) != json_num(y, "endIndex", 0);
}

/* Added or taken away; the answer lists those that remain. */
static void
group(struct step *s)
{
	const json *range = json_at(s->args, "range");
	struct arena *a = s->c->f->a;
	json *one = json_new(a), *span = json_new(a);
	const char *name;
	int64_t at, n;
	bool cols;
	struct tab *t = step_span(s, range, &cols, &at, &n);

	if (!t)
		return;
	name = cols ? "columnGroups" : "rowGroups";
	sift(s, t, name, other_span, range);
	if (s->name[0] == 'a') {
		if (t->id != 0)
			json_set_i64(span, "sheetId", t->id);
		json_set_str(span, "dimension", cols ? "COLUMNS" : "ROWS");
		json_set_i64(span, "startIndex", at);
		json_set_i64(span, "endIndex", at + n);
		json_set(one, "range", span);
		json_set_i64(one, "depth", 1);
		json_add(marks(s, t, name), one);
		if (!json_at(t->props, "gridProperties"))
			json_set(t->props, "gridProperties", json_new(a));
		json_set_bool(json_at(t->props, "gridProperties"), cols ? "columnGroupControlAfter" : "rowGroupControlAfter", true);
	}
	if (json_at(t->extra, name))
		json_set(s->reply, "dimensionGroups", json_at(t->extra, name));
}

const struct step_kind mark_steps[] = {
	{ "addNamedRange", add_named }, { "deleteNamedRange", delete_named }, { "updateNamedRange", update_named }, { "mergeCells", merge_cells },
	{ "unmergeCells", unmerge_cells }, { "setBasicFilter", set_filter }, { "clearBasicFilter", clear_filter }, { "addProtectedRange", add_protected },
	{ "deleteProtectedRange", delete_protected }, { "addDimensionGroup", group }, { "deleteDimensionGroup", group }, { NULL, NULL }
};
