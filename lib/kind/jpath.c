/*
 * jpath.c - see jpath.h.
 */
#include "kind/jpath.h"

#include "base/buf.h"

/* A path being read: p is what is left, out grows by steps. */
struct reader {
	struct arena *a;
	struct str s;
	struct jpath *out;
	const char *why;
};

static bool
add_step(struct reader *r, struct str name, bool number)
{
	int64_t index;

	if (r->out->n == JPATH_STEPS) {
		r->why = "it has more than 16 steps";
		return false;
	}
	if (!str_i64(name, 0, INT32_MAX, &index)) {
		index = -1;
		if (number) {
			r->why = "between [ and ] there must be a number, or a name in quotes";
			return false;
		}
	}
	r->out->step[r->out->n].name = (struct str){ arena_dup_str(r->a, name), name.n };
	r->out->step[r->out->n++].index = index;
	return true;
}

static bool
read_bracket(struct reader *r)
{
	const char quote = r->s.n > 1 && (r->s.p[1] == '"' || r->s.p[1] == '\'') ? r->s.p[1] : '\0';
	const size_t from = quote ? 2 : 1;
	const char close = quote ? quote : ']';
	const char *end = r->s.n > from ? memchr(r->s.p + from, close, r->s.n - from) : NULL;
	struct str name;

	if (!end || (quote && (end + 1 == r->s.p + r->s.n || end[1] != ']'))) {
		r->why = "a [ has no ] after it";
		return false;
	}
	name = (struct str){ r->s.p + from, (size_t)(end - r->s.p) - from };
	end += quote ? 2 : 1;
	r->s = (struct str){ end, r->s.n - (size_t)(end - r->s.p) };
	/* All items of the last list: that is what is read anyway. */
	if (!quote && str_is(name, "*") && r->s.n == 0)
		return true;
	return add_step(r, name, !quote);
}

static bool
read_dotted(struct reader *r)
{
	bool first = true;

	if (r->s.n > 0 && r->s.p[0] == '$' &&
	    (r->s.n == 1 || r->s.p[1] == '.' || r->s.p[1] == '[')) {
		r->s = (struct str){ r->s.p + 1, r->s.n - 1 };
		first = false;
	}
	while (r->s.n > 0) {
		size_t n = 0;

		if (r->s.p[0] == '[') {
			if (!read_bracket(r))
				return false;
			first = false;
			continue;
		}
		if (!first) {
			if (r->s.p[0] != '.') {
				r->why = "there must be a dot between two names";
				return false;
			}
			r->s = (struct str){ r->s.p + 1, r->s.n - 1 };
		}
		while (n < r->s.n && r->s.p[n] != '.' && r->s.p[n] != '[')
			n++;
		if (n == 0) {
			r->why = "a name is missing beside a dot";
			return false;
		}
		if (!add_step(r, (struct str){ r->s.p, n }, false))
			return false;
		r->s = (struct str){ r->s.p + n, r->s.n - n };
		first = false;
	}
	return true;
}

/* RFC 6901. */
static bool
read_pointer(struct reader *r)
{
	struct str rest = { r->s.p + 1, r->s.n - 1 };

	while (rest.p) {
		const struct str part = str_cut(rest, '/', &rest);
		char *name = arena_alloc(r->a, part.n + 1);
		size_t n = 0;

		for (size_t i = 0; i < part.n; i++) {
			name[n++] = part.p[i];
			if (part.p[i] != '~')
				continue;
			if (++i == part.n || (part.p[i] != '0' && part.p[i] != '1')) {
				r->why = "after ~ there must be 0 or 1";
				return false;
			}
			name[n - 1] = part.p[i] == '0' ? '~' : '/';
		}
		if (!add_step(r, (struct str){ name, n }, false))
			return false;
	}
	return true;
}

bool
jpath_parse(struct arena *a, const char *text, struct jpath *out, const char **why)
{
	struct reader r = { .a = a, .s = str_trim(str_c(text)), .out = out, .why = "" };
	bool ok;

	out->n = 0;
	ok = str_starts(r.s, "/") ? read_pointer(&r) : read_dotted(&r);
	*why = r.why;
	return ok;
}

static bool
is_plain(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (strchr(".[]\"'/$ ", name.p[i]) || name.p[i] == '\0')
			return false;
	return name.n > 0;
}

const char *
jpath_text(struct arena *a, const struct jpath *path)
{
	struct buf *b = buf_in(a, 4096);

	for (size_t i = 0; i < path->n; i++) {
		const struct str name = path->step[i].name;

		if (path->step[i].index >= 0)
			buf_printf(b, "[%lld]", (long long)path->step[i].index);
		else if (is_plain(name))
			buf_printf(b, "%s%.*s", b->n > 0 ? "." : "", (int)name.n, name.p);
		else
			buf_printf(b, "%s[\"%.*s\"]", b->n > 0 ? "" : "$", (int)name.n, name.p);
	}
	if (b->n == 0)
		return "$";
	return b->p[0] == '[' ? arena_printf(a, "$%s", b->p) : buf_c(b);
}

bool
jpath_same(const struct jpath *a, const struct jpath *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (!str_eq(a->step[i].name, b->step[i].name) ||
		    a->step[i].index != b->step[i].index)
			return false;
	return a->n == b->n;
}
