/*
 * err.c - the table of errors.def and the one place that fills a struct err.
 */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

static const struct error_row err_rows[E__MAX] = {
#define ERROR(id, code_, rc_, retry_, title_, advice_, fix_) \
	[E_##id] = { code_, RC_##rc_, RETRY_##retry_, title_, advice_, fix_ },
#include "base/errors.def"
#undef ERROR
};

static const int statuses[RC__MAX] = {
#define X(name_, http_) [RC_##name_] = http_,
	RC_LIST(X)
#undef X
};

const struct error_row *
error_row(enum error_kind kind)
{
	return &err_rows[(unsigned)kind < E__MAX ? kind : E_BUG];
}

const struct error_row *
error_by_code(const char *code)
{
	if (!code)
		return NULL;
	for (int i = 0; i < E__MAX; i++)
		if (strcmp(err_rows[i].code, code) == 0)
			return &err_rows[i];
	return &err_rows[E_BUG];
}

int
rc_http(enum rc rc)
{
	return statuses[(unsigned)rc < RC__MAX ? rc : RC_BUG];
}

/* What other people's data brought in must not break a log line or a page. */
static void
make_plain(char *s)
{
	for (char *p = s; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = ' ';
	if (!str_utf8_ok(str_c(s)))
		for (char *p = s; *p; p++)
			if ((unsigned char)*p >= 0x80)
				*p = '?';
}

static enum rc
fail_said(struct ctx *, const char *where, enum error_kind, const char *fmt, va_list) PRINTF(4, 0);
static enum rc
fail_said(struct ctx *cx, const char *where, enum error_kind kind, const char *fmt, va_list ap)
{
	/* Made beside the old detail, which may be one of the arguments. */
	char text[sizeof cx->err.detail + 4] = "";
	struct str cut;

	if (fmt)
		vsnprintf(text, sizeof text, fmt, ap);
	cut = str_utf8_cut(str_c(text), sizeof cx->err.detail - 1);
	text[cut.n] = '\0';
	make_plain(text);
	cx->err = (struct err){ .kind = kind, .where = where };
	memcpy(cx->err.detail, text, cut.n + 1);
#ifdef TIDEMARK_STEPS
	if (kind == E_BUG) {
		log_event(LOG_LEVEL_ERR, "bug", "s:where", where, "s:detail", text, NULL);
		abort();
	}
#endif
	return error_row(kind)->rc;
}

enum rc
fail_at(struct ctx *cx, const char *where, enum error_kind kind, const char *fmt, ...)
{
	enum rc rc;
	va_list ap;

	va_start(ap, fmt);
	rc = fail_said(cx, where, kind, fmt, ap);
	va_end(ap);
	return rc;
}

enum rc
fail_input_at(struct ctx *cx, const char *where, const char *field, const char *fmt, ...)
{
	enum rc rc;
	va_list ap;

	va_start(ap, fmt);
	rc = fail_said(cx, where, E_INPUT, fmt, ap);
	va_end(ap);
	cx->err.field = field;
	return rc;
}

static enum error_kind
err_of_file(int err)
{
	switch (err) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return E_DISK_FULL;
	case EROFS:
	case EACCES:
	case EPERM:
		return E_READ_ONLY;
	case EIO:
		return E_DISK_BROKEN;
	case ENOMEM:
		return E_MEMORY;
	default:
		return E_UNAVAILABLE;
	}
}

enum rc
fail_file(struct ctx *cx, int err, const char *what)
{
	return what ? fail(cx, err_of_file(err), "%s", what) : fail(cx, err_of_file(err), NULL);
}
