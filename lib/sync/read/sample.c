/*
 * sample.c - see sample.h. Who has seen enough ends the read with E_ENOUGH, which is no error.
 */
#include "sync/read/parser.h"
#include "sync/read/sample.h"

enum { WHOLE_BYTES = 32 * 1024 * 1024 };

struct sampler {
	struct intake in; /* first */
	struct key_sample *sample;
	struct key_finds *found;
	struct repeats *rows; /* that came, by what they hold */
	struct buf *whole;
	struct arena *names; /* what is found outlives the sampling */
};

static enum rc
sampler_begin(struct ctx *cx, struct intake *in)
{
	((struct sampler *)in)->sample = key_sample_new(cx->a);
	return RC_OK;
}

static enum rc
sampler_undecided(struct ctx *cx, struct intake *in)
{
	(void)cx;
	(void)in;
	return RC_OK;
}

/* Did just this row come on an earlier page? Then it is the same item: its key repeats nothing. */
static bool
sampled_before(struct sampler *s, const struct row *row)
{
	const struct intake *in = &s->in;
	int page;

	if (row->page == 0)
		return false;
	buf_clear(s->whole);
	for (size_t i = 0; i < in->n_cells; i++) {
		buf_add(s->whole, in->cells[i].v.p, in->cells[i].v.n);
		buf_ch(s->whole, '\x1f');
	}
	page = repeats_page(s->rows, buf_s(s->whole), row->page);
	return page >= 0 && page != row->page;
}

static enum rc
sampler_row(struct ctx *cx, struct intake *in, const struct row *row)
{
	int64_t n = in->set->tally.fetched;

	if (n <= KEY_SAMPLE_ROWS && !sampled_before((struct sampler *)in, row))
		key_sample_row(((struct sampler *)in)->sample, in->cells, in->n_cells);
	/* Another dataset may follow. */
	if (n < KEY_SAMPLE_ROWS || (in->provider->kind->caps & KIND_TABLES))
		return RC_OK;
	return fail(cx, E_ENOUGH, NULL);
}

static enum rc
sampler_gone(struct ctx *cx, struct intake *in, struct str key, const char *why)
{
	(void)cx;
	(void)in;
	(void)key;
	(void)why;
	return RC_OK;
}

static bool
sampler_is_last(struct ctx *cx, struct intake *in, const struct row *row)
{
	(void)cx;
	(void)in;
	(void)row;
	return true;
}

/* What the rows of the present dataset tell about its key. */
static enum rc
sampler_end(struct ctx *cx, struct intake *in)
{
	struct sampler *s = (struct sampler *)in;
	struct key_finds *f = s->found;
	struct key_rule *rule = &f->v[f->n].rule;

	(void)cx;
	key_sample_choose(s->sample, in->set->cols, rule);
	rule->wanted = "";
	for (size_t i = 0; i < rule->n; i++)
		rule->name[i] = arena_dup(s->names, rule->name[i]);
	f->v[f->n++].remote_id = arena_dup(s->names, in->set->remote_id);
	return RC_OK;
}

static const struct intake_use sampling = {
	.begin = sampler_begin,
	.undecided = sampler_undecided,
	.row = sampler_row,
	.gone = sampler_gone,
	.is_last = sampler_is_last,
	.end = sampler_end,
};

static enum rc
sample_run(struct ctx *cx, struct sampler *s, struct spool *sp, bool cut)
{
	struct source src = { .config = s->in.config };
	int64_t read_bytes = 0;
	const struct parsing p = {
		.provider = s->in.provider,
		.source = &src,
		.spool = sp,
		.cut = cut,
		.read_bytes = &read_bytes,
	};
	const enum rc rc = parser_run(cx, &p, &s->in.sink);

	/* An error is met, and reported, by the whole read. */
	if (rc != RC_OK && cx->err.kind != E_ENOUGH)
		return RC_OK;
	return intake_end(cx, &s->in);
}

enum rc
sample_keys(struct ctx *cx, const struct intake_from *from, struct spool *sp, bool read_cut,
    struct key_finds *out)
{
	struct ctx scratch = { .a = arena_new("key sample", (size_t)128 * 1024 * 1024, 0) };
	struct sampler *s = arena_alloc(scratch.a, sizeof *s);
	/* As if nothing was stored. */
	const struct intake_from nothing = { .provider = from->provider, .config = from->config };
	enum rc rc;

	*out = (struct key_finds){ 0 };
	intake_init(scratch.a, &s->in, &sampling, &nothing);
	s->found = out;
	s->rows = repeats_new(scratch.a);
	s->whole = buf_in(scratch.a, WHOLE_BYTES);
	s->names = cx->a;
	rc = sample_run(&scratch, s, sp, read_cut);
	if (rc != RC_OK)
		cx->err = scratch.err;
	arena_free(scratch.a);
	return rc;
}
