/* Templates: what of Mustache they know, and that they always escape. */
#include "unit/unit.h"

#include "web/tmpl.h"

static const struct view views[] = {
	{ "text", "from partial" },
	{ "lines", "|\n{{name}}\n|\n" },
	{ "node", "{{content}}<{{#nodes}}{{>node}}{{/nodes}}>" },
	{ "circle", "{{>circle}}" },
	{ "page", "Hello {{>text}}" },
	{ "empty", "" },
	{ 0, 0 },
};

static enum rc
render(const char *text, const char *model, bool strict, struct buf **out)
{
	json *o = NULL;

	*out = buf_in(cx.a, 1 << 20);
	assert_ok(json_parse(&cx, "The model", str_c(model), &o));
	return tmpl_render_text(&cx, views, text, o, strict, *out);
}

static void
check(const char *text, const char *model, const char *expected)
{
	struct buf *out;

	assert_ok(render(text, model, false, &out));
	assert_string_equal(buf_c(out), expected);
}

static void
refused(const char *text, const char *model, bool strict)
{
	struct buf *out;

	assert_bug(render(text, model, strict, &out));
}

static void
values_are_escaped_for_text_and_attributes(void **state)
{
	(void)state;
	check("<a title=\"{{v}}\">", "{\"v\": \"& \\\" < > '\"}",
	    "<a title=\"&amp; &quot; &lt; &gt; &#39;\">");
	check("{{v}}", "{\"v\": \"{{v}}{{#x}}\"}", "{{v}}{{#x}}");
	check("{{ v }} {{n}} {{f}} {{t}}", "{\"v\": \"a\", \"n\": 85, \"f\": 1.21, \"t\": true}",
	    "a 85 1.21 true");
	check("({{gone}}|{{no}}|{{e}})", "{\"no\": null, \"e\": \"\"}", "(||)");
	check("a {{! not\nshown }}b", "{}", "a b");
	check("{{o}}", "{\"o\": {\"a\": \"<\"}}", "{&quot;a&quot;:&quot;&lt;&quot;}");
}

static void
there_is_no_way_around_escaping(void **state)
{
	(void)state;
	refused("{{{v}}}", "{\"v\": \"<\"}", false);
	refused("{{&v}}", "{\"v\": \"<\"}", false);
	refused("{{=<% %>=}}<% v %>", "{\"v\": \"<\"}", false);
	refused("{{}}", "{}", false);
	refused("{{a b}}", "{}", false);
}

static void
addresses_are_of_known_kinds(void **state)
{
	static const char *const good[] = { "/settings?tab=a", "https://example.com/a", "http://x",
		"mailto:a@b", "?page=2", "#top" };
	static const char *const bad[] = { "javascript:alert(1)", "JaVaScRiPt:x", " javascript:x",
		"data:text/html,x", "//evil.example", "/\\\\evil.example", "vbscript:x", "" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		check("{{&url v}}", arena_printf(cx.a, "{\"v\": \"%s\"}", good[i]), good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		check("{{&url v}}", arena_printf(cx.a, "{\"v\": \"%s\"}", bad[i]), "#");
	check("{{&url v}}", "{\"v\": \"/a?b=1&c=\\\"2\"}", "/a?b=1&amp;c=&quot;2");
}

static void
sections_follow_truth(void **state)
{
	(void)state;
	check("{{#v}}yes{{/v}}{{^v}}no{{/v}}", "{\"v\": true}", "yes");
	check("{{#v}}yes{{/v}}{{^v}}no{{/v}}", "{\"v\": false}", "no");
	check("{{#v}}yes{{/v}}{{^v}}no{{/v}}", "{\"v\": null}", "no");
	check("{{#v}}yes{{/v}}{{^v}}no{{/v}}", "{\"v\": \"\"}", "no");
	check("{{#v}}yes{{/v}}{{^v}}no{{/v}}", "{\"v\": []}", "no");
	check("{{#v}}yes{{/v}}{{^v}}no{{/v}}", "{}", "no");
	check("{{#v}}yes{{/v}}{{^v}}no{{/v}}", "{\"v\": \"a\"}", "yes");
	check("{{#v}}yes{{/v}}{{^v}}no{{/v}}", "{\"v\": {}}", "yes");
}

static void
lists_are_walked_and_the_dot_is_the_element(void **state)
{
	(void)state;
	check("{{#list}}({{.}}){{/list}}", "{\"list\": [\"a\", 2, \"<\", true]}",
	    "(a)(2)(&lt;)(true)");
	check("{{#list}}{{n}},{{/list}}", "{\"list\": [{\"n\": 1}, {\"n\": 2}, {\"n\": 3}]}",
	    "1,2,3,");
	check("{{#rows}}[{{#.}}{{.}} {{/.}}]{{/rows}}", "{\"rows\": [[1, 2], [], [3]]}",
	    "[1 2 ][][3 ]");
	check("{{#list}}x{{/list}}", "{\"list\": []}", "");
	check("{{#a}}{{one}}{{#b}}{{one}}{{two}}{{#c}}{{one}}{{two}}{{three}}{{/c}}{{/b}}{{/a}}",
	    "{\"a\": {\"one\": 1}, \"b\": {\"two\": 2}, \"c\": {\"three\": 3}}", "112123");
}

static void
names_are_looked_up_the_stack(void **state)
{
	(void)state;
	check("{{#o}}{{name}} {{outer}}{{/o}}",
	    "{\"outer\": \"out\", \"name\": \"top\", \"o\": {\"name\": \"in\"}}", "in out");
	check("{{#a}}{{b.c}}{{/a}}", "{\"a\": {\"b\": {}}, \"b\": {\"c\": \"ERROR\"}}", "");
	check("{{a.b.c}}", "{\"a\": {\"b\": {\"c\": \"deep\"}}}", "deep");
	check("({{a.b.c}})", "{\"a\": {}}", "()");
	check("{{#a.b}}{{c}}{{/a.b}}", "{\"a\": {\"b\": {\"c\": 5}}}", "5");
	check("{{^a.b.c}}none{{/a.b.c}}", "{\"a\": {\"b\": {}}}", "none");
	/* A null hides what is further out. */
	check("({{#o}}{{name}}{{/o}})", "{\"name\": \"top\", \"o\": {\"name\": null}}", "()");
}

static void
a_tag_alone_on_its_line_takes_the_line(void **state)
{
	(void)state;
	check("a\n{{#t}}\nb\n{{/t}}\nc\n", "{\"t\": true}", "a\nb\nc\n");
	check("a\n  {{#t}}\t\nb\n \t{{/t}}\nc\n", "{\"t\": true}", "a\nb\nc\n");
	check("a\r\n{{#t}}\r\n{{/t}}\r\nb", "{\"t\": true}", "a\r\nb");
	check("a\n{{! note }}\nb", "{}", "a\nb");
	check("a\n{{! two\nlines }}\nb", "{}", "a\nb");
	check("{{#t}}\nb{{/t}}\n/", "{\"t\": true}", "b\n/");
	check("a\n  {{^f}}\nb\n  {{/f}}", "{\"f\": false}", "a\nb\n");
	check("| {{#t}}\t|\t{{/t}} |\n", "{\"t\": true}", "| \t|\t |\n");
	check(" {{#t}}YES{{/t}}\n {{#t}}GOOD{{/t}}\n", "{\"t\": true}", " YES\n GOOD\n");
	check("  {{v}}\n", "{\"v\": 1}", "  1\n");
}

static void
the_edge_of_a_section_is_no_edge_of_a_line(void **state)
{
	(void)state;
	check("a {{#t}}{{! x }}\nb{{/t}}", "{\"t\": true}", "a \nb");
	check("a\n  {{#t}}b{{/t}} c", "{\"t\": true}", "a\n  b c");
	check("{{#t}}x\n {{! y }}{{/t}} z", "{\"t\": true}", "x\n  z");
}

static void
partials_are_indented_like_their_tag(void **state)
{
	(void)state;
	check("\"{{>text}}\"", "{}", "\"from partial\"");
	check("\"{{> text }}\"", "{}", "\"from partial\"");
	check("a\n  {{>lines}}\nb\n", "{\"name\": \"<\\n->\"}", "a\n  |\n  &lt;\n-&gt;\n  |\nb\n");
	check("  {{name}}  {{>text}}\n", "{\"name\": 1}", "  1  from partial\n");
	check("{{>node}}", "{\"content\": \"X\", \"nodes\": [{\"content\": \"Y\", \"nodes\": []}]}",
	    "X<Y<>>");
	check("a\n{{>empty}}\nb", "{}", "a\nb");
	refused("{{>circle}}", "{}", false);
	refused("{{>unknown}}", "{}", false);
}

static void
broken_views_are_our_own_mistake(void **state)
{
	(void)state;
	refused("{{#a}}", "{\"a\": true}", false);
	refused("{{/a}}", "{}", false);
	refused("{{#a}}{{#b}}{{/a}}{{/b}}", "{\"a\": true, \"b\": true}", false);
	refused("{{a", "{}", false);
}

static void
strict_views_ask_only_for_what_is_there(void **state)
{
	struct buf *out;

	(void)state;
	refused("{{gone}}", "{}", true);
	refused("{{#gone}}{{/gone}}", "{}", true);
	assert_ok(render("{{no}}{{#no}}x{{/no}}", "{\"no\": null}", true, &out));
	assert_string_equal(buf_c(out), "");
}

static void
views_are_found_by_name(void **state)
{
	struct buf *out = buf_in(cx.a, 100);
	json *o = json_new(cx.a);

	(void)state;
	assert_ok(tmpl_render(&cx, views, "page", o, false, out));
	assert_string_equal(buf_c(out), "Hello from partial");
	assert_bug(tmpl_render(&cx, views, "nowhere", o, false, out));
	out = buf_in(cx.a, 8);
	assert_error(tmpl_render(&cx, views, "page", o, false, out), E_REPLY_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    values_are_escaped_for_text_and_attributes, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    there_is_no_way_around_escaping, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    addresses_are_of_known_kinds, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(sections_follow_truth, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    lists_are_walked_and_the_dot_is_the_element, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    names_are_looked_up_the_stack, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    a_tag_alone_on_its_line_takes_the_line, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    the_edge_of_a_section_is_no_edge_of_a_line, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    partials_are_indented_like_their_tag, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    broken_views_are_our_own_mistake, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(
		    strict_views_ask_only_for_what_is_there, unit_open, unit_close),
		cmocka_unit_test_setup_teardown(views_are_found_by_name, unit_open, unit_close),
	};
	return cmocka_run_group_tests_name("tmpl", tests, NULL, NULL);
}
