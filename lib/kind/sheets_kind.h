/*
 * sheets_kind.h - what the kind google-sheets and its reader (provider/google/sheets.c) share.
 */
#ifndef KIND_SHEETS_KIND_H
#define KIND_SHEETS_KIND_H

#include "kind/google_call.h"

/* Cells of one block that is read at once: a call for plain values, and one for what is shown. */
enum { SHEETS_CELLS = 200000 };

#define GOOGLE_SCOPE_SHEETS "https://www.googleapis.com/auth/spreadsheets.readonly"
#define GOOGLE_SCOPE_DRIVE "https://www.googleapis.com/auth/drive.metadata.readonly"

#endif
