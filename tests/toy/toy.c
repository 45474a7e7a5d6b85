/*
 * toy.c - reads, writes and watches shelves. A page is the service's own JSON: {"toys": [{"id",
 * "name", "colour", "rev"} or {"id", "gone": true}], "next": N or null, "mark": N}. With a mark of
 * before only what has changed comes; a mark that is too old is refused with 410.
 */
#include "base/buf.h"
#include "base/conf.h"
#include "provider/provider.h"

enum { ANSWER_MAX = 1024 * 1024, TIMEOUT_MS = 10 * 1000, MEMBERS = 2 };

static const char *const members[MEMBERS] = { "name", "colour" };

static enum rc
toy_refusal(struct ctx *cx, const struct rest_call *c, const struct remote *remote,
    const struct http_answer *answer)
{
	(void)c;
	(void)remote;
	return answer->status == 410 ? fail(cx, E_CURSOR, "Toybox has forgotten that mark.")
				     : RC_OK;
}

static const struct rest_service service = {
	.name = "Toybox",
	.refusal = toy_refusal,
};

static struct rest_call
toy_call(const char *method, const char *path)
{
	return (struct rest_call){
		.service = &service,
		.method = method,
		.base = conf_str(CONF_TOY_BASE),
		.path = path,
		.quota = QUOTA_TOY,
		.max_bytes = ANSWER_MAX,
		.timeout_ms = TIMEOUT_MS,
		.what = "the shelf",
	};
}

/*
 * Reading.
 */

static enum rc
toy_fetch(struct ctx *cx, const struct source *src, struct fetch *f)
{
	const char *shelf = json_str(src->config, "shelf");
	int64_t mark = json_num(src->cursor, "mark", 0), next;
	struct rest_call call = toy_call("GET",
	    arena_printf(cx->a, "/shelves/%s?since=%lld&from=%s", shelf, (long long)mark,
		f->next ? f->next : "0"));
	struct rest_reply reply;

	if (f->offset)
		TRY(f->rewind(cx, f->arg));
	TRY(rest_call(cx, src->remote, &call, &f->calls, &reply));
	TRY(f->write(cx, f->arg, reply.body.p, reply.body.n));
	f->content_type = "application/json";
	f->delta = mark > 0;
	if (json_i64(reply.value, "next", &next)) {
		f->next_page = arena_printf(cx->a, "%lld", (long long)next);
		return RC_OK;
	}
	f->cursor = json_new(cx->a);
	json_set_i64(f->cursor, "mark", json_num(reply.value, "mark", 0));
	return RC_OK;
}

static enum rc
toy_row(struct ctx *cx, struct sink *sink, const json *toy, const size_t *column, int64_t line)
{
	struct cell cells[MEMBERS] = { { .kind = CELL_NONE } };
	const struct str key = json_s(toy, "id");

	if (json_flag(toy, "gone", false))
		return sink->gone(cx, sink, key, "It was thrown away.");
	for (size_t i = 0; i < MEMBERS; i++)
		if (json_str(toy, members[i]))
			cells[column[i]] = (struct cell){ CELL_TEXT, json_s(toy, members[i]) };
	return sink->row(
	    cx, sink, &(struct row){ .cells = cells, .n = MEMBERS, .key = key, .line = line });
}

static enum rc
toy_page(struct ctx *cx, struct page_in *page, json **out)
{
	struct buf *b = buf_in(cx->a, ANSWER_MAX);
	char chunk[4096];
	size_t got;

	do {
		TRY(page->read(cx, page->arg, chunk, sizeof chunk, &got));
		buf_add(b, chunk, got);
	} while (got);
	return json_parse(cx, "The page", buf_s(b), out);
}

static enum rc
toy_parse(
    struct ctx *cx, const struct source *src, struct page_in *pages, size_t n, struct sink *sink)
{
	size_t column[MEMBERS];
	int64_t line = 0;
	json *page;

	TRY(sink->dataset(cx, sink, "", json_str(src->config, "shelf")));
	for (size_t i = 0; i < MEMBERS; i++)
		TRY(sink->column(cx, sink, str_c(members[i]), &column[i]));
	for (size_t p = 0; p < n; p++) {
		TRY(toy_page(cx, &pages[p], &page));
		for (size_t i = 0; i < json_len(json_at(page, "toys")); i++)
			TRY(toy_row(cx, sink, json_nth(json_at(page, "toys"), i), column, ++line));
	}
	return RC_OK;
}

const struct reader reader_toy = {
	.fetch = toy_fetch,
	.parse = toy_parse,
};

/*
 * Writing.
 */

static void
toy_pushed(struct arena *a, const json *toy, const char *etag, struct pushed *out)
{
	*out = (struct pushed){ .key = json_str(toy, "id"), .etag = etag, .values = json_new(a) };
	for (size_t i = 0; i < MEMBERS; i++)
		json_set_str(out->values, members[i], json_str(toy, members[i]));
}

static enum rc
toy_send(struct ctx *cx, const struct source *src, const struct push *p, struct pushed *out)
{
	const char *shelf = json_str(src->config, "shelf");
	const char *path = p->key ? arena_printf(cx->a, "/shelves/%s/%s", shelf, p->key)
				  : arena_printf(cx->a, "/shelves/%s?push=%s", shelf, p->id);
	struct rest_call call = toy_call(p->key ? "PATCH" : "POST", path);
	struct rest_reply reply;
	int calls = 0;

	if (!p->values)
		call.method = "DELETE";
	call.body = p->values;
	call.if_match = p->etag;
	call.write = true;
	TRY(rest_call(cx, src->remote, &call, &calls, &reply));
	if (p->values)
		toy_pushed(cx->a, reply.value, reply.etag, out);
	else
		*out = (struct pushed){ .key = NULL };
	return RC_OK;
}

static enum rc
toy_look(struct ctx *cx, const struct source *src, const struct push *p, struct pushed *out)
{
	const char *shelf = json_str(src->config, "shelf");
	struct rest_call call = toy_call("GET",
	    p->key ? arena_printf(cx->a, "/shelves/%s/%s", shelf, p->key)
		   : arena_printf(cx->a, "/shelves/%s/pushed?push=%s", shelf, p->id));
	struct rest_reply reply;
	int calls = 0;
	enum rc rc = rest_call(cx, src->remote, &call, &calls, &reply);

	*out = (struct pushed){ .key = NULL };
	if (rc != RC_OK)
		return cx->err.kind == E_SOURCE_GONE ? RC_OK : rc;
	toy_pushed(cx->a, reply.value, reply.etag, out);
	return RC_OK;
}

const struct writer writer_toy = {
	.send = toy_send,
	.look = toy_look,
};

/*
 * Channels.
 */

static enum rc
toy_watch(struct ctx *cx, const struct source *src, struct watching *w)
{
	json *body = json_new(cx->a);
	struct rest_call call = toy_call("POST", "/watch");
	struct rest_reply reply;
	int calls = 0;

	json_set_str(body, "shelf", json_str(src->config, "shelf"));
	json_set_str(body, "channel", w->channel);
	json_set_str(body, "token", w->token);
	json_set_str(body, "address", w->address);
	call.body = body;
	call.once = true;
	TRY(rest_call(cx, src->remote, &call, &calls, &reply));
	w->resource = json_str(reply.value, "shelf");
	w->expires_at = w->until;
	return RC_OK;
}

static enum rc
toy_unwatch(struct ctx *cx, const struct source *src, const struct watching *w)
{
	struct rest_call call = toy_call(
	    "DELETE", arena_printf(cx->a, "/watch?channel=%s", w->channel));
	struct rest_reply reply;
	int calls = 0;

	call.once = true;
	return rest_call(cx, src->remote, &call, &calls, &reply);
}

const struct watcher watcher_toy = {
	.watch = toy_watch,
	.unwatch = toy_unwatch,
};
