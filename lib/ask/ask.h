/*
 * ask.h - what a FastCGI worker may not do itself, asked of a short-lived `tidemark-worker`
 * process: everything that reaches a source. So web workers never load curl and
 * never open a network connection.
 *
 * JSON goes in on standard input and comes back on standard output, as {"ok": answer} or
 * {"error": {"code", "detail", "waitMs"}}; the process is killed after 10 s. Questions about a
 * saved connection carry "connectionId" and "owner"; sources that are signed in to "accountId"
 * and "owner".
 */
#ifndef ASK_ASK_H
#define ASK_ASK_H

#include "base/json.h"

/* verb: "test" {provider, config, secret, search?} -> {ok, message, choices{columns, suggested{},
 * tabs?, namedRanges?, people?, search?{word, found, more, message}}}; "sources" {provider, owner,
 * accountId} -> {data: [{id, title, link, changedAt}]}: what the account holds that could be read;
 * "connect" {owner, provider, code, verifier, redirectUri, accountId?}, "service-account" {owner,
 * provider, key} -> {accountId, address, other, made}: stored there; "disconnect" {owner,
 * accountId} -> {revoked}; "oauth-check" {provider} -> {ok, detail, advice}: does it take the
 * client id and secret? "preview" {provider, config, secret, connectionId?, list{side?, action?,
 * from, limit}} -> {columns, rows, plan{added, updated, deleted, unchanged, skipped}, changes,
 * total, nextCursor, counts, review, warnings, complete} (engine.h). One with an owner takes a
 * place of the owner's (place.h). A failure inside comes back as that error in cx->err; no answer
 * in time: E_SILENT. */
MUST enum rc ask_worker(struct ctx *, const char *verb, const json *question, json **answer);

/* Starts `tidemark-tick --once`, detached, at once. A hint: failing is harmless, the tick comes
 * within a minute anyway. */
void wake_tick(void);

#endif
