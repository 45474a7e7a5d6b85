/*
 * sim.h - what the parts of the simulation share: one seed from which everything follows, the
 * tokens that edits leave behind, and how something wrong is told.
 *
 * Every edit of a field by anybody puts a new token there, which remembers the tokens that its
 * author saw in that field. In the end each token must be an ancestor of what is there, or of what
 * a conflict has kept, or be of an object that somebody deleted who saw it: else it is lost.
 */
#ifndef SIM_H
#define SIM_H

#include "unit/db_fixture.h"

#include <ucontext.h>

#include "base/clock.h"
#include "base/rand.h"
#include "base/step.h"
#include "store/conflict.h"
#include "store/conn.h"
#include "store/outbox.h"
#include "queue/edit.h"
#include "queue/resolve.h"
#include "sync/write/flaw.h"
#include "sync/write/pull.h"
#include "sync/write/push.h"

enum { FIELDS = 4, TOKENS = 400, THINGS = 40, OBJECTS = 40 };

static const char *const field_names[FIELDS] = { "title", "place", "start", "end" };
static const struct merge_group sim_groups[] = { { .name = "time",
    .members = { "start", "end" } } };
static const struct merge_rules sim_rules = { .groups = sim_groups, .n_groups = 1 };

/* Content on either side: tokens, 0: the field is not there. */
struct content {
	int f[FIELDS];
};

/* What a schedule is like. */
struct weather {
	bool etags;             /* the service has etags and heeds If-Match */
	bool says;              /* its answers have the whole record */
	bool lags;              /* lists and looks by mark come late */
	bool parallel;          /* more than one process */
	int fault, kill, yield; /* one in so many; 0: never */
	int64_t lag_ms;
};

static struct {
	uint64_t seed, state;
	bool trace;
	bool calm; /* faults, kills and edits have stopped */
	char bad[1200];
	struct weather w;
	struct {
		bool guests;
		enum { CALLS_NONE, CALLS_SOME, CALLS_ONLY } calls; /* messages of changes */
		bool grants;        /* grants end, and are given again */
		bool each;          /* in Notion a series is a page for each of its occurrences */
		bool shares;        /* what is shared with us there, and what is not, changes */
		const char *choice; /* what people answer when they are asked; NULL: either */
	} cal;
	struct {
		int over[2];
		bool fine, kept;
		bool both;        /* made on both sides at once */
		const void *back; /* who has replaced it by what it had replaced */
	} token[TOKENS];
	int tokens;
	int64_t began; /* by the clock that never jumps */
} sim;

#define SIM_EPOCH (INT64_C(1795170600) * SECOND_MS)

/* The time that everybody but our own clock agrees on. */
static inline int64_t
sim_time(void)
{
	return SIM_EPOCH + clock_mono_ms() - sim.began;
}

/* Over all schedules of the program. */
static struct {
	long edits, here, there; /* by people: of fields, and of objects on each side */
	long sent, written;      /* by the core: there, and here */
	long looks, conflicts, faults, kills, switches, jumps, fulls, guards, answers;
} tally;

static inline uint32_t
dice(uint32_t sides)
{
	uint64_t z = sim.state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (uint32_t)((z ^ (z >> 31)) % sides);
}

/* Bad luck, one in n; none once it is calm. */
static inline bool
luck(int n)
{
	return !sim.calm && n > 0 && dice((uint32_t)n) == 0;
}

#define tell(...) \
	do { \
		if (sim.trace) { \
			printf("%10lld ", (long long)(clock_ms() / SECOND_MS % 1000000)); \
			printf(__VA_ARGS__); \
			putchar('\n'); \
		} \
	} while (0)

/* The first thing that is wrong with the schedule. */
#define sim_bad(...) \
	do { \
		if (!*sim.bad) \
			snprintf(sim.bad, sizeof sim.bad, __VA_ARGS__); \
	} while (0)

static inline int
token_new(int saw, int saw_too)
{
	if (sim.tokens + 1 >= TOKENS) {
		sim_bad("more edits than the simulation has room for");
		return saw;
	}
	sim.tokens++;
	memset(&sim.token[sim.tokens], 0, sizeof sim.token[0]);
	sim.token[sim.tokens].over[0] = saw;
	sim.token[sim.tokens].over[1] = saw_too;
	tally.edits++;
	return sim.tokens;
}

static inline void
token_fine(int t)
{
	if (t <= 0 || t > sim.tokens || sim.token[t].fine)
		return;
	sim.token[t].fine = true;
	token_fine(sim.token[t].over[0]);
	token_fine(sim.token[t].over[1]);
}

static inline void
content_fine(const struct content *c)
{
	for (int i = 0; i < FIELDS; i++)
		token_fine(c->f[i]);
}

/* Who deletes something knows what was in it. */
/* As our side has gone on. */
static inline bool
token_descends(int t, int from)
{
	while (t > 0 && t != from)
		t = sim.token[t].over[0];
	return t > 0;
}

/* Nobody ever sets a field back: a single one that goes back to what its own value had replaced
 * lost a conflict, or was taken from something old. (Of a group, a member may, with what wins; and
 * an edit that both sides made may win there over what followed it here.) */
static inline void
content_goes(const struct content *from, const struct content *to, const void *by)
{
	for (int i = 0; i < 2; i++) {
		if (!from->f[i] || !to->f[i] || from->f[i] == to->f[i])
			continue;
		if (!sim.token[to->f[i]].both && token_descends(from->f[i], to->f[i]))
			sim.token[from->f[i]].back = by;
	}
}

/* Who is killed in a write has not written. */
static inline void
content_undone(const void *by)
{
	for (int t = 1; t <= sim.tokens; t++)
		if (sim.token[t].back == by)
			sim.token[t].back = NULL;
}

static inline void
content_edit(struct content *c)
{
	int f = (int)dice(FIELDS);

	c->f[f] = token_new(c->f[f], 0);
}

static inline json *
content_json(struct arena *a, const struct content *c)
{
	json *j = json_new(a);

	for (int i = 0; i < FIELDS; i++)
		if (c->f[i])
			json_set_i64(j, field_names[i], c->f[i]);
	return j;
}

static inline struct content
content_of(const json *j)
{
	struct content c;

	for (int i = 0; i < FIELDS; i++)
		c.f[i] = (int)json_num(j, field_names[i], 0);
	return c;
}

static inline const char *
content_text(const struct content *c, bool gone)
{
	static char text[4][80];
	static int n;
	char *out = text[n = (n + 1) % 4];

	if (gone)
		return "gone";
	snprintf(out, sizeof text[0], "{%d %d %d-%d}", c->f[0], c->f[1], c->f[2], c->f[3]);
	return out;
}

/* The player whose turn it is lets others go on; in players.h. */
static void player_yields(const char *where, bool may_die);
static const char *player_name(void);
/* Nothing may come between its look and its write, for the service takes no condition: what the
 * design cannot close is not what this simulation is to find. */
static void player_holds(bool hold);

#endif
