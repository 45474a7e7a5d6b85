/*
 * row_test.h - conditions on rows, as people write them: Status = open, Status is not Done,
 * Amount >= 100, Name contains ann, Mail is empty. Numbers are compared as numbers when both sides
 * are, else texts without regard to case. Pure.
 */
#ifndef KIND_ROW_TEST_H
#define KIND_ROW_TEST_H

#include "base/json.h"

struct row_test {
	const char *column;
	int op;
	const char *value;
};
/* False with a sentence in *why when it cannot be read. */
bool row_test_parse(struct arena *, const char *text, struct row_test *out, const char **why);
/* The same of all of a list. */
bool row_tests_check(struct arena *, const json *list, const char **why);
bool row_test_holds(const struct row_test *, struct str cell);

#endif
