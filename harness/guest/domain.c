#include "guest/domain.h"

void domain_add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			buf_adds(out, "&amp;");
		else if (c == '<')
			buf_adds(out, "&lt;");
		else if (c == '>')
			buf_adds(out, "&gt;");
		else if (c == '\'')
			buf_adds(out, "&apos;");
		else if (c == '"')
			buf_adds(out, "&quot;");
		else if (c < 32 || c == 127)
			buf_addc(out, '?'); /* XML 1.0 has no way to say it */
		else
			buf_addc(out, (char)c);
	}
}

/* Appends format with its %s replaced by escaped text. */
static void add_xml(struct buf *out, const char *format, const char *text)
{
	const char *at = strstr(format, "%s");

	buf_add(out, format, (size_t)(at - format));
	domain_add_escaped(out, text);
	buf_adds(out, at + 2);
}

static bool is_kvm(const struct domain_spec *spec)
{
	return str_eq(spec->accelerator, "kvm");
}

static bool is_vof(const struct domain_spec *spec)
{
	return str_eq(spec->firmware, "vof");
}

static void add_features(const struct domain_spec *spec, struct buf *out)
{
	const char *const *features = spec->arch->features;

	if (!*features)
		return;
	buf_adds(out, "  <features>\n");
	for (; *features; features++) {
		const char *feature = *features, *equals = strchr(feature, '=');
		const char *value = equals ? equals + 1 : "";
		bool state = str_eq(value, "on") || str_eq(value, "off");

		buf_adds(out, "    <");
		buf_add(out, feature, equals ? (size_t)(equals - feature) : strlen(feature));
		if (equals) {
			buf_addf(out, " %s='", state ? "state" : "value");
			domain_add_escaped(out, value);
			buf_addc(out, '\'');
		}
		buf_adds(out, "/>\n");
	}
	buf_adds(out, "  </features>\n");
}

/* One socket, as QEMU's own -smp N has it; libvirt's default, a socket for each, boots a fifth slower on q35. */
static void add_cpu(const struct domain_spec *spec, struct buf *out)
{
	const char *model = spec->arch->cpu_tcg;

	if (is_kvm(spec))
		buf_adds(out, "  <cpu mode='host-passthrough'>");
	else if (str_eq(model, "max"))
		buf_adds(out, "  <cpu mode='maximum'>"); /* libvirt has no model of that name */
	else if (*model)
		add_xml(out,
			"  <cpu mode='custom' match='exact' check='none'><model fallback='forbid'>%s</model>",
			model);
	else
		buf_adds(out, "  <cpu>");
	buf_addf(out, "<topology sockets='1' cores='%u' threads='1'/></cpu>\n", spec->smp);
}

/* `type`: of the port, "" for the machine's own. */
static void add_serial(const char *path, unsigned port, const char *type, struct buf *out)
{
	add_xml(out, "    <serial type='file'><source path='%s' append='on'/>", path);
	buf_addf(out, "<target port='%u'", port);
	if (*type)
		add_xml(out, " type='%s'", type);
	buf_adds(out, "/></serial>\n");
}

static void add_devices(const struct domain_spec *spec, struct buf *out)
{
	buf_adds(out, "  <devices>\n");
	add_xml(out, "    <emulator>%s</emulator>\n", spec->emulator);
	add_xml(out,
		"    <disk type='file' device='disk'>\n"
		"      <driver name='qemu' type='%s' cache='unsafe' discard='unmap'/>\n",
		spec->away ? "qcow2" : "raw");
	add_xml(out, "      <source file='%s'/>\n", spec->disk);
	buf_addf(out, "      <blockio logical_block_size='%u' physical_block_size='%u'/>\n",
		 spec->logical_block, spec->logical_block);
	buf_adds(out,
		 "      <target dev='vda' bus='virtio'/>\n      <serial>" DOMAIN_DISK_SERIAL "</serial>\n"
		 "    </disk>\n"
		 "    <controller type='usb' model='none'/>\n    <memballoon model='none'/>\n"
		 "    <audio id='1' type='none'/>\n");
	if (*spec->arch->panic)
		add_xml(out, "    <panic model='%s'/>\n", spec->arch->panic);
	add_serial(spec->console, 0, "", out);
	add_serial(spec->events, 1, spec->arch->events_port, out);
	buf_adds(out, "  </devices>\n");
}

static void add_boot(const struct domain_spec *spec, struct buf *out)
{
	if (!spec->kernel) {
		buf_adds(out, "    <boot dev='hd'/>\n");
		return;
	}
	add_xml(out, "    <kernel>%s</kernel>\n", spec->kernel);
	add_xml(out, "    <initrd>%s</initrd>\n", spec->initrd);
	add_xml(out, "    <cmdline>%s</cmdline>\n", spec->cmdline);
}

void domain_xml(const struct domain_spec *spec, struct buf *out)
{
	buf_addf(out, "<domain type='%s'", is_kvm(spec) ? "kvm" : "qemu");
	if (is_vof(spec))
		buf_adds(out, " xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'");
	add_xml(out, ">\n  <name>%s</name>\n", spec->name);
	buf_addf(out, "  <memory unit='MiB'>%u</memory>\n  <vcpu>%u</vcpu>\n", spec->memory_mib, spec->smp);
	add_xml(out, "  <os>\n    <type arch='%s' ", spec->arch->domain_arch);
	add_xml(out, "machine='%s'>hvm</type>\n", spec->arch->machine);
	add_boot(spec, out);
	buf_adds(out, "  </os>\n");
	add_features(spec, out);
	add_cpu(spec, out);
	buf_adds(
	    out,
	    "  <clock offset='utc'/>\n  <on_poweroff>destroy</on_poweroff>\n  <on_reboot>destroy</on_reboot>\n"
	    "  <on_crash>destroy</on_crash>\n");
	add_devices(spec, out);
	if (is_vof(spec))
		buf_adds(out, "  <qemu:commandline>\n    <qemu:arg value='-machine'/>\n"
			      "    <qemu:arg value='x-vof=on'/>\n  </qemu:commandline>\n");
	buf_adds(out, "</domain>\n");
}

static void add_word(struct buf *out, const char *option, const char *text)
{
	buf_addf(out, " %s ", option);
	buf_add_shell_word(out, text);
}

static void add_machine_words(const struct domain_spec *spec, struct buf *out)
{
	const char *const *features = spec->arch->features;

	buf_addf(out, " -machine %s", spec->arch->machine);
	if (is_vof(spec))
		buf_adds(out, ",x-vof=on");
	for (; *features; features++)
		if (str_eq(spec->arch->machine, "pseries"))
			buf_addf(out, ",cap-%s", *features);
	buf_addf(out, " -accel %s", spec->accelerator);
	if (is_kvm(spec))
		buf_adds(out, " -cpu host");
	else if (*spec->arch->cpu_tcg)
		add_word(out, "-cpu", spec->arch->cpu_tcg);
}

void domain_command(const struct domain_spec *spec, struct buf *out)
{
	AUTO_FREE char *console = xasprintf("file:%s", spec->console);
	const char *device = spec->arch->events_port;
	AUTO_FREE char *port = xasprintf("%s,chardev=events", device);
	AUTO_FREE char *events = xasprintf(*device ? "file,id=events,path=%s" : "file:%s", spec->events);
	AUTO_FREE char *drive =
	    xasprintf("if=none,id=disk,format=raw,cache=unsafe,discard=unmap,file=%s", spec->disk);

	buf_add_shell_word(out, spec->emulator);
	add_machine_words(spec, out);
	buf_addf(
	    out,
	    " -smp %u,sockets=1,cores=%u,threads=1 -m %u -nodefaults -no-user-config -display none -no-reboot"
	    " -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
	    spec->smp, spec->smp, spec->memory_mib);
	add_word(out, "-serial", console);
	add_word(out, *device ? "-chardev" : "-serial", events);
	if (*device)
		add_word(out, "-device", port);
	add_word(out, "-drive", drive);
	buf_addf(out,
		 " -device virtio-blk-pci,drive=disk,serial=" DOMAIN_DISK_SERIAL
		 ",logical_block_size=%u,physical_block_size=%u",
		 spec->logical_block, spec->logical_block);
	add_word(out, "-kernel", spec->kernel);
	add_word(out, "-initrd", spec->initrd);
	add_word(out, "-append", spec->cmdline);
	buf_addc(out, '\n');
}
