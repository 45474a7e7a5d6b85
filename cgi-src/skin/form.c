/*
 * form.c - see page.h: forms drawn from field rows, and what was posted in them.
 */
#include <stdlib.h>

#include "base/conf.h"
#include "base/str.h"
#include "kind/kind.h"
#include "skin/page.h"

/* BOXES_MAX: of one list; one that is searched has as many as may be chosen. All lists of a form,
 * ticked, are parameters of one request (REQ_PARAMS). */
enum { FORM_TEXT_MAX = 64 * 1024, HOURS = 24, BOXES_MAX = 32 };

const json *
page_provider(const json *providers, const char *id)
{
	json *data = json_at(providers, "data");

	for (size_t i = 0; i < json_len(data); i++)
		if (id && !strcmp(json_str(json_nth(data, i), "id"), id))
			return json_nth(data, i);
	return NULL;
}

void
page_picks(struct arena *a, json *model, const json *providers, const json *chosen)
{
	json *list = json_list(a), *data = json_at(providers, "data");

	for (size_t i = 0; i < json_len(data); i++) {
		json *p = json_nth(data, i), *o = json_new(a);
		json_set_str(o, "id", json_str(p, "id"));
		json_set_str(o, "icon", kind_find(json_str(p, "id"))->icon);
		json_set_str(o, "title", json_str(p, "title"));
		json_set_str(o, "blurb", json_str(p, "blurb"));
		json_set_bool(o, "current", p == chosen);
		json_set_bool(o, "isDemo", json_str(p, "account") && conf_int(CONF_DEMO));
		json_add(list, o);
	}
	json_set(model, "providers", list);
}

/* "config.url" and "url" are the field url; "config.headers.X" is headers. */
const char *
page_complaint(const struct req *r, const char *name)
{
	for (size_t i = 0; i < json_len(r->wrong.list); i++) {
		struct str rest;
		struct str first = str_cut(json_s(json_nth(r->wrong.list, i), "field"), '.', &rest);
		if (rest.p && (str_is(first, "config") || str_is(first, "secret")))
			first = str_cut(rest, '.', &rest);
		if (str_is(first, name))
			return json_str(json_nth(r->wrong.list, i), "message");
	}
	return NULL;
}

const char *
page_problem(struct req *r, const struct err *err)
{
	if (json_len(r->wrong.list))
		return json_str(json_nth(r->wrong.list, 0), "message");
	return *err->detail ? arena_dup(r->cx->a, err->detail) : error_row(err->kind)->title;
}

static const char *
plain_text(struct arena *a, const json *v)
{
	return json_is_str(v) ? json_value_str(v) : json_text(a, v);
}

/* A stored value as a form shows it: lists by commas, maps by lines. */
static const char *
value_text(struct arena *a, const json *v)
{
	struct buf *b = buf_in(a, FORM_TEXT_MAX);

	if (json_is_list(v)) {
		for (size_t i = 0; i < json_len(v); i++)
			buf_printf(b, "%s%s", i ? ", " : "", plain_text(a, json_nth(v, i)));
		return buf_c(b);
	}
	if (json_is_obj(v)) {
		for (struct json_iter it = { 0 }; json_each(v, &it);)
			buf_printf(b, "%s: %s\n", it.key, plain_text(a, it.value));
		return buf_c(b);
	}
	return json_is_null(v) ? "" : plain_text(a, v);
}

static void
add_option(struct arena *a, json *list, const char *value, const char *label, bool selected)
{
	json *o = json_new(a);

	json_set_str(o, "value", value);
	json_set_str(o, "label", label);
	json_set_bool(o, "selected", selected);
	json_add(list, o);
}

/* labels: NULL, or one for each word. */
static json *
options_of(struct arena *a, const json *words, const json *labels, const char *value)
{
	json *list = json_list(a);

	for (size_t i = 0; i < json_len(words); i++) {
		const char *word = json_value_str(json_nth(words, i));
		const char *label = labels ? json_value_str(json_nth(labels, i)) : word;

		add_option(a, list, word, label, word && !strcmp(value, word));
	}
	return list;
}

/* One of the columns that were found; left open, the one that suggests itself. NULL: no columns
 * are known, or this field is not about one. */
static json *
column_options(struct arena *a, const char *name, const char *value, const json *choices)
{
	const char *guess = json_str(json_at(choices, "suggested"), name);
	json *columns = json_at(choices, "columns"), *list;
	bool known = !*value;

	if (!str_ends(str_c(name), "_column") || !json_len(columns))
		return NULL;
	for (size_t i = 0; i < json_len(columns); i++)
		known = known || !strcmp(json_value_str(json_nth(columns, i)), value);
	list = options_of(a, columns, NULL, value);
	if (!known)
		add_option(a, list, value, arena_printf(a, "%s (not there now)", value), true);
	add_option(a, list, "", guess ? arena_printf(a, "Suggested: %s", guess) : "None", !*value);
	return list;
}

/* What stands in the field. One of the listed sources that was clicked fills the field that names
 * what is read. */
static const char *
typed_text(struct req *r, const json *row)
{
	const char *pick = req_form(r, "pick"), *name = json_str(row, "name");
	const struct kind *k = kind_find(req_form(r, "provider"));

	return pick && *pick && k && k->chosen && !strcmp(k->chosen, name)
	    ? pick
	    : req_form(r, arena_printf(r->cx->a, "f_%s", name));
}

/* The ticked boxes of a list, or NULL when none was. */
static json *
form_ticked(struct req *r, const char *name)
{
	const char *param = arena_printf(r->cx->a, "l_%s", name);
	json *list = NULL;

	for (size_t i = 0; i < r->form.n; i++)
		if (!strcmp(r->form.v[i].name, param)) {
			list = list ? list : json_list(r->cx->a);
			json_add_str(list, r->form.v[i].value);
		}
	return list;
}

/* What was written with commas between, before there were boxes. */
static json *
form_written(struct req *r, const char *name)
{
	struct str rest = str_c(req_form(r, arena_printf(r->cx->a, "f_%s", name)));
	json *list = json_list(r->cx->a);

	while (rest.p && rest.n) {
		struct str one = str_trim(str_cut(rest, ',', &rest));
		if (one.n)
			json_add(list, json_string(r->cx->a, one));
	}
	return list;
}

json *
page_chosen(struct req *r, const char *name, const json *config)
{
	json *ticked = form_ticked(r, name);

	if (ticked)
		return ticked;
	return r->form.n ? form_written(r, name) : json_at(config, name);
}

/* Connections are ticked by their names: nobody knows their ids. */
static bool
is_origins(const char *name)
{
	return !strcmp(name, "writeFrom");
}

/* Boxes for a list field: of what the source has, unless that is too much to tick, or of texts
 * that could not be written with commas between. NULL: a line to write in. */
static json *
form_boxes(struct req *r, const json *row, const json *config, const json *choices)
{
	const char *name = json_str(row, "name");
	bool columns = !strcmp(name, "key") || !strcmp(name, "columns");
	json *items = json_at(choices, columns ? "columns" : name);
	json *wanted = page_chosen(r, name, config);
	bool commas = form_ticked(r, name) != NULL;

	if (json_str(row, "search"))
		return page_boxes(r->cx->a, items, wanted);
	for (size_t i = 0; i < json_len(wanted); i++)
		commas = commas || strchr(json_value_str(json_nth(wanted, i)), ',');
	if (json_len(items) > BOXES_MAX)
		items = NULL;
	return json_len(items) || commas || (items && is_origins(name))
	    ? page_boxes(r->cx->a, items, wanted)
	    : NULL;
}

static const char *
box_hint(const json *row, const json *boxes)
{
	const char *name = json_str(row, "name");

	if (json_str(row, "search"))
		return json_str(row, "help");
	if (is_origins(name))
		return json_len(boxes) ? json_str(row, "help")
				       : "No other connection has events yet.";
	if (!strcmp(name, "tabs"))
		return "Tick those to read. With none ticked, all that are not hidden are read, "
		       "and those that come later.";
	if (!strcmp(name, "key"))
		return "Tick what tells rows apart. With none ticked, Tidemark finds it.";
	return "Tick those to keep. With none ticked, all are kept.";
}

static json *
one_field(
    struct req *r, const json *row, const json *config, const json *choices, const char *prefix)
{
	struct arena *a = r->cx->a;
	const char *name = json_str(row, "name");
	const char *type = json_str(row, "type");
	const char *typed = typed_text(r, row);
	const char *value;
	bool secret = !strcmp(type, "secret"), url = !strcmp(type, "url");
	json *o = json_new(a);
	json *box_list = strcmp(type, "list") ? NULL : form_boxes(r, row, config, choices);
	json *column_list;
	json *offers = NULL;

	value = typed ? typed : value_text(a, json_at(config, name));
	if (secret)
		value = "";
	column_list = secret ? NULL : column_options(a, name, value, choices);
	if (!strcmp(name, "range") && json_len(json_at(choices, "namedRanges")))
		offers = json_at(choices, "namedRanges");
	for (struct json_iter it = { 0 }; json_each(row, &it);)
		json_set(o, it.key, it.value);
	json_set_str(o, "fid", arena_printf(a, "%s-%s", prefix, name));
	json_set_str(o, "value", value);
	json_set_str(o, "error", page_complaint(r, name));
	json_set(o, "boxes", box_list);
	json_set_bool(o, "isBoxes", box_list != NULL);
	json_set_str(o, "boxHint", box_hint(row, box_list));
	json_set(o, "offers", offers);
	json_set_bool(o, "hasOffers", offers != NULL);
	json_set_bool(o, "mayDrop", secret && page_complaint(r, name));
	json_set_bool(o, "isInput",
	    secret || url || (!strcmp(type, "text") && !column_list) ||
		(!strcmp(type, "list") && !box_list));
	json_set_str(o, "input", url ? "url" : "text");
	if (secret)
		json_set_str(o, "input", "password");
	json_set_bool(o, "isNumber", !strcmp(type, "integer"));
	json_set_bool(o, "isMap", !strcmp(type, "map"));
	json_set_bool(o, "isBool", !strcmp(type, "boolean"));
	json_set_bool(o, "isChoice", !strcmp(type, "choice") || column_list);
	json_set_bool(o, "isPlain", !box_list && strcmp(type, "boolean") != 0);
	json_set(o, "options",
	    column_list
		? column_list
		: options_of(a, json_at(row, "choices"), json_at(row, "choiceLabels"), value));
	return o;
}

void
page_fields(struct req *r, json *form, const json *provider, const json *config,
    const json *choices, const char *prefix)
{
	json *rows = json_at(provider, "fields");
	json *fields = json_list(r->cx->a);
	json *advanced = json_list(r->cx->a);
	const char *id = json_str(form, "id");
	const char *page = id ? arena_printf(r->cx->a, "/connections/%s", id) : "/settings/add";
	json *o;
	bool open = false, searched = false;

	for (size_t i = 0; i < json_len(rows); i++) {
		o = one_field(r, json_nth(rows, i), config, choices, prefix);
		page_field_search(r, o, choices, page);
		searched = searched || json_str(o, "search");
		if (json_flag(o, "advanced", false)) {
			open = open || json_at(o, "error");
			json_add(advanced, o);
		} else
			json_add(fields, o);
	}
	json_set(form, "fields", fields);
	json_set(form, "advanced", advanced);
	json_set_bool(form, "advancedOpen", open);
	json_set_bool(form, "searched", searched);
}

json *
page_form_body(struct req *r, const json *provider)
{
	struct arena *a = r->cx->a;
	json *o = json_new(a);
	json *config = json_new(a);
	json *secret = json_new(a);
	json *rows = json_at(provider, "fields");

	for (size_t i = 0; i < json_len(rows); i++) {
		const char *name = json_str(json_nth(rows, i), "name");
		const char *type = json_str(json_nth(rows, i), "type");
		const char *v = typed_text(r, json_nth(rows, i));
		int64_t n;
		/* What is left empty is empty from now on; but a secret that is stored stays. */
		if (strcmp(type, "secret") != 0)
			json_set(config, name, form_ticked(r, name));
		if (!v || !str_trim(str_c(v)).n)
			continue;
		if (!strcmp(type, "integer") &&
		    str_i64(str_trim(str_c(v)), INT64_MIN, INT64_MAX, &n))
			json_set_i64(config, name, n);
		else if (!strcmp(type, "boolean"))
			json_set_bool(config, name, !strcmp(v, "true"));
		else
			json_set_str(strcmp(type, "secret") ? config : secret, name, v);
	}
	json_set_str(o, "provider", json_str(provider, "id"));
	if (page_searches(r))
		json_set_str(o, "search", req_form(r, "search") ? req_form(r, "search") : "");
	json_set(o, "config", config);
	if (json_str(provider, "account") && req_form(r, "account"))
		json_set_str(o, "accountId", req_form(r, "account"));
	/* Left empty, what is stored stays. */
	if (json_len(secret) || req_form(r, "no_secret"))
		json_set(o, "secret", secret);
	return o;
}

/*
 * Schedules. "Business hours" is a recurrence rule that the form builds and recognises.
 */

struct hours {
	int64_t from, until, every; /* hours of the day; minutes */
	bool workdays;
};

static const char *
hours_rule(struct arena *a, const struct hours *h)
{
	struct buf *b = buf_in(a, 1000);

	buf_str(b, h->workdays ? "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=" : "FREQ=DAILY;BYHOUR=");
	for (int64_t i = h->from; i <= h->until; i++)
		buf_printf(b, "%s%lld", i > h->from ? "," : "", (long long)i);
	buf_str(b, ";BYMINUTE=0");
	for (int64_t m = h->every; m < 60; m += h->every)
		buf_printf(b, ",%lld", (long long)m);
	buf_str(b, ";BYSECOND=0");
	return buf_c(b);
}

static const struct hours usual_hours = {
	.from = 8,
	.until = 18,
	.every = 60,
	.workdays = true,
};

/* Is the rule one that hours_rule() makes? Read loosely, then compared. */
static bool
hours_read(struct arena *a, const char *rule, struct hours *h)
{
	const char *p = rule ? strstr(rule, "BYHOUR=") : NULL;
	char *end;

	*h = usual_hours;
	if (!p)
		return false;
	h->workdays = strstr(rule, "BYDAY=") != NULL;
	if (strstr(rule, "0,15,30,45"))
		h->every = 15;
	else if (strstr(rule, "BYMINUTE=0,30"))
		h->every = 30;
	h->from = h->until = strtol(p + 7, &end, 10);
	while (*end == ',')
		h->until = strtol(end + 1, &end, 10);
	if (h->from >= 0 && h->until < HOURS && h->from <= h->until &&
	    !strcmp(rule, hours_rule(a, h)))
		return true;
	*h = usual_hours;
	return false;
}

void
page_schedule(struct arena *a, json *o, const struct sched *s)
{
	static const char *const rows[][2] = {
		{ "15min", "Every 15 minutes" },
		{ "30min", "Every 30 minutes" },
		{ "hourly", "Every hour" },
		{ "daily", "Every day" },
		{ "weekly", "Every week" },
	};
	json *list = json_list(a);
	json *hours = json_new(a);
	json *every = json_list(a);
	json *days = json_list(a);
	const char *interval = "Custom interval";
	struct hours h;
	bool business = hours_read(a, s->rrule, &h), custom = s->freq == FREQ_CUSTOM && !s->rrule;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		add_option(a, list, rows[i][0], rows[i][1],
		    !s->rrule && !strcmp(rows[i][0], freq_name(s->freq)));
	if (custom)
		interval = s->interval_minutes == 1
		    ? "Every minute"
		    : arena_printf(a, "Every %s minutes", page_count(a, s->interval_minutes));
	add_option(a, list, "custom", interval, custom);
	add_option(a, list, "hours", "Business hours", business);
	add_option(a, list, "rule", "Custom rule", s->rrule && !business);
	add_option(a, every, "60", "hour", h.every == 60);
	add_option(a, every, "30", "30 minutes", h.every == 30);
	add_option(a, every, "15", "15 minutes", h.every == 15);
	add_option(a, days, "work", "Monday to Friday", h.workdays);
	add_option(a, days, "all", "every day", !h.workdays);
	json_set_i64(hours, "from", h.from);
	json_set_i64(hours, "until", h.until);
	json_set(hours, "every", every);
	json_set(hours, "days", days);
	json_set(o, "frequencies", list);
	json_set(o, "hours", hours);
	json_set_str(o, "zone", s->time_zone ? s->time_zone : "UTC");
	json_set_str(o, "ruleZone", s->time_zone ? s->time_zone : "UTC");
}

/* The option with the value that was posted as `name` is the one that is selected. */
static void
select_typed(struct req *r, json *options, const char *name)
{
	const char *typed = req_form(r, name);

	for (size_t i = 0; typed && i < json_len(options); i++)
		json_set_bool(json_nth(options, i), "selected",
		    !strcmp(json_str(json_nth(options, i), "value"), typed));
}

void
page_schedule_typed(struct req *r, json *o)
{
	static const char *const texts[][3] = {
		{ "schedule", "intervalMinutes", "intervalMinutes" },
		{ "schedule", "rrule", "rrule" },
		{ "hours", "from", "from" },
		{ "hours", "until", "until" },
		{ NULL, "zone", "zone" },
		{ NULL, "ruleZone", "ruleZone" },
	};
	const char *freq = req_form(r, "frequency"), *wrong = page_complaint(r, "schedule");
	const char *field = json_str(json_nth(r->wrong.list, 0), "field");
	bool zone = field && !strcmp(field, "schedule.timeZone");

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (req_form(r, texts[i][2]))
			json_set_str(texts[i][0] ? json_at(o, texts[i][0]) : o, texts[i][1],
			    req_form(r, texts[i][2]));
	json_set_bool(json_at(o, "schedule"), "enabled", req_form(r, "enabled") != NULL);
	select_typed(r, json_at(o, "frequencies"), "frequency");
	select_typed(r, json_at(json_at(o, "hours"), "every"), "every");
	select_typed(r, json_at(json_at(o, "hours"), "days"), "days");
	if (!freq || !wrong)
		return;
	if (!strcmp(freq, "custom"))
		json_set_str(o, "minutesError", wrong);
	else if (!strcmp(freq, "hours"))
		json_set_str(o, zone ? "zoneError" : "hoursError", wrong);
	else if (!strcmp(freq, "rule"))
		json_set_str(o, zone ? "ruleZoneError" : "ruleError", wrong);
	else
		json_set_str(o, "frequencyError", wrong);
}

static enum rc
ask_rule(struct req *r, const struct sched *s, json *in, const char *rule, const char *zone)
{
	zone = zone && str_trim(str_c(zone)).n ? arena_dup_str(r->cx->a, str_trim(str_c(zone)))
					       : "UTC";
	if (!rule || !*rule)
		return input_fail_one(r, "schedule.rrule",
		    "Give a recurrence rule, for example FREQ=DAILY;BYHOUR=6,18;BYMINUTE=0.");
	if (s->rrule && !strcmp(s->rrule, rule) && s->time_zone && !strcmp(s->time_zone, zone))
		return RC_OK;
	json_set_str(in, "rrule", rule);
	json_set_str(in, "timeZone", zone);
	return RC_OK;
}

static enum rc
ask_hours(struct req *r, const struct sched *s, json *in)
{
	const char *from = req_form(r, "from");
	const char *until = req_form(r, "until");
	const char *every = req_form(r, "every");
	const char *days = req_form(r, "days");
	struct hours h = { .workdays = !days || strcmp(days, "all") != 0 };

	if (!str_i64(str_trim(str_c(from)), 0, HOURS - 1, &h.from) ||
	    !str_i64(str_trim(str_c(until)), 0, HOURS - 1, &h.until) || h.until < h.from)
		return input_fail_one(r, "schedule.rrule",
		    "Business hours go from one full hour, 0 to 23, to a later one of the same "
		    "day.");
	if (!str_i64(str_c(every), 15, 60, &h.every))
		h.every = 60;
	return ask_rule(r, s, in, hours_rule(r->cx->a, &h), req_form(r, "zone"));
}

enum rc
page_schedule_change(struct req *r, const struct sched *s, json **change)
{
	const char *freq = req_form(r, "frequency"), *minutes = req_form(r, "intervalMinutes");
	json *in = *change = json_new(r->cx->a);
	int64_t n;

	json_set_bool(in, "enabled", req_form(r, "enabled") != NULL);
	if (!freq)
		return RC_OK;
	if (!strcmp(freq, "hours"))
		return ask_hours(r, s, in);
	if (!strcmp(freq, "rule"))
		return ask_rule(r, s, in, req_form(r, "rrule"), req_form(r, "ruleZone"));
	if (!strcmp(freq, "custom")) {
		if (!str_i64(str_trim(str_c(minutes)), 1, 576000, &n))
			return input_fail_one(r, "schedule.intervalMinutes",
			    "The interval is a whole number of minutes, from 1 to 576000.");
		if (s->rrule || n != s->interval_minutes)
			json_set_i64(in, "intervalMinutes", n);
	} else if (s->rrule || strcmp(freq, freq_name(s->freq)))
		json_set_str(in, "frequency", freq);
	return RC_OK;
}
