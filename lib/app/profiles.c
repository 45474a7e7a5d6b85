/*
 * profiles.c - see profiles.h.
 */
#include "app/profiles.h"

#include "app/profile_view.h"
#include "ask/ask.h"
#include "base/clock.h"
#include "base/conf.h"
#include "profile/group.h"
#include "profile/keep.h"
#include "profile/mapping.h"
#include "queue/profiles.h"
#include "store/conn.h"
#include "store/data.h"

enum { PAIRS_MAX = 1000 }; /* that one decision is written down for */

/* --- what people decide --- */

struct linking {
	const struct caller *by;
	const char *id;
	const json *given;
	bool same;
	struct person_list one, other;
	json *out;
};

static enum rc
link_source(struct ctx *cx, struct db *db, struct linking *w, const json *source)
{
	const char *dataset = json_str(source, "datasetId"), *key = json_str(source, "key");
	struct dataset set;
	enum rc rc;

	w->other = (struct person_list){ .v = arena_alloc(cx->a, sizeof *w->other.v) };
	if (!dataset || !key)
		return caller_wrong(cx, w->by, "with",
		    "Name a profile, or a source by connectionId, datasetId and key.");
	rc = dataset_get(cx, db, w->by->owner, dataset, &set);
	if (rc == RC_OK)
		rc = person_get(cx, db, w->by->owner, set.no, key, w->other.v);
	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	w->other.n = w->other.v->key != NULL;
	return RC_OK;
}

static enum rc
link_ends(struct ctx *cx, struct db *db, struct linking *w)
{
	const json *with = json_at(w->given, "with");
	const char *owner = w->by->owner;

	TRY(person_members(cx, db, owner, w->id, GROUP_MAX, &w->one));
	if (w->one.n == 0)
		return fail(cx, E_NOT_FOUND, "There is no such profile.");
	if (json_is_str(with))
		TRY(person_members(cx, db, owner, json_value_str(with), GROUP_MAX, &w->other));
	else
		TRY(link_source(cx, db, w, with));
	if (w->other.n == 0)
		return caller_wrong(cx, w->by, "with", "There is no such profile or source.");
	return RC_OK;
}

static bool
person_is(const struct person_row *a, const struct person_row *b)
{
	return a->dataset_no == b->dataset_no && !strcmp(a->key, b->key);
}

static enum rc
link_pair(struct ctx *cx, struct db *db, const struct linking *w, const struct person_row *a,
    const struct person_row *b)
{
	struct person_rule r = { .key = { a->key, b->key }, .same = w->same };

	TRY(person_dataset(cx, db, w->by->owner, a->dataset_no, &r.dataset[0]));
	TRY(person_dataset(cx, db, w->by->owner, b->dataset_no, &r.dataset[1]));
	if (!r.dataset[0] || !r.dataset[1])
		return RC_OK;
	return person_rule_put(cx, db, w->by->owner, &r, w->by->actor.name, clock_ms());
}

/* Each with each: it holds also when some of them go. */
static enum rc
link_pairs(struct ctx *cx, struct db *db, const struct linking *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->one.n; i++)
		for (size_t k = 0; k < w->other.n; k++) {
			if (person_is(&w->one.v[i], &w->other.v[k]))
				continue;
			if (n++ == PAIRS_MAX)
				return RC_OK;
			TRY(link_pair(cx, db, w, &w->one.v[i], &w->other.v[k]));
		}
	return n ? RC_OK
		 : caller_wrong(cx, w->by, "with",
		       "It is the only source of this profile, or the profile itself.");
}

static enum rc
link_show(struct ctx *cx, struct db *db, struct linking *w, const struct person_row *p,
    struct profile_views *v)
{
	struct person_row now;
	json *shown;

	TRY(person_get(cx, db, w->by->owner, p->dataset_no, p->key, &now));
	for (size_t i = 0; now.key && i < json_len(w->out); i++)
		if (!strcmp(json_str(json_nth(w->out, i), "id"), now.profile_id))
			return RC_OK;
	if (!now.key)
		return RC_OK;
	TRY(profile_view(cx, db, v, now.profile_id, &shown));
	if (shown)
		json_add(w->out, shown);
	return RC_OK;
}

static enum rc
link_write(struct ctx *cx, struct db *db, void *arg)
{
	struct linking *w = arg;
	struct profile_views v;

	profile_views(w->by->owner, &v);
	w->out = json_list(cx->a);
	TRY(link_ends(cx, db, w));
	TRY(link_pairs(cx, db, w));
	TRY(keep_again(cx, db, w->by->owner, &w->one));
	TRY(keep_again(cx, db, w->by->owner, &w->other));
	TRY(caller_audit(
	    cx, db, w->by, w->same ? "profiles joined" : "profiles parted", w->id, ""));
	TRY(link_show(cx, db, w, &w->other.v[0], &v));
	for (size_t i = 0; i < w->one.n; i++)
		TRY(link_show(cx, db, w, &w->one.v[i], &v));
	return RC_OK;
}

enum rc
profile_link(struct ctx *cx, struct db *db, const struct caller *by, const char *id,
    const json *given, json **out)
{
	static const char *const known[] = { "with", "same", NULL };
	struct linking w = { .by = by, .id = id, .given = given };

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(caller_known(cx, by, given, known, "There is no such member."));
	if (!json_is_bool(json_at(given, "same")))
		return caller_wrong(
		    cx, by, "same", "Say true when they are the same person, else false.");
	w.same = json_flag(given, "same", false);
	TRY(db_write(cx, db, link_write, &w));
	*out = w.out;
	return RC_OK;
}

/* --- who is believed --- */

struct ordering {
	const struct caller *by;
	const char *order;
};

static enum rc
order_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct ordering *w = arg;

	TRY(profile_believe(cx, db, w->by->owner, w->order));
	return caller_audit(cx, db, w->by, "sources of profiles ordered", w->by->owner, "");
}

static json *
order_shown(struct arena *a, const char *order)
{
	json *o = json_new(a), *list = json_stored(a, order);

	json_set(o, "order", list ? list : json_list(a));
	return o;
}

enum rc
profiles_order(struct ctx *cx, struct db *db, const char *owner, json **out)
{
	const char *order;

	TRY(profile_believed(cx, db, owner, &order));
	*out = order_shown(cx->a, order);
	return RC_OK;
}

enum rc
profiles_order_set(
    struct ctx *cx, struct db *db, const struct caller *by, const json *given, json **out)
{
	static const char *const known[] = { "order", NULL };
	const json *list = json_at(given, "order");
	struct ordering w = { .by = by };
	struct conn c;
	enum rc rc;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(caller_known(cx, by, given, known, "There is no such member."));
	if (!json_is_list(list))
		return caller_wrong(cx, by, "order", "This must be a list of connections.");
	for (size_t i = 0; i < json_len(list); i++) {
		const char *id = json_value_str(json_nth(list, i));

		rc = id ? conn_get(cx, db, by->owner, id, &c) : RC_NOTFOUND;
		if (rc == RC_NOTFOUND)
			return caller_wrong(cx, by, "order", "There is no such connection.");
		TRY(rc);
	}
	w.order = json_text(cx->a, list);
	TRY(db_write(cx, db, order_write, &w));
	*out = order_shown(cx->a, w.order);
	return RC_OK;
}

/* --- which columns --- */

/* t->no is another one, or 0, when it has none. */
static enum rc
columns_of(struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no,
    struct person_table *t, struct mapping *m)
{
	*m = (struct mapping){ .text = "" };
	TRY(person_table_next(cx, db, owner, NULL, dataset_no - 1, t));
	if (t->no == dataset_no)
		mapping_of(cx->a, t, conf_str(CONF_PHONE_COUNTRY), m);
	return RC_OK;
}

enum rc
profile_columns(struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no, json **out)
{
	struct person_table t;
	struct mapping m;

	TRY(columns_of(cx, db, owner, dataset_no, &t, &m));
	*out = *m.text ? mapping_shown(cx->a, &t, &m) : NULL;
	return RC_OK;
}

enum rc
profile_unreachable(struct ctx *cx, struct db *db, const char *owner, int64_t dataset_no,
    struct str payload, bool *out)
{
	struct person_table t;
	struct mapping m;
	struct ident_list has;
	struct str name;

	TRY(columns_of(cx, db, owner, dataset_no, &t, &m));
	*out = *m.text != '\0';
	if (!*out)
		return RC_OK;
	mapping_read(cx->a, &m, payload, &name, &has);
	for (size_t i = 0; i < has.n; i++)
		*out = *out && has.v[i].kind == IDENT_WORD;
	return RC_OK;
}

struct choosing {
	const struct caller *by;
	const char *dataset_id, *mapping;
};

static enum rc
columns_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct choosing *w = arg;
	const char *owner = w->by->owner;

	TRY(person_mapping(cx, db, owner, w->dataset_id, w->mapping));
	TRY(profiles_ask(cx, db, owner, clock_ms()));
	return caller_audit(cx, db, w->by, "columns of people chosen", w->dataset_id, "");
}

enum rc
profile_columns_set(struct ctx *cx, struct db *db, const struct caller *by, const char *dataset_id,
    const json *given)
{
	static const char *const known[] = { "people", NULL };
	const json *people = json_at(given, "people");
	const char *field, *why = NULL;
	struct choosing w = { .by = by, .dataset_id = dataset_id };
	struct dataset set;

	TRY(caller_need(cx, by, SCOPE_WRITE));
	TRY(dataset_get(cx, db, by->owner, dataset_id, &set));
	TRY(caller_known(cx, by, given, known, "There is no such member."));
	if (!json_has(given, "people"))
		return caller_wrong(cx, by, "people", "This is needed.");
	if (json_is_bool(people) && !json_value_bool(people))
		w.mapping = "{}";
	else if (!json_is_null(people)) {
		why = mapping_check(cx->a, set.columns, people, &field);
		w.mapping = json_text(cx->a, people);
	}
	if (why)
		return caller_wrong(cx, by, field, why);
	TRY(db_write(cx, db, columns_write, &w));
	wake_tick();
	return RC_OK;
}
