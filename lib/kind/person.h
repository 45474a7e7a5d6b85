/*
 * person.h - which columns of a table of people hold name, e-mail address and phone number. Pure.
 */
#ifndef KIND_PERSON_H
#define KIND_PERSON_H

#include "base/str.h"

enum { PEOPLE = 3 };

/* The fields in which a person says so: name_column, email_column, phone_column. */
extern const char *const person_fields[PEOPLE];
/* The column of person_fields[what], by what people call such columns; -1: it cannot be told. */
int person_guess(const struct str *names, size_t n, int what);

#endif
