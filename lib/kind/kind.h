/*
 * kind.h - what a kind of source is, as far as that can be said without reaching it: its fields,
 * which account it needs, what it costs, its words for people. Every program knows the kinds;
 * only the worker knows what reads and writes them (provider/provider.h).
 *
 * All of it is pure: no network, no database, no clock. A new kind is a file with a `struct kind`
 * and a row in kinds.def.
 */
#ifndef KIND_KIND_H
#define KIND_KIND_H

#include "base/conf.h"
#include "base/field.h"
#include "base/json.h"
#include "kind/quota_row.h"

enum kind_caps {
	KIND_PULL = 1,     /* source to application */
	KIND_PUSH = 2,     /* application to source */
	KIND_HOOK = 4,     /* can call back */
	KIND_OWN_KEYS = 8, /* rows come with the source's own identity: no key is chosen */
	/* columns have positions and headers, as in a sheet: renames can be told */
	KIND_COLUMNS = 16,
	/* may bring several datasets, and always all there are: one that is missing is gone */
	KIND_TABLES = 32,
	/* its records are people: all connections of a user that read some have one schedule */
	KIND_PEOPLE = 64,
	/* writing there takes what the last complete read has found: nothing goes before it */
	KIND_READ_FIRST = 128
};

/* What one reading of everything costs: `calls`, and one more for each `cells` that are begun
 * (0: none). */
struct cost {
	enum quota quota;
	int calls;
	int64_t cells;
};

/* What people read. Those of kinds that need an account may not be NULL, unless it is said. */
struct kind_words {
	const char *things; /* what an account holds of it: "spreadsheets" */
	const char *look;   /* the button that tries a source out: "Show its tabs and columns" */
	const char *open;   /* the link to where a person sees it: "Open the spreadsheet" */
	/* What is done for a service account, before its address and behind it: "Share each
	 * spreadsheet with", ", as Viewer at least."; NULL: the provider has none. */
	const char *share, *share_as;
	/* What differs when more_scopes were not allowed: a sentence; NULL without any. */
	const char *without;
};

/* A field of an item that a property of the source may say. */
struct kind_part {
	const char *word;  /* among the settings, and as the source is found to be read */
	const char *label; /* "Notes" */
	bool shown;        /* it is written there, and never read */
};

enum { KIND_ABOUT = 3 };

/* A call of a service that something has changed, as it is understood. NULL: not said. Borrowed
 * from the request. */
struct kind_call {
	const char *channel, *token, *resource;
	bool greeting; /* the channel works; nothing has changed */
	/*
	 * Of services that sign (kind_receiver.signs).
	 */
	const char *secret;            /* it says what it will sign with, and nothing else */
	const char *signature;         /* HMAC-SHA256 of the body, hexadecimal */
	const char *id;                /* of the message, however often it is sent */
	int64_t at;                    /* when it happened, ms */
	const char *about[KIND_ABOUT]; /* what it may be about, as kind_receiver.resource says it */
	const char *item;              /* the key of the record that has changed */
	bool gone;                     /* the record may not be there any more */
};

/* One request, as the receiver lends it: headers by their lower-case name, NULL when not sent; and
 * memory for as long as it lasts. */
struct kind_request {
	struct arena *a;
	const char *(*header)(const void *arg, const char *name);
	const void *arg;
	struct str body;
};

/* Where services call: POST /api/webhooks/NAME. */
struct kind_receiver {
	/* letters and dashes; other kinds that are told by the same service share it. Never
	 * renamed: services keep the address */
	const char *name;
	const char *also; /* another address of it, the path; NULL: none */
	/* lower-case, ended by NULL: what `receive` asks for beyond the usual. Nothing else of a
	 * request is passed on. */
	const char *const *headers;
	/* Which channel calls, and what about. False: this is no such call, and whoever calls is
	 * told that nothing is here. Who may call by this channel is not judged here. Pure. */
	bool (*receive)(const struct kind_request *, struct kind_call *out);
	const char *summary; /* for the document of the interface */
	/* No channel is opened for each source: the service signs all that it sends with a secret
	 * of a subscription, which an operator makes in its settings (queue/signed.h). */
	bool signs;
	/* With `signs`. What the service calls the source that is read, for those who have the
	 * cursor that a complete read has left; NULL: not known yet. Pure. */
	const char *(*resource)(const json *cursor);
	const char *setup; /* with `signs`: where a subscription is made, for people */
};

struct kind {
	const char *id;    /* "csv": stored, in the interface, never renamed */
	const char *title; /* "CSV file" */
	const char *blurb; /* one sentence for the page */
	const char *icon;  /* lines of 24 by 24: the path data of an SVG */
	unsigned caps;
	const struct field *fields; /* ended by a NULL name */
	/* Of these, the one that names what is read: the account can be asked what it holds that
	 * could stand there (reader.sources). NULL: it cannot. */
	const char *chosen;
	/* Fields besides those of FIELD_URL, with spaces between, whose address says which server
	 * the stored secrets belong to; NULL: none. */
	const char *origin;
	/* It reads with an account at this provider (a row of oauth.def: "google"); NULL: none. */
	const char *account;
	/* without which the account is of no use, with spaces between */
	const char *scopes;
	const char *more_scopes; /* asked for too; it works without. NULL: none */
	/* A FIELD_SECRET that is sent in place of an account's access: with it, or with the setting
	 * of the installation, no account is needed. NULL: an account it is. */
	const char *token;
	enum conf_key token_setting; /* with `token` only */
	const char *token_help;      /* with `token`: where it comes from, for people */
	const struct cost *cost;     /* ended by 0 calls; NULL: no quota */
	/* What its items are, where both sides edit them (store/object.h: "event"): its fields then
	 * include those of kind/ways.h. NULL: it is read into datasets alone. */
	const char *object;
	/* With object: the field that names what both sides edit, which is connected once; the name
	 * that is the account's address as well; and the member of the provider's cursor that says
	 * under which name it was found. NULL: nothing of the kind. */
	const char *place, *place_own, *place_found;
	/* With `object`: the value of the setting "mode" with which it is read into datasets alone
	 * all the same; NULL: none. */
	const char *records_mode;
	/* With `object`: what properties of the source can say, ended by a NULL word, and the
	 * FIELD_MAP among the fields that names them; NULL: they are always the same. */
	const struct kind_part *parts;
	const char *parts_field;
	/* > 0: an "unchanged" is believed so long after a complete read */
	int recheck_hours;
	int poll_minutes;   /* how often it is read until somebody says otherwise; 0: each hour */
	int untold_minutes; /* the same of what it is not called about; 0: alike */
	struct kind_words words;
	const struct kind_receiver *receiver; /* with KIND_HOOK; else NULL */
	/* Optional. Checks what single fields cannot say, and may rewrite the configuration (a
	 * link becomes the address of the data); complaints as in field_check(). Called only when
	 * the fields are well. */
	void (*configure)(struct arena *, json *config, json *errors);
	/* Optional. Values for fields that are left empty, by the names of the columns. */
	void (*suggest)(struct arena *, const json *columns, json *suggested);
	/* Optional. The configuration as a form shows it, what configure() has rewritten made
	 * readable again. */
	void (*show)(struct arena *, json *config);
	/* Optional, of kinds with `object`. Does the source say that nothing can be written there,
	 * as a complete read has left it in the cursor? Pure. */
	bool (*read_only)(const json *cursor);
	/* With an account: where the stand-in of a demonstration shows it, "/fake/edit". */
	const char *demo;
	/* Optional. Of the person's own things: may one of this value carry a mark of ours? */
	bool (*marked)(const json *value);
	/* Optional. What of ours there is beside copies and marks, for people; NULL: nothing. */
	const char *(*traces)(struct arena *, const json *config, const json *cursor);
	/* Optional. Is the difference between two states of a record nothing but what we have done
	 * to its labels there, and when that was? acts: of each label that it may be, true: put on,
	 * false: taken off, null: either. States are values by column; NULL: it is not there. */
	bool (*echoes)(struct arena *, const json *before, const json *now, const json *acts);
	/* Optional. Where a person sees what this configuration reads: an https: address. */
	const char *(*link)(struct arena *, const json *config);
};

#define KIND(id) extern const struct kind kind_##id;
#include "kind/kinds.def"
#undef KIND

const struct kind *kind_find(const char *id); /* NULL: no such kind */
/* What people know the service by that has it, as in "in Notion"; `otherwise` of what is read from
 * any address. */
const char *kind_place(const char *id, const char *otherwise);
const struct kind *kind_nth(size_t); /* NULL past the last */
/* The first that is told at /api/webhooks/NAME; NULL: none. */
const struct kind *kind_receiving(const char *name);
/* The first that is told at this path, whichever of its addresses that is; NULL: none. */
const struct kind *kind_called(const char *path);
/* The next kind whose sources are read with accounts of this provider; *i: 0 at first. */
const struct kind *kind_of_account(const char *account, size_t *i);
/* The first of them, in whose words its accounts are spoken of; NULL: none. */
const struct kind *kind_first_of(const char *account);
/* What the kinds of this provider ask for, also what they work without, each word once: a service
 * account is good for all of them. */
const char *kind_scopes(struct arena *, const char *account);
/* What this one asks for, also what it works without, and beside that the words of `had` (may be
 * NULL). */
const char *kind_wants(struct arena *, const struct kind *, const char *had);

/* What GET /api/providers shows: {data: [{id, title, blurb, capabilities, account, scopes, sources,
 * cost, fields}]}. */
json *kind_list(struct arena *);

/* What somebody gives for a source. */
struct kind_given {
	const json *config;
	const json *secret; /* entered anew; NULL: it is as it was kept */
	const json *kept;   /* the secrets that are stored; NULL: none that could be read */
	/* the configuration that something secret was stored with; NULL: nothing is stored */
	const json *stored;
	bool later; /* a value that an address or a header lacks is given another time */
};
/* Checked and normalised: {config, secret, errors: [{field, message}]}; what headers and addresses
 * have of secrets is among those (kind/veil.h, kind/veil_url.h). To read from another server
 * than the stored configuration with a secret that was stored is an error. */
json *kind_check(struct arena *, const char *id, const struct kind_given *);

/* Does the second configuration read from another server (scheme, host, port) than the first?
 * What was kept secret for the one is not for the other. An address that cannot be read is
 * another one. */
bool kind_moved(struct arena *, const struct kind *, const json *stored, const json *config);

/* Moves what is secret of the addresses in a configuration to secrets.urls (kind/veil_url.h). */
void kind_veil(struct arena *, const struct kind *, json *config, json *secrets);

/* What is sent in place of an account's access: the secret of the source, or that of the
 * installation. NULL: neither is there, or the kind takes none. */
const char *kind_token(const struct kind *, const json *secret);

/* Is it sent so for any kind? */
bool kind_sends(enum conf_key);

/* What the items of a source with this configuration are: kind.object, or NULL. */
const char *kind_object(const struct kind *, const json *config);

/* For configure(): adds {"field", "message"} to errors. */
void kind_complain(struct arena *, json *errors, const char *field, const char *message);

#endif
