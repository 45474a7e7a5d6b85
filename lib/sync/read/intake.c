/*
 * intake.c - see intake.h. A row is the hot path: nothing in it allocates once its buffers have
 * grown.
 */
#include <stdio.h>

#include "sync/read/intake.h"

enum { PAYLOAD_BYTES = 32 * 1024 * 1024, WARNINGS_MAX = 100 };

void
intake_warn(struct intake *in, const char *code, const char *message)
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

static void intake_vwarn(struct intake *, const char *code, const char *fmt, va_list) PRINTF(3, 0);

static void
intake_vwarn(struct intake *in, const char *code, const char *fmt, va_list ap)
{
	char text[2000];

	vsnprintf(text, sizeof text, fmt, ap);
	intake_warn(in, code, arena_dup_str(in->a, str_utf8_cut(str_c(text), sizeof text - 1)));
}

static enum rc
sink_warn(struct ctx *cx, struct sink *sink, const char *code, const char *fmt, ...)
{
	va_list ap;

	(void)cx;
	va_start(ap, fmt);
	intake_vwarn((struct intake *)sink, code, fmt, ap);
	va_end(ap);
	return RC_OK;
}

static enum rc
sink_doubt(struct ctx *, struct sink *, const char *code, const char *fmt, ...) PRINTF(4, 5);

static enum rc
sink_doubt(struct ctx *cx, struct sink *sink, const char *code, const char *fmt, ...)
{
	struct intake *in = (struct intake *)sink;
	va_list ap;

	(void)cx;
	va_start(ap, fmt);
	intake_vwarn(in, code, fmt, ap);
	va_end(ap);
	in->set->doubtful = true;
	return RC_OK;
}

static enum rc
sink_skip(struct ctx *cx, struct sink *sink, const char *reason, int64_t line, const char *detail)
{
	struct intake *in = (struct intake *)sink;
	json *row = NULL, *examples, *ex;

	(void)cx;
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

static enum rc
sink_found(struct ctx *cx, struct sink *sink, const char *name, const char *value)
{
	struct intake *in = (struct intake *)sink;

	(void)cx;
	if (value)
		json_set_str(in->set->reading, name, value);
	else
		json_unset(in->set->reading, name);
	return RC_OK;
}

/* The key of a dataset that is new: the chosen one, or what is found. */
static enum rc
new_rule(struct ctx *cx, struct intake *in, const struct key_rule *wanted)
{
	in->set->rule = *wanted;
	if (wanted->n || (in->provider->kind->caps & KIND_OWN_KEYS))
		return RC_OK;
	return in->use->undecided(cx, in);
}

enum rc
intake_dataset(struct ctx *cx, struct intake *in, const char *remote_id, const char *title)
{
	struct intake_set *set;
	struct key_rule wanted;
	struct dataset_list list = { 0 };

	TRY(intake_end(cx, in));
	if (in->n == INTAKE_DATASETS)
		return fail(
		    cx, E_SOURCE_TOO_LARGE, "The source has more than %d tables.", INTAKE_DATASETS);
	set = &in->sets[in->n++];
	set->remote_id = arena_dup(in->a, remote_id);
	if (in->conn)
		set->limits = in->conn->limits;
	if (!title || !*title)
		title = in->conn ? in->conn->name : "Data";
	set->name = arena_dup(in->a, title);
	if (in->db && in->conn)
		TRY(dataset_list(cx, in->db, in->conn->owner, in->conn->id, &list));
	for (size_t i = 0; i < list.n; i++)
		if (!strcmp(list.v[i].remote_id, remote_id))
			set->stored = list.v[i];
	set->cols = columns_new(in->a, json_stored(in->a, set->stored.columns));
	set->warnings = json_list(in->a);
	set->reading = json_stored(in->a, set->stored.reading ? set->stored.reading : "{}");
	key_rule_load(in->a, set->stored.key_rule, &set->rule);
	key_rule_wanted(in->a, in->config, &wanted);
	in->set = set;
	if (set->rule.kind == KEY_UNDECIDED)
		TRY(new_rule(cx, in, &wanted));
	else if (wanted.n && strcmp(set->rule.wanted, wanted.wanted)) {
		/* Another key was chosen: this read gives every record its new key. */
		set->rekeyed = set->rule.kind != KEY_COLUMNS || set->rule.n != 1 ||
		    strcmp(set->rule.name[0], wanted.wanted);
		if (!set->rekeyed)
			wanted.form = set->rule.form;
		set->rule = wanted;
	} else {
		/* Before the header is matched: a renamed key column stays the key. */
		TRY(key_rule_resolve(cx, &set->rule, set->cols));
		set->rule_ready = true;
	}
	return in->use->begin(cx, in);
}

static enum rc
sink_dataset(struct ctx *cx, struct sink *sink, const char *remote_id, const char *title)
{
	return intake_dataset(cx, (struct intake *)sink, remote_id, title);
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
void
intake_arrange(struct intake *in, const struct row *row)
{
	struct columns *cols = in->set->cols;

	if (!in->cells || in->cells_cap < cols->n) {
		in->cells_cap = cols->n + 64;
		in->cells = arena_array(in->a, in->cells_cap, sizeof *in->cells);
	}
	memset(in->cells, 0, cols->n * sizeof *in->cells);
	for (size_t i = 0; i < row->n; i++) {
		/* The empty right side of a sheet is no data: trailing commas change no record. */
		if (in->set->had_header && i >= cols->blank_from && row->cells[i].v.n == 0)
			continue;
		size_t to = i;

		if (in->set->had_header)
			to = i < cols->places ? (size_t)cols->by_place[i] : cols->n;
		if (to >= cols->n)
			continue; /* the provider reports surplus cells itself */
		in->cells[to] = row->cells[i];
		if (row->cells[i].kind == CELL_TEXT)
			columns_see(&cols->v[to], row->cells[i].v);
		else if (row->cells[i].kind == CELL_JSON)
			columns_see_json(&cols->v[to], row->cells[i].v);
	}
	in->n_cells = cols->n;
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

enum rc
intake_rule(struct ctx *cx, struct intake *in, const struct row *row)
{
	struct intake_set *set = in->set;

	if (set->rule_ready)
		return RC_OK;
	set->rule_ready = true;
	if (row->key.p)
		set->rule = (struct key_rule){
			.kind = KEY_SOURCE,
			.wanted = set->rule.wanted,
			.form = set->rule.form,
		};
	if (set->rule.kind == KEY_UNDECIDED)
		set->rule.kind = KEY_CONTENT;
	for (size_t i = 0; !set->had_header && i < set->rule.n; i++) {
		size_t no;
		TRY(columns_named(cx, set->cols, str_c(set->rule.name[i]), &no));
	}
	return key_rule_resolve(cx, &set->rule, set->cols);
}

enum rc
intake_key(struct ctx *cx, struct intake *in, const struct row *row, bool *no_value)
{
	payload_make(in->payload, in->cells, in->n_cells);
	if (in->payload->over)
		return fail(cx, E_SOURCE_TOO_LARGE, "The record at line %lld is larger than 32 MB.",
		    (long long)row->line);
	buf_clear(in->key);
	arena_reset(in->scratch);
	key_make(&in->set->rule,
	    &(struct key_row){
		.cells = in->cells,
		.n = in->n_cells,
		.source_key = row->key,
		.payload = buf_s(in->payload),
		.scratch = in->scratch,
	    },
	    in->key, no_value);
	return RC_OK;
}

static enum rc
sink_row(struct ctx *cx, struct sink *sink, const struct row *row)
{
	struct intake *in = (struct intake *)sink;

	intake_arrange(in, row);
	if (row->line > in->lines)
		in->lines = row->line;
	in->set->tally.fetched++;
	return in->use->row(cx, in, row);
}

static enum rc
sink_gone(struct ctx *cx, struct sink *sink, struct str key, const char *why)
{
	struct intake *in = (struct intake *)sink;

	return in->use->gone(cx, in, key, why);
}

static enum rc
sink_people(struct ctx *cx, struct sink *sink, int64_t unreachable, const char *how)
{
	struct intake *in = (struct intake *)sink;

	(void)cx;
	in->people = true;
	in->unreachable = unreachable;
	in->people_how = how ? arena_dup(in->a, how) : NULL;
	return RC_OK;
}

static bool
sink_is_last(struct ctx *cx, struct sink *sink, const struct row *row)
{
	struct intake *in = (struct intake *)sink;

	return in->use->is_last(cx, in, row);
}

static enum rc
sink_torn(struct ctx *cx, struct sink *sink)
{
	struct intake *in = (struct intake *)sink;

	in->set->torn = true;
	return sink_warn(cx, sink, "moved_while_read",
	    "The source was changed while it was read, or just before. "
	    "Records that were not found this time stay until the next sync.");
}

static void
sink_telling(struct sink *sink, size_t column)
{
	struct intake *in = (struct intake *)sink;
	struct intake_set *set = in->set;

	if (!set->telling)
		set->telling = arena_array(in->a, COLUMNS_MAX, sizeof *set->telling);
	set->telling[column] = true;
	if (set->match)
		match_telling(set->match, set->telling);
}

void
intake_init(struct arena *a, struct intake *in, const struct intake_use *use,
    const struct intake_from *from)
{
	in->sink = (struct sink){
		.dataset = sink_dataset,
		.header = sink_header,
		.column = sink_column,
		.row = sink_row,
		.gone = sink_gone,
		.skip = sink_skip,
		.warn = sink_warn,
		.is_last = sink_is_last,
		.found = sink_found,
		.doubt = sink_doubt,
		.people = sink_people,
		.torn = sink_torn,
		.telling = sink_telling,
	};
	in->use = use;
	in->a = a;
	in->db = from->db;
	in->conn = from->conn;
	in->asks = from->conn && conn_asks(a, from->conn);
	in->provider = from->provider;
	in->config = from->config;
	in->skips = json_list(a);
	in->warnings = json_list(a);
	in->refused = arena_alloc(a, sizeof *in->refused);
	keyset_init(a, in->refused);
	in->payload = buf_in(a, PAYLOAD_BYTES);
	in->key = buf_in(a, PAYLOAD_BYTES);
	in->scratch = arena_inside(a, "row", (size_t)256 * 1024 * 1024);
}

/* A warning whose number the stats of the run have, too. */
static void
people_warn(struct intake *in, const char *code, int64_t count, const char *message)
{
	intake_warn(in, code, message);
	for (size_t i = 0; i < json_len(in->warnings); i++)
		if (!strcmp(json_str(json_nth(in->warnings, i), "code"), code))
			json_set_i64(json_nth(in->warnings, i), "count", count);
}

void
intake_people(struct intake *in)
{
	const int64_t n = intake_tally(in).fetched, none = in->unreachable;

	if (!in->people)
		return;
	people_warn(in, "contacts", n,
	    arena_printf(in->a, "%lld %s%s%s.", (long long)n, n == 1 ? "contact" : "contacts",
		in->people_how ? ": " : "", in->people_how ? in->people_how : ""));
	if (none)
		people_warn(in, "contacts_unreachable", none,
		    arena_printf(in->a,
			"%lld %s neither an e-mail address nor a phone number; kept all the same.",
			(long long)none, none == 1 ? "contact has" : "contacts have"));
}

enum rc
intake_end(struct ctx *cx, struct intake *in)
{
	struct intake_set *set = in->set;

	if (!set)
		return RC_OK;
	columns_finish(set->cols, set->stored.no == 0, set->had_header, set->warnings);
	for (size_t i = 0; i < json_len(set->warnings); i++) {
		json *w = json_nth(set->warnings, i);

		if (json_len(in->warnings) < WARNINGS_MAX)
			json_add(in->warnings, w);
	}
	TRY(in->use->end(cx, in));
	in->set = NULL;
	return RC_OK;
}
