/*
 * schedule.c - see schedule.h.
 */
#include "app/schedule.h"
#include "base/clock.h"
#include "base/zone_name.h"
#include "queue/channel.h"
#include "queue/sched.h"

enum { INTERVAL_MAX_MINUTES = 576000, RETRIES_MAX = 100, HOURLY_MINUTES = 60 };

/* Also where nothing is computed with it: a misspelt zone is never passed over. */
static enum rc
schedule_zone(struct ctx *cx, struct complaints *wrong, const json *change)
{
	const json *zone = json_at(change, "timeZone");

	if (!zone)
		return RC_OK;
	if (!json_is_str(zone) ||
	    (*json_value_str(zone) && !zone_system(cx->a, str_c(json_value_str(zone)))))
		return complaints_now(cx, wrong, "schedule.timeZone",
		    "This must be the name of a time zone, like Europe/Berlin.");
	return RC_OK;
}

enum rc
schedule_rule(
    struct ctx *cx, struct complaints *wrong, const json *change, struct schedule_rule *out)
{
	const char *rule = json_str(change, "rrule"), *zone = json_str(change, "timeZone");
	enum rc rc;

	*out = (struct schedule_rule){ .rrule = NULL };
	TRY(schedule_zone(cx, wrong, change));
	if (!rule || !*rule)
		return RC_OK;
	rc = rrule_next(cx, rule, zone, clock_ms(), &out->next_at, &out->gap_minutes);
	if (rc == RC_INVALID)
		return complaints_now(cx, wrong, "schedule.rrule", cx->err.detail);
	TRY(rc);
	out->rrule = arena_dup(cx->a, rule);
	out->zone = arena_dup(cx->a, zone);
	return RC_OK;
}

/* What GET shows may be sent back, also when it was shown a while ago: it is not for setting, but
 * must be what it could have been. */
static enum rc
schedule_shown(struct ctx *cx, struct complaints *wrong, const json *in)
{
	static const char *const times[] = { "nextPollAt", "lastPolledAt" };
	const json *count = json_at(in, "retryCount");
	int64_t at;

	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		const json *v = json_at(in, times[i]);

		if (v && !json_is_null(v) &&
		    (!json_is_str(v) || !clock_parse(str_c(json_value_str(v)), &at)))
			return complaints_now(cx, wrong,
			    arena_printf(cx->a, "schedule.%s", times[i]),
			    "This is a time, or null, and is not set but found out.");
	}
	if (count && (!json_is_int(count) || json_num(in, "retryCount", 0) < 0))
		return complaints_now(cx, wrong, "schedule.retryCount",
		    "This is a number, and is not set but counted.");
	return RC_OK;
}

static enum rc
schedule_fields(struct ctx *cx, struct complaints *wrong, const json *in)
{
	static const char *const known[] = { "enabled", "frequency", "intervalMinutes", "rrule",
		"timeZone", "nextPollAt", "lastPolledAt", "retryCount", "maxRetries", "ignored" };
	const json *retries = json_at(in, "maxRetries");

	for (struct json_iter it = { 0 }; json_each(in, &it);) {
		size_t i = 0;

		while (i < sizeof known / sizeof *known && strcmp(known[i], it.key))
			i++;
		if (i == sizeof known / sizeof *known)
			return complaints_now(cx, wrong,
			    arena_printf(cx->a, "schedule.%.60s", it.key),
			    "There is no such setting.");
	}
	if (json_has(in, "enabled") && !json_is_bool(json_at(in, "enabled")))
		return complaints_now(cx, wrong, "schedule.enabled", "This must be true or false.");
	if (json_at(in, "intervalMinutes") && !json_is_int(json_at(in, "intervalMinutes")))
		return complaints_now(
		    cx, wrong, "schedule.intervalMinutes", "This must be a whole number.");
	if (json_at(in, "frequency") && !json_is_str(json_at(in, "frequency")))
		return complaints_now(cx, wrong, "schedule.frequency", "This must be a text.");
	if (retries &&
	    (!json_is_int(retries) || json_num(in, "maxRetries", 0) < 0 ||
		json_num(in, "maxRetries", 0) > RETRIES_MAX))
		return complaints_now(
		    cx, wrong, "schedule.maxRetries", "This must be from 0 to 100.");
	return schedule_shown(cx, wrong, in);
}

/* An interval in minutes; without a frequency beside it, a named one is shown by its name. */
static enum rc
schedule_interval(
    struct ctx *cx, struct complaints *wrong, struct sched *s, bool named, int64_t minutes)
{
	if (minutes < 1 || minutes > INTERVAL_MAX_MINUTES)
		return complaints_now(cx, wrong, "schedule.intervalMinutes",
		    "The interval is from 1 minute to 400 days (576000 minutes).");
	s->freq = named ? FREQ_CUSTOM : freq_of_minutes(minutes);
	s->interval_minutes = minutes;
	return RC_OK;
}

static enum rc
schedule_frequency(struct ctx *cx, struct complaints *wrong, struct sched *s, const char *word)
{
	if (!freq_from(word, &s->freq))
		return complaints_now(cx, wrong, "schedule.frequency",
		    "The frequency is one of 15min, 30min, hourly, daily, weekly, custom.");
	if (s->freq == FREQ_CUSTOM && !s->rrule)
		return complaints_now(cx, wrong, "schedule.intervalMinutes",
		    "A custom frequency needs intervalMinutes or an rrule.");
	if (s->freq != FREQ_CUSTOM)
		s->interval_minutes = freq_minutes(s->freq);
	return RC_OK;
}

/* Of a rule that stays: its next time is that of its zone. */
static enum rc
schedule_same_zone(struct ctx *cx, struct complaints *wrong, const struct sched *s, const json *in)
{
	const char *zone = json_str(in, "timeZone");

	if (!zone || !*zone || (s->time_zone && !strcmp(zone, s->time_zone)))
		return RC_OK;
	return complaints_now(
	    cx, wrong, "schedule.timeZone", "A time zone is that of a rule: send rrule with it.");
}

/* Frequency, interval or rule; *timing says that the next time must be set anew. */
static enum rc
schedule_timing(struct ctx *cx, struct complaints *wrong, struct sched *s, const json *in,
    const struct schedule_rule *rule, bool *timing)
{
	const char *freq = json_str(in, "frequency");
	int64_t minutes;

	*timing = true;
	if (rule->rrule) {
		s->freq = FREQ_CUSTOM;
		s->rrule = rule->rrule;
		s->time_zone = rule->zone;
		s->interval_minutes = rule->gap_minutes;
		s->next_poll_at = rule->next_at;
		return RC_OK;
	}
	if (json_i64(in, "intervalMinutes", &minutes) && (!freq || !strcmp(freq, "custom")))
		TRY(schedule_interval(cx, wrong, s, freq != NULL, minutes));
	else if (freq)
		TRY(schedule_frequency(cx, wrong, s, freq));
	else {
		*timing = false;
		return s->rrule ? schedule_same_zone(cx, wrong, s, in) : RC_OK;
	}
	if (freq_minutes(s->freq) || json_has(in, "intervalMinutes"))
		s->rrule = s->time_zone = NULL;
	return RC_OK;
}

void
schedule_mended(struct sched *s)
{
	s->health = HEALTH_OK;
	s->failing = false;
	s->failing_since = 0;
	s->retry_count = s->deferrals = 0;
	s->error_code = s->error_detail = NULL;
}

/* It needs its owner, and is read all the same. */
static bool
schedule_goes_on(const struct sched *s)
{
	const enum retry_class class = error_by_code(s->error_code)->retry;

	return class == RETRY_NONE || class == RETRY_DEFER;
}

/* was: it was on before. timing: how often was said anew. */
static void
schedule_next(struct sched *s, bool was, bool timing, int64_t now)
{
	if (!s->enabled)
		s->next_poll_at = 0;
	else if (s->health != HEALTH_ATTENTION || schedule_goes_on(s)) {
		/* A new rule has said its next time itself. */
		if (s->rrule && timing)
			return;
		if (!was)
			s->next_poll_at = now;
		else if (timing)
			s->next_poll_at = sched_next(s, now);
	} else if (!was) {
		/* Switching on again is a wish to try again. The reason stays until it worked. */
		s->health = HEALTH_OK;
		s->retry_count = s->deferrals = 0;
		s->failing = false;
		s->failing_since = 0;
		s->next_poll_at = now;
	} else
		s->next_poll_at = 0;
}

enum rc
schedule_merge(struct ctx *cx, struct complaints *wrong, struct sched *s, const json *change,
    const struct schedule_rule *rule, int64_t now)
{
	bool was = s->enabled, timing;

	TRY(schedule_fields(cx, wrong, change));
	s->enabled = json_flag(change, "enabled", s->enabled);
	s->max_retries = json_num(change, "maxRetries", s->max_retries);
	TRY(schedule_timing(cx, wrong, s, change, rule, &timing));
	schedule_next(s, was, timing, now);
	s->set_at = now;
	return RC_OK;
}

void
schedule_first(struct sched *s, const struct kind *kind, int64_t now)
{
	int64_t minutes = kind->poll_minutes ? kind->poll_minutes : HOURLY_MINUTES;

	if (kind->untold_minutes && !channel_possible())
		minutes = kind->untold_minutes;
	*s = (struct sched){
		.enabled = true,
		.freq = freq_of_minutes(minutes),
		.interval_minutes = minutes,
		.max_retries = 3,
		.set_at = now,
	};
	s->next_poll_at = sched_next(s, now);
}
