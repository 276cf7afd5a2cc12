/*
 * What guests on another host boot from: volumes of a storage pool there. The pool is called "qbisect"; where there is
 * none it is made for as long as libvirt runs, a folder beside libvirt's other images.
 *
 *	qbisect-HASH			a file of ours by its SHA-256, which stays for the next time
 *	qb-WHERE-PID-NAME.qcow2		a trial's own disk: what it writes over such a file
 *	qb-WHERE-PID-NAME.console	and what its serials get
 *
 * libvirt can rename no volume, so that "whole" cannot be the name; it is the size. A volume is made empty and grows
 * as it is written, from its first byte to its last, holes too; one that is smaller than the file is being pushed, or,
 * when it does not grow, was left by somebody who was killed, and is pushed anew.
 *
 * Any number of threads may use a storage.
 */
#ifndef QB_POOL_STORAGE_H
#define QB_POOL_STORAGE_H

#include "guest/serial.h"

#define STORAGE_POOL "qbisect"

struct storage;

/* Finds or makes the pool, and removes the disks of those who were killed. `host` is for messages. ERR_HOST. */
int storage_open(struct link *link, const char *host, struct storage **storage, struct err *err);

/* Has the content of a file there: *path, the caller's to free(). ERR_HOST, ERR_INTERRUPTED. */
int storage_push(struct storage *storage, const char *file, char **path, struct err *err);

/*
 * Makes a volume of the domain `name`'s own: a disk over what storage_push() made of a file of `size` bytes, or, with `base`
 * NULL, an empty one. ERR_HOST.
 */
int storage_make(struct storage *storage, const char *name, const char *suffix, const char *base,
		 uint64_t size, char **path, struct err *err);

/* Opens such a one as a serial, which is written to `file`. NULL: ERR_HOST. */
struct serial *storage_serial(struct storage *storage, const char *name, const char *suffix, const char *file,
			      struct err *err);

/* Removes it. One that cannot be removed now is by the next who opens the storage. */
void storage_remove(struct storage *storage, const char *name, const char *suffix);

/* Ends the guest of that name, if there is one. */
void storage_end_guest(struct storage *storage, const char *domain);

/* Bytes that can be had still. */
int storage_room(struct storage *storage, uint64_t *bytes, struct err *err);

void storage_close(struct storage *storage);

#endif
