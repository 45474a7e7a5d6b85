/*
 * journal.c - which calls there were: the newest JOURNAL_KEPT. Their texts live in two arenas, of
 * which the older is emptied when the newer is full of entries.
 */
#include "fake/core/call.h"

enum { JOURNAL_KEPT = 2000 };

struct entry {
	int64_t at;
	const char *method, *path; /* no query */
	const char *who, *token;
	int status;
	const char *fault;
};

struct journal {
	struct entry v[JOURNAL_KEPT];
	size_t n; /* in all */
	struct arena *half[2];
};

void
journal_init(struct fake *f)
{
	f->journal = arena_alloc(f->a, sizeof *f->journal);
	for (size_t i = 0; i < 2; i++)
		f->journal->half[i] = arena_new("fake journal", (size_t)64 << 20, 0);
}

void
journal_free(struct fake *f)
{
	arena_free(f->journal->half[0]);
	arena_free(f->journal->half[1]);
}

void
journal_reset(struct fake *f)
{
	f->journal->n = 0;
}

void
journal_call(struct call *c, const char *path)
{
	struct journal *j = c->f->journal;
	struct arena *a = j->half[j->n / JOURNAL_KEPT % 2];

	if (j->n % JOURNAL_KEPT == 0)
		arena_reset(a);
	j->v[j->n % JOURNAL_KEPT] = (struct entry){
		.at = fake_now(c->f),
		.method = arena_dup(a, c->req->method),
		.path = arena_dup_str(a, str_utf8_cut(str_c(path), 500)),
		.who = c->who ? c->who->email : NULL,
		.token = arena_dup(a, bearer_of(c)),
		.status = c->rep->fate == FAKE_RESET ? 0 : c->rep->status,
		.fault = c->fault,
	};
	j->n++;
}

int64_t
journal_count(const struct fake *f)
{
	return (int64_t)f->journal->n;
}

json *
journal_report(const struct fake *f, struct arena *a)
{
	const struct journal *kept = f->journal;
	json *list = json_list(a);

	for (size_t i = kept->n > JOURNAL_KEPT ? kept->n - JOURNAL_KEPT : 0; i < kept->n; i++) {
		const struct entry *e = &kept->v[i % JOURNAL_KEPT];
		json *j = json_new(a);

		json_set_i64(j, "at_ms", e->at);
		json_set_str(j, "method", e->method);
		json_set_str(j, "path", e->path);
		json_set_i64(j, "status", e->status);
		json_set_str(j, "who", e->who);
		json_set_str(j, "token", e->token);
		json_set_str(j, "fault", e->fault);
		json_add(list, j);
	}
	return list;
}
