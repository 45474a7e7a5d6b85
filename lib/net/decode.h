/*
 * decode.h - what Content-Encoding says, as the world writes it, and the body without it.
 *
 * Words that are no encodings (UTF-8, aws-chunked, binary) count as nothing, and so does any in
 * front of a body that is plain text: servers of files say what they were told when the file was
 * put there. Of lib/net alone.
 */
#ifndef NET_DECODE_H
#define NET_DECODE_H

#include "base/arena.h"
#include "base/inflate.h"

/* What is asked for, and what can be unpacked. */
#define DECODE_ACCEPT "gzip, deflate"

enum decode_word { DECODE_NONE, DECODE_GZIP, DECODE_DEFLATE, DECODE_FOREIGN };

/* One value of the header: the first encoding in it that is one. DECODE_FOREIGN: it cannot be
 * unpacked here (br, zstd, compress). Pure. */
enum decode_word decode_word(const char *value);

/* One body. */
struct decode {
	struct arena *a;
	enum decode_word word;
	bool begun;    /* it is known whether the body is packed */
	bool over;     /* the packed text has ended */
	bool broken;   /* it cannot be unpacked */
	char held[16]; /* its first bytes, until it is known */
	size_t n;
	struct inflate *packed; /* NULL: it is not */
	char *room;
};

/* Takes a piece of the body, and hands what it says to out, which returns how much of it it has
 * taken. False: broken, or out took less. */
typedef size_t decode_out(char *, size_t size, size_t n, void *arg);
bool decode_piece(struct decode *, struct str piece, decode_out *, void *arg);
/* The body is over. False: in the middle of what was packed, or out took less. */
bool decode_end(struct decode *, decode_out *, void *arg);

#endif
