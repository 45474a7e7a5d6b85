/*
 * fake_push.c - notification channels: opened, stopped, and told of changes.
 */
#include "fake/world.h"

#include <string.h>

#include "base/clock.h"

enum { TRIES = 5 };

static const char *
target_of(const struct fake *f, const struct channel *ch)
{
	const char *host = strstr(ch->address, "://"), *path;

	if (!f->push.origin || !host)
		return ch->address;
	path = strchr(host + 3, '/');
	return arena_printf(f->a, "%s%s", f->push.origin, path ? path : "/");
}

static void
enqueue(struct fake *f, const struct channel *ch, const char *headers)
{
	struct push *p = arena_alloc(f->a, sizeof *p), **end = &f->pushes;

	*p = (struct push){ .due = fake_now(f) + f->push.delay_ms, .url = target_of(f, ch), .headers = headers };
	while (*end)
		end = &(*end)->next;
	*end = p;
	f->push.sent++;
}

static void
tell(struct fake *f, struct channel *ch, const char *state, const char *changed)
{
	char until[CLOCK_TEXT];
	struct buf *b = buf_in(f->a, 8000);

	/* Numbers grow, and skip some. */
	ch->number += ch->number > 0 ? 1 + ch->number % 3 : 1;
	if (f->push.drop > 0 && strcmp(state, "sync") != 0) {
		f->push.drop--;
		return;
	}
	buf_printf(b, "Content-Type: application/json; utf-8\r\nUser-Agent: APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)\r\n"
		"X-Goog-Channel-ID: %s\r\nX-Goog-Channel-Expiration: %s\r\nX-Goog-Resource-State: %s\r\nX-Goog-Message-Number: %lld\r\nX-Goog-Resource-ID: %s\r\nX-Goog-Resource-URI: %s\r\n",
		ch->id, clock_http(ch->ends, until), state, (long long)ch->number, ch->resource, ch->uri);
	if (ch->token)
		buf_printf(b, "X-Goog-Channel-Token: %s\r\n", ch->token);
	if (changed)
		buf_printf(b, "X-Goog-Changed: %s\r\n", changed);
	enqueue(f, ch, buf_c(b));
	if (f->push.duplicate > 0 && strcmp(state, "sync") != 0) {
		f->push.duplicate--;
		enqueue(f, ch, buf_c(b));
	}
}

void
push_file(struct fake *f, struct file *file, const char *state, const char *changed)
{
	for (struct channel *ch = f->channels; ch; ch = ch->next)
		if (ch->file == file && !ch->stopped && ch->ends > fake_now(f))
			tell(f, ch, state, changed);
}

void
push_sync(struct fake *f, struct channel *ch)
{
	int64_t delay = f->push.delay_ms;

	/* Handed over now, so that it may well be there before the answer to watch. */
	f->push.delay_ms = 0;
	tell(f, ch, "sync", NULL);
	f->push.delay_ms = delay;
}

static struct push *
earliest(const struct fake *f)
{
	struct push *best = NULL;

	for (struct push *p = f->pushes; p; p = p->next)
		if (!best || p->due < best->due)
			best = p;
	return best;
}

int64_t
fake_push_wait(const struct fake *f)
{
	const struct push *p = earliest(f);

	return !p ? -1 : p->due <= fake_now(f) ? 0 : p->due - fake_now(f);
}

bool
fake_push_take(struct fake *f, struct fake_push *out)
{
	struct push *p = earliest(f);

	if (!p || p->due > fake_now(f))
		return false;
	for (struct push **at = &f->pushes; *at; at = &(*at)->next)
		if (*at == p) {
			*at = p->next;
			break;
		}
	*out = (struct fake_push){ p->url, p->headers, p };
	return true;
}

void
fake_push_done(struct fake *f, struct push *p, int status)
{
	struct push **end = &f->pushes;

	if (status >= 200 && status <= 204 && status != 203) {
		f->push.delivered++;
		return;
	}
	if ((status != 500 && status < 502) || status > 504 || ++p->tries >= TRIES) {
		f->push.failed++;
		return;
	}
	p->due = fake_now(f) + (SECOND_MS << p->tries) / 8;
	p->next = NULL;
	while (*end)
		end = &(*end)->next;
	*end = p;
}
