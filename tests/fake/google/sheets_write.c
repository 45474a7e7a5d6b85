/*
 * sheets_write.c - lists of lists of values put into a grid.
 */
#include "fake/google/sheets.h"

/* Lists of plain values? *longest: the length of the longest. */
static bool
write_lists_ok(struct call *c, const json *values, size_t *longest)
{
	*longest = 0;
	for (size_t i = 0; i < json_len(values); i++) {
		const json *line = json_nth(values, i);

		if (!json_is_list(line)) {
			refuse_argument(c,
			    "Invalid value at 'data.values[%zu]' "
			    "(type.googleapis.com/google.protobuf.ListValue), %s",
			    i, json_text(c->a, line));
			return false;
		}
		for (size_t k = 0; k < json_len(line); k++) {
			const json *v = json_nth(line, k);

			if (!json_is_obj(v) && !json_is_list(v))
				continue;
			refuse_argument(c, "Invalid values[%zu][%zu]: %s_value", i, k,
			    json_is_obj(v) ? "struct" : "list");
			return false;
		}
		*longest = json_len(line) > *longest ? json_len(line) : *longest;
	}
	return true;
}

/* Within what was asked for, when that was more than a corner, and within the grid. */
static bool
write_fits(struct call *c, const struct range *start, const struct range *out, bool grow)
{
	const struct tab *t = start->tab;
	const char *beyond = NULL;

	if (!start->whole && (start->r1 - start->r0 > 1 || start->c1 - start->c0 > 1)) {
		if (out->r1 > start->r1)
			beyond = arena_printf(c->a, "row [%lld]", (long long)start->r1 + 1);
		else if (out->c1 > start->c1)
			beyond = arena_printf(c->a, "column [%s]", column_name(c->a, start->c1));
	}
	if (beyond) {
		refuse_argument(c, "Requested writing within range [%s], but tried writing to %s",
		    range_text(c->a, start), beyond);
		return false;
	}
	if (grow || (out->r1 <= t->rows && out->c1 <= t->cols))
		return true;
	refuse_argument(c, "Range (%s) exceeds grid limits. Max rows: %lld, max columns: %lld",
	    range_text(c->a, out), (long long)t->rows, (long long)t->cols);
	return false;
}

bool
range_write(struct call *c, const struct book *book, const struct range *start, const json *values,
    struct entry_way way, struct range *out)
{
	const size_t lines = json_len(values);
	size_t longest;

	if (!write_lists_ok(c, values, &longest))
		return false;
	*out = (struct range){
		.tab = start->tab,
		.r0 = start->r0,
		.c0 = start->c0,
		.r1 = start->r0 + (int64_t)(way.columns ? longest : lines),
		.c1 = start->c0 + (int64_t)(way.columns ? lines : longest),
	};
	if (!write_fits(c, start, out, way.grow))
		return false;
	for (size_t i = 0; i < lines; i++)
		for (size_t k = 0; k < json_len(json_nth(values, i)); k++) {
			const json *v = json_nth(json_nth(values, i), k);
			const int64_t r = out->r0 + (int64_t)(way.columns ? k : i);
			const int64_t col = out->c0 + (int64_t)(way.columns ? i : k);

			if (!json_is_null(v))
				cell_set_json(c->f, cell_make(c->f, out->tab, r, col), v, way.typed,
				    book->locale);
		}
	return true;
}

bool
values_write(struct call *c, const struct book *book, const char *range, const json *values,
    struct entry_way way, struct range *out)
{
	struct range start;

	return range_parse(c, book, range, &start) &&
	    range_write(c, book, &start, values, way, out);
}

int64_t
values_count(const json *values)
{
	int64_t n = 0;

	for (size_t i = 0; i < json_len(values); i++)
		for (size_t k = 0; k < json_len(json_nth(values, i)); k++)
			n += !json_is_null(json_nth(json_nth(values, i), k));
	return n;
}
