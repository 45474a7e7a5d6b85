/*
 * people_store.c - the people and labels there are, and what becomes of a change.
 */
#include "fake/google/people.h"

#include "base/clock.h"

struct people *
people_of(const struct fake *f)
{
	return fake_part(f, &people_service);
}

int64_t
people_next_version(struct fake *f)
{
	struct people *part = people_of(f);
	const int64_t now = fake_now(f);

	/* Starts from the clock: a world made anew never shows a version that was there before. */
	part->last_version = part->last_version < now ? now : part->last_version + 1;
	return part->last_version;
}

/*
 * People.
 */
void
people_empty(struct fake *f)
{
	struct people *part = people_of(f);

	part->list = NULL;
	part->end = &part->list;
	part->bucket = arena_array(f->a, PEOPLE_BUCKETS, sizeof *part->bucket);
	part->labels = NULL;
	part->caches = NULL;
}

static size_t
person_bucket(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h % PEOPLE_BUCKETS;
}

struct person *
person_by(const struct fake *f, const struct account *who, const char *name)
{
	struct person *p = name ? people_of(f)->bucket[person_bucket(name)] : NULL;

	while (p && (p->owner != who || strcmp(p->name, name) != 0))
		p = p->chain;
	return p;
}

const char *
person_new_name(struct fake *f, bool other)
{
	return arena_printf(f->a, "%s/c%lld", other ? "otherContacts" : "people",
	    INT64_C(7000000000000000) + (long long)++people_of(f)->serial);
}

struct person *
person_add(struct fake *f, struct account *owner, const char *name)
{
	struct people *part = people_of(f);
	struct person *p = arena_alloc(f->a, sizeof *p), **bucket;

	labels_begin(f, owner);
	*p = (struct person){
		.owner = owner,
		.name = arena_dup(f->a, name),
		.other = strncmp(name, "other", 5) == 0,
		.now = { .content = json_new(f->a) },
	};
	bucket = &part->bucket[person_bucket(name)];
	p->chain = *bucket;
	*bucket = p;
	*part->end = p;
	part->end = &p->next;
	return p;
}

static void
person_settle(struct fake *f, struct person *p)
{
	p->due = 0;
	p->seen = p->now;
	p->version = people_next_version(f);
}

void
people_settle(struct fake *f)
{
	for (struct person *p = people_of(f)->list; p; p = p->next)
		if (p->due && p->due <= fake_now(f))
			person_settle(f, p);
}

void
person_touch(struct fake *f, struct person *p)
{
	const struct people *part = people_of(f);

	p->now.etag = people_next_version(f);
	p->now.updated = fake_now(f);
	if (part->delay_ms == 0)
		person_settle(f, p);
	else if (!p->due)
		p->due = fake_now(f) + part->delay_ms;
}

void
person_remove(struct fake *f, struct person *p)
{
	p->now.gone = true;
	person_touch(f, p);
}

void
person_merge(struct fake *f, struct person *into, struct person *from, bool hushed)
{
	json *previous = json_list(f->a);

	for (size_t i = 0; i < json_len(into->now.previous); i++)
		json_add(previous, json_nth(into->now.previous, i));
	for (size_t i = 0; i < json_len(from->now.previous); i++)
		json_add(previous, json_nth(from->now.previous, i));
	json_add_str(previous, from->name);
	from->into = into;
	into->now.previous = previous;
	from->now.hushed = hushed;
	person_remove(f, from);
	person_touch(f, into);
}

/*
 * Labels.
 */
bool
person_labelled(const struct person_state *s, const char *id)
{
	const json *list = json_at(s->content, "labels");

	for (size_t i = 0; i < json_len(list); i++)
		if (strcmp(json_value_str(json_nth(list, i)), id) == 0)
			return true;
	return false;
}

void
person_label(struct fake *f, struct person *p, const char *id, bool on)
{
	const json *had = json_at(p->now.content, "labels");
	json *content = json_new(f->a), *list = json_list(f->a);

	if (person_labelled(&p->now, id) == on)
		return;
	for (struct json_iter it = { 0 }; json_each(p->now.content, &it);)
		json_set(content, it.key, it.value);
	for (size_t i = 0; i < json_len(had); i++)
		if (strcmp(json_value_str(json_nth(had, i)), id) != 0)
			json_add(list, json_nth(had, i));
	if (on)
		json_add_str(list, id);
	json_set(content, "labels", list);
	p->now.content = content;
	person_touch(f, p);
}

struct label *
label_by(struct fake *f, const struct account *who, const char *id)
{
	struct label *l = people_of(f)->labels;

	while (l && (l->gone || l->owner != who || strcmp(l->id, id) != 0))
		l = l->next;
	return l;
}

struct label *
label_named(struct fake *f, const struct account *who, const char *name)
{
	struct label *l = people_of(f)->labels;

	while (l && (l->gone || l->owner != who || strcmp(l->name, name) != 0))
		l = l->next;
	return l;
}

struct label *
label_make(struct fake *f, struct account *owner, const char *id, const char *name)
{
	struct label *l = arena_alloc(f->a, sizeof *l), **end = &people_of(f)->labels;

	*l = (struct label){
		.owner = owner,
		.id = arena_dup(f->a, id),
		.name = arena_dup(f->a, name),
		.version = people_next_version(f),
		.updated = fake_now(f),
	};
	while (*end)
		end = &(*end)->next;
	*end = l;
	return l;
}

void
labels_begin(struct fake *f, struct account *owner)
{
	static const char *const names[] = { "myContacts", "starred", "friends", "family",
		"coworkers", "chatBuddies", "all", "blocked" };

	for (const struct label *l = people_of(f)->labels; l; l = l->next)
		if (l->owner == owner)
			return;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		label_make(f, owner, names[i], names[i])->system = true;
}

struct label *
label_add(struct fake *f, struct account *owner, const char *name)
{
	labels_begin(f, owner);
	return label_make(f, owner,
	    arena_printf(
		f->a, "%llx", 0x1a2b3c4d00ULL + (unsigned long long)++people_of(f)->serial),
	    name);
}

void
label_remove(struct fake *f, struct label *l)
{
	for (struct person *p = people_of(f)->list; p; p = p->next) {
		if (p->owner != l->owner || p->now.gone || !person_labelled(&p->now, l->id))
			continue;
		person_label(f, p, l->id, false);
		/* Nobody is without any. */
		if (json_len(json_at(p->now.content, "labels")) == 0)
			person_label(f, p, "myContacts", true);
	}
	l->gone = true;
	l->version = people_next_version(f);
}
