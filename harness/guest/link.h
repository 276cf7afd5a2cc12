/*
 * A connection to libvirt. No call of libvirt's blocks without a deadline: one that does not answer in time ends the
 * process (exit 128), and the supervisor ends its guests. A dead host does not come to that: its calls fail when nothing
 * was heard of it for 20 s, and connecting to it when ssh gives up.
 *
 *	link_begin(&link, &call, "starting a guest");
 *	... the call ...
 *	link_end(&link, &call);
 *
 * Callbacks of libvirt's come in a thread of its own. `lock` guards what they change, `changed` tells of it.
 */
#ifndef QB_LINK_H
#define QB_LINK_H

#include <libvirt/libvirt.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/err.h"

/* A call that is under way; on the caller's stack. */
struct link_call {
	struct link_call *next;
	const char *what;
	int64_t deadline, ms;
};

struct link {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* guarded by `lock` */
	virConnectPtr conn;  /* NULL: not connected */
	unsigned connection; /* the how-manieth it is */
	bool lost;	     /* the other end is gone: nothing will come of it any more */
	/* private */
	const char *uri;
	pthread_t events, guard;
	bool events_run, guard_runs, quit;
	int timer;
	struct link_call *calls;
	virConnectPtr *old; /* that were lost; whoever still uses one is told so by each call */
	size_t n_old, cap_old;
};

void link_init(struct link *link);

/* Starts the threads, for what `uri` leads to, which stays the caller's; libvirt's own log goes to the file `log`. ERR_HOST. */
int link_start(struct link *link, const char *uri, const char *log, struct err *err);

/* Connects, and keeps an eye on the other end when there is one; also in place of a connection that was lost. ERR_HOST:
 * what libvirt says. */
int link_connect(struct link *link, struct err *err);

/* From now on the connection counts as lost: what it needs besides could not be had. */
void link_lose(struct link *link);

/* The connection as it is now; it stays valid until link_close(). `connection` may be NULL. */
virConnectPtr link_conn(struct link *link, unsigned *connection);

void link_begin(struct link *link, struct link_call *call, const char *what);
void link_end(struct link *link, struct link_call *call);

/* With `lock` held: waits for a change, at most so long. */
void link_wait(struct link *link, int64_t ms);

bool link_is_lost(struct link *link);

/* ERR_HOST: "WHAT: libvirt says: ...", its last error. */
int link_error(struct err *err, const char *what);

/* Ends the connections, if there are any, and the threads. */
void link_close(struct link *link);

#endif
