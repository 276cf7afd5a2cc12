/* What PID 1 does around the scenario. What goes wrong is `broken`. */
#ifndef GUEST_BOOT_H
#define GUEST_BOOT_H

#include "plan.h"

/* Mounts the kernel's file systems and gives PID 1 its standard streams. */
void boot_mount(void);

/* Reads the nonce from the kernel's command line; "" when there is none. */
void boot_nonce(char nonce[PROTO_NONCE_MAX + 1]);

/* Opens the events' serial, raw: `device`, or when it is "" the first of the usual ones that works.
 * -1: none. */
int boot_events(const char *device);

/* Loads the plan's modules in order. Those whose device is not there (ENODEV), or that are there (EEXIST),
 * are facts. */
void boot_modules(const struct plan *plan);

/* Ends what still runs. False: something does not die. */
bool boot_kill_all(void);

/* Lets the events drain and powers off. */
__attribute__((noreturn)) void boot_power_off(void);

#endif
