/*
 * oauth_consent.c - the page on which a person chooses an account and says what an application may
 * do: a form, no script.
 */
#include "fake/google/oauth.h"

#include <string.h>

#include "base/clock.h"
#include "web/tmpl.h"

enum { CODE_MS = 10 * 60 * 1000 };

#define CONSENT_HEAD \
	"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n" \
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
#define CONSENT_STYLE "<link rel=\"stylesheet\" href=\"/fake/page.css\">\n<main>\n"

static const char consent_form[] = CONSENT_HEAD
    "<title>Demo: choose what to share</title>\n" CONSENT_STYLE
    "<p class=\"demo\"><strong>Demo.</strong> This is a stand-in for Google on this machine."
    " No real account is involved.</p>\n"
    "<h1>{{client}} wants access to your demo account</h1>\n"
    "<form method=\"post\">\n"
    "<fieldset><legend>Account</legend>\n"
    "{{#accounts}}<label><input type=\"radio\" name=\"account\" value=\"{{email}}\" required"
    "{{#first}} checked{{/first}}> {{name}}, {{email}}</label>\n"
    "{{/accounts}}</fieldset>\n"
    "<fieldset><legend>It may</legend>\n"
    "{{#scopes}}<label>{{^fixed}}<input type=\"checkbox\" name=\"scope\" value=\"{{url}}\""
    " checked> {{/fixed}}{{words}}</label>\n"
    "{{/scopes}}</fieldset>\n"
    "<button name=\"decision\" value=\"allow\" class=\"first\">Allow</button>"
    "<button name=\"decision\" value=\"deny\" formnovalidate>Cancel</button>\n"
    "</form>\n</main>\n</html>\n";

static const char consent_refused[] = CONSENT_HEAD
    "<title>Demo: access blocked</title>\n" CONSENT_STYLE
    "<h1>Access blocked: this request is invalid</h1>\n"
    "<p>Error 400: <strong>{{error}}</strong></p>\n<p>{{why}}</p>\n"
    "</main>\n</html>\n";

static const struct view consent_views[] = {
	{ "consent", consent_form },
	{ "refused", consent_refused },
	{ NULL, NULL },
};

struct wish {
	struct client *client;
	const char *redirect, *state, *challenge, *nonce;
	scope_set scopes;
	bool offline, s256, added, consent, silent;
};

static void
consent_show(struct call *c, int status, const char *name, const json *model)
{
	c->rep->status = status;
	c->rep->type = "text/html; charset=utf-8";
	buf_clear(c->rep->body);
	if (tmpl_render(c->cx, consent_views, name, model, false, c->rep->body) != RC_OK)
		buf_str(c->rep->body, c->cx->err.detail);
}

static bool
consent_block(struct call *c, const char *error, const char *why)
{
	json *model = json_new(c->a);

	json_set_str(model, "error", error);
	json_set_str(model, "why", why);
	consent_show(c, 400, "refused", model);
	return false;
}

static bool
consent_one_of(const char *v, const char *a, const char *b)
{
	return !v || strcmp(v, a) == 0 || strcmp(v, b) == 0;
}

static bool
consent_redirect_known(const struct fake *f, const struct client *client, const char *uri)
{
	if (f->back)
		return !strcmp(uri, f->back);
	for (size_t i = 0; i < json_len(client->redirects); i++)
		if (strcmp(json_value_str(json_nth(client->redirects, i)), uri) == 0)
			return true;
	return !client->redirects &&
	    (strncmp(uri, "https://", 8) == 0 || strncmp(uri, "http://localhost", 16) == 0 ||
		strncmp(uri, "http://127.0.0.1", 16) == 0);
}

static bool
consent_has_word(const char *list, const char *word)
{
	return str_has_word(str_c(list), ' ', str_c(word));
}

/* False: the page that says what is wrong is in the reply. */
static bool
consent_known(struct call *c)
{
	static const char known[] =
	    "|client_id|redirect_uri|response_type|scope|access_type|state|include_granted_scopes"
	    "|prompt|login_hint|hd|code_challenge|code_challenge_method|nonce|";

	for (size_t i = 0; i < c->query.n; i++) {
		const char *name = c->query.v[i].name;

		if (!strstr(known, arena_printf(c->a, "|%s|", name)))
			return consent_block(c, "invalid_request",
			    arena_printf(
				c->a, "Parameter not allowed for this message type: %s", name));
	}
	return true;
}

static bool
consent_client_known(struct call *c, const struct wish *w)
{
	if (!w->client)
		return consent_block(c, "invalid_client", "The OAuth client was not found.");
	if (w->redirect && consent_redirect_known(c->f, w->client, w->redirect))
		return true;
	return consent_block(c, "redirect_uri_mismatch",
	    arena_printf(c->a,
		"The redirect URI in the request, %s, does not match the ones authorized for the "
		"OAuth client.",
		w->redirect ? w->redirect : "none"));
}

static bool
consent_asks(struct call *c, struct wish *w)
{
	const char *type = query_of(c, "response_type"), *scope = query_of(c, "scope");
	const char *method = query_of(c, "code_challenge_method");

	if (!type || strcmp(type, "code") != 0)
		return consent_block(c, type ? "unsupported_response_type" : "invalid_request",
		    "Required parameter is missing: response_type");
	if (!scope || !scopes_read(scope, &w->scopes))
		return consent_block(c, scope ? "invalid_scope" : "invalid_request",
		    "Some requested scopes were invalid or missing.");
	if (!consent_one_of(query_of(c, "access_type"), "online", "offline") ||
	    !consent_one_of(query_of(c, "include_granted_scopes"), "true", "false") ||
	    !consent_one_of(method, "S256", "plain") || (method && !w->challenge))
		return consent_block(c, "invalid_request", "Invalid parameter value.");
	if (w->challenge && (strlen(w->challenge) < 43 || strlen(w->challenge) > 128))
		return consent_block(c, "invalid_request", "Invalid code_challenge.");
	return true;
}

static bool
consent_read(struct call *c, struct wish *w)
{
	*w = (struct wish){
		.client = client_by(c->f, query_of(c, "client_id")),
		.redirect = query_of(c, "redirect_uri"),
		.state = query_of(c, "state"),
		.challenge = query_of(c, "code_challenge"),
		.nonce = query_of(c, "nonce"),
		.offline = consent_has_word(query_of(c, "access_type"), "offline"),
		.s256 = consent_has_word(query_of(c, "code_challenge_method"), "S256"),
		.added = consent_has_word(query_of(c, "include_granted_scopes"), "true"),
		.consent = consent_has_word(query_of(c, "prompt"), "consent"),
		.silent = consent_has_word(query_of(c, "prompt"), "none"),
	};
	return consent_known(c) && consent_client_known(c, w) && consent_asks(c, w);
}

static void
consent_go(struct call *c, const struct wish *w, const char *first)
{
	struct buf *b = buf_in(c->a, 8000);

	buf_printf(b, "%s%c%s", w->redirect, strchr(w->redirect, '?') ? '&' : '?', first);
	if (w->state) {
		buf_str(b, "&state=");
		url_encode(b, w->state);
	}
	buf_str(b, "&iss=");
	url_encode(b, w->client->iss ? w->client->iss : FAKE_ISSUER);
	c->rep->status = 302;
	c->rep->type = NULL;
	reply_header(c, "Location", buf_c(b));
}

/* What the account has granted to the application before, and whether a refresh token is out. */
static scope_set
consent_before(
    const struct call *c, const struct wish *w, const struct account *who, bool *refreshable)
{
	scope_set scopes = 0;

	*refreshable = false;
	for (const struct token *t = oauth_of(c->f)->tokens; t; t = t->next)
		if (t->who == who && t->client == w->client && t->kind == TOKEN_REFRESH &&
		    token_ok(c->f, t)) {
			scopes |= t->scopes;
			*refreshable = true;
		}
	return scopes;
}

static void
consent_give(struct call *c, const struct wish *w, struct account *who, scope_set scopes)
{
	bool refreshable;
	scope_set before = consent_before(c, w, who, &refreshable);
	const struct token like = {
		.client = w->client,
		.who = who,
		.scopes = scopes | (w->added ? before : 0),
	};
	struct token *t = token_add(c->f, TOKEN_CODE, &like, CODE_MS);
	struct buf *b = buf_in(c->a, 4000);

	t->redirect = arena_dup(c->f->a, w->redirect);
	t->challenge = arena_dup(c->f->a, w->challenge);
	t->nonce = arena_dup(c->f->a, w->nonce);
	t->s256 = w->s256;
	t->offline = w->offline;
	t->fresh = w->consent || !refreshable;
	buf_str(b, "code=");
	url_encode(b, t->text);
	buf_str(b, "&scope=");
	url_encode(b, scopes_text(c->a, t->scopes));
	consent_go(c, w, buf_c(b));
}

/* The people to choose from; one is chosen already. */
static json *
consent_people(struct call *c, const struct account *hinted)
{
	json *list = json_list(c->a);
	bool first = true;

	for (const struct account *o = c->f->accounts; o; o = o->next) {
		json *one = json_new(c->a);

		if (o->service)
			continue;
		json_set_str(one, "email", o->email);
		json_set_str(one, "name", o->name);
		json_set_bool(one, "first", hinted ? o == hinted : first);
		first = false;
		json_add(list, one);
	}
	return list;
}

void
consent_page(struct call *c)
{
	struct wish w;
	struct account *hinted;
	json *model;
	bool refreshable;

	if (!consent_read(c, &w))
		return;
	hinted = account_by(c->f, query_of(c, "login_hint"));
	/* Who has agreed before is not asked again, unless the application wants it. */
	if (hinted && !w.consent &&
	    (consent_before(c, &w, hinted, &refreshable) & w.scopes) == w.scopes) {
		consent_give(c, &w, hinted, w.scopes);
		return;
	}
	if (w.silent) {
		consent_go(c, &w, "error=interaction_required");
		return;
	}
	model = json_new(c->a);
	json_set_str(model, "client", w.client->id);
	json_set(model, "accounts", consent_people(c, hinted));
	json_set(model, "scopes", scopes_shown(c->a, w.scopes));
	consent_show(c, 200, "consent", model);
}

void
consent_given(struct call *c)
{
	struct wish w;
	struct account *who;
	const char *decision = params_get(&c->form, "decision");
	scope_set scopes, one;

	if (!consent_read(c, &w))
		return;
	/* Who one is cannot be kept back; the rest is a choice. */
	scopes = w.scopes & scopes_identity();
	if (!decision || strcmp(decision, "allow") != 0) {
		consent_go(c, &w, "error=access_denied");
		return;
	}
	who = account_by(c->f, params_get(&c->form, "account"));
	if (!who) {
		consent_block(c, "invalid_request", "Choose an account.");
		return;
	}
	for (size_t i = 0; i < c->form.n; i++)
		if (strcmp(c->form.v[i].name, "scope") == 0 &&
		    scopes_read(c->form.v[i].value, &one))
			scopes |= one & w.scopes;
	if (scopes == 0)
		consent_go(c, &w, "error=access_denied");
	else
		consent_give(c, &w, who, scopes);
}
