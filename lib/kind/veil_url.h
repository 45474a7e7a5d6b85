/*
 * veil_url.h - which parts of an address are secrets: values of the query and segments of the path
 * that somebody else could read with. Where an address is stored or shown, VEIL (kind/veil.h)
 * stands for them; they themselves are with the secrets, sealed, in the object "urls": for each
 * address a reference that has them alone, "/private-0a1b2c?api_key=d3e4f5".
 *
 * Secret is a value whose name says so (api_key, token, sig), or that looks drawn by lot; a
 * segment of the path that does, that begins with "private-" and the like, or stands behind a word
 * such as "token". What is taken for a secret and is none costs a person nothing but the sight of
 * it. Google's sheets are named by such segments and are shown. Pure.
 */
#ifndef KIND_VEIL_URL_H
#define KIND_VEIL_URL_H

#include "base/json.h"

/* The address, absolute or not, with VEIL in place of what is secret; itself when nothing is. */
const char *veil_url(struct arena *, const char *url);
/* Has it a VEIL, as it is or percent-encoded? */
bool veil_url_veiled(const char *url);
/* What is secret in it, and not hidden behind a VEIL itself, as such a reference; NULL: nothing. */
const char *veil_url_parts(struct arena *, const char *url);
/* With those parts (NULL: none) in place of each VEIL: values of the query by their names, segments
 * of the path in their order. NULL: one is not there, and *missing names it for people. */
const char *veil_url_fill(struct arena *, const char *url, const char *parts, const char **missing);
/* With VEIL in place of these parts alone; veil_url_fill() brings it back. */
const char *veil_url_like(struct arena *, const char *url, const char *parts);
/* A name for what the address brings: the last segment of its path, or its host; never anything
 * that is secret. "": it has neither. */
const char *veil_url_name(struct arena *, const char *url);

#endif
