/*
 * A back end without guests, for tests of all that stands around one. A guest of candidate ID "boots" by
 * playing files of the folder: ID.N.console and ID.N.events for its Nth start, else ID.console and ID.events;
 * "@NONCE@" in them becomes the trial's nonce. ID.end says how it ends: "powered-off" (also without the
 * file), "crashed", "failed", "lost", "cut", "hang", or "frozen": it hangs because somebody stopped its QEMU.
 */
#include <fcntl.h>
#include <pthread.h>
#include <time.h>

#include "base/fs.h"
#include "guest/backend.h"
#include "proto.h"

#define RECORDING_LIMIT (64 << 20)

struct start_count {
	char *id;
	unsigned n;
};

struct fake {
	struct backend base;
	char *folder;
	pthread_mutex_t lock; /* guards what follows */
	struct start_count *counts;
	size_t n, cap;
};

struct guest {
	enum guest_end end;
	enum guest_end stopped; /* what its end is when we stop it */
};

static struct start_count *find_count(struct fake *fake, const char *id)
{
	for (size_t i = 0; i < fake->n; i++)
		if (str_eq(fake->counts[i].id, id))
			return &fake->counts[i];
	GROW(fake->counts, fake->n, fake->cap);
	fake->counts[fake->n] = (struct start_count){ xstrdup(id), 0 };
	return &fake->counts[fake->n++];
}

static unsigned count_start(struct fake *fake, const char *id)
{
	unsigned n;

	pthread_mutex_lock(&fake->lock);
	n = ++find_count(fake, id)->n;
	pthread_mutex_unlock(&fake->lock);
	return n;
}

/* Replaces every "@NONCE@". */
static void set_nonce(const struct buf *in, const char *nonce, struct buf *out)
{
	static const char mark[] = "@NONCE@";
	const char *p = in->s, *at;

	while ((at = memmem(p, in->len - (size_t)(p - in->s), mark, sizeof(mark) - 1))) {
		buf_add(out, p, (size_t)(at - p));
		buf_adds(out, nonce);
		p = at + sizeof(mark) - 1;
	}
	buf_add(out, p, in->len - (size_t)(p - in->s));
}

/* Plays FOLDER/ID.N.KIND or FOLDER/ID.KIND into `target`; with neither, nothing. */
static int play(struct fake *fake, const char *id, unsigned n, const char *kind, const char *nonce,
		const char *target, struct err *err)
{
	AUTO_FREE char *numbered = xasprintf("%s/%s.%u.%s", fake->folder, id, n, kind);
	AUTO_FREE char *plain = xasprintf("%s/%s.%s", fake->folder, id, kind);
	AUTO_CLOSE int fd = open(target, O_WRONLY | O_APPEND | O_CLOEXEC);
	AUTO(buf) recording = BUF_INIT;
	AUTO(buf) text = BUF_INIT;

	if (!fs_exists(numbered) && !fs_exists(plain))
		return 0;
	if (fs_read(fs_exists(numbered) ? numbered : plain, RECORDING_LIMIT, &recording, err) < 0)
		return -1;
	set_nonce(&recording, nonce, &text);
	if (fd < 0 || fs_write_all(fd, text.s, text.len) < 0)
		return err_errno(err, ERR_HOST, "cannot write %s", target);
	return 0;
}

static void recorded_end(struct fake *fake, const char *id, struct guest *guest)
{
	static const struct {
		const char *word;
		enum guest_end end;
	} ends[] = { { "powered-off", GUEST_POWERED_OFF },
		     { "crashed", GUEST_CRASHED },
		     { "failed", GUEST_FAILED },
		     { "lost", GUEST_LOST },
		     { "cut", GUEST_CUT } };
	AUTO_FREE char *path = xasprintf("%s/%s.end", fake->folder, id);
	AUTO(err) ignored = ERR_INIT;
	AUTO(buf) text = BUF_INIT;

	*guest = (struct guest){ GUEST_RUNNING, GUEST_STOPPED };
	if (fs_read(path, 64, &text, &ignored) < 0)
		guest->end = GUEST_POWERED_OFF;
	else if (str_starts(text.s, "frozen"))
		guest->stopped = GUEST_FAILED;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (str_starts(text.s, ends[i].word))
			guest->end = ends[i].end;
}

/* The folder that the kernel lies in is named by the candidate. */
static char *candidate_of(const char *kernel)
{
	AUTO_FREE char *folder = xasprintf("%.*s", (int)(path_base(kernel) - kernel - 1), kernel);

	return xstrdup(path_base(folder));
}

static int start(struct backend *backend, const struct domain_spec *spec, const char *xml,
		 struct guest **guest, struct err *err)
{
	struct fake *fake = (struct fake *)backend;
	AUTO_FREE char *id = candidate_of(spec->kernel);
	const char *nonce = strstr(spec->cmdline, PROTO_NONCE_PARAMETER);
	unsigned n = count_start(fake, id);
	AUTO_FREE char *word = NULL;

	(void)xml;
	nonce = nonce ? nonce + strlen(PROTO_NONCE_PARAMETER) : "";
	word = xasprintf("%.*s", (int)strcspn(nonce, " "), nonce);
	if (play(fake, id, n, "console", word, spec->console, err) < 0 ||
	    play(fake, id, n, "events", word, spec->events, err) < 0)
		return -1;
	*guest = xcalloc(1, sizeof(**guest));
	recorded_end(fake, id, *guest);
	return 0;
}

static enum guest_end wait_end(struct guest *guest, int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	if (guest->end == GUEST_RUNNING)
		nanosleep(&t, NULL);
	return guest->end;
}

static void stop(struct guest *guest)
{
	if (guest->end == GUEST_RUNNING)
		guest->end = guest->stopped;
}

static void release(struct guest *guest)
{
	free(guest);
}

static void describe(struct backend *backend, struct buf *out)
{
	(void)backend;
	buf_adds(out, "fake");
}

static void close_fake(struct backend *backend)
{
	struct fake *fake = (struct fake *)backend;

	for (size_t i = 0; i < fake->n; i++)
		free(fake->counts[i].id);
	free(fake->counts);
	pthread_mutex_destroy(&fake->lock);
	free(fake->folder);
	free(fake);
}

int backend_open_fake(const char *folder, struct backend **backend, struct err *err)
{
	static const struct backend_ops ops = { start, wait_end, stop, release, describe, close_fake };
	struct fake *fake;

	if (!fs_is_dir(folder))
		return err_set(err, ERR_USAGE, "--connect fake:%s: no such folder", folder);
	fake = xcalloc(1, sizeof(*fake));
	fake->base.ops = &ops;
	fake->folder = xstrdup(folder);
	pthread_mutex_init(&fake->lock, NULL);
	*backend = &fake->base;
	return 0;
}
