/*
 * a1.c - see a1.h.
 */
#include "provider/google/a1.h"

const char *
a1_column(int64_t col, char out[8])
{
	char *p = out + 7;

	for (*p = '\0'; col > 0; col = (col - 1) / 26)
		*--p = (char)('A' + (col - 1) % 26);
	memmove(out, p, (size_t)(out + 8 - p));
	return out;
}

void
a1_write(
    struct buf *b, const char *tab, int64_t row, int64_t col, int64_t last_row, int64_t last_col)
{
	char name[8];

	buf_ch(b, '\'');
	for (; *tab; tab++) {
		if (*tab == '\'')
			buf_ch(b, '\'');
		buf_ch(b, *tab);
	}
	buf_printf(b, "'!%s%lld", a1_column(col, name), (long long)row);
	buf_printf(b, ":%s%lld", a1_column(last_col, name), (long long)last_row);
}

/* "$B$12", "B", "12"; 0 for what is not there. */
static bool
a1_corner(struct str s, int64_t *col, int64_t *row)
{
	size_t i = 0;

	*col = *row = 0;
	if (i < s.n && s.p[i] == '$')
		i++;
	for (; i < s.n && *col <= A1_COLUMNS_MAX; i++) {
		char c = s.p[i];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 32);
		if (c < 'A' || c > 'Z')
			break;
		*col = *col * 26 + (c - 'A' + 1);
	}
	if (i < s.n && s.p[i] == '$')
		i++;
	if (i < s.n && !str_i64((struct str){ s.p + i, s.n - i }, 1, A1_ROWS_MAX, row))
		return false;
	return s.n > 0 && *col <= A1_COLUMNS_MAX && (*col || *row);
}

/* The tab before "!", unquoted; *rest is what follows. */
static bool
take_tab(struct arena *a, struct str s, struct str *rest, const char **tab)
{
	struct buf *b = buf_in(a, 1000);
	size_t i;

	*tab = NULL;
	*rest = s;
	if (s.n == 0 || s.p[0] != '\'') {
		const char *bang = s.n ? memrchr(s.p, '!', s.n) : NULL;
		if (!bang)
			return true;
		*tab = arena_dup_str(a, (struct str){ s.p, (size_t)(bang - s.p) });
		*rest = (struct str){ bang + 1, (size_t)(s.p + s.n - bang - 1) };
		return **tab != '\0' && rest->n > 0;
	}
	for (i = 1; i < s.n; i++) {
		if (s.p[i] == '\'' && i + 1 < s.n && s.p[i + 1] == '\'')
			i++;
		else if (s.p[i] == '\'')
			break;
		buf_ch(b, s.p[i]);
	}
	if (i >= s.n || b->over || b->n == 0)
		return false;
	*tab = buf_c(b);
	i++;
	if (i == s.n) {
		*rest = (struct str){ "", 0 };
		return true;
	}
	*rest = (struct str){ s.p + i + 1, s.n - i - 1 };
	return s.p[i] == '!' && rest->n > 0;
}

bool
a1_parse(struct arena *a, struct str s, struct a1 *out)
{
	struct str rest, first, last;

	*out = (struct a1){ 0 };
	s = str_trim(s);
	if (!take_tab(a, s, &rest, &out->tab))
		return false;
	if (rest.n == 0)
		return out->tab != NULL;
	first = str_cut(rest, ':', &last);
	if (!a1_corner(first, &out->col, &out->row))
		return false;
	/* One cell; a bare "AB" or "12" is a name or nothing. */
	if (!last.p) {
		out->last_col = out->col;
		out->last_row = out->row;
		return out->col && out->row;
	}
	if (!a1_corner(last, &out->last_col, &out->last_row))
		return false;
	/* "A3:F" is open below; "3:F9" is none. */
	if ((out->col == 0) != (out->last_col == 0) || (out->row == 0 && out->last_row != 0))
		return false;
	return (!out->last_col || out->last_col >= out->col) &&
	    (!out->last_row || out->last_row >= out->row);
}
