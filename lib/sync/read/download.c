/*
 * download.c - see download.h.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/step.h"
#include "sync/read/download.h"

/* A page that is under way for so long is worth going on with after an interruption. */
enum { PACE_SLICE_MS = 200, NOTE_AFTER_MS = 250 };

struct transfer {
	struct download *d;
	int page;
	int64_t began_at;
	bool noted; /* what it takes to go on with the page */
};

static enum rc
transfer_note(struct ctx *cx, struct transfer *t)
{
	struct download *d = t->d;

	if (t->noted || !d->checkpoint->validator || clock_mono_ms() - t->began_at < NOTE_AFTER_MS)
		return RC_OK;
	t->noted = true;
	return checkpoint_save(cx, d->db, d->job, d->checkpoint);
}

static enum rc
on_write(struct ctx *cx, void *arg, const char *p, size_t n)
{
	struct transfer *t = arg;

	TRY(spool_write(cx, t->d->spool, p, n));
	TRY(transfer_note(cx, t));
	step("download:write");
	return RC_OK;
}

static enum rc
on_rewind(struct ctx *cx, void *arg)
{
	struct transfer *t = arg;

	return spool_rewind(cx, t->d->spool);
}

static void
size_text(char *out, size_t cap, int64_t bytes)
{
	if (bytes < 1000000)
		snprintf(out, cap, "%lld kB", (long long)((bytes + 999) / 1000));
	else
		snprintf(out, cap, "%.1f MB", (double)bytes / 1e6);
}

/* By records, where the source tells how many there are. */
static enum rc
tick_items(struct ctx *cx, const struct download *d)
{
	const int64_t items = d->items > 0 ? d->items : 1;
	const int64_t all = d->expected > items ? d->expected : items;

	return progress_move(cx, d->progress,
	    (struct moved){
		.phase = PHASE_DOWNLOADING,
		.done = d->spool->bytes,
		.total = (int64_t)((double)d->spool->bytes * (double)all / (double)items),
	    },
	    "Fetched %lld of about %lld", (long long)d->items, (long long)all);
}

static enum rc
on_tick(struct ctx *cx, void *arg, int64_t got, int64_t total)
{
	struct transfer *t = arg;
	struct spool *sp = t->d->spool;
	char have[32], all[32];

	/* The total counts what comes over the wire: packed, that is less than what is kept. */
	const bool measured = total > 0 && t->page == 0;
	const struct moved to = {
		.phase = PHASE_DOWNLOADING,
		.done = measured ? got : sp->bytes,
		.total = measured ? total : 0,
	};

	TRY(transfer_note(cx, t));
	if (t->d->expected > 0)
		return tick_items(cx, t->d);
	size_text(have, sizeof have, to.done);
	if (t->page > 0)
		return progress_move(
		    cx, t->d->progress, to, "Downloading, page %d, %s so far", t->page + 1, have);
	if (!measured)
		return progress_move(cx, t->d->progress, to, "Downloading, %s so far", have);
	size_text(all, sizeof all, total);
	return progress_move(cx, t->d->progress, to, "Downloading, %s of %s", have, all);
}

static enum rc
on_started(struct ctx *cx, void *arg, const char *validator)
{
	struct transfer *t = arg;

	t->d->checkpoint->validator = arena_dup(cx->a, validator);
	t->noted = false;
	return transfer_note(cx, t);
}

static enum rc
page_done(struct ctx *cx, struct download *d, const struct fetch *f)
{
	struct checkpoint *cp = d->checkpoint;
	const char *type = f->content_type ? f->content_type : "";
	size_t n = d->spool->pages;

	TRY(spool_page_end(cx, d->spool, type));
	if (n == 0 || strcmp(d->spool->types[n - 1], type)) {
		json *o = json_new(cx->a);

		json_set_i64(o, "page", (int64_t)n);
		json_set_str(o, "type", type);
		json_add(cp->types, o);
	}
	cp->pages = (int64_t)n + 1;
	if (d->source.remote && d->source.remote->kept)
		d->source.remote->kept(d->source.remote);
	cp->next = f->next_page;
	cp->validator = NULL;
	cp->calls = d->calls;
	return f->next_page ? checkpoint_save(cx, d->db, d->job, cp) : RC_OK;
}

static enum rc
page_fetch(struct ctx *cx, struct download *d, struct transfer *t, struct fetch *f)
{
	const char *validator = d->checkpoint->validator;

	t->began_at = clock_mono_ms();
	t->noted = validator != NULL;
	*f = (struct fetch){
		.page = t->page,
		.next = d->checkpoint->next,
		.max_bytes = d->max_bytes - d->spool->bytes,
		.silence_ms = conf_int(CONF_SILENCE_SECONDS) * 1000,
		.enough_bytes = d->enough_bytes,
		.ahead = d->db && d->pace_at / 1000 < clock_mono_ms() + MINUTE_MS / 2,
		.write = on_write,
		.rewind = on_rewind,
		.tick = on_tick,
		.started = on_started,
		.arg = t,
	};
	TRY(spool_page_begin(cx, d->spool, t->page, &f->offset));
	if (f->offset && !validator) {
		TRY(spool_rewind(cx, d->spool));
		f->offset = 0;
	}
	f->validator = validator;
	return d->provider->reader->fetch(cx, &d->source, f);
}

/* What an interrupted run had brought already. */
static enum rc
adopt(struct ctx *cx, struct download *d)
{
	const json *types = d->checkpoint->types;
	const char *type = "";
	int64_t have;
	size_t at = 0;

	d->calls = d->checkpoint->calls;
	for (int64_t i = 0; i < d->checkpoint->pages; i++) {
		if (json_num(json_nth(types, at), "page", -1) == i)
			type = json_str(json_nth(types, at++), "type");
		TRY(spool_page_begin(cx, d->spool, (int)i, &have));
		TRY(spool_page_end(cx, d->spool, type ? type : ""));
	}
	return RC_OK;
}

/* As many requests a minute as are allowed, the first of them at once: a list that never ends
 * burdens nobody. */
static enum rc
pace(struct ctx *cx, struct transfer *t, int calls)
{
	struct download *d = t->d;
	const int64_t apart = MINUTE_MS * 1000 / conf_int(CONF_SOURCE_REQUESTS_MINUTE);
	int64_t now = clock_mono_ms(), ahead;

	if (d->pace_at < now * 1000)
		d->pace_at = now * 1000;
	d->pace_at += calls * apart;
	while ((ahead = d->pace_at / 1000 - now - MINUTE_MS) > 0) {
		clock_sleep_ms(ahead < PACE_SLICE_MS ? ahead : PACE_SLICE_MS);
		TRY(on_tick(cx, t, 0, 0));
		now = clock_mono_ms();
	}
	return RC_OK;
}

static enum rc
download_pages(struct ctx *cx, struct download *d)
{
	struct transfer t = { .d = d };
	struct fetch f;
	enum rc rc;

	TRY(adopt(cx, d));
	do {
		if (d->spool->pages >= SPOOL_PAGES_MAX)
			return fail(
			    cx, E_PAGES_LOOP, "There are more than %d pages.", SPOOL_PAGES_MAX);
		t.page = (int)d->spool->pages;
		rc = page_fetch(cx, d, &t, &f);
		d->calls += f.calls;
		if (rc != RC_OK)
			return rc;
		if (f.unchanged) {
			d->unchanged = true;
			return RC_OK;
		}
		d->items = f.items;
		d->expected = f.expected;
		TRY(page_done(cx, d, &f));
		/* However fast its pages are: that the run is alive is the run's to say. */
		progress_whole(d->progress);
		TRY(on_tick(cx, &t, 0, 0));
		if (d->kept)
			TRY(d->kept(cx, d->arg, (size_t)t.page));
		if (f.next_page)
			TRY(pace(cx, &t, f.calls));
	} while (f.next_page && !f.cut && !(d->enough_bytes && d->spool->bytes >= d->enough_bytes));
	d->cut = f.cut || f.next_page;
	d->delta = f.delta;
	d->cursor = f.cursor;
	return RC_OK;
}

enum rc
download_run(struct ctx *cx, struct download *d)
{
	enum rc rc = download_pages(cx, d);

	rest_forget();
	return rc;
}
