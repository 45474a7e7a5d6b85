/*
 * civil.c - see civil.h. Years are counted from March, so that the leap day comes last, in eras of
 * 400 years (H. Hinnant, "chrono-compatible low-level date algorithms").
 */
#include "base/civil.h"

enum { ERA_DAYS = 146097, ERA_OF_1970 = 719468 };

int64_t
civil_days(int64_t year, int month, int day)
{
	int64_t era, yoe, doy;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	yoe = year - era * 400;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * ERA_DAYS + yoe * 365 + yoe / 4 - yoe / 100 + doy - ERA_OF_1970;
}

void
civil_date(int64_t days, int *year, int *month, int *day)
{
	const int64_t z = days + ERA_OF_1970;
	const int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
	const int64_t doe = z - era * ERA_DAYS;
	const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	const int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

int
civil_month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (month < 1 || month > 12)
		return 0;
	return days[month - 1] + (month == 2 && leap);
}
