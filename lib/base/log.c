/*
 * log.c - log lines. Each is one write(2), so that lines of several processes do not mix; no
 * memory is allocated.
 *
 * A pair that does not fit any more is left out and the line says "cut".
 */
#include "base/log.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/json.h"

enum { LINE_MAX_BYTES = 4096, VALUE_MAX = 1000, CONTEXT_PAIRS = 4, CONTEXT_TEXT = 80 };

static const char *program_name = "tidemark";
static struct {
	const char *key;
	char value[CONTEXT_TEXT];
} context[CONTEXT_PAIRS];

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
put_text(struct buf *b, const char *value)
{
	struct str s = str_utf8_cut(str_c(value), VALUE_MAX);
	char plain[VALUE_MAX];

	if (!value) {
		buf_str(b, "null");
		return;
	}
	if (!str_utf8_ok(s)) {
		for (size_t i = 0; i < s.n; i++)
			plain[i] = (unsigned char)s.p[i] < 0x80 ? s.p[i] : '?';
		s.p = plain;
	}
	json_quote(b, s);
}

static void
put_name(struct buf *b, const char *name)
{
	buf_ch(b, ',');
	json_quote(b, str_c(name));
	buf_ch(b, ':');
}

static void
put_pairs(struct buf *b, va_list ap)
{
	const char *name;

	while ((name = va_arg(ap, const char *))) {
		size_t before = b->n;

		if (!name[0] || name[1] != ':')
			return;
		put_name(b, name + 2);
		switch (name[0]) {
		case 's':
			put_text(b, va_arg(ap, const char *));
			break;
		case 'i':
			buf_printf(b, "%lld", (long long)va_arg(ap, int64_t));
			break;
		case 'd':
			buf_printf(b, "%.6g", va_arg(ap, double));
			break;
		default:
			return;
		}
		if (b->over) {
			buf_cut(b, before);
			buf_str(b, ",\"cut\":true");
			return;
		}
	}
}

void
log_event(enum log_level level, const char *event, ...)
{
	char line[LINE_MAX_BYTES + 64], now[CLOCK_TEXT];
	/* A buffer over the stack: its maximum is below its size, so it never grows. */
	struct buf b = { .p = line, .cap = sizeof line, .max = LINE_MAX_BYTES };
	va_list ap;
	int saved = errno;
	size_t done = 0;

	if ((int64_t)level > conf_int(CONF_LOG_LEVEL))
		return;
	buf_printf(&b, "<%d>{\"time\":\"%s\",\"program\":\"%s\",\"pid\":%d,\"event\":", (int)level,
	    clock_text(clock_ms(), now), program_name, (int)getpid());
	put_text(&b, event);
	for (size_t i = 0; i < CONTEXT_PAIRS; i++)
		if (context[i].key) {
			put_name(&b, context[i].key);
			put_text(&b, context[i].value);
		}
	va_start(ap, event);
	put_pairs(&b, ap);
	va_end(ap);
	b.max = sizeof line - 1;
	b.over = false;
	buf_str(&b, "}\n");
	while (done < b.n) {
		ssize_t n = write(STDERR_FILENO, b.p + done, b.n - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	errno = saved;
}
