/* libarchive readers as both intake.c and unpack.c use them. */
#ifndef QB_FILTERS_H
#define QB_FILTERS_H

#include <archive.h>

#include "base/buf.h"

static inline void reader_release(struct archive **a)
{
	archive_read_free(*a);
}
AUTO_DEFINE(reader, struct archive *, reader_release);

/* Only what libarchive has built in: other filters would start programs. */
static inline void filters_support(struct archive *a)
{
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_zstd(a);
}

#endif
