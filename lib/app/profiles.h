/*
 * profiles.h - one profile for each person over all sources (lib/profile): who somebody is by
 * address, number or name, which source says what, and what a person may decide about it.
 */
#ifndef APP_PROFILES_H
#define APP_PROFILES_H

#include "app/caller.h"
#include "base/json.h"

struct profile_query {
	const char *email, *phone, *q; /* at most one; all NULL: everybody */
	const char *cursor;            /* NULL: from the start */
	int64_t limit;
};

struct profile_page {
	json *data; /* list of profiles */
	const char *next;
	size_t begun; /* what the arena held before */
};

/*
 * A profile: {"id", "name", "emails", "phones", "fields", "sources"}. A source: {"connectionId",
 * "connection", "provider", "datasetId", "key", "skipped", "fields"}, all that it says; the most
 * believed one comes first. skipped: why nobody elsewhere is matched with it: "no_identifier",
 * "shared_mailbox" (but for who has the same name), or null. fields: {name: {"value", "source",
 * "others"}}: what the most believed source says that says anything, by the number of the source,
 * and what others say otherwise.
 */
/* email and phone: whoever has exactly that; q: names by the beginnings of their words, or the
 * beginning of an address or a number. Oldest first, those that were found by name in the order of
 * names. */
MUST enum rc profiles_find(struct ctx *, struct db *, const char *owner,
    const struct profile_query *, struct profile_page *);
/* E_NOT_FOUND; one that has become a part of another one is not found. */
MUST enum rc profile_get(struct ctx *, struct db *, const char *owner, const char *id, json **out);

/* Says of a profile and `with`, another one or a source of it, whether they are the same person.
 * given: {"with": id or {"connectionId", "datasetId", "key"}, "same"}. It holds for all that they
 * have at present, also when it comes again later. The profiles that they are then, as a list. */
MUST enum rc profile_link(struct ctx *, struct db *, const struct caller *, const char *id,
    const json *given, json **out);

/* Which connections are believed, the most believed first: {"order": [ids]}; those that are not
 * named come behind, address books first. */
MUST enum rc profiles_order(struct ctx *, struct db *, const char *owner, json **out);
MUST enum rc
profiles_order_set(struct ctx *, struct db *, const struct caller *, const json *given, json **out);

/* Which columns of a dataset say who somebody is: {"name", "email", "phone"}, each a list; NULL: it
 * has no people. */
MUST enum rc
profile_columns(struct ctx *, struct db *, const char *owner, int64_t dataset_no, json **out);
/* Is the record (its payload) a person with neither an e-mail address nor a phone number? */
MUST enum rc profile_unreachable(struct ctx *, struct db *, const char *owner, int64_t dataset_no,
    struct str payload, bool *out);
/* given: {"people": such an object, false for no people, or null for what can be guessed}. */
MUST enum rc profile_columns_set(
    struct ctx *, struct db *, const struct caller *, const char *dataset_id, const json *given);

#endif
