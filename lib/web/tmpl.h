/*
 * tmpl.h - a Mustache subset that always escapes: {{name}}, {{a.b}}, {{.}},
 * {{#section}}..{{/section}}, {{^inverted}}..{{/inverted}}, {{>partial}}, {{!comment}}.
 *
 * There is no unescaped form at all. Values are escaped for text and quoted attributes alike (&
 * < > " '). Inside an href or src the template writes {{&url name}}: http, https, mailto and
 * paths of our own pass, everything else becomes "#". Lambdas, delimiters and dynamic names are
 * left out. Views are embedded at build from cgi-src/view.
 */
#ifndef WEB_TMPL_H
#define WEB_TMPL_H

#include "base/buf.h"
#include "base/json.h"

struct view {
	const char *name; /* "settings" of settings.html */
	const char *text;
};

/* Renders a view by name over a JSON object. strict: a name that is nowhere on the stack is
 * E_BUG; otherwise it is empty. */
MUST enum rc tmpl_render(struct ctx *, const struct view *views, const char *name,
    const json *model, bool strict, struct buf *out);
/* Renders a text; partials are looked up in views. */
MUST enum rc tmpl_render_text(struct ctx *, const struct view *views, const char *text,
    const json *model, bool strict, struct buf *out);

#endif
