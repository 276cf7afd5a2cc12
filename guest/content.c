#include "content.h"

/* The finalizer of splitmix64 (Steele, Lea, Flood, OOPSLA 2014). */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
	x = (x ^ x >> 27) * 0x94d049bb133111ebU;
	return x ^ x >> 31;
}

static uint64_t word_at(uint64_t key, uint64_t offset)
{
	return mix(key + offset / sizeof(uint64_t) * 0x9e3779b97f4a7c15U);
}

uint64_t content_key(uint64_t seed, uint64_t iteration, uint64_t file)
{
	return mix(mix(mix(seed) + iteration) + file);
}

void content_fill(void *buf, size_t len, uint64_t key, uint64_t offset)
{
	for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
		uint64_t word = word_at(key, offset + i);

		memcpy((char *)buf + i, &word, len - i < sizeof(word) ? len - i : sizeof(word));
	}
}

uint64_t content_hash(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t hash = 0xcbf29ce484222325U;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3U;
	return hash;
}

size_t content_difference(const void *a, const void *b, size_t len)
{
	const char *p = a, *q = b;
	size_t i = memcmp(a, b, len) == 0 ? len : 0;

	while (i < len && p[i] == q[i])
		i++;
	return i;
}

const char *content_like(const void *data, size_t len, uint64_t old_key, uint64_t offset)
{
	const char *p = data;
	bool zeros = true, stale = true;

	for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
		uint64_t old = word_at(old_key, offset + i), none = 0;
		size_t n = len - i < sizeof(old) ? len - i : sizeof(old);

		zeros = zeros && memcmp(p + i, &none, n) == 0;
		stale = stale && memcmp(p + i, &old, n) == 0;
	}
	if (zeros)
		return "zeros";
	return stale ? "stale" : "other";
}
