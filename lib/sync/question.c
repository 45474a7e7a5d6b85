/*
 * question.c - see question.h.
 */
#include <stdio.h>

#include "base/hash.h"
#include "kind/kind.h"
#include "sync/question.h"
#include "sync/read/show.h"

/* What is asked, read from the plan. */
struct asking {
	struct hash *h;
	json *items;
	/* Of all items, in whatever order a service lists them: the same loss is the same
	 * question. */
	uint64_t sum[SHA256_LEN / sizeof(uint64_t)];
};

static void
question_hash(
    struct asking *w, const struct intake_set *set, const struct plan_item *it, struct str payload)
{
	const struct str name[] = { str_c(set->remote_id), it->key, payload };
	uint64_t one[SHA256_LEN / sizeof(uint64_t)];
	unsigned char digest[SHA256_LEN];
	char head[32];

	hash_begin(w->h);
	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		int n = snprintf(head, sizeof head, "%d %zu ", (int)it->op, name[i].n);

		hash_add(w->h, head, (size_t)n);
		hash_add(w->h, name[i].p, name[i].n);
	}
	hash_end(w->h, digest);
	memcpy(one, digest, sizeof one);
	for (size_t i = 0; i < sizeof one / sizeof *one; i++)
		w->sum[i] += one[i];
}

/* One item of the plan. Under another key it is not known which records come back: none is
 * listed then. */
static void
question_item(struct ctx *cx, void *arg, const struct intake_set *set, const struct plan_item *it)
{
	struct asking *w = arg;
	const bool replaces = it->op == PLAN_REPLACE && intake_replaces(set);

	if ((it->op == PLAN_DELETE || replaces) && !set->rekeyed &&
	    json_len(w->items) < INTAKE_PREVIEW_ROWS)
		json_add(w->items, json_string(cx->a, it->key));
	if (it->op == PLAN_DELETE || replaces || (set->rekeyed && it->op != PLAN_BACK))
		question_hash(w, set, it, replaces ? it->payload : str_c(""));
}

/* One item of the plan, of the dataset that it belongs to. */
typedef void
question_each(struct ctx *, void *, const struct intake_set *, const struct plan_item *);

static enum rc
question_read(
    struct ctx *cx, const struct spool *sp, const struct intake *in, question_each *each, void *arg)
{
	const struct intake_set *set = NULL;
	struct plan_reader *rd;
	struct plan_item it;
	int64_t offset;
	bool more = true;

	TRY(plan_open(cx, sp, 0, &rd));
	while (true) {
		TRY(plan_next(cx, rd, &more, &it, &offset));
		if (!more)
			return RC_OK;
		if (it.op == PLAN_DATASET)
			set = &in->sets[it.seq];
		else if (set)
			each(cx, arg, set, &it);
	}
}

struct refusing {
	struct keyset *keys;
	int64_t n;
};

static void
question_refused(
    struct ctx *cx, void *arg, const struct intake_set *set, const struct plan_item *it)
{
	struct refusing *w = arg;

	(void)cx;
	if (it->op != PLAN_REPLACE || !intake_replaces(set))
		return;
	keyset_add(w->keys, it->key);
	w->n++;
}

enum rc
question_refuses(struct ctx *cx, const struct spool *sp, const struct intake *in,
    struct keyset *keys, int64_t *n)
{
	struct refusing w = { .keys = keys };

	TRY(question_read(cx, sp, in, question_refused, &w));
	*n = w.n;
	return RC_OK;
}

static enum rc
question_ask(struct ctx *cx, const struct spool *sp, const struct intake *in, json **review)
{
	struct asking w = { .h = hash_new(cx->a), .items = json_list(cx->a) };
	struct tally t = intake_tally(in);
	struct listing list = { .limit = LISTING_LIMIT };
	unsigned char sum[SHA256_LEN];
	char plan[SHA256_HEX];
	json *o = json_new(cx->a);

	TRY(question_read(cx, sp, in, question_item, &w));
	list.changes = json_list(cx->a);
	TRY(show_harm(cx, in, sp, &list));
	hash_begin(w.h);
	hash_add(w.h, w.sum, sizeof w.sum);
	hash_end(w.h, sum);
	hex_encode(sum, sizeof sum, plan);
	json_set_i64(o, "stored", intake_stored_rows(in));
	json_set_i64(o, "deletions", intake_lost(in));
	json_set_i64(o, "added", t.added);
	json_set_i64(o, "updated", t.updated);
	json_set_i64(o, "replaced", intake_replaced(in));
	json_set(o, "items", w.items);
	json_set(o, "changes", list.changes);
	json_set_str(o, "plan", plan);
	*review = o;
	return RC_OK;
}

/* What a person has said so far: read anew, for the answer may have come while this run read. */
enum rc
question_judge(struct ctx *cx, struct db *db, const struct conn *c, const struct spool *sp,
    const struct intake *in, struct judgement *out)
{
	const bool replaces = intake_replaced(in) > 0, doubt = intake_doubtful(in);
	struct blast_case b = {
		.deletions = intake_tally(in).deleted - intake_tally(in).ours,
		.large = intake_large(in, false),
		.large_of_all = intake_large(in, true) || replaces || doubt,
		.kept = intake_tally(in).kept > 0,
		.plan = "",
	};
	struct conn now;

	*out = (struct judgement){ BLAST_APPLY, NULL };
	TRY(conn_get(cx, db, c->owner, c->id, &now));
	b.answer = now.guard;
	b.given_for = now.guard_plan;
	/* Under another key, a record that comes back is none that is lost. */
	if (intake_rekeyed(in) && !b.large && intake_lost(in) == 0)
		b.deletions = 0;
	b.deletions += intake_replaced(in);
	/* Who wants to be asked is, however little it is. */
	b.large |= replaces || doubt || in->again > 0;
	if (b.deletions == 0 || (!b.large && strcmp(b.answer, "keep")))
		return RC_OK;
	TRY(question_ask(cx, sp, in, &out->review));
	b.plan = json_str(out->review, "plan");
	out->verdict = blast_decide(&b);
	return RC_OK;
}

static const char source[] = "The source";

const char *
question_text(struct arena *a, const struct intake *in)
{
	const long long lost = intake_lost(in), replaced = intake_replaced(in);
	const long long stored = intake_stored_rows(in);
	const char *whose = in->provider->kind ? kind_place(in->provider->kind->id, source)
					       : source;

	if (replaced && lost)
		return arena_printf(a,
		    "%s now lacks %lld of the %lld records and has other values in %lld.", whose,
		    lost, stored, replaced);
	if (replaced)
		return arena_printf(a,
		    "%s now has other values in %lld of the %lld records: most of what "
		    "each of them holds would be replaced.",
		    whose, replaced, stored);
	return arena_printf(a, "%s now lacks %lld of the %lld records.", whose, lost, stored);
}
