/* rpm-md metadata: what repositories write, and what a hostile one may. */
#include "tests/unit/kernel_fixture.h"

#include "kernel/rpmmd.h"

#define H32    "0123456789abcdef0123456789abcdef"
#define SHA256 H32 H32
#define SHA512 SHA256 SHA256

/* As openSUSE's are, but shorter. */
static const char repomd[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n"
    "  <revision>1701000000</revision>\n"
    "  <tags><repo>obsrepository://x</repo></tags>\n"
    "  <data type=\"filelists\">\n"
    "    <checksum type=\"sha512\">" SHA512 "</checksum>\n"
    "    <location href=\"repodata/" SHA512 "-filelists.xml.zst\"/>\n"
    "  </data>\n"
    "  <data type=\"primary\">\n"
    "    <checksum type=\"sha512\">" SHA512 "</checksum>\n"
    "    <open-checksum type=\"sha256\">" SHA256 "</open-checksum>\n"
    "    <location href=\"repodata/" SHA512 "-primary.xml.zst\"/>\n"
    "    <timestamp>1701000000</timestamp>\n"
    "    <size>20000000</size>\n"
    "    <open-size>200000000</open-size>\n"
    "  </data>\n"
    "</repomd>\n";

/* As createrepo_c writes it. */
static const char primary[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<metadata xmlns=\"http://linux.duke.edu/metadata/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\""
    " packages=\"2\">\n"
    "<package type=\"rpm\">\n"
    "  <name>kernel-default</name>\n"
    "  <arch>ppc64le</arch>\n"
    "  <version epoch=\"0\" ver=\"6.8.0~rc1\" rel=\"1.1\"/>\n"
    "  <checksum type=\"sha256\" pkgid=\"YES\">" SHA256 "</checksum>\n"
    "  <summary>The Standard Kernel</summary>\n"
    "  <description>For &lt;all&gt; &#x6d;achines.</description>\n"
    "  <url>https://www.kernel.org/</url>\n"
    "  <time file=\"1701000000\" build=\"1700990000\"/>\n"
    "  <size package=\"150000000\" installed=\"300000000\" archive=\"300100000\"/>\n"
    "<location href=\"./ppc64le/kernel-default-6.8.0~rc1-1.1.ppc64le.rpm\"/>\n"
    "  <format>\n"
    "    <rpm:license>GPL-2.0-only</rpm:license>\n"
    "    <rpm:sourcerpm>kernel-default-6.8.0~rc1-1.1.nosrc.rpm</rpm:sourcerpm>\n"
    "    <rpm:provides>\n"
    "      <rpm:entry name=\"kernel\" flags=\"EQ\" epoch=\"0\" ver=\"6.8.0~rc1\" rel=\"1.1\"/>\n"
    "    </rpm:provides>\n"
    "    <file>/usr/lib/modules/6.8.0-rc1-1-default/vmlinux</file>\n"
    "  </format>\n"
    "</package>\n"
    "<package type=\"rpm\">\n"
    "  <name>grub2</name><arch>noarch</arch><version epoch=\"1\" ver=\"2.12\" rel=\"3\"/>\n"
    "  <checksum type=\"sha512\" pkgid=\"YES\">" SHA512 "</checksum>\n"
    "  <location xml:base=\"https://elsewhere/repo\" href=\"grub2-2.12-3.noarch.rpm\"/>\n"
    "</package>\n"
    "</metadata>\n";

static void repomd_names_primary(void **state)
{
	AUTO(rpmmd_file) file = { 0 };
	AUTO(err) err = ERR_INIT;

	(void)state;
	if (rpmmd_primary("repomd.xml", repomd, strlen(repomd), &file, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(file.href, "repodata/" SHA512 "-primary.xml.zst");
	assert_string_equal(file.algorithm, "sha512");
	assert_string_equal(file.hash, SHA512);
	assert_int_equal(file.size, 20000000);
	assert_null(file.base);
}

#define ENTRY(inner)	   "<repomd><data type='primary'>" inner "</data></repomd>"
#define CHECKSUM(of, hash) "<checksum type='" of "'>" hash "</checksum>"

static void bad_repomd(void **state)
{
	static const char *const rows[][2] = {
		{ "", "no element found" },
		{ "<repomd>", "no element found" },
		{ "<repomd><data></repomd>", "line 1: mismatched tag" },
		{ "\n\n<repomd", "line 3: " },
		{ "<html><body>", "expected the element <repomd> of an rpm-md repository, found <html>" },
		{ "<repomd/>", "names no primary.xml" },
		{ "<repomd><data type='primary_db'/></repomd>", "names no primary.xml" },
		{ "<repomd><x><data type='primary'/></x></repomd>", "names no primary.xml" },
		{ ENTRY(""), "no path below" },
		{ ENTRY("<location href='a'/>"), "not by sha256" },
		{ ENTRY("<location href='a'/>" CHECKSUM("md5", "0")), "not by sha256" },
		{ ENTRY("<location href='a'/>" CHECKSUM("sha256", "0")), "its checksum is not one" },
		{ ENTRY("<location href='a'/>" CHECKSUM("sha256", SHA512)), "its checksum is not one" },
		{ ENTRY("<location href='/etc/passwd'/>" CHECKSUM("sha256", SHA256)), "no path below" },
		{ ENTRY("<location href='a/../../b'/>" CHECKSUM("sha256", SHA256)), "no path below" },
		{ ENTRY("<location href='a b'/>" CHECKSUM("sha256", SHA256)), "no path below" },
		{ ENTRY("<location href='a&#10;b'/>" CHECKSUM("sha256", SHA256)), "no path below" },
		{ ENTRY("<location href='.'/>" CHECKSUM("sha256", SHA256)), "no path below" },
		{ ENTRY("<location xml:base='&#27;' href='a'/>"), "invalid character" },
		{ ENTRY("<location xml:base='a b' href='a'/>" CHECKSUM("sha256", SHA256)), "xml:base" },
		{ "<!DOCTYPE repomd [<!ENTITY a 'b'>]><repomd/>", "line 1: a document type" },
		{ "<!DOCTYPE repomd SYSTEM 'file:///etc/passwd'><repomd/>", "line 1: a document type" },
		{ "<repomd>&a;</repomd>", "undefined entity" },
		{ "<repomd/><repomd/>", "junk after" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(rpmmd_file) file = { 0 };
		AUTO(err) err = ERR_INIT;

		assert_int_equal(rpmmd_primary("r.xml", rows[i][0], strlen(rows[i][0]), &file, &err), -1);
		assert_int_equal(err.kind, ERR_HOST);
		if (!strstr(err.text, rows[i][1]) || !str_starts(err.text, "r.xml"))
			fail_msg("%s: '%s' lacks '%s'", rows[i][0], err.text, rows[i][1]);
		assert_null(file.href);
	}
}

/* What the reader gave, in one text. */
static int note(void *arg, struct rpmmd_package *p, struct err *err)
{
	(void)err;
	buf_addf(arg, "%s %s %s %s %llu %s %s %s\n", p->name, p->arch, p->version, p->file.href,
		 (unsigned long long)p->file.size, p->file.algorithm, p->file.base ? p->file.base : "-",
		 p->source ? p->source : "-");
	return 0;
}

static int read_pieces(const char *text, size_t len, size_t piece, struct buf *out, struct err *err)
{
	AUTO(rpmmd_reader) reader = rpmmd_reader_new("p.xml", note, out);

	for (size_t at = 0; at < len; at += piece)
		if (rpmmd_reader_feed(reader, text + at, len - at < piece ? len - at : piece, err) < 0)
			return -1;
	return rpmmd_reader_end(reader, err);
}

static void packages_in_pieces_of_any_size(void **state)
{
	static const char expected[] =
	    "kernel-default ppc64le 6.8.0~rc1-1.1 ppc64le/kernel-default-6.8.0~rc1-1.1.ppc64le.rpm 150000000 "
	    "sha256 - kernel-default-6.8.0~rc1-1.1.nosrc.rpm\n"
	    "grub2 noarch 1:2.12-3 grub2-2.12-3.noarch.rpm 0 sha512 https://elsewhere/repo -\n";
	static const size_t pieces[] = { 1, 7, 100, 65536 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		AUTO(buf) out = BUF_INIT;
		AUTO(err) err = ERR_INIT;

		assert_int_equal(read_pieces(primary, strlen(primary), pieces[i], &out, &err), 0);
		assert_string_equal(out.s, expected);
	}
}

#define PACKAGE(inner) "<metadata><package>" inner "</package></metadata>"
#define NAMED	       "<name>k</name><arch>x86_64</arch>"
#define VERSION	       "<version epoch='0' ver='1' rel='1'/>"
#define PLACE	       "<location href='k.rpm'/>" CHECKSUM("sha256", SHA256)

static void bad_packages(void **state)
{
	static const char *const rows[][2] = {
		{ "<repomd/>", "expected the element <metadata>" },
		{ PACKAGE(NAMED PLACE), "package k: it has no version and release" },
		{ PACKAGE(NAMED "<version ver='1'/>" PLACE), "no version" },
		{ PACKAGE(NAMED "<version ver='1 2' rel='1'/>" PLACE), "no version" },
		{ PACKAGE(NAMED "<version ver='1-2' rel='1'/>" PLACE), "no version" },
		{ PACKAGE(NAMED "<version epoch='x' ver='1' rel='1'/>" PLACE), "no version" },
		{ PACKAGE(NAMED VERSION), "package k: its location" },
		{ PACKAGE(NAMED VERSION "<location href='../k.rpm'/>" CHECKSUM("sha256", SHA256)),
		  "its location" },
		{ PACKAGE(NAMED VERSION "<location href='k.rpm'/>" CHECKSUM("sha", H32)), "not by sha256" },
		{ "<metadata>" PACKAGE(""), "no element found" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(buf) out = BUF_INIT;
		AUTO(err) err = ERR_INIT;

		assert_int_equal(read_pieces(rows[i][0], strlen(rows[i][0]), 5, &out, &err), -1);
		assert_string_equal(out.s, "");
		if (!strstr(err.text, rows[i][1]))
			fail_msg("%s: '%s' lacks '%s'", rows[i][0], err.text, rows[i][1]);
	}
}

/* Names that could not be asked for are passed over, whatever the rest of the package is. */
static void odd_names(void **state)
{
	static const char text[] = "<metadata><package><name>a b</name><arch>x86_64</arch></package>"
				   "<package><name></name></package><other/>"
				   "<package>" NAMED VERSION PLACE "</package></metadata>";
	AUTO(buf) out = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_int_equal(read_pieces(text, strlen(text), 1000, &out, &err), 0);
	assert_string_equal(out.s, "k x86_64 1-1 k.rpm 0 sha256 - -\n");
}

/* Documents that would fill the memory, if it were not limited. */
static void hostile_documents(void **state)
{
	AUTO(buf) deep = BUF_INIT, wide = BUF_INIT, lengthy = BUF_INIT, text = BUF_INIT, out = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	buf_adds(&deep, "<metadata>");
	buf_adds(&wide, "<metadata>");
	buf_adds(&lengthy, "<metadata><package><name a='");
	buf_adds(&text, "<metadata><package><name>");
	for (int i = 0; i < 200000; i++) {
		buf_adds(&deep, "<a>");
		buf_addf(&wide, "<element-%d/>", i);
		buf_adds(&lengthy, "a value that does not end for megabytes ");
		buf_adds(&text, "a text that does not end");
	}
	assert_int_equal(read_pieces(deep.s, deep.len, 65536, &out, &err), -1);
	assert_non_null(strstr(err.text, "too deep"));
	assert_int_equal(read_pieces(wide.s, wide.len, 65536, &out, &err), -1);
	assert_non_null(strstr(err.text, "too long, or too many"));
	assert_int_equal(read_pieces(lengthy.s, lengthy.len, 65536, &out, &err), -1);
	assert_non_null(strstr(err.text, "too long, or too many"));
	buf_adds(&text, "</name><arch>x86_64</arch></package></metadata>");
	assert_int_equal(read_pieces(text.s, text.len, 65536, &out, &err), 0);
	assert_string_equal(out.s, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(repomd_names_primary),
		cmocka_unit_test(bad_repomd),
		cmocka_unit_test(packages_in_pieces_of_any_size),
		cmocka_unit_test(bad_packages),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(hostile_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
