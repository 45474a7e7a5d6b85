/*
 * oauth_scope.c - what may be asked for: the scopes of all services, as a set.
 */
#include "fake/google/oauth.h"

/* for (struct scope_iter it = { 0 }; scope_next(&it);) use it.row, it.bit */
struct scope_iter {
	const struct fake_scope *row;
	scope_set bit;
	size_t service, nth;
};

static bool
scope_next(struct scope_iter *it)
{
	const struct fake_scope *rows;

	it->bit = it->bit ? it->bit << 1 : 1;
	for (; fake_services[it->service]; it->service++) {
		rows = fake_services[it->service]->scopes;
		if (rows && rows[it->nth].url) {
			it->row = &rows[it->nth++];
			return true;
		}
		it->nth = 0;
	}
	return false;
}

static scope_set
scope_bit(struct str name)
{
	for (struct scope_iter it = { 0 }; scope_next(&it);)
		if (str_is(name, it.row->url) || (it.row->alias && str_is(name, it.row->alias)))
			return it.bit;
	return 0;
}

bool
scopes_read(const char *text, scope_set *out)
{
	struct str rest = str_c(text);

	*out = 0;
	while (rest.p) {
		struct str one = str_cut(rest, ' ', &rest);

		if (one.n > 0 && scope_bit(one) == 0)
			return false;
		*out |= scope_bit(one);
	}
	return *out != 0;
}

const char *
scopes_text(struct arena *a, scope_set scopes)
{
	struct buf *b = buf_in(a, 4000);

	for (struct scope_iter it = { 0 }; scope_next(&it);)
		if (scopes & it.bit)
			buf_printf(b, "%s%s", b->n ? " " : "", it.row->url);
	return buf_c(b);
}

static bool
scope_ends(const char *url, struct str name)
{
	const char *slash = strrchr(url, '/');

	return str_is(name, slash ? slash + 1 : url);
}

bool
scopes_any(scope_set scopes, const char *names)
{
	for (struct scope_iter it = { 0 }; scope_next(&it);) {
		struct str rest = str_c(names);

		while ((scopes & it.bit) && rest.p)
			if (scope_ends(it.row->url, str_cut(rest, ' ', &rest)))
				return true;
	}
	return false;
}

scope_set
scopes_identity(void)
{
	scope_set all = 0;

	for (struct scope_iter it = { 0 }; scope_next(&it);)
		if (it.row->identity)
			all |= it.bit;
	return all;
}

json *
scopes_shown(struct arena *a, scope_set scopes)
{
	json *list = json_list(a);

	for (struct scope_iter it = { 0 }; scope_next(&it);) {
		json *one = json_new(a);

		if (!(scopes & it.bit))
			continue;
		json_set_str(one, "url", it.row->url);
		json_set_str(one, "words", it.row->words);
		json_set_bool(one, "fixed", it.row->identity);
		json_add(list, one);
	}
	return list;
}
