/*
 * known_fixture.h - reads what a source gives with what an earlier read has found out
 * (source.known), and writes down what the sink is told of this one, beside what provider_fixture.h
 * does:
 *
 *	total=fits warn:more_pages doubt:list_ended torn
 */
#ifndef KNOWN_FIXTURE_H
#define KNOWN_FIXTURE_H

#include "unit/unit.h"

#include "unit/provider_fixture.h"

#define KNOWN_URL "https://example.com/v1/items"

enum { KNOWN_PAGES = 4 };

static const char *known_names; /* of those that are written down, a blank around each */
static char known_address[80];  /* as it is told to the sink */
static char known_warned[400];  /* what the last warning said */

static inline enum rc
known_found(struct ctx *c, struct sink *s, const char *name, const char *value)
{
	(void)c;
	if (strcmp(name, "address") == 0)
		snprintf(known_address, sizeof known_address, "%s", value);
	if (value && strstr(known_names, arena_printf(cx.a, " %s ", name)))
		buf_printf(((struct fixture *)s)->text, "%s=%s ", name, value);
	return RC_OK;
}

static inline enum rc
    PRINTF(4, 5) known_doubt(struct ctx *c, struct sink *s, const char *code, const char *fmt, ...)
{
	(void)c;
	(void)fmt;
	buf_printf(((struct fixture *)s)->text, "doubt:%s ", code);
	return RC_OK;
}

static inline enum rc
    PRINTF(4, 5) known_warn(struct ctx *c, struct sink *s, const char *code, const char *fmt, ...)
{
	va_list ap;

	(void)c;
	va_start(ap, fmt);
	vsnprintf(known_warned, sizeof known_warned, fmt, ap);
	va_end(ap);
	buf_printf(((struct fixture *)s)->text, "warn:%s ", code);
	return RC_OK;
}

static inline enum rc
known_torn(struct ctx *c, struct sink *s)
{
	(void)c;
	buf_str(((struct fixture *)s)->text, "torn ");
	return RC_OK;
}

static inline enum rc
known_dataset(struct ctx *c, struct sink *s, const char *id, const char *title)
{
	(void)c;
	(void)s;
	(void)id;
	(void)title;
	return RC_OK;
}

static inline struct fixture *
known_fixture(void)
{
	struct fixture *f = fixture_new(cx.a);

	f->sink.found = known_found;
	f->sink.doubt = known_doubt;
	f->sink.warn = known_warn;
	f->sink.torn = known_torn;
	f->sink.dataset = known_dataset;
	return f;
}

/* settings and known: members of objects, "" for none; without known it is a first read. */
struct known_read {
	const struct reader *reader;
	const char *settings, *known;
	struct str page[KNOWN_PAGES];
	size_t pages;
};

static inline enum rc
known_parse(const struct known_read *r, struct fixture *f)
{
	struct fixture_page page[KNOWN_PAGES] = { 0 };
	struct page_in in[KNOWN_PAGES] = { 0 };
	struct source src = { .config = json_stored(cx.a,
				  arena_printf(cx.a, "{\"url\":\"" KNOWN_URL "\"%s%s}",
				      *r->settings ? "," : "", r->settings)) };

	if (*r->known)
		src.known = json_stored(
		    cx.a, arena_printf(cx.a, "{\"address\":\"%s\",%s}", known_address, r->known));
	for (size_t i = 0; i < r->pages; i++) {
		page[i].bytes = r->page[i];
		in[i] = (struct page_in){
			.read = fixture_read,
			.restart = fixture_restart,
			.arg = &page[i],
		};
	}
	cx.err = (struct err){ .kind = E_NONE };
	return r->reader->parse(&cx, &src, in, r->pages, &f->sink);
}

/* A first read tells the digest of the address, without which nothing is known. */
static inline void
known_begin_with(const struct reader *reader, const char *page)
{
	const struct known_read first = {
		.reader = reader,
		.settings = "",
		.known = "",
		.page = { str_c(page) },
		.pages = 1,
	};

	assert_ok(known_parse(&first, known_fixture()));
	assert_int_equal(strlen(known_address), 64);
}

#endif
