/*
 * ticket.c - see ticket.h.
 */
#include "stream/ticket.h"

#include <stdio.h>

#include "store/session.h"
#include "store/token.h"
#include "web/req.h"

/* False: there is none, or it is too long. */
static bool
ticket_text(const struct params *p, const char *name, char *out, size_t size)
{
	const char *text = params_get(p, name);

	return text && *text && snprintf(out, size, "%s", text) < (int)size;
}

static bool
ticket_number(const struct params *p, const char *name, int64_t *out)
{
	const char *text = params_get(p, name);

	return !text || str_i64(str_c(text), 0, INT64_MAX, out);
}

bool
ticket_read(struct arena *a, struct str query, struct ticket *out)
{
	static const char *const by[] = {
		[BY_SESSION] = "session",
		[BY_TOKEN] = "token",
		[BY_PROGRESS] = "progress",
	};
	struct params *p = arena_alloc(a, sizeof *p);
	size_t ways = 0;

	*out = (struct ticket){ 0 };
	if (!params_decode(a, query, p) || !ticket_number(p, "sync", &out->sync) ||
	    !ticket_number(p, "after", &out->after) ||
	    !ticket_text(p, "owner", out->owner, sizeof out->owner))
		return false;
	for (enum ticket_by i = BY_SESSION; i <= BY_PROGRESS; i++)
		if (ticket_text(p, by[i], out->id, sizeof out->id)) {
			out->by = i;
			ways++;
		}
	return ways == 1 &&
	    (out->by != BY_PROGRESS || ticket_text(p, "connection", out->conn, sizeof out->conn));
}

enum rc
ticket_stands(struct ctx *cx, struct db *db, const struct ticket *t, bool *yes)
{
	switch (t->by) {
	case BY_SESSION:
		return session_stands(cx, db, t->owner, t->id, yes);
	case BY_TOKEN:
		return token_stands(cx, db, t->id, t->owner, yes);
	default:
		return progress_token_stands(cx, db, t->id, yes);
	}
}

bool
ticket_sees(const struct ticket *t, int64_t no, const char *conn)
{
	return (!t->sync || t->sync == no) && (!*t->conn || !strcmp(t->conn, conn));
}
