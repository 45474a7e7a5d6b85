/*
 * tally.c - what a comparison has counted, and whether it would lose too much (intake.h).
 */
#include "sync/blast.h"
#include "sync/read/intake.h"

int64_t
intake_stored_rows(const struct intake *in)
{
	int64_t rows = 0;

	for (size_t i = 0; i < in->n; i++)
		rows += in->sets[i].stored.rows;
	return rows;
}

struct tally
intake_tally(const struct intake *in)
{
	struct tally sum = { 0 };

	for (size_t i = 0; i < in->n; i++) {
		const struct tally *t = &in->sets[i].tally;
		sum.fetched += t->fetched;
		sum.added += t->added;
		sum.updated += t->updated;
		sum.deleted += t->deleted;
		sum.unchanged += t->unchanged;
		sum.skipped += t->skipped;
		sum.kept += t->kept;
		sum.ours += t->ours;
		sum.replaced += t->replaced;
	}
	if (in->delta) {
		int64_t rest = intake_stored_rows(in) - sum.updated - sum.deleted;

		sum.unchanged = rest > 0 ? rest : 0;
		sum.fetched = sum.unchanged + sum.added + sum.updated;
	}
	return sum;
}

static int64_t
set_lost(const struct intake_set *set)
{
	const struct tally *t = &set->tally;

	if (!set->rekeyed)
		return t->deleted - t->ours;
	return t->deleted > t->added ? t->deleted - t->added : 0;
}

int64_t
intake_lost(const struct intake *in)
{
	int64_t lost = 0;

	for (size_t i = 0; i < in->n; i++)
		lost += set_lost(&in->sets[i]);
	return lost;
}

/* A whole read meets all that is kept; a delta does not. */
static int64_t
set_kept(const struct intake *in, const struct intake_set *set)
{
	return in->delta ? set->kept_before : set->tally.kept;
}

bool
intake_large(const struct intake *in, bool of_all)
{
	int64_t kept = 0;
	static const struct conn_limits usual = { 0 };
	const struct conn_limits *l = in->conn ? &in->conn->limits : &usual;
	bool large;

	for (size_t i = 0; i < in->n && !of_all; i++)
		kept += set_kept(in, &in->sets[i]);
	large = blast_large(l, intake_stored_rows(in) - kept, intake_lost(in));
	for (size_t i = 0; i < in->n; i++) {
		const struct intake_set *s = &in->sets[i];

		kept = of_all ? 0 : set_kept(in, s);
		large = large || s->kept_rekeyed ||
		    blast_large(l, s->stored.rows - kept, set_lost(s));
	}
	return large;
}

bool
intake_rekeyed(const struct intake *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (in->sets[i].rekeyed)
			return true;
	return false;
}

int64_t
intake_replaced_share(const struct intake_set *set)
{
	return set->stored.rows > 0 ? set->tally.replaced * 100 / set->stored.rows : 0;
}

bool
intake_replaces(const struct intake_set *set)
{
	/* Under another key nothing is known of what a record was. */
	return !set->rekeyed &&
	    blast_replaces(
		&set->limits, set->stored.rows, set->tally.replaced, set->stored.replaced);
}

int64_t
intake_replaced(const struct intake *in)
{
	int64_t n = 0;

	for (size_t i = 0; i < in->n; i++)
		if (intake_replaces(&in->sets[i]))
			n += in->sets[i].tally.replaced;
	return n;
}

bool
intake_doubtful(const struct intake *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (in->sets[i].doubtful && in->sets[i].tally.deleted > 0)
			return true;
	return false;
}
