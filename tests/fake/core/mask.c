/*
 * mask.c - see mask.h.
 */
#include "fake/core/mask.h"

#include <string.h>

const struct mask mask_all = { "", NULL, NULL };

struct reader {
	struct arena *a;
	const char *p;
	int depth;
	bool bad;
};

static struct mask *mask_read_list(struct reader *);

static size_t
mask_name_length(const char *p)
{
	return strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_*");
}

static struct mask *
mask_read_path(struct reader *r)
{
	struct mask *m = arena_alloc(r->a, sizeof *m);
	size_t n = mask_name_length(r->p);

	if (n == 0 || ++r->depth > JSON_DEPTH) {
		r->bad = true;
		return m;
	}
	m->name = arena_dup_str(r->a, (struct str){ r->p, n });
	r->p += n;
	if (*r->p == '/' || *r->p == '.') {
		r->p++;
		m->sub = mask_read_path(r);
	} else if (*r->p == '(') {
		r->p++;
		m->sub = mask_read_list(r);
		if (*r->p++ != ')')
			r->bad = true;
	}
	/* "a/ *" is "a". */
	if (m->sub && !m->sub->next && m->sub->name && strcmp(m->sub->name, "*") == 0)
		m->sub = NULL;
	r->depth--;
	return m;
}

/* Names in a list are unique: "a/b,a/c" is "a(b,c)". */
static void
mask_merge(struct mask **list, struct mask *m)
{
	while (*list && strcmp((*list)->name, m->name) != 0)
		list = &(*list)->next;
	if (!*list) {
		m->next = NULL;
		*list = m;
	} else if (!(*list)->sub || !m->sub) {
		(*list)->sub = NULL;
	} else {
		for (struct mask *s = m->sub, *next; s; s = next) {
			next = s->next;
			mask_merge(&(*list)->sub, s);
		}
	}
}

static struct mask *
mask_read_list(struct reader *r)
{
	struct mask *list = NULL;

	do {
		struct mask *m;

		while (*r->p == ' ')
			r->p++;
		m = mask_read_path(r);
		if (!r->bad)
			mask_merge(&list, m);
	} while (!r->bad && *r->p == ',' && r->p++);
	return list;
}

const struct mask *
mask_parse(struct arena *a, const char *text)
{
	struct reader r = { .a = a, .p = text };
	struct mask *root;

	if (*text == '\0' || strcmp(text, "*") == 0)
		return &mask_all;
	root = arena_alloc(a, sizeof *root);
	root->name = "";
	root->sub = mask_read_list(&r);
	return r.bad || *r.p != '\0' ? NULL : root;
}

const struct mask *
mask_at(const struct mask *m, const char *name)
{
	if (!m->sub)
		return &mask_all;
	for (m = m->sub; m; m = m->next)
		if (strcmp(m->name, "*") == 0 || strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

json *
mask_apply(struct arena *a, const json *j, const struct mask *m)
{
	json *out;

	if (!m->sub)
		return (json *)j;
	if (json_is_list(j)) {
		out = json_list(a);
		for (size_t i = 0; i < json_len(j); i++)
			json_add(out, mask_apply(a, json_nth(j, i), m));
		return out;
	}
	if (!json_is_obj(j))
		return (json *)j;
	out = json_new(a);
	for (const struct mask *s = m->sub; s; s = s->next)
		for (struct json_iter it = { 0 }; json_each(j, &it);)
			if (strcmp(s->name, "*") == 0 || strcmp(s->name, it.key) == 0)
				json_set(out, it.key, mask_apply(a, it.value, s));
	return out;
}

const char *
mask_unknown(struct arena *a, const struct mask *m, const struct mask *known)
{
	if (!m->sub || !known->sub)
		return NULL;
	for (const struct mask *s = m->sub; s; s = s->next) {
		const struct mask *k = mask_at(known, s->name);
		const char *below;

		if (strcmp(s->name, "*") == 0)
			continue;
		if (!k)
			return s->name;
		below = mask_unknown(a, s, k);
		if (below)
			return arena_printf(a, "%s/%s", s->name, below);
	}
	return NULL;
}

void
mask_copy(struct arena *a, json *to, const json *from, const struct mask *m)
{
	if (!m->sub) {
		for (struct json_iter it = { 0 }; json_each(from, &it);)
			json_set(to, it.key, it.value);
		return;
	}
	for (const struct mask *s = m->sub; s; s = s->next) {
		json *there = json_at(from, s->name);

		if (!s->sub) {
			if (there)
				json_set(to, s->name, there);
			else
				json_unset(to, s->name);
			continue;
		}
		if (!json_is_obj(json_at(to, s->name)))
			json_set(to, s->name, json_new(a));
		mask_copy(a, json_at(to, s->name), there ? there : json_new(a), s);
	}
}
