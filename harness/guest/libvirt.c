/* The libvirt back end: guests as libvirt runs them, on this host or, with guest/remote.h, on another one. */
#include <sys/random.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/progress.h"
#include "base/supervisor.h"
#include "guest/backend.h"
#include "guest/embed.h"
#include "guest/process.h"
#include "guest/remote.h"
#include "guest/serial.h"

#define STOP_MS 10000

/* A guest that panics is suspended, too, some milliseconds before libvirt tells of the crash; one for which no such
 * word comes has been given up by KVM or by its disk. */
#define SUSPENDED_MS 2000

/* From another host the serials are fetched so often. What a guest wrote last is all there when nothing more has come for so long
 * behind its end: virtlogd, which may stand between QEMU and the file, has one thread for all guests. */
#define FETCH_MS 200
#define QUIET_MS 2000

/* A daemon that is restarted is back in some seconds. Those who have waited meanwhile do not try that again. */
#define AGAIN_MS       30000
#define AGAIN_EVERY_MS 500
#define GIVEN_UP_MS    5000

struct libvirt {
	struct backend base;
	struct embed_root root;
	char *uri;
	struct link link; /* its lock guards `guests`, and every guest's `end` */
	unsigned start_flags;
	int callback;
	struct guest *guests;

	/* One at a time: looking at a QEMU for the first time takes long, and libvirt lets all wait. Held, too, while the
	 * connection is made anew. */
	pthread_mutex_t starting;
	int64_t given_up_at; /* guarded by it: clock_ms() when that failed last; 0: never */
};

struct guest {
	struct libvirt *lv;
	struct guest *next;
	virDomainPtr dom;
	char uuid[VIR_UUID_STRING_BUFLEN];
	unsigned connection; /* that it came with: link_conn() */
	enum guest_end end;
	bool stopped; /* we asked for its end */
	bool killed;  /* somebody else on the host did, by a signal */
	bool gone;    /* libvirt has done with it, a crashed one too */
	/* When QEMU stopped its processors (clock_ms()); 0: it did not. The guest is still there. */
	int64_t suspended_at;
	/* of a guest on another host: what only the thread that watches it uses */
	struct serial *console, *events;
	int64_t fetched_at;  /* clock_ms() */
	int64_t quiet_since; /* the same: nothing came since then, and it had ended; 0: something may come */
	bool all_came;
};

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
	pthread_mutex_lock(&lv->link.lock);
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
	pthread_cond_broadcast(&lv->link.changed);
	pthread_mutex_unlock(&lv->link.lock);
	return 0;
}

/* --- guests ------------------------------------------------------------------------------------------- */

static void unlink_guest(struct guest *guest)
{
	struct libvirt *lv = guest->lv;

	pthread_mutex_lock(&lv->link.lock);
	for (struct guest **p = &lv->guests; *p; p = &(*p)->next) {
		if (*p == guest) {
			*p = guest->next;
			break;
		}
	}
	pthread_mutex_unlock(&lv->link.lock);
}

/* With the lock held: nothing will be told of it any more. */
static bool is_lost(const struct guest *guest)
{
	const struct link *link = &guest->lv->link;

	return link->lost || guest->connection != link->connection;
}

/* With the lock held: what libvirt has told. */
static enum guest_end end_told(struct guest *guest)
{
	if (guest->end == GUEST_RUNNING && guest->suspended_at &&
	    clock_ms() - guest->suspended_at > SUSPENDED_MS)
		guest->end = GUEST_FAILED;
	if (guest->end == GUEST_RUNNING && is_lost(guest))
		guest->end = GUEST_LOST;
	return guest->end;
}

static enum guest_end set_end(struct guest *guest, enum guest_end end)
{
	pthread_mutex_lock(&guest->lv->link.lock);
	guest->end = end;
	pthread_mutex_unlock(&guest->lv->link.lock);
	return end;
}

/* A guest on another host has ended when all that it wrote is here, too. */
static enum guest_end fetch(struct guest *guest, enum guest_end told)
{
	int console, events;

	if (told == GUEST_LOST || told == GUEST_CUT || guest->all_came)
		return told;
	if (clock_ms() - guest->fetched_at < FETCH_MS)
		return GUEST_RUNNING;
	console = serial_fetch(guest->console);
	/* The events must not run ahead of what the console says about them. */
	events = console < 0 ? console : console < SERIAL_MOST ? serial_fetch(guest->events) : 0;
	guest->fetched_at = clock_ms();
	if (events < 0)
		return set_end(guest, events == SERIAL_CUT ? GUEST_CUT : GUEST_LOST);
	if (told == GUEST_RUNNING || console || events)
		guest->quiet_since = 0;
	else if (!guest->quiet_since)
		guest->quiet_since = guest->fetched_at;
	guest->all_came = guest->quiet_since && guest->fetched_at - guest->quiet_since >= QUIET_MS;
	return guest->all_came ? told : GUEST_RUNNING;
}

static enum guest_end guest_wait(struct guest *guest, int64_t ms)
{
	struct libvirt *lv = guest->lv;
	int64_t deadline = clock_ms() + ms;

	for (;;) {
		enum guest_end end;
		int64_t left;

		pthread_mutex_lock(&lv->link.lock);
		end = end_told(guest);
		pthread_mutex_unlock(&lv->link.lock);
		end = guest->events ? fetch(guest, end) : end;
		left = clock_left(deadline);
		if (end != GUEST_RUNNING || left == 0)
			return end;
		pthread_mutex_lock(&lv->link.lock);
		if (guest->events || end_told(guest) == GUEST_RUNNING)
			link_wait(&lv->link, guest->events && left > FETCH_MS ? FETCH_MS : left);
		pthread_mutex_unlock(&lv->link.lock);
	}
}

/* One that is given up may run. */
static bool may_run(struct guest *guest)
{
	enum guest_end end = guest_wait(guest, 0);

	return end == GUEST_RUNNING || end == GUEST_LOST || end == GUEST_CUT || guest->suspended_at;
}

static void guest_stop(struct guest *guest)
{
	struct libvirt *lv = guest->lv;
	struct link_call call;
	bool frozen;

	pthread_mutex_lock(&lv->link.lock);
	guest->stopped = true;
	pthread_mutex_unlock(&lv->link.lock);
	if (!guest->dom || !may_run(guest))
		return;
	frozen = process_is_frozen(virDomainGetName(guest->dom));
	link_begin(&lv->link, &call, "ending a guest");
	virDomainDestroy(guest->dom);
	link_end(&lv->link, &call);
	guest_wait(guest, STOP_MS);
	if (!frozen)
		return;
	pthread_mutex_lock(&lv->link.lock);
	guest->end = GUEST_FAILED;
	pthread_mutex_unlock(&lv->link.lock);
}

/* A crashed guest is there for some moments, and libvirt writes about it. */
static void wait_gone(struct guest *guest)
{
	int64_t deadline = clock_ms() + STOP_MS;

	pthread_mutex_lock(&guest->lv->link.lock);
	while (!guest->gone && !is_lost(guest) && clock_left(deadline) > 0)
		link_wait(&guest->lv->link, clock_left(deadline));
	pthread_mutex_unlock(&guest->lv->link.lock);
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
	serial_close(guest->console);
	serial_close(guest->events);
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
	struct link_call call;
	int status;

	guest->lv = lv;
	choose_uuid(guest);
	document = xml_with_uuid(xml, guest->uuid);
	pthread_mutex_lock(&lv->link.lock);
	guest->next = lv->guests;
	lv->guests = guest;
	pthread_mutex_unlock(&lv->link.lock);
	pthread_mutex_lock(&lv->starting);
	link_begin(&lv->link, &call, "starting a guest");
	embed_sweep_others(&lv->root);
	guest->dom = virDomainCreateXML(link_conn(&lv->link, &guest->connection), document, lv->start_flags);
	link_end(&lv->link, &call);
	pthread_mutex_unlock(&lv->starting);
	status = guest->dom ? 0 : link_error(err, spec->name);
	if (!guest->dom)
		guest->end = GUEST_FAILED;
	else if (lv->base.away)
		status = remote_serials(lv->base.away, spec, &guest->console, &guest->events, err);
	if (status < 0) {
		guest_release(guest);
		return -1;
	}
	*out = guest;
	return 0;
}

static void describe(struct backend *backend, struct buf *out)
{
	struct libvirt *lv = (struct libvirt *)backend;
	unsigned long library = 0;
	struct link_call call;

	link_begin(&lv->link, &call, "asking for libvirt's version");
	virConnectGetLibVersion(link_conn(&lv->link, NULL), &library);
	link_end(&lv->link, &call);
	buf_addf(out, "libvirt %lu.%lu.%lu", library / 1000000, library / 1000 % 1000, library % 1000);
}

/* --- the connection ----------------------------------------------------------------------------------- */

static void ask_no_events(struct libvirt *lv)
{
	struct link_call call;

	if (lv->callback < 0)
		return;
	link_begin(&lv->link, &call, "asking for no more events");
	virConnectDomainEventDeregisterAny(link_conn(&lv->link, NULL), lv->callback);
	link_end(&lv->link, &call);
	lv->callback = -1;
}

static int ask_events(struct libvirt *lv, struct err *err)
{
	struct link_call call;

	link_begin(&lv->link, &call, "asking for events");
	lv->callback =
	    virConnectDomainEventRegisterAny(link_conn(&lv->link, NULL), NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
					     VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), lv, NULL);
	link_end(&lv->link, &call);
	return lv->callback < 0 ? link_error(err, "asking for events") : 0;
}

static void close_libvirt(struct backend *backend)
{
	struct libvirt *lv = (struct libvirt *)backend;

	ask_no_events(lv);
	remote_close(lv->base.away);
	link_close(&lv->link);
	embed_sweep_others(&lv->root);
	embed_root_release(&lv->root);
	pthread_mutex_destroy(&lv->starting);
	free(lv->uri);
	free(lv);
}

static struct libvirt *new_libvirt(void)
{
	struct libvirt *lv = xcalloc(1, sizeof(*lv));
	static const struct backend_ops ops = { start_guest,   guest_wait, guest_stop,
						guest_release, describe,   close_libvirt };

	lv->base.ops = &ops;
	lv->root = (struct embed_root)EMBED_ROOT_INIT;
	lv->callback = -1;
	link_init(&lv->link);
	pthread_mutex_init(&lv->starting, NULL);
	return lv;
}

static int try_again(struct libvirt *lv, struct err *err)
{
	int64_t deadline = clock_ms() + AGAIN_MS;

	for (;;) {
		AUTO(err) fault = ERR_INIT;

		if (link_connect(&lv->link, &fault) == 0)
			return 0;
		/* ctrl-C ends the ssh that connects, too */
		if (supervise_called_off())
			return err_set(err, ERR_INTERRUPTED, "interrupted while connecting again");
		if (clock_left(deadline) == 0)
			return err_set(err, fault.kind,
				       "the connection was lost, and cannot be made again: %s", fault.text);
		clock_sleep(AGAIN_EVERY_MS);
	}
}

/* Without events and storage it is none. */
static int connect_again(struct libvirt *lv, struct err *err)
{
	if (lv->given_up_at && clock_ms() - lv->given_up_at < GIVEN_UP_MS)
		return err_set(err, ERR_HOST, "the connection to %s was lost, and cannot be made again",
			       lv->uri);
	progress_step("the connection to %s was lost: connecting again", lv->uri);
	ask_no_events(lv);
	if (try_again(lv, err) == 0 && ask_events(lv, err) == 0 && remote_open_again(lv->base.away, err) == 0)
		return 0;
	link_lose(&lv->link);
	lv->given_up_at = clock_ms();
	return -1;
}

static int ensure_connection(struct backend *backend, struct err *err)
{
	struct libvirt *lv = (struct libvirt *)backend;
	int status;

	pthread_mutex_lock(&lv->starting);
	status = link_is_lost(&lv->link) ? connect_again(lv, err) : 0;
	pthread_mutex_unlock(&lv->starting);
	return status;
}

static int explain(bool embed, const char *uri, struct err *err)
{
	if (embed)
		return err_wrap(
		    err,
		    "cannot use this libvirt root (is another qbisect using it? is libvirt-daemon-driver-qemu "
		    "installed? 'make deps' does)");
	if (!backend_is_away(uri))
		return -1;
	if (supervise_called_off()) /* ctrl-C ends the ssh that connects, too */
		return err_set(err, ERR_INTERRUPTED, "interrupted while connecting to %s", uri);
	return err_wrap(err, "cannot reach it (does ssh log in there, is libvirtd or virtqemud running, and "
			     "may that user use it?)");
}

static int connect_to(struct libvirt *lv, const char *uri, struct err *err)
{
	bool embed = str_starts(uri, "qemu:///embed");

	/* A daemon's guests are not our descendants: it must end them with our connection. Embed refuses
	 * that. */
	if (!embed && !str_starts(uri, "test:"))
		lv->start_flags = VIR_DOMAIN_START_AUTODESTROY;
	if (link_connect(&lv->link, err) < 0)
		return explain(embed, uri, err);
	if (ask_events(lv, err) < 0)
		return -1;
	if (!backend_is_away(uri))
		return 0;
	return remote_open(&lv->link, &lv->base, ensure_connection, err);
}

static int open_link(struct libvirt *lv, const char *uri, struct err *err)
{
	AUTO_FREE char *log = lv->root.path ? path_join(lv->root.path, "libvirt.log") : xstrdup("/dev/null");

	return link_start(&lv->link, uri, log, err) < 0 ? -1 : connect_to(lv, uri, err);
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
	lv->uri = xstrdup(uri);
	if (open_link(lv, uri, err) == 0)
		return 0;
failed:
	backend_close(backend);
	return -1;
}
