/* Packed files: .csv.gz, and archives of one file, cut into pieces of any size. */
#include "unit/csv_fixture.h"

#include "base/conf.h"
#include "base/inflate.h"

#define TABLE "id,v\n1,a\n2,b\n3,c\n"
#define READ "names id|v\n2 1|a\n3 2|b\n4 3|c\n"

/* The table in bare deflate, its checksum and length; as gzip writes it. */
static const unsigned char deflated[] = { 0xcb, 0x4c, 0xd1, 0x29, 0xe3, 0x32, 0xd4, 0x49, 0xe4,
	0x32, 0xd2, 0x49, 0xe2, 0x32, 0xd6, 0x49, 0xe6, 2, 0 };
static const unsigned char gzip_head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3 };
static const unsigned char gzip_tail[] = { 0xc3, 0xe0, 0xba, 0xc6, 17, 0, 0, 0 };
enum { TABLE_BYTES = sizeof TABLE - 1 };
#define TABLE_SUM 0xc6bae0c3

static void
put(struct buf *b, uint32_t v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		buf_ch(b, (char)(v & 0xff));
}

static void
put_gzip(struct buf *b)
{
	buf_add(b, (const char *)gzip_head, sizeof gzip_head);
	buf_add(b, (const char *)deflated, sizeof deflated);
	buf_add(b, (const char *)gzip_tail, sizeof gzip_tail);
}

/* flags 8: the head does not know; described: how long what stands behind is, 16 with its mark. */
struct made {
	const char *name;
	int flags, method, described;
	uint32_t sum;
};

static void
put_entry(struct buf *b, struct made m)
{
	const struct str body = m.method ? (struct str){ (const char *)deflated, sizeof deflated }
					 : STR(TABLE);
	const uint32_t sum = m.sum ? m.sum : TABLE_SUM;

	buf_add(b, "PK\003\004\024\0", 6);
	put(b, (uint32_t)m.flags, 2);
	put(b, (uint32_t)m.method, 2);
	put(b, 0, 4);
	put(b, m.described ? 0 : sum, 4);
	put(b, m.described ? 0 : (uint32_t)body.n, 4);
	put(b, m.described ? 0 : TABLE_BYTES, 4);
	put(b, (uint32_t)strlen(m.name), 2);
	put(b, 5, 2);
	buf_str(b, m.name);
	buf_add(b, "extra", 5);
	if (!str_ends(str_c(m.name), "/"))
		buf_add(b, body.p, body.n);
	if (m.described == 16 || m.described == 24)
		buf_add(b, "PK\007\010", 4);
	if (m.described) {
		put(b, sum, 4);
		put(b, (uint32_t)body.n, m.described >= 20 ? 8 : 4);
		put(b, TABLE_BYTES, m.described >= 20 ? 8 : 4);
	}
}

static struct str
zip_end(struct buf *b)
{
	buf_add(b, "PK\001\002 and so on", 13);
	return buf_s(b);
}

static struct str
zip_of(struct made m)
{
	struct buf *b = buf_in(cx.a, MB);

	put_entry(b, m);
	return zip_end(b);
}

static void
a_gzip_file_is_read_as_what_it_holds(void **state)
{
	struct buf *b = buf_in(cx.a, MB);

	(void)state;
	put_gzip(b);
	expect_bytes(NULL, buf_s(b), READ);
	expect_bytes("{\"encoding\": \"windows-1252\"}", buf_s(b), READ);
	/* Files that were put together, and what block devices leave behind. */
	put_gzip(b);
	buf_add(b, "\0\0\0\0", 4);
	expect_bytes(NULL, buf_s(b), READ "5 id|v\n6 1|a\n7 2|b\n8 3|c\n");
}

static void
an_archive_of_one_file_is_read_as_that(void **state)
{
	static const struct made one[] = {
		{ .name = "a.csv", .method = 8 },
		{ .name = "a/b.csv", .method = 0 },
		{ .name = "a.csv", .method = 8, .flags = 8, .described = 16 },
		{ .name = "a.csv", .method = 8, .flags = 8, .described = 12 },
		{ .name = "a.csv", .method = 8, .flags = 8, .described = 24 },
		{ .name = "a.csv", .method = 8, .flags = 8, .described = 20 },
	};
	struct buf *b = buf_in(cx.a, MB);

	(void)state;
	for (size_t i = 0; i < sizeof one / sizeof *one; i++)
		expect_bytes(NULL, zip_of(one[i]), READ);
	put_entry(b,
	    (struct made){
		.name = "__MACOSX/._data.csv", .method = 8, .flags = 8, .described = 16 });
	put_entry(b, (struct made){ .name = "data.csv", .method = 8, .flags = 8, .described = 16 });
	put_entry(b, (struct made){ .name = ".DS_Store", .method = 0 });
	expect_bytes(NULL, zip_end(b), READ);
}

static void
what_is_no_archive_of_one_file_says_why(void **state)
{
	static const struct {
		struct made made;
		const char *says;
	} cases[] = {
		{ { .name = "[Content_Types].xml", .method = 8 }, "Excel" },
		{ { .name = "xl/workbook.xml", .method = 8 }, "Excel" },
		{ { .name = "mimetype", .method = 0 }, "office" },
		{ { .name = "a.csv", .method = 8, .flags = 1 }, "encrypted" },
		{ { .name = "a.csv", .method = 8, .sum = 1 }, "checksum" },
		{ { .name = "a.csv", .method = 8, .flags = 8, .described = 16, .sum = 1 },
		    "checksum" },
		{ { .name = "a.csv", .method = 8, .flags = 8 }, "damaged" },
		{ { .name = "__MACOSX/a", .method = 8 }, "no file" },
	};
	struct buf *b = buf_in(cx.a, MB);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_non_null(
		    strstr(expect_error(NULL, zip_of(cases[i].made), E_ARCHIVE), cases[i].says));
	put_entry(b, (struct made){ .name = "a.csv", .method = 8 });
	put_entry(b, (struct made){ .name = "b.csv", .method = 8 });
	assert_non_null(strstr(expect_error(NULL, zip_end(b), E_ARCHIVE), "more than one"));
	assert_int_equal(error_row(E_ARCHIVE)->retry, RETRY_COUNT);
}

/* Wherever it breaks off, or a byte is another, no row count is taken for the whole. */
static void
a_packed_file_that_is_not_whole_is_no_success(void **state)
{
	struct buf *b = buf_in(cx.a, MB);
	const struct str zip = zip_of(
	    (struct made){ .name = "a.csv", .method = 8, .flags = 8, .described = 16 });

	(void)state;
	put_gzip(b);
	for (size_t n = 18; n < b->n; n++)
		assert_non_null(expect_error(NULL, (struct str){ b->p, n }, E_ARCHIVE));
	for (size_t n = 30; n < zip.n - 14; n++)
		assert_non_null(expect_error(NULL, (struct str){ zip.p, n }, E_ARCHIVE));
	for (size_t i = sizeof gzip_head; i < sizeof gzip_head + sizeof deflated - 1; i++) {
		b->p[i] ^= 0x10;
		assert_non_null(expect_error(NULL, buf_s(b), E_ARCHIVE));
		b->p[i] ^= 0x10;
	}
}

static void
the_beginning_of_a_packed_file_can_be_previewed(void **state)
{
	struct buf *b = buf_in(cx.a, MB);
	struct page page;
	struct notes notes = new_notes();

	(void)state;
	put_gzip(b);
	page = (struct page){ .bytes = { b->p, b->n - 9 }, .step = 7 };
	assert_int_equal(parse(NULL, &page, NULL, true, &notes), RC_OK);
	assert_non_null(strstr(buf_c(notes.text), "names id|v\n2 1|a\n"));
}

static void
what_comes_out_has_a_limit(void **state)
{
	struct buf *b = buf_in(cx.a, 4 * MB);

	(void)state;
	for (int i = 0; i < MB / TABLE_BYTES + 1; i++)
		put_gzip(b);
	conf_override(CONF_MAX_SOURCE_MB, "1");
	assert_non_null(strstr(expect_error(NULL, buf_s(b), E_SOURCE_TOO_LARGE), "1 MB"));
	conf_override(CONF_MAX_SOURCE_MB, "2");
	struct page page = { .bytes = buf_s(b), .step = 64 * 1024 };
	struct notes notes = new_notes();

	assert_int_equal(parse(NULL, &page, NULL, false, &notes), RC_OK);
	conf_override(CONF_MAX_SOURCE_MB, "2048");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_gzip_file_is_read_as_what_it_holds),
		TEST(an_archive_of_one_file_is_read_as_that),
		TEST(what_is_no_archive_of_one_file_says_why),
		TEST(a_packed_file_that_is_not_whole_is_no_success),
		TEST(the_beginning_of_a_packed_file_can_be_previewed),
		TEST(what_comes_out_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
