/*
 * demo.c - the demo account: a few spreadsheets of the kind people have, with what makes them hard
 * to read: leading zeros, numbers that are none, dates, decimals, duplicate and blank headers,
 * formulas that fail, an empty tab, a chart, a hidden tab.
 */
#include "fake/demo/demo.h"

#include "fake/fake_control.h"
#include "fake/google/sheets.h"

#define DEMO_EMAIL "demo@example.com"

/* Typed in, row by row; cells end with "|". An apostrophe in front makes a text. */
struct demo_tab {
	const char *title;
	const char *const *rows;
	bool hidden, chart;
};

static const char *const contacts[] = {
	"Customer no.|First name|Last name|E-mail|Phone|Birthday|Discount"
	"|Newsletter|Notes",
	"'00042|Ada|Martens|ada.martens@example.com|'+49 30 5550142|1988-03-14|5%|TRUE"
	"|Prefers e-mail",
	"'00043|Bruno|Okafor|bruno@example.com|'+49 89 5550143|1979-11-02|0%|FALSE|",
	"'00044|Chiara|Lindqvist|chiara.lindqvist@example.com|'0049 40 5550144|1993-07-30|12.5%"
	"|TRUE|\"Call after 6 pm\"",
	"'00045|Dmitri|Santos|dmitri.santos@example.com|'030 5550145||0%|TRUE"
	"|Moved, address to be asked",
	"'00046|Elif|Nowak|ELIF.NOWAK@EXAMPLE.COM|'+49 221 5550146|2001-01-09|5%|FALSE|",
	"'00047|Farah|de Boer||'+31 20 5550147|1966-12-24|7.5%|TRUE|No e-mail",
	NULL,
};
static const char *const old_contacts[] = {
	"Name|Phone",
	"Former customer|'030 5550100",
	NULL,
};
static const char *const orders[] = {
	"Order|Date|Item|Quantity|Unit price|Total|Paid|Shipped",
	"A-1001|2026-09-01|Tea, 250 g|4|7.90|=4*7.9|TRUE|2026-09-03",
	"A-1002|2026-09-02|Teapot \"Kyoto\"|1|1,249.00|=1*1249|FALSE|",
	"A-1003|2026-09-02|Filter papers|10|0.35|=10*0.35|TRUE|2026-09-02",
	"A-1004|2026-09-05|Gift card|1|50.00|=50/0|TRUE|",
	"A-1005|2026-09-08|Cup|6|4.50|=NA()|FALSE|",
	NULL,
};
static const char *const events[] = {
	"Date|Name|Name||Place",
	"2026-10-03 18:30|Tasting|Autumn teas|x|Berlin",
	"2026-10-17 19:00|Tasting|Oolong||Hamburg",
	"|||free|",
	"2026-11-07 18:30|Workshop|Brewing|x|Berlin",
	NULL,
};
static const char *const nothing[] = { NULL };

static const struct demo_tab people_tabs[] = {
	{ .title = "Contacts", .rows = contacts },
	{ .title = "To sort out", .rows = nothing },
	{ .title = "Old", .rows = old_contacts, .hidden = true },
	{ .title = NULL },
};
static const struct demo_tab shop_tabs[] = {
	{ .title = "Orders 2026", .rows = orders },
	{ .title = "Chart", .rows = nothing, .chart = true },
	{ .title = "Events", .rows = events },
	{ .title = NULL },
};

static void
demo_row(struct fake *f, struct tab *t, int64_t r, const char *text, const char *locale)
{
	struct str rest = str_c(text);

	for (int64_t c = 0; rest.p; c++) {
		struct str one = str_cut(rest, '|', &rest);

		if (one.n > 0)
			cell_enter(f, cell_make(f, t, r, c), one, locale);
	}
}

static void
demo_tabs(struct fake *f, struct book *book, const struct demo_tab *d)
{
	for (; d->title; d++) {
		struct tab *t = tab_add(f, book, d->title, 1000, 26);

		t->hidden = d->hidden;
		t->type = d->chart ? TAB_OBJECT : TAB_GRID;
		for (int64_t r = 0; d->rows[r]; r++)
			demo_row(f, t, r, d->rows[r], book->locale);
	}
	book->zone = "Europe/Berlin";
}

void
demo_world(struct fake *f)
{
	struct account *demo = account_add(f, DEMO_EMAIL, "Demo Person");
	struct account *other = account_add(f, "colleague@example.com", "Demo Colleague");
	struct book *book;

	client_add(f, "Tidemark", "demo");
	/* Ids as long as real ones, so that pasted links are recognised. */
	book = book_add(f, demo, "Demo: Contacts", "1DemoContacts-0000000000000000000000000000000");
	demo_tabs(f, book, people_tabs);
	book = book_add(f, demo, "Demo: Tea shop", "1DemoShop-00000000000000000000000000000000000");
	demo_tabs(f, book, shop_tabs);
	book = book_add(
	    f, other, "Demo: Large list", "1DemoLarge-0000000000000000000000000000000000");
	json_set_str(book->file->shared, DEMO_EMAIL, "reader");
	tab_generate(f, tab_add(f, book, "People", 20001, 10), 20001, 10);
	demo_calendars(f, demo, other);
	demo_people(f, demo);
	demo_workspace(f);
}

/* What the page that is asked for next is to say, a literal; NULL: nothing. */
struct demo {
	const char *said;
};

void
demo_done(struct call *c, const char *said)
{
	struct demo *d = fake_part(c->f, &demo_service);

	d->said = said;
	c->rep->status = 303;
	params_add(&c->rep->headers, "Location", c->req->target);
}

const char *
demo_said(struct call *c)
{
	struct demo *d = fake_part(c->f, &demo_service);
	const char *said = d->said;

	d->said = NULL;
	return said ? said : "";
}

const struct fake_service demo_service = {
	.name = "demo",
	.own = true,
	.manners = &own_manners,
	.routes = demo_routes,
	.demo = demo_world,
	.part = sizeof(struct demo),
};
