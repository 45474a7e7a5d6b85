/*
 * civil.h - dates of the proleptic Gregorian calendar as days since 1970-01-01, and back. Pure.
 */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/* A year is a leap year: no year is longer. */
enum { HOUR_SECONDS = 3600, DAY_SECONDS = 24 * HOUR_SECONDS, YEAR_SECONDS = 366 * DAY_SECONDS };

/* month 1 to 12, day 1 to 31; any year. */
int64_t civil_days(int64_t year, int month, int day);
void civil_date(int64_t days, int *year, int *month, int *day);
/* Days of the month, 28 to 31; 0: there is no such month. */
int civil_month_days(int64_t year, int month);

#endif
