/* What libvirt tells of a host in XML (https://libvirt.org/formatdomaincaps.html). Pure. */
#ifndef QB_CAPABILITIES_H
#define QB_CAPABILITIES_H

#include "base/buf.h"
#include "base/err.h"

/* The path of the emulator in the capabilities of domains; the caller's to free(). NULL and ERR_HOST: there is none. */
char *capabilities_emulator(const char *xml, struct err *err);

#endif
