/*
 * retry.h - what an HTTP status or a transfer failure means. Pure tables.
 */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include "base/err.h"

enum error_kind retry_status_kind(int http_status); /* E_NONE for 2xx and 304 */
enum error_kind retry_curl_kind(int curl_code);
/* Retry-After: seconds or an HTTP date against now; clamped to [1 s, 1 h]; 0 when absent or
 * unreadable. */
int64_t retry_after_ms(const char *value, int64_t now_ms);

#endif
