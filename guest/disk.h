/* The disk under test: found by its serial, mounted as the plan says, a fresh work folder for each scenario,
 * unmounted at the end. */
#ifndef GUEST_DISK_H
#define GUEST_DISK_H

#include "plan.h"

#define DISK_FOLDER "/mnt"
#define WORK_FOLDER DISK_FOLDER "/work"

/* Waits for the disk with the plan's serial and emits its facts. Returns its logical block size. */
uint64_t disk_find(const struct plan *plan, char *device, size_t size);

/* Mounts the device (a tmpfs for fstype none). */
void disk_mount(const struct plan *plan, const char *device);

/* Makes the scenario's work folder, nodatacow if asked for, and goes there. */
void disk_open_folder(const struct plan *plan);

/* Leaves it, removes it with all that is in it, syncs. */
void disk_close_folder(void);

/* Syncs, unmounts. */
void disk_umount(void);

#endif
