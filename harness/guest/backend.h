/*
 * Where guests run: libvirt in earnest, a player of recorded consoles in tests.
 *
 *	1. backend_open()
 *	2. backend->ops->start(): the guest runs, its serials append to the files of the domain_spec
 *	3. ops->wait() until it says that the guest has ended, or ops->stop()
 *	4. ops->release() the guest, backend_close()
 *
 * A guest that is released while it runs is stopped first. No call blocks without a deadline: a libvirt call
 * that does not answer in time ends the process (exit 128), and the supervisor ends its guests.
 */
#ifndef QB_BACKEND_H
#define QB_BACKEND_H

#include "guest/domain.h"

enum guest_end {
	GUEST_RUNNING,
	GUEST_POWERED_OFF, /* by itself; proves nothing: panic and reboot look the same on x86 */
	GUEST_CRASHED,	   /* the panic device or QEMU told of a crash */
	GUEST_FAILED, /* QEMU died, was killed or stopped, or has stopped the guest for a fault of the host's */
	GUEST_STOPPED, /* by us */
};

struct backend;
struct guest;

struct backend_ops {
	/* `xml` is domain_xml() of `spec`. *guest is the caller's to release. -1: ERR_HOST with what to
	 * do. */
	int (*start)(struct backend *backend, const struct domain_spec *spec, const char *xml,
		     struct guest **guest, struct err *err);
	/* Waits at most `ms` for the guest's end. */
	enum guest_end (*wait)(struct guest *guest, int64_t ms);
	/* Kills the guest and waits for its end (bounded). Nothing when it has ended. GUEST_FAILED is the end
	 * of one that could not run, because somebody had stopped its QEMU. */
	void (*stop)(struct guest *guest);
	void (*release)(struct guest *guest);
	/* Appends what this back end is, for records: "libvirt 9.0.0". */
	void (*describe)(struct backend *backend, struct buf *out);
	void (*close)(struct backend *backend);
};

/* The first member of every back end's own struct. */
struct backend {
	const struct backend_ops *ops;
};

/*
 * Opens a back end. `uri` NULL or qemu:///embed: that, with a root folder of our own below `cache_dir` (NULL: where
 * embed_root_take() says; its configuration is written here; kept between runs, since the first look at QEMU's abilities
 * takes long).
 * "fake:FOLDER" plays recordings. Anything else is libvirt's. -1: ERR_HOST.
 */
int backend_open(const char *uri, const char *cache_dir, struct backend **backend, struct err *err);

static inline void backend_close(struct backend **backend)
{
	if (*backend)
		(*backend)->ops->close(*backend);
	*backend = NULL;
}
AUTO_DEFINE(backend, struct backend *, backend_close);

/* The implementations behind backend_open(). */
int backend_open_libvirt(const char *uri, const char *cache_dir, struct backend **backend, struct err *err);
int backend_open_fake(const char *folder, struct backend **backend, struct err *err);

#endif
