/* The verbs, each in its cmd_ file; main.c makes the table. */
#ifndef QB_CMD_H
#define QB_CMD_H

#include "base/opts.h"

extern const struct verb cmd_kernel_import, cmd_kernel_fetch, cmd_kernel_list, cmd_kernel_show,
    cmd_kernel_remove;

#endif
