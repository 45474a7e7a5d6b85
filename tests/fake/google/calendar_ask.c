/*
 * calendar_ask.c - how a list of events is asked for: tokens, pages, windows, orders.
 *
 * A page token remembers the version that the first page was read at, and the place where the next
 * one goes on; the last page's sync token is that version. So nothing is missed that changes while
 * the pages are read.
 */
#include "fake/google/calendar_listing.h"

#include "base/clock.h"

enum {
	PAGE_USUAL = 250,
	PAGE_MOST = 2500,
	UPDATED_DAYS = 30, /* updatedMin may not be older */
	TOKEN_DAYS = 28    /* a sync token lives so long */
};

static void
ask_refuse(struct call *c, int status, const char *domain, const char *reason, const char *location)
{
	const char *message = "Invalid value";

	if (status == 410)
		message = strcmp(location, "updatedMin") == 0
		    ? "The requested minimum modification time lies too far in the past."
		    : "Sync token is no longer valid, a full sync is required.";
	refuse(c,
	    &(struct refusal){
		.status = status,
		.domain = domain,
		.reason = reason,
		.message = message,
		.location_type = "parameter",
		.location = location,
	    });
}

/*
 * Tokens: "S", world, calendar's epoch, version, time made, what must stay the same.
 */
static const char *
ask_same(struct call *c)
{
	static const char *const names[] = {
		"singleEvents",
		"eventTypes",
		"maxResults",
		"timeZone",
		"maxAttendees",
		"showHiddenInvitations",
	};
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (const char *p = query_of(c, names[i]); p && *p; p++)
			h = (h ^ (unsigned char)*p ^ i << 8) * 1099511628211u;
	return arena_printf(c->a, "%llx", (unsigned long long)h);
}

const char *
listing_sync_token(const struct listing *l)
{
	const struct fake *f = l->c->f;

	return arena_printf(l->c->a, "S.%lld.%lld.%lld.%lld.%s=", (long long)calendars_of(f)->began,
	    (long long)l->cal->epoch, (long long)l->at, (long long)fake_now(f), l->same);
}

/* The numbers of a token, and the text that ends it. */
static bool
ask_token(const char *text, char kind, int64_t v[4], struct str *same)
{
	struct str rest = str_c(text);

	if (rest.n < 3 || *rest.p != kind || !str_ends(rest, "="))
		return false;
	rest.n--;
	str_cut(rest, '.', &rest);
	for (int i = 0; i < 4; i++)
		if (!rest.p || !str_i64(str_cut(rest, '.', &rest), 0, INT64_MAX, &v[i]))
			return false;
	*same = rest;
	return rest.p != NULL;
}

bool
listing_read_sync(struct listing *l)
{
	static const char *const forbidden[] = {
		"iCalUID",
		"orderBy",
		"privateExtendedProperty",
		"q",
		"sharedExtendedProperty",
		"timeMin",
		"timeMax",
		"updatedMin",
	};
	struct call *c = l->c;
	const char *text = query_of(c, "syncToken"), *deleted = query_of(c, "showDeleted");
	const struct calendars *part = calendars_of(c->f);
	struct str same;
	int64_t v[4];

	if (!text)
		return true;
	for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
		if (query_of(c, forbidden[i])) {
			ask_refuse(c, 400, NULL, "badRequest", forbidden[i]);
			return false;
		}
	if (deleted && !query_flag(c, "showDeleted")) {
		ask_refuse(c, 400, NULL, "badRequest", "showDeleted");
		return false;
	}
	if (!ask_token(text, 'S', v, &same) || v[0] != part->began || v[1] != l->cal->epoch ||
	    v[3] + TOKEN_DAYS * DAY_MS < fake_now(c->f)) {
		ask_refuse(c, 410, "calendar", "fullSyncRequired", "syncToken");
		return false;
	}
	if (!str_is(same, l->same)) {
		ask_refuse(c, 400, NULL, "badRequest", "syncToken");
		return false;
	}
	l->since = v[2];
	l->deleted = true;
	return true;
}

const char *
listing_page_token(const struct listing *l, int64_t skip)
{
	return arena_printf(l->c->a,
	    "P.%lld.%lld.%lld.%lld.%s=", (long long)calendars_of(l->c->f)->began, (long long)l->at,
	    (long long)skip, (long long)l->since, l->same);
}

bool
listing_read_page(struct listing *l)
{
	const char *text = query_of(l->c, "pageToken");
	struct str same;
	int64_t v[4];

	l->at = calendars_of(l->c->f)->last_version;
	if (!text)
		return true;
	if (!ask_token(text, 'P', v, &same) || v[0] != calendars_of(l->c->f)->began ||
	    v[3] != l->since || !str_is(same, l->same)) {
		ask_refuse(l->c, 400, NULL, "invalid", "pageToken");
		return false;
	}
	l->at = v[1];
	l->skip = v[2];
	return true;
}

static bool
ask_moment(struct listing *l, const char *name, int64_t *out)
{
	const char *text = query_of(l->c, name);

	if (!text || moment_read(str_c(text), out))
		return true;
	ask_refuse(l->c, 400, NULL, "badRequest", name);
	return false;
}

bool
listing_read_window(struct listing *l)
{
	const int64_t now = fake_now(l->c->f);

	l->to = INT64_MAX;
	if (!ask_moment(l, "timeMin", &l->from) || !ask_moment(l, "timeMax", &l->to) ||
	    !ask_moment(l, "updatedMin", &l->updated_min))
		return false;
	if (query_of(l->c, "timeMin") && query_of(l->c, "timeMax") && l->to <= l->from) {
		ask_refuse(l->c, 400, "calendar", "timeRangeEmpty", "timeMax");
		return false;
	}
	l->updated_min *= SECOND_MS;
	if (l->updated_min > 0 && l->updated_min < now - UPDATED_DAYS * DAY_MS) {
		ask_refuse(l->c, 410, "calendar", "updatedMinTooLongAgo", "updatedMin");
		return false;
	}
	return true;
}

bool
listing_read_order(struct listing *l)
{
	l->order = query_of(l->c, "orderBy");
	if (!l->order || strcmp(l->order, "updated") == 0 || l->single)
		return true;
	refuse(l->c,
	    &(struct refusal){
		.status = 400,
		.reason = "badRequest",
		.message = "The requested ordering is not available for the particular query.",
		.location_type = "parameter",
		.location = "orderBy",
	    });
	return false;
}

bool
listing_begin(struct call *c, struct calendar *cal, struct listing *l)
{
	const char *most = query_of(c, "maxResults");

	*l = (struct listing){
		.c = c,
		.cal = cal,
		.shown = zone_shown(c, cal),
		.single = query_flag(c, "singleEvents"),
		.deleted = query_flag(c, "showDeleted"),
		.same = ask_same(c),
		.limit = PAGE_USUAL,
	};
	if (most)
		str_i64(str_c(most), 1, INT32_MAX, &l->limit);
	l->limit = l->limit > PAGE_MOST ? PAGE_MOST : l->limit;
	return l->shown != NULL;
}
