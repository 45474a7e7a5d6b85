/*
 * policy.c - see policy.h.
 */
#include "agree/policy.h"

static const struct {
	const char *word, *rule, *help;
} policies[] = {
#define POLICY(id, word, rule, more) [POLICY_##id] = { word, rule, rule more },
#include "agree/policy.def"
#undef POLICY
};

const char *
policy_word(enum policy p)
{
	return policies[p].word;
}

const char *
policy_rule(enum policy p)
{
	return policies[p].rule;
}

const char *
policy_help(enum policy p)
{
	return policies[p].help;
}

bool
policy_of(const char *word, enum policy *out)
{
	for (enum policy p = 0; word && p < POLICY__MAX; p++) {
		if (!strcmp(policies[p].word, word)) {
			*out = p;
			return true;
		}
	}
	return false;
}

const char *
pick_word(enum pick pick)
{
	static const char *const words[] = { [PICK_LOCAL] = "local", [PICK_REMOTE] = "remote" };

	return words[pick];
}

int64_t
edits_time(const struct edits *e, const char *const *fields, size_t n)
{
	int64_t latest = 0, at;
	bool told = false;

	for (size_t i = 0; i < n; i++) {
		if (!json_i64(e->at, fields[i], &at))
			continue;
		latest = !told || at > latest ? at : latest;
		told = true;
	}
	return told ? latest : e->whole;
}

/* The distance of two numbers; it need not fit the type of them. */
static uint64_t
apart(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

int64_t
edits_other(const struct policy_facts *f, const char *const *fields, size_t n)
{
	int64_t at = edits_time(&f->remote, fields, n), here;

	if (at <= 0 || f->within_ms == INT64_MAX || __builtin_sub_overflow(at, f->ahead_ms, &here))
		return 0;
	return here > 0 ? here : 0;
}

static bool
simultaneous(const struct policy_facts *f, int64_t local, int64_t remote)
{
	uint64_t difference = apart(local, remote);

	if (local <= 0 || remote <= 0 || difference == 0)
		return true;
	return difference < apart(f->within_ms, 0) ||
	    difference < apart(f->local.resolution_ms, 0) ||
	    difference < apart(f->remote.resolution_ms, 0);
}

static enum pick
pick_later(const struct policy_facts *f, const char *const *fields, size_t n)
{
	int64_t local = edits_time(&f->local, fields, n);
	int64_t remote = edits_other(f, fields, n);

	if (simultaneous(f, local, remote))
		return PICK_LOCAL;
	return remote > local ? PICK_REMOTE : PICK_LOCAL;
}

enum pick
policy_pick(const struct policy_facts *f, const char *const *fields, size_t n)
{
	switch (f->policy) {
	case POLICY_LATEST:
		return pick_later(f, fields, n);
	case POLICY_PROVIDER:
		return PICK_REMOTE;
	case POLICY_ASK:
		return PICK_NONE;
	case POLICY_APPLICATION:
	case POLICY__MAX:
		break;
	}
	return PICK_LOCAL;
}
