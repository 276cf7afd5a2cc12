#include "config/arch.h"

#include <elf.h>

const struct arch arch_rows[] = {
	{
	    .name = "ppc64le",
	    .domain_arch = "ppc64",
	    .machine = "pseries",
	    .emulator = "qemu-system-ppc64",
	    .package = "qemu-system-ppc",
	    .cpu_tcg = "POWER9",
	    .console = "hvc0",
	    .events = "/dev/hvc1",
	    .events_port = "",
	    .panic = "pseries",
	    .firmwares = { "vof", "slof" },
	    .features = { "htm=off", "cfpc=broken", "sbbc=broken", "ibs=broken", "ccf-assist=off" },
	    .elf_machine = EM_PPC64,
	    .kconfig = "PPC64",
	    .pagesize = 65536,
	    .debian = "ppc64el",
	    .flavour = "powerpc64le",
	    .kernel_arch = "powerpc",
	    .triplet = "powerpc64le-linux-gnu",
	    .compiler = "gcc-powerpc64le-linux-gnu",
	    .image = "vmlinux",
	},
	{
	    .name = "x86_64",
	    .domain_arch = "x86_64",
	    .machine = "q35",
	    .emulator = "qemu-system-x86_64",
	    .package = "qemu-system-x86",
	    .cpu_tcg = "max",
	    .console = "ttyS0",
	    .events = "/dev/ttyS1",
	    .events_port = "",
	    .panic = "",
	    .firmwares = { "" },
	    .features = { "acpi", "apic" },
	    .elf_machine = EM_X86_64,
	    .kconfig = "X86_64",
	    .pagesize = 4096,
	    .one_pagesize = true,
	    .debian = "amd64",
	    .flavour = "-amd64",
	    .kernel_arch = "x86_64",
	    .triplet = "x86_64-linux-gnu",
	    .compiler = "gcc",
	    .image = "arch/x86/boot/bzImage",
	},
	{
	    .name = "aarch64",
	    .domain_arch = "aarch64",
	    .machine = "virt",
	    .emulator = "qemu-system-aarch64",
	    .package = "qemu-system-arm",
	    .cpu_tcg = "cortex-a76",
	    .console = "ttyAMA0",
	    .events = "/dev/ttyS0",
	    .events_port = "pci-serial",
	    .panic = "",
	    .firmwares = { "" },
	    .elf_machine = EM_AARCH64,
	    .kconfig = "ARM64",
	    .pagesize = 4096,
	    .debian = "arm64",
	    .flavour = "-arm64",
	    .kernel_arch = "arm64",
	    .triplet = "aarch64-linux-gnu",
	    .compiler = "gcc-aarch64-linux-gnu",
	    .image = "arch/arm64/boot/Image",
	},
	{ .name = NULL },
};

void arch_list(struct buf *out)
{
	for (const struct arch *row = arch_rows; row->name; row++)
		buf_addf(out, "%s%s", row == arch_rows ? "" : row[1].name ? ", " : " or ", row->name);
}

const struct arch *arch_find(const char *name, struct err *err)
{
	AUTO(buf) known = BUF_INIT;

	for (const struct arch *row = arch_rows; row->name; row++)
		if (str_eq(row->name, name))
			return row;
	arch_list(&known);
	err_set(err, ERR_USAGE, "architecture '%s': expected %s", name, known.s);
	return NULL;
}
