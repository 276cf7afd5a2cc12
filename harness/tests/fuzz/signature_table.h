/* The signatures that come with qbisect, read once. */
#ifndef QB_SIGNATURE_TABLE_H
#define QB_SIGNATURE_TABLE_H

#include "base/fs.h"
#include "verdict/signatures.h"

static struct signatures table;

static inline void load_table(void)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(err) err = ERR_INIT;

	if (table.n)
		return;
	if (fs_read("configs/signatures.json", 1 << 20, &text, &err) < 0 ||
	    signatures_parse("signatures.json", text.s, text.len, &table, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
}

#endif
