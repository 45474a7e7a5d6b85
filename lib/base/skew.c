/*
 * skew.c - see skew.h.
 */
#include "base/skew.h"

enum { DATE_GRAIN_MS = 1000 };

static int64_t
skew_size(int64_t ms)
{
	return ms < 0 ? -ms : ms;
}

struct skew_sample
skew_sample(int64_t date_ms, int64_t heard_ms, int64_t took_ms)
{
	return (struct skew_sample){
		.ahead_ms = date_ms + DATE_GRAIN_MS / 2 - (heard_ms - took_ms / 2),
		.within_ms = DATE_GRAIN_MS / 2 + took_ms / 2,
	};
}

void
skew_add(struct skew *s, struct skew_sample one)
{
	if (s->n == SKEW_KEPT)
		memmove(s->v, s->v + 1, --s->n * sizeof *s->v);
	s->v[s->n++] = one;
}

static int64_t
skew_least(struct skew_sample one)
{
	return one.ahead_ms - one.within_ms;
}

static int64_t
skew_most(struct skew_sample one)
{
	return one.ahead_ms + one.within_ms;
}

/* How many allow this much, and the most that all of those allow. */
static size_t
skew_votes(const struct skew *s, int64_t ahead, int64_t *most)
{
	size_t votes = 0;

	*most = INT64_MAX;
	for (size_t i = 0; i < s->n; i++) {
		if (ahead < skew_least(s->v[i]) || ahead > skew_most(s->v[i]))
			continue;
		*most = skew_most(s->v[i]) < *most ? skew_most(s->v[i]) : *most;
		votes++;
	}
	return votes;
}

static struct skew_sample
skew_level(const struct skew *s)
{
	struct skew_sample out = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		int64_t within = skew_size(s->v[i].ahead_ms) + s->v[i].within_ms;

		out.within_ms = within > out.within_ms ? within : out.within_ms;
	}
	return out;
}

/* What most of them allow begins where one of them begins. */
static struct skew_sample
skew_agreed(const struct skew *s)
{
	size_t best = s->n / 2;
	struct skew_sample out = skew_level(s);

	for (size_t i = 0; i < s->n; i++) {
		int64_t most, least = skew_least(s->v[i]);
		size_t votes = skew_votes(s, least, &most);

		if (votes <= best)
			continue;
		best = votes;
		out.ahead_ms = least + (most - least) / 2;
		out.within_ms = (most - least + 1) / 2;
	}
	return out;
}

static struct skew_sample
skew_known(const struct skew *s)
{
	return s->n < SKEW_ENOUGH ? skew_level(s) : skew_agreed(s);
}

struct skew_sample
skew_of(const struct skew *s)
{
	struct skew_sample out = skew_known(s);

	if (skew_size(out.ahead_ms) > SKEW_MOST_MS)
		out = (struct skew_sample){ .within_ms = INT64_MAX };
	return out;
}

bool
skew_news(const struct skew *s, struct skew_sample one)
{
	struct skew_sample known = skew_known(s);

	return s->n < SKEW_ENOUGH || skew_least(one) > skew_most(known) ||
	    skew_most(one) < skew_least(known);
}

json *
skew_json(struct arena *a, const struct skew *s)
{
	json *list = json_list(a), *one;

	for (size_t i = 0; i < s->n; i++) {
		one = json_new(a);
		json_set_i64(one, "ahead", s->v[i].ahead_ms);
		json_set_i64(one, "within", s->v[i].within_ms);
		json_add(list, one);
	}
	return list;
}

void
skew_read(const json *list, struct skew *out)
{
	*out = (struct skew){ 0 };
	for (size_t i = 0; i < json_len(list); i++)
		skew_add(out,
		    (struct skew_sample){
			.ahead_ms = json_num(json_nth(list, i), "ahead", 0),
			.within_ms = json_num(json_nth(list, i), "within", 0),
		    });
}
