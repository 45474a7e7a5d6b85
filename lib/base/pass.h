/*
 * pass.h - bytes, and open descriptors, from one process to another, over a socket between them.
 */
#ifndef BASE_PASS_H
#define BASE_PASS_H

#include <stdbool.h>
#include <stddef.h>

/* All n of them, out or in; false: nobody is there any more. */
bool pass_bytes(int socket, char *, size_t n, bool out);

/* One byte, and a descriptor with it. fd: stays open here too; -1: the byte goes alone. */
bool pass_give(int to, char byte, int fd);
/* Waits for the byte and returns it, or -1: nobody is there any more. *fd: what came with it, to be
 * closed; -1: nothing. */
int pass_take(int from, int *fd);

#endif
