/*
 * A process that parses is believed nothing: what is no message that a provider could make ends the
 * read, and no memory is touched that is not the message's.
 */
#include "unit/parser_fixture.h"

#include <sys/socket.h>

#include "sync/read/intake.h"

static int
parsed_open(void **state)
{
	if (home_open(state) != 0)
		return -1;
	log_level((enum log_level)0); /* it is told each time */
	return 0;
}

/* --- what it says --- */

static struct buf *said;
static size_t said_at;

static void
say(enum parsed_word word)
{
	const struct parsed_head head = { .word = word };

	said_at = said->n;
	buf_add(said, &head, sizeof head);
}

static void
say_whole(void)
{
	const uint32_t n = (uint32_t)(said->n - said_at - sizeof(struct parsed_head));

	memcpy(said->p + said_at + offsetof(struct parsed_head, n), &n, sizeof n);
}

static void
say_u32(uint32_t v)
{
	buf_add(said, &v, sizeof v);
}

static void
say_i64(int64_t v)
{
	buf_add(said, &v, sizeof v);
}

static void
say_str(struct str s)
{
	say_u32((uint32_t)s.n);
	buf_add(said, s.p, s.n);
}

static void
say_dataset(void)
{
	say(PARSED_DATASET);
	say_str(STR(""));
	say_str(STR("T"));
	say_whole();
}

/* One cell: its kind and length as they are given, and what is there. */
static void
say_row(uint32_t page, uint32_t cells, uint32_t kind, uint32_t n, struct str there)
{
	say(PARSED_ROW);
	say_i64(1);
	say_u32(page);
	say_u32(PARSED_NO_TEXT);
	say_u32(cells);
	say_u32(kind << 30 | n);
	buf_add(said, there.p, there.n);
	say_whole();
}

static void
say_cell(enum cell_kind kind, struct str v)
{
	say_row(0, 1, kind, (uint32_t)v.n, v);
}

static void
say_end(uint32_t kind)
{
	say(PARSED_END);
	say_u32(kind);
	say_i64(0);
	say_str(STR("."));
	say_str(STR("x"));
	say_whole();
}

/* Hands what was said to a sink. */
static enum rc
heard_by(struct sink *sink, const char *kind, bool *lost)
{
	const struct source src = { .config = json_new(cx.a) };
	struct spool *sp = spooled(&(struct str){ "x", 1 }, 1);
	int64_t read_bytes;
	const struct parsing p = parsing_of(kind, &src, sp, &read_bytes);
	int fd[2];
	enum rc rc;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	assert_true(said->n < 128 * 1024);
	assert_int_equal(send(fd[1], buf_c(said), said->n, 0), said->n);
	shutdown(fd[1], SHUT_WR);
	rc = parsed_take(&cx, fd[0], &p, sink, lost);
	close(fd[0]);
	close(fd[1]);
	spool_remove(sp);
	buf_clear(said);
	return rc;
}

static void
is_refused(const char *kind)
{
	bool lost;

	say_end(E_NONE);
	assert_error(heard_by(&fixture_new(cx.a)->sink, kind, &lost), E_CRASHED);
	if (lost)
		flunk("It was waited for.");
	assert_non_null(strstr(cx.err.detail, "could not be used"));
}

/* A message of this word with a text in it. */
static void
say_text(enum parsed_word word, struct str text)
{
	say(word);
	say_str(text);
	say_whole();
}

static void
test_the_truth_is_taken(void **state)
{
	struct fixture *f = fixture_new(cx.a);
	bool lost;

	(void)state;
	said = buf_in(cx.a, 1 << 20);
	say_dataset();
	say_cell(CELL_TEXT, STR("\xc3\xa4"));
	say_cell(CELL_JSON, STR("{\"a\":[1,null]}"));
	say_cell(CELL_NONE, STR(""));
	say_end(E_NONE);
	assert_ok(heard_by(&f->sink, "json", &lost));
	assert_int_equal(f->rows, 3);
	say_dataset();
	assert_error(heard_by(&f->sink, "json", &lost), E_CRASHED);
	assert_true(lost);
	say_end(E_JSON);
	assert_error(heard_by(&f->sink, "json", &lost), E_JSON);
	assert_string_equal(cx.err.detail, ".");
}

static void
test_no_other_cells_are_taken(void **state)
{
	static const struct {
		enum cell_kind kind;
		struct str v;
	} cells[] = {
		{ CELL_TEXT, STR("\xff") },
		{ CELL_TEXT, STR("\xed\xa0\x80") },
		{ CELL_NONE, STR("x") },
		{ CELL_JSON, STR("") },
		{ CELL_JSON, STR("{\"a\":") },
		{ CELL_JSON, STR("1],[2") },
		{ CELL_JSON, STR("1 2") },
		{ CELL_JSON, STR("[1, 2]") },
		{ CELL_JSON, STR("\"\xff\"") },
		{ CELL_JSON, STR("\"open") },
		{ (enum cell_kind)3, STR("x") },
	};

	(void)state;
	said = buf_in(cx.a, 1 << 20);
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		say_dataset();
		say_cell(cells[i].kind, cells[i].v);
		is_refused("json");
	}
}

static void
test_no_other_lengths_are_taken(void **state)
{
	static const struct {
		uint32_t page, cells, n;
	} rows[] = {
		{ 0, 1, 4 },              /* longer than the message */
		{ 0, 1, 2 },              /* shorter */
		{ 0, 1, (1U << 30) - 1 }, /* far longer */
		{ 0, 2, 3 },              /* more cells than there are */
		{ 0, 0, 3 },              /* fewer */
		{ 0, UINT32_MAX, 3 },
		{ 2, 1, 3 }, /* of a page that there is not */
		{ UINT32_MAX, 1, 3 },
	};

	(void)state;
	said = buf_in(cx.a, 1 << 20);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		say_dataset();
		say_row(rows[i].page, rows[i].cells, CELL_TEXT, rows[i].n, STR("abc"));
		is_refused("json");
	}
	say(PARSED_HEADER);
	say_u32(UINT32_MAX);
	say_whole();
	is_refused("csv");
	for (uint32_t n = PARSED_MAX + 1; n; n = n == UINT32_MAX ? 0 : UINT32_MAX) {
		buf_add(said, &(struct parsed_head){ PARSED_ROW, n }, sizeof(struct parsed_head));
		is_refused("csv");
	}
}

static void
test_no_other_order_is_taken(void **state)
{
	static const enum parsed_word before[] = { PARSED_COLUMN, PARSED_TORN, PARSED_TELLING,
		PARSED_IS_LAST, PARSED_GONE };

	(void)state;
	said = buf_in(cx.a, 1 << 20);
	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		say_text(before[i], STR("id"));
		is_refused("json");
		say_dataset();
		say_text(before[i], STR("id"));
		if (before[i] != PARSED_COLUMN)
			is_refused("json");
	}
	buf_clear(said);
	say_cell(CELL_TEXT, STR("x"));
	is_refused("csv"); /* a row before all */
	say_dataset();
	say_dataset();
	is_refused("csv"); /* it has one table */
	say_dataset();
	for (int i = 0; i < 2; i++) {
		say(PARSED_HEADER);
		say_u32(0);
		say_whole();
	}
	is_refused("csv"); /* a second header */
	say(PARSED_TELLING);
	say_i64(7);
	say_whole();
	is_refused("json"); /* a column that was not told */
	say(PARSED_AT);
	say_i64(-1);
	say_whole();
	is_refused("json");
	say(PARSED_PAGE);
	say_u32(1);
	say_whole();
	is_refused("json"); /* there is one page */
	say((enum parsed_word)77);
	say_whole();
	is_refused("json");
}

static void
say_code(enum parsed_word word, const char *code, const char *text)
{
	say(word);
	say_str(str_c(code));
	if (word == PARSED_SKIP)
		say_i64(1);
	say_str(str_c(text));
	say_whole();
}

static void
test_words_are_words(void **state)
{
	static const enum parsed_word words[] = { PARSED_WARN, PARSED_SKIP, PARSED_FOUND,
		PARSED_DOUBT };
	static const char *const codes[] = { "", "a b", "a\"", "../a", "a\nb", "\xff" };

	(void)state;
	said = buf_in(cx.a, 1 << 20);
	for (size_t w = 0; w < sizeof words / sizeof *words; w++)
		for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
			say_dataset();
			say_code(words[w], codes[i], "text");
			is_refused("json");
		}
	/* As many reasons as there can be rows would be kept for good. */
	for (int i = 0; i < 65; i++)
		say_code(PARSED_SKIP, arena_printf(cx.a, "reason_%d", i), "");
	is_refused("json");
	for (enum error_kind e = E_NONE + 1; e < E__MAX; e++)
		if (error_row(e)->retry == RETRY_NONE || error_row(e)->retry == RETRY_STOP ||
		    error_row(e)->retry == RETRY_CALLER || error_row(e)->rc == RC_RESYNC) {
			say_end(e);
			is_refused("json");
		}
}

/* --- anything, to who keeps it --- */

static enum rc
any_begin(struct ctx *c, struct intake *in)
{
	(void)c;
	(void)in;
	return RC_OK;
}

static enum rc
any_row(struct ctx *c, struct intake *in, const struct row *row)
{
	bool no_value;

	TRY(intake_rule(c, in, row));
	return intake_key(c, in, row, &no_value);
}

static enum rc
any_gone(struct ctx *c, struct intake *in, struct str key, const char *why)
{
	(void)why;
	return any_row(c, in, &(struct row){ .key = key });
}

static bool
any_is_last(struct ctx *c, struct intake *in, const struct row *row)
{
	intake_arrange(in, row);
	return any_row(c, in, row) == RC_OK;
}

static const struct intake_use using_any = {
	.begin = any_begin,
	.undecided = any_begin,
	.row = any_row,
	.gone = any_gone,
	.is_last = any_is_last,
	.end = any_begin,
};

static uint32_t any_seed = 20261127;

static uint32_t
any(uint32_t below)
{
	any_seed = any_seed * 1664525 + 1013904223;
	return (any_seed >> 8) % below;
}

static struct str
any_text(void)
{
	static const struct str texts[] = { STR(""), STR("id"), STR("a"), STR("[1]"), STR("\xff"),
		STR("{\"a\":{\"b\":[]}}"), STR("null"), STR("label_gone_1"), STR("a\0b"),
		STR("\xc3\xa4") };

	return texts[any(sizeof texts / sizeof *texts)];
}

static void
any_message(void)
{
	const uint32_t word = 1 + any(PARSED_END + 1);

	say(word);
	if (word == PARSED_ROW || word == PARSED_IS_LAST) {
		const uint32_t cells = any(5);

		say_i64(any(100));
		say_u32(any(3));
		say_u32(PARSED_NO_TEXT);
		say_u32(cells);
		for (uint32_t i = 0; i < cells; i++) {
			const struct str v = any_text();

			say_u32((1 + any(2)) << 30 | (uint32_t)v.n);
			buf_add(said, v.p, v.n);
		}
	} else if (word == PARSED_HEADER) {
		say_u32(3);
		for (int i = 0; i < 3; i++)
			say_str(any_text());
	} else if (word == PARSED_TELLING || word == PARSED_AT || word == PARSED_PEOPLE)
		say_i64(any(4));
	else
		say_str(any_text());
	if (word != PARSED_COLUMN && any(2))
		say_str(any_text());
	say_whole();
	/* Some of it is not what it was. */
	if (any(8) == 0)
		said->p[said_at + any((uint32_t)(said->n - said_at))] ^= (char)(1 + any(255));
}

static void
test_anything_ends_well(void **state)
{
	static const char *const kinds[] = { "csv", "json", "ical" };
	struct intake *in;
	int refused = 0;
	bool lost;

	(void)state;
	for (int i = 0; i < CASES(3000); i++) {
		const char *kind = kinds[i % 3];
		const struct intake_from from = { .provider = provider_find(kind),
			.config = json_stored(cx.a, i % 2 ? "{\"key\":\"id\"}" : "{}") };

		said = buf_in(cx.a, 1 << 20);
		in = arena_alloc(cx.a, sizeof *in);
		intake_init(cx.a, in, &using_any, &from);
		say_dataset();
		for (uint32_t k = 1 + any(6); k > 0; k--)
			any_message();
		refused += heard_by(&in->sink, kind, &lost) != RC_OK;
		arena_reset(cx.a);
	}
	assert_in_range(refused, 1, CASES(3000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_truth_is_taken),
		cmocka_unit_test(test_no_other_cells_are_taken),
		cmocka_unit_test(test_no_other_lengths_are_taken),
		cmocka_unit_test(test_no_other_order_is_taken),
		cmocka_unit_test(test_words_are_words),
		cmocka_unit_test(test_anything_ends_well),
	};

	home_in_memory();
	return cmocka_run_group_tests_name("parsed", tests, parsed_open, spooled_close);
}
