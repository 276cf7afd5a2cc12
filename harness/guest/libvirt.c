/* The libvirt back end: the only file that knows libvirt. */
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <sys/random.h>

#include "base/clock.h"
#include "guest/backend.h"
#include "guest/embed.h"

#define CALL_MS	 120000 /* the first look at QEMU's abilities took up to 50 s */
#define STOP_MS	 10000
#define GUARD_MS 500

/* A guest that panics is suspended, too, some milliseconds before libvirt tells of the crash; one for which no such
 * word comes has been given up by KVM or by its disk. */
#define SUSPENDED_MS 2000

/* A call of libvirt's that is under way; on the caller's stack. */
struct call {
	struct call *next;
	const char *what;
	int64_t deadline;
};

struct libvirt {
	struct backend base;
	struct embed_root root;
	virConnectPtr conn;
	pthread_t events, guard;
	bool events_run, guard_runs;
	unsigned start_flags;
	int timer, callback;

	pthread_mutex_t lock; /* guards what follows, and every guest's `end` */
	pthread_cond_t changed;
	bool quit;
	struct guest *guests;
	struct call *calls;

	/* One at a time: looking at a QEMU for the first time takes long, and libvirt lets all wait. */
	pthread_mutex_t starting;
};

struct guest {
	struct libvirt *lv;
	struct guest *next;
	virDomainPtr dom;
	char uuid[VIR_UUID_STRING_BUFLEN];
	enum guest_end end;
	bool stopped; /* we asked for its end */
	bool killed;  /* somebody else on the host did, by a signal */
	bool gone;    /* libvirt has done with it, a crashed one too */
	/* When QEMU stopped its processors (clock_ms()); 0: it did not. The guest is still there. */
	int64_t suspended_at;
};

static int libvirt_error(struct err *err, const char *what)
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

static void call_begin(struct libvirt *lv, struct call *call, const char *what)
{
	pthread_mutex_lock(&lv->lock);
	*call = (struct call){ lv->calls, what, clock_ms() + CALL_MS };
	lv->calls = call;
	pthread_mutex_unlock(&lv->lock);
}

static void call_end(struct libvirt *lv, struct call *call)
{
	struct call **at = &lv->calls;

	pthread_mutex_lock(&lv->lock);
	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	pthread_mutex_unlock(&lv->lock);
}

static void wait_changed(struct libvirt *lv, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&lv->changed, &lv->lock, &until);
}

/* Nothing can interrupt a libvirt call, so the process ends; its supervisor ends the guests. */
static void check_call(const struct call *call)
{
	if (clock_left(call->deadline) > 0)
		return;
	fprintf(stderr, "qbisect: %s: libvirt did not answer within %d s: try again, or another --connect\n",
		call->what, CALL_MS / 1000);
	_exit(128);
}

static void *guard_main(void *arg)
{
	struct libvirt *lv = arg;

	pthread_mutex_lock(&lv->lock);
	while (!lv->quit) {
		for (const struct call *call = lv->calls; call; call = call->next)
			check_call(call);
		wait_changed(lv, GUARD_MS);
	}
	pthread_mutex_unlock(&lv->lock);
	return NULL;
}

/* --- events ------------------------------------------------------------------------------------------- */

static enum guest_end end_of(int event, int detail)
{
	if (event == VIR_DOMAIN_EVENT_CRASHED)
		return GUEST_CRASHED;
	if (event != VIR_DOMAIN_EVENT_STOPPED)
		return GUEST_RUNNING;
	switch (detail) {
	case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN:
		return GUEST_POWERED_OFF;
	case VIR_DOMAIN_EVENT_STOPPED_CRASHED:
		return GUEST_CRASHED;
	case VIR_DOMAIN_EVENT_STOPPED_DESTROYED:
		/* on_poweroff, on_reboot and on_crash are all "destroy" */
		return GUEST_POWERED_OFF;
	default:
		return GUEST_FAILED;
	}
}

static int on_lifecycle(virConnectPtr conn, virDomainPtr dom, int event, int detail, void *opaque)
{
	struct libvirt *lv = opaque;
	char uuid[VIR_UUID_STRING_BUFLEN];
	enum guest_end end = end_of(event, detail);
	bool suspended = event == VIR_DOMAIN_EVENT_SUSPENDED;
	bool killed = event == VIR_DOMAIN_EVENT_SHUTDOWN && detail == VIR_DOMAIN_EVENT_SHUTDOWN_HOST;

	(void)conn;
	if ((end == GUEST_RUNNING && !suspended && !killed) || virDomainGetUUIDString(dom, uuid) < 0)
		return 0;
	pthread_mutex_lock(&lv->lock);
	for (struct guest *g = lv->guests; g; g = g->next) {
		if (!str_eq(g->uuid, uuid))
			continue;
		g->gone |= event == VIR_DOMAIN_EVENT_STOPPED;
		if (g->end != GUEST_RUNNING)
			continue;
		if (suspended)
			g->suspended_at = clock_ms();
		else if (killed)
			g->killed = true;
		else
			g->end = g->stopped ? GUEST_STOPPED : g->killed ? GUEST_FAILED : end;
	}
	pthread_cond_broadcast(&lv->changed);
	pthread_mutex_unlock(&lv->lock);
	return 0;
}

static bool has_quit(struct libvirt *lv)
{
	bool quit;

	pthread_mutex_lock(&lv->lock);
	quit = lv->quit;
	pthread_mutex_unlock(&lv->lock);
	return quit;
}

static void *events_main(void *arg)
{
	struct libvirt *lv = arg;

	while (!has_quit(lv))
		if (virEventRunDefaultImpl() < 0)
			break;
	return NULL;
}

static void wake_up(int timer, void *opaque)
{
	(void)timer;
	(void)opaque;
}

/* --- guests ------------------------------------------------------------------------------------------- */

static void unlink_guest(struct guest *guest)
{
	struct libvirt *lv = guest->lv;

	pthread_mutex_lock(&lv->lock);
	for (struct guest **p = &lv->guests; *p; p = &(*p)->next) {
		if (*p == guest) {
			*p = guest->next;
			break;
		}
	}
	pthread_mutex_unlock(&lv->lock);
}

static enum guest_end guest_wait(struct guest *guest, int64_t ms)
{
	struct libvirt *lv = guest->lv;
	int64_t deadline = clock_ms() + ms;
	enum guest_end end;

	pthread_mutex_lock(&lv->lock);
	while (guest->end == GUEST_RUNNING && clock_left(deadline) > 0)
		wait_changed(lv, clock_left(deadline));
	if (guest->end == GUEST_RUNNING && guest->suspended_at &&
	    clock_ms() - guest->suspended_at > SUSPENDED_MS)
		guest->end = GUEST_FAILED;
	end = guest->end;
	pthread_mutex_unlock(&lv->lock);
	return end;
}

static void guest_stop(struct guest *guest)
{
	struct libvirt *lv = guest->lv;
	struct call call;
	bool frozen;

	pthread_mutex_lock(&lv->lock);
	guest->stopped = true;
	pthread_mutex_unlock(&lv->lock);
	if (!guest->dom || (guest_wait(guest, 0) != GUEST_RUNNING && !guest->suspended_at))
		return;
	frozen = embed_is_frozen(&lv->root, virDomainGetName(guest->dom));
	call_begin(lv, &call, "ending a guest");
	virDomainDestroy(guest->dom);
	call_end(lv, &call);
	guest_wait(guest, STOP_MS);
	if (!frozen)
		return;
	pthread_mutex_lock(&lv->lock);
	guest->end = GUEST_FAILED;
	pthread_mutex_unlock(&lv->lock);
}

/* A crashed guest is there for some moments, and libvirt writes about it. */
static void wait_gone(struct guest *guest)
{
	int64_t deadline = clock_ms() + STOP_MS;

	pthread_mutex_lock(&guest->lv->lock);
	while (!guest->gone && clock_left(deadline) > 0)
		wait_changed(guest->lv, clock_left(deadline));
	pthread_mutex_unlock(&guest->lv->lock);
}

static void guest_release(struct guest *guest)
{
	struct libvirt *lv;

	if (!guest)
		return;
	lv = guest->lv;
	guest_stop(guest);
	if (guest->dom)
		wait_gone(guest);
	unlink_guest(guest);
	if (guest->dom && guest->end != GUEST_FAILED)
		embed_forget(&lv->root, virDomainGetName(guest->dom));
	if (guest->dom)
		virDomainFree(guest->dom);
	free(guest);
}

/* libvirt makes the UUID at start; a guest that ends at once must not be missed, so we choose it before. */
static void choose_uuid(struct guest *guest)
{
	unsigned char bytes[16] = { 0 };

	if (getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes))
		bytes[6] = (unsigned char)(0x40 | (bytes[6] & 0x0f));
	snprintf(guest->uuid, sizeof(guest->uuid),
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", bytes[0], bytes[1],
		 bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], (bytes[8] & 0x3f) | 0x80,
		 bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]);
}

static char *xml_with_uuid(const char *xml, const char *uuid)
{
	static const char end[] = "</name>\n";
	const char *at = strstr(xml, end) + strlen(end);

	return xasprintf("%.*s  <uuid>%s</uuid>\n%s", (int)(at - xml), xml, uuid, at);
}

static int start_guest(struct backend *backend, const struct domain_spec *spec, const char *xml,
		       struct guest **out, struct err *err)
{
	struct libvirt *lv = (struct libvirt *)backend;
	struct guest *guest = xcalloc(1, sizeof(*guest));
	AUTO_FREE char *document = NULL;
	struct call call;

	guest->lv = lv;
	choose_uuid(guest);
	document = xml_with_uuid(xml, guest->uuid);
	pthread_mutex_lock(&lv->lock);
	guest->next = lv->guests;
	lv->guests = guest;
	pthread_mutex_unlock(&lv->lock);
	pthread_mutex_lock(&lv->starting);
	call_begin(lv, &call, "starting a guest");
	embed_sweep_others(&lv->root);
	guest->dom = virDomainCreateXML(lv->conn, document, lv->start_flags);
	call_end(lv, &call);
	pthread_mutex_unlock(&lv->starting);
	if (!guest->dom) {
		guest->end = GUEST_FAILED;
		guest_release(guest);
		return libvirt_error(err, spec->name);
	}
	*out = guest;
	return 0;
}

static void describe(struct backend *backend, struct buf *out)
{
	struct libvirt *lv = (struct libvirt *)backend;
	unsigned long library = 0;

	virConnectGetLibVersion(lv->conn, &library);
	buf_addf(out, "libvirt %lu.%lu.%lu", library / 1000000, library / 1000 % 1000, library % 1000);
}

/* --- the connection ----------------------------------------------------------------------------------- */

static void stop_threads(struct libvirt *lv)
{
	pthread_mutex_lock(&lv->lock);
	lv->quit = true;
	pthread_cond_broadcast(&lv->changed);
	pthread_mutex_unlock(&lv->lock);
	if (lv->events_run) {
		virEventUpdateTimeout(lv->timer, 0);
		pthread_join(lv->events, NULL);
	}
	if (lv->guard_runs)
		pthread_join(lv->guard, NULL);
}

static void close_libvirt(struct backend *backend)
{
	struct libvirt *lv = (struct libvirt *)backend;
	struct call call;

	if (lv->conn && lv->callback >= 0)
		virConnectDomainEventDeregisterAny(lv->conn, lv->callback);
	call_begin(lv, &call, "closing the connection");
	if (lv->conn && virConnectClose(lv->conn) > 0)
		fprintf(stderr, "qbisect: a reference to libvirt's connection was leaked\n");
	call_end(lv, &call);
	stop_threads(lv);
	embed_sweep_others(&lv->root);
	embed_root_release(&lv->root);
	pthread_cond_destroy(&lv->changed);
	pthread_mutex_destroy(&lv->lock);
	pthread_mutex_destroy(&lv->starting);
	free(lv);
}

static struct libvirt *new_libvirt(void)
{
	struct libvirt *lv = xcalloc(1, sizeof(*lv));
	pthread_condattr_t attr;
	static const struct backend_ops ops = { start_guest,   guest_wait, guest_stop,
						guest_release, describe,   close_libvirt };

	lv->base.ops = &ops;
	lv->root = (struct embed_root)EMBED_ROOT_INIT;
	lv->callback = -1;
	pthread_mutex_init(&lv->lock, NULL);
	pthread_mutex_init(&lv->starting, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&lv->changed, &attr);
	pthread_condattr_destroy(&attr);
	return lv;
}

static int start_threads(struct libvirt *lv, struct err *err)
{
	AUTO_FREE char *log = lv->root.path ? xasprintf("1:file:%s/libvirt.log", lv->root.path) : NULL;

	/* Its own log would go to our stderr, where progress and our one error stand. */
	if (log)
		setenv("LIBVIRT_LOG_OUTPUTS", log, 0);
	virSetErrorFunc(NULL, no_print);
	if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0)
		return libvirt_error(err, "preparing libvirt");
	lv->timer = virEventAddTimeout(-1, wake_up, NULL, NULL);
	lv->guard_runs = pthread_create(&lv->guard, NULL, guard_main, lv) == 0;
	lv->events_run = pthread_create(&lv->events, NULL, events_main, lv) == 0;
	if (!lv->guard_runs || !lv->events_run)
		return err_set(err, ERR_HOST, "cannot start a thread: close other programs");
	return 0;
}

static int connect_to(struct libvirt *lv, const char *uri, struct err *err)
{
	struct call call;

	/* A daemon's guests are not our descendants: it must end them with our connection. Embed refuses
	 * that. */
	if (!str_starts(uri, "qemu:///embed") && !str_starts(uri, "test:"))
		lv->start_flags = VIR_DOMAIN_START_AUTODESTROY;
	call_begin(lv, &call, "connecting");
	lv->conn = virConnectOpen(uri);
	call_end(lv, &call);
	if (!lv->conn) {
		libvirt_error(err, uri);
		if (str_starts(uri, "qemu:///embed"))
			err_wrap(
			    err,
			    "cannot use this libvirt root (is another qbisect using it? is libvirt-daemon-driver-qemu "
			    "installed? 'make deps' does)");
		return -1;
	}
	lv->callback = virConnectDomainEventRegisterAny(lv->conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
							VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), lv, NULL);
	return lv->callback < 0 ? libvirt_error(err, "asking for events") : 0;
}

int backend_open_libvirt(const char *uri, const char *cache_dir, struct backend **backend, struct err *err)
{
	struct libvirt *lv = new_libvirt();
	AUTO_FREE char *own = NULL;

	*backend = &lv->base;
	if (!uri) {
		if (embed_root_take(cache_dir, &lv->root, err) < 0)
			goto failed;
		own = xasprintf("qemu:///embed?root=%s", lv->root.path);
		uri = own;
	}
	if (start_threads(lv, err) == 0 && connect_to(lv, uri, err) == 0)
		return 0;
failed:
	backend_close(backend);
	return -1;
}
