/* What browsers send, and the templates that answer them. */
#include <setjmp.h>
#include <signal.h>

#include "fuzz/fuzz.h"
#include "web/req.h"
#include "web/tmpl.h"

static void
check_params(const struct params *ps)
{
	must(ps->n <= REQ_PARAMS);
	for (size_t i = 0; i < ps->n; i++) {
		must(ps->v[i].name && ps->v[i].value);
		must(str_utf8_ok(str_c(ps->v[i].name)) && str_utf8_ok(str_c(ps->v[i].value)));
		must(params_get(ps, ps->v[i].name));
	}
}

/* Query, form and cookie; what was decoded, encoded again, decodes to the same. */
void
fuzz_params(struct ctx *cx, struct str in)
{
	struct params ps = { .n = 0 }, cookies = { .n = 0 };
	struct buf *b = buf_in(cx->a, 8 << 20);
	char *text, *again;

	if (params_decode(cx->a, in, &ps))
		check_params(&ps);
	cookies_decode(cx->a, in, &cookies);
	check_params(&cookies);
	for (int plus = 0; plus < 2; plus++) {
		if (!url_decode(cx->a, in, plus, &text))
			continue;
		buf_clear(b);
		url_encode(b, text);
		must(!b->over && url_decode(cx->a, buf_s(b), plus, &again) &&
		    strcmp(text, again) == 0);
	}
}

/* A template that is none is our own mistake, E_BUG, which ends a process built with
 * TIDEMARK_STEPS: here it may come. */
#ifdef TIDEMARK_STEPS
static sigjmp_buf bug;

static void
on_abort(int sig)
{
	siglongjmp(bug, sig);
}

static void
render(struct ctx *cx, const struct view *views, const char *text, const json *model, bool strict,
    struct buf *out)
{
	struct sigaction before, sa = { .sa_handler = on_abort, .sa_flags = SA_NODEFER };

	sigaction(SIGABRT, &sa, &before);
	if (sigsetjmp(bug, 1) == 0)
		(void)!tmpl_render_text(cx, views, text, model, strict, out);
	else if (cx->err.kind != E_BUG)
		raise(SIGKILL);
	sigaction(SIGABRT, &before, NULL);
}
#else
static void
render(struct ctx *cx, const struct view *views, const char *text, const json *model, bool strict,
    struct buf *out)
{
	(void)!tmpl_render_text(cx, views, text, model, strict, out);
}
#endif

/* Any template over one model. Nothing of the model may reach the page unescaped. */
void
fuzz_template(struct ctx *cx, struct str in)
{
	static const char model_text[] =
	    "{\"a\":{\"b\":\"\\u0001<&\\\"'>\\u0001\",\"n\":5,\"t\":true,\"f\":false},"
	    "\"list\":[{\"name\":\"\\u0001<x>\\u0001\"},{\"name\":null}],"
	    "\"empty\":[],\"url\":\"\\u0001javascript:<\\u0001\",\"link\":\"https://example.com/"
	    "\\u0001\\\"<>\\u0001\",\"word\":\"\\u0001<script>\\u0001\"}";
	static const struct view views[] = {
		{ "part", "[{{word}}]" },
		{ "loop", "{{>loop}}" },
		{ NULL, NULL },
	};
	const unsigned choice = fuzz_byte(&in);
	struct buf *out = buf_in(cx->a, 1 << 20);
	json *model = json_stored(cx->a, model_text);
	const char *p, *end;

	must(model);
	if (in.n > 0 && (memchr(in.p, '\0', in.n) || memchr(in.p, '\1', in.n)))
		return;
	render(cx, views, arena_dup_str(cx->a, in), model, choice & 1, out);
	/* Values begin and end with \1: between two marks nothing stands bare that means
	 * something in HTML. */
	for (p = buf_c(out);
	     !out->over && (p = strchr(p, '\1')) != NULL && (end = strchr(p + 1, '\1')) != NULL;
	     p = end + 1)
		for (; p < end; p++)
			must(!strchr("<>\"'", *p));
}
