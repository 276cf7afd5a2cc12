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
	GUEST_LOST,    /* the connection to its host was lost: nobody knows whether it has ended */
	GUEST_CUT,     /* a part of what it wrote was lost on its host; it may be running */
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

/*
 * Guests on another host, with libvirt and QEMU alone. This is all that differs: what a guest of an architecture finds
 * is asked for (look), what it boots from is brought there (place) and, but for what another one can use, removed
 * behind it (clear). start() takes the domain_spec of here, whose serials are written here, and the XML of there.
 */
struct backend_away;

/* What guests find there. Texts are owned. */
struct backend_machine {
	const char *accelerator; /* "kvm" or "tcg" */
	char *why;		 /* for people */
	char *emulator;		 /* its path */
	char *version;		 /* as emulators begin what they say to --version */
	char *host;		 /* for records, as host_describe() says it of this one */
};

/* A domain_spec as it is there. What it points to is owned, or the spec's that it was made of. */
struct backend_placed {
	struct domain_spec spec;
	char *kernel, *initrd, *disk, *console, *events;
};

struct backend_size {
	unsigned cores;
	uint64_t memory;  /* MiB that guests can have together */
	const char *pool; /* where what they boot from is kept */
	uint64_t room;	  /* bytes that it can take */
};

struct backend_away_ops {
	/* `wanted` is auto, tcg or kvm; `cache_dir` is for what KVM is probed with. *out is the caller's to release.
	 * ERR_HOST with what to do. */
	int (*look)(struct backend_away *away, const struct arch *arch, const char *wanted,
		    const char *cache_dir, struct backend_machine *out, struct err *err);
	/* KVM has failed a guest after all: from now on `auto` is tcg. */
	void (*distrust)(struct backend_away *away, const struct arch *arch, const char *cache_dir,
			 const char *reason);
	/* A file that is there already is not brought again. clear() is due in any case. ERR_HOST, ERR_INTERRUPTED. */
	int (*place)(struct backend_away *away, const struct domain_spec *spec, struct backend_placed *placed,
		     struct err *err);
	void (*clear)(struct backend_away *away, struct backend_placed *placed);
	int (*measure)(struct backend_away *away, struct backend_size *size, struct err *err);
};

struct backend_away {
	const struct backend_away_ops *ops;
};

/* Whether the URI names a host, which guests then run on. NULL is none. */
bool backend_is_away(const char *uri);

void backend_machine_release(struct backend_machine *machine);
AUTO_DEFINE(backend_machine, struct backend_machine, backend_machine_release);

/* The first member of every back end's own struct. */
struct backend {
	const struct backend_ops *ops;
	struct backend_away *away; /* NULL: guests run on this host */
};

/*
 * Opens a back end. `uri` NULL or qemu:///embed: that, with a root folder of our own below `cache_dir` (NULL: where
 * embed_root_take() says; its configuration is written here; kept between runs, since the first look at QEMU's abilities
 * takes long).
 * "fake:FOLDER" plays recordings. Anything else is libvirt's, and one with a host in it means that host. -1: ERR_HOST.
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
