/*
 * contacts.h - what the halves of google-contacts share (contacts.c, contacts_parse.c,
 * contacts_person.c, contacts_find.c).
 *
 * A page in the spool is {"head"?, "answer"}: the answer as Google gave it, and with the first one
 * what it is to be read by: {"delta", "labels": {id: name}, "chosen": {name: id}, "missing":
 * [names]}; without "chosen" everybody is read.
 */
#ifndef PROVIDER_GOOGLE_CONTACTS_H
#define PROVIDER_GOOGLE_CONTACTS_H

#include "kind/contacts_kind.h"
#include "base/buf.h"
#include "provider/provider.h"

enum { GCONTACTS_PAGE_MAX = 64 * 1024 * 1024, LABEL_PAGES = 50 };

MUST enum rc gcontacts_parse(
    struct ctx *, const struct source *, struct page_in *pages, size_t n, struct sink *);

/* A GET of the interface; path: with what it asks for, already encoded. */
struct rest_call gcontacts_call(const char *path);
/* "&name=value", encoded; value NULL: nothing. */
void gcontacts_param(struct buf *, const char *name, const char *value);

/* contacts_find.c: adds to `choices` "people": {id, title, detail, gone} of each who is chosen in
 * the settings and of at most 30 whom src->search finds; with that, "search": {word, found, more,
 * message}. Takes two seconds to find nobody. Errors: those of rest_call(). */
MUST enum rc gcontacts_find(struct ctx *, const struct source *, json *choices);

/* contacts_label.c: see struct reader. */
MUST enum rc
gcontacts_tend(struct ctx *, const struct source *, const struct keeping *, int *calls);
MUST enum rc gcontacts_leave(struct ctx *, const struct source *, struct farewell *, int *calls);

/* Of a list of a person's the item that stands for it: the primary one, or the first; NULL: none.
 */
const json *gcontacts_item(const json *person, const char *field);
/* A person of Google's as the cells of a record, allocated from the arena. labels: names by id.
 * Pure. */
void gcontacts_cells(
    struct arena *, const json *person, const json *labels, struct cell out[CONTACT__MAX]);
/* Has it an e-mail address or a phone number? */
bool gcontacts_reachable(const json *person);
/* Is it one that has the label? */
bool gcontacts_labelled(const json *person, const char *id);

#endif
