/*
 * sheets_batch_marks.c - requests of batchUpdate for what is laid over cells: names, merges, a
 * filter, protection, groups.
 */
#include "fake/google/sheets_batch.h"

#include <string.h>

/*
 * Named ranges.
 */
static void
marks_set_named(struct named *n, const json *range)
{
	n->tab = json_num(range, "sheetId", 0);
	n->r0 = json_num(range, "startRowIndex", 0);
	n->c0 = json_num(range, "startColumnIndex", 0);
	n->r1 = json_num(range, "endRowIndex", -1);
	n->c1 = json_num(range, "endColumnIndex", -1);
}

static void
marks_add_named(struct step *s)
{
	const json *given = json_at(s->args, "namedRange");
	struct arena *a = s->c->f->a;
	struct named *n = arena_alloc(a, sizeof *n), **end = &s->book->named;
	struct range range;
	json *out;

	if (!json_str(given, "name") || !step_tab(s, json_at(given, "range")))
		return;
	while (*end)
		end = &(*end)->next;
	n->id = arena_dup(a, json_str(given, "namedRangeId"));
	if (!n->id)
		n->id = arena_printf(a, "%lld", 220000000 + 7919 * (long long)fake_serial(s->c->f));
	n->name = arena_dup(a, json_str(given, "name"));
	marks_set_named(n, json_at(given, "range"));
	*end = n;
	range = (struct range){
		.tab = tab_by_id(s->book, n->tab),
		.r0 = n->r0,
		.c0 = n->c0,
		.r1 = n->r1,
		.c1 = n->c1,
	};
	out = json_new(s->c->a);
	json_set_str(out, "namedRangeId", n->id);
	json_set_str(out, "name", n->name);
	json_set(out, "range", grid_range_json(s->c->a, &range));
	json_set(s->reply, "namedRange", out);
}

static struct named **
marks_named_at(struct step *s, const char *id)
{
	struct named **at = &s->book->named;

	while (*at && (!id || strcmp((*at)->id, id) != 0))
		at = &(*at)->next;
	if (!*at)
		step_wrong(s, "No named range with this id.");
	return *at ? at : NULL;
}

static void
marks_delete_named(struct step *s)
{
	struct named **at = marks_named_at(s, json_str(s->args, "namedRangeId"));

	if (at)
		*at = (*at)->next;
}

static void
marks_update_named(struct step *s)
{
	const json *given = json_at(s->args, "namedRange");
	const struct mask *m = step_mask(s);
	struct named **at = m ? marks_named_at(s, json_str(given, "namedRangeId")) : NULL;

	if (at && mask_at(m, "name") && json_str(given, "name"))
		(*at)->name = arena_dup(s->c->f->a, json_str(given, "name"));
	if (at && mask_at(m, "range") && json_at(given, "range"))
		marks_set_named(*at, json_at(given, "range"));
}

/*
 * Merges, filter, protection and groups are kept as the lists they are answered as.
 */
static json *
marks_list(struct step *s, struct tab *t, const char *name)
{
	if (!json_at(t->extra, name))
		json_set(t->extra, name, json_list(s->c->f->a));
	return json_at(t->extra, name);
}

/* Leaves those for which keep() says so; an empty list is not shown. */
static void
marks_sift(struct step *s, struct tab *t, const char *name,
    bool (*keep)(const json *, const void *), const void *arg)
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
marks_merge_one(struct step *s, const struct range *g)
{
	struct cell first = *cell_make(s->c->f, g->tab, g->r0, g->c0);

	if (g->r1 - g->r0 <= 1 && g->c1 - g->c0 <= 1)
		return;
	range_clear(s->c->f, g);
	*cell_make(s->c->f, g->tab, g->r0, g->c0) = first;
	json_add(marks_list(s, g->tab, "merges"), grid_range_json(s->c->f->a, g));
}

static bool
marks_apart(const json *merge, const void *arg)
{
	const struct range *g = arg;

	return json_num(merge, "startRowIndex", 0) >= g->r1 ||
	    json_num(merge, "endRowIndex", 0) <= g->r0 ||
	    json_num(merge, "startColumnIndex", 0) >= g->c1 ||
	    json_num(merge, "endColumnIndex", 0) <= g->c0;
}

static void
marks_merge(struct step *s)
{
	const char *type = json_str(s->args, "mergeType");
	struct range g, one;

	if (!step_range(s, json_at(s->args, "range"), &g))
		return;
	marks_sift(s, g.tab, "merges", marks_apart, &g);
	one = g;
	if (type && strcmp(type, "MERGE_ROWS") == 0)
		for (one.r0 = g.r0; one.r0 < g.r1; one.r0++) {
			one.r1 = one.r0 + 1;
			marks_merge_one(s, &one);
		}
	else if (type && strcmp(type, "MERGE_COLUMNS") == 0)
		for (one.c0 = g.c0; one.c0 < g.c1; one.c0++) {
			one.c1 = one.c0 + 1;
			marks_merge_one(s, &one);
		}
	else
		marks_merge_one(s, &g);
}

static void
marks_unmerge(struct step *s)
{
	struct range g;

	if (step_range(s, json_at(s->args, "range"), &g))
		marks_sift(s, g.tab, "merges", marks_apart, &g);
}

static void
marks_set_filter(struct step *s)
{
	json *filter = json_new(s->c->f->a);
	struct range g;

	if (!step_range(s, json_at(json_at(s->args, "filter"), "range"), &g))
		return;
	json_set(filter, "range", grid_range_json(s->c->f->a, &g));
	json_set(g.tab->extra, "basicFilter", filter);
}

static void
marks_clear_filter(struct step *s)
{
	struct tab *t = step_tab(s, s->args);

	if (t)
		json_unset(t->extra, "basicFilter");
}

static void
marks_add_protected(struct step *s)
{
	const json *given = json_at(s->args, "protectedRange");
	struct arena *a = s->c->f->a;
	json *kept, *shown = json_new(s->c->a), *editors = json_new(a), *users = json_list(a);
	struct range g;

	if (!step_range(s, json_at(given, "range"), &g))
		return;
	kept = without_defaults(a, given);
	json_set_i64(kept, "protectedRangeId", 1000000000 + 7919 * fake_serial(s->c->f));
	json_set(kept, "range", grid_range_json(a, &g));
	json_set_bool(kept, "requestingUserCanEdit", true);
	for (struct json_iter it = { 0 }; json_each(kept, &it);)
		json_set(shown, it.key, it.value);
	json_set(shown, "editors", json_new(s->c->a));
	json_add_str(users, s->book->file->owner->email);
	json_set(editors, "users", users);
	json_set(kept, "editors", editors);
	json_add(marks_list(s, g.tab, "protectedRanges"), kept);
	json_set(s->reply, "protectedRange", shown);
}

static bool
marks_other_id(const json *mark, const void *arg)
{
	return json_num(mark, "protectedRangeId", 0) != *(const int64_t *)arg;
}

static void
marks_delete_protected(struct step *s)
{
	int64_t id = json_num(s->args, "protectedRangeId", 0);

	for (struct tab *t = s->book->tabs; t; t = t->next)
		marks_sift(s, t, "protectedRanges", marks_other_id, &id);
}

static bool
marks_other_span(const json *group, const void *arg)
{
	const json *x = json_at(group, "range"), *y = arg;

	return json_num(x, "startIndex", 0) != json_num(y, "startIndex", 0) ||
	    json_num(x, "endIndex", 0) != json_num(y, "endIndex", 0);
}

static json *
marks_group_json(struct arena *a, const struct span *d)
{
	json *one = json_new(a), *span = json_new(a);

	if (d->tab->id != 0)
		json_set_i64(span, "sheetId", d->tab->id);
	json_set_str(span, "dimension", d->cols ? "COLUMNS" : "ROWS");
	json_set_i64(span, "startIndex", d->at);
	json_set_i64(span, "endIndex", d->at + d->n);
	json_set(one, "range", span);
	json_set_i64(one, "depth", 1);
	return one;
}

/* Added or taken away; the answer lists those that remain. */
static void
marks_group(struct step *s)
{
	const json *range = json_at(s->args, "range");
	struct arena *a = s->c->f->a;
	const char *name, *control = "rowGroupControlAfter";
	struct span d;
	json *props;

	if (!step_span(s, range, &d))
		return;
	name = d.cols ? "columnGroups" : "rowGroups";
	props = d.tab->props;
	marks_sift(s, d.tab, name, marks_other_span, range);
	if (s->name[0] == 'a') {
		json_add(marks_list(s, d.tab, name), marks_group_json(a, &d));
		if (!json_at(props, "gridProperties"))
			json_set(props, "gridProperties", json_new(a));
		if (d.cols)
			control = "columnGroupControlAfter";
		json_set_bool(json_at(props, "gridProperties"), control, true);
	}
	if (json_at(d.tab->extra, name))
		json_set(s->reply, "dimensionGroups", json_at(d.tab->extra, name));
}

const struct step_kind mark_steps[] = {
	{ "addNamedRange", marks_add_named },
	{ "deleteNamedRange", marks_delete_named },
	{ "updateNamedRange", marks_update_named },
	{ "mergeCells", marks_merge },
	{ "unmergeCells", marks_unmerge },
	{ "setBasicFilter", marks_set_filter },
	{ "clearBasicFilter", marks_clear_filter },
	{ "addProtectedRange", marks_add_protected },
	{ "deleteProtectedRange", marks_delete_protected },
	{ "addDimensionGroup", marks_group },
	{ "deleteDimensionGroup", marks_group },
	{ NULL, NULL },
};
