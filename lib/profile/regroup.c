/*
 * regroup.c - see regroup.h. Everything is kept in sorted lists, each thing once.
 */
#include "profile/regroup.h"

#include <stdlib.h>

#include "base/rand.h"
#include "base/vec.h"
#include "profile/group.h"
#include "profile/ident.h"

struct regrouping {
	struct ctx *cx;
	struct db *db;
	const char *owner;
	const char **profile; /* whose records are looked at */
	size_t profiles, profiles_cap;
	struct person_row *person; /* them; behind `inside` those who only share something */
	size_t people, people_cap, inside;
	struct ident *ident;
	size_t idents, idents_cap;
	struct group_hold *hold;
	size_t holds, holds_cap;
	struct group_rule *rule;
	size_t rules, rules_cap;
	bool ruled; /* somebody has decided something */
};

enum { AROUND_MAX = 5000 };

void
touched_add(
    struct arena *a, struct touched *t, const struct person_row *p, const struct ident_list *list)
{
	VEC_HOLD(a, t->person, t->people_cap, t->people + 1, VEC_ROWS_MAX);
	t->person[t->people++] = *p;
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].kind == IDENT_WORD)
			continue;
		VEC_HOLD(a, t->ident, t->idents_cap, t->idents + 1, VEC_ROWS_MAX);
		t->ident[t->idents++] = list->v[i];
	}
}

/* --- lists in order --- */

static int
person_order(const void *x, const void *y)
{
	const struct person_row *a = x, *b = y;
	const int order = (a->dataset_no > b->dataset_no) - (a->dataset_no < b->dataset_no);

	return order ? order : strcmp(a->key, b->key);
}

static int
id_order(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

typedef int order_fn(const void *, const void *);

/* Sorts, and leaves each thing once; how many are left. */
static size_t
sort_once(void *v, size_t n, size_t size, order_fn *order)
{
	char *p = v;
	size_t left = 1;

	if (n < 2)
		return n;
	qsort(v, n, size, order);
	for (size_t i = 1; i < n; i++)
		if (order(p + (left - 1) * size, p + i * size) != 0)
			memmove(p + left++ * size, p + i * size, size);
	return left;
}

static void
regroup_profile(struct regrouping *g, const char *id)
{
	VEC_HOLD(g->cx->a, g->profile, g->profiles_cap, g->profiles + 1, VEC_ROWS_MAX);
	g->profile[g->profiles++] = id;
}

/* --- who is concerned --- */

/* Who had or has what a changed record had or has. What more than HOLDERS_MAX have ties nobody, and
 * did not before, unless there is just one more now. */
static enum rc
regroup_holders(struct regrouping *g, const struct touched *t)
{
	struct person_list list;

	for (size_t i = 0; i < t->idents; i++) {
		TRY(person_holders(g->cx, g->db, g->owner, &t->ident[i], HOLDERS_MAX + 2, &list));
		for (size_t k = 0; list.n < HOLDERS_MAX + 2 && k < list.n; k++)
			regroup_profile(g, list.v[k].profile_id);
	}
	return RC_OK;
}

static enum rc
regroup_members(struct regrouping *g)
{
	struct person_list list;

	g->people = 0;
	g->profiles = sort_once(g->profile, g->profiles, sizeof *g->profile, id_order);
	for (size_t i = 0; i < g->profiles; i++) {
		TRY(person_members(
		    g->cx, g->db, g->owner, g->profile[i], 2 * (int64_t)GROUP_MAX, &list));
		VEC_HOLD(g->cx->a, g->person, g->people_cap, g->people + list.n + 1, VEC_ROWS_MAX);
		if (list.n)
			memcpy(g->person + g->people, list.v, list.n * sizeof *list.v);
		g->people += list.n;
	}
	g->people = sort_once(g->person, g->people, sizeof *g->person, person_order);
	g->inside = g->people;
	return RC_OK;
}

/* The other ends of what was decided about it belong to it. */
static enum rc
regroup_ruled(struct regrouping *g, const struct person_row *p, bool *apart)
{
	struct person_rule_list rules = { 0 };
	const char *dataset;

	if (g->ruled)
		TRY(person_dataset(g->cx, g->db, g->owner, p->dataset_no, &dataset));
	if (g->ruled && dataset)
		TRY(person_rules(g->cx, g->db, g->owner, dataset, p->key, &rules));
	for (size_t i = 0; i < rules.n; i++) {
		const struct person_rule *r = &rules.v[i];
		const bool first = !strcmp(r->dataset[0], dataset) && !strcmp(r->key[0], p->key);
		struct person_row other;
		int64_t no;

		*apart = *apart || !r->same;
		TRY(person_number(g->cx, g->db, g->owner, r->dataset[first], &no));
		TRY(person_get(g->cx, g->db, g->owner, no, r->key[first], &other));
		if (other.key)
			regroup_profile(g, other.profile_id);
	}
	return RC_OK;
}

/* Where two were kept apart, a tie further on may have been left out for it, and can hold now: all
 * who share anything with any of them. */
static enum rc
regroup_around(struct regrouping *g)
{
	struct touched all = { 0 };
	size_t before;

	do {
		struct ident_list list;

		before = g->inside;
		all.idents = 0;
		for (size_t i = 0; i < g->inside; i++) {
			TRY(person_idents(g->cx, g->db, g->owner, &g->person[i], &list));
			touched_add(g->cx->a, &all, &g->person[i], &list);
		}
		TRY(regroup_holders(g, &all));
		TRY(regroup_members(g));
	} while (g->inside > before && g->inside < AROUND_MAX);
	return RC_OK;
}

static enum rc
regroup_concerned(struct regrouping *g, const struct touched *t)
{
	bool apart = false;

	TRY(regroup_holders(g, t));
	for (size_t i = 0; i < t->people; i++) {
		regroup_profile(g, t->person[i].profile_id);
		TRY(regroup_ruled(g, &t->person[i], &apart));
	}
	TRY(regroup_members(g));
	for (size_t i = 0; !apart && i < g->inside; i++)
		TRY(regroup_ruled(g, &g->person[i], &apart));
	return apart ? regroup_around(g) : RC_OK;
}

/* --- what ties them --- */

static size_t
regroup_index(const struct regrouping *g, const struct person_row *p)
{
	const struct person_row *at = bsearch(
	    p, g->person, g->inside, sizeof *g->person, person_order);

	return at ? (size_t)(at - g->person) : SIZE_MAX;
}

static enum rc
regroup_idents(struct regrouping *g)
{
	struct ident_list list;

	for (size_t i = 0; i < g->inside; i++) {
		TRY(person_idents(g->cx, g->db, g->owner, &g->person[i], &list));
		for (size_t k = 0; k < list.n; k++) {
			if (list.v[k].kind == IDENT_WORD)
				continue;
			VEC_HOLD(g->cx->a, g->ident, g->idents_cap, g->idents + 1, VEC_ROWS_MAX);
			g->ident[g->idents++] = list.v[k];
		}
	}
	g->idents = sort_once(g->ident, g->idents, sizeof *g->ident, ident_order);
	return RC_OK;
}

static void
regroup_hold(struct regrouping *g, const struct ident *ident, const struct person_row *p)
{
	size_t at = g->inside ? regroup_index(g, p) : SIZE_MAX;

	if (at == SIZE_MAX) {
		VEC_HOLD(g->cx->a, g->person, g->people_cap, g->people + 1, VEC_ROWS_MAX);
		g->person[at = g->people++] = *p;
	}
	VEC_HOLD(g->cx->a, g->hold, g->holds_cap, g->holds + 1, VEC_ROWS_MAX);
	g->hold[g->holds++] = (struct group_hold){
		.kind = ident->kind,
		.value = ident->value,
		.member = at,
	};
}

static enum rc
regroup_holds(struct regrouping *g)
{
	struct person_list list;

	TRY(regroup_idents(g));
	for (size_t i = 0; i < g->idents; i++) {
		TRY(person_holders(g->cx, g->db, g->owner, &g->ident[i], HOLDERS_MAX + 1, &list));
		for (size_t k = 0; k < list.n; k++)
			regroup_hold(g, &g->ident[i], &list.v[k]);
	}
	return RC_OK;
}

static enum rc
regroup_rules_of(struct regrouping *g, size_t at, const char *dataset_id)
{
	struct person_rule_list rules;

	TRY(person_rules(g->cx, g->db, g->owner, dataset_id, g->person[at].key, &rules));
	for (size_t i = 0; i < rules.n; i++) {
		const struct person_rule *r = &rules.v[i];
		struct person_row other = { .key = r->key[1] };
		size_t to;

		/* Each once, by its first end. */
		if (strcmp(r->dataset[0], dataset_id) != 0 ||
		    strcmp(r->key[0], g->person[at].key) != 0)
			continue;
		TRY(person_number(g->cx, g->db, g->owner, r->dataset[1], &other.dataset_no));
		to = regroup_index(g, &other);
		if (to == SIZE_MAX)
			continue;
		VEC_HOLD(g->cx->a, g->rule, g->rules_cap, g->rules + 1, VEC_ROWS_MAX);
		g->rule[g->rules++] = (struct group_rule){ .a = at, .b = to, .same = r->same };
	}
	return RC_OK;
}

static enum rc
regroup_rules(struct regrouping *g)
{
	const char *dataset;

	for (size_t i = 0; g->ruled && i < g->inside; i++) {
		TRY(person_dataset(g->cx, g->db, g->owner, g->person[i].dataset_no, &dataset));
		if (dataset)
			TRY(regroup_rules_of(g, i, dataset));
	}
	return RC_OK;
}

/* --- what they are called from now on --- */

struct claim {
	const char *id;
	size_t root, n;
};

static int
claim_order(const void *x, const void *y)
{
	const struct claim *a = x, *b = y;
	const int order = strcmp(a->id, b->id);

	return order ? order : (a->root > b->root) - (a->root < b->root);
}

/* Which person goes on under which id: that which has most of the records that had it, and of
 * several ids the oldest. id[root] is filled, NULL: a new one. */
static void
regroup_claims(const struct regrouping *g, const size_t *root, const char **id)
{
	struct claim *v = arena_array(g->cx->a, g->inside + 1, sizeof *v);
	size_t best = 0;

	for (size_t i = 0; i < g->inside; i++)
		v[i] = (struct claim){ g->person[i].profile_id, root[i], 0 };
	if (g->inside > 1)
		qsort(v, g->inside, sizeof *v, claim_order);
	for (size_t i = 0; i < g->inside; i++) {
		const bool goes_on = i > 0 && claim_order(&v[i], &v[i - 1]) == 0;

		v[i].n = goes_on ? v[i - 1].n + 1 : 1;
		if (i == 0 || strcmp(v[i].id, v[i - 1].id) != 0 || v[i].n > v[best].n)
			best = i;
		if (i + 1 < g->inside && !strcmp(v[i + 1].id, v[i].id))
			continue;
		if (!id[v[best].root])
			id[v[best].root] = v[best].id;
	}
}

static enum rc
regroup_name(struct regrouping *g, const size_t *root)
{
	const char **id = arena_array(g->cx->a, g->people + 1, sizeof *id);
	char made[UUID_TEXT];

	regroup_claims(g, root, id);
	for (size_t i = 0; i < g->inside; i++) {
		struct person_row p = g->person[i];

		if (!id[root[i]])
			id[root[i]] = arena_dup(g->cx->a, rand_uuid(made));
		if (!strcmp(p.profile_id, id[root[i]]))
			continue;
		p.profile_id = id[root[i]];
		TRY(person_put(g->cx, g->db, g->owner, &p));
	}
	return RC_OK;
}

enum rc
regroup(struct ctx *cx, struct db *db, const char *owner, const struct touched *t)
{
	struct regrouping g = { .cx = cx, .db = db, .owner = owner };
	struct group_in in = { 0 };
	struct group_member *member;

	if (t->people == 0)
		return RC_OK;
	TRY(person_ruled(cx, db, owner, &g.ruled));
	TRY(regroup_concerned(&g, t));
	TRY(regroup_holds(&g));
	TRY(regroup_rules(&g));
	member = arena_array(cx->a, g.people + 1, sizeof *member);
	for (size_t i = 0; i < g.people; i++)
		member[i] = (struct group_member){
			.dataset_no = g.person[i].dataset_no,
			.name = g.person[i].name,
			.outside = i >= g.inside,
		};
	in = (struct group_in){
		.member = member,
		.members = g.people,
		.hold = g.hold,
		.holds = g.holds,
		.rule = g.rule,
		.rules = g.rules,
	};
	return regroup_name(&g, group_people(cx->a, &in));
}
