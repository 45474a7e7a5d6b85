/*
 * parsed_take.c - the side of parsed.h that keeps what is found: messages become calls of a struct
 * sink, when they come in an order in which a provider makes these.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/pass.h"
#include "base/vec.h"
#include "sync/read/parsed_in.h"

enum {
	SAYINGS_MAX = 20 * 1000, /* warnings and the like */
	OPENINGS = 16            /* of each page */
};

static enum rc
take_dataset(struct ctx *cx, struct parsed_in *in)
{
	const char *id = parsed_said(cx, in), *title = parsed_said(cx, in);
	const bool many = in->p->provider->kind->caps & KIND_TABLES;

	if (!parsed_whole(in) || !id || (in->sets++ > 0 && !many))
		return parsed_lie(cx, in);
	in->begun = true;
	in->headed = in->rows = false;
	in->columns = 0;
	return in->sink->dataset(cx, in->sink, id, title);
}

static enum rc
take_header(struct ctx *cx, struct parsed_in *in)
{
	const uint32_t n = parsed_u32(in);

	if (!in->begun || in->headed || in->rows || !(in->p->provider->kind->caps & KIND_COLUMNS) ||
	    n > PARSED_CELLS_MAX || n > in->body.n / sizeof(uint32_t))
		return parsed_lie(cx, in);
	in->headed = true;
	VEC_HOLD(in->a, in->names, in->names_cap, (size_t)n + 1, PARSED_CELLS_MAX + 1);
	for (size_t i = 0; i < n; i++) {
		in->names[i] = parsed_str(in);
		in->bad |= !in->names[i].p;
	}
	if (!parsed_whole(in))
		return parsed_lie(cx, in);
	return in->sink->header(cx, in->sink, in->names, n);
}

static enum rc
in_answer(struct ctx *cx, const struct parsed_in *in, int64_t answer)
{
	return pass_bytes(in->fd, (char *)&answer, sizeof answer, true) ? RC_OK
									: parsed_lost(cx, in);
}

static enum rc
take_column(struct ctx *cx, struct parsed_in *in)
{
	const struct str name = parsed_str(in);
	size_t no;

	if (!parsed_whole(in) || !in->begun || !name.p || in->headed)
		return parsed_lie(cx, in);
	TRY(in->sink->column(cx, in->sink, name, &no));
	if ((int64_t)no >= in->columns)
		in->columns = (int64_t)no + 1;
	return in_answer(cx, in, (int64_t)no);
}

static enum rc
take_row(struct ctx *cx, struct parsed_in *in)
{
	struct row row;

	if (!parsed_row(cx, in, &row))
		return parsed_lie(cx, in);
	in->rows = true;
	return in->sink->row(cx, in->sink, &row);
}

static enum rc
take_is_last(struct ctx *cx, struct parsed_in *in)
{
	struct row row;

	if (!parsed_row(cx, in, &row) || !in->rows)
		return parsed_lie(cx, in);
	return in_answer(cx, in, in->sink->is_last(cx, in->sink, &row));
}

static enum rc
take_gone(struct ctx *cx, struct parsed_in *in)
{
	const struct str key = parsed_str(in);
	const char *why = parsed_said(cx, in);

	if (!parsed_whole(in) || !in->begun || !key.p || !in->p->delta)
		return parsed_lie(cx, in);
	return in->sink->gone(cx, in->sink, key, why);
}

static bool
in_reason(struct parsed_in *in, const char *reason)
{
	for (int i = 0; i < in->reasons; i++)
		if (!strcmp(in->reason[i], reason))
			return true;
	if (in->reasons == PARSED_REASONS_MAX)
		return false;
	snprintf(in->reason[in->reasons++], PARSED_CODE_MAX + 1, "%s", reason);
	return true;
}

/* As often as there are rows: nothing of it stays in memory but the first of each reason. */
static enum rc
take_skip(struct ctx *cx, struct parsed_in *in)
{
	char reason[PARSED_CODE_MAX + 1], detail[512];
	const bool known = parsed_code(in, reason) && in_reason(in, reason);
	const int64_t line = parsed_i64(in);
	const struct str said = str_utf8_cut(parsed_str(in), sizeof detail - 1);

	if (!parsed_whole(in) || !known)
		return parsed_lie(cx, in);
	snprintf(detail, sizeof detail, "%.*s", (int)said.n, said.p ? said.p : "");
	return in->sink->skip(cx, in->sink, reason, line, detail);
}

/* Doubts are about a dataset. */
static enum rc
take_say(struct ctx *cx, struct parsed_in *in, bool doubt)
{
	char code[PARSED_CODE_MAX + 1];
	const char *text;

	if (!parsed_code(in, code) || !(text = parsed_said(cx, in)) || !parsed_whole(in) ||
	    ++in->sayings > SAYINGS_MAX || (doubt && !in->begun))
		return parsed_lie(cx, in);
	return doubt && in->sink->doubt ? in->sink->doubt(cx, in->sink, code, "%s", text)
					: in->sink->warn(cx, in->sink, code, "%s", text);
}

static enum rc
take_found(struct ctx *cx, struct parsed_in *in)
{
	char name[PARSED_CODE_MAX + 1];
	const bool ok = parsed_code(in, name);
	const char *value = parsed_said(cx, in);

	if (!ok || !parsed_whole(in) || !in->begun || ++in->sayings > SAYINGS_MAX)
		return parsed_lie(cx, in);
	return in->sink->found ? in->sink->found(cx, in->sink, name, value) : RC_OK;
}

static enum rc
take_people(struct ctx *cx, struct parsed_in *in)
{
	const int64_t unreachable = parsed_i64(in);
	const char *how = parsed_said(cx, in);

	if (!parsed_whole(in) || unreachable < 0 || ++in->sayings > SAYINGS_MAX)
		return parsed_lie(cx, in);
	return in->sink->people ? in->sink->people(cx, in->sink, unreachable, how) : RC_OK;
}

static enum rc
take_torn(struct ctx *cx, struct parsed_in *in)
{
	if (!parsed_whole(in) || !in->begun || ++in->sayings > SAYINGS_MAX)
		return parsed_lie(cx, in);
	return in->sink->torn(cx, in->sink);
}

static enum rc
take_telling(struct ctx *cx, struct parsed_in *in)
{
	const int64_t column = parsed_i64(in);

	if (!parsed_whole(in) || !in->begun || column < 0 || column >= in->columns)
		return parsed_lie(cx, in);
	if (in->sink->telling)
		in->sink->telling(in->sink, (size_t)column);
	return RC_OK;
}

static enum rc
take_page(struct ctx *cx, struct parsed_in *in)
{
	const uint32_t no = parsed_u32(in);
	const size_t pages = in->p->spool->pages;
	bool given;
	int fd;

	if (!parsed_whole(in) || no >= pages || (size_t)in->openings++ > OPENINGS * (pages + 1))
		return parsed_lie(cx, in);
	TRY(spool_page_open(cx, in->p->spool, no, &fd));
	given = pass_give(in->fd, 1, fd);
	close(fd);
	return given ? RC_OK : parsed_lost(cx, in);
}

static enum rc
take_at(struct ctx *cx, struct parsed_in *in)
{
	const int64_t at = parsed_i64(in);

	if (!parsed_whole(in) || at < *in->p->read_bytes)
		return parsed_lie(cx, in);
	*in->p->read_bytes = at;
	return RC_OK;
}

/* What a source can be: no others are believed, for they say something of the run. */
static bool
is_told(uint32_t kind)
{
	switch (kind) {
	case E_BUG:
	case E_UNAVAILABLE:
	case E_UNSUPPORTED:
	case E_PAGES_LOOP:
	case E_SOURCE_STATUS:
	case E_SOURCE_TOO_LARGE:
	case E_TRUNCATED:
	case E_HTML:
	case E_EMPTY:
	case E_ENCODING:
	case E_ARCHIVE:
	case E_CSV:
	case E_JSON:
	case E_JSON_PATH:
	case E_ICAL:
	case E_SHAPE:
	case E_KEY_COLUMN:
	case E_COLUMN:
		return true;
	default:
		return false;
	}
}

static enum rc
take_end(struct ctx *cx, struct parsed_in *in)
{
	const uint32_t kind = parsed_u32(in);
	const int64_t wait_ms = parsed_i64(in);
	const char *detail = parsed_said(cx, in), *where = parsed_said(cx, in);

	if (!parsed_whole(in) || wait_ms < 0 || (kind != E_NONE && !is_told(kind)))
		return parsed_lie(cx, in);
	in->over = true;
	if (kind == E_NONE)
		return RC_OK;
	(void)fail_at(cx, where ? where : "", (enum error_kind)kind, "%s", detail ? detail : "");
	cx->err.wait_ms = wait_ms;
	return error_row(cx->err.kind)->rc;
}

static enum rc
take_message(struct ctx *cx, struct parsed_in *in, uint32_t word)
{
	switch (word) {
	case PARSED_DATASET:
		return take_dataset(cx, in);
	case PARSED_HEADER:
		return take_header(cx, in);
	case PARSED_COLUMN:
		return take_column(cx, in);
	case PARSED_ROW:
		return take_row(cx, in);
	case PARSED_GONE:
		return take_gone(cx, in);
	case PARSED_SKIP:
		return take_skip(cx, in);
	case PARSED_WARN:
	case PARSED_DOUBT:
		return take_say(cx, in, word == PARSED_DOUBT);
	case PARSED_IS_LAST:
		return take_is_last(cx, in);
	case PARSED_FOUND:
		return take_found(cx, in);
	case PARSED_PEOPLE:
		return take_people(cx, in);
	case PARSED_TORN:
		return take_torn(cx, in);
	case PARSED_TELLING:
		return take_telling(cx, in);
	case PARSED_PAGE:
		return take_page(cx, in);
	case PARSED_AT:
		return take_at(cx, in);
	case PARSED_END:
		return take_end(cx, in);
	default:
		return parsed_lie(cx, in);
	}
}

static json *
ask_types(struct arena *a, const struct spool *sp)
{
	json *types = json_list(a);

	for (size_t i = 0; i < sp->pages; i++)
		if (sp->types[i])
			json_add_str(types, sp->types[i]);
		else
			json_add(types, NULL);
	return types;
}

static enum rc
in_ask(struct ctx *cx, const struct parsed_in *in)
{
	const struct parsing *p = in->p;
	json *job = json_new(cx->a);
	struct parsed_head head = { .word = PARSED_JOB };
	struct str text;

	json_set_str(job, "kind", p->provider->kind->id);
	json_set(job, "config", json_copy(cx->a, p->source->config));
	json_set(job, "known", json_copy(cx->a, p->source->known));
	json_set_bool(job, "cut", p->cut);
	json_set(job, "types", ask_types(cx->a, p->spool));
	text = str_c(json_text(cx->a, job));
	if (text.n > PARSED_JOB_MAX)
		return fail(cx, E_SOURCE_TOO_LARGE, NULL);
	head.n = (uint32_t)text.n;
	return pass_bytes(in->fd, (char *)&head, sizeof head, true) &&
		pass_bytes(in->fd, (char *)(uintptr_t)text.p, text.n, true)
	    ? RC_OK
	    : parsed_lost(cx, in);
}

/* --- the whole --- */

enum rc
parsed_take(struct ctx *cx, int fd, const struct parsing *p, struct sink *sink, bool *lost)
{
	struct parsed_in *in = arena_alloc(cx->a, sizeof *in);
	uint32_t word = 0;

	*lost = false;
	parsed_in_init(cx->a, in);
	in->lost = lost;
	in->fd = fd;
	in->p = p;
	in->sink = sink;
	TRY(in_ask(cx, in));
	while (!in->over) {
		TRY(parsed_next(cx, in, &word));
		TRY(take_message(cx, in, word));
	}
	return RC_OK;
}
