/*
 * clock.c - time. Every other file gets it from here, so that tests can set it.
 */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/civil.h"

static int64_t fake_base, fake_from;
#ifdef TIDEMARK_STEPS
static struct {
	bool on;
	int64_t wall, mono;
} stepped;
#endif

static int64_t
read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * SECOND_MS + ts.tv_nsec / 1000000;
}

int64_t
clock_mono_ms(void)
{
#ifdef TIDEMARK_STEPS
	if (stepped.on)
		return stepped.mono;
#endif
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_ms(void)
{
#ifdef TIDEMARK_STEPS
	if (stepped.on)
		return stepped.wall;
#endif
	if (fake_base)
		return fake_base + (clock_mono_ms() - fake_from);
	return read_ms(CLOCK_REALTIME);
}

void
clock_fake(int64_t base_ms)
{
#ifdef TIDEMARK_STEPS
	stepped.on = false;
#endif
	fake_base = base_ms;
	fake_from = clock_mono_ms();
}

#ifdef TIDEMARK_STEPS
void
clock_step_to(int64_t wall_ms)
{
	stepped.mono = clock_mono_ms();
	stepped.wall = wall_ms;
	stepped.on = true;
}

void
clock_step_by(int64_t ms)
{
	if (!stepped.on)
		clock_step_to(clock_ms());
	stepped.mono += ms;
	stepped.wall += ms;
}
#endif

void
clock_sleep_ms(int64_t ms)
{
	struct timespec ts = { (time_t)(ms / SECOND_MS), (long)(ms % SECOND_MS) * 1000000 };

	if (ms <= 0)
		return;
#ifdef TIDEMARK_STEPS
	if (stepped.on) {
		clock_step_by(ms);
		return;
	}
#endif
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

static struct tm
clock_utc(int64_t ms)
{
	time_t t;
	struct tm tm;

	/* What lies outside the calendar that four-digit years can show is shown as its nearest
	 * end. */
	if (ms < 0)
		ms = 0;
	if (ms > INT64_C(253402300799999))
		ms = INT64_C(253402300799999);
	t = (time_t)(ms / SECOND_MS);
	gmtime_r(&t, &tm);
	return tm;
}

const char *
clock_text(int64_t ms, char out[CLOCK_TEXT])
{
	struct tm tm = clock_utc(ms);

	strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

const char *
clock_http(int64_t ms, char out[CLOCK_TEXT])
{
	struct tm tm = clock_utc(ms);

	/* No program calls setlocale(), so these are English. */
	strftime(out, CLOCK_TEXT, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return out;
}

/* Takes `len` digits from the front of *s. */
static bool
parse_digits(struct str *s, size_t len, int64_t *out)
{
	struct str part = { s->p, len };

	if (s->n < len || (len > 0 && s->p[0] == '-') || !str_i64(part, 0, 9999, out))
		return false;
	s->p += len;
	s->n -= len;
	return true;
}

static bool
parse_mark(struct str *s, char a, char b)
{
	if (s->n == 0 || (s->p[0] != a && s->p[0] != b))
		return false;
	s->p++;
	s->n--;
	return true;
}

static bool
parse_fraction(struct str *s, int64_t *ms)
{
	int64_t scale = 100;
	size_t n = 0;

	*ms = 0;
	if (!parse_mark(s, '.', '.'))
		return true;
	for (; s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9'; s->p++, s->n--, n++) {
		*ms += (s->p[0] - '0') * scale;
		scale /= 10;
	}
	return n > 0;
}

static bool
parse_offset(struct str *s, int64_t *ms)
{
	int64_t h, m;
	bool west;

	*ms = 0;
	if (parse_mark(s, 'Z', 'z'))
		return true;
	west = s->n > 0 && s->p[0] == '-';
	if (!parse_mark(s, '+', '-') || !parse_digits(s, 2, &h) || !parse_mark(s, ':', ':') ||
	    !parse_digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	*ms = (h * HOUR_MS + m * MINUTE_MS) * (west ? -1 : 1);
	return true;
}

bool
clock_parse(struct str s, int64_t *ms)
{
	int64_t y, mo, d, h, mi, sec, frac, off, t;

	if (!parse_digits(&s, 4, &y) || !parse_mark(&s, '-', '-') || !parse_digits(&s, 2, &mo) ||
	    !parse_mark(&s, '-', '-') || !parse_digits(&s, 2, &d) || !parse_mark(&s, 'T', 't') ||
	    !parse_digits(&s, 2, &h) || !parse_mark(&s, ':', ':') || !parse_digits(&s, 2, &mi) ||
	    !parse_mark(&s, ':', ':') || !parse_digits(&s, 2, &sec) || !parse_fraction(&s, &frac) ||
	    !parse_offset(&s, &off) || s.n != 0)
		return false;
	/* Second 60 is a leap second; it counts as the first of the next minute. */
	if (y == 0 || d < 1 || d > civil_month_days(y, (int)mo) || h > 23 || mi > 59 || sec > 60)
		return false;
	t = civil_days(y, (int)mo, (int)d) * DAY_MS + h * HOUR_MS + mi * MINUTE_MS +
	    sec * SECOND_MS + frac - off;
	if (t < 0 || t > INT64_C(253402300799999))
		return false;
	*ms = t;
	return true;
}
