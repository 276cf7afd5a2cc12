/*
 * The hosts that guests of a campaign run on: this one, or those that --connect names, each with its architectures,
 * accelerator and room. With several each boot takes one.
 */
#ifndef QB_HOSTS_H
#define QB_HOSTS_H

#include <pthread.h>

#include "guest/backend.h"

struct host {
	char *uri; /* "" for the default; owned */
	struct backend *backend;
	unsigned slots;	 /* guests at a time */
	uint64_t memory; /* MiB that they may have together; 0: as this host has */
	/* private */
	unsigned running, boots;
	uint64_t taken;
};

struct hosts {
	struct host *v;
	size_t n;
	/* private */
	pthread_mutex_t lock;
	pthread_cond_t changed;
};
#define HOSTS_INIT                                                                                           \
	{                                                                                                    \
		NULL, 0, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER                                 \
	}

/* `uris` as --connect has them, a line each, "" or NULL: the default. `cache_dir` as for backend_open(). ERR_HOST. */
int hosts_open(struct hosts *hosts, const char *uris, const char *cache_dir, struct err *err);

/*
 * Takes one for a guest of `arch` with so much memory (MiB), waiting until one has room that can run it: the one with most
 * room, and of those the one that had fewest boots. `made` is for what KVM is probed with. ERR_HOST: none can run it.
 * ERR_INTERRUPTED.
 */
struct host *hosts_take(struct hosts *hosts, const struct arch *arch, unsigned memory, const char *made,
			struct err *err);

void hosts_give_back(struct hosts *hosts, struct host *host, unsigned memory);

/* *one, fresh, becomes the first that can run guests of `arch`, for who stays on one host; it is not to be closed, and `hosts`
 * must outlive it. ERR_HOST: none can. */
int hosts_first(const struct hosts *hosts, const struct arch *arch, const char *made, struct hosts *one,
		struct err *err);

/* Whether each other host can be reached. NULL: there is none. */
bool hosts_answer(const struct hosts *hosts);

void hosts_close(struct hosts *hosts);

#endif
