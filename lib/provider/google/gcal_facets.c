/*
 * gcal_facets.c - what an event of Google says that is not edited here, in words: who comes, who
 * has called, where the call is, when it reminds, who sees it.
 */
#include "base/buf.h"
#include "provider/google/gcal_map.h"

enum { FACET_BYTES = 1800, FACET_HOUR = 60, FACET_DAY = 24 * 60, FACET_WEEK = 7 * 24 * 60 };

static const char *
facet_person(const json *person)
{
	const char *name = json_str(person, "displayName");

	return name ? name : json_str(person, "email");
}

static const char *
facet_answer(const json *guest)
{
	static const struct {
		const char *status, *words;
	} rows[] = { { "accepted", "accepted" }, { "declined", "declined" },
		{ "tentative", "maybe" } };
	const char *status = json_str(guest, "responseStatus");

	for (size_t i = 0; status && i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i].status, status))
			return rows[i].words;
	return NULL;
}

static const char *
facet_guests(struct arena *a, const json *guests)
{
	struct buf *b = buf_in(a, 2 * FACET_BYTES);
	size_t i;

	for (i = 0; i < json_len(guests) && b->n < FACET_BYTES; i++) {
		const char *who = facet_person(json_nth(guests, i));
		const char *answer = facet_answer(json_nth(guests, i));

		if (!who)
			continue;
		buf_printf(b, "%s%.200s", b->n ? ", " : "", who);
		if (answer)
			buf_printf(b, " (%s)", answer);
	}
	if (i < json_len(guests))
		buf_printf(b, ", and %zu more", json_len(guests) - i);
	return b->n ? buf_c(b) : NULL;
}

static const char *
facet_call(const json *event)
{
	const json *points = json_at(json_at(event, "conferenceData"), "entryPoints");

	for (size_t i = 0; i < json_len(points); i++) {
		const char *type = json_str(json_nth(points, i), "entryPointType");

		if (type && !strcmp(type, "video"))
			return json_str(json_nth(points, i), "uri");
	}
	return json_str(event, "hangoutLink");
}

static void
facet_before(struct buf *b, int64_t minutes)
{
	static const struct {
		int minutes;
		const char *word;
	} units[] = { { FACET_WEEK, "week" }, { FACET_DAY, "day" }, { FACET_HOUR, "hour" },
		{ 1, "minute" } };

	for (size_t i = 0; minutes > 0 && i < sizeof units / sizeof *units; i++) {
		const long long n = (long long)(minutes / units[i].minutes);

		if (minutes % units[i].minutes)
			continue;
		buf_printf(b, "%lld %s%s before", n, units[i].word, n == 1 ? "" : "s");
		return;
	}
	buf_str(b, "at the start");
}

/* Those of the calendar are not told of each event. */
static const char *
facet_reminders(struct arena *a, const json *reminders)
{
	const json *list = json_at(reminders, "overrides");
	struct buf *b = buf_in(a, FACET_BYTES);

	if (!reminders || json_flag(reminders, "useDefault", true))
		return NULL;
	for (size_t i = 0; i < json_len(list); i++) {
		const char *method = json_str(json_nth(list, i), "method");

		buf_str(b, b->n ? ", " : "");
		facet_before(b, json_num(json_nth(list, i), "minutes", 0));
		if (method && !strcmp(method, "email"))
			buf_str(b, " by e-mail");
	}
	return b->n ? buf_c(b) : "None";
}

static const char *
facet_visibility(const char *word)
{
	static const struct {
		const char *word, *shown;
	} rows[] = { { "public", "Public" }, { "private", "Private" },
		{ "confidential", "Private" } };

	for (size_t i = 0; word && i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i].word, word))
			return rows[i].shown;
	return NULL;
}

json *
gcal_facets(struct arena *a, const json *event)
{
	const json *guests = json_at(event, "attendees"), *by = json_at(event, "organizer");
	json *out = json_new(a);

	json_set_str(out, "attendees", facet_guests(a, guests));
	/* Of what somebody has put into his own calendar nobody asks who has called. */
	if (json_len(guests) > 0 || !json_flag(by, "self", false))
		json_set_str(out, "organizer", facet_person(by));
	json_set_str(out, "call", facet_call(event));
	json_set_str(out, "reminders", facet_reminders(a, json_at(event, "reminders")));
	json_set_str(out, "visibility", facet_visibility(json_str(event, "visibility")));
	return out;
}
