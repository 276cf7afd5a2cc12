/*
 * The hosts that guests of a campaign run on: this one, or those that --connect names, each with its architectures,
 * accelerator and room. With several each boot takes one. One of those that does not answer, or breaks a boot, gets
 * nothing for a minute, and then one boot that shows how it is; so neither does it stop the others, nor does it, being
 * always free, get all there is to do.
 */
#ifndef QB_HOSTS_H
#define QB_HOSTS_H

#include <pthread.h>

#include "campaign/runtime.h"
#include "guest/backend.h"

struct host {
	char *uri;		 /* "" for the default; owned */
	struct backend *backend; /* NULL: it could not be reached so far */
	unsigned slots;		 /* guests at a time */
	uint64_t memory; /* MiB that they may have together; 0: as this host has, or that is not known */
	/* private */
	unsigned running, boots;
	uint64_t taken;
	bool failed;	  /* what came last from it was no answer, or a boot that broke */
	int64_t rests_to; /* clock_ms(): and gets nothing before that */
};

struct hosts {
	struct host *v;
	size_t n;
	/* private */
	char *cache_dir;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};
#define HOSTS_INIT                                                                                           \
	{                                                                                                    \
		NULL, 0, NULL, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER                           \
	}

/* What a boot needs of a host. */
struct host_need {
	const struct arch *arch;
	const char *accelerator; /* auto, tcg or kvm */
	unsigned memory;	 /* MiB */
	const char *made;	 /* for what KVM is probed with */
	/* Until when it is waited for: that time (clock_ms(); 0: any), and that this one stops (NULL: none does). */
	int64_t begin_by;
	const struct runtime *runtime;
};

/* `uris` as --connect has them, a line each, "" or NULL: the default. `cache_dir` as for backend_open(). Of several those
 * that cannot be reached are said, and tried later. ERR_HOST: none can. ERR_INTERRUPTED. */
int hosts_open(struct hosts *hosts, const char *uris, const char *cache_dir, struct err *err);

/* Guests at a time on all of them. */
unsigned hosts_slots(const struct hosts *hosts);

/*
 * Takes one for a guest, waiting until one has room that can run it: the one with most room, and of those the one that had
 * fewest boots. With one host there is nothing to wait for or to look at. ERR_HOST: none can run it, or those that could
 * rest: see hosts_answer(). ERR_INTERRUPTED: also when it is not wanted any more.
 */
struct host *hosts_take(struct hosts *hosts, const struct host_need *need, struct err *err);

/* What a boot has shown of the one that it took. */
void hosts_tell(struct hosts *hosts, struct host *host, bool works);

void hosts_give_back(struct hosts *hosts, struct host *host, unsigned memory);

/* Takes that one again, whether it has room or not: who has given it back and found no other. */
void hosts_take_again(struct hosts *hosts, struct host *host, unsigned memory);

/* *one, fresh, becomes the first that can run such guests, for who stays on one host: on that of `uri` who has begun there,
 * NULL: on any. It is not to be closed, and `hosts` must outlive it. ERR_HOST: none can, or that one cannot. */
int hosts_first(const struct hosts *hosts, const struct host_need *need, const char *uri, struct hosts *one,
		struct err *err);

/* Whether each other host answers, of several: did when it was asked last. NULL: there is none. */
bool hosts_answer(struct hosts *hosts);

/* Whether none of several does, by that. */
bool hosts_are_lost(struct hosts *hosts);

/* No host rests any more. */
void hosts_wake(struct hosts *hosts);

void hosts_close(struct hosts *hosts);

#endif
