/*
 * resp.c - replies (req.h).
 */
#include "base/log.h"
#include "web/req.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MOST = 500 };

const char *
req_header(const struct req *r, const char *name)
{
	return params_get(&r->headers, name);
}

const char *
req_query(const struct req *r, const char *name)
{
	return params_get(&r->query, name);
}

const char *
req_form(const struct req *r, const char *name)
{
	return params_get(&r->form, name);
}

enum rc
req_limit(struct req *r, int64_t *limit)
{
	const char *text = req_query(r, "limit");

	*limit = LIMIT_DEFAULT;
	if (!text || str_i64(str_c(text), 1, LIMIT_MOST, limit))
		return RC_OK;
	return fail_input(r->cx, "limit", "limit is a number from 1 to %d.", LIMIT_MOST);
}

void
resp_json(struct resp *w, int status, struct arena *a, const json *o)
{
	w->status = status;
	w->type = "application/json";
	buf_clear(w->body);
	buf_str(w->body, json_text(a, o));
	buf_ch(w->body, '\n');
}

void
resp_header(struct resp *w, const char *name, const char *value)
{
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			log_event(LOG_LEVEL_WARN, "http.header_refused", "s:header", name, NULL);
			return;
		}
	params_add(&w->headers, name, value);
}

/* A path of ours? "//host" and "/\host" lead elsewhere, and browsers drop tabs and line ends
 * before they look. */
static bool
local_path(const char *path)
{
	if (path[0] != '/' || path[1] == '/')
		return false;
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p <= 0x20 || *p == 0x7f || *p == '\\')
			return false;
	return true;
}

void
resp_redirect(struct resp *w, struct arena *a, const char *path)
{
	struct buf *b = buf_in(a, 32 * 1024);

	if (!local_path(path))
		path = "/";
	/* A header is ASCII. */
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p >= 0x80)
			url_encode_byte(b, (unsigned char)*p);
		else
			buf_ch(b, *p);
	w->status = 303;
	w->type = NULL;
	buf_clear(w->body);
	resp_header(w, "Location", b->over ? "/" : buf_c(b));
}

int
problem_status(const struct err *err)
{
	/* Outcomes say what to do; a few kinds have a status of their own in HTTP. */
	switch (err->kind) {
	case E_METHOD:
		return 405;
	case E_MEDIA_TYPE:
		return 415;
	case E_TOO_LARGE:
	case E_REPLY_LARGE:
		return 413;
	case E_BAD_REQUEST:
		return 400;
	case E_FEED_OVER:
		return 410;
	case E_STALE:
		return 412;
	case E_SOURCE_AUTH:
	case E_SOURCE_DENIED:
	case E_SOURCE_GONE:
	case E_ADDRESS_BLOCKED:
	case E_GRANT:
	case E_SCOPES:
	case E_API_OFF:
	case E_WEBHOOK_GONE:
	case E_SECRET:
		return 422;
	default:
		return rc_http(error_row(err->kind)->rc);
	}
}

/* The one complaint that the whole is about. */
static json *
problem_field(struct arena *a, const char *field, const char *message)
{
	json *list = json_list(a), *e = json_new(a);

	json_set_str(e, "field", field);
	json_set_str(e, "message", message);
	json_add(list, e);
	return list;
}

void
resp_problem(struct resp *w, struct arena *a, const struct err *err, const json *errors,
    const char *instance)
{
	const struct error_row *row = error_row(err->kind);
	json *o = json_new(a);
	int status = problem_status(err);

	json_set_str(o, "type", arena_printf(a, "urn:tidemark:error:%s", row->code));
	json_set_str(o, "title", row->title);
	json_set_i64(o, "status", status);
	json_set_str(o, "detail", *err->detail ? err->detail : row->advice);
	json_set_str(o, "code", row->code);
	json_set_str(o, "advice", row->advice);
	if (*row->fix)
		json_set_str(o, "action", row->fix);
	if (errors)
		json_set(o, "errors", (json *)(uintptr_t)errors);
	else if (err->field)
		json_set(o, "errors", problem_field(a, err->field, json_str(o, "detail")));
	if (instance)
		json_set_str(o, "requestId", instance);
	resp_json(w, status, a, o);
	w->type = "application/problem+json";
	if (err->wait_ms > 0 || row->rc == RC_RETRY || row->rc == RC_LIMITED)
		resp_header(w, "Retry-After",
		    arena_printf(a, "%lld",
			(long long)(err->wait_ms > 0 ? (err->wait_ms + 999) / 1000 : 2)));
}
