/*
 * keys.c - see keys.h.
 */
#include "base/hash.h"
#include "table/canon.h"
#include "table/keys.h"

static const char *
joined(struct arena *a, const struct key_rule *rule)
{
	struct buf *b = buf_in(a, 64 * 1024);

	for (size_t i = 0; i < rule->n; i++)
		buf_printf(b, "%s%s", i ? "|" : "", rule->name[i]);
	return buf_c(b);
}

void
key_rule_wanted(struct arena *a, const json *config, struct key_rule *out)
{
	json *key = json_at(config, "key");

	*out = (struct key_rule){ .kind = KEY_UNDECIDED, .form = KEY_FORM };
	if (json_is_str(key) && *json_value_str(key))
		out->name[out->n++] = arena_dup(a, json_value_str(key));
	for (size_t i = 0; json_is_list(key) && i < json_len(key) && out->n < KEY_COLUMNS_MAX; i++)
		if (json_is_str(json_nth(key, i)))
			out->name[out->n++] = arena_dup(a, json_value_str(json_nth(key, i)));
	if (out->n)
		out->kind = KEY_COLUMNS;
	out->wanted = joined(a, out);
}

void
key_rule_load(struct arena *a, const char *text, struct key_rule *out)
{
	json *o = json_stored(a, text), *columns = json_at(o, "columns");
	const char *kind = json_str(o, "kind"), *wanted = json_str(o, "wanted");

	*out = (struct key_rule){ .kind = KEY_UNDECIDED,
		.wanted = wanted ? arena_dup(a, wanted) : "",
		.form = kind ? (int)json_num(o, "form", 1) : KEY_FORM };
	if (!kind)
		return;
	out->kind = KEY_COLUMNS;
	if (!strcmp(kind, "source"))
		out->kind = KEY_SOURCE;
	else if (!strcmp(kind, "content"))
		out->kind = KEY_CONTENT;
	for (size_t i = 0; i < json_len(columns) && out->n < KEY_COLUMNS_MAX; i++)
		out->name[out->n++] = arena_dup(a, json_value_str(json_nth(columns, i)));
}

json *
key_rule_json(struct arena *a, const struct key_rule *rule, const struct columns *cols)
{
	static const char *const kinds[] = { "content", "columns", "source", "content" };
	json *o = json_new(a), *list = json_list(a);

	json_set_str(o, "kind", kinds[rule->kind]);
	json_set_str(o, "wanted", rule->wanted ? rule->wanted : "");
	for (size_t i = 0; i < rule->n; i++)
		json_add_str(list, cols->v[rule->column[i]].name);
	json_set(o, "columns", list);
	json_set_i64(o, "form", rule->form);
	return o;
}

enum rc
key_rule_check(struct ctx *cx, const struct key_rule *rule, const struct columns *cols)
{
	for (size_t i = 0; i < rule->n; i++) {
		struct buf *names;

		if (rule->column[i] >= 0 && !cols->v[rule->column[i]].gone)
			continue;
		names = buf_in(cx->a, 300);
		for (size_t k = 0; k < cols->n && names->n < 200; k++)
			if (!cols->v[k].gone)
				buf_printf(names, "%s%s", names->n ? ", " : "", cols->v[k].name);
		return fail(cx, E_KEY_COLUMN,
		    "The key column \"%.100s\" is not in the source. It has: %s.", rule->name[i],
		    buf_c(names));
	}
	return RC_OK;
}

enum rc
key_rule_resolve(struct ctx *cx, struct key_rule *rule, const struct columns *cols)
{
	for (size_t i = 0; i < rule->n; i++)
		rule->column[i] = columns_find(cols, rule->name[i]);
	return key_rule_check(cx, rule, cols);
}

static bool
cell_empty(const struct cell *cells, size_t n, int column)
{
	return (size_t)column >= n || cells[column].kind == CELL_NONE || cells[column].v.n == 0;
}

static void
content_key(struct str payload, struct buf *out)
{
	unsigned char sum[SHA256_LEN];
	char hex[SHA256_HEX];

	hash_sha256(payload, sum);
	hex_encode(sum, 16, hex);
	buf_str(out, hex);
}

/* Objects inside alone can be spelled in several ways: all else of a payload is ours. */
static void
row_content_key(const struct key_rule *rule, const struct key_row *row, struct buf *out)
{
	struct buf *one;

	if (rule->form < KEY_FORM || !memchr(row->payload.p, '{', row->payload.n)) {
		content_key(row->payload, out);
		return;
	}
	one = buf_in(row->scratch, row->payload.n * 2 + 64);
	canon_put(row->scratch, row->payload, one);
	content_key(one->over ? row->payload : buf_s(one), out);
}

/* A value among others: what parts them is told from what stands in them. */
static void
key_part(const struct key_rule *rule, struct str v, struct buf *out)
{
	for (size_t i = 0; i < v.n; i++) {
		if (rule->form >= KEY_FORM && rule->n > 1 && (v.p[i] == '|' || v.p[i] == '\\'))
			buf_ch(out, '\\');
		buf_ch(out, v.p[i]);
	}
}

static bool
is_nested(const struct cell *cell)
{
	return cell->kind == CELL_JSON && cell->v.n > 0 && strchr("{[", cell->v.p[0]);
}

/* What the i-th key column of the row says. */
static struct str
key_value(const struct key_rule *rule, const struct key_row *row, size_t i)
{
	const struct cell *cell = &row->cells[rule->column[i]];
	struct buf *one;

	if (rule->form < KEY_FORM || !is_nested(cell))
		return cell->v;
	one = buf_in(row->scratch, cell->v.n * 2 + 64);
	canon_put(row->scratch, cell->v, one);
	return one->over ? cell->v : buf_s(one);
}

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

void
key_make(const struct key_rule *rule, const struct key_row *row, struct buf *out, bool *no_value)
{
	const struct cell *cells = row->cells;
	size_t n = row->n;
	struct str source_key = row->source_key;
	bool any = false;

	*no_value = false;
	if (source_key.p && source_key.n) {
		if (source_key.n <= KEY_MAX)
			buf_add(out, source_key.p, source_key.n);
		else
			content_key(source_key, out);
		return;
	}
	for (size_t i = 0; i < rule->n; i++)
		any |= !cell_empty(cells, n, rule->column[i]);
	if (!any) {
		*no_value = rule->kind == KEY_COLUMNS;
		row_content_key(rule, row, out);
		return;
	}
	for (size_t i = 0; i < rule->n; i++) {
		if (i)
			buf_ch(out, '|');
		if (!cell_empty(cells, n, rule->column[i]))
			key_part(rule, key_value(rule, row, i), out);
	}
	/* A key is an address in the interface: a very long one, or one with control characters,
	 * is replaced by its digest. */
	if (out->n > KEY_MAX || has_control(buf_s(out))) {
		char hex[SHA256_HEX];
		hash_sha256_hex(buf_s(out), hex);
		buf_clear(out);
		buf_str(out, hex);
	}
}

/*
 * The sample: for each of the first columns a table of value digests; a column is out at its
 * first empty or repeated value.
 */

enum { SAMPLE_COLUMNS = 64, SAMPLE_SLOTS = 16384 };

struct key_sample {
	struct arena *a;
	int64_t rows;
	struct {
		uint64_t *slots;
		bool out;
	} col[SAMPLE_COLUMNS];
};

struct key_sample *
key_sample_new(struct arena *a)
{
	struct key_sample *ks = arena_alloc(a, sizeof *ks);

	ks->a = a;
	return ks;
}

static bool
sample_repeats(uint64_t *slots, struct str v)
{
	unsigned char sum[SHA256_LEN];
	uint64_t d;
	size_t i;

	hash_sha256(v, sum);
	memcpy(&d, sum, sizeof d);
	d |= 1; /* 0 marks a free slot */
	for (i = (size_t)(d >> 32) % SAMPLE_SLOTS; slots[i]; i = (i + 1) % SAMPLE_SLOTS)
		if (slots[i] == d)
			return true;
	slots[i] = d;
	return false;
}

void
key_sample_row(struct key_sample *ks, const struct cell *cells, size_t n)
{
	if (ks->rows++ >= KEY_SAMPLE_ROWS)
		return;
	for (size_t i = 0; i < SAMPLE_COLUMNS; i++) {
		if (ks->col[i].out)
			continue;
		/* A column that appears only in a later row was empty before; and a list or an
		 * object is nothing to be called by. */
		if (cell_empty(cells, n, (int)i) || is_nested(&cells[i]) ||
		    (!ks->col[i].slots && ks->rows > 1)) {
			ks->col[i].out = true;
			continue;
		}
		if (!ks->col[i].slots)
			ks->col[i].slots = arena_array(ks->a, SAMPLE_SLOTS, sizeof(uint64_t));
		if (sample_repeats(ks->col[i].slots, cells[i].v))
			ks->col[i].out = true;
	}
}

static bool
choose(const struct key_sample *ks, const struct columns *cols, int column, struct key_rule *out)
{
	if (column < 0 || column >= SAMPLE_COLUMNS || ks->col[column].out || cols->v[column].gone)
		return false;
	*out = (struct key_rule){ .kind = KEY_COLUMNS, .n = 1 };
	out->column[0] = column;
	out->name[0] = cols->v[column].name;
	return true;
}

void
key_sample_choose(struct key_sample *ks, const struct columns *cols, struct key_rule *out)
{
	static const char *const telling[] = { "id", "_id", "uuid", "guid", "uid", "key", "_key",
		"sku", "email", "e-mail", "slug", "code", "isbn", "ean" };

	*out = (struct key_rule){ .kind = KEY_CONTENT };
	if (ks->rows == 0)
		return;
	for (size_t t = 0; t < sizeof telling / sizeof *telling; t++)
		for (size_t i = 0; i < cols->n; i++)
			if (str_ieq(str_c(cols->v[i].name), str_c(telling[t])) &&
			    choose(ks, cols, (int)i, out))
				return;
	for (size_t i = 0; i < cols->n; i++)
		if (cols->v[i].place == 0) {
			/* A measured number that happens not to repeat is no identity. */
			if (!cols->v[i].type || strcmp(cols->v[i].type, "decimal"))
				(void)choose(ks, cols, (int)i, out);
			return;
		}
}
