/*
 * api_stream.c - opens a stream of what happens to syncs. Who may see what is decided here, as for
 * every other call; nginx then hands the browser over to tidemark-stream, which holds it, so that
 * no process waits here. What that one is to know goes with it as a ticket, in an address that
 * nobody but nginx can ask for (location /stream in nginx/snippets/tidemark.conf).
 */
#include "skin/model.h"

/* Behind which number of a run it goes on; 0: from now. What stands in a Last-Event-ID, the head of
 * cgi-src/stream/ticket.h says. */
static int64_t
stream_after(const struct req *r)
{
	struct str rest;
	int64_t no = 0;

	(void)str_i64(
	    str_cut(str_c(req_header(r, "last-event-id")), '.', &rest), 1, INT64_MAX, &no);
	return no;
}

static void
ticket_put(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(b, "%s%s=", b->p[b->n - 1] == '?' ? "" : "&", name);
	url_encode(b, value);
}

/* One of these three lets it see this, and is looked at again as long as the stream lasts. */
static void
ticket_put_who(struct buf *b, const struct who *who)
{
	ticket_put(b, "owner", who->user_id);
	ticket_put(b, "connection", who->only_conn);
	ticket_put(b, "progress", who->progress);
	ticket_put(b, "token", who->token_id);
	ticket_put(b, "session", who->session_id);
}

enum rc
api_sync_stream(struct req *r, struct resp *w)
{
	const char *id = req_query(r, "syncId");
	struct buf *b = buf_in(r->cx->a, 4000);
	int64_t after = stream_after(r);
	struct run run = { 0 };

	if (id) {
		TRY(run_get(r->cx, r->db, r->who.user_id, id, &run));
		if (r->who.only_conn && strcmp(run.connection_id, r->who.only_conn))
			return fail(r->cx, E_NOT_FOUND, "There is no such sync.");
	}
	/* It was told how that sync ended: by this answer a browser knows not to come again. */
	if (run.finished_at && after > run.no) {
		w->status = 204;
		return RC_OK;
	}
	w->type = "text/event-stream";
	if (r->method == M_HEAD)
		return RC_OK;
	buf_str(b, "/stream?");
	ticket_put_who(b, &r->who);
	buf_printf(b, "&after=%lld", (long long)after);
	if (id)
		buf_printf(b, "&sync=%lld", (long long)run.no);
	resp_header(w, "X-Accel-Redirect", buf_c(b));
	return RC_OK;
}
