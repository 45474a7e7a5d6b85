/*
 * text.h - the bytes of a spooled page as UTF-8 text, whatever encoding they came in, in pieces.
 * A file that is packed is unpacked first (unpack.h).
 *
 * Encoding, when not named: a byte order mark; else UTF-8 when the whole page is well-formed (one
 * pass ahead, so that the last line counts as much as the first); else the charset of the content
 * type; else what its letters look like (charset.h). Memory does not grow with the page. For the
 * providers of this directory.
 */
#ifndef PROVIDER_WEB_TEXT_H
#define PROVIDER_WEB_TEXT_H

#include "provider/provider.h"

struct text;

/* Zero bytes, when they are few, become U+FFFD and are told (zero_bytes). known: what the
 * encoding was found to be at an earlier read, or NULL: bytes that do not fit it are told, and
 * never make the rest of the text be read in another way. Where nothing fits any more it is
 * E_SHAPE. What was found now is told (sink.found "encoding"). encoding: one of the choices of
 * the field (kind/csv_kind.c); NULL where there is no such field. Files that are no text at all
 * (PDF, databases, many zero bytes) are E_ENCODING, as is text that does not fit a named
 * encoding. Tells the sink what was guessed, what has
 * to be asked about, and what is damaged, with its line (encoding_guessed, encoding_unsure,
 * encoding_damaged). */
MUST enum rc text_open(struct ctx *, struct page_in *, const char *encoding, const char *known,
    struct sink *, struct text **out);
/* The next piece, without byte order mark; n 0 at the end. It may end inside a character; the
 * next one goes on. Valid until the next call. */
MUST enum rc text_next(struct ctx *, struct text *, struct str *out);

#endif
