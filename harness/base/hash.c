#include "base/hash.h"

#include <fcntl.h>
#include <nettle/sha2.h>

static char *hex_digest(struct sha256_ctx *ctx)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[SHA256_DIGEST_SIZE];
	char *hex = xcalloc(HASH_HEX_LEN + 1, 1);

	sha256_digest(ctx, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	return hex;
}

char *hash_bytes(const void *data, size_t len)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	return hex_digest(&ctx);
}

char *hash_file(const char *path, struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct sha256_ctx ctx;
	uint8_t chunk[65536];
	ssize_t n = -1;

	sha256_init(&ctx);
	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		sha256_update(&ctx, (size_t)n, chunk);
	if (n < 0) {
		err_errno(err, ERR_HOST, "cannot read %s", path);
		return NULL;
	}
	return hex_digest(&ctx);
}
