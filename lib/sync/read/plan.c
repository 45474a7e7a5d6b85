/*
 * plan.c - see plan.h. Each item: seq (8 bytes), rev (8), key length (4), payload length (4), op
 * (1), key, payload; native byte order, for the file never leaves the machine.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "sync/read/plan.h"

enum { FILE_BUFFER = 256 * 1024, PAYLOAD_MAX = 64 * 1024 * 1024 };

struct plan_writer {
	FILE *f;
	const struct spool *sp;
	int64_t bytes, items;
	int64_t unseen; /* written since the free space was looked at */
};

struct plan_reader {
	FILE *f;
	int64_t offset;
	struct buf text;
};

struct head {
	int64_t seq, rev;
	uint32_t key, payload;
	uint8_t op;
} __attribute__((packed));

static void
close_writer(void *p)
{
	struct plan_writer *w = p;

	if (w->f)
		fclose(w->f);
	w->f = NULL;
}

enum rc
plan_create(struct ctx *cx, const struct spool *sp, struct plan_writer **out)
{
	struct plan_writer *w = arena_alloc(cx->a, sizeof *w);

	w->f = fopen(spool_path(cx->a, sp, "plan.bin"), "we");
	if (!w->f)
		return spool_fail(cx, errno);
	w->sp = sp;
	arena_defer(cx->a, close_writer, w);
	setvbuf(w->f, NULL, _IOFBF, FILE_BUFFER);
	*out = w;
	return RC_OK;
}

enum rc
plan_add(struct ctx *cx, struct plan_writer *w, const struct plan_item *it)
{
	struct head h = {
		.seq = it->seq,
		.rev = it->rev,
		.key = (uint32_t)it->key.n,
		.payload = (uint32_t)it->payload.n,
		.op = (uint8_t)it->op,
	};

	if (it->key.n + it->payload.n > PAYLOAD_MAX)
		return fail(cx, E_SOURCE_TOO_LARGE, "A single record is larger than 64 MB.");
	w->unseen += (int64_t)(sizeof h + it->key.n + it->payload.n);
	if (w->unseen >= FILE_BUFFER) {
		TRY(spool_space(cx, w->sp, w->unseen));
		w->unseen = 0;
	}
	if (fwrite(&h, sizeof h, 1, w->f) != 1 ||
	    (it->key.n && fwrite(it->key.p, it->key.n, 1, w->f) != 1) ||
	    (it->payload.n && fwrite(it->payload.p, it->payload.n, 1, w->f) != 1))
		return spool_fail(cx, errno);
	w->bytes += (int64_t)(sizeof h + it->key.n + it->payload.n);
	if (it->op != PLAN_DATASET)
		w->items++;
	return RC_OK;
}

enum rc
plan_finish(struct ctx *cx, struct plan_writer *w, int64_t *bytes, int64_t *items)
{
	int failed = fclose(w->f);

	w->f = NULL;
	if (failed)
		return spool_fail(cx, errno);
	*bytes = w->bytes;
	*items = w->items;
	return RC_OK;
}

enum rc
plan_room(struct ctx *cx, const struct spool *sp)
{
	struct stat st;

	if (stat(spool_path(cx->a, sp, "plan.bin"), &st))
		return spool_fail(cx, errno);
	return st.st_size < FILE_BUFFER ? RC_OK : spool_space(cx, sp, 2 * (int64_t)st.st_size);
}

static void
close_reader(void *p)
{
	struct plan_reader *r = p;

	fclose(r->f);
	buf_release(&r->text);
}

enum rc
plan_open(struct ctx *cx, const struct spool *sp, int64_t offset, struct plan_reader **out)
{
	struct plan_reader *r = arena_alloc(cx->a, sizeof *r);

	r->f = fopen(spool_path(cx->a, sp, "plan.bin"), "re");
	if (!r->f)
		return spool_fail(cx, errno);
	buf_init(&r->text, PAYLOAD_MAX + 1);
	arena_defer(cx->a, close_reader, r);
	setvbuf(r->f, NULL, _IOFBF, FILE_BUFFER);
	*out = r;
	return plan_seek(cx, r, offset);
}

enum rc
plan_seek(struct ctx *cx, struct plan_reader *r, int64_t offset)
{
	if (fseeko(r->f, offset, SEEK_SET))
		return spool_fail(cx, errno);
	r->offset = offset;
	return RC_OK;
}

static enum rc
plan_damaged(struct ctx *cx)
{
	return fail(cx, E_UNAVAILABLE,
	    "The working file of this sync is damaged; the next run starts over.");
}

enum rc
plan_next(struct ctx *cx, struct plan_reader *r, bool *more, struct plan_item *it, int64_t *offset)
{
	struct head h;
	size_t n = fread(&h, 1, sizeof h, r->f), body;

	*more = n > 0;
	if (n == 0)
		return ferror(r->f) ? spool_fail(cx, errno) : RC_OK;
	if (n != sizeof h || h.op < PLAN_DATASET || h.op > PLAN_ECHO ||
	    (size_t)h.key + h.payload > PAYLOAD_MAX)
		return plan_damaged(cx);
	body = (size_t)h.key + h.payload;
	buf_clear(&r->text);
	buf_reserve(&r->text, body);
	if (body && fread(r->text.p, 1, body, r->f) != body)
		return plan_damaged(cx);
	*it = (struct plan_item){
		.op = (enum plan_op)h.op,
		.seq = h.seq,
		.rev = h.rev,
		.key = { r->text.p, h.key },
		.payload = { r->text.p + h.key, h.payload },
	};
	r->offset += (int64_t)(sizeof h + body);
	*offset = r->offset;
	return RC_OK;
}
