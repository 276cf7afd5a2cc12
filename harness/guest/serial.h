/*
 * A serial of a guest on another host: a volume there that QEMU appends to, and a file here that gets what has come. A
 * file, for it has all that the guest wrote whenever it is asked for, also when QEMU is gone; libvirt's console streams
 * lose what was not read in that moment.
 */
#ifndef QB_SERIAL_H
#define QB_SERIAL_H

#include "guest/link.h"

struct serial;

/* Takes the volume; `path` exists. NULL: ERR_HOST. */
struct serial *serial_open(struct link *link, virStorageVolPtr volume, const char *path, struct err *err);

/* Appends what has come since, at most SERIAL_MOST bytes. Returns how many; SERIAL_LOST: it cannot be had; SERIAL_CUT: it is
 * not what it was: the host has put it aside, and what was not fetched with it. */
#define SERIAL_MOST (1 << 20)
#define SERIAL_LOST (-1)
#define SERIAL_CUT  (-2)
int serial_fetch(struct serial *serial);

/* NULL is none. */
void serial_close(struct serial *serial);

#endif
