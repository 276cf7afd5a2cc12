/*
 * How large a regular expression is. Pure.
 *
 * The C library's regcomp() unfolds repetitions: "(((x+)+)+)+" doubles with each "+", "((x{999}){999}){999}" has a
 * thousand million pieces, and it takes all memory, or the stack, to compile them. And it follows each way around what
 * may match nothing, once for each set of anchors on it: "$((((()+)+)+)+)+" and sixty times "(^|$|\b)" take minutes. So what comes
 * from a file is measured first.
 */
#ifndef QB_PATTERN_H
#define QB_PATTERN_H

#include <stdbool.h>

#define PATTERN_PIECES_MAX 2000

/* Whether a POSIX extended expression unfolds to at most PATTERN_PIECES_MAX characters, counted generously: anchors and
 * groups that may match nothing are many, without end in a loop. Whether it is one at all is regcomp()'s to say. */
bool pattern_is_modest(const char *pattern);

#endif
