/*
 * compare.c - see compare.h.
 */
#include <stdio.h>

#include "store/change.h"
#include "store/link.h"
#include "sync/parted.h"
#include "sync/read/compare.h"
#include "sync/read/echo.h"
#include "sync/read/parser.h"

enum { PROGRESS_ROWS = 256 };

static struct comparer *
comparer_of(struct intake *in)
{
	return (struct comparer *)in;
}

static enum rc
comparer_item(struct ctx *cx, struct intake *in, const struct plan_item *it)
{
	return comparer_of(in)->item(cx, comparer_of(in), it);
}

static enum rc
comparer_begin(struct ctx *cx, struct intake *in)
{
	TRY(match_new(cx, in->db, &in->set->stored, in->delta, &in->set->match));
	return comparer_item(
	    cx, in, &(struct plan_item){ .op = PLAN_DATASET, .seq = (int64_t)in->n - 1 });
}

static enum rc
comparer_undecided(struct ctx *cx, struct intake *in)
{
	struct comparer *c = comparer_of(in);

	if (!c->finds) {
		c->unknown = true;
		return fail(cx, E_ENOUGH, NULL);
	}
	for (size_t i = 0; i < c->finds->n; i++)
		if (!strcmp(c->finds->v[i].remote_id, in->set->remote_id)) {
			in->set->rule = c->finds->v[i].rule;
			in->set->rule.form = KEY_FORM;
		}
	return RC_OK;
}

/* A key that comes again in a delta was counted when it came first: as gone, or as kept. */
static void
count_again(struct tally *t, const struct match_found *f)
{
	if (!f->undone)
		return;
	if (f->back)
		t->kept--;
	else
		t->deleted--;
	t->updated++;
}

static enum rc
place_back(
    struct ctx *cx, struct intake *in, const struct match_in *row, const struct match_found *f)
{
	return comparer_item(cx, in,
	    &(struct plan_item){
		.op = PLAN_BACK,
		.seq = f->seq,
		.rev = f->rev,
		.key = buf_s(row->key),
	    });
}

/* Does the row have the key of the record, and not what tells it, or hardly anything else of it?
 * That the one value of a record changes (a rate, a price) says nothing. */
static bool
is_replaced(const struct intake_set *set, const struct row_diff *d)
{
	const int64_t keys = set->rule.kind == KEY_COLUMNS ? (int64_t)set->rule.n : 0;

	return d->told || (d->changed > 1 && d->changed * 2 > d->values - keys);
}

/* Of kinds that both sides edit: was it we who wrote it there, since the last read? Where that is
 * forgotten, since the record was written that the row differs from. */
static enum rc
is_ours(struct ctx *cx, const struct intake *in, struct str key, int64_t changed, bool *ours)
{
	const json *cursor = in->conn ? json_stored(cx->a, in->conn->cursor) : NULL;
	struct change_mark mark;
	struct link l;

	*ours = false;
	if (!in->provider->reader->twins || !in->conn)
		return RC_OK;
	TRY(link_of_remote(
	    cx, in->db, in->conn->owner, in->conn->id, arena_dup_str(cx->a, key), &l));
	if (!l.id)
		return RC_OK;
	mark = (struct change_mark){
		.owner = in->conn->owner,
		.object = &l.object,
		.connection_id = in->conn->id,
		.after = json_num(cursor, "asOf", 0),
		.from = json_has(cursor, "asOf") ? 0 : changed,
	};
	return change_sent(cx, in->db, &mark, ours);
}

static enum rc
place_update(struct ctx *cx, struct intake *in, const struct match_in *row,
    const struct match_found *f, enum plan_op *op)
{
	struct tally *t = &in->set->tally;
	bool ours;

	t->updated += !f->again;
	*op = PLAN_UPDATE;
	if (!is_replaced(in->set, &f->diff))
		return RC_OK;
	TRY(is_ours(cx, in, buf_s(row->key), f->changed, &ours));
	t->replaced += !ours && !f->again;
	*op = ours ? PLAN_UPDATE : PLAN_REPLACE;
	return RC_OK;
}

/* Of one whose values were refused before: it stays so, or is judged anew. */
static void
count_refused(struct intake *in, const struct match_in *row, const struct match_found *f, bool echo)
{
	if (f->refused && (f->kind == MATCH_SAME || echo))
		keyset_add(in->refused, buf_s(row->key));
	else if (f->refused && !f->again)
		in->released++;
}

static enum rc
place_item(
    struct ctx *cx, struct intake *in, const struct match_in *row, const struct match_found *f)
{
	struct tally *t = &in->set->tally;
	struct plan_item item = { 0 };
	bool echo = false;

	if (f->kind == MATCH_DIFFERENT && !f->again)
		TRY(echo_met(cx, in, buf_s(row->key), row->payload, &echo));
	count_refused(in, row, f, echo);
	switch (f->kind) {
	case MATCH_SAME:
	case MATCH_AGAIN:
	case MATCH_LATE:
		t->unchanged += f->kind == MATCH_SAME;
		return RC_OK;
	case MATCH_NEW:
	case MATCH_REVIVED:
		t->added += !f->again;
		item.op = f->kind == MATCH_NEW ? PLAN_ADD : PLAN_REVIVE;
		break;
	case MATCH_DIFFERENT:
		t->unchanged += echo;
		item.op = PLAN_ECHO;
		if (!echo)
			TRY(place_update(cx, in, row, f, &item.op));
		break;
	}
	count_again(t, f);
	item.seq = f->seq;
	item.rev = f->rev;
	item.key = buf_s(row->key);
	item.payload = row->payload;
	return comparer_item(cx, in, &item);
}

static enum rc
place_found(struct ctx *cx, void *arg, const struct match_in *row, const struct match_found *f)
{
	if (f->back)
		TRY(place_back(cx, arg, row, f));
	return place_item(cx, arg, row, f);
}

static enum rc
place_row(struct ctx *cx, struct intake *in, const struct row *row, bool own)
{
	struct intake_set *set = in->set;
	const struct match_in one = {
		.key = in->key,
		.payload = buf_s(in->payload),
		.own = own && set->rule.kind != KEY_CONTENT,
		.page = row->page,
		.line = row->line,
	};
	struct match_found f;

	TRY(match_row(cx, set->match, &one, &f));
	if (f.repeats && set->repeated++ == 0)
		set->first_repeated = row->line;
	if (f.kind == MATCH_AGAIN) {
		set->again++;
		set->tally.fetched--;
	}
	return place_found(cx, in, &one, &f);
}

static enum rc
comparer_row(struct ctx *cx, struct intake *in, const struct row *row)
{
	struct comparer *c = comparer_of(in);
	bool no_value;

	TRY(intake_rule(cx, in, row));
	TRY(intake_key(cx, in, row, &no_value));
	in->set->no_key += no_value;
	TRY(place_row(cx, in, row, !no_value));
	if (in->set->tally.fetched % PROGRESS_ROWS)
		return RC_OK;
	return progress_move(cx, c->progress,
	    (struct moved){ PHASE_PROCESSING, c->read_bytes, c->total_bytes },
	    "Comparing, %lld records so far", (long long)intake_tally(in).fetched);
}

/* Rows without a key of their own change with each of their values, so nothing can be told. */
static bool
comparer_is_last(struct ctx *cx, struct intake *in, const struct row *row)
{
	struct str last = str_c(arena_dup_str(cx->a, buf_s(in->key)));
	bool no_value, same;

	if (in->set->rule.kind == KEY_CONTENT)
		return true;
	intake_arrange(in, row);
	if (intake_key(cx, in, row, &no_value) != RC_OK)
		return true;
	same = no_value || str_eq(buf_s(in->key), last);
	buf_clear(in->key);
	buf_add(in->key, last.p, last.n);
	return same;
}

/* Of kinds that both sides edit: was that it is gone agreed on already, for it was deleted here, or
 * went by us? */
static enum rc
comparer_agreed(struct ctx *cx, const struct intake *in, struct str key, bool *agreed)
{
	struct link l;

	*agreed = false;
	if (!in->provider->reader->twins || !in->conn)
		return RC_OK;
	TRY(link_of_remote(
	    cx, in->db, in->conn->owner, in->conn->id, arena_dup_str(cx->a, key), &l));
	*agreed = l.id && !l.base;
	return l.id ? RC_OK
		    : parted_is(cx, in->db, in->conn->owner, in->set->stored.no, key, agreed);
}

static enum rc
comparer_lost(struct ctx *cx, void *arg, const struct match_seen *gone)
{
	struct intake *in = arg;
	bool agreed;

	/* Under another key what was kept could not be known again when it comes back. */
	if (gone->kept && !in->set->rekeyed && !in->asks) {
		in->set->tally.kept++;
		return RC_OK;
	}
	in->set->kept_rekeyed |= gone->kept && in->set->rekeyed;
	TRY(comparer_agreed(cx, in, gone->key, &agreed));
	in->again += gone->kept && !gone->edited && !agreed;
	in->set->tally.deleted += !gone->edited;
	in->set->tally.ours += !gone->edited && agreed;
	in->released += gone->refused;
	return comparer_item(cx, in,
	    &(struct plan_item){
		.op = PLAN_DELETE,
		.seq = gone->seq,
		.rev = gone->rev,
		.key = gone->key,
		.payload = comparer_of(in)->why,
		.edited = gone->edited,
	    });
}

/* A delta names what is gone. */
static enum rc
comparer_gone(struct ctx *cx, struct intake *in, struct str key, const char *why)
{
	struct comparer *c = comparer_of(in);
	bool no_value;
	enum rc rc;

	buf_clear(in->key);
	key_make(&in->set->rule, &(struct key_row){ .source_key = key }, in->key, &no_value);
	c->why = str_c(why);
	rc = match_gone_key(cx, in->set->match, buf_s(in->key), comparer_lost, in);
	c->why = (struct str){ 0 };
	return rc;
}

/* Rows that have their key in common with others. */
static void
comparer_repeats(struct intake *in)
{
	const struct intake_set *set = in->set;
	char text[300];

	if (set->repeated) {
		snprintf(text, sizeof text,
		    "Rows with the key of another row: %lld, the first on line %lld. They are told "
		    "apart by what they hold.%s",
		    (long long)set->repeated, (long long)set->first_repeated,
		    set->rule.kind == KEY_COLUMNS ? " Choose a key that every row has for itself."
						  : "");
		intake_warn(in, "key_repeated", arena_dup(in->a, text));
	}
	if (set->again) {
		snprintf(text, sizeof text,
		    "Items that came on two pages, for the list moved while it was read: %lld. "
		    "Each is one record.",
		    (long long)set->again);
		intake_warn(in, "met_twice", arena_dup(in->a, text));
	}
}

static enum rc
comparer_keys(struct ctx *cx, struct intake *in)
{
	struct intake_set *set = in->set;
	char text[300];

	if (!set->rule_ready)
		TRY(intake_rule(cx, in, &(struct row){ 0 }));
	if (set->rule.wanted && *set->rule.wanted && set->tally.fetched &&
	    set->no_key == set->tally.fetched)
		return fail(cx, E_KEY_COLUMN, "The key column \"%.100s\" is empty in every row.",
		    set->rule.wanted);
	if (set->no_key) {
		snprintf(text, sizeof text,
		    "%lld rows have nothing in the key column; "
		    "they are told apart by their whole content.",
		    (long long)set->no_key);
		intake_warn(in, "key_empty", arena_dup(in->a, text));
	}
	comparer_repeats(in);
	if (set->rekeyed)
		intake_warn(in, "key_changed",
		    "Another key was chosen: every record was read again under its new key.");
	return RC_OK;
}

static enum rc
comparer_end(struct ctx *cx, struct intake *in)
{
	struct intake_set *set = in->set;

	TRY(match_late(cx, set->match, place_found, in));
	TRY(comparer_keys(cx, in));
	if (in->delta && set->tally.deleted > 0 && set->stored.no > 0)
		TRY(match_kept(cx, set->match, &set->kept_before));
	/* Under another key every record is a new one. */
	if (in->cut || in->delta || (set->torn && !set->rekeyed))
		return RC_OK;
	return match_gone(cx, set->match, comparer_lost, in);
}

const struct intake_use comparing = {
	.begin = comparer_begin,
	.undecided = comparer_undecided,
	.row = comparer_row,
	.gone = comparer_gone,
	.is_last = comparer_is_last,
	.end = comparer_end,
};

/* A dataset that the source does not have any more: all of its records are gone. Its columns
 * stay as they were. */
static enum rc
set_vanished(struct ctx *cx, struct intake *in, const struct dataset *d)
{
	char text[300];

	snprintf(text, sizeof text, "\"%.200s\" is not in the source any more.", d->name);
	intake_warn(in, arena_printf(in->a, "table_gone_%s", d->remote_id), arena_dup(in->a, text));
	TRY(intake_dataset(cx, in, d->remote_id, d->name));
	TRY(match_gone(cx, in->set->match, comparer_lost, in));
	in->set = NULL;
	return RC_OK;
}

static enum rc
sets_vanished(struct ctx *cx, struct intake *in)
{
	struct dataset_list list = { 0 };

	if (!(in->provider->kind->caps & KIND_TABLES) || in->cut || in->delta || !in->db ||
	    !in->conn)
		return RC_OK;
	TRY(dataset_list(cx, in->db, in->conn->owner, in->conn->id, &list));
	for (size_t i = 0; i < list.n; i++) {
		size_t k = 0;

		while (k < in->n && strcmp(in->sets[k].remote_id, list.v[i].remote_id))
			k++;
		if (k == in->n && list.v[i].rows > 0)
			TRY(set_vanished(cx, in, &list.v[i]));
	}
	return RC_OK;
}

/* One pass over what was read. */
static enum rc
compare_once(struct ctx *cx, const struct comparison *j, const struct key_finds *finds,
    struct comparer **out)
{
	struct comparer *c;

	TRY(j->make(cx, j->arg, &c));
	*out = c;
	c->finds = finds;
	c->progress = j->progress;
	c->total_bytes = j->spool->bytes;
	c->in.cut = j->cut;
	c->in.delta = j->delta;
	const struct parsing p = {
		.provider = j->from.provider,
		.source = j->source,
		.spool = j->spool,
		.cut = j->cut,
		.delta = j->delta,
		.read_bytes = &c->read_bytes,
	};
	TRY(parser_run(cx, &p, &c->in.sink));
	TRY(intake_end(cx, &c->in));
	TRY(sets_vanished(cx, &c->in));
	intake_people(&c->in);
	return RC_OK;
}

enum rc
compare_all(struct ctx *cx, const struct comparison *j, struct comparer **out)
{
	struct key_finds *finds = arena_alloc(cx->a, sizeof *finds);
	enum rc rc;

	*out = NULL;
	rc = compare_once(cx, j, NULL, out);
	if (rc == RC_OK || !*out || !(*out)->unknown)
		return rc;
	TRY(sample_keys(cx, &j->from, j->spool, j->cut, finds));
	return compare_once(cx, j, finds, out);
}
