/*
 * The process that outlives the worker, so that no guest outlives both.
 *
 * Guests are daemons: they lose their parent. A child subreaper inherits them, may end them when the worker
 * dies, whatever way, and reaps them promptly (libvirt's wait for a guest's end is 2.0 s without, 0.2 s with
 * that).
 */
#ifndef QB_SUPERVISOR_H
#define QB_SUPERVISOR_H

#include <stdatomic.h>

#include "base/buf.h"

/*
 * Forks; runs work(arg) in the child (the worker) and returns its result, the exit code, in the parent, after
 * every process that the worker left has been killed and reaped, and its temporary files (base/leftover.h) are gone. A
 * worker killed by a signal gives 128.
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT are passed on as SIGTERM; a second one kills the worker and gives 130.
 * To be called before any thread is started.
 */
int supervise(int (*work)(void *arg), void *arg);

/* True in the worker once it was asked to end (by a signal, or because its supervisor died), and in a thread once what it does
 * is not wanted any more. */
bool supervise_interrupted(void);

/*
 * The same for who has just seen a child end by a signal: who ends a job signals all its processes, the child
 * perhaps before us. Waits up to a second for our own to come.
 */
bool supervise_called_off(void);

/* In this thread *flag says from now on that what it does is not wanted any more. NULL: nothing does. */
void supervise_thread(const atomic_bool *flag);
bool supervise_unwanted(void);

#endif
