/*
 * sheets_link.h - Google Sheets links that people copy, turned into the address of their CSV
 * export. Pure.
 */
#ifndef KIND_SHEETS_LINK_H
#define KIND_SHEETS_LINK_H

#include "base/arena.h"

/* What other kinds say of them: "..., or the link of". */
#define SHEETS_LINK_WORDS "the link of a shared or published Google Sheet"
#define SHEETS_LINK_BLURB "a Google Sheet that is shared or published by link"

/* The CSV address of a shared or published sheet; NULL when the address is not a Google Sheets
 * link. The tab (gid) that was open in the browser is kept, as are range and resourcekey. */
char *sheets_link_csv(struct arena *, const char *url);
/* The id of the spreadsheet in a link, or the id itself; NULL when it is neither. */
char *sheets_link_id(struct arena *, const char *text);

#endif
