#include "base/hash.h"

#include <fcntl.h>
#include <nettle/base64.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha2.h>

static const struct nettle_hash *find(const char *algorithm)
{
	static const struct nettle_hash *const known[] = { &nettle_sha256, &nettle_sha384, &nettle_sha512 };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (str_eq(known[i]->name, algorithm))
			return known[i];
	return NULL;
}

char *hash_bytes_base64(const void *data, size_t len)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	char *text = xcalloc(BASE64_ENCODE_RAW_LENGTH(sizeof(digest)) + 1, 1);
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, len, data);
	sha256_digest(&context, sizeof(digest), digest);
	base64_encode_raw(text, sizeof(digest), digest);
	return text;
}

static char *hex_digest(const struct nettle_hash *hash, void *context)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[SHA512_DIGEST_SIZE];
	char *hex = xcalloc(2 * hash->digest_size + 1, 1);

	hash->digest(context, hash->digest_size, digest);
	for (size_t i = 0; i < hash->digest_size; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	return hex;
}

char *hash_bytes(const void *data, size_t len)
{
	AUTO_FREE void *context = xcalloc(1, nettle_sha256.context_size);

	nettle_sha256.init(context);
	nettle_sha256.update(context, len, data);
	return hex_digest(&nettle_sha256, context);
}

static char *digest_file(const struct nettle_hash *hash, const char *path, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO_FREE void *context = xcalloc(1, hash->context_size);
	uint8_t chunk[65536];
	ssize_t n = -1;

	hash->init(context);
	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		hash->update(context, (size_t)n, chunk);
	if (n < 0) {
		err_errno(err, ERR_HOST, "cannot read %s", path);
		return NULL;
	}
	return hex_digest(hash, context);
}

char *hash_file(const char *path, struct err *err)
{
	return digest_file(&nettle_sha256, path, err);
}

size_t hash_hex_len(const char *algorithm)
{
	const struct nettle_hash *hash = find(algorithm);

	return hash ? (size_t)2 * hash->digest_size : 0;
}

char *hash_file_by(const char *algorithm, const char *path, struct err *err)
{
	const struct nettle_hash *hash = find(algorithm);

	if (!hash) {
		err_set(err, ERR_HOST, "%s: checksums by '%s' are not known", path, algorithm);
		return NULL;
	}
	return digest_file(hash, path, err);
}
