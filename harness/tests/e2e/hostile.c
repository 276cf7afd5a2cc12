#include "hostile.h"

#include "base/fs.h"

#define LARGE (1 << 20)

static const char *folder;

/* How many a folder has now, with the next one. */
static unsigned next_number(const char *reader)
{
	static struct {
		char name[32];
		unsigned n;
	} counts[48];

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		if (counts[i].n && !str_eq(counts[i].name, reader))
			continue;
		snprintf(counts[i].name, sizeof(counts[i].name), "%s", reader);
		return ++counts[i].n;
	}
	abort();
}

void hostile_put(const char *reader, const char *name, const void *data, size_t len)
{
	AUTO_FREE char *dir = path_join(folder, reader), *path = NULL;
	AUTO(err) err = ERR_INIT;
	AUTO_FCLOSE FILE *file = NULL;

	path = xasprintf("%s/%03u-%s", dir, next_number(reader), name);
	if (fs_mkdirs(dir, &err) == 0)
		file = fopen(path, "we");
	if (file && fwrite(data, 1, len, file) == len)
		return;
	fprintf(stderr, "hostile: cannot write %s\n", path);
	exit(1);
}

/* The seed with `what` in place of the n bytes at `at`. */
static void put_with(const char *reader, const char *name, const char *seed, size_t at, size_t n,
		     const void *what, size_t len)
{
	AUTO(buf) text = BUF_INIT;

	buf_add(&text, seed, at);
	buf_add(&text, what, len);
	buf_adds(&text, seed + at + n);
	hostile_put(reader, name, text.s, text.len);
}

/* Every number becomes a larger one than anybody counts to. */
static void put_numbers(const char *reader, const char *name, const char *seed, const char *number)
{
	AUTO(buf) text = BUF_INIT;

	while (*seed) {
		size_t n = strspn(seed, "0123456789");

		buf_adds(&text, n ? number : "");
		seed += n;
		if (*seed)
			buf_addc(&text, *seed++);
	}
	hostile_put(reader, name, text.s, text.len);
}

static void put_lines(const char *reader, const char *name, const char *seed, const char *end, bool backwards)
{
	AUTO_FREE char *copy = xstrdup(seed);
	AUTO(strv) lines = STRV_INIT;
	AUTO(buf) text = BUF_INIT;
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		strv_add(&lines, line);
	for (size_t i = 0; i < lines.n; i++)
		buf_addf(&text, "%s%s", lines.v[backwards ? lines.n - 1 - i : i], end);
	hostile_put(reader, name, text.s, text.len);
}

/* xorshift: the same bytes each time. */
static void put_noise(const char *reader)
{
	unsigned char bytes[4096];
	uint64_t x = 88172645463325252ULL;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		bytes[i] = (unsigned char)x;
	}
	hostile_put(reader, "noise", bytes, sizeof(bytes));
}

void hostile_texts(const char *reader, const char *seed)
{
	AUTO_FREE char *large = xcalloc(1, LARGE);
	AUTO_FREE char *twice = xasprintf("%s%s", seed, seed);
	size_t len = strlen(seed);

	memset(large, 'A', LARGE);
	hostile_put(reader, "valid", seed, len);
	hostile_put(reader, "empty", "", 0);
	hostile_put(reader, "newlines", "\n\n\n\n", 4);
	hostile_put(reader, "half", seed, len / 2);
	hostile_put(reader, "all-but-one", seed, len - 1);
	hostile_put(reader, "twice", twice, 2 * len);
	hostile_put(reader, "a-large-word", large, LARGE);
	put_with(reader, "large-inside", seed, len / 2, 0, large, LARGE);
	put_with(reader, "nul", seed, len / 2, 1, "\0", 1);
	put_with(reader, "nul-first", seed, 0, 0, "\0", 1);
	put_with(reader, "no-utf8", seed, len / 2, 1, "\xff\xfe\xc0\x80\xed\xa0\x80", 7);
	put_with(reader, "escapes", seed, len / 2, 0, "\x1b]0;owned\a\x1b[2J\r\n", 16);
	put_with(reader, "percent", seed, len / 2, 0, "%s%n%999999d", 12);
	put_numbers(reader, "numbers", seed, "99999999999999999999999999");
	put_numbers(reader, "negative", seed, "-1");
	put_lines(reader, "crlf", seed, "\r\n", false);
	put_lines(reader, "backwards", seed, "\n", true);
	put_noise(reader);
}

static void put_nested(const char *reader, const char *name, const char *open, size_t n)
{
	AUTO(buf) text = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_adds(&text, open);
	hostile_put(reader, name, text.s, text.len);
}

/* The first key twice: the last one wins in some readers. */
static void put_twice(const char *reader, const char *seed)
{
	const char *key = strchr(seed, '"'), *end = strchr(key + 1, '"') + 1;
	AUTO_FREE char *again = xasprintf("%.*s: null, ", (int)(end - key), key);

	put_with(reader, "a-key-twice", seed, (size_t)(key - seed), 0, again, strlen(again));
}

void hostile_json(const char *reader, const char *seed)
{
	static const char *const bad[] = { "null",
					   "[]",
					   "{}",
					   "\"text\"",
					   "1e999",
					   "{\"a\":1}{\"b\":2}",
					   "{\"name\":\"\\ud800\"}",
					   "{\"name\":\"\\u0000\"}",
					   "{\"name\": {}}",
					   "{\"name\": \"../../evil\"}",
					   "{\"name\": \"\\u001b[2J\"}" };

	hostile_texts(reader, seed);
	put_nested(reader, "deep-arrays", "[", 100000);
	put_nested(reader, "deep-objects", "{\"a\":", 100000);
	put_twice(reader, seed);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		hostile_put(reader, "shape", bad[i], strlen(bad[i]));
}

void hostile_bytes(const char *reader, const char *name, const struct buf *seed)
{
	for (size_t i = 1; i < 8; i++) {
		AUTO_FREE char *cut = xasprintf("%s-cut-%zu", name, i);

		hostile_put(reader, cut, seed->s, seed->len * i / 8);
	}
	for (size_t i = 0; i < 8; i++) {
		AUTO_FREE char *flipped = xasprintf("%s-flipped-%zu", name, i);
		AUTO(buf) bytes = BUF_INIT;

		buf_add(&bytes, seed->s, seed->len);
		bytes.s[(seed->len - 1) * i / 8] ^= (char)0xff;
		hostile_put(reader, flipped, bytes.s, bytes.len);
	}
}

/* --- texts of each kind -------------------------------------------------------------------------------- */

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define N    "@NONCE@"
#define BOOT                                                                                                  \
	"KTAP version 1\n# qbisect 2 " N "\n# phase init 100\n# fact release 1.0.0\n# fact arch ppc64le\n"    \
	"# fact pagesize 65536\n# fact cpus 4\n# fact memory 1000000\n# fact aio libaio\n# phase mount 200\n" \
	"# fact fstype btrfs\n# fact mountoptions rw\n# fact sectorsize 4096\n# phase scenario 300\n"
#define RUN                                                                                                  \
	"# scenario " N " 1 AD033\n# fact nocow 1\n1..2\n# start " N                                         \
	"\nok 1 aiocp # ms=5\nok 2 aiocp # ms=5\n# end " N " iterations=2 failed=0\n"
#define OFF "# phase umount 400\n# poweroff " N "\n"

/* A pattern that unfolds to more than there is memory for. */
static void put_patterns(const char *reader, const char *format)
{
	static const char *const patterns[] = {
		"((((((((((((((((((((((((x+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)",
		"x{32767}{32767}{32767}", "((x{255}){255}){255}",
		"(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((("
	};

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		AUTO(buf) text = BUF_INIT;
		const char *at = strstr(format, "PATTERN");

		buf_add(&text, format, (size_t)(at - format));
		buf_adds(&text, patterns[i]);
		buf_adds(&text, at + strlen("PATTERN"));
		hostile_put(reader, "a-large-pattern", text.s, text.len);
	}
}

static void put_questions(void)
{
	hostile_json(
	    "matrix",
	    "{ \"name\": \"night\", \"candidates\": [\"k1\", {\"name\": \"n\", \"id\": \"k2\"}], "
	    "\"scenarios\": [\"AD033\"],\n \"set\": { \"iterations\": 2, \"smp\": 1 }, \"slots\": 1, "
	    "\"exclude\": [{\"candidates\": [\"n\"], \"why\": \"x\"}] }\n");
	put_patterns("matrix",
		     "{ \"candidates\": [\"k1\"], \"scenarios\": [\"AD033\"], \"set\": { \"iterations\": 2, "
		     "\"judge\": \"regex\", \"pattern\": \"PATTERN\" } }\n");
	hostile_json(
	    "factors",
	    "{ \"scenario\": \"AD033\", \"fails\": { \"kernel\": \"k5\", \"environment\": { \"smp\": 4 } },\n"
	    " \"passes\": { \"kernel\": \"k1\" }, \"environment\": { \"iterations\": 2 }, \"trials\": 4 }\n");
	hostile_json("campaign",
		     "{ \"scenario\": \"AD033\", \"candidates\": [\"k1\", \"k2\", \"k5\"],\n"
		     " \"environment\": { \"iterations\": 2 }, \"trials\": 3, \"confidence\": 0.9 }\n");
	put_patterns("campaign",
		     "{ \"scenario\": \"AD033\", \"candidates\": [\"k1\", \"k5\"], \"environment\": "
		     "{ \"judge\": \"regex\", \"pattern\": \"PATTERN\" }, \"trials\": 2 }\n");
	hostile_texts("runtest", "#DESCRIPTION:x\nMINE aiocp -b 4k -n 4 -f DIRECT\nD dio_read -i 3 -I 4\n");
	hostile_texts("evidence", "trial k1 0 3\nskip k2 does not boot\ntrial k5 1 3\n");
	hostile_texts("evidence", "git bisect start\n# bad: [k5] 2 failures in 3 trials\ngit bisect bad k5\n"
				  "# skip: [k2] x\ngit bisect skip k2\n");
	hostile_texts("history", "d c b\nc a\nb a\na\n");
	hostile_put("history", "a-cycle", "b a\na b\n", 8);
	hostile_put("history", "its-own-parent", "b b\n", 4);
	hostile_put("history", "a-parent-that-is-not-there", "b z\nc b\n", 8);
}

static void put_guests(void)
{
	hostile_texts("events", BOOT RUN OFF);
	hostile_put("events", "no-nonce", "KTAP version 1\n1..1\nok 1\n", 25);
	put_numbers("events", "a-nonce-of-zeros",
		    "# qbisect 2 0123456789abcdef0123456789abcdef\n" BOOT RUN OFF, "0");
	hostile_texts(
	    "console",
	    "[    0.000000] Linux version 6.12 (a@b)\n[    1.000000] BUG: KASAN: use-after-free in f+0x1\n"
	    "[    2.000000] reboot: Power down\n");
}

/* What stands in the home, and was edited. */
static void put_records(void)
{
	hostile_json(
	    "candidate",
	    "{\n  \"id\": \"edited\",\n  \"arch\": \"ppc64le\",\n  \"release\": \"1.0.0\",\n  \"pagesize\": 65536,\n"
	    "  \"origin\": \"dir\",\n  \"sources\": [\"a\"],\n  \"image\": \"vmlinux\",\n  \"image_hash\": \"" HASH
	    "\",\n  \"content_hash\": \"" HASH "\",\n  \"has_config\": true,\n  \"has_modules\": false\n}\n");
	hostile_json(
	    "decisions",
	    "{\"number\":1,\"trials\":1,\"failures\":0,\"passes\":1,\"phase\":\"ends\",\"candidate\":\"k1\",\"why\":\"x\","
	    "\"skip\":\"\",\"likeliest\":\"k1\",\"bits\":0,\"seconds\":1.5,\"told\":0.1,\"mass\":0.5}\n");
}

static void put_repositories(void)
{
	static const char entities[] =
	    "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;"
	    "&b;\">]><metadata>&c;&c;&c;</metadata>";

	hostile_texts("repomd",
		      "<repomd><data type=\"primary\"><checksum type=\"sha256\">" HASH
		      "</checksum><location href=\"repodata/p.xml\"/><size>9</size></data></repomd>\n");
	hostile_texts(
	    "primary",
	    "<metadata xmlns=\"c\" xmlns:rpm=\"r\">\n<package type=\"rpm\"><name>kernel-default</name><arch>x86_64"
	    "</arch><version epoch=\"0\" ver=\"6.8\" rel=\"1.1\"/><checksum type=\"sha256\">" HASH
	    "</checksum><size package=\"9\"/><location href=\"x86_64/k.rpm\"/><format><rpm:sourcerpm>s"
	    "</rpm:sourcerpm></format></package>\n</metadata>\n");
	hostile_put("primary", "entities", entities, strlen(entities));
	put_nested("primary", "deep", "<a>", 100000);
	hostile_texts("sources", "deb http://a/debian bookworm main\ndeb [signed-by=/a arch=amd64] "
				 "http://b/debian bookworm-updates main contrib\n");
	hostile_texts(
	    "debian",
	    "Package: linux-image-x\nVersion: 1\nArchitecture: ppc64el\nDepends: linux-base-x (= 1)\n"
	    "Filename: pool/x.deb\nSize: 1\nSHA256: " HASH "\n\n");
}

/* What other programs say, and the files of a home that are no records. */
static void put_answers(void)
{
	static const char names[] =
	    "1111111111111111111111111111111111111111 2222222222222222222222222222222222222222\n";

	hostile_json(
	    "home",
	    "{ \"constraint\": { \"x86_64\": \"kvm\" }, \"build\": { \"cpus\": 16 }, \"options\": [\"-p\"] }\n");
	hostile_json("home",
		     "{ \"campaign\": \"c\", \"candidate\": \"k5\", \"failures\": 3, \"trials\": 40 }\n");
	hostile_json(
	    "signatures",
	    "{ \"places\": [{ \"pattern\": \"(a)\" }], \"signatures\": [{ \"id\": \"a\", \"class\": \"oops\", "
	    "\"priority\": 90, \"literals\": [\"Oops: \"], \"pattern\": \"Oops: (.*)\", \"title\": \"$1\", "
	    "\"reason\": \"r\" }] }\n");
	put_patterns(
	    "signatures",
	    "{ \"places\": [], \"signatures\": [{ \"id\": \"a\", \"class\": \"clean\", \"literals\": [\"Oops: \"], "
	    "\"pattern\": \"PATTERN\", \"reason\": \"r\" }] }\n");
	hostile_texts("git", names);
	hostile_texts("modules", "builtin ext4\ninsmod /c/k/lib/modules/6.1/kernel/fs/btrfs.ko \n====\n" HASH
				 "  config\n");
	hostile_texts("capabilities",
		      "<domainCapabilities><path>/usr/bin/qemu</path></domainCapabilities>\n");
	hostile_texts("result", "02KTAP version 1\n1..2\nok 1 - a\nnot ok 2 - b # TODO c\n");
}

/* What can be wrong with a file that is there, which is JSON or holds bytes. */
static int put_of_file(const char *reader, const char *path)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	if (fs_read(path, LARGE, &text, &err) < 0) {
		fprintf(stderr, "hostile: %s\n", err.text);
		return 1;
	}
	if (text.s[0] == '{') {
		hostile_json(reader, text.s);
	} else {
		hostile_put(reader, "valid", text.s, text.len);
		hostile_bytes(reader, "bytes", &text);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2 && argc != 4) {
		fprintf(stderr, "usage: %s DIR [READER FILE]\n", argv[0]);
		return 129;
	}
	folder = argv[1];
	if (argc == 4)
		return put_of_file(argv[2], argv[3]);
	hostile_packages();
	hostile_images();
	put_questions();
	put_guests();
	put_records();
	put_repositories();
	put_answers();
	return 0;
}
