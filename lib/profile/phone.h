/*
 * phone.h - phone numbers as people write them, as ITU-T E.164. Pure.
 *
 * What is dialled inside a country depends on it (countries.def); the country is the operator's
 * setting TIDEMARK_PHONE_COUNTRY, not guessed.
 */
#ifndef PROFILE_PHONE_H
#define PROFILE_PHONE_H

#include "base/str.h"

enum { PHONE_MAX = 48 };

/* "+4930123456"; with ";ext=12" behind it where an extension is written (RFC 3966), for it is
 * another person's. country: ISO 3166, "": not known: a number that needs it is given
 * as its digits alone ("030123456"). false: this is no phone number. */
bool phone_number(struct str text, const char *country, char out[PHONE_MAX]);
bool phone_country(const char *iso); /* is there such a one? */

#endif
