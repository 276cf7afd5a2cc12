/* The table of signatures, as set-up and tear-down for cmocka. */
#ifndef QB_TEST_SIGNATURES_FIXTURE_H
#define QB_TEST_SIGNATURES_FIXTURE_H

#include "base/fs.h"
#include "verdict/signatures.h"

#define SIGNATURES "configs/signatures.json"

static struct signatures table;

static int signatures_set_up(void **state)
{
	AUTO(err) err = ERR_INIT;
	AUTO(buf) text = BUF_INIT;

	(void)state;
	if (fs_read(SIGNATURES, 1 << 20, &text, &err) < 0 ||
	    signatures_parse(SIGNATURES, text.s, text.len, &table, &err) < 0)
		fail_msg("%s", err.text);
	return 0;
}

static int signatures_tear_down(void **state)
{
	(void)state;
	signatures_release(&table);
	return 0;
}

#endif
