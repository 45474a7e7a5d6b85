/*
 * guess.c - see guess.h. A bucket is a digest: names of people who do not exist are not kept.
 */
#include "store/guess.h"

#include <arpa/inet.h>

#include "base/clock.h"
#include "base/hash.h"

enum { KNOWN_DAYS = 60 };

/* So many failures are free; then each doubles the wait. Failures are remembered for `memory` after
 * the last one. */
static const struct rule {
	const char *word;
	bool by_name, by_address;
	int64_t free;
	int64_t wait, wait_max, memory;
} rules[] = {
	{ "pair", true, true, 5, 30 * SECOND_MS, HOUR_MS, DAY_MS },
	{ "address", false, true, 30, MINUTE_MS, HOUR_MS, HOUR_MS },
	{ "name", true, false, 100, MINUTE_MS, 15 * MINUTE_MS, DAY_MS },
};
enum { RULES = sizeof rules / sizeof *rules };

struct counter {
	char bucket[SHA256_HEX];
	int64_t failures, until;
};

/* An IPv6 network has as many addresses as its owner likes: its first half counts. */
static const char *
network(struct arena *a, const char *address)
{
	struct in6_addr v6;

	if (inet_pton(AF_INET6, address, &v6) != 1 || IN6_IS_ADDR_V4MAPPED(&v6))
		return address;
	return arena_printf(a, "%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", v6.s6_addr[0],
	    v6.s6_addr[1], v6.s6_addr[2], v6.s6_addr[3], v6.s6_addr[4], v6.s6_addr[5],
	    v6.s6_addr[6], v6.s6_addr[7]);
}

static void
bucket_of(
    struct arena *a, const char *word, const char *name, const char *address, char out[SHA256_HEX])
{
	hash_sha256_hex(str_c(arena_printf(a, "%s|%s|%s", word, name, address)), out);
}

static enum rc
counter_read(struct ctx *cx, struct db *db, const struct rule *rule, const char *name,
    const char *address, struct counter *c)
{
	bool found;

	bucket_of(cx->a, rule->word, rule->by_name ? name : "",
	    rule->by_address ? network(cx->a, address) : "", c->bucket);
	TRY(db_row(cx, db, &found, Q_LIMIT_GET, "si", c->bucket, clock_ms()));
	c->failures = found ? db_num(db, Q_LIMIT_GET, C_LIMIT_FAILURES) : 0;
	c->until = found ? db_num(db, Q_LIMIT_GET, C_LIMIT_UNTIL) : 0;
	db_reset(db, Q_LIMIT_GET);
	return RC_OK;
}

/* Has this user come in from there before? Then strangers elsewhere do not keep it out. */
static enum rc
guess_is_known(struct ctx *cx, struct db *db, const char *name, const char *address, bool *known)
{
	char bucket[SHA256_HEX];

	bucket_of(cx->a, "known", name, network(cx->a, address), bucket);
	TRY(db_row(cx, db, known, Q_LIMIT_GET, "si", bucket, clock_ms()));
	db_reset(db, Q_LIMIT_GET);
	return RC_OK;
}

enum rc
guess_known(struct ctx *cx, struct db *db, const char *name, const char *address)
{
	char bucket[SHA256_HEX];

	if (!*address)
		return RC_OK;
	bucket_of(cx->a, "known", name, network(cx->a, address), bucket);
	return db_run(cx, db, NULL, Q_LIMIT_PUT, "siii", bucket, INT64_C(0), INT64_C(0),
	    clock_ms() + KNOWN_DAYS * DAY_MS);
}

static enum rc
counter_write(struct ctx *cx, struct db *db, const struct rule *rule, const struct counter *c)
{
	return db_run(cx, db, NULL, Q_LIMIT_PUT, "siii", c->bucket, c->failures, c->until,
	    clock_ms() + rule->memory);
}

static int64_t
wait_after(const struct rule *rule, int64_t failures)
{
	int64_t over = failures - rule->free, wait = rule->wait;

	if (over <= 0)
		return 0;
	while (--over > 0 && wait < rule->wait_max)
		wait *= 2;
	return wait < rule->wait_max ? wait : rule->wait_max;
}

static enum rc
too_many(struct ctx *cx, int64_t wait_ms)
{
	bool soon = wait_ms < 2 * MINUTE_MS;
	const int64_t unit = soon ? SECOND_MS : MINUTE_MS;
	/* Whoever waits as long as it says is let in. */
	const int64_t n = (wait_ms + unit - 1) / unit;
	enum rc rc = fail(cx, E_TOO_MANY,
	    "There were too many tries. Wait %lld %s, or use a sign-in link.", (long long)n,
	    soon ? "seconds" : "minutes");

	cx->err.wait_ms = wait_ms;
	return rc;
}

struct guess {
	const char *name, *address;
};

static enum rc
guess_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct guess *g = arg;
	struct counter c[RULES];
	int64_t now = clock_ms(), wait = 0;
	bool known;

	TRY(guess_is_known(cx, db, g->name, g->address, &known));
	for (size_t i = 0; i < RULES; i++) {
		TRY(counter_read(cx, db, &rules[i], g->name, g->address, &c[i]));
		if (known && !rules[i].by_address)
			continue;
		/* A time further off than any wait was set by a clock that was wrong. */
		if (c[i].until - now > wait && c[i].until - now <= rules[i].wait_max)
			wait = c[i].until - now;
	}
	if (wait)
		return too_many(cx, wait);
	for (size_t i = 0; i < RULES; i++) {
		c[i].failures++;
		wait = wait_after(&rules[i], c[i].failures);
		c[i].until = wait ? now + wait : 0;
		TRY(counter_write(cx, db, &rules[i], &c[i]));
	}
	return RC_OK;
}

enum rc
sign_in_try(struct ctx *cx, struct db *db, const char *name, const char *address)
{
	struct guess g = { name, address };

	return db_write(cx, db, guess_write, &g);
}

static enum rc
guess_right_write(struct ctx *cx, struct db *db, void *arg)
{
	const struct guess *g = arg;

	for (size_t i = 0; i < RULES; i++) {
		struct counter c;

		TRY(counter_read(cx, db, &rules[i], g->name, g->address, &c));
		if ((rules[i].by_name && rules[i].by_address) || c.failures <= 1) {
			TRY(db_run(cx, db, NULL, Q_LIMIT_DROP, "s", c.bucket));
			continue;
		}
		c.until = wait_after(&rules[i], --c.failures) ? c.until : 0;
		TRY(counter_write(cx, db, &rules[i], &c));
	}
	return RC_OK;
}

enum rc
sign_in_worked(struct ctx *cx, struct db *db, const char *name, const char *address)
{
	struct guess g = { name, address };

	return db_write(cx, db, guess_right_write, &g);
}
