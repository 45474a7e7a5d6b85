/*
 * step.h - named points at which tests kill the process or make it fail.
 *
 * Compiled to nothing unless TIDEMARK_STEPS is defined (test builds): then TIDEMARK_STEP_KILL=n
 * kills the process with SIGKILL at its n-th point, and TIDEMARK_STEP_LOG=path appends each
 * point's name.
 */
#ifndef BASE_STEP_H
#define BASE_STEP_H

#include <stdbool.h>

#ifdef TIDEMARK_STEPS
void step(const char *name);
/* Tests: fn is told of every point before anything else is done there; NULL: nobody. It may leave
 * by longjmp(), as a kill would: what the process held is then the test's to give back. */
void step_watch(void (*fn)(void *arg, const char *name), void *arg);
/* A point of which only fn is told, and only when it wants to know of these: there are too many for
 * kills that are counted, and most simulations let nobody else in there. */
void step_watched(const char *name);
void step_watch_more(bool more);
/* Tests: pages of n rows at most, so that few rows are many pages; 0: as usual. */
void step_pages(int n);
int step_page(int usual);
#else
#define step(name) ((void)0)
#define step_watched(name) ((void)0)
#define step_page(usual) (usual)
#endif

#endif
