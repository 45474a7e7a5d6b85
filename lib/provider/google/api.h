/*
 * api.h - what the sources of Google share: the words of its refusals, and its numbers.
 */
#ifndef PROVIDER_GOOGLE_API_H
#define PROVIDER_GOOGLE_API_H

#include "base/buf.h"
#include "base/conf.h"
#include "base/pct.h"
#include "provider/provider.h"

/* Refusals become E_SOURCE_GONE, E_SOURCE_DENIED (both say with whom it must be shared), E_SCOPES,
 * E_API_OFF, E_GRANT, E_RATE_LIMITED, E_QUOTA, E_SOURCE_5XX; a 400 E_UNSUPPORTED (a file that is
 * no Google Sheet) or E_SOURCE_STATUS, with its message. Source of the rules:
 * developers.google.com, "Resolve errors" of Calendar, "Usage limits" of Sheets and Drive. */
extern const struct rest_service google_service;

/* The word of a refusal, of the member "error" of its body; "" when there is none. */
const char *google_reason(const json *error);

/* int64 values come as texts or numbers. */
bool google_i64(const json *obj, const char *key, int64_t *out);

#endif
