/*
 * task.h - a run that does something else than read its source.
 */
#ifndef SYNC_TASK_H
#define SYNC_TASK_H

#include "queue/queue.h"

/* As engine_run(), for a job whose run has a task. */
MUST enum rc task_run(struct ctx *, struct db *, struct job *);

#endif
