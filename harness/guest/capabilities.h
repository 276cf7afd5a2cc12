/*
 * What libvirt tells of a host in XML and of what is on it (https://libvirt.org/formatdomaincaps.html,
 * formatstorage.html). Pure.
 */
#ifndef QB_CAPABILITIES_H
#define QB_CAPABILITIES_H

#include "base/buf.h"
#include "base/err.h"

/* The path of the emulator in the capabilities of domains; the caller's to free(). NULL and ERR_HOST: there is none. */
char *capabilities_emulator(const char *xml, struct err *err);

/* When a volume was written to last, in seconds since 1970; 0: that is not told. */
int64_t capabilities_volume_written(const char *xml);

#endif
