/*
 * provider.h - who gives logins, as rows (oauth.def): addresses, credentials, what differs between
 * them, and words for people. Without the network: web processes read it too. A new provider is a
 * row here, its settings in conf.def, and kinds of source that name it.
 */
#ifndef OAUTH_PROVIDER_H
#define OAUTH_PROVIDER_H

#include "base/conf.h"

enum { OAUTH_WORDS = 16 };

/* An address: what the setting says, without a slash at its end, and the path. */
struct oauth_address {
	enum conf_key base;
	const char *path;        /* NULL: there is no such address */
	enum conf_key otherwise; /* the base where that setting is empty */
};

struct oauth_provider {
	const char *id;    /* a word: /api/auth/ID/start, remote_account.provider */
	const char *title; /* as people know it */
	enum conf_key client_id, client_secret;
	struct oauth_address authorize, token;
	struct oauth_address revoke;   /* without one a login is forgotten here only */
	struct oauth_address userinfo; /* asked when no id_token tells whose it is */
	bool pkce;                     /* it knows RFC 7636 */
	/* Its token endpoint reads JSON, and who asks from HTTP Basic (RFC 6749, 2.3.1). */
	bool json;
	/* Its access lasts until it is refused. Where no refresh token comes, it is for good. */
	bool lasting;
	/* `iss` of its id_tokens, without "https://"; NULL: it gives none that is believed */
	const char *issuer;
	/* Members of its answer to a code that say whose it is: of the account, and for people;
	 * NULL: an id_token or `userinfo` says so */
	const char *subject, *address, *person;
	const char *hint;      /* the parameter that offers an account; NULL: there is none */
	const char *separator; /* between scopes in the address of its consent page */
	/* more of the query of the consent page, encoded; NULL: none. query_again: when it shall
	 * ask even what was granted before */
	const char *query, *query_again;
	/* `aud` of a service account's claim (RFC 7523); NULL: it has no such accounts */
	const char *audience;
	/* how the base of its token address begins; another one is a stand-in, which takes any
	 * credentials. NULL: not told apart */
	const char *real;
	const char *id_ends; /* how its client ids end; NULL: anyhow */
	/* Sentences and parts of them, NULL where there is nothing to say. Where client ids are
	 * made: "the X console, under Y". */
	const char *console;
	const char *publish;     /* what an operator does so that grants last */
	const char *unpublished; /* "X treats applications in Y", which end after a week */
	const char *forget;      /* what a person does so that a refresh token comes again */
	bool guide;              /* the page of accounts has a guide of its own for operators */
	bool demo;               /* without credentials `make run` starts a stand-in for it */
	struct {
		const char *scope, *words; /* what the end of a scope allows, for people */
	} words[OAUTH_WORDS];
};

const struct oauth_provider *oauth_find(const char *id); /* NULL: there is none */
const struct oauth_provider *oauth_nth(size_t);          /* NULL past the last */
/* The title, for messages; "The provider" for one that is not known. */
const char *oauth_title(const char *id);
/* Has the operator set it up? */
bool oauth_ready(const struct oauth_provider *);
/* Set up with credentials of its own, and not against a stand-in. */
bool oauth_real(const struct oauth_provider *);
const char *oauth_at(struct arena *, const struct oauth_address *); /* NULL: there is none */

#endif
