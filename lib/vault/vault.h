/*
 * vault.h - seals secrets for storage: AES-256-GCM, a key id in the text, and associated data
 * that ties the text to its row.
 *
 * Sealed text: "v1.<key id>.<nonce>.<ciphertext+tag>", base64url. The key file holds one key a
 * line, "<id> <64 hex digits>", newest first; mode 0600. The first line seals, every line opens.
 * It is read afresh for each use, so a changed file counts at once. It is ENCRYPTION_KEY_FILE,
 * or systemd's credential tidemark.key, or master.key in the state directory.
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include "base/err.h"

struct vault;

/* Reads the key file that the configuration names; makes it (0600, fsynced, never overwritten)
 * when it is missing and `create`. E_SECRET with the reason when it cannot be used. The vault is
 * the arena's, which should be an ARENA_WIPE one. */
MUST enum rc vault_open(struct ctx *, bool create, struct vault **out);
/* aad: what the text belongs to, e.g. "credential|<connection id>|config". */
MUST enum rc
vault_seal(struct ctx *, const struct vault *, const char *aad, struct str plain, char **out);
/* E_SECRET when no key fits, the text was moved to another row, or it was changed. */
MUST enum rc vault_unseal(
    struct ctx *, const struct vault *, const char *aad, const char *sealed, struct str *out);

/* For a change of keys. Several writers must not do so at once. */
size_t vault_keys(const struct vault *);
const char *vault_key_name(const struct vault *, size_t);
/* the id in a sealed text; empty when it is none */
struct str vault_sealed_with(const char *sealed);
/* Puts another file in place of the present one, at once and for good: a new key in front when
 * `fresh`, of the others those with keep[i] (NULL: all). E_STATE when the file may not be
 * written, as systemd's may not. */
MUST enum rc vault_replace(struct ctx *, const struct vault *, bool fresh, const bool *keep);

#endif
