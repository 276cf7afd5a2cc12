/* Debian's sources, control stanzas and names. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/debian.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct debian_source best;

static void look(const char *text, bool deb822)
{
	debian_find_source(text, strlen(text), deb822, "bookworm", &best);
}

static int reset(void **state)
{
	(void)state;
	debian_source_release(&best);
	return 0;
}

static void one_line_entries(void **state)
{
	(void)state;
	look("# deb http://comment/debian bookworm main\n"
	     "deb-src http://src/debian bookworm main\n"
	     "deb http://security/debian-security bookworm-security main\n"
	     "deb http://other/debian bookworm contrib\n"
	     "deb [\n",
	     false);
	assert_int_equal(best.rank, 0);
	look("deb http://pgdg/repo bookworm main\n", false);
	assert_string_equal(best.uri, "http://pgdg/repo");
	look(
	    "deb\t[ arch=amd64 signed-by=/k/debian-archive-keyring.gpg ] http://m/debian/ bookworm main # mine\n",
	    false);
	assert_string_equal(best.uri, "http://m/debian/");
	assert_string_equal(best.signed_by, "/k/debian-archive-keyring.gpg");
	look("deb http://later/debian bookworm main\n", false);
	assert_string_equal(best.uri, "http://m/debian/");
}

static void other_suites_count_by_their_words(void **state)
{
	(void)state;
	look("deb http://m/debian bookworm-updates main\n", false);
	assert_int_equal(best.rank, 0);
	look("deb http://m/debian sid main contrib\n", false);
	assert_string_equal(best.uri, "http://m/debian");
	assert_null(best.signed_by);
}

static void deb822_entries(void **state)
{
	(void)state;
	look("Types: deb\nURIs: http://off/debian\nSuites: bookworm\nComponents: main\nEnabled: no\n"
	     "\n"
	     "Types: deb deb-src\n# a comment\nURIs: http://m/debian http://n/debian\n"
	     "suites: bookworm bookworm-updates\nComponents: contrib\n main\n"
	     "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
	     "Types: deb\nURIs: http://s/debian-security\nSuites: bookworm-security\nComponents: main\n",
	     true);
	assert_string_equal(best.uri, "http://m/debian");
	assert_string_equal(best.signed_by, "/usr/share/keyrings/debian-archive-keyring.gpg");
	assert_int_equal(best.rank, 4);
}

static void embedded_keys_keep_their_lines(void **state)
{
	static const char key[] =
	    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQIN\n -----END PGP PUBLIC KEY BLOCK-----";
	AUTO_FREE char *text =
	    xasprintf("Types: deb\nURIs: http://m/debian\nSuites: bookworm\nComponents: main\n"
		      "Signed-By:\n %s\n",
		      key);

	(void)state;
	look(text, true);
	assert_string_equal(best.signed_by, key);
}

static void os_release(void **state)
{
	AUTO_FREE char *plain = debian_os_release("NAME=x\nVERSION_CODENAME=bookworm\n", "VERSION_CODENAME");
	AUTO_FREE char *quoted = debian_os_release("VERSION_CODENAME=\"trixie\"", "VERSION_CODENAME");

	(void)state;
	assert_string_equal(plain, "bookworm");
	assert_string_equal(quoted, "trixie");
	assert_null(debian_os_release("VERSION_CODENAMES=x\n", "VERSION_CODENAME"));
}

static void package_words(void **state)
{
	static const struct {
		const char *word, *name, *arch;
	} good[] = {
		{ "linux-image-powerpc64le-64k", "linux-image-powerpc64le-64k", "ppc64el" },
		{ "linux-image-6.12.107+deb13-amd64", "linux-image-6.12.107+deb13-amd64", "amd64" },
		{ "linux-image-arm64-16k", "linux-image-arm64-16k", "arm64" },
		{ "linux-image-x:ppc64le", "linux-image-x", "ppc64el" },
		{ "linux-image-x:arm64", "linux-image-x", "arm64" },
	};
	static const char *const bad[] = {
		"linux-image-x", "linux-image-x:s390x", "",	   ":amd64",
		"-o:amd64",	 "a b:amd64",		"A-amd64", "linux-image-amd64:"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		AUTO(debian_package) package = { NULL, NULL };
		AUTO(err) err = ERR_INIT;

		assert_int_equal(debian_package_parse(good[i].word, &package, &err), 0);
		assert_string_equal(package.name, good[i].name);
		assert_string_equal(package.arch, good[i].arch);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(debian_package) package = { NULL, NULL };
		AUTO(err) err = ERR_INIT;

		assert_int_equal(debian_package_parse(bad[i], &package, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void suites_and_versions(void **state)
{
	(void)state;
	assert_true(debian_suite_valid("bookworm-backports"));
	assert_false(debian_suite_valid("../x"));
	assert_false(debian_suite_valid("-o"));
	assert_false(debian_suite_valid(""));
	assert_true(debian_is_versioned("linux-image-6.12.107+deb13-amd64"));
	assert_true(debian_is_versioned("linux-base-7.2.13+deb14-amd64"));
	assert_false(debian_is_versioned("linux-image-amd64"));
	assert_false(debian_is_versioned("linux-base"));
	assert_false(debian_is_versioned("bash"));
}

static void dependencies(void **state)
{
	AUTO(strv) all = STRV_INIT;

	(void)state;
	debian_depends(
	    "Package: linux-image-7\nDepends: linux-base-7.2 (= 7.2-1), linux-binary-7.2:any,\n"
	    " linux-modules-7.2 | linux-modules-7.3, linux-base (>= 4), linux-base-tools, initramfs-tools\n"
	    "Pre-Depends: linux-image-8 [amd64]\nSuggests: linux-image-9\n\nDepends: linux-image-10\n",
	    &all);
	assert_int_equal(all.n, 4);
	assert_string_equal(all.v[0], "linux-base-7.2");
	assert_string_equal(all.v[1], "linux-binary-7.2");
	assert_string_equal(all.v[2], "linux-modules-7.2");
	assert_string_equal(all.v[3], "linux-image-8");
}

static void what_apt_would_fetch(void **state)
{
	static const char *const wrong[] = {
		"",
		"'http://a/x.deb' x.deb 12",
		"'u' ../x.deb 12 SHA256:" HASH,
		"'u' .. 12 SHA256:" HASH,
		"'u' x.deb 12 SHA256:0123",
		"'u' x.deb 12 MD5Sum:" HASH,
	};
	struct debian_offer offer;

	(void)state;
	assert_true(debian_offer_parse("'http://a/x.deb' x_1%3a2_all.deb 12 SHA256:" HASH "\n", &offer));
	assert_string_equal(offer.file, "x_1%3a2_all.deb");
	assert_string_equal(offer.hash, HASH);
	assert_int_equal(offer.size, 12);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(debian_offer_parse(wrong[i], &offer));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_line_entries, reset),
		cmocka_unit_test_teardown(other_suites_count_by_their_words, reset),
		cmocka_unit_test_teardown(deb822_entries, reset),
		cmocka_unit_test_teardown(embedded_keys_keep_their_lines, reset),
		cmocka_unit_test(os_release),
		cmocka_unit_test(package_words),
		cmocka_unit_test(suites_and_versions),
		cmocka_unit_test(dependencies),
		cmocka_unit_test(what_apt_would_fetch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
