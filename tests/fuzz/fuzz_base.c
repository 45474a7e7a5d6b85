/* Small readers of text from outside. */
#include "base/clock.h"
#include "base/json.h"
#include "fuzz/fuzz.h"
#include "provider/web/jscan.h"
#include "base/recur.h"
#include "kind/sheets_link.h"

void
fuzz_clock(struct ctx *cx, struct str in)
{
	char text[CLOCK_TEXT];
	int64_t ms = -1, again = -1;

	(void)cx;
	if (!clock_parse(in, &ms))
		return;
	must(ms >= 0 && clock_parse(str_c(clock_text(ms, text)), &again));
	must(again == ms - ms % SECOND_MS);
}

/* Whatever the rule, what it gives is in order and fits it, and a second look finds the same. */
void
fuzz_recur(struct ctx *cx, struct str in)
{
	const int64_t year = INT64_C(366) * 86400;
	int64_t at, again, last = -1;
	struct recur_walk w;
	struct recur r;

	(void)cx;
	if (!recur_read(in, 0, &r))
		return;
	recur_begin(&w, &r, 0);
	for (int i = 0; i < 20 && recur_step(&w, 20 * year, &at); i++) {
		must(at > last && at <= 20 * year);
		if (!r.count && !r.ends_utc)
			must(recur_after(&r, &zone_utc, last, 20 * year, &again) && again == at);
		last = at;
	}
}

void
fuzz_tz_rule(struct ctx *cx, struct str in)
{
	struct tz_rule r;
	int64_t next;

	(void)cx;
	if (!tz_rule_read(in, &r))
		return;
	for (int64_t at = -1, i = 0; i < 10 && at < INT64_MAX; at = next, i++) {
		const int32_t offset = tz_rule_span(&r, at, &next);

		must((offset == r.standard || offset == r.summer) && next > at);
	}
}

static enum rc
scan_begin(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, bool *keep)
{
	(void)arg, (void)cx, (void)js, (void)type;
	*keep = true;
	return RC_OK;
}

static enum rc
scan_end(struct ctx *cx, void *arg, struct jscan *js, enum jtype type, char *text, size_t n)
{
	(void)cx, (void)type;
	must(text && !js->mended);
	*(struct str *)arg = (struct str){ text, n };
	return RC_OK;
}

/* What is written, reads back to the same; and the scanner of sources takes everything that the
 * strict reader takes. */
void
fuzz_json_parse(struct ctx *cx, struct str in)
{
	struct str kept = { NULL, 0 };
	const struct jscan_events events = { scan_begin, scan_end, &kept };
	const char *text;
	json *first, *second;

	if (json_parse(cx, "The input", in, &first) != RC_OK)
		return;
	text = json_text(cx->a, first);
	must(json_parse(cx, "The output", str_c(text), &second) == RC_OK);
	must(strcmp(text, json_text(cx->a, second)) == 0);
	struct jscan *js = jscan_new(cx->a, &events);
	must(jscan_feed(cx, js, in) == RC_OK && jscan_end(cx, js, false) == RC_OK);
	must(kept.p && json_parse(cx, "The kept text", kept, &second) == RC_OK);
	must(strcmp(text, json_text(cx->a, second)) == 0);
}

void
fuzz_sheets_link(struct ctx *cx, struct str in)
{
	const char *link, *again, *id;

	if (in.n > 0 && memchr(in.p, '\0', in.n))
		return;
	id = sheets_link_id(cx->a, arena_dup_str(cx->a, in));
	/* It goes into paths. */
	must(!id ||
	    strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
		strlen(id));
	must(!id || strcmp(sheets_link_id(cx->a, id), id) == 0);
	link = sheets_link_csv(cx->a, arena_dup_str(cx->a, in));
	if (!link)
		return;
	must(strncmp(link, "https://docs.google.com/", 24) == 0);
	again = sheets_link_csv(cx->a, link);
	must(again && strcmp(again, link) == 0);
}
