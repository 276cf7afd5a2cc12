/* The disk under test: found by its serial, mounted as the plan says, unmounted at the end. */
#ifndef GUEST_DISK_H
#define GUEST_DISK_H

#include "plan.h"

#define DISK_FOLDER "/mnt"
#define WORK_FOLDER DISK_FOLDER "/work"

/* Waits for the disk with the plan's serial and emits its facts. Returns its logical block size. */
uint64_t disk_find(const struct plan *plan, char *device, size_t size);

/* Mounts the device (a tmpfs for fstype none), makes the work folder, nodatacow if asked for, and goes
 * there. */
void disk_mount(const struct plan *plan, const char *device);

/* Leaves the work folder, syncs, unmounts. */
void disk_umount(void);

#endif
