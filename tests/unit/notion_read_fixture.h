/*
 * notion_read_fixture.h - Notion as it is read, call by call, against a workspace of the stand-in
 * in this process.
 */
#ifndef TESTS_UNIT_NOTION_READ_FIXTURE_H
#define TESTS_UNIT_NOTION_READ_FIXTURE_H

#include "unit/notion_fixture.h"
#include "unit/read_fixture.h"

#include "provider/notion/api.h"
#include "provider/notion/notion.h"

static inline const char *
edited(const char *id, const char *properties)
{
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id),
	    arena_printf(cx.a, "{\"properties\": {%s}}", properties));
	return id;
}

static inline void
trashed(const char *id)
{
	fine("PATCH", arena_printf(cx.a, N "/pages/%s", id), "{\"in_trash\": true}");
}

/* Reads the data source of the fixture. */
static inline void
begin(const char *more)
{
	static const char *base = "https://api.notion.com/fake/notion";

	conf_override(CONF_NOTION_API_BASE, base);
	read_begin(
	    &reader_notion, "n", arena_printf(cx.a, "{\"dataSource\": \"%s\"%s}", source, more));
}

#define TABLE ", \"mode\": \"table\""
#define CALENDAR ", \"mode\": \"calendar\""

static inline int
rows_of(const char *text)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, "row ")); p++)
		n++;
	return n;
}

static inline int
read_notion_close(void **state)
{
	read_end();
	return notion_close(state);
}

#define read_test(f) cmocka_unit_test_setup_teardown(f, notion_open, read_notion_close)

#endif
