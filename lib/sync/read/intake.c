/*
 * intake.c - see intake.h. row() is the hot path: nothing in it allocates once its buffers have
 * grown.
 */
#include <stdio.h>

#include "sync/read/intake.h"

enum { PROGRESS_ROWS = 256, PAYLOAD_BYTES = 32 * 1024 * 1024, WARNINGS_MAX = 100 };

static void
warn_add(struct intake *in, const char *code, const char *message)
{
	json *w;

	for (size_t i = 0; i < json_len(in->warnings); i++)
		if (!strcmp(json_str(json_nth(in->warnings, i), "code"), code))
			return;
	if (json_len(in->warnings) >= WARNINGS_MAX)
		return;
	w = json_new(in->a);
	json_set_str(w, "code", code);
	json_set_str(w, "message", message);
	json_add(in->warnings, w);
}

static enum rc
sink_warn(struct ctx *, struct sink *, const char *code, const char *fmt, ...) PRINTF(4, 5);

static enum rc
sink_warn(struct ctx *cx, struct sink *sink, const char *code, const char *fmt, ...)
{
	struct intake *in = (struct intake *)sink;
	char text[400];
	va_list ap;

	(void)cx;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	warn_add(in, code, arena_dup_str(in->a, str_utf8_cut(str_c(text), sizeof text - 1)));
	return RC_OK;
}

static enum rc
sink_skip(struct ctx *cx, struct sink *sink, const char *reason, int64_t line, const char *detail)
{
	struct intake *in = (struct intake *)sink;
	json *row = NULL, *examples, *ex;

	(void)cx;
	if (in->sample)
		return RC_OK;
	for (size_t i = 0; i < json_len(in->skips) && !row; i++)
		if (!strcmp(json_str(json_nth(in->skips, i), "reason"), reason))
			row = json_nth(in->skips, i);
	if (!row) {
		row = json_new(in->a);
		json_set_str(row, "reason", reason);
		json_set_i64(row, "count", 0);
		json_set(row, "examples", json_list(in->a));
		json_add(in->skips, row);
	}
	json_set_i64(row, "count", json_num(row, "count", 0) + 1);
	examples = json_at(row, "examples");
	if (json_len(examples) < INTAKE_EXAMPLES) {
		ex = json_new(in->a);
		json_set_i64(ex, "line", line);
		json_set_s(ex, "detail", str_utf8_cut(str_c(detail), 300));
		json_add(examples, ex);
	}
	if (in->set)
		in->set->tally.skipped++;
	return RC_OK;
}

static enum rc set_finish(struct ctx *cx, struct intake *in);

/* The key of a dataset that is new: the chosen one, or what was found, which may have to be
 * looked for first. */
static enum rc
new_rule(struct ctx *cx, struct intake *in, struct intake_set *set, const struct key_rule *wanted)
{
	set->rule = wanted->n ? *wanted : (struct key_rule){ .wanted = "" };
	if (wanted->n || in->sample || (in->provider->kind->caps & KIND_OWN_KEYS))
		return RC_OK;
	if (!in->finds) {
		in->unknown = true;
		return fail(cx, E_CANCELLED, NULL);
	}
	for (size_t i = 0; i < in->finds->n; i++)
		if (!strcmp(in->finds->v[i].remote_id, set->remote_id))
			set->rule = in->finds->v[i].rule;
	return RC_OK;
}

static enum rc
sink_dataset(struct ctx *cx, struct sink *sink, const char *remote_id, const char *title)
{
	struct intake *in = (struct intake *)sink;
	struct intake_set *set;
	struct key_rule wanted;
	struct dataset_list list = { 0 };

	TRY(set_finish(cx, in));
	if (in->n == INTAKE_DATASETS)
		return fail(
		    cx, E_SOURCE_TOO_LARGE, "The source has more than %d tables.", INTAKE_DATASETS);
	set = &in->sets[in->n++];
	set->remote_id = arena_dup(in->a, remote_id);
	set->name = arena_dup(in->a, title && *title ? title : in->conn ? in->conn->name : "Data");
	if (in->db && in->conn)
		TRY(dataset_list(cx, in->db, in->conn->owner, in->conn->id, &list));
	for (size_t i = 0; i < list.n; i++)
		if (!strcmp(list.v[i].remote_id, remote_id))
			set->stored = list.v[i];
	set->cols = columns_new(in->a, json_stored(in->a, set->stored.columns));
	set->warnings = json_list(in->a);
	key_rule_load(in->a, set->stored.key_rule, &set->rule);
	key_rule_wanted(in->a, in->config, &wanted);
	if (set->rule.kind == KEY_UNDECIDED)
		TRY(new_rule(cx, in, set, &wanted));
	else if (wanted.n && strcmp(set->rule.wanted, wanted.wanted)) {
		/* Another key was chosen: this read gives every record its new key. */
		set->rekeyed = set->rule.kind != KEY_COLUMNS || set->rule.n != 1 ||
		    strcmp(set->rule.name[0], wanted.wanted);
		set->rule = wanted;
	} else {
		/* Before the header is matched: a renamed key column stays the key. */
		TRY(key_rule_resolve(cx, &set->rule, set->cols));
		set->rule_ready = true;
	}
	in->set = set;
	in->enough = false;
	if (in->sample) {
		in->sample = key_sample_new(in->a);
		return RC_OK;
	}
	TRY(match_new(cx, in->db, &set->stored, in->delta, &set->match));
	return in->plan ? plan_add(cx, in->plan,
			      &(struct plan_item){ .op = PLAN_DATASET, .seq = (int64_t)in->n - 1 })
			: RC_OK;
}

static enum rc
sink_header(struct ctx *cx, struct sink *sink, const struct str *names, size_t n)
{
	struct intake *in = (struct intake *)sink;

	in->set->had_header = true;
	TRY(columns_header(
	    cx, in->set->cols, names, n, in->set->stored.no == 0, in->set->warnings));
	return in->set->rule_ready ? key_rule_check(cx, &in->set->rule, in->set->cols) : RC_OK;
}

static enum rc
sink_column(struct ctx *cx, struct sink *sink, struct str name, size_t *no)
{
	return columns_named(cx, ((struct intake *)sink)->set->cols, name, no);
}

/* Cells by column number instead of by place, and the types of their values. */
static const struct cell *
arrange(struct intake *in, const struct row *row, size_t *n)
{
	struct columns *cols = in->set->cols;

	if (in->cells_cap < cols->n) {
		in->cells_cap = cols->n + 64;
		in->cells = arena_array(in->a, in->cells_cap, sizeof *in->cells);
	}
	memset(in->cells, 0, cols->n * sizeof *in->cells);
	for (size_t i = 0; i < row->n; i++) {
		/* The empty right side of a sheet is no data: trailing commas change no record. */
		if (in->set->had_header && i >= cols->blank_from && row->cells[i].v.n == 0)
			continue;
		size_t to = in->set->had_header
		    ? (i < cols->places ? (size_t)cols->by_place[i] : cols->n)
		    : i;
		if (to >= cols->n)
			continue; /* the provider reports surplus cells itself */
		in->cells[to] = row->cells[i];
		if (row->cells[i].kind == CELL_TEXT)
			columns_see(&cols->v[to], row->cells[i].v);
		else if (row->cells[i].kind == CELL_JSON)
			columns_see_json(&cols->v[to], row->cells[i].v);
	}
	*n = cols->n;
	return in->cells;
}

static void
payload_make(struct buf *b, const struct cell *cells, size_t n)
{
	buf_clear(b);
	buf_ch(b, '[');
	while (n > 0 && cells[n - 1].kind == CELL_NONE)
		n--; /* a column that was added later must not change the rows that lack it */
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_ch(b, ',');
		if (cells[i].kind == CELL_TEXT)
			json_quote(b, cells[i].v);
		else if (cells[i].kind == CELL_JSON)
			buf_add(b, cells[i].v.p, cells[i].v.n);
		else
			buf_add(b, "null", 4);
	}
	buf_ch(b, ']');
}

static enum rc
rule_ready(struct ctx *cx, struct intake *in, const struct row *row)
{
	struct intake_set *set = in->set;

	if (set->rule_ready)
		return RC_OK;
	set->rule_ready = true;
	if (row->key.p)
		set->rule = (struct key_rule){ .kind = KEY_SOURCE, .wanted = set->rule.wanted };
	if (set->rule.kind == KEY_UNDECIDED)
		set->rule.kind = KEY_CONTENT;
	for (size_t i = 0; !set->had_header && i < set->rule.n; i++) {
		size_t no;
		TRY(columns_named(cx, set->cols, str_c(set->rule.name[i]), &no));
	}
	return key_rule_resolve(cx, &set->rule, set->cols);
}

static void
remember(struct intake *in, json *list, const char *kind, const char *before)
{
	json *o;

	if (!list || json_len(list) >= INTAKE_PREVIEW_ROWS)
		return;
	o = json_new(in->a);
	json_set_str(o, "action", kind);
	json_set_s(o, "key", buf_s(in->key));
	json_set(o, "values", json_stored(in->a, buf_c(in->payload)));
	if (before)
		json_set(o, "before", json_stored(in->a, before));
	json_add(list, o);
}

/* Previews show what a changed record was. */
static enum rc
stored_payload(struct ctx *cx, struct intake *in, const char **out)
{
	bool found;

	*out = NULL;
	if (!in->changes || json_len(in->changes) >= INTAKE_PREVIEW_ROWS)
		return RC_OK;
	TRY(db_row(cx, in->db, &found, Q_STORED_LOOKUP, "iS", in->set->stored.no, buf_s(in->key)));
	if (found)
		*out = db_dup(cx->a, in->db, Q_STORED_LOOKUP, C_STORED_PAYLOAD);
	db_reset(in->db, Q_STORED_LOOKUP);
	return RC_OK;
}

/* A key that comes again in a delta was counted when it came first. */
static void
count_again(struct tally *t, const struct match_found *f)
{
	if (f->undone) {
		t->deleted--;
		t->updated++;
	}
}

static enum rc
place_row(struct ctx *cx, struct intake *in)
{
	struct tally *t = &in->set->tally;
	struct plan_item item = { 0 };
	struct match_found f;
	const char *before = NULL;

	TRY(match_row(cx, in->set->match, in->key, buf_s(in->payload), &f));
	switch (f.kind) {
	case MATCH_SAME:
		t->unchanged++;
		return RC_OK;
	case MATCH_NEW:
	case MATCH_REVIVED:
		t->added += !f.again;
		item.op = f.kind == MATCH_NEW ? PLAN_ADD : PLAN_REVIVE;
		remember(in, in->changes, "ADDED", NULL);
		break;
	case MATCH_DIFFERENT:
		t->updated += !f.again;
		item.op = PLAN_UPDATE;
		TRY(stored_payload(cx, in, &before));
		remember(in, in->changes, "UPDATED", before);
		break;
	}
	count_again(t, &f);
	item.seq = f.seq;
	item.rev = f.rev;
	item.key = buf_s(in->key);
	item.payload = buf_s(in->payload);
	return in->plan ? plan_add(cx, in->plan, &item) : RC_OK;
}

static enum rc
sink_row(struct ctx *cx, struct sink *sink, const struct row *row)
{
	struct intake *in = (struct intake *)sink;
	const struct cell *cells;
	bool no_value;
	size_t n;

	cells = arrange(in, row, &n);
	if (row->line > in->lines)
		in->lines = row->line;
	in->set->tally.fetched++;
	if (in->sample) {
		if (!in->enough)
			key_sample_row(in->sample, cells, n);
		in->enough = in->set->tally.fetched >= KEY_SAMPLE_ROWS;
		return in->enough && !(in->provider->kind->caps & KIND_TABLES)
		    ? fail(cx, E_CANCELLED, NULL)
		    : RC_OK;
	}
	TRY(rule_ready(cx, in, row));
	payload_make(in->payload, cells, n);
	if (in->payload->over)
		return fail(cx, E_SOURCE_TOO_LARGE, "The record at line %lld is larger than 32 MB.",
		    (long long)row->line);
	buf_clear(in->key);
	key_make(&in->set->rule, cells, n, row->key, buf_s(in->payload), in->key, &no_value);
	in->set->no_key += no_value;
	if (in->rows) {
		if (!in->set->rows)
			in->set->rows = json_list(in->a);
		remember(in, in->set->rows, "", NULL);
	}
	TRY(place_row(cx, in));
	if (in->set->tally.fetched % PROGRESS_ROWS)
		return RC_OK;
	return progress_move(cx, in->progress, PHASE_PROCESSING, *in->read_bytes, in->total_bytes,
	    "Comparing, %lld records so far", (long long)intake_tally(in).fetched);
}

/* Rows without a key of their own change with each of their values, so nothing can be told. */
static bool
sink_is_last(struct ctx *cx, struct sink *sink, const struct row *row)
{
	struct intake *in = (struct intake *)sink;
	struct str last = str_c(arena_dup_str(cx->a, buf_s(in->key)));
	const struct cell *cells;
	bool no_value, same;
	size_t n;

	if (in->sample || in->set->rule.kind == KEY_CONTENT)
		return true;
	cells = arrange(in, row, &n);
	payload_make(in->payload, cells, n);
	buf_clear(in->key);
	key_make(&in->set->rule, cells, n, row->key, buf_s(in->payload), in->key, &no_value);
	same = no_value || str_eq(buf_s(in->key), last);
	buf_clear(in->key);
	buf_add(in->key, last.p, last.n);
	return same;
}

static enum rc
sink_torn(struct ctx *cx, struct sink *sink)
{
	struct intake *in = (struct intake *)sink;

	in->set->torn = true;
	return sink_warn(cx, sink, "moved_while_read",
	    "Rows were moved while the source was read. Records that were not found this time stay until the next sync.");
}

static enum rc
intake_gone(struct ctx *cx, void *arg, const struct match_seen *gone)
{
	struct intake *in = arg;

	/* Under another key what was kept could not be known again when it comes back. */
	if (gone->kept && !in->set->rekeyed) {
		in->set->tally.kept++;
		return RC_OK;
	}
	in->set->kept_rekeyed |= gone->kept;
	in->set->tally.deleted += !gone->edited;
	if (!gone->edited && in->changes && json_len(in->changes) < INTAKE_PREVIEW_ROWS) {
		json *o = json_new(in->a);
		json_set_str(o, "action", "DELETED");
		json_set_s(o, "key", gone->key);
		json_add(in->changes, o);
	}
	if (!in->plan)
		return RC_OK;
	return plan_add(cx, in->plan,
	    &(struct plan_item){
		.op = PLAN_DELETE,
		.seq = gone->seq,
		.rev = gone->rev,
		.key = gone->key,
		.payload = in->why,
	    });
}

/* A delta names what is gone. */
static enum rc
sink_gone(struct ctx *cx, struct sink *sink, struct str key, const char *why)
{
	struct intake *in = (struct intake *)sink;
	bool no_value;
	enum rc rc;

	if (in->sample)
		return RC_OK;
	buf_clear(in->key);
	key_make(&in->set->rule, NULL, 0, key, (struct str){ 0 }, in->key, &no_value);
	in->why = str_c(why);
	rc = match_gone_key(cx, in->set->match, buf_s(in->key), intake_gone, in);
	in->why = (struct str){ 0 };
	return rc;
}

struct intake *
intake_new(struct ctx *cx, struct db *db, const struct conn *conn, const struct provider *provider,
    const json *config, struct progress *pr)
{
	struct intake *in = arena_alloc(cx->a, sizeof *in);

	in->sink = (struct sink){
		.dataset = sink_dataset,
		.header = sink_header,
		.column = sink_column,
		.row = sink_row,
		.gone = sink_gone,
		.skip = sink_skip,
		.warn = sink_warn,
		.is_last = sink_is_last,
		.torn = sink_torn,
	};
	in->a = cx->a;
	in->db = db;
	in->conn = conn;
	in->provider = provider;
	in->config = config;
	in->progress = pr;
	in->skips = json_list(cx->a);
	in->warnings = json_list(cx->a);
	in->payload = buf_in(cx->a, PAYLOAD_BYTES);
	in->key = buf_in(cx->a, PAYLOAD_BYTES);
	return in;
}

static enum rc
intake_back(struct ctx *cx, void *arg, const struct match_seen *back)
{
	struct intake *in = arg;

	if (!in->plan)
		return RC_OK;
	return plan_add(cx, in->plan,
	    &(struct plan_item){
		.op = PLAN_BACK,
		.seq = back->seq,
		.rev = back->rev,
		.key = back->key,
	    });
}

/* What the rows of the present dataset tell about its key. Names outlive the sampling. */
static void
sample_done(struct intake *in)
{
	struct key_finds *f = in->found;
	struct key_rule *rule = &f->v[f->n].rule;

	key_sample_choose(in->sample, in->set->cols, rule);
	rule->wanted = "";
	for (size_t i = 0; i < rule->n; i++)
		rule->name[i] = arena_dup(in->finds_arena, rule->name[i]);
	f->v[f->n++].remote_id = arena_dup(in->finds_arena, in->set->remote_id);
}

/* Ends the present dataset of the read. */
static enum rc
set_finish(struct ctx *cx, struct intake *in)
{
	struct intake_set *set = in->set;
	char text[300];

	if (!set)
		return RC_OK;
	columns_finish(set->cols, set->stored.no == 0, set->had_header, set->warnings);
	for (size_t i = 0; i < json_len(set->warnings); i++) {
		json *w = json_nth(set->warnings, i);
		if (json_len(in->warnings) < WARNINGS_MAX)
			json_add(in->warnings, w);
	}
	if (in->sample) {
		sample_done(in);
		return RC_OK;
	}
	if (!set->rule_ready)
		TRY(rule_ready(cx, in, &(struct row){ 0 }));
	if (set->rule.wanted && *set->rule.wanted && set->tally.fetched &&
	    set->no_key == set->tally.fetched)
		return fail(cx, E_KEY_COLUMN, "The key column \"%.100s\" is empty in every row.",
		    set->rule.wanted);
	if (set->no_key) {
		snprintf(text, sizeof text,
		    "%lld rows have nothing in the key column; they are told apart by their whole content.",
		    (long long)set->no_key);
		warn_add(in, "key_empty", text);
	}
	if (set->rekeyed)
		warn_add(in, "key_changed",
		    "Another key was chosen: every record was read again under its new key.");
	TRY(match_back(cx, set->match, intake_back, in));
	/* Under another key every record is a new one. */
	return in->cut || in->delta || (set->torn && !set->rekeyed)
	    ? RC_OK
	    : match_gone(cx, set->match, intake_gone, in);
}

/* A dataset that the source does not have any more: all of its records are gone. Its columns
 * stay as they were. */
static enum rc
set_vanished(struct ctx *cx, struct intake *in, const struct dataset *d)
{
	char text[300];

	snprintf(text, sizeof text, "\"%.200s\" is not in the source any more.", d->name);
	warn_add(in, arena_printf(in->a, "table_gone_%s", d->remote_id), arena_dup(in->a, text));
	TRY(sink_dataset(cx, &in->sink, d->remote_id, d->name));
	TRY(match_gone(cx, in->set->match, intake_gone, in));
	in->set = NULL;
	return RC_OK;
}

enum rc
intake_finish(struct ctx *cx, struct intake *in)
{
	struct dataset_list list = { 0 };

	TRY(set_finish(cx, in));
	in->set = NULL;
	if (!(in->provider->kind->caps & KIND_TABLES) || in->cut || in->delta || in->sample ||
	    !in->db || !in->conn)
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

static enum rc
sample_run(struct ctx *cx, struct intake *in, struct spool *sp, bool cut)
{
	struct source src = { .config = in->config };
	int64_t read_bytes = 0;
	struct page_in *pages;
	enum rc rc;

	in->sample = key_sample_new(cx->a);
	TRY(spool_pages(cx, sp, cut, &read_bytes, &pages));
	in->read_bytes = &read_bytes;
	rc = in->provider->reader->parse(cx, &src, pages, sp->pages, &in->sink);
	/* An error is met, and reported, by the whole read. */
	if ((rc != RC_OK && !in->enough) || !in->set)
		return RC_OK;
	return set_finish(cx, in);
}

enum rc
intake_find_keys(struct ctx *cx, const struct provider *provider, const json *config,
    struct spool *sp, bool cut, struct progress *pr, struct key_finds *out)
{
	struct ctx scratch = { .a = arena_new("key sample", (size_t)128 * 1024 * 1024, 0) };
	struct intake *in = intake_new(&scratch, NULL, NULL, provider, config, pr);
	enum rc rc;

	*out = (struct key_finds){ 0 };
	in->found = out;
	in->finds_arena = cx->a;
	rc = sample_run(&scratch, in, sp, cut);
	if (rc != RC_OK)
		cx->err = scratch.err;
	arena_free(scratch.a);
	return rc;
}
