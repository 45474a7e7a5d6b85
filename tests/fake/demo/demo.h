/*
 * demo.h - the row of what a demonstration adds.
 */
#ifndef FAKE_DEMO_DEMO_H
#define FAKE_DEMO_DEMO_H

#include "fake/core/service.h"

struct account;

extern const struct fake_service demo_service, diary_service, address_book_service;
extern const struct fake_service board_service;
extern const struct fake_route demo_routes[]; /* edit.c */
void demo_world(struct fake *);               /* demo.c */
/* What was done on a page, said: it is asked for anew, so that it can be loaded again without doing
 * that once more. It says so once. */
void demo_done(struct call *, const char *said);
const char *demo_said(struct call *);
void demo_workspace(struct fake *); /* demo_notion.c */
/* demo_calendar.c */
void demo_calendars(struct fake *, struct account *demo, struct account *other);
/* demo_people.c */
void demo_people(struct fake *, struct account *demo);

#endif
