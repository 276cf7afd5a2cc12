/* The strict scanner behind json_parse(): see config/json.h for what it refuses. */
#ifndef QB_JSON_SCAN_H
#define QB_JSON_SCAN_H

#include "config/json.h"

/* Appends a node for each value of the text, without `object` and `key`; the text must be NUL-terminated. */
int json_scan(struct json_doc *doc, const char *text, size_t len, struct err *err);

#endif
