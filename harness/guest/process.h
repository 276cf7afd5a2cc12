/* QEMU's process, when libvirt cannot be asked for it: it waits for QEMU itself. */
#ifndef QB_PROCESS_H
#define QB_PROCESS_H

#include <stdbool.h>

/* Whether the QEMU of the guest `name`, whoever started it, was stopped by a signal. False when there is no telling: it is gone,
 * on another host, or hidden from us. */
bool process_is_frozen(const char *name);

#endif
