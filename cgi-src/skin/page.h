/*
 * page.h - what pages share: the layout around a view, words that only pages need, error pages,
 * forms drawn from field rows.
 */
#ifndef SKIN_PAGE_H
#define SKIN_PAGE_H

#include "skin/model.h"

enum { PAGE_HISTORY = 20 };

/* The page around a view: title, navigation, heartbeat warning, count of what needs the owner.
 * model may be extended by the call. */
MUST enum rc page_show(
    struct req *, struct resp *, int status, const char *view, const char *title, json *model);
void page_error(struct req *, struct resp *, const struct err *);
/* What cannot be undone asks first. The script does it in a dialog, with the text of data-ask;
 * without it the posted form is answered with a page that asks, and posts it once more. Has the
 * person said so? */
bool page_sure(const struct req *);
MUST enum rc
page_ask(struct req *, struct resp *, const char *question, const char *button, const char *back);
/* The same with what would change: [{label, before, after}]; NULL: nothing that has fields. */
struct page_question {
	const char *text, *button, *back;
	json *changes;
};
MUST enum rc page_ask_about(struct req *, struct resp *, const struct page_question *);
/* The sign-in page; problem: why it did not work, or NULL. */
MUST enum rc page_sign_in(struct req *, struct resp *, int status, const char *problem);

/* A connection and its runs as pages show them: the model plus words ("3 hours ago") and
 * selected options. */
MUST enum rc page_conn_model(struct req *, const struct conn *, json **out);
/* A list of connections on a page (list.c). */
struct page_list {
	const char *path, *tab; /* where it is; tab: of the settings, or NULL */
	const char *sort;       /* a word of conn_search.h, when nobody has said otherwise */
	int64_t size;           /* of a page */
	/* adds to the model of each that is shown; may be NULL */
	enum rc (*each)(struct req *, const struct conn *, json *);
};
/* Of all of them: "none", "attentionCount", "runningCount", "connectionCount", "recordCount" and
 * "stateTabs". Of those that the address asks for: "connections", "noneShown", "find", "pager". */
MUST enum rc page_connections(struct req *, const struct page_list *, json *model);
/* How much waits for the owner's word: conflicts that are open, what the guard holds, and changes
 * of settings. */
int64_t page_questions(struct req *);
/* Adds "words" to the model of a run: "1,523", "4.2 s", its steps. */
void page_run_words(struct arena *, json *run, int64_t now);
/* "history" and "chart"; before and next: cursors of run_history(). */
MUST enum rc page_history(struct req *, const char *conn_id, const char *before, int64_t limit,
    json *model, const char **next);
/* "analytics": the last days of a connection, or of all when conn_id is NULL. */
MUST enum rc page_analytics_of(struct req *, const char *conn_id, json *model);
const char *page_count(struct arena *, int64_t n);
/* "1 sheet", "1,204 sheets". */
const char *page_plural(struct arena *, int64_t n, const char *one, const char *many);
/* "3 changes for Team and 2 for Tea shop": what the run still holds; NULL: nothing. */
MUST enum rc page_held(struct req *, const struct run *, const char **text);
/* "warns" of each: is it more than a piece of information? */
void page_notes(json *warnings);
const char *page_duration(struct arena *, int64_t ms);
/* {at, text, title, clock} for <time>; null for a time that was never. */
void page_when(struct arena *, json *o, const char *key, const char *text, int64_t now);
/* A cell for people. */
const char *page_cell(struct arena *, struct str);
/* A value of a record as people read it: a text as it is, of {"value": ...} that, what a list has
 * with commas between; "" for what says nothing. */
const char *page_value(struct arena *, const json *);
/* What a field of an event is called; what is none, as it is. */
const char *page_event_field(const char *field);
/* The page of a record. */
const char *page_record_href(struct arena *, const char *dataset_id, const char *key);
/* History as numbers for the inline SVG of the view; NULL when there is none. */
json *page_chart(struct arena *, const struct run_list *);
/* One line kept for the next page the browser shows. */
void page_say(struct req *, struct resp *, const char *path, const char *words);
/* The same about what went wrong. */
void page_say_bad(struct req *, struct resp *, const char *path, const char *words);

/*
 * The tabs of /settings. tab: the page's; title NULL: the tab's. problem: what is wrong with the
 * posted form, or NULL; its status then.
 */
MUST enum rc page_settings_show(
    struct req *, struct resp *, const char *tab, json *model, const struct err *problem);
MUST enum rc page_integrations(struct req *, struct resp *);
/* "contacts": whether and how often contacts are kept level; null without an address book. */
MUST enum rc page_contacts(struct req *, json *model);
MUST enum rc page_accounts(struct req *, struct resp *);
MUST enum rc page_account(struct req *, struct resp *);
MUST enum rc page_tokens(struct req *, struct resp *);
MUST enum rc page_audit(struct req *, struct resp *);
MUST enum rc page_users(struct req *, struct resp *);
MUST enum rc page_settings_hooks(struct req *, struct resp *);

/*
 * Forms (form.c).
 */

/* The row of GET /api/providers; NULL for an unknown id. */
const json *page_provider(const json *providers, const char *id);
/* "providers": one card each; chosen may be NULL. */
void page_picks(struct arena *, json *model, const json *providers, const json *chosen);
/* "fields", "advanced", "advancedOpen": the provider's field rows with what was typed, or else
 * the value in config (may be NULL), and r->wrong beside them. choices: what the source was
 * found to have (ask.h), or NULL; a list field of the same name becomes boxes to tick.
 * "searched": one of them has a place for a word to look for. prefix: of the elements' ids. */
void page_fields(struct req *, json *form, const json *provider, const json *config,
    const json *choices, const char *prefix);
/* {provider, config, secret?, accountId?, search?} from a form that was posted. Boxes of a list
 * NAME are posted as l_NAME, each a text of its own: it may hold commas. */
json *page_form_body(struct req *, const json *provider);
/* What is chosen in a list field: in the form that was posted, or else in config. */
json *page_chosen(struct req *, const char *name, const json *config);
/* Is the form posted to look for the word in it? By its button, or by Enter with a word written. */
bool page_searches(struct req *);
/* A field as it is shown, with the place for a word, if it has one, and its boxes in two parts
 * (form_search.c). page: the address that the form is posted to. */
void page_field_search(struct req *, json *field, const json *choices, const char *page);
/* Of a kind of source that is signed in to (page_source.c): "accountList" and what to say about
 * it. current: the account it reads with, or NULL. */
MUST enum rc
page_account_field(struct req *, json *form, const json *provider, const char *current);
/* Where the way to a provider's consent page begins: "/api/auth/PROVIDER/start?NAME=VALUE". */
const char *
page_login_start(struct arena *, const char *provider, const char *name, const char *value);
/* The same to connect the account of this connection again; NULL: it needs none. */
const char *page_reconnect(struct arena *, const struct conn *);
/* How a connection gets at its source: "account", "push", "openLink", "openText"
 * (page_source.c). */
MUST enum rc page_access(struct req *, const struct conn *, json *out);
/* "sources": what the account holds; found: the answer of "sources" (ask.h), or NULL. */
void page_sources(struct arena *, json *form, const json *found);
/* One box for each item {id, title, usable, why, hidden, rows, columns, byId} and for each text of
 * `wanted` that is not among them. items NULL: not known. */
json *page_boxes(struct arena *, const json *items, const json *wanted);
/* A copy of `choices` (NULL: none are known) in which "writeFrom" has the user's connections with
 * events but `self` (NULL: none), for a kind that has events, too. */
MUST enum rc
page_origins(struct req *, const char *provider, const char *self, const json *choices, json **out);
/* The message of r->wrong about a field, or NULL. */
const char *page_complaint(const struct req *, const char *name);
/* One sentence about a refused form: the first complaint, the detail or the title. */
const char *page_problem(struct req *, const struct err *);
/* "frequencies", "hours", "zone" of a schedule. */
void page_schedule(struct arena *, json *o, const struct sched *);
/* The form as it was typed, and what is wrong with it, in place of what is stored. */
void page_schedule_typed(struct req *, json *o);
/* The change that a posted schedule form asks for, as PUT .../schedule takes it. */
MUST enum rc page_schedule_change(struct req *, const struct sched *, json **change);

#endif
