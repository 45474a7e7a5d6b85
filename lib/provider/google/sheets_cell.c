/*
 * sheets_cell.c - see sheets.h: dates out of serial numbers. Pure.
 */
#include "provider/google/sheets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/civil.h"

/* The n-th run of digits; -1: there are fewer. */
static int64_t
cell_digits(struct str s, int n)
{
	int64_t value = -1;
	bool inside = false;

	for (size_t i = 0; i < s.n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9';
		if (digit && !inside && n-- == 0)
			value = 0;
		else if (!digit && value >= 0)
			break;
		if (digit && value >= 0 && value < INT32_MAX)
			value = value * 10 + (s.p[i] - '0');
		inside = digit;
	}
	return value;
}

/* Does it begin with the hours, minutes or seconds that the number is in all? */
static bool
counts_up(double serial, struct str shown)
{
	double minutes = fabs(serial) * 1440.0;
	int64_t first = cell_digits(shown, 0);

	return minutes < 1e10 &&
	    (first == (int64_t)((minutes + 0.001) / 60.0) || first == (int64_t)(minutes + 0.001) ||
		first == (int64_t)(minutes * 60.0 + 0.06));
}

/* Shown without a colon: "27 h", "27", "27.15.00" as some locales write it; or a date. A number
 * alone that is the hours in all is no day of 1899. */
static enum serial_kind
cell_without_colon(double serial, struct str shown)
{
	const bool one = cell_digits(shown, 1) < 0;

	if (one && serial > 0 && serial < 1)
		return SERIAL_TIME;
	if (cell_digits(shown, 3) >= 0 || !counts_up(serial, shown))
		return SERIAL_DATE;
	return serial >= 0 && serial < 1 ? SERIAL_TIME : SERIAL_DURATION;
}

enum serial_kind
gsheets_kind(double serial, struct str shown)
{
	const char *colon = shown.n ? memchr(shown.p, ':', shown.n) : NULL;
	struct str before = { shown.p, colon ? (size_t)(colon - shown.p) : 0 };
	bool day = serial >= 0 && serial < 1;

	if (!colon)
		return cell_without_colon(serial, shown);
	/* "31.12.2026 10:30" has three numbers before its time, "31 Dec 10:30" two, "27:15" one,
	 * and so has "Sat 10:30". */
	if (cell_digits(before, 2) >= 0)
		return SERIAL_DATE_TIME;
	if (day)
		return SERIAL_TIME;
	return cell_digits(before, 1) < 0 && counts_up(serial, before) ? SERIAL_DURATION
								       : SERIAL_DATE_TIME;
}

bool
gsheets_when(double serial, enum serial_kind kind, char out[40])
{
	enum { SERIAL_OF_1970 = 25569 };
	int64_t ms, day, rest;
	int y, m, d, n;

	if (!(serial > -693594.0 && serial < 2958466.0))
		return false;
	ms = (int64_t)llround(serial * 86400000.0);
	/* What is left of a second is the noise of a fraction of a day, unless it is more than
	 * that. */
	if (llabs(ms - (ms + 500) / 1000 * 1000) <= 2)
		ms = (ms + 500) / 1000 * 1000;
	day = ms >= 0 ? ms / 86400000 : -((86399999 - ms) / 86400000);
	rest = ms - day * 86400000;
	if (kind == SERIAL_DURATION) {
		int64_t s = llabs(ms) / 1000;
		n = snprintf(out, 40, "%s%02lld:%02d:%02d", ms < 0 ? "-" : "",
		    (long long)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
		if (llabs(ms) % 1000)
			snprintf(out + n, 40 - (size_t)n, ".%03d", (int)(llabs(ms) % 1000));
		return true;
	}
	civil_date(day - SERIAL_OF_1970, &y, &m, &d);
	if (y < 1 || y > 9999)
		return false;
	out[0] = '\0';
	n = 0;
	if (kind == SERIAL_DATE || kind == SERIAL_DATE_TIME)
		n = snprintf(out, 40, "%04d-%02d-%02d", y, m, d);
	/* A date with a time of day that is not shown keeps it: nothing is lost. */
	if (kind == SERIAL_DATE && rest == 0)
		return true;
	n += snprintf(out + n, 40 - (size_t)n, "%s%02d:%02d:%02d", kind == SERIAL_TIME ? "" : "T",
	    (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60));
	if (rest % 1000)
		snprintf(out + n, 40 - (size_t)n, ".%03d", (int)(rest % 1000));
	return true;
}
