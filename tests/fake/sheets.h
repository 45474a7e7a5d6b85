/*
 * sheets.h - the handlers of Sheets v4, named by its route table in fake_sheets.c.
 */
#ifndef FAKE_SHEETS_H
#define FAKE_SHEETS_H

struct call;
struct file;

void put_spreadsheet(struct call *, const struct file *);
void do_batch_update(struct call *);
void do_values_get(struct call *);
void do_values_batch_get(struct call *);
void do_values_filter(struct call *);
void do_values_update(struct call *);
void do_values_append(struct call *);
void do_values_clear(struct call *);
void do_values_batch_clear(struct call *);
void do_values_batch_update(struct call *);

#endif
