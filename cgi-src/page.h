/*
 * page.h - what pages share: the layout around a view, words that only pages need, error pages.
 */
#ifndef CGI_PAGE_H
#define CGI_PAGE_H

#include "model.h"

/* The page around a view: title, navigation, heartbeat warning, count of what needs the owner. model may be extended by the call. */
MUST enum rc page_show(struct req *, struct resp *, int status, const char *view, const char *title, json *model);
void page_error(struct req *, struct resp *, const struct err *);
/* The sign-in page; problem: why a link did not work, or NULL. */
MUST enum rc page_sign_in(struct req *, struct resp *, const char *problem);

/* A connection and its runs as pages show them: the model plus words ("3 hours ago"), selected options, chart. */
MUST enum rc page_conn_model(struct req *, const struct conn *, json **out);
/* "1,523", "4.2 s", "20 Nov 23:30" of a run, added to its model. */
void page_run_words(struct arena *, json *run, int64_t now);
const char *page_count(struct arena *, int64_t n);
/* History as numbers for the inline SVG of the view. */
json *page_chart(struct arena *, const struct run_list *);
/* One line kept for the next page the browser shows. */
void page_say(struct req *, struct resp *, const char *path, const char *words);

#endif
