/* The verbs, each in its cmd_*.c; main.c's table lists those that qbisect has. */
#ifndef QB_CMD_H
#define QB_CMD_H

#include "base/opts.h"

extern const struct verb cmd_bisect, cmd_classify, cmd_doctor, cmd_report, cmd_run, cmd_simulate;
extern const struct verb cmd_kernel_fetch, cmd_kernel_import, cmd_kernel_list, cmd_kernel_remove,
    cmd_kernel_show;

/* What the line said for every verb: --home and --quiet. */
extern struct opts_common cmd_common;

#endif
