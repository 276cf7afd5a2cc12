/*
 * Malformed input for every parser, made of small valid ones. `hostile DIR` writes DIR/<what reads it>/<number>-<what is
 * wrong>, always the same, `hostile DIR READER FILE` does so for a file that is there, JSON or bytes; harness/tests/fake/hostile.sh gives them to qbisect, and the fuzz targets begin with them.
 */
#ifndef QB_HOSTILE_H
#define QB_HOSTILE_H

#include "base/buf.h"

/* Writes one input. Numbers count up in each folder. */
void hostile_put(const char *reader, const char *name, const void *data, size_t len);

/* What can be wrong with any text, and with any JSON besides. */
void hostile_texts(const char *reader, const char *seed);
void hostile_json(const char *reader, const char *seed);

/* What can be wrong with any bytes: cut short at each of `at` (ended by 0) and elsewhere, flipped bits, none. */
void hostile_bytes(const char *reader, const char *name, const struct buf *seed);

/* The formats. */
void hostile_packages(void);
void hostile_images(void);

#endif
