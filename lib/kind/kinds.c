/*
 * kinds.c - the table of kinds, made from kinds.def, and what is looked up in it.
 */
#include "kind/kind.h"

#include "base/buf.h"

enum { SCOPES_MAX = 4000 };

static const struct kind *const kinds[] = {
#define KIND(id) &kind_##id,
#include "kind/kinds.def"
#undef KIND
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

const struct kind *
kind_nth(size_t i)
{
	return i < KINDS ? kinds[i] : NULL;
}

const struct kind *
kind_receiving(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i]->receiver && !strcmp(kinds[i]->receiver->name, name))
			return kinds[i];
	return NULL;
}

const struct kind *
kind_called(const char *path)
{
	static const char under[] = "/api/webhooks/";

	if (str_starts(str_c(path), under))
		return kind_receiving(path + strlen(under));
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i]->receiver && kinds[i]->receiver->also &&
		    !strcmp(kinds[i]->receiver->also, path))
			return kinds[i];
	return NULL;
}

const struct kind *
kind_of_account(const char *account, size_t *i)
{
	while (*i < KINDS) {
		const struct kind *k = kinds[(*i)++];
		if (k->account && !strcmp(k->account, account))
			return k;
	}
	return NULL;
}

const struct kind *
kind_first_of(const char *account)
{
	size_t i = 0;

	return kind_of_account(account, &i);
}

static void
scopes_add(struct buf *b, const char *words)
{
	struct str rest = str_c(words);

	while (rest.p && rest.n) {
		struct str word = str_cut(rest, ' ', &rest);
		if (word.n && !str_has_word(buf_s(b), ' ', word))
			buf_printf(b, "%s%.*s", b->n ? " " : "", (int)word.n, word.p);
	}
}

const char *
kind_scopes(struct arena *a, const char *account)
{
	struct buf *b = buf_in(a, SCOPES_MAX);
	const struct kind *k;

	for (size_t i = 0; (k = kind_of_account(account, &i));) {
		scopes_add(b, k->scopes);
		scopes_add(b, k->more_scopes);
	}
	return buf_c(b);
}

const char *
kind_wants(struct arena *a, const struct kind *k, const char *had)
{
	struct buf *b = buf_in(a, SCOPES_MAX);

	scopes_add(b, k->scopes);
	scopes_add(b, k->more_scopes);
	scopes_add(b, had);
	return buf_c(b);
}
