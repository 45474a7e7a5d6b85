/*
 * step.h - named points at which tests kill the process or make it fail.
 *
 * Compiled to nothing unless TIDEMARK_STEPS is defined (test builds): then TIDEMARK_STEP_KILL=n
 * kills the process with SIGKILL at its n-th point, and TIDEMARK_STEP_LOG=path appends each
 * point's name.
 */
#ifndef BASE_STEP_H
#define BASE_STEP_H

#ifdef TIDEMARK_STEPS
void step(const char *name);
#else
#define step(name) ((void)0)
#endif

#endif
