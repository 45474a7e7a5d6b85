/*
 * sheets_date.c - serial numbers of days, and what they are in the calendar.
 */
#include "fake/google/sheets.h"

/* 25569 days after day 0 is 1970-01-01. */
enum { EPOCH_DAY = 25569 };

int64_t
date_day(int64_t y, int m, int d)
{
	int64_t era, yoe, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468 + EPOCH_DAY;
}

struct date_parts
date_parts(double serial)
{
	int64_t whole = (int64_t)serial - (serial < (double)(int64_t)serial);
	int64_t secs = (int64_t)((serial - (double)whole) * 86400 + 0.5);
	int64_t z = whole - EPOCH_DAY + 719468, era, doe, yoe, doy, mp;
	int month;

	if (secs == 86400) {
		secs = 0;
		z++;
	}
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	month = (int)(mp + (mp < 10 ? 3 : -9));
	return (struct date_parts){
		.year = yoe + era * 400 + (month <= 2),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.hour = (int)(secs / 3600),
		.minute = (int)(secs / 60 % 60),
		.second = (int)(secs % 60),
	};
}
