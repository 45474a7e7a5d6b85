/*
 * count.c - see count.h.
 *
 * The file is mapped and each number is added to atomically. Its blocks are allocated before it
 * is used: a page that the disk has no room for would end the process.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/conf.h"
#include "fcgi/count.h"

static const int64_t limits_ms[] = { 1, 2, 5, 10, 20, 50, 100, 250, 1000, 5000 };
enum { CLASSES = 5, BUCKETS = sizeof limits_ms / sizeof *limits_ms + 1 };

struct numbers {
	_Atomic uint64_t by_class[CLASSES]; /* 1xx to 5xx */
	_Atomic uint64_t by_time[BUCKETS];  /* up to each limit, and the rest */
	_Atomic uint64_t ms;
};

static struct numbers own, *numbers = &own;

void
count_open(void)
{
	struct arena *a = arena_new("count", 64 * 1024, 0);
	int fd = open(conf_path(a, "requests.count"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *p;

	arena_free(a);
	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, sizeof *numbers) == 0) {
		p = mmap(NULL, sizeof *numbers, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (p != MAP_FAILED)
			numbers = p;
	}
	close(fd);
}

void
count_request(int status, int64_t ms)
{
	size_t class = status >= 100 && status < 600 ? (size_t)(status / 100 - 1) : CLASSES - 1;
	size_t i = 0;

	while (i < BUCKETS - 1 && ms > limits_ms[i])
		i++;
	atomic_fetch_add_explicit(&numbers->by_class[class], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&numbers->by_time[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&numbers->ms, (uint64_t)(ms > 0 ? ms : 0), memory_order_relaxed);
}

void
count_show(struct buf *b)
{
	uint64_t sum = 0;

	buf_str(b,
	    "# TYPE tidemark_http_requests counter\n# HELP tidemark_http_requests Requests "
	    "answered, by kind of status.\n");
	for (size_t i = 1; i < CLASSES; i++)
		buf_printf(b, "tidemark_http_requests_total{status=\"%zuxx\"} %llu\n", i + 1,
		    (unsigned long long)atomic_load(&numbers->by_class[i]));
	buf_str(b,
	    "# TYPE tidemark_http_request_seconds histogram\n# HELP tidemark_http_request_seconds "
	    "Time to answer.\n");
	for (size_t i = 0; i < BUCKETS; i++) {
		sum += atomic_load(&numbers->by_time[i]);
		if (i < BUCKETS - 1)
			buf_printf(b, "tidemark_http_request_seconds_bucket{le=\"%.3f\"} %llu\n",
			    (double)limits_ms[i] / 1000, (unsigned long long)sum);
		else
			buf_printf(b, "tidemark_http_request_seconds_bucket{le=\"+Inf\"} %llu\n",
			    (unsigned long long)sum);
	}
	buf_printf(b,
	    "tidemark_http_request_seconds_count %llu\ntidemark_http_request_seconds_sum %.3f\n",
	    (unsigned long long)sum, (double)atomic_load(&numbers->ms) / 1000);
}
