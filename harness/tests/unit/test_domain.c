/* Domain XML and the command line beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/child.h"
#include "base/fs.h"
#include "guest/domain.h"

static struct arch ppc = { .name = "ppc64le",
			   .domain_arch = "ppc64",
			   .machine = "pseries",
			   .cpu_tcg = "POWER9",
			   .events_port = "",
			   .panic = "pseries",
			   .features = { "htm=off", "cfpc=broken" } };

static struct domain_spec spec(void)
{
	return (struct domain_spec){ .arch = &ppc,
				     .name = "qb-1",
				     .accelerator = "tcg",
				     .firmware = "vof",
				     .smp = 4,
				     .memory_mib = 1024,
				     .logical_block = 512,
				     .emulator = "/usr/bin/qemu-system-ppc64",
				     .kernel = "/k/it's <&>",
				     .initrd = "/i",
				     .cmdline = "console=hvc0 a=\"b\"",
				     .disk = "/d",
				     .console = "/c",
				     .events = "/e" };
}

static void has(const struct buf *text, const char *part)
{
	if (!strstr(text->s, part))
		fail_msg("no \"%s\" in:\n%s", part, text->s);
}

static void test_escapes(void **state)
{
	struct domain_spec s = spec();
	AUTO(buf) xml = BUF_INIT;

	(void)state;
	domain_xml(&s, &xml);
	has(&xml, "<kernel>/k/it&apos;s &lt;&amp;&gt;</kernel>");
	has(&xml, "<cmdline>console=hvc0 a=&quot;b&quot;</cmdline>");
}

static void test_firmware_and_features(void **state)
{
	struct domain_spec s = spec();
	AUTO(buf) vof = BUF_INIT;
	AUTO(buf) slof = BUF_INIT;

	(void)state;
	domain_xml(&s, &vof);
	has(&vof, "<qemu:arg value='x-vof=on'/>");
	has(&vof, "<htm state='off'/>");
	has(&vof, "<cfpc value='broken'/>");
	s.firmware = "slof";
	domain_xml(&s, &slof);
	assert_null(strstr(slof.s, "qemu:"));
}

static void test_accelerator(void **state)
{
	struct domain_spec s = spec();
	AUTO(buf) xml = BUF_INIT;
	AUTO(buf) command = BUF_INIT;

	(void)state;
	s.accelerator = "kvm";
	domain_xml(&s, &xml);
	has(&xml, "<domain type='kvm'");
	has(&xml, "host-passthrough");
	domain_command(&s, &command);
	has(&command, "-accel kvm -cpu host");
}

static void test_command_is_quoted(void **state)
{
	struct domain_spec s = spec();
	AUTO(buf) command = BUF_INIT;

	(void)state;
	domain_command(&s, &command);
	has(&command, "-kernel '/k/it'\\''s <&>'");
	has(&command, "-machine pseries,x-vof=on,cap-htm=off,cap-cfpc=broken -accel tcg");
	has(&command, "serial=" DOMAIN_DISK_SERIAL ",logical_block_size=512");
}

/* libvirt's default is a socket for each processor, and QEMU's one for all: the same machine both ways. */
static void test_topology(void **state)
{
	static const char *const models[] = { "", "max", "POWER9" };
	struct arch arch = ppc;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(models); i++) {
		struct domain_spec s = spec();
		AUTO(buf) xml = BUF_INIT;
		AUTO(buf) command = BUF_INIT;

		arch.cpu_tcg = models[i];
		s.arch = &arch;
		s.smp = 3;
		domain_xml(&s, &xml);
		has(&xml, "<topology sockets='1' cores='3' threads='1'/></cpu>");
		domain_command(&s, &command);
		has(&command, "-smp 3,sockets=1,cores=3,threads=1 ");
	}
}

/* A machine with one serial of its own reports on another one. */
static void test_events_port(void **state)
{
	struct arch arm = ppc;
	struct domain_spec s = spec();
	AUTO(buf) xml = BUF_INIT;
	AUTO(buf) command = BUF_INIT;

	(void)state;
	arm.events_port = "pci-serial";
	s.arch = &arm;
	domain_xml(&s, &xml);
	has(&xml, "<source path='/c' append='on'/><target port='0'/></serial>");
	has(&xml, "<source path='/e' append='on'/><target port='1' type='pci-serial'/></serial>");
	domain_command(&s, &command);
	has(&command, "-chardev 'file,id=events,path=/e' -device 'pci-serial,chardev=events'");
}

/* The guest gets two serials, one disk, and nothing else of the host. */
static void test_least(void **state)
{
	static const char *const nothing[] = { "<interface",	 "<hostdev", "<filesystem",
					       "<graphics",	 "<channel", "<redirdev",
					       "<shmem",	 "<rng",     "<tpm",
					       "<memoryBacking", "<video",   "type='unix'",
					       "type='network'" };
	struct domain_spec s = spec();
	AUTO(buf) xml = BUF_INIT;
	AUTO(buf) command = BUF_INIT;

	(void)state;
	domain_xml(&s, &xml);
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
		assert_null(strstr(xml.s, nothing[i]));
	assert_null(strstr(strstr(xml.s, "<disk ") + 1, "<disk "));
	has(&xml, "<driver name='qemu' type='raw'"); /* never guessed from what the guest wrote */
	domain_command(&s, &command);
	has(&command, " -nodefaults -no-user-config ");
	has(&command, " -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	has(&command, "format=raw");
	assert_null(strstr(command.s, "-net"));
	assert_null(strstr(command.s, "-virtfs"));
}

/* On another host what the guest writes goes over a raw image that others boot from. */
static void test_away(void **state)
{
	struct domain_spec s = spec();
	AUTO(buf) xml = BUF_INIT;

	(void)state;
	s.away = true;
	domain_xml(&s, &xml);
	has(&xml,
	    "<driver name='qemu' type='qcow2' cache='unsafe' discard='unmap'/>\n      <source file='/d'/>");
}

static void test_without_kernel(void **state)
{
	struct domain_spec s = spec();
	AUTO(buf) xml = BUF_INIT;

	(void)state;
	s.kernel = s.initrd = s.cmdline = NULL;
	domain_xml(&s, &xml);
	has(&xml, "<boot dev='hd'/>");
	assert_null(strstr(xml.s, "<kernel>"));
}

/* libvirt's own schema is the judge. */
static void check_schema(const struct domain_spec *spec)
{
	AUTO(buf) xml = BUF_INIT;
	AUTO(err) err = ERR_INIT;
	AUTO_FREE char *folder = fs_temp_dir("/tmp/qb-domain.", &err);
	AUTO_FREE char *path = path_join(folder, "domain.xml");
	const char *const argv[] = { "virt-xml-validate", path, "domain", NULL };
	struct child child = { .argv = argv, .timeout_ms = 30000 };
	int status;

	domain_xml(spec, &xml);
	assert_int_equal(fs_write_atomic(path, xml.s, xml.len, &err), 0);
	status = child_must(&child, "libvirt-clients", NULL, &err);
	fs_remove_tree(folder, &err);
	if (status < 0)
		fail_msg("%s", err.text);
}

static void test_schema(void **state)
{
	struct domain_spec s = spec();

	(void)state;
	check_schema(&s);
	s.away = true;
	check_schema(&s);
	s.kernel = s.initrd = s.cmdline = NULL;
	check_schema(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),	    cmocka_unit_test(test_firmware_and_features),
		cmocka_unit_test(test_accelerator), cmocka_unit_test(test_command_is_quoted),
		cmocka_unit_test(test_topology),    cmocka_unit_test(test_events_port),
		cmocka_unit_test(test_least),	    cmocka_unit_test(test_schema),
		cmocka_unit_test(test_away),	    cmocka_unit_test(test_without_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
