/*
 * apply.c - see apply.h. Every transaction first renews the lease with its fencing number: a worker
 * that lost it writes nothing. Others write records too: what is needed of the dataset is read anew
 * in each transaction, and an item is done only to the record that it was decided on. One that has
 * moved since is decided again (decided.h).
 */
#include "base/clock.h"
#include "base/rand.h"
#include "base/step.h"
#include "store/change.h"
#include "store/removal.h"
#include "store/view.h"
#include "sync/read/apply.h"
#include "sync/read/decided.h"

/* A write that meets no row has been lost. */
static enum rc
row_written(struct ctx *cx, int64_t changed)
{
	return changed == 1 ? RC_OK : fail(cx, E_BUG, "A row was not there to be written.");
}

/* "Keep" to a dataset that gets another key, with fewer records than before: which of them are to
 * be kept cannot be known then, so all of it stays as it is, and what the same question asked
 * about with it. */
static bool
dataset_held(const struct apply *ap, const json *d)
{
	return ap->held && (json_flag(d, "rekeyed", false) || json_flag(d, "replaces", false));
}

/* "Keep" to what would be replaced: just that stays. */
static bool
dataset_refuses(const struct apply *ap, const json *d)
{
	return ap->keep && !ap->held && json_flag(d, "replaces", false);
}

static enum rc
target_load(struct ctx *cx, struct apply *ap, int64_t index, struct apply_set *out)
{
	json *d = json_nth(json_at(ap->plan, "datasets"), (size_t)index);
	struct dataset_list list;

	TRY(dataset_list(cx, ap->db, ap->job->conn.owner, ap->job->conn.id, &list));
	for (size_t i = 0; i < list.n; i++)
		if (!strcmp(list.v[i].remote_id, json_str(d, "remoteId"))) {
			*out = (struct apply_set){
				.no = list.v[i].no,
				.first = list.v[i].no << SEQ_SHIFT,
				.next_seq = list.v[i].next_seq,
				.held = dataset_held(ap, d),
				.refuses = dataset_refuses(ap, d),
				.columns = json_at(d, "columns"),
			};
			return RC_OK;
		}
	return fail(cx, E_BUG, "A dataset of the plan is not there.");
}

static enum rc
dataset_add(struct ctx *cx, struct apply *ap, const struct dataset *as, struct dataset **out)
{
	const struct conn *c = &ap->job->conn;
	struct dataset *ds = arena_alloc(cx->a, sizeof *ds);
	char id[UUID_TEXT];

	*ds = *as;
	/* Cleared, it is the same dataset for who follows its feed. */
	TRY(removal_id(cx, ap->db, c->owner, c->id, as->remote_id, &ds->id));
	if (!ds->id)
		ds->id = arena_dup(cx->a, rand_uuid(id));
	ds->connection_id = c->id;
	ds->owner = c->owner;
	ds->created_at = clock_ms();
	TRY(dataset_number(cx, ap->db, &ds->no));
	*out = ds;
	const struct db_arg args[P_APPLY_DATASET_ADD__N] = {
		[P_APPLY_DATASET_ADD_NO] = db_i(ds->no),
		[P_APPLY_DATASET_ADD_ID] = db_s(ds->id),
		[P_APPLY_DATASET_ADD_CONNECTION_ID] = db_s(c->id),
		[P_APPLY_DATASET_ADD_OWNER] = db_s(c->owner),
		[P_APPLY_DATASET_ADD_REMOTE_ID] = db_s(ds->remote_id),
		[P_APPLY_DATASET_ADD_NAME] = db_s(ds->name),
		[P_APPLY_DATASET_ADD_COLUMNS] = db_s(ds->columns),
		[P_APPLY_DATASET_ADD_KEY_RULE] = db_s(ds->key_rule),
		[P_APPLY_DATASET_ADD_CREATED_AT] = db_i(ds->created_at),
		[P_APPLY_DATASET_ADD_READING] = db_s(ds->reading),
		[P_APPLY_DATASET_ADD_REPEATS] = db_i(ds->repeats),
	};
	return db_run_named(cx, ap->db, NULL, Q_APPLY_DATASET_ADD, args, P_APPLY_DATASET_ADD__N);
}

/* It may be of a program whose views rounded long numbers, and which kept nothing of how a source
 * is read. */
static bool
view_may_be_old(const struct dataset *ds)
{
	return ds->reading && !strcmp(ds->reading, "{}");
}

/* Creates or updates the rows of all datasets of the plan, so that whoever reads sees payloads
 * with their columns. */
static enum rc
datasets_save(struct ctx *cx, struct apply *ap)
{
	const struct conn *c = &ap->job->conn;
	json *list = json_at(ap->plan, "datasets");
	int64_t n = 1;

	for (size_t i = 0; i < json_len(list); i++) {
		json *d = json_nth(list, i);
		const struct dataset as = {
			.remote_id = json_str(d, "remoteId"),
			.name = json_str(d, "name"),
			.columns = json_text(cx->a, json_at(d, "columns")),
			.key_rule = json_text(cx->a, json_at(d, "keyRule")),
			.reading = json_text(cx->a, json_at(d, "reading")),
			.repeats = json_flag(d, "repeats", false),
		};
		struct dataset_list have;
		struct dataset *ds = NULL;

		if (dataset_held(ap, d))
			continue;
		TRY(dataset_list(cx, ap->db, c->owner, c->id, &have));
		for (size_t k = 0; k < have.n; k++)
			if (!strcmp(have.v[k].remote_id, as.remote_id))
				ds = &have.v[k];
		if (ds)
			TRY(db_run(cx, ap->db, &n, Q_APPLY_DATASET_UPDATE, "isssssii", ds->no,
			    c->owner, as.name, as.columns, as.key_rule, as.reading,
			    dataset_refuses(ap, d) ? INT64_C(0) : json_num(d, "replaced", 0),
			    (int64_t)as.repeats));
		else
			TRY(dataset_add(cx, ap, &as, &ds));
		TRY(row_written(cx, n));
		if (!ds->view_name || strcmp(ds->columns, as.columns) || view_may_be_old(ds))
			TRY(view_sync(cx, ap->db, ds, json_at(d, "columns")));
	}
	return RC_OK;
}

static enum rc
add_try(struct ctx *cx, struct apply *ap, struct apply_set *t, struct str key, struct str payload,
    bool *added)
{
	int64_t changed;

	TRY(db_run(cx, ap->db, &changed, Q_APPLY_ADD, "iiSSii", t->first + t->next_seq, t->no, key,
	    payload, ap->now, ap->job->run.no));
	*added = changed > 0;
	if (*added) {
		t->next_seq++;
		t->rows_delta++;
		t->bytes_delta += (int64_t)(key.n + payload.n);
		ap->at->added++;
	}
	return RC_OK;
}

/* A record that is new, but its key is there already. Another new record of the same read has it:
 * this one gets the next free "#n". In a delta that is the same record once more; and one that
 * somebody else has made meanwhile is brought together with it. */
static enum rc
add_record(struct ctx *cx, struct apply *ap, struct apply_set *t, const struct plan_item *it)
{
	struct str key = it->key;
	struct decided_row row;
	bool added;

	TRY(add_try(cx, ap, t, key, it->payload, &added));
	if (added)
		return RC_OK;
	TRY(decided_find(cx, ap, t, key, &row));
	if (ap->delta || row.sync_no < ap->first_run)
		return decided_apply(cx, ap, t, it, &row);
	while (!added) {
		key = str_c(arena_printf(cx->a, "%.*s#%lld", (int)it->key.n, it->key.p,
		    (long long)repeats_next(ap->repeats, it->key)));
		TRY(add_try(cx, ap, t, key, it->payload, &added));
	}
	return RC_OK;
}

/* Of an item whose record is not as it was when it was decided. */
static enum rc
moved_record(struct ctx *cx, struct apply *ap, struct apply_set *t, const struct plan_item *it)
{
	struct decided_row row;

	TRY(decided_find(cx, ap, t, it->key, &row));
	if (row.found)
		return decided_apply(cx, ap, t, it, &row);
	/* Its tombstone was swept away; or a row of this delta that was not taken is gone again. */
	if (it->op == PLAN_REVIVE)
		return add_record(cx, ap, t, it);
	if (it->op == PLAN_DELETE && !it->seq)
		return RC_OK;
	return fail(cx, E_BUG, "A record of the plan is not there.");
}

/* Keeps what it was. *found false: it has moved since. *bytes: what it took. */
static enum rc
change_before(struct ctx *cx, struct apply *ap, const struct plan_item *it, int64_t action,
    int64_t *bytes, bool *found)
{
	struct str why = it->op == PLAN_DELETE && it->payload.n ? it->payload : (struct str){ 0 };
	const enum sql q = Q_APPLY_BEFORE;

	*found = false;
	if (!it->rev)
		return RC_OK;
	TRY(db_row(cx, ap->db, found, q, "iiiiisS", it->seq, ap->job->run.no, ap->now, action,
	    it->rev, ap->job->conn.owner, why));
	*bytes = *found ? (int64_t)(it->key.n + db_str(ap->db, q, 0).n) : 0;
	db_reset(ap->db, q);
	return RC_OK;
}

static enum rc
change_record(struct ctx *cx, struct apply *ap, struct apply_set *t, const struct plan_item *it)
{
	static const int64_t actions[] = {
		[PLAN_REVIVE] = CHANGE_ADDED,
		[PLAN_UPDATE] = CHANGE_UPDATED,
		[PLAN_REPLACE] = CHANGE_UPDATED,
		[PLAN_DELETE] = CHANGE_DELETED,
	};
	int64_t action = actions[it->op];
	int64_t no = ap->job->run.no, to = t->first + t->next_seq, n, was;
	bool found;

	TRY(change_before(cx, ap, it, action, &was, &found));
	if (!found)
		return moved_record(cx, ap, t, it);
	if (it->op != PLAN_REVIVE)
		t->bytes_delta -= was;
	if (it->op != PLAN_DELETE)
		t->bytes_delta += (int64_t)(it->key.n + it->payload.n);
	t->next_seq++;
	TRY(decided_cap(cx, ap, t, it->key, it->rev));
	if (it->op == PLAN_DELETE) {
		t->rows_delta--;
		ap->at->deleted++;
		TRY(db_run(cx, ap->db, &n, Q_APPLY_DELETE, "iiii", it->seq, to, ap->now, no));
		return row_written(cx, n);
	}
	if (it->op == PLAN_REVIVE) {
		t->rows_delta++;
		ap->at->added++;
	} else
		ap->at->updated++;
	TRY(db_run(cx, ap->db, &n, Q_APPLY_UPDATE, "iiSiii", it->seq, to, it->payload, ap->now,
	    action, no));
	return row_written(cx, n);
}

/* The source has it again, or has it no more and it is kept: nothing that the feed tells. */
static enum rc
keep_record(
    struct ctx *cx, struct apply *ap, struct apply_set *t, const struct plan_item *it, int64_t kept)
{
	int64_t n;

	TRY(db_run(cx, ap->db, &n, Q_APPLY_KEPT, "iii", it->seq, kept, it->rev));
	return n ? RC_OK : moved_record(cx, ap, t, it);
}

static enum rc
echo_record(struct ctx *cx, struct apply *ap, struct apply_set *t, const struct plan_item *it)
{
	struct decided_row row;

	TRY(decided_find(cx, ap, t, it->key, &row));
	if (!row.found || row.deleted || row.origin || row.rev != it->rev)
		return moved_record(cx, ap, t, it);
	return decided_seen(cx, ap, t, &row, it->payload);
}

static enum rc
refuse_record(struct ctx *cx, struct apply *ap, struct apply_set *t, const struct plan_item *it)
{
	struct decided_row row;

	TRY(decided_find(cx, ap, t, it->key, &row));
	if (!row.found || row.deleted)
		return moved_record(cx, ap, t, it);
	return decided_refuse(cx, ap, t, it, &row);
}

static enum rc
item_apply(struct ctx *cx, struct apply *ap, struct apply_set *t, const struct plan_item *it)
{
	if (t->held)
		return RC_OK;
	if (it->op == PLAN_ADD)
		return add_record(cx, ap, t, it);
	if (it->op == PLAN_BACK)
		return keep_record(cx, ap, t, it, 0);
	if (it->op == PLAN_ECHO)
		return echo_record(cx, ap, t, it);
	if (it->op == PLAN_DELETE && ap->keep)
		return keep_record(cx, ap, t, it, 1);
	if (it->op == PLAN_REPLACE && t->refuses)
		return refuse_record(cx, ap, t, it);
	return change_record(cx, ap, t, it);
}

static enum rc
target_save(struct ctx *cx, struct apply *ap, struct apply_set *t)
{
	int64_t n;

	if (!t->no)
		return RC_OK;
	TRY(db_run(cx, ap->db, &n, Q_APPLY_DATASET_PAGE, "isiii", t->no, ap->job->conn.owner,
	    t->rows_delta, t->next_seq, t->bytes_delta));
	t->rows_delta = t->bytes_delta = 0;
	return row_written(cx, n);
}

/* Where in the table of changes those of this run are. */
static enum rc
range_save(struct ctx *cx, struct apply *ap)
{
	return queue_range(cx, ap->db, ap->job, -1);
}

static enum rc
page_checkpoint(struct ctx *cx, struct apply *ap)
{
	bool cancel;

	TRY(checkpoint_put(cx, ap->db, ap->job, ap->at));
	TRY(queue_heartbeat(cx, ap->db, ap->job,
	    &(struct heartbeat){
		.phase = phase_name(PHASE_SAVING),
		.message = ap->progress->message,
		.progress = ap->progress->percent,
	    },
	    &cancel));
	return cancel ? fail(cx, E_CANCELLED, NULL) : RC_OK;
}

/* A transaction of the plan, and what it started from: it may be run more than once, and what is
 * rolled back has not been done. */
struct apply_page {
	struct apply *ap;
	struct plan_reader *rd;
	struct arena *scratch;
	struct checkpoint before;
	int64_t met, capped;
	bool more, again;
};

static enum rc
page_items(struct ctx *cx, struct apply_page *p, struct apply_set *t)
{
	struct apply *ap = p->ap;
	struct plan_item it;
	size_t bytes = 0;

	for (int n = 0; n < step_page(APPLY_ITEMS) && bytes < APPLY_BYTES;) {
		TRY(plan_next(cx, p->rd, &p->more, &it, &ap->at->offset));
		if (!p->more)
			break;
		if (it.op == PLAN_DATASET) {
			TRY(target_save(cx, ap, t));
			ap->at->set = it.seq;
			TRY(target_load(cx, ap, it.seq, t));
			continue;
		}
		TRY(item_apply(cx, ap, t, &it));
		ap->at->items_done++;
		bytes += it.key.n + it.payload.n;
		n++;
	}
	return target_save(cx, ap, t);
}

static enum rc
page_apply(struct ctx *cx, struct apply_page *p)
{
	struct apply *ap = p->ap;
	struct apply_set t = { 0 };

	ap->now = clock_ms();
	if (ap->at->set >= 0)
		TRY(target_load(cx, ap, ap->at->set, &t));
	TRY(page_items(cx, p, &t));
	TRY(range_save(cx, ap));
	return page_checkpoint(cx, ap);
}

static void
page_undone(struct apply_page *p)
{
	*p->ap->at = p->before;
	p->ap->met = p->met;
	p->ap->capped = p->capped;
}

static enum rc
page_write(struct ctx *cx, struct db *db, void *arg)
{
	struct apply_page *p = arg;
	struct arena *keep = cx->a;
	enum rc rc;

	(void)db;
	if (p->again) {
		page_undone(p);
		p->ap->repeats = repeats_new(cx->a);
		TRY(plan_seek(cx, p->rd, p->before.offset));
	}
	p->again = true;
	cx->a = p->scratch;
	rc = page_apply(cx, p);
	cx->a = keep;
	step("apply:before-commit");
	return rc;
}

/* The first write. From here on what is stored is no longer what the last complete read left:
 * its cursor goes in the same transaction, so that whatever ends this run, the next one
 * compares. */
static enum rc
apply_begin(struct ctx *cx, struct db *db, void *arg)
{
	struct apply *ap = arg;
	const struct conn *c = &ap->job->conn;
	bool cancel;

	TRY(queue_heartbeat(cx, db, ap->job,
	    &(struct heartbeat){
		.phase = phase_name(PHASE_SAVING),
		.message = ap->progress->message,
		.progress = ap->progress->percent,
	    },
	    &cancel));
	if (cancel)
		return fail(cx, E_CANCELLED, NULL);
	TRY(conn_read_anew(cx, db, c, conn_asks(cx->a, c)));
	TRY(range_save(cx, ap));
	return datasets_save(cx, ap);
}

/* Says how much stays when a person has stopped it: the page that it was at does not. */
static enum rc
apply_ended(struct ctx *cx, const struct apply *ap, enum rc rc)
{
	const int64_t saved = ap->at->items_done;

	if (rc == RC_OK || cx->err.kind != E_CANCELLED)
		return rc;
	if (saved == 0)
		return fail(cx, E_CANCELLED, "A person stopped this sync before its first change.");
	return fail(cx, E_CANCELLED, "A person stopped this sync after %lld of its changes.",
	    (long long)saved);
}

static enum rc
apply_page(struct ctx *cx, struct apply_page *p)
{
	struct apply *ap = p->ap;
	const int64_t items = json_num(ap->plan, "items", 0), done = ap->at->items_done;
	enum rc rc;

	TRY(progress_move(cx, ap->progress, (struct moved){ PHASE_SAVING, done, items },
	    "Saving, %lld of %lld changes", (long long)done, (long long)items));
	p->before = *ap->at;
	p->met = ap->met;
	p->capped = ap->capped;
	p->again = false;
	rc = db_write(cx, ap->db, page_write, p);
	step("apply:after-commit");
	arena_reset(p->scratch);
	if (rc != RC_OK)
		page_undone(p);
	return rc;
}

static void
apply_rules(struct apply *ap)
{
	ap->first_run = json_num(ap->plan, "run", ap->job->run.no);
	ap->keep = json_flag(ap->plan, "keep", false);
	ap->held = ap->keep && json_flag(ap->plan, "held", false);
	ap->delta = json_flag(ap->plan, "delta", false);
}

enum rc
apply_empty(struct ctx *cx, struct apply *ap)
{
	apply_rules(ap);
	return datasets_save(cx, ap);
}

enum rc
apply_plan(struct ctx *cx, struct apply *ap)
{
	struct apply_page page = {
		.ap = ap,
		.scratch = arena_inside(cx->a, "apply page", (size_t)256 * 1024 * 1024),
		.more = true,
	};

	apply_rules(ap);
	ap->repeats = repeats_new(cx->a);
	TRY(plan_open(cx, ap->spool, ap->at->offset, &page.rd));
	TRY(apply_ended(cx, ap, db_write(cx, ap->db, apply_begin, ap)));
	step("apply:begun");
	while (page.more)
		TRY(apply_ended(cx, ap, apply_page(cx, &page)));
	return RC_OK;
}
