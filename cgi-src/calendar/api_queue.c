/*
 * api_queue.c - what is to be sent to providers, over HTTP: how much, each item, tried now,
 * forgotten.
 */
#include "app/outbox.h"

#include <stdlib.h>

#include "base/clock.h"
#include "calendar/model.h"
#include "calendar/queue.h"
#include "store/link.h"
#include "store/outbox.h"

/* The words of the interface for states. */
static const struct {
	const char *word;
	const char *states[2]; /* the second may be NULL */
} queue_words[] = {
	{ "PENDING", { OUTBOX_WAITING, OUTBOX_UNSURE } },
	{ "PROCESSING", { OUTBOX_SENDING, NULL } },
	{ "HELD", { OUTBOX_HELD, NULL } },
	{ "COMPLETED", { OUTBOX_DONE, NULL } },
	{ "FAILED", { OUTBOX_FAILED, NULL } },
};
enum { QUEUE_WORDS = sizeof queue_words / sizeof *queue_words };

static size_t
queue_word_of(const char *state)
{
	for (size_t i = 0; i < QUEUE_WORDS; i++)
		for (size_t k = 0; k < 2 && queue_words[i].states[k]; k++)
			if (!strcmp(queue_words[i].states[k], state))
				return i;
	return 0;
}

/* --- how much --- */

static enum rc
queue_oldest(struct req *r, const struct outbox_count *c, int64_t *oldest)
{
	struct outbox o;

	TRY(outbox_get(r->cx, r->db, r->who.user_id, c->first, &o));
	if (!*oldest || o.created_at < *oldest)
		*oldest = o.created_at;
	return RC_OK;
}

enum rc
queue_stats(struct req *r, json *out)
{
	struct outbox_count counts[OUTBOX_STATES];
	int64_t n[QUEUE_WORDS] = { 0 }, oldest = 0;
	json *stats = json_new(r->cx->a);
	size_t states;

	TRY(outbox_counts(r->cx, r->db, r->who.user_id, counts, &states));
	for (size_t i = 0; i < states; i++) {
		size_t word = queue_word_of(counts[i].state);

		n[word] += counts[i].n;
		if (word == 0)
			TRY(queue_oldest(r, &counts[i], &oldest));
	}
	for (size_t i = 0; i < QUEUE_WORDS; i++)
		json_set_i64(stats, queue_words[i].word, n[i]);
	json_set(out, "stats", stats);
	if (oldest)
		json_set_i64(out, "oldestPendingAge", clock_ms() - oldest);
	else
		json_set_null(out, "oldestPendingAge");
	return RC_OK;
}

/* --- each --- */

/* Of what is over, whatever has become of its twin since, it tells what was done. */
static const char *
queue_operation(const struct outbox *o, const struct link *l)
{
	if (!strcmp(o->op, OUTBOX_DELETE))
		return "DELETE";
	if (!strcmp(o->state, OUTBOX_DONE))
		return o->harms || o->fields ? "UPDATE" : "CREATE";
	return l->base ? "UPDATE" : "CREATE";
}

/* Does it wait for its connection to be resumed? */
static enum rc
queue_paused(struct req *r, const struct outbox *o, bool *paused)
{
	struct conn c;
	enum rc rc;

	*paused = false;
	if (queue_word_of(o->state) != 0)
		return RC_OK;
	rc = conn_get(r->cx, r->db, o->owner, o->connection_id, &c);
	if (rc == RC_NOTFOUND) {
		r->cx->err = (struct err){ 0 };
		return RC_OK;
	}
	TRY(rc);
	*paused = !conn_sends(&c);
	return RC_OK;
}

static json *
queue_error(struct arena *a, const struct outbox *o, bool paused)
{
	json *e;

	if (paused)
		return model_paused(a);
	if (!strcmp(o->state, OUTBOX_HELD) && o->question)
		return model_held(a, o->question);
	if (!o->error_code)
		return NULL;
	e = json_new(a);
	json_set_str(e, "code", o->error_code);
	json_set_str(e, "detail",
	    o->error_detail && *o->error_detail ? o->error_detail
						: error_by_code(o->error_code)->title);
	return e;
}

static enum rc
queue_item(struct req *r, const struct outbox *o, json **out)
{
	const bool held = !strcmp(o->state, OUTBOX_HELD);
	const char *provider, *name;
	json *j = json_new(r->cx->a);
	struct link l;
	bool paused;

	TRY(queue_paused(r, o, &paused));
	TRY(link_get(r->cx, r->db, o->owner, o->link_id, &l));
	TRY(model_provider_of(r, o->owner, o->connection_id, &provider, &name));
	json_set_str(j, "id", o->id);
	json_set_str(j, "eventId", strcmp(l.object.kind, OBJECT_EVENT) ? NULL : l.object.key);
	json_set_str(j, "connectionId", o->connection_id);
	json_set_str(j, "provider", provider);
	json_set_str(j, "operation", queue_operation(o, &l));
	json_set_str(j, "status", queue_words[queue_word_of(o->state)].word);
	json_set_i64(j, "attempts", o->attempts);
	json_set_time(j, "nextAttemptAt", paused ? 0 : o->next_at);
	json_set(j, "error", queue_error(r->cx->a, o, paused));
	json_set_str(j, "syncId", held ? o->question : NULL);
	json_set_time(j, "createdAt", o->created_at);
	json_set_time(j, "finishedAt", o->finished_at);
	*out = j;
	return RC_OK;
}

static int
queue_order(const void *x, const void *y)
{
	const struct outbox *const a = x, *const b = y;

	return strcmp(a->id, b->id);
}

/* A page of what is in one of the states that a word stands for. */
static enum rc
queue_page(struct req *r, size_t word, int64_t limit, struct outbox_list *out)
{
	const char *after = req_query(r, "cursor");
	struct outbox_list list;

	*out = (struct outbox_list){
		.v = arena_array(r->cx->a, 2 * (size_t)limit + 1, sizeof *out->v),
	};
	for (size_t k = 0; k < 2 && queue_words[word].states[k]; k++) {
		const struct outbox_page page = {
			.owner = r->who.user_id,
			.state = queue_words[word].states[k],
			.after = after ? after : "",
			.limit = limit,
		};

		TRY(outbox_list_state(r->cx, r->db, &page, &list));
		for (size_t i = 0; i < list.n; i++)
			out->v[out->n++] = list.v[i];
		out->next = list.next ? "" : out->next;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, queue_order);
	if (out->n > (size_t)limit || out->next) {
		out->n = out->n > (size_t)limit ? (size_t)limit : out->n;
		out->next = out->v[out->n - 1].id;
	}
	return RC_OK;
}

enum rc
queue_items(struct req *r, const char *status, int64_t limit, json *out)
{
	json *data = json_list(r->cx->a), *o;
	struct outbox_list list;
	size_t word = 0;

	while (word < QUEUE_WORDS - 1 && strcmp(queue_words[word].word, status) != 0)
		word++;
	TRY(queue_page(r, word, limit, &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(queue_item(r, &list.v[i], &o));
		json_add(data, o);
	}
	json_set(out, "data", data);
	json_set_str(out, "nextCursor", list.next);
	return RC_OK;
}

enum rc
api_queue(struct req *r, struct resp *w)
{
	const char *status = req_query(r, "status");
	json *o = json_new(r->cx->a);
	int64_t limit;

	json_set_bool(o, "success", true);
	TRY(queue_stats(r, o));
	TRY(req_limit(r, &limit));
	if (status)
		TRY(queue_items(r, status, limit, o));
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

/* --- what is done with it --- */

static enum rc
queue_done(struct req *r, struct resp *w, const char *what, int64_t n)
{
	json *o = json_new(r->cx->a);

	json_set_bool(o, "success", true);
	json_set_i64(o, what, n);
	resp_json(w, 200, r->cx->a, o);
	return RC_OK;
}

enum rc
api_queue_process(struct req *r, struct resp *w)
{
	int64_t n;

	TRY(outbox_process(r->cx, r->db, auth_caller(r), req_query(r, "id"), &n));
	return queue_done(r, w, "processed", n);
}

enum rc
api_queue_forget(struct req *r, struct resp *w)
{
	const char *text = req_query(r, "olderThan");
	int64_t days = OUTBOX_DAYS, n;

	if (text && !str_i64(str_c(text), 0, INT64_MAX, &days))
		days = -1;
	TRY(outbox_forget(r->cx, r->db, auth_caller(r), days, &n));
	return queue_done(r, w, "deleted", n);
}
