#include "base/err.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"

static int set_text(struct err *err, enum err_kind kind, struct buf *text)
{
	free(err->text);
	err->kind = kind;
	err->text = buf_steal(text);
	return -1;
}

int(err_set)(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	return set_text(err, kind, &text);
}

int(err_errno)(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	const char *reason = strerror(errno);
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	buf_addf(&text, ": %s", reason);
	return set_text(err, kind, &text);
}

int(err_wrap)(struct err *err, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	buf_addf(&text, ": %s", err->text ? err->text : "");
	return set_text(err, err->kind, &text);
}

int err_exit_code(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:
		return 0;
	case ERR_USAGE:
		return 129;
	case ERR_CANDIDATE:
		return 125;
	case ERR_INTERRUPTED:
		return 130;
	case ERR_HOST:
		break;
	}
	return 128;
}

void err_release(struct err *err)
{
	free(err->text);
	err->text = NULL;
	err->kind = ERR_NONE;
}
