/*
 * jscan.c - the scanner's states, one byte at a time but for the insides of strings.
 */
#include "provider/web/jscan.h"

enum state {
	AT_START,  /* before the first byte */
	AT_VALUE,  /* a value must come */
	AT_ITEM,   /* a value or ']' */
	AT_NAME,   /* a member name must come */
	AT_MEMBER, /* a member name or '}' */
	AT_COLON,
	AT_MORE, /* ',' or the closing bracket */
	AT_REST, /* after the document */
	IN_TEXT,
	IN_ESCAPE,
	IN_HEX,
	IN_LITERAL,
	NUM_MINUS,
	NUM_ZERO,
	NUM_INT,
	NUM_DOT,
	NUM_FRAC,
	NUM_E,
	NUM_SIGN,
	NUM_EXP
};

static const char *const literals[] = { [J_TRUE] = "true", [J_FALSE] = "false", [J_NULL] = "null" };

struct jscan *
jscan_new(struct arena *a, const struct jscan_events *events)
{
	struct jscan *js = arena_alloc(a, sizeof *js);

	js->events = events;
	js->text = buf_in(a, JSCAN_KEEP_MAX);
	js->names = buf_in(a, (size_t)(JSCAN_DEPTH + 1) * JSCAN_NAME_MAX);
	/* frames point into it: it must not move */
	buf_reserve(js->names, (size_t)(JSCAN_DEPTH + 1) * JSCAN_NAME_MAX);
	jscan_begin(js);
	return js;
}

void
jscan_begin(struct jscan *js)
{
	js->depth = 0;
	js->line = 1;
	js->stopped = js->done = js->keeping = js->in_name = js->escaped = false;
	js->pos = js->line_pos = 0;
	js->state = AT_START;
	js->utf8_left = 0;
	js->bom = 0;
	js->run = (struct str){ NULL, 0 };
	buf_clear(js->names);
}

static enum rc
fail_at_byte(struct ctx *cx, struct jscan *js, int64_t pos, const char *what)
{
	return fail(cx, E_JSON, "Line %lld, column %lld: %s.", (long long)js->line,
	    (long long)(pos - js->line_pos + 1), what);
}

static enum rc
fail_unexpected(struct ctx *cx, struct jscan *js, int64_t pos, char c)
{
	const char *wanted;

	switch ((enum state)js->state) {
	case AT_START:
	case AT_VALUE:
	case AT_ITEM:
		wanted = "a value";
		break;
	case AT_NAME:
	case AT_MEMBER:
		wanted = "a member name in double quotes";
		break;
	case AT_COLON:
		wanted = "a colon";
		break;
	case AT_MORE:
		wanted = js->frame[js->depth - 1].type == J_LIST ? "a comma or ]" : "a comma or }";
		break;
	case AT_REST:
		return fail_at_byte(cx, js, pos,
		    "the document is complete, but more follows "
		    "(Tidemark reads one JSON document, not a sequence of them)");
	default:
		wanted = "a digit";
	}
	if (c > ' ' && c < 0x7f)
		return fail(cx, E_JSON,
		    "Line %lld, column %lld: there is \"%c\" where %s should be.",
		    (long long)js->line, (long long)(pos - js->line_pos + 1), c, wanted);
	return fail(cx, E_JSON, "Line %lld, column %lld: %s should be here.", (long long)js->line,
	    (long long)(pos - js->line_pos + 1), wanted);
}

static void
scan_flush(struct jscan *js)
{
	buf_add(js->text, js->run.p, js->run.n);
	js->run = (struct str){ NULL, 0 };
}

/* What follows what was kept before is copied with it. */
static inline void
scan_keep(struct jscan *js, const char *p, size_t n)
{
	if (!js->keeping)
		return;
	if (js->run.n == 0 || js->run.p + js->run.n != p) {
		scan_flush(js);
		js->run.p = p;
	}
	js->run.n += n;
}

static enum rc
value_begin(struct ctx *cx, struct jscan *js, enum jtype type)
{
	bool wanted = false;

	js->value = type;
	if (js->depth > 0 && js->frame[js->depth - 1].type == J_LIST)
		js->frame[js->depth - 1].at++;
	if (js->keeping)
		return RC_OK;
	TRY(js->events->begin(cx, js->events->arg, js, type, &wanted));
	if (wanted) {
		js->keeping = true;
		js->keep_depth = js->depth;
		js->kept_line = js->line;
		js->unicode = false;
		buf_clear(js->text);
	}
	return RC_OK;
}

static enum rc
check_room(struct ctx *cx, struct jscan *js)
{
	if (!js->keeping || !js->text->over)
		return RC_OK;
	return fail(cx, E_JSON,
	    "Item %lld, which begins on line %lld, is larger than 4 MB. Check "
	    "the path to the records.",
	    (long long)(js->keep_depth > 0 ? js->frame[js->keep_depth - 1].at + 1 : 1),
	    (long long)js->kept_line);
}

static enum rc
value_end(struct ctx *cx, struct jscan *js, enum jtype type)
{
	js->state = js->depth > 0 ? AT_MORE : AT_REST;
	js->done = js->depth == 0;
	if (!js->keeping)
		return js->events->end(cx, js->events->arg, js, type, NULL, 0);
	if (js->depth > js->keep_depth)
		return RC_OK;
	scan_flush(js);
	TRY(check_room(cx, js));
	js->keeping = false;
	js->mended = js->unicode && jtext_mend(js->text->p, js->text->n);
	return js->events->end(cx, js->events->arg, js, type, buf_c(js->text), js->text->n);
}

static enum rc
container_begin(struct ctx *cx, struct jscan *js, enum jtype type, const char *c, int64_t pos)
{
	if (js->depth == JSCAN_DEPTH)
		return fail_at_byte(cx, js, pos, "the document is nested deeper than 64 levels");
	TRY(value_begin(cx, js, type));
	scan_keep(js, c, 1);
	js->frame[js->depth++] = (struct jframe){
		.type = type,
		.at = -1,
		.names_used = js->names->n,
		.line = js->line,
	};
	js->state = type == J_LIST ? AT_ITEM : AT_MEMBER;
	return RC_OK;
}

static enum rc
container_end(struct ctx *cx, struct jscan *js, enum jtype type, const char *c)
{
	scan_keep(js, c, 1);
	js->depth--;
	buf_cut(js->names, js->frame[js->depth].names_used);
	return value_end(cx, js, type);
}

static void
name_begin(struct jscan *js)
{
	struct jframe *f = &js->frame[js->depth - 1];

	f->at++;
	f->name_over = false;
	js->in_name = true;
	js->escaped = false;
	buf_cut(js->names, f->names_used);
}

/* Part of the text of a string, without its quotes. */
static void
text_part(struct jscan *js, const char *p, size_t n)
{
	struct jframe *f;

	scan_keep(js, p, n);
	if (!js->in_name || js->keeping)
		return;
	f = &js->frame[js->depth - 1];
	if (f->name_over || js->names->n - f->names_used + n > JSCAN_NAME_MAX)
		f->name_over = true;
	else
		buf_add(js->names, p, n);
}

static enum rc
text_end(struct ctx *cx, struct jscan *js, const char *quote)
{
	struct jframe *f;
	size_t n;

	scan_keep(js, quote, 1);
	if (!js->in_name)
		return value_end(cx, js, J_TEXT);
	js->in_name = false;
	js->state = AT_COLON;
	if (js->keeping)
		return check_room(cx, js);
	f = &js->frame[js->depth - 1];
	n = js->names->n - f->names_used;
	if (js->escaped && !f->name_over) {
		n = jtext_decode_inside(js->names->p + f->names_used, n);
		buf_cut(js->names, f->names_used + n);
	}
	f->name = f->name_over ? (struct str){ "", 0 }
			       : (struct str){ js->names->p + f->names_used, n };
	return RC_OK;
}

/* The first byte of a character of several. */
static bool
utf8_first(struct jscan *js, unsigned char c)
{
	if (c < 0xc2 || c > 0xf4)
		return false;
	js->utf8_left = (unsigned char)(1 + (c >= 0xe0) + (c >= 0xf0));
	/* Nothing longer than it must be, no halves of pairs, nothing beyond the last one. */
	js->utf8_low = 0x80;
	js->utf8_high = 0xbf;
	switch (c) {
	case 0xe0:
		js->utf8_low = 0xa0;
		break;
	case 0xed:
		js->utf8_high = 0x9f;
		break;
	case 0xf0:
		js->utf8_low = 0x90;
		break;
	case 0xf4:
		js->utf8_high = 0x8f;
		break;
	}
	return true;
}

static bool
utf8_next(struct jscan *js, unsigned char c)
{
	if (c < js->utf8_low || c > js->utf8_high)
		return false;
	js->utf8_left--;
	js->utf8_low = 0x80;
	js->utf8_high = 0xbf;
	return true;
}

static inline bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Does the byte belong to a text, behind those that were before it? */
static bool
is_text(struct jscan *js, unsigned char c)
{
	if (js->utf8_left > 0)
		return utf8_next(js, c);
	return c >= 0x80 ? utf8_first(js, c) : is_plain(c);
}

/* Inside a string: as much as lies in the piece. *pp ends behind what was used. */
static enum rc
scan_text(struct ctx *cx, struct jscan *js, const char *start, const char **pp, const char *end)
{
	const char *p = *pp;

	while (p < end) {
		const unsigned char c = (unsigned char)*p;

		if (!is_text(js, c))
			break;
		p++;
		while (js->utf8_left == 0 && p < end && is_plain((unsigned char)*p))
			p++;
	}
	text_part(js, *pp, (size_t)(p - *pp));
	if (p == end) {
		*pp = p;
		return check_room(cx, js);
	}
	const int64_t pos = js->pos + (p - start);
	if (js->utf8_left > 0 || (unsigned char)*p >= 0x80)
		return fail(cx, E_ENCODING,
		    "Line %lld, column %lld: the text is not UTF-8, which JSON must be.",
		    (long long)js->line, (long long)(pos - js->line_pos + 1));
	if ((unsigned char)*p < 0x20)
		return fail_at_byte(cx, js, pos,
		    "a text contains a line break or another control "
		    "character, or its closing quote is missing");
	*pp = p + 1;
	if (*p == '"')
		return text_end(cx, js, p);
	text_part(js, p, 1);
	js->escaped = true;
	js->state = IN_ESCAPE;
	return RC_OK;
}

static enum rc
scan_escape(struct ctx *cx, struct jscan *js, const char *p, int64_t pos)
{
	if (js->state == IN_ESCAPE) {
		if (*p == '\0' || !strchr("\"\\/bfnrtu", *p))
			return fail_at_byte(cx, js, pos,
			    "a backslash must be followed by "
			    "one of \" \\ / b f n r t u");
		js->state = *p == 'u' ? IN_HEX : IN_TEXT;
		js->unicode |= *p == 'u';
		js->hex_left = 4;
	} else {
		if (*p == '\0' || !strchr("0123456789abcdefABCDEF", *p))
			return fail_at_byte(cx, js, pos,
			    "\\u must be followed "
			    "by four hexadecimal digits");
		if (--js->hex_left == 0)
			js->state = IN_TEXT;
	}
	text_part(js, p, 1);
	return RC_OK;
}

/* The state after one more byte of a number; -1: the byte does not belong to it. */
static int
number_step(int state, char c)
{
	const bool digit = c >= '0' && c <= '9';

	switch ((enum state)state) {
	case NUM_MINUS:
		if (c == '0')
			return NUM_ZERO;
		return digit ? NUM_INT : -1;
	case NUM_ZERO:
	case NUM_INT:
		if (digit && state == NUM_INT)
			return NUM_INT;
		if (c == '.')
			return NUM_DOT;
		return c == 'e' || c == 'E' ? NUM_E : -1;
	case NUM_DOT:
		return digit ? NUM_FRAC : -1;
	case NUM_FRAC:
		if (digit)
			return NUM_FRAC;
		return c == 'e' || c == 'E' ? NUM_E : -1;
	case NUM_E:
		if (digit)
			return NUM_EXP;
		return c == '+' || c == '-' ? NUM_SIGN : -1;
	default:
		return digit ? NUM_EXP : -1;
	}
}

static bool
number_whole(int state)
{
	return state == NUM_ZERO || state == NUM_INT || state == NUM_FRAC || state == NUM_EXP;
}

static enum rc
scan_number(struct ctx *cx, struct jscan *js, const char *start, const char **pp, const char *end)
{
	const char *p = *pp;
	int next;

	while (p < end && (next = number_step(js->state, *p)) >= 0) {
		js->state = next;
		p++;
	}
	scan_keep(js, *pp, (size_t)(p - *pp));
	*pp = p;
	if (p == end)
		return check_room(cx, js);
	if (!number_whole(js->state))
		return fail_unexpected(cx, js, js->pos + (p - start), *p);
	return value_end(cx, js, J_NUMBER);
}

static enum rc
scan_literal(struct ctx *cx, struct jscan *js, const char *p, int64_t pos)
{
	const char *word = literals[js->value];

	if (*p != word[js->literal_at])
		return fail_at_byte(cx, js, pos,
		    "only true, false and null "
		    "may stand without quotes");
	scan_keep(js, p, 1);
	return word[++js->literal_at] ? RC_OK : value_end(cx, js, js->value);
}

static enum rc
scan_value(struct ctx *cx, struct jscan *js, const char *p, int64_t pos)
{
	enum jtype type;

	switch (*p) {
	case '{':
		return container_begin(cx, js, J_OBJECT, p, pos);
	case '[':
		return container_begin(cx, js, J_LIST, p, pos);
	case '"':
		TRY(value_begin(cx, js, J_TEXT));
		js->state = IN_TEXT;
		break;
	case 't':
	case 'f':
	case 'n':
		type = *p == 't' ? J_TRUE : J_FALSE;
		if (*p == 'n')
			type = J_NULL;
		TRY(value_begin(cx, js, type));
		js->state = IN_LITERAL;
		js->literal_at = 1;
		break;
	default:
		if (*p != '-' && (*p < '0' || *p > '9'))
			return fail_unexpected(cx, js, pos, *p);
		TRY(value_begin(cx, js, J_NUMBER));
		js->state = *p == '0' ? NUM_ZERO : NUM_INT;
		if (*p == '-')
			js->state = NUM_MINUS;
	}
	scan_keep(js, p, 1);
	return RC_OK;
}

/* Between values: the brackets, commas, colons, and the first byte of what follows them. */
static enum rc
scan_structure(struct ctx *cx, struct jscan *js, const char *p, int64_t pos)
{
	switch ((enum state)js->state) {
	case AT_VALUE:
		return scan_value(cx, js, p, pos);
	case AT_ITEM:
		return *p == ']' ? container_end(cx, js, J_LIST, p) : scan_value(cx, js, p, pos);
	case AT_MEMBER:
	case AT_NAME:
		if (*p == '}' && js->state == AT_MEMBER)
			return container_end(cx, js, J_OBJECT, p);
		if (*p != '"')
			return fail_unexpected(cx, js, pos, *p);
		name_begin(js);
		scan_keep(js, p, 1);
		js->state = IN_TEXT;
		return RC_OK;
	case AT_COLON:
		if (*p != ':')
			return fail_unexpected(cx, js, pos, *p);
		scan_keep(js, p, 1);
		js->state = AT_VALUE;
		return RC_OK;
	case AT_MORE:
		if (*p == ',') {
			scan_keep(js, p, 1);
			js->state = js->frame[js->depth - 1].type == J_LIST ? AT_VALUE : AT_NAME;
			return check_room(cx, js);
		}
		if (*p != (js->frame[js->depth - 1].type == J_LIST ? ']' : '}'))
			return fail_unexpected(cx, js, pos, *p);
		return container_end(cx, js, js->frame[js->depth - 1].type, p);
	default:
		return fail_unexpected(cx, js, pos, *p);
	}
}

/* The first bytes: a byte order mark may stand here, and what is no JSON at all is told apart. */
static enum rc
scan_start(struct ctx *cx, struct jscan *js, const char *p, int64_t pos)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (js->bom < 3 && pos == js->bom && *p == bom[pos]) {
		js->line_pos = ++js->bom;
		return RC_OK;
	}
	if (js->bom == 1 || js->bom == 2 || *p == '\0' || *p == '\xff' || *p == '\xfe')
		return fail(cx, E_ENCODING,
		    "The document is not UTF-8, which JSON must be. Save it as UTF-8.");
	if (*p == '<')
		return fail(cx, E_HTML,
		    "The address answers with a web page (or XML) instead of JSON. Use the "
		    "address of the data itself.");
	js->state = AT_VALUE;
	return scan_value(cx, js, p, pos);
}

enum rc
jscan_feed(struct ctx *cx, struct jscan *js, struct str piece)
{
	const char *const start = piece.p, *p = start, *const end = start + piece.n;

	while (p < end && !js->stopped) {
		const int64_t pos = js->pos + (p - start);

		if (js->state == IN_TEXT) {
			TRY(scan_text(cx, js, start, &p, end));
			continue;
		}
		if (js->state >= NUM_MINUS) {
			TRY(scan_number(cx, js, start, &p, end));
			continue;
		}
		if (js->state == IN_LITERAL)
			TRY(scan_literal(cx, js, p, pos));
		else if (js->state == IN_ESCAPE || js->state == IN_HEX)
			TRY(scan_escape(cx, js, p, pos));
		else if (*p == '\n') {
			js->line++;
			js->line_pos = pos + 1;
		} else if (*p == ' ' || *p == '\t' || *p == '\r')
			;
		else if (js->state == AT_START)
			TRY(scan_start(cx, js, p, pos));
		else
			TRY(scan_structure(cx, js, p, pos));
		p++;
	}
	js->pos += p - start;
	if (!js->keeping)
		return RC_OK;
	scan_flush(js);
	return check_room(cx, js);
}

enum rc
jscan_end(struct ctx *cx, struct jscan *js, bool cut)
{
	if (js->stopped || js->done)
		return RC_OK;
	if (js->depth == 0 && number_whole(js->state))
		return value_end(cx, js, J_NUMBER);
	if (cut)
		return RC_OK;
	if (js->state == AT_START)
		return fail(cx, E_EMPTY, NULL);
	return fail(cx, E_JSON,
	    "The document ends in the middle, on line %lld. Nothing was changed; the "
	    "server may have broken off.",
	    (long long)js->line);
}
