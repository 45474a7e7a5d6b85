/*
 * people_control.c - address books for tests, and what other people do in them: see
 * fake_control.c.
 */
#include "fake/google/people.h"

static struct account *
control_owner(struct call *c, const json *j)
{
	return account_named(c, json_str(j, "owner"));
}

static struct person *
control_person_named(struct call *c, const struct account *who, const char *name)
{
	struct person *p = person_by(c->f, who, name);

	if (p && !p->now.gone)
		return p;
	refuse_argument(c, "There is no person %s.", name ? name : "(none)");
	return NULL;
}

static json *
control_label_ids(struct call *c, struct account *who, const json *names)
{
	json *list = json_list(c->a);

	labels_begin(c->f, who);
	if (json_len(names) == 0)
		json_add_str(list, "myContacts");
	for (size_t i = 0; i < json_len(names); i++) {
		const char *name = json_value_str(json_nth(names, i));
		const struct label *l = label_named(c->f, who, name);

		json_add_str(list, l ? l->id : label_add(c->f, who, name)->id);
	}
	return list;
}

/* A person as it was entered without the interface: made, or all of it replaced. */
static void
control_person(struct call *c, const json *j, json *out)
{
	struct account *who = control_owner(c, j);
	const char *name = json_str(j, "id");
	struct person *p = who ? person_by(c->f, who, name) : NULL;
	json *content = json_new(c->a);

	if (!who)
		return;
	if (p && p->now.gone) {
		refuse_argument(c, "%s is gone, and its name is never used again.", name);
		return;
	}
	if (!p)
		p = person_add(
		    c->f, who, name ? name : person_new_name(c->f, json_flag(j, "other", false)));
	for (struct json_iter it = { 0 }; json_each(json_at(j, "content"), &it);)
		json_set(content, it.key, it.value);
	if (!p->other)
		json_set(content, "labels", control_label_ids(c, who, json_at(j, "labels")));
	p->now = (struct person_state){
		.content = json_stored(c->f->a, json_text(c->a, content)),
		.previous = p->now.previous,
	};
	person_touch(c->f, p);
	json_set_str(out, "person", p->name);
}

static void
control_person_delete(struct call *c, const json *j, json *out)
{
	struct account *who = control_owner(c, j);
	struct person *p = who ? control_person_named(c, who, json_str(j, "person")) : NULL;

	(void)out;
	if (p)
		person_remove(c->f, p);
}

/* "into" takes what the others have and it has not; with "as" it goes on under that name. */
static void
control_merge(struct call *c, const json *j, json *out)
{
	struct account *who = control_owner(c, j);
	struct person *into = who ? control_person_named(c, who, json_str(j, "into")) : NULL;
	const bool hushed = json_flag(j, "hushed", false);
	const json *from = json_at(j, "from");
	struct person *had = into, *p;
	json *content;

	if (!into)
		return;
	content = json_stored(c->f->a, json_text(c->a, into->now.content));
	if (json_str(j, "as"))
		into = person_add(c->f, who, json_str(j, "as"));
	for (size_t i = 0; i < json_len(from); i++) {
		p = control_person_named(c, who, json_value_str(json_nth(from, i)));
		if (!p)
			return;
		for (struct json_iter it = { 0 }; json_each(p->now.content, &it);)
			if (!json_has(content, it.key))
				json_set(content, it.key, it.value);
		into->now.content = content;
		person_merge(c->f, into, p, hushed);
	}
	if (into != had)
		person_merge(c->f, into, had, hushed);
	into->now.content = json_stored(c->f->a, json_text(c->a, content));
	person_touch(c->f, into);
	json_set_str(out, "person", into->name);
}

/* A number of people; of every tenth there is neither an address nor a number. */
static void
control_fill_people(struct call *c, const json *j, json *out)
{
	struct account *who = control_owner(c, j);
	const int64_t n = json_num(j, "count", 0);

	for (int64_t i = 1; who && i <= n; i++) {
		struct person *p = person_add(c->f, who, person_new_name(c->f, false));
		const char *reach = i % 10 == 0
		    ? ""
		    : arena_printf(c->a,
			  ", \"emailAddresses\": [{\"value\": \"person%lld@example.com\"}], "
			  "\"phoneNumbers\": [{\"value\": \"+49 30 %07lld\", \"type\": "
			  "\"mobile\"}]",
			  (long long)i, (long long)i);

		p->now.content = json_stored(c->f->a,
		    arena_printf(c->a,
			"{\"names\": [{\"givenName\": \"Person\", \"familyName\": \"%lld\"}], "
			"\"labels\": [\"myContacts\"]%s}",
			(long long)i, reach));
		person_touch(c->f, p);
	}
	json_set_i64(out, "filled", who ? n : 0);
}

static void
control_delay(struct call *c, const json *j, json *out)
{
	(void)out;
	people_of(c->f)->delay_ms = json_value_i64(j);
}

static void
control_search_lag(struct call *c, const json *j, json *out)
{
	(void)out;
	people_of(c->f)->search_lag = json_value_i64(j);
}

static void
control_tokens(struct call *c, const json *j, json *out)
{
	(void)out;
	people_of(c->f)->epoch += json_value_bool(j);
}

const struct fake_command people_commands[] = {
	{ "person", control_person },
	{ "person_delete", control_person_delete },
	{ "merge_people", control_merge },
	{ "fill_people", control_fill_people },
	{ "people_delay_ms", control_delay },
	{ "people_search_lag", control_search_lag },
	{ "people_tokens", control_tokens },
	{ NULL, NULL },
};
