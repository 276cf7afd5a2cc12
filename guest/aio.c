#include "aio.h"

/* A cross compiler may see the host's header and still have no library: then the build says QB_RAW_AIO. */
#if __has_include(<libaio.h>) && !defined(QB_RAW_AIO)
#include <libaio.h>

static const char backend[] = "libaio";

static void prepare(struct iocb *control, struct aio_request *request)
{
	if (request->write)
		io_prep_pwrite(control, request->fd, request->buffer, request->len,
			       (long long)request->offset);
	else
		io_prep_pread(control, request->fd, request->buffer, request->len,
			      (long long)request->offset);
	control->data = request;
}

static struct aio_request *request_of(const struct io_event *event)
{
	return event->data;
}
#else
#include <linux/aio_abi.h>
#include <sys/syscall.h>

typedef aio_context_t io_context_t;

static const char backend[] = "raw";

static void prepare(struct iocb *control, struct aio_request *request)
{
	memset(control, 0, sizeof(*control));
	control->aio_lio_opcode = request->write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD;
	control->aio_fildes = (uint32_t)request->fd;
	control->aio_buf = (uintptr_t)request->buffer;
	control->aio_nbytes = request->len;
	control->aio_offset = (int64_t)request->offset;
	control->aio_data = (uintptr_t)request;
}

static struct aio_request *request_of(const struct io_event *event)
{
	return (struct aio_request *)(uintptr_t)event->data;
}

/* As libaio has them: the result, or -errno. */
static int call(long result)
{
	return result < 0 ? -errno : (int)result;
}

static int io_setup(unsigned depth, io_context_t *context)
{
	return call(syscall(SYS_io_setup, depth, context));
}

static int io_submit(io_context_t context, long n, struct iocb **controls)
{
	return call(syscall(SYS_io_submit, context, n, controls));
}

static int io_getevents(io_context_t context, long min, long max, struct io_event *events, void *timeout)
{
	return call(syscall(SYS_io_getevents, context, min, max, events, timeout));
}

static void io_destroy(io_context_t context)
{
	syscall(SYS_io_destroy, context);
}
#endif

_Static_assert(sizeof(struct iocb) <= sizeof(((struct aio_request *)0)->control), "room for an iocb");

struct aio {
	io_context_t context;
	unsigned depth;
	struct iocb **controls;
	struct io_event *events;
};

const char *aio_backend(void)
{
	return backend;
}

int aio_open(struct aio **aio, unsigned depth)
{
	struct aio *a = must_calloc(1, sizeof(*a));
	int ret = io_setup(depth, &a->context);

	if (ret < 0) {
		free(a);
		return -ret;
	}
	a->depth = depth;
	a->controls = must_calloc(depth, sizeof(struct iocb *));
	a->events = must_calloc(depth, sizeof(*a->events));
	*aio = a;
	return 0;
}

int aio_submit(struct aio *aio, struct aio_request **requests, unsigned n)
{
	unsigned done = 0;

	for (unsigned i = 0; i < n; i++) {
		aio->controls[i] = (struct iocb *)(void *)requests[i]->control;
		prepare(aio->controls[i], requests[i]);
	}
	while (done < n) {
		int ret = io_submit(aio->context, n - done, aio->controls + done);

		if (ret == -EINTR)
			continue;
		if (ret <= 0)
			return ret < 0 ? -ret : EAGAIN;
		done += (unsigned)ret;
	}
	return 0;
}

int aio_wait(struct aio *aio, struct aio_request **done)
{
	int n;

	do
		n = io_getevents(aio->context, 1, aio->depth, aio->events, NULL);
	while (n == -EINTR);
	for (int i = 0; i < n; i++) {
		done[i] = request_of(&aio->events[i]);
		done[i]->result = (long)aio->events[i].res;
	}
	return n;
}

void aio_close(struct aio *aio)
{
	io_destroy(aio->context);
	free(aio->controls);
	free(aio->events);
	free(aio);
}
