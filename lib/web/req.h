/*
 * req.h - a request as handlers see it, and the reply they fill. Knows nothing of FastCGI:
 * cgi-src/fcgi/app.c, tests and fuzzers make these.
 */
#ifndef WEB_REQ_H
#define WEB_REQ_H

#include "base/actor.h"
#include "base/buf.h"
#include "base/complaint.h"
#include "base/pct.h"

enum method {
	M_GET = 1,
	M_HEAD = 2,
	M_POST = 4,
	M_PUT = 8,
	M_PATCH = 16,
	M_DELETE = 32,
	M_OPTIONS = 64
};

/* REQ_PARAMS: the ticked boxes of a form are one each. */
enum { REQ_PARAMS = 1024, REQ_PATH_PARAMS = 4 };

struct param {
	const char *name, *value; /* decoded UTF-8 */
};

struct params {
	struct param v[REQ_PARAMS];
	size_t n;
};

/* Who asks; filled by the dispatcher's guards before the handler runs. */
struct who {
	const char *user_id; /* NULL: nobody */
	const char *user_name;
	bool by_cookie;  /* session cookie rather than token */
	unsigned scopes; /* SCOPE_ bits; a session has all its role allows */
	/* a progress token: the one connection it may read about; NULL: no such limit */
	const char *only_conn;
	const char *progress;          /* the digest of that token */
	const char *token_id;          /* of an API token */
	const char *session_id, *csrf; /* the session's, and its token for forms */
	/* until then this session may set a password without the old one */
	int64_t password_until;
	struct actor by; /* for the audit */
};

struct req {
	struct ctx *cx;
	struct db *db;
	enum method method;
	const char *target; /* path and query as they came, still encoded; NULL: as path */
	const char *path;   /* decoded, starts with '/', no query */
	const char *path_param[REQ_PATH_PARAMS]; /* {id} parts in order */
	struct params query;
	struct params form;    /* of an application/x-www-form-urlencoded body */
	json *body;            /* of a JSON body, an object; NULL otherwise */
	struct str raw;        /* the body as it came */
	struct params headers; /* lower-case names */
	struct params cookies;
	const char *remote_addr;
	/* what the proxy in front says, set by our nginx alone; NULL: nothing */
	const char *sso_user, *sso_proxy;
	const char *id; /* request id, also in the log and in errors */
	bool https;
	struct who who;
	const struct route *route;
	struct complaints wrong; /* the fields of an E_INPUT, for the problem reply and the form */
	/* it could not be read: cx->err says why, and no handler runs */
	bool refused;
};

struct resp {
	int status;       /* 200 unless set */
	const char *type; /* content type; NULL with an empty body */
	struct buf *body;
	struct params headers; /* further ones, names as sent */
	/* the body holds a secret that is shown once: it is never kept for Idempotency-Key */
	bool secret;
	/* nothing was done: a repeated Idempotency-Key asks again */
	bool pure;
	/* Streams instead of body: called until it returns false; writes to `out`. NULL
	 * normally. With broken set it has failed: the reply must not look like a whole one. */
	bool (*stream)(struct req *, struct resp *, struct buf *out);
	void *stream_arg;
	/* With a stream: what is in it, in short: the same as long as that is. NULL: whether it is
	 * still the same cannot be told before it is sent. */
	const char *state;
	/* Of what is shown: raised by every change of it; 0: it has no revisions. */
	int64_t rev;
	bool broken;
	bool begun; /* the head has gone out */
	/* What the reply still waits for, once what the handler did is committed: called then, it
	 * may fill the reply anew. What is kept for Idempotency-Key is filled anew with it. NULL
	 * normally. */
	enum rc (*later)(struct req *, struct resp *);
	const void *later_arg;
};

const char *params_get(const struct params *, const char *name); /* the first, or NULL */
void params_add(struct params *, const char *name, const char *value);
/* Decodes "a=b&c=d" (+ is a space) into the arena; false on bad escapes, NUL, bad UTF-8 or too
 * many. */
bool params_decode(struct arena *, struct str, struct params *);
/* Our cookies among those of a header. */
void cookies_decode(struct arena *, struct str, struct params *);

const char *req_header(const struct req *, const char *lower_name);
const char *req_query(const struct req *, const char *name);
const char *req_form(const struct req *, const char *name);
/* ?limit= and ?cursor= of lists: default 50, at most 500; E_INPUT when not a number. */
MUST enum rc req_limit(struct req *, int64_t *limit);

void resp_json(struct resp *, int status, struct arena *, const json *);
/* Refuses CR, LF, NUL and non-printables: such a header is dropped and logged. */
void resp_header(struct resp *, const char *name, const char *value);
void resp_redirect(struct resp *, struct arena *, const char *path); /* 303 to a path of ours */

/* The HTTP status of an error. What a source refused to us is not a refusal of the caller: 422,
 * not 401, 403 or 404. */
int problem_status(const struct err *);
/* RFC 9457 problem+json from an error; errors (may be NULL) is the list of {field, message}. */
void resp_problem(
    struct resp *, struct arena *, const struct err *, const json *errors, const char *instance);

#endif
