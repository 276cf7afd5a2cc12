/*
 * What a guest is made of, as libvirt's domain XML and as a QEMU command line to repeat it by hand. Pure.
 *
 * Format: https://libvirt.org/formatdomain.html. A guest has two serials (console, events), one virtio disk
 * that it knows by its serial number, no network, no video, no USB, no folder or socket of the host. QEMU runs in its
 * seccomp sandbox: libvirt sees to that (guest/embed.c), and the command line has it too.
 */
#ifndef QB_DOMAIN_H
#define QB_DOMAIN_H

#include "config/arch.h"

#define DOMAIN_DISK_SERIAL "qbisect"

struct domain_spec {
	const struct arch *arch;
	const char *name;	 /* unique in a connection, [A-Za-z0-9._+-] */
	const char *accelerator; /* "kvm" or "tcg" */
	const char *firmware;	 /* one of arch->firmwares */
	unsigned smp;
	unsigned memory_mib;
	unsigned logical_block;		       /* bytes */
	const char *emulator;		       /* absolute path */
	const char *kernel, *initrd, *cmdline; /* all NULL: it boots from the disk */
	const char *disk;		       /* raw image, thrown away after the trial */
	const char *console, *events;	       /* files the serials append to; they exist and are empty */
	bool away;			       /* on another host: the disk is a qcow2 over a raw image */
};

/* Appends the XML document. Every text is escaped. */
void domain_xml(const struct domain_spec *spec, struct buf *out);

/* Appends a text as XML has it. */
void domain_add_escaped(struct buf *out, const char *text);

/* Appends a shell command (one line, quoted) that starts the same machine without libvirt, consoles on
 * files. */
void domain_command(const struct domain_spec *spec, struct buf *out);

#endif
