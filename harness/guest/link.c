#include "guest/link.h"

#include <libvirt/virterror.h>

#include "base/clock.h"
#include "guest/backend.h"

#define CALL_MS	 120000 /* the first look at QEMU's abilities took up to 50 s */
#define GUARD_MS 500
#define CONNECT_MS                                                                                           \
	300000 /* to another host: ssh gives a dead one up after two minutes, and that must not end us */

/* So long without a word, and another host is taken for dead. */
#define KEEPALIVE_S	5
#define KEEPALIVE_TIMES 4

int link_error(struct err *err, const char *what)
{
	const char *text = virGetLastErrorMessage();

	return err_set(err, ERR_HOST, "%s: libvirt says: %s", what, text ? text : "nothing");
}

static void no_print(void *opaque, virErrorPtr error)
{
	(void)opaque;
	(void)error;
}

/* --- calls have a deadline ---------------------------------------------------------------------------- */

static void begin(struct link *link, struct link_call *call, const char *what, int64_t ms)
{
	pthread_mutex_lock(&link->lock);
	*call = (struct link_call){ link->calls, what, clock_ms() + ms, ms };
	link->calls = call;
	pthread_mutex_unlock(&link->lock);
}

void link_begin(struct link *link, struct link_call *call, const char *what)
{
	begin(link, call, what, CALL_MS);
}

void link_end(struct link *link, struct link_call *call)
{
	struct link_call **at = &link->calls;

	pthread_mutex_lock(&link->lock);
	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	pthread_mutex_unlock(&link->lock);
}

void link_wait(struct link *link, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&link->changed, &link->lock, &until);
}

/* Nothing can interrupt a libvirt call, so the process ends; its supervisor ends the guests. */
static void check_call(const struct link *link, const struct link_call *call)
{
	if (clock_left(call->deadline) > 0)
		return;
	fprintf(stderr,
		"qbisect: %s: %s: libvirt did not answer within %lld s: try again, or another --connect\n",
		link->uri, call->what, (long long)call->ms / 1000);
	_exit(128);
}

static void *guard_main(void *arg)
{
	struct link *link = arg;

	pthread_mutex_lock(&link->lock);
	while (!link->quit) {
		for (const struct link_call *call = link->calls; call; call = call->next)
			check_call(link, call);
		link_wait(link, GUARD_MS);
	}
	pthread_mutex_unlock(&link->lock);
	return NULL;
}

/* --- the thread that callbacks come in ------------------------------------------------------------------ */

static bool has_quit(struct link *link)
{
	bool quit;

	pthread_mutex_lock(&link->lock);
	quit = link->quit;
	pthread_mutex_unlock(&link->lock);
	return quit;
}

static void *events_main(void *arg)
{
	struct link *link = arg;

	while (!has_quit(link))
		if (virEventRunDefaultImpl() < 0)
			break;
	return NULL;
}

static void wake_up(int timer, void *opaque)
{
	(void)timer;
	(void)opaque;
}

static void on_close(virConnectPtr conn, int reason, void *opaque)
{
	struct link *link = opaque;

	pthread_mutex_lock(&link->lock);
	link->lost |= conn == link->conn && reason != VIR_CONNECT_CLOSE_REASON_CLIENT;
	pthread_cond_broadcast(&link->changed);
	pthread_mutex_unlock(&link->lock);
}

bool link_is_lost(struct link *link)
{
	bool lost;

	pthread_mutex_lock(&link->lock);
	lost = link->lost;
	pthread_mutex_unlock(&link->lock);
	return lost;
}

/* --- its life ------------------------------------------------------------------------------------------- */

void link_init(struct link *link)
{
	pthread_condattr_t attr;

	*link = (struct link){ .conn = NULL };
	pthread_mutex_init(&link->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&link->changed, &attr);
	pthread_condattr_destroy(&attr);
}

int link_start(struct link *link, const char *uri, const char *log, struct err *err)
{
	AUTO_FREE char *outputs = xasprintf("1:file:%s", log);

	link->uri = uri;

	/* Its own log would go to our stderr, where progress and our one error stand. */
	setenv("LIBVIRT_LOG_OUTPUTS", outputs, 0);
	virSetErrorFunc(NULL, no_print);
	if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0)
		return link_error(err, "preparing libvirt");
	link->timer = virEventAddTimeout(-1, wake_up, NULL, NULL);
	link->guard_runs = pthread_create(&link->guard, NULL, guard_main, link) == 0;
	link->events_run = pthread_create(&link->events, NULL, events_main, link) == 0;
	if (!link->guard_runs || !link->events_run)
		return err_set(err, ERR_HOST, "cannot start a thread: close other programs");
	return 0;
}

virConnectPtr link_conn(struct link *link, unsigned *connection)
{
	virConnectPtr conn;

	pthread_mutex_lock(&link->lock);
	conn = link->conn;
	if (connection)
		*connection = link->connection;
	pthread_mutex_unlock(&link->lock);
	return conn;
}

static void take_connection(struct link *link, virConnectPtr conn)
{
	pthread_mutex_lock(&link->lock);
	if (link->conn) {
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
		GROW(link->old, link->n_old, link->cap_old);
		link->old[link->n_old++] = link->conn;
	}
	link->conn = conn;
	link->connection++;
	link->lost = false;
	pthread_mutex_unlock(&link->lock);
}

int link_connect(struct link *link, struct err *err)
{
	struct link_call call;
	virConnectPtr conn;
	bool away = backend_is_away(link->uri);

	begin(link, &call, "connecting", away ? CONNECT_MS : CALL_MS);
	conn = virConnectOpen(link->uri);
	if (conn) /* it is not there for libvirt within this process, which cannot be lost */
		virConnectRegisterCloseCallback(conn, on_close, link, NULL);
	if (conn && away) /* a daemon here that is busy is no host that is gone */
		virConnectSetKeepAlive(conn, KEEPALIVE_S, KEEPALIVE_TIMES);
	link_end(link, &call);
	if (!conn)
		return link_error(err, link->uri);
	take_connection(link, conn);
	if (virConnectIsAlive(conn) == 0) /* it was lost before it was known whose it is */
		link_lose(link);
	return 0;
}

void link_lose(struct link *link)
{
	pthread_mutex_lock(&link->lock);
	link->lost = true;
	pthread_cond_broadcast(&link->changed);
	pthread_mutex_unlock(&link->lock);
}

static void stop_threads(struct link *link)
{
	pthread_mutex_lock(&link->lock);
	link->quit = true;
	pthread_cond_broadcast(&link->changed);
	pthread_mutex_unlock(&link->lock);
	if (link->events_run) {
		virEventUpdateTimeout(link->timer, 0);
		pthread_join(link->events, NULL);
		/* The loop is shared: another link's thread would spin on it. */
		virEventRemoveTimeout(link->timer);
	}
	if (link->guard_runs)
		pthread_join(link->guard, NULL);
}

void link_close(struct link *link)
{
	struct link_call call;

	link_begin(link, &call, "closing the connection");
	for (size_t i = 0; i < link->n_old; i++) {
		virConnectUnregisterCloseCallback(link->old[i], on_close);
		virConnectClose(link->old[i]);
	}
	free(link->old);
	if (link->conn)
		virConnectUnregisterCloseCallback(link->conn, on_close);
	if (link->conn && virConnectClose(link->conn) > 0)
		fprintf(stderr, "qbisect: a reference to libvirt's connection was leaked\n");
	link_end(link, &call);
	stop_threads(link);
	pthread_cond_destroy(&link->changed);
	pthread_mutex_destroy(&link->lock);
}
