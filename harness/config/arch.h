/*
 * An architecture is one row of data (arch.c) and one guest build. Pure.
 *
 * The README ("An architecture more") tells what else one needs; test_arch.c looks whether it is there.
 */
#ifndef QB_ARCH_H
#define QB_ARCH_H

#include "base/buf.h"
#include "base/err.h"

struct arch {
	const char *name; /* as in candidates, and as uname -m says it: "ppc64le" */

	/* The guest. */
	const char *domain_arch; /* libvirt's word: "ppc64" */
	const char *machine;	 /* libvirt's machine type: "pseries" */
	const char *emulator;	 /* program, looked up in PATH: "qemu-system-ppc64" */
	const char *package;	 /* Debian package that brings the emulator */
	const char *cpu_tcg;	 /* CPU model under TCG, as QEMU's -cpu names it */
	const char *console;	 /* kernel's console= : "hvc0" */
	const char *events;	 /* device of the second serial inside the guest: "/dev/hvc1" */
	/* "pci-serial" where the machine has but one serial of its own; "": its second */
	const char *events_port;
	const char *panic; /* model of libvirt's panic device, or "" for none */
	/* To try in this order: "vof" and "slof" on pseries; one "" where there is no choice; NULL behind them. */
	const char *firmwares[4];
	const char *features[8]; /* "htm=off": <htm state='off'/> and cap-htm=off; NULL behind them */

	/* Its kernels. */
	unsigned elf_machine; /* e_machine of elf.h */
	const char *kconfig;  /* the symbol that is y in its configurations: "PPC64" */
	unsigned pagesize;    /* bytes, when a build is asked for none */
	bool one_pagesize;    /* there is no other */
	const char *debian;   /* Debian's word for it: "ppc64el" */
	const char *flavour;  /* what the names of Debian's kernels for it have in them: "-amd64" */

	/* Building one. */
	const char *kernel_arch; /* the kernel's ARCH: "powerpc" */
	const char *triplet;	 /* before "-gcc": "powerpc64le-linux-gnu" */
	const char *compiler;	 /* Debian package that brings it */
	const char *image;	 /* below the objects; its last part is what make is to make */
};

/* The last row has no name. */
extern const struct arch arch_rows[];

/* NULL and ERR_USAGE, with the names of those that there are: none has this name. */
const struct arch *arch_find(const char *name, struct err *err);

/* Appends the names of all: "ppc64le, x86_64 or aarch64". */
void arch_list(struct buf *out);

#endif
