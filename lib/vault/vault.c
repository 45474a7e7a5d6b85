/*
 * vault.c - sealing by OpenSSL's AES-256-GCM, and the key file.
 *
 * A nonce is 96 random bits, new for each text; the operator's new key comes long before 2^32
 * texts. The version, the key id and the caller's words are all authenticated, so a text opens
 * only with its own key at its own place. Keys are wiped when the arena goes, whatever its
 * flags; copies on the stack at once.
 */
#include "vault/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/step.h"

enum {
	KEY_LEN = 32,
	NONCE_LEN = 12,
	TAG_LEN = 16,
	ID_MAX = 32,
	KEYS_MAX = 64,
	FILE_MAX = 16384,
	LINE_MAX_BYTES = 128,
	PLAIN_MAX = 1 << 20
};

struct key {
	char id[ID_MAX + 1];
	unsigned char bytes[KEY_LEN];
};

struct vault {
	size_t n;
	struct key key[KEYS_MAX];
};

static void
vault_wipe(void *p)
{
	explicit_bzero(p, sizeof(struct vault));
	(void)munlock(p, sizeof(struct vault));
}

/* --- the key file --- */

static bool
hex_key(struct str s, unsigned char out[KEY_LEN])
{
	if (s.n != 2 * (size_t)KEY_LEN)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		const bool letter = c >= 'a' && c <= 'f';

		if (!letter && (c < '0' || c > '9'))
			return false;
		out[i / 2] = (unsigned char)(out[i / 2] << 4 | (letter ? c - 'a' + 10 : c - '0'));
	}
	return true;
}

static bool
id_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= ID_MAX;
}

static const struct key *
find_key(const struct vault *v, struct str id)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_is(id, v->key[i].id))
			return &v->key[i];
	return NULL;
}

static enum rc
parse_keys(struct ctx *cx, struct vault *v, struct str text)
{
	struct str line, id, hex;
	int no = 0;

	while (text.n > 0) {
		line = str_cut(text, '\n', &text);
		id = str_cut(line, ' ', &hex);
		no++;
		if (v->n == KEYS_MAX)
			return fail(
			    cx, E_SECRET, "The key file holds more than %d keys.", KEYS_MAX);
		if (!id_ok(id) || !hex.p || !hex_key(hex, v->key[v->n].bytes))
			return fail(cx, E_SECRET,
			    "Line %d of the key file is not of the form: id, one space, 64 "
			    "hexadecimal digits in lower case.",
			    no);
		if (find_key(v, id))
			return fail(cx, E_SECRET, "Line %d of the key file repeats an id.", no);
		memcpy(v->key[v->n].id, id.p, id.n);
		v->n++;
	}
	if (v->n == 0)
		return fail(cx, E_SECRET, "The key file is empty.");
	return RC_OK;
}

/* The key file, and what was read of it. */
struct key_file {
	const char *path;
	/* By systemd: nobody writes it, and its way to let the user of a service read it looks
	 * like a right of the group. */
	bool given;
	bool missing;
	size_t n;
	char text[FILE_MAX];
};

static void
key_file_find(struct arena *a, struct key_file *f)
{
	const char *path = arena_printf(a, "%s/tidemark.key", conf_str(CONF_CREDENTIALS));

	f->given = !conf_set(CONF_KEY_FILE) && conf_set(CONF_CREDENTIALS) &&
	    access(path, F_OK) == 0;
	if (f->given)
		f->path = path;
	else if (conf_set(CONF_KEY_FILE))
		f->path = conf_str(CONF_KEY_FILE);
	else
		f->path = conf_path(a, "master.key");
}

static bool
key_file_is_safe(const struct key_file *f, int fd)
{
	const mode_t others = f->given ? 037 : 077;
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & others) == 0 &&
	    (st.st_uid == geteuid() || st.st_uid == 0);
}

/* RC_OK and missing when there is no file. */
static enum rc
key_file_read(struct ctx *cx, struct key_file *f)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t got = 0;

	f->n = 0;
	f->missing = fd < 0 && errno == ENOENT;
	if (f->missing)
		return RC_OK;
	if (fd < 0)
		return fail(cx, E_SECRET, "The key file cannot be opened by this process.");
	if (!key_file_is_safe(f, fd)) {
		close(fd);
		return fail(cx, E_SECRET,
		    "The key file must be an ordinary file that only its owner, the user of "
		    "Tidemark, can read (mode 0600).");
	}
	while (f->n < sizeof f->text && (got = read(fd, f->text + f->n, sizeof f->text - f->n)) > 0)
		f->n += (size_t)got;
	close(fd);
	if (got < 0)
		return fail(cx, E_SECRET, "The key file cannot be read.");
	if (f->n == sizeof f->text)
		return fail(cx, E_SECRET, "The key file is too large.");
	return RC_OK;
}

static void
add_line(struct buf *b, const struct key *k)
{
	char hex[2 * KEY_LEN + 1];

	hex_encode(k->bytes, KEY_LEN, hex);
	buf_printf(b, "%s %s\n", k->id, hex);
	explicit_bzero(hex, sizeof hex);
}

static void
new_key(struct key *k)
{
	unsigned char tail[4];

	rand_bytes(k->bytes, sizeof k->bytes);
	rand_bytes(tail, sizeof tail);
	hex_encode(tail, sizeof tail, k->id);
}

static const char *
dir_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return arena_dup_str(a, (struct str){ path, slash == path ? 1 : (size_t)(slash - path) });
}

/* A file appears under its name only when it is whole and on the disk. replace: otherwise one
 * that is there already is left alone. */
static bool
put_file(struct arena *a, const char *path, const char *draft, struct str text, bool replace)
{
	int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), dir;
	bool ok = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;

	if (fd >= 0 && close(fd) != 0)
		ok = false;
	step("key.drafted");
	if (replace)
		ok = ok && rename(draft, path) == 0;
	else
		ok = ok && (link(draft, path) == 0 || errno == EEXIST);
	if (fd >= 0 && (!ok || !replace))
		unlink(draft);
	if (ok && (dir = open(dir_of(a, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0) {
		ok = fsync(dir) == 0;
		close(dir);
	}
	return ok;
}

static enum rc
make_file(struct ctx *cx, const char *path)
{
	char room[LINE_MAX_BYTES];
	struct buf line = { .p = room, .cap = sizeof room, .max = sizeof room - 1 };
	struct key k = { 0 };
	bool ok;

	if (mkdir(dir_of(cx->a, path), 0700) != 0 && errno != EEXIST)
		return fail(cx, E_SECRET, "The directory of the key file cannot be made.");
	new_key(&k);
	add_line(&line, &k);
	ok = put_file(cx->a, path, arena_printf(cx->a, "%s.%s", path, k.id), buf_s(&line), false);
	if (ok)
		log_event(LOG_LEVEL_INFO, "vault.key_made", "s:key", k.id, NULL);
	explicit_bzero(&k, sizeof k);
	explicit_bzero(room, sizeof room);
	return ok ? RC_OK : fail(cx, E_SECRET, "The key file cannot be written.");
}

enum rc
vault_open(struct ctx *cx, bool create, struct vault **out)
{
	struct vault *v = arena_alloc(cx->a, sizeof *v);
	struct key_file file;
	enum rc rc;

	*out = NULL;
	/* Not to swap; where that is not allowed, it is only less good. */
	(void)mlock(v, sizeof *v);
	arena_defer(cx->a, vault_wipe, v);
	key_file_find(cx->a, &file);
	rc = key_file_read(cx, &file);
	if (rc == RC_OK && file.missing && create) {
		rc = make_file(cx, file.path);
		if (rc == RC_OK)
			rc = key_file_read(cx, &file);
	}
	if (rc == RC_OK && file.missing)
		rc = fail(cx, E_SECRET, "The key file is missing.");
	if (rc == RC_OK)
		rc = parse_keys(cx, v, (struct str){ file.text, file.n });
	explicit_bzero(file.text, sizeof file.text);
	if (rc == RC_OK)
		*out = v;
	return rc;
}

enum rc
vault_replace(struct ctx *cx, const struct vault *v, bool fresh, const bool *keep)
{
	char room[FILE_MAX];
	struct buf text = { .p = room, .cap = sizeof room, .max = sizeof room - 1 };
	struct key_file file;
	struct key k = { 0 };
	const char *draft;
	bool ok;

	if (fresh && v->n == KEYS_MAX)
		return fail(cx, E_STATE, "The key file is full.");
	do
		new_key(&k);
	while (find_key(v, str_c(k.id)));
	if (fresh)
		add_line(&text, &k);
	for (size_t i = 0; i < v->n; i++)
		if (!keep || keep[i])
			add_line(&text, &v->key[i]);
	key_file_find(cx->a, &file);
	draft = arena_printf(cx->a, "%s.new", file.path);
	/* Of a rotation that was killed. */
	if (!file.given)
		unlink(draft);
	ok = !file.given && !text.over && put_file(cx->a, file.path, draft, buf_s(&text), true);
	explicit_bzero(&k, sizeof k);
	explicit_bzero(room, sizeof room);
	return ok ? RC_OK : fail(cx, E_STATE, "The key file cannot be written by Tidemark.");
}

size_t
vault_keys(const struct vault *v)
{
	return v->n;
}

const char *
vault_key_name(const struct vault *v, size_t i)
{
	return v->key[i].id;
}

struct str
vault_sealed_with(const char *sealed)
{
	struct str rest = str_c(sealed), id;

	(void)str_cut(rest, '.', &rest);
	id = str_cut(rest, '.', &rest);
	return id.p ? id : str_c("");
}

/* --- sealing --- */

static const EVP_CIPHER *
vault_cipher(void)
{
	static EVP_CIPHER *c;

	if (!c)
		c = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	return c;
}

static struct str
vault_bound(struct arena *a, const char *key_id, const char *aad)
{
	return str_c(arena_printf(a, "v1|%s|%s", key_id, aad));
}

/* ct: room for plain.n + TAG_LEN. */
static bool
vault_encrypt(const struct key *k, const unsigned char *nonce, struct str aad, struct str plain,
    unsigned char *ct)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n = 0, end = 0;
	bool ok;

	ok = c && vault_cipher() &&
	    EVP_EncryptInit_ex2(c, vault_cipher(), k->bytes, nonce, NULL) == 1 &&
	    EVP_EncryptUpdate(c, NULL, &n, (const unsigned char *)aad.p, (int)aad.n) == 1 &&
	    EVP_EncryptUpdate(c, ct, &n, (const unsigned char *)plain.p, (int)plain.n) == 1 &&
	    EVP_EncryptFinal_ex(c, ct + n, &end) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, ct + plain.n) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}

static bool
vault_decrypt(
    const struct key *k, struct str nonce, struct str aad, struct str ct, unsigned char *plain)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n = 0, end = 0;
	size_t len = ct.n - TAG_LEN;
	unsigned char tag[TAG_LEN];
	bool ok;

	memcpy(tag, ct.p + len, TAG_LEN);
	ok = c && vault_cipher() &&
	    EVP_DecryptInit_ex2(
		c, vault_cipher(), k->bytes, (const unsigned char *)nonce.p, NULL) == 1 &&
	    EVP_DecryptUpdate(c, NULL, &n, (const unsigned char *)aad.p, (int)aad.n) == 1 &&
	    EVP_DecryptUpdate(c, plain, &n, (const unsigned char *)ct.p, (int)len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1 &&
	    EVP_DecryptFinal_ex(c, plain + n, &end) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}

enum rc
vault_seal(struct ctx *cx, const struct vault *v, const char *aad, struct str plain, char **out)
{
	const struct key *k = &v->key[0];
	unsigned char nonce[NONCE_LEN], *ct;

	if (plain.n > PLAIN_MAX)
		return fail(cx, E_SECRET, "The credentials are too long to be stored.");
	ct = arena_alloc(cx->a, plain.n + TAG_LEN);
	rand_bytes(nonce, sizeof nonce);
	if (!vault_encrypt(k, nonce, vault_bound(cx->a, k->id, aad), plain, ct))
		return fail(cx, E_BUG, "A secret could not be sealed.");
	*out = arena_printf(cx->a, "v1.%s.%s.%s", k->id,
	    base64url_encode(cx->a, (struct str){ (char *)nonce, sizeof nonce }),
	    base64url_encode(cx->a, (struct str){ (char *)ct, plain.n + TAG_LEN }));
	return RC_OK;
}

enum rc
vault_unseal(
    struct ctx *cx, const struct vault *v, const char *aad, const char *sealed, struct str *out)
{
	struct str rest = str_c(sealed), version, id, nonce, ct;
	const struct key *k;
	unsigned char *plain;

	version = str_cut(rest, '.', &rest);
	id = str_cut(rest, '.', &rest);
	nonce = str_cut(rest, '.', &rest);
	if (!str_is(version, "v1") || !rest.p || !base64url_decode(cx->a, nonce, &nonce) ||
	    nonce.n != NONCE_LEN || !base64url_decode(cx->a, rest, &ct) || ct.n < TAG_LEN ||
	    ct.n > (size_t)PLAIN_MAX + TAG_LEN)
		return fail(cx, E_SECRET, "The stored credentials are damaged.");
	k = find_key(v, id);
	if (!k)
		return fail(cx, E_SECRET,
		    "The key that the stored credentials need is not in the key file.");
	plain = arena_alloc(cx->a, ct.n - TAG_LEN + 1);
	if (!vault_decrypt(k, nonce, vault_bound(cx->a, k->id, aad), ct, plain)) {
		/* What came out before the tag was checked must not be used. */
		explicit_bzero(plain, ct.n - TAG_LEN);
		return fail(
		    cx, E_SECRET, "The stored credentials do not fit the key or their place.");
	}
	*out = (struct str){ (char *)plain, ct.n - TAG_LEN };
	return RC_OK;
}
