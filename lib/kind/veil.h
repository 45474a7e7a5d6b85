/*
 * veil.h - which request headers of a source are secrets, and their place. A configuration is
 * shown to whoever may read; so in it stands VEIL where the value of such a header would stand,
 * and the value is with the secrets, sealed, in the object "headers".
 *
 * Every header is a secret but those of a short list: who names a key X-Whatever is not asked.
 */
#ifndef KIND_VEIL_H
#define KIND_VEIL_H

#include "base/json.h"

#define VEIL "(stored)"

/* Where a value may come from that is given as VEIL; each may be NULL. */
struct veil_from {
	const json *given, *kept; /* secrets; `kept` were stored */
};
/* Moves what is secret of config.headers to secrets.headers. True: one of `kept` goes on.
 * *missing: the name of a header with no value behind its VEIL, or none that could be sent; NULL:
 * there is none such. */
bool veil_headers(
    struct arena *, json *config, const struct veil_from *, json *secrets, const char **missing);

/* The headers of a configuration that are no secrets; NULL: none. */
const json *veil_open(struct arena *, const json *config);

#endif
