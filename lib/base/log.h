/*
 * log.h - one JSON object per line on standard error, prefixed with the syslog level (<6>), as
 * journald reads it.
 *
 * Never a secret, a body or a query string. Log once, where a request or run is settled.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_LEVEL_ERR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* What is less urgent than this is not written; the configuration says it (conf.h). */
void log_level(enum log_level);
/* Sets the program name that every line carries; a literal. */
void log_init(const char *program);
/* A pair that every later line of this process carries ("sync" -> id, "req" -> id); NULL value
 * removes it. */
void log_context(const char *key, const char *value);
/* event: a stable dotted word ("sync.settled"). Then name, value pairs ended by NULL: a name
 * "s:x" takes const char *, "i:x" int64_t, "d:x" double. log_event(LOG_LEVEL_INFO,
 * "sync.settled", "s:code", code, "i:rows", n, NULL) */
void log_event(enum log_level, const char *event, ...) __attribute__((sentinel));

#endif
