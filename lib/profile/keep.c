/*
 * keep.c - see keep.h.
 */
#include "profile/keep.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/rand.h"
#include "base/step.h"
#include "profile/mapping.h"
#include "profile/regroup.h"
#include "store/data.h"

enum {
	PAGE = 100,
	PAGE_ARENA = 64 * 1024 * 1024,
};

struct keeping {
	const char *owner;
	struct person_table table;
	struct mapping mapping;
	int64_t stale; /* the number of a dataset that is no more, or 0 */
	struct touched touched;
};

/* Its mapping has changed: from the start, for any record may say something else. */
static int64_t
keep_from(const struct keeping *k)
{
	return k->table.taken && !strcmp(k->table.taken, k->mapping.text) ? k->table.seq : 0;
}

static bool
keep_is_behind(const struct keeping *k)
{
	if (!k->table.taken)
		return *k->mapping.text != '\0';
	return strcmp(k->table.taken, k->mapping.text) != 0 || k->table.seq < k->table.end;
}

/* The next dataset that has something to be taken in; *found false: none. */
static enum rc
keep_next(struct ctx *cx, struct db *db, const char *conn_id, struct keeping *k, bool *found)
{
	for (int64_t after = 0;; after = k->table.no) {
		TRY(person_table_next(cx, db, k->owner, conn_id, after, &k->table));
		*found = k->table.no != 0;
		if (!*found)
			return RC_OK;
		mapping_of(cx->a, &k->table, conf_str(CONF_PHONE_COUNTRY), &k->mapping);
		if (keep_is_behind(k))
			return RC_OK;
	}
}

/* --- one record --- */

static bool
keep_same(const struct person_row *p, struct str name, const struct ident_list *had,
    const struct ident_list *has)
{
	if (!str_eq(p->name, name) || had->n != has->n)
		return false;
	for (size_t i = 0; i < had->n; i++)
		if (had->v[i].kind != has->v[i].kind || !str_eq(had->v[i].value, has->v[i].value))
			return false;
	return true;
}

static enum rc
keep_gone(struct ctx *cx, struct db *db, struct keeping *k, const struct person_row *p)
{
	struct ident_list had;

	TRY(person_idents(cx, db, k->owner, p, &had));
	touched_add(cx->a, &k->touched, p, &had);
	return person_drop(cx, db, k->owner, p);
}

static enum rc
keep_record(struct ctx *cx, struct db *db, struct keeping *k, const struct record *r)
{
	struct ident_list had = { 0 }, has = { 0 };
	char id[UUID_TEXT];
	struct person_row p;
	struct str name = { "", 0 };
	bool found;

	TRY(person_get(cx, db, k->owner, k->table.no, r->key, &p));
	found = p.key != NULL;
	if (!r->deleted && *k->mapping.text)
		mapping_read(cx->a, &k->mapping, r->payload, &name, &has);
	if (has.n == 0)
		return found ? keep_gone(cx, db, k, &p) : RC_OK;
	if (found)
		TRY(person_idents(cx, db, k->owner, &p, &had));
	if (found && keep_same(&p, name, &had, &has))
		return RC_OK;
	if (found)
		touched_add(cx->a, &k->touched, &p, &had);
	else
		p = (struct person_row){
			.dataset_no = k->table.no,
			.key = r->key,
			.profile_id = arena_dup(cx->a, rand_uuid(id)),
		};
	p.name = name;
	touched_add(cx->a, &k->touched, &p, &has);
	TRY(person_put(cx, db, k->owner, &p));
	return person_idents_put(cx, db, k->owner, &p, &has);
}

/* --- pages --- */

static enum rc
keep_page_write(struct ctx *cx, struct db *db, void *arg)
{
	struct keeping *k = arg;
	struct record_page page = { .deleted_too = true, .limit = PAGE };
	struct record_list list;
	struct dataset set;

	k->touched = (struct touched){ 0 };
	/* As it is now: another one may have taken the page in. */
	TRY(person_table_next(cx, db, k->owner, NULL, k->table.no - 1, &k->table));
	if (!k->table.no)
		return RC_OK;
	mapping_of(cx->a, &k->table, conf_str(CONF_PHONE_COUNTRY), &k->mapping);
	if (!keep_is_behind(k))
		return RC_OK;
	TRY(dataset_get(cx, db, k->owner, k->table.id, &set));
	page.after = keep_from(k);
	TRY(record_page(cx, db, k->owner, &set, &page, &list));
	for (size_t i = 0; i < list.n; i++)
		TRY(keep_record(cx, db, k, &list.v[i]));
	TRY(regroup(cx, db, k->owner, &k->touched));
	if (!list.next && !*k->mapping.text)
		return person_place_drop(cx, db, k->owner, k->table.no);
	return person_place(
	    cx, db, k->owner, k->table.no, k->mapping.text, list.next ? list.next : k->table.end);
}

static enum rc
keep_stale_write(struct ctx *cx, struct db *db, void *arg)
{
	struct keeping *k = arg;
	struct person_list list;

	k->touched = (struct touched){ 0 };
	TRY(person_some(cx, db, k->owner, k->stale, PAGE, &list));
	for (size_t i = 0; i < list.n; i++)
		TRY(keep_gone(cx, db, k, &list.v[i]));
	TRY(regroup(cx, db, k->owner, &k->touched));
	return list.n ? RC_OK : person_place_drop(cx, db, k->owner, k->stale);
}

/* One page of what is next; *over: nothing is left. */
static enum rc
keep_page(struct ctx *cx, struct db *db, const char *conn_id, struct keeping *k, bool *over)
{
	bool found = false;

	TRY(person_stale(cx, db, k->owner, &k->stale));
	if (k->stale)
		return db_write(cx, db, keep_stale_write, k);
	TRY(keep_next(cx, db, conn_id, k, &found));
	*over = !found;
	if (!found)
		return RC_OK;
	/* What was deleted and is forgotten by now is not told any more: all of it anew. */
	if (k->table.taken && k->table.pruned > k->table.seq) {
		k->stale = k->table.no;
		return db_write(cx, db, keep_stale_write, k);
	}
	TRY(db_write(cx, db, keep_page_write, k));
	step("profile:page");
	return RC_OK;
}

enum rc
keep_behind(struct ctx *cx, struct db *db, const char *owner, const char *conn_id, bool *behind)
{
	struct keeping k = { .owner = owner };

	TRY(person_stale(cx, db, owner, &k.stale));
	*behind = k.stale != 0;
	return *behind ? RC_OK : keep_next(cx, db, conn_id, &k, behind);
}

enum rc
keep_profiles(
    struct ctx *cx, struct db *db, const char *owner, const char *conn_id, int64_t ms, bool *behind)
{
	struct arena *outer = cx->a, *page = arena_new("profiles", PAGE_ARENA, 0);
	const int64_t until = clock_mono_ms() + ms;
	bool over = false;
	enum rc rc = RC_OK;

	*behind = true;
	cx->a = page;
	while (rc == RC_OK && !over && clock_mono_ms() < until) {
		struct keeping k = { .owner = owner };

		rc = keep_page(cx, db, conn_id, &k, &over);
		arena_reset(page);
	}
	cx->a = outer;
	arena_free(page);
	*behind = !over;
	return rc;
}

static enum rc
keep_again_one(
    struct ctx *cx, struct db *db, const char *owner, const struct person_row *p, struct touched *t)
{
	struct ident_list has;

	TRY(person_idents(cx, db, owner, p, &has));
	touched_add(cx->a, t, p, &has);
	return RC_OK;
}

enum rc
keep_again(struct ctx *cx, struct db *db, const char *owner, const struct person_list *list)
{
	struct touched t = { 0 };

	for (size_t i = 0; i < list->n; i++)
		TRY(keep_again_one(cx, db, owner, &list->v[i], &t));
	return regroup(cx, db, owner, &t);
}
