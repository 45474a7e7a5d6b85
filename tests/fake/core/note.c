/*
 * note.c - notifications on their way: sent later, twice, not at all, and again, as tests want it.
 */
#include "fake/core/world.h"

#include <string.h>

#include "base/clock.h"

struct note {
	struct note *next; /* oldest first */
	int64_t due;
	const char *url;
	struct note_text text;
	int tries;
};

static void
note_append(struct fake *f, struct note *n)
{
	struct note **end = &f->notes;

	while (*end)
		end = &(*end)->next;
	n->next = NULL;
	*end = n;
}

static const char *
note_target(const struct fake *f, const char *address)
{
	const char *host = strstr(address, "://"), *path;

	if (!f->way.origin || !host)
		return address;
	path = strchr(host + 3, '/');
	return arena_printf(f->a, "%s%s", f->way.origin, path ? path : "/");
}

static void
note_add(struct fake *f, const char *address, const struct note_text *text, int64_t due)
{
	struct note *n = arena_alloc(f->a, sizeof *n);

	*n = (struct note){
		.due = due,
		.url = note_target(f, address),
		.text = *text,
	};
	note_append(f, n);
	f->way.sent++;
}

void
note_send_now(struct fake *f, const char *address, const struct note_text *text)
{
	note_add(f, address, text, fake_now(f));
}

void
note_send(struct fake *f, const char *address, const struct note_text *text)
{
	const int64_t due = fake_now(f) + f->way.delay_ms;

	if (f->way.drop > 0) {
		f->way.drop--;
		return;
	}
	note_add(f, address, text, due);
	if (f->way.duplicate > 0) {
		f->way.duplicate--;
		note_add(f, address, text, due);
	}
}

static struct note *
note_earliest(const struct fake *f)
{
	struct note *best = NULL;

	for (struct note *p = f->notes; p; p = p->next)
		if (!best || p->due < best->due)
			best = p;
	return best;
}

int64_t
fake_note_wait(const struct fake *f)
{
	const struct note *p = note_earliest(f);

	if (!p)
		return -1;
	return p->due <= fake_now(f) ? 0 : p->due - fake_now(f);
}

bool
fake_note_take(struct fake *f, struct fake_note *out)
{
	struct note *p;

	while ((p = note_earliest(f)) && p->due <= fake_now(f)) {
		for (struct note **at = &f->notes; *at; at = &(*at)->next)
			if (*at == p) {
				*at = p->next;
				break;
			}
		if (p->text.make && !p->text.make(f, &p->text, p->tries + 1))
			continue;
		*out = (struct fake_note){
			.url = p->url,
			.headers = p->text.headers,
			.body = p->text.body,
			.note = p,
		};
		return true;
	}
	return false;
}

void
fake_note_done(struct fake *f, struct note *p, int status)
{
	if (status >= 200 && status <= 204 && status != 203) {
		f->way.delivered++;
		return;
	}
	if ((!p->text.stubborn && ((status != 500 && status < 502) || status > 504)) ||
	    ++p->tries >= p->text.tries) {
		f->way.failed++;
		return;
	}
	p->due = fake_now(f) + (SECOND_MS << p->tries) / 8;
	note_append(f, p);
}
