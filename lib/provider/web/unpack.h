/*
 * unpack.h - files that are packed where they lie: data.csv.gz, and a ZIP archive with one file.
 *
 * A packed page becomes one whose bytes are those of the file in it; checksums are checked, and no
 * more comes out than TIDEMARK_MAX_SOURCE_MB. Memory does not grow with the page. For the providers
 * of this directory.
 */
#ifndef PROVIDER_WEB_UNPACK_H
#define PROVIDER_WEB_UNPACK_H

#include "provider/provider.h"

/* *out: the page to read instead, which may be the given one. E_ARCHIVE: it is packed, and cannot
 * be read. */
MUST enum rc unpack_open(struct ctx *, struct page_in *, struct page_in **out);

#endif
