/*
 * log.c - log lines. Each is one write(2), so that lines of several processes do not mix; no
 * memory is allocated. Everything else may log, so this file knows nothing but the clock.
 *
 * A pair that does not fit any more is left out and the line says "cut".
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

enum { LINE_MAX_BYTES = 4096, VALUE_MAX = 1000, CONTEXT_PAIRS = 4, CONTEXT_TEXT = 80 };

static enum log_level least = LOG_LEVEL_INFO;
static const char *program_name = "tidemark";
static struct {
	const char *key;
	char value[CONTEXT_TEXT];
} context[CONTEXT_PAIRS];

/* The line as it is made: beyond its maximum nothing is added, and `over` says so. */
struct line {
	char p[LINE_MAX_BYTES + 64];
	size_t n, max;
	bool over;
};

void
log_level(enum log_level level)
{
	least = level;
}

void
log_init(const char *program)
{
	program_name = program;
}

void
log_context(const char *key, const char *value)
{
	size_t free_slot = CONTEXT_PAIRS, i;

	for (i = 0; i < CONTEXT_PAIRS; i++) {
		if (context[i].key && strcmp(context[i].key, key) == 0)
			break;
		if (!context[i].key && free_slot == CONTEXT_PAIRS)
			free_slot = i;
	}
	if (i == CONTEXT_PAIRS)
		i = free_slot;
	if (i == CONTEXT_PAIRS)
		return;
	context[i].key = value ? key : NULL;
	if (value) {
		struct str cut = str_utf8_cut(str_c(value), CONTEXT_TEXT - 1);

		memcpy(context[i].value, cut.p, cut.n);
		context[i].value[cut.n] = '\0';
	}
}

static void
line_add(struct line *l, const char *p, size_t n)
{
	if (n > l->max - l->n) {
		l->over = true;
		return;
	}
	memcpy(l->p + l->n, p, n);
	l->n += n;
}

static void
line_str(struct line *l, const char *s)
{
	line_add(l, s, strlen(s));
}

/* A JSON string; what is no UTF-8 becomes question marks. */
static void
line_text(struct line *l, const char *value)
{
	const struct str s = str_utf8_cut(str_c(value), VALUE_MAX);
	const bool ok = str_utf8_ok(s);
	char escape[UTF8_ESCAPE_MAX];

	if (!value) {
		line_str(l, "null");
		return;
	}
	line_str(l, "\"");
	for (size_t i = 0; i < s.n; i++) {
		const char c = ok || (unsigned char)s.p[i] < 0x80 ? s.p[i] : '?';
		const size_t n = utf8_escape(escape, c);

		line_add(l, n > 0 ? escape : &c, n > 0 ? n : 1);
	}
	line_str(l, "\"");
}

static void
line_name(struct line *l, const char *name)
{
	line_str(l, ",");
	line_text(l, name);
	line_str(l, ":");
}

static void
line_int(struct line *l, int64_t v)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)v);
	line_str(l, text);
}

static void
line_double(struct line *l, double v)
{
	char text[32];

	snprintf(text, sizeof text, "%.6g", v);
	line_str(l, text);
}

static void
line_pairs(struct line *l, va_list ap)
{
	const char *name;

	while ((name = va_arg(ap, const char *))) {
		const size_t before = l->n;

		if (!name[0] || name[1] != ':')
			return;
		line_name(l, name + 2);
		switch (name[0]) {
		case 's':
			line_text(l, va_arg(ap, const char *));
			break;
		case 'i':
			line_int(l, va_arg(ap, int64_t));
			break;
		case 'd':
			line_double(l, va_arg(ap, double));
			break;
		default:
			return;
		}
		if (l->over) {
			l->n = before;
			l->max = sizeof l->p;
			line_str(l, ",\"cut\":true");
			return;
		}
	}
}

static void
line_head(struct line *l, enum log_level level, const char *event)
{
	char now[CLOCK_TEXT];

	line_str(l, "<");
	line_int(l, level);
	line_str(l, ">{\"time\":\"");
	line_str(l, clock_text(clock_ms(), now));
	line_str(l, "\",\"program\":\"");
	line_str(l, program_name);
	line_str(l, "\",\"pid\":");
	line_int(l, getpid());
	line_str(l, ",\"event\":");
	line_text(l, event);
	for (size_t i = 0; i < CONTEXT_PAIRS; i++)
		if (context[i].key) {
			line_name(l, context[i].key);
			line_text(l, context[i].value);
		}
}

void
log_event(enum log_level level, const char *event, ...)
{
	struct line l = { .max = LINE_MAX_BYTES };
	const int saved = errno;
	size_t done = 0;
	va_list ap;

	if (level > least)
		return;
	line_head(&l, level, event);
	va_start(ap, event);
	line_pairs(&l, ap);
	va_end(ap);
	l.max = sizeof l.p;
	line_str(&l, "}\n");
	while (done < l.n) {
		ssize_t n = write(STDERR_FILENO, l.p + done, l.n - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	errno = saved;
}
