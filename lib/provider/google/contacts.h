/*
 * contacts.h - what the halves of google-contacts share (contacts.c, contacts_parse.c,
 * contacts_person.c).
 *
 * A page in the spool is {"head"?, "answer"}: the answer as Google gave it, and with the first one
 * what it is to be read by: {"delta", "labels": {id: name}, "chosen": {name: id}, "missing":
 * [names]}; without "chosen" everybody is read.
 */
#ifndef PROVIDER_GOOGLE_CONTACTS_H
#define PROVIDER_GOOGLE_CONTACTS_H

#include "kind/contacts_kind.h"
#include "provider/provider.h"

enum { GCONTACTS_PAGE_MAX = 64 * 1024 * 1024, LABEL_PAGES = 50 };

MUST enum rc gcontacts_parse(
    struct ctx *, const struct source *, struct page_in *pages, size_t n, struct sink *);

/* contacts_label.c: see struct reader. */
MUST enum rc
gcontacts_tend(struct ctx *, const struct source *, const struct keeping *, int *calls);
MUST enum rc gcontacts_leave(struct ctx *, const struct source *, struct farewell *, int *calls);

/* A person of Google's as the cells of a record, allocated from the arena. labels: names by id.
 * Pure. */
void gcontacts_cells(
    struct arena *, const json *person, const json *labels, struct cell out[CONTACT__MAX]);
/* Has it an e-mail address or a phone number? */
bool gcontacts_reachable(const json *person);
/* Is it one that has the label? */
bool gcontacts_labelled(const json *person, const char *id);

#endif
