/* What tells another host from this one, and what its libvirt says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/host.h"
#include "guest/backend.h"
#include "guest/capabilities.h"

static void test_whose_host(void **state)
{
	static const char *const here[] = {
		"qemu:///embed?root=/tmp/a", "qemu:///system", "qemu+unix:///session",
		"test:///default",	     "fake:/tmp/a",    "qemu:",
		"qemu+ssh:///system"
	};
	static const char *const away[] = { "qemu+ssh://lab1/system",
					    "qemu+ssh://root@127.0.0.1:2222/system?a=b",
					    "qemu+tls://lab1/system", "qemu://lab1/system" };

	(void)state;
	assert_false(backend_is_away(NULL));
	for (size_t i = 0; i < ARRAY_SIZE(here); i++)
		assert_false(backend_is_away(here[i]));
	for (size_t i = 0; i < ARRAY_SIZE(away); i++)
		assert_true(backend_is_away(away[i]));
}

static void test_emulator(void **state)
{
	static const char xml[] = "<domainCapabilities>\n  <path>/usr/bin/qemu-system-ppc64</path>\n"
				  "  <domain>qemu</domain>\n  <os><loader><path>/no</path></loader></os>\n"
				  "</domainCapabilities>\n";
	static const char *const wrong[] = {
		"", "<a", "<domainCapabilities/>",
		"<domainCapabilities><path>qemu</path></domainCapabilities>",
		"<domainCapabilities><os><path>/no</path></os></domainCapabilities>"
	};
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *path = capabilities_emulator(xml, &err);

	(void)state;
	assert_non_null(path);
	assert_string_equal(path, "/usr/bin/qemu-system-ppc64");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		AUTO(err) fault = ERR_INIT;

		assert_null(capabilities_emulator(wrong[i], &fault));
		assert_int_equal(fault.kind, ERR_HOST);
	}
}

static void test_when_a_volume_was_written(void **state)
{
	static const struct {
		const char *text;
		int64_t at;
	} times[] = {
		{ "1700000000.5", 1700000000 }, { "-9223372036854775808", 0 }, { "", 0 }, { "soon", 0 }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		AUTO_FREE char *xml = xasprintf("<volume><target><timestamps><mtime>%s</mtime></timestamps>"
						"</target></volume>",
						times[i].text);

		assert_int_equal(capabilities_volume_written(xml), times[i].at);
	}
	assert_int_equal(capabilities_volume_written("<volume/>"), 0);
	assert_int_equal(capabilities_volume_written("<volume><mtime>1700000000</mtime>"), 0);
}

/* What is shown to others lacks the other host's name as it lacks this one's. */
static void test_described(void **state)
{
	AUTO_FREE char *text = host_describe_as("lab1", "x86_64 behind libvirt 9.0.0");

	(void)state;
	assert_true(str_starts(text, "lab1, x86_64 behind libvirt 9.0.0, qbisect "));
	assert_true(str_starts(host_without_name(text), "x86_64 behind"));
}

/* Whose pids we see is a matter of boot and container, not of a name that others may have. */
static void test_pids(void **state)
{
	AUTO_FREE char *one = host_of_pids(), *two = host_of_pids();
	AUTO(buf) boot = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	(void)state;
	assert_string_equal(one, two);
	assert_int_equal(fs_read("/proc/sys/kernel/random/boot_id", 64, &boot, &err), 0);
	assert_memory_equal(one + strlen(one) - 36, boot.s, 36);
	assert_non_null(strstr(one, " pid:["));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whose_host),
		cmocka_unit_test(test_emulator),
		cmocka_unit_test(test_when_a_volume_was_written),
		cmocka_unit_test(test_described),
		cmocka_unit_test(test_pids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
