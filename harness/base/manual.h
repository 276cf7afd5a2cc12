/* The man page and the bash completion, from the same tables as --help. */
#ifndef QB_MANUAL_H
#define QB_MANUAL_H

#include "base/opts.h"

/* `verbs` is NULL-terminated; `exits` is the table of exit codes as lines "CODE<tab>meaning". */
void manual_man(const struct verb *const *verbs, const char *summary, const char *exits, struct buf *out);
void manual_completion(const struct verb *const *verbs, struct buf *out);

#endif
