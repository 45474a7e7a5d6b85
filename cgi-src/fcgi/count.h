/*
 * count.h - how many requests were answered, by all processes together. For /metrics.
 */
#ifndef FCGI_COUNT_H
#define FCGI_COUNT_H

#include "base/buf.h"

/* Shares the numbers with the other processes through a small file in the state directory;
 * without it each process counts for itself. */
void count_open(void);
void count_request(int status, int64_t ms);
/* Appends the numbers as OpenMetrics families. */
void count_show(struct buf *);

#endif
