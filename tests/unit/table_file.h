/*
 * table_file.h - tables of cases as text: one case a line, columns between " | ", lines that
 * begin with # are comments.
 */
#ifndef TESTS_UNIT_TABLE_FILE_H
#define TESTS_UNIT_TABLE_FILE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

enum { TABLE_COLUMNS = 6, TABLE_LINE = 4096 };

typedef void table_case_fn(char *const *columns, int n, const char *where);

static char *
table_trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\t'))
		*--end = '\0';
	return s + strspn(s, " \t");
}

/* Calls fn for every case; returns how many there were. Programs run in the root of the
 * repository. */
static int
table_each(const char *path, table_case_fn *fn)
{
	FILE *f = fopen(path, "re");
	char line[TABLE_LINE], where[200], *columns[TABLE_COLUMNS];
	int cases = 0, no = 0;

	if (!f) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof line, f)) {
		int n = 0;
		no++;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		for (char *p = line, *bar; p && n < TABLE_COLUMNS; p = bar) {
			bar = strstr(p, " |");
			if (bar) {
				*bar = '\0';
				bar += 2;
			}
			columns[n++] = table_trim(p);
		}
		snprintf(where, sizeof where, "%s:%d %s", path, no, columns[0]);
		fn(columns, n, where);
		cases++;
	}
	fclose(f);
	return cases;
}

#endif
