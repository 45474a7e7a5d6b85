/*
 * merge.c - see merge.h.
 */
#include "agree/merge.h"

/* What is merged as one: a group, or a single field. */
struct unit {
	const char *name;
	const char *const *fields;
	size_t n;
	bool group;
};

struct unit_list {
	struct unit *v;
	size_t n;
};

/* The units of one merge, and where they are put. */
struct merger {
	struct arena *a;
	const struct merge_rules *rules;
	const struct merge_in *in;
	struct merged *out;
};

static const struct merge_group *
group_of(const struct merge_rules *rules, const char *field)
{
	for (size_t i = 0; i < rules->n_groups; i++)
		for (const char *const *m = rules->groups[i].members; *m; m++)
			if (!strcmp(*m, field))
				return &rules->groups[i];
	return NULL;
}

static bool
unit_listed(const struct unit_list *list, const char *name, bool group)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].group == group && !strcmp(list->v[i].name, name))
			return true;
	return false;
}

static void
unit_add(
    struct arena *a, const struct merge_rules *rules, struct unit_list *list, const char *field)
{
	const struct merge_group *g = group_of(rules, field);
	const char *name = g ? g->name : field;
	struct unit *u;

	if (unit_listed(list, name, g != NULL))
		return;
	u = &list->v[list->n++];
	*u = (struct unit){ .name = name, .group = g != NULL };
	if (g) {
		u->fields = g->members;
		while (g->members[u->n])
			u->n++;
	} else {
		const char **one = arena_array(a, 1, sizeof *one);

		*one = name;
		u->fields = one;
		u->n = 1;
	}
}

/* All units that one of the objects has something of, in the order in which they come. */
static struct unit_list
units_of(struct arena *a, const struct merge_rules *rules, const json *const *objects, size_t n)
{
	struct unit_list list = { 0 };
	size_t most = 0;

	for (size_t i = 0; i < n; i++)
		most += json_len(objects[i]);
	list.v = arena_array(a, most + 1, sizeof *list.v);
	for (size_t i = 0; i < n; i++)
		for (struct json_iter it = { 0 }; json_each(objects[i], &it);)
			unit_add(a, rules, &list, arena_dup(a, it.key));
	return list;
}

static struct slot
field_slot(const struct merge_rules *rules, const json *obj, const char *field)
{
	struct slot s = slot_of(obj, field);

	if (s.there && !s.v && rules->null_is_absent)
		s.there = false;
	return s;
}

static bool
unit_same(struct arena *a, const struct merge_rules *rules, const struct unit *u, const json *x,
    const json *y)
{
	for (size_t i = 0; i < u->n; i++)
		if (!slot_same(
			a, field_slot(rules, x, u->fields[i]), field_slot(rules, y, u->fields[i])))
			return false;
	return true;
}

static void
unit_copy(const struct unit *u, json *to, const json *from)
{
	for (size_t i = 0; i < u->n; i++)
		slot_set(to, u->fields[i], slot_of(from, u->fields[i]));
}

/* As a conflict shows it. */
static struct slot
unit_slot(struct arena *a, const struct merge_rules *rules, const struct unit *u, const json *obj)
{
	struct slot s = { 0 };

	if (!u->group)
		return field_slot(rules, obj, u->name);
	for (size_t i = 0; i < u->n; i++) {
		struct slot f = field_slot(rules, obj, u->fields[i]);

		if (!f.there)
			continue;
		s.v = s.there ? s.v : json_new(a);
		s.there = true;
		json_set(s.v, u->fields[i], f.v);
	}
	return s;
}

/* To be given to a side that has it in another way. A member that neither side has is not named. */
static void
unit_give(const struct unit *u, struct field_list *list, const json *value, const json *side)
{
	for (size_t i = 0; i < u->n; i++)
		if (json_has(value, u->fields[i]) || json_has(side, u->fields[i]))
			list->v[list->n++] = u->fields[i];
}

static void
merge_take(struct merger *m, const struct unit *u, enum pick from)
{
	const json *winner = from == PICK_LOCAL ? m->in->local : m->in->remote;

	unit_copy(u, m->out->value, winner);
	unit_copy(u, m->out->base_seen, m->in->remote);
	unit_copy(u, m->out->base_sent, winner);
	if (from == PICK_LOCAL)
		unit_give(u, &m->out->to_remote, winner, m->in->remote);
	else
		unit_give(u, &m->out->to_local, winner, m->in->local);
}

static void
merge_collide(struct merger *m, const struct unit *u)
{
	struct collision *c = &m->out->collisions[m->out->n_collisions++];

	*c = (struct collision){
		.field = u->name,
		.base = unit_slot(m->a, m->rules, u, m->in->base),
		.local = unit_slot(m->a, m->rules, u, m->in->local),
		.remote = unit_slot(m->a, m->rules, u, m->in->remote),
		.pick = policy_pick(m->in->policy, u->fields, u->n),
		.local_at = edits_time(&m->in->policy->local, u->fields, u->n),
		.remote_at = edits_other(m->in->policy, u->fields, u->n),
	};
	if (c->pick != PICK_NONE) {
		c->kept = c->pick == PICK_LOCAL ? c->remote : c->local;
		merge_take(m, u, c->pick);
		return;
	}
	m->out->asks = true;
	unit_copy(u, m->out->value, m->in->local);
	unit_copy(u, m->out->base_seen, m->in->base);
	unit_copy(u, m->out->base_sent, m->in->base);
}

static void
merge_unit(struct merger *m, const struct unit *u)
{
	const struct merge_in *in = m->in;

	if (unit_same(m->a, m->rules, u, in->local, in->remote)) {
		/* Agreed, whoever changed it; each side may go on spelling it in its own way. */
		unit_copy(u, m->out->value, in->local);
		unit_copy(u, m->out->base_seen, in->remote);
		unit_copy(u, m->out->base_sent, in->remote);
	} else if (unit_same(m->a, m->rules, u, in->base, in->local)) {
		merge_take(m, u, PICK_REMOTE);
	} else if (unit_same(m->a, m->rules, u, in->base, in->remote)) {
		merge_take(m, u, PICK_LOCAL);
	} else {
		merge_collide(m, u);
	}
}

/* --- parts of what the other side has changed --- */

/* The side whose version of the group stands, and the other one, whose parts go along. */
struct carrying {
	const json *stays, *goes;
	enum pick pick; /* the one that stays */
	char part;
};

static struct collision *
collision_of(const struct merger *m, const char *field)
{
	for (size_t i = 0; i < m->out->n_collisions; i++)
		if (!strcmp(m->out->collisions[i].field, field))
			return &m->out->collisions[i];
	return NULL;
}

static bool
is_asked(const struct merger *m, const char *field)
{
	const struct collision *c = collision_of(m, field);

	return c && c->pick == PICK_NONE;
}

/* `of` without its parts, and those of the value that it has given to it. */
static json *
carry_from(const struct merger *m, const struct carrying *c, const json *of)
{
	json *out = json_new(m->a);

	for (struct json_iter it = { 0 }; json_each(of, &it);)
		if (*it.key != c->part)
			json_set(out, it.key, it.value);
	for (struct json_iter it = { 0 }; json_each(m->out->value, &it);) {
		const struct slot here = slot_of(m->out->value, it.key);

		if (*it.key == c->part && !is_asked(m, it.key) &&
		    slot_same(m->a, here, slot_of(c->goes, it.key)) &&
		    !slot_same(m->a, here, slot_of(c->stays, it.key)))
			json_set(out, it.key, it.value);
	}
	return out;
}

static void
field_drop(struct field_list *list, const char *field)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], field) != 0)
			list->v[n++] = list->v[i];
	list->n = n;
}

static void
carry_give(struct merger *m, const char *field, struct field_list *list, const json *side)
{
	field_drop(list, field);
	if (!slot_same(m->a, slot_of(m->out->value, field), slot_of(side, field)))
		list->v[list->n++] = arena_dup(m->a, field);
}

static void
carry_set(struct merger *m, const char *field, struct slot slot)
{
	slot_set(m->out->value, field, slot);
	slot_set(m->out->base_sent, field, slot);
	carry_give(m, field, &m->out->to_local, m->in->local);
	carry_give(m, field, &m->out->to_remote, m->in->remote);
}

static void
carry_lost(struct merger *m, const struct carrying *c, const char *field, struct slot lost)
{
	struct collision *out = collision_of(m, field);

	if (!out) {
		out = &m->out->collisions[m->out->n_collisions++];
		*out = (struct collision){
			.field = arena_dup(m->a, field),
			.base = slot_of(m->in->base, field),
			.local = slot_of(m->in->local, field),
			.remote = slot_of(m->in->remote, field),
		};
	}
	out->pick = c->pick;
	out->kept = lost;
}

static void
carry_all(struct merger *m, const struct carrying *c)
{
	const json *was = carry_from(m, c, c->goes), *now = carry_from(m, c, m->out->value);
	const json *moved = m->rules->part_moved(m->a, was, now);
	const json *lost = m->rules->part_lost(m->a, was, now);

	for (struct json_iter it = { 0 }; json_each(was, &it);)
		if (*it.key == c->part &&
		    !slot_same(m->a, slot_of(was, it.key), slot_of(moved, it.key)))
			carry_set(m, it.key, (struct slot){ 0 });
	for (struct json_iter it = { 0 }; json_each(lost, &it);)
		carry_lost(m, c, it.key, slot_of(lost, it.key));
	for (struct json_iter it = { 0 }; json_each(moved, &it);) {
		const struct slot slot = slot_of(moved, it.key);

		if (*it.key != c->part || slot_same(m->a, slot, slot_of(was, it.key)))
			continue;
		if (json_has(m->out->value, it.key))
			carry_lost(m, c, it.key, slot);
		else
			carry_set(m, it.key, slot);
	}
}

static void
merge_carry(struct merger *m, const struct unit *u)
{
	const struct merge_group *g = group_of(m->rules, u->fields[0]);
	const json *value = m->out->value;
	const bool local = unit_same(m->a, m->rules, u, value, m->in->local);

	if (!g || !g->part || is_asked(m, u->name) ||
	    local == unit_same(m->a, m->rules, u, value, m->in->remote))
		return;
	carry_all(m,
	    &(struct carrying){
		.stays = local ? m->in->local : m->in->remote,
		.goes = local ? m->in->remote : m->in->local,
		.pick = local ? PICK_LOCAL : PICK_REMOTE,
		.part = g->part,
	    });
}

/* Every unit gives each list its own members at most, and a part that is carried one more. */
static struct field_list
field_room(struct arena *a, const struct unit_list *units)
{
	size_t n = units->n;

	for (size_t i = 0; i < units->n; i++)
		n += units->v[i].n;
	return (struct field_list){ .v = arena_array(a, n + 1, sizeof(const char *)) };
}

void
merge(
    struct arena *a, const struct merge_rules *rules, const struct merge_in *in, struct merged *out)
{
	const json *const objects[] = { in->local, in->remote, in->base };
	struct unit_list units = units_of(a, rules, objects, 3);
	struct merger m = { .a = a, .rules = rules, .in = in, .out = out };

	*out = (struct merged){
		.value = json_new(a),
		.base_seen = json_new(a),
		.base_sent = json_new(a),
		.to_local = field_room(a, &units),
		.to_remote = field_room(a, &units),
		.collisions = arena_array(a, 2 * units.n + 1, sizeof *out->collisions),
	};
	for (size_t i = 0; i < units.n; i++)
		merge_unit(&m, &units.v[i]);
	for (size_t i = 0; i < units.n && rules->part_moved; i++)
		merge_carry(&m, &units.v[i]);
}

const char *
merge_unit_of(const struct merge_rules *rules, const char *field)
{
	for (size_t i = 0; i < rules->n_groups; i++)
		for (const char *const *m = rules->groups[i].members; *m; m++)
			if (!strcmp(*m, field))
				return rules->groups[i].name;
	return field;
}

bool
merge_same(struct arena *a, const struct merge_rules *rules, const json *x, const json *y)
{
	const json *const objects[] = { x, y };
	struct unit_list units = units_of(a, rules, objects, 2);

	for (size_t i = 0; i < units.n; i++)
		if (!unit_same(a, rules, &units.v[i], x, y))
			return false;
	return true;
}

json *
merge_back(struct arena *a, const json *there, const json *before, const json *after)
{
	const json *const both[] = { before, after };
	json *was = json_copy(a, there);

	for (int i = 0; i < 2; i++)
		for (struct json_iter it = { 0 }; json_each(both[i], &it);) {
			const struct slot slot = slot_of(before, it.key);

			if (!slot_same(a, slot, slot_of(after, it.key)))
				slot_set(was, it.key, slot);
		}
	return was;
}

/* What was sent, and what of it is found. */
struct landing {
	const struct merge_rules *rules;
	const struct unit_list *units;
	const json *base, *sent, *found;
};

static bool
unit_landed(struct arena *a, const struct landing *l, const struct unit *u)
{
	return !unit_same(a, l->rules, u, l->base, l->sent) &&
	    unit_same(a, l->rules, u, l->sent, l->found);
}

static bool
is_part(const struct merge_rules *rules, const char *field)
{
	for (size_t i = 0; i < rules->n_groups; i++)
		if (rules->groups[i].part && *field == rules->groups[i].part)
			return true;
	return false;
}

/* A part of `out` that was not written. What it is part of was, so that the same is found to be
 * said in other words: nobody has edited that. */
static void
part_stays(struct arena *a, const struct landing *l, const char *part, json *out)
{
	const json *was = l->rules->part_whole(a, l->base, part);
	const json *now = l->rules->part_whole(a, l->found, part);
	json *own = json_new(a);
	bool any = false;

	if (!was || !now)
		return;
	for (struct json_iter it = { 0 }; json_each(json_at(l->base, part), &it);)
		json_set(own, it.key, it.value);
	for (size_t i = 0; i < l->units->n; i++) {
		const struct unit *u = &l->units->v[i];

		if (is_part(l->rules, u->name) || !unit_landed(a, l, u) ||
		    !unit_same(a, l->rules, u, was, now))
			continue;
		unit_copy(u, own, json_at(l->found, part));
		any = true;
	}
	if (any)
		slot_set(out, part, (struct slot){ .there = json_len(own) > 0, .v = own });
}

const json *
merge_rebase(struct arena *a, const struct merge_rules *rules, const json *base, const json *sent,
    const json *found, bool *any)
{
	const json *const objects[] = { sent, found, base };
	struct unit_list units = units_of(a, rules, objects, 3);
	const struct landing l = {
		.rules = rules,
		.units = &units,
		.base = base,
		.sent = sent,
		.found = found,
	};
	json *out = json_new(a);

	*any = false;
	for (size_t i = 0; i < units.n; i++) {
		const struct unit *u = &units.v[i];
		bool landed = unit_landed(a, &l, u);

		unit_copy(u, out, landed ? sent : base);
		if (!landed && rules->part_whole && is_part(rules, u->name))
			part_stays(a, &l, u->name, out);
		*any |= landed;
	}
	return *any ? out : base;
}

const json *
merge_along(struct arena *a, const struct merge_rules *rules, const json *was, const json *base,
    const json *sent)
{
	const json *const objects[] = { sent, base, was };
	struct unit_list units = units_of(a, rules, objects, 3);
	json *out = json_new(a);

	for (size_t i = 0; i < units.n; i++) {
		const struct unit *u = &units.v[i];

		unit_copy(u, out, unit_same(a, rules, u, was, sent) ? base : sent);
	}
	return out;
}

json *
merge_patch(struct arena *a, const json *value, const struct field_list *fields)
{
	json *patch = json_new(a);

	for (size_t i = 0; i < fields->n; i++)
		json_set(patch, fields->v[i], json_at(value, fields->v[i]));
	return patch;
}

static void
collision_time(json *f, const char *name, int64_t at)
{
	if (at > 0)
		json_set_i64(f, name, at);
}

json *
collision_fields(struct arena *a, const struct merged *m)
{
	json *list = json_list(a);

	for (size_t i = 0; i < m->n_collisions; i++) {
		const struct collision *c = &m->collisions[i];
		json *f = json_new(a);

		json_set_str(f, "field", c->field);
		slot_set(f, "base", c->base);
		slot_set(f, "local", c->local);
		slot_set(f, "remote", c->remote);
		json_set_str(f, "chosen", pick_word(c->pick));
		collision_time(f, "localAt", c->local_at);
		collision_time(f, "remoteAt", c->remote_at);
		json_add(list, f);
	}
	return list;
}

json *
collision_kept(struct arena *a, const struct merged *m)
{
	json *kept = json_new(a);

	for (size_t i = 0; i < m->n_collisions; i++)
		if (m->collisions[i].pick != PICK_NONE)
			slot_set(kept, m->collisions[i].field, m->collisions[i].kept);
	return kept;
}

static const char *
collision_stands(enum pick pick)
{
	static const char *const words[] = {
		[PICK_NONE] = "",
		[PICK_LOCAL] = " (the edit made here stands)",
		[PICK_REMOTE] = " (the edit made there stands)",
	};

	return words[pick];
}

const char *
collision_why(
    struct arena *a, const struct merge_rules *rules, const struct merged *m, enum policy policy)
{
	const char *both = "";

	for (size_t i = 0; i < m->n_collisions; i++) {
		const struct collision *c = &m->collisions[i];

		both = arena_printf(a, "%s%s%s%s", both, i ? ", " : "",
		    rules->called ? rules->called(a, c->field) : c->field,
		    collision_stands(c->pick));
	}
	if (!m->n_collisions)
		return "Edits of both sides were brought together.";
	return arena_printf(a, "Both sides had edited %s. %s What else was edited was taken.", both,
	    policy_rule(policy));
}
