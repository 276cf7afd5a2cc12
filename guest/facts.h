/* What the guest tells about itself before the scenario starts: read back, never taken from the plan. */
#ifndef GUEST_FACTS_H
#define GUEST_FACTS_H

#include "emit.h"

/* Kernel, page size, processors, memory, kind of asynchronous I/O. */
void facts_machine(void);

/* File system of the folder, as the kernel shows it. */
void facts_file_system(const char *folder);

/* Whether a new file in the current folder is nodatacow: the scenario's own fact. */
void facts_folder(void);

#endif
