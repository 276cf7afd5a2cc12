/*
 * An architecture is one row of data (configs/arches/<arch>.json) and one guest build. Pure.
 *
 * Texts are owned by the struct.
 */
#ifndef QB_ARCH_H
#define QB_ARCH_H

#include "base/buf.h"
#include "base/err.h"

struct arch {
	char *name;	   /* as in candidates: "ppc64le" */
	char *domain_arch; /* libvirt's word: "ppc64" */
	char *machine;	   /* libvirt's machine type: "pseries" */
	char *emulator;	   /* program, looked up in PATH: "qemu-system-ppc64" */
	char *package;	   /* Debian package that brings the emulator */
	char *cpu_tcg;	   /* CPU model under TCG, as QEMU's -cpu names it */
	char *console;	   /* kernel's console= : "hvc0" */
	char *events;	   /* device of the second serial inside the guest: "/dev/hvc1" */
	char *events_port; /* "pci-serial" where the machine has but one serial of its own; "": its second */
	char *panic;	   /* model of libvirt's panic device, or "" for none */
	struct strv firmwares; /* to try in this order: "vof" and "slof" on pseries; one "" where there is no
				  choice */
	struct strv features;  /* "htm=off": <htm state='off'/> and cap-htm=off */
};

/* Reads a row from JSON text; `name` is the file's name for errors (ERR_USAGE). */
int arch_parse(const char *name, const char *text, size_t len, struct arch *arch, struct err *err);

void arch_release(struct arch *arch);
AUTO_DEFINE(arch, struct arch, arch_release);

#endif
