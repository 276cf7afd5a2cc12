/* Another host, with libvirt and QEMU alone, that guests run on: what a libvirt back end does more for it. */
#ifndef QB_REMOTE_H
#define QB_REMOTE_H

#include "guest/backend.h"
#include "guest/serial.h"

/*
 * Sets backend->away. `link` is connected; both outlive it. connect() is called before the host is asked for anything, and
 * connects again when the connection was lost. ERR_HOST: the host has no storage for guests.
 */
int remote_open(struct link *link, struct backend *backend,
		int (*connect)(struct backend *backend, struct err *err), struct err *err);

/* Both serials of a guest that was placed, each with its file here: the caller's to close, also on error. ERR_HOST. */
int remote_serials(struct backend_away *away, const struct domain_spec *spec, struct serial **console,
		   struct serial **events, struct err *err);

/* On a new connection. ERR_HOST. */
int remote_open_again(struct backend_away *away, struct err *err);

void remote_close(struct backend_away *away);

#endif
