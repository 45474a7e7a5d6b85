/*
 * gcal_leave.c - google-calendar: what there is of ours when a connection is left. The copies that
 * we have made are gone by then; here go our private properties in events of the person, and copies
 * that an earlier connection had left behind. What another installation has marked stays.
 */
#include "provider/google/gcal.h"

#include "base/buf.h"

enum { LEAVE_PAGE = 2500, LEAVE_PAGES = 1000, LEAVE_COST = 3 };

struct leaver {
	struct ctx *cx;
	const struct source *src;
	struct farewell *leaving;
	int *calls;
};

static json *
leave_marks(struct arena *a, const json *event)
{
	const json *own = json_at(json_at(event, "extendedProperties"), "private");
	json *out = json_new(a);

	for (struct json_iter it = { 0 }; json_each(own, &it);)
		if (str_starts(str_c(it.key), "tidemark_"))
			json_set_null(out, it.key);
	return out;
}

/* What was changed or deleted there in the same moment is not ours to write to. */
static enum rc
leave_call(struct leaver *l, const json *event, const char *method, const json *body)
{
	const struct rest_call call = {
		.service = &gcal_service,
		.method = method,
		.base = conf_str(CONF_GOOGLE_API_BASE),
		.path = gcal_path(l->cx->a, l->src, json_str(event, "id"), "sendUpdates=none"),
		.body = body,
		.if_match = json_str(event, "etag"),
		.write = true,
		.cost = LEAVE_COST,
		.quota = QUOTA_CALENDAR,
		.max_bytes = GCAL_ANSWER_MAX,
		.what = "the event",
	};
	struct rest_reply reply;
	enum rc rc = rest_call(l->cx, l->src->remote, &call, l->calls, &reply);

	if (rc == RC_NOTFOUND || rc == RC_CONFLICT) {
		l->cx->err = (struct err){ 0 };
		return RC_OK;
	}
	l->leaving->n += rc == RC_OK;
	return rc;
}

static enum rc
leave_event(struct leaver *l, const json *event)
{
	const char *id = json_str(event, "id");
	json *marks = leave_marks(l->cx->a, event), *own, *body;
	enum leaving_act act;

	if (!id || json_len(marks) == 0)
		return RC_OK;
	TRY(l->leaving->known(
	    l->cx, l->leaving->arg, id, gcal_own(event, "tidemark_object"), &act));
	if (act == LEAVING_ALL && gcal_id_read(l->cx->a, id))
		return leave_call(l, event, "DELETE", NULL);
	if (act == LEAVING_NOTHING)
		return RC_OK;
	own = json_new(l->cx->a);
	body = json_new(l->cx->a);
	json_set(own, "private", marks);
	json_set(body, "extendedProperties", own);
	return leave_call(l, event, "PATCH", body);
}

enum rc
gcal_leave(struct ctx *cx, const struct source *src, struct farewell *leaving, int *calls)
{
	struct leaver l = {
		.cx = cx,
		.src = src,
		.leaving = leaving,
		.calls = calls,
	};
	const char *next = NULL;
	struct rest_reply reply;

	for (int i = 0; i == 0 || next; i++) {
		struct buf *b = buf_in(cx->a, 16 * 1024);
		const json *items;

		if (i == LEAVE_PAGES)
			return fail(cx, E_PAGES_LOOP, "The events do not come to an end.");
		buf_printf(b, "maxResults=%d&singleEvents=false&fields=nextPageToken,items(%s)",
		    LEAVE_PAGE, gcal_members);
		if (next) {
			buf_str(b, "&pageToken=");
			url_encode(b, next);
		}
		TRY(gcal_get(cx, src, gcal_path(cx->a, src, NULL, buf_c(b)), calls, &reply));
		items = json_at(reply.value, "items");
		for (size_t k = 0; k < json_len(items); k++)
			TRY(leave_event(&l, json_nth(items, k)));
		next = json_str(reply.value, "nextPageToken");
	}
	return RC_OK;
}
