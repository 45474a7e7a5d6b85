/*
 * people_keep.c - address books over a restart.
 */
#include "fake/core/keep.h"
#include "fake/google/people.h"

/*
 * Saving.
 */
static json *
keep_state(struct arena *a, const struct person_state *s)
{
	json *j = json_new(a);

	json_set(j, "content", s->content);
	json_set_i64(j, "etag", s->etag);
	json_set_i64(j, "updated", s->updated);
	json_set_bool(j, "gone", s->gone);
	json_set_bool(j, "hushed", s->hushed);
	json_set(j, "previous", s->previous);
	return j;
}

static json *
keep_person(struct arena *a, const struct person *p)
{
	json *j = json_new(a);

	json_set_str(j, "owner", p->owner->email);
	json_set_str(j, "name", p->name);
	if (p->into)
		json_set_str(j, "into", p->into->name);
	json_set(j, "now", keep_state(a, &p->now));
	if (p->due) {
		json_set(j, "seen", keep_state(a, &p->seen));
		json_set_i64(j, "due", p->due);
	}
	json_set_i64(j, "version", p->version);
	return j;
}

static json *
keep_label(struct arena *a, const struct label *l)
{
	json *j = json_new(a);

	json_set_str(j, "owner", l->owner->email);
	json_set_str(j, "id", l->id);
	json_set_str(j, "name", l->name);
	json_set_bool(j, "system", l->system);
	json_set_bool(j, "gone", l->gone);
	json_set_i64(j, "version", l->version);
	json_set_i64(j, "updated", l->updated);
	json_set(j, "data", l->data);
	return j;
}

void
people_save(struct fake *f, struct arena *a, json *top)
{
	const struct people *part = people_of(f);
	json *j = json_new(a), *people = json_list(a), *labels = json_list(a);

	for (const struct person *p = part->list; p; p = p->next)
		json_add(people, keep_person(a, p));
	for (const struct label *l = part->labels; l; l = l->next)
		json_add(labels, keep_label(a, l));
	json_set_i64(j, "began", part->began);
	json_set_i64(j, "epoch", part->epoch);
	json_set_i64(j, "version", part->last_version);
	json_set_i64(j, "serial", part->serial);
	json_set(j, "list", people);
	json_set(j, "labels", labels);
	json_set(top, "people", j);
}

/*
 * Loading.
 */
static struct person_state
keep_load_state(struct fake *f, const json *j)
{
	struct person_state s = {
		.content = loaded_json(f, j, "content"),
		.etag = json_num(j, "etag", 0),
		.updated = json_num(j, "updated", 0),
		.gone = json_flag(j, "gone", false),
		.hushed = json_flag(j, "hushed", false),
		.previous = loaded_json(f, j, "previous"),
	};

	s.content = s.content ? s.content : json_new(f->a);
	return s;
}

static void
keep_load_person(struct fake *f, const json *j)
{
	struct account *owner = account_by(f, json_str(j, "owner"));
	const char *name = json_str(j, "name");
	struct person *p;

	if (!owner || !name)
		return;
	p = person_add(f, owner, name);
	p->now = keep_load_state(f, json_at(j, "now"));
	p->seen = json_has(j, "seen") ? keep_load_state(f, json_at(j, "seen")) : p->now;
	p->due = json_num(j, "due", 0);
	p->version = json_num(j, "version", 0);
}

static void
keep_load_merge(struct fake *f, const json *j)
{
	const struct account *owner = account_by(f, json_str(j, "owner"));
	struct person *from = person_by(f, owner, json_str(j, "name"));

	if (from && json_str(j, "into"))
		from->into = person_by(f, owner, json_str(j, "into"));
}

static void
keep_load_label(struct fake *f, const json *j)
{
	struct account *owner = account_by(f, json_str(j, "owner"));
	const char *id = json_str(j, "id"), *name = json_str(j, "name");
	struct label *l;

	if (!owner || !id || !name)
		return;
	l = label_make(f, owner, id, name);
	l->system = json_flag(j, "system", false);
	l->gone = json_flag(j, "gone", false);
	l->version = json_num(j, "version", l->version);
	l->updated = json_num(j, "updated", l->updated);
	l->data = loaded_json(f, j, "data");
}

void
people_load(struct fake *f, const json *top)
{
	struct people *part = people_of(f);
	const json *j = json_at(top, "people"), *list = json_at(j, "list");
	const json *labels = json_at(j, "labels");
	int64_t version;

	if (!json_is_list(list) || !json_is_list(labels))
		return;
	people_empty(f);
	for (size_t i = 0; i < json_len(labels); i++)
		keep_load_label(f, json_nth(labels, i));
	for (size_t i = 0; i < json_len(list); i++)
		keep_load_person(f, json_nth(list, i));
	for (size_t i = 0; i < json_len(list); i++)
		keep_load_merge(f, json_nth(list, i));
	part->epoch = json_num(j, "epoch", 0);
	part->serial = loaded_counter(top, j, "serial");
	/* Sync tokens remember what this world may have forgotten when it was cut off. */
	if (loaded_whole(top))
		part->began = json_num(j, "began", part->began);
	version = loaded_counter(top, j, "version");
	if (part->last_version < version)
		part->last_version = version;
}
