/* What every campaign works with: folders, tables, a connection. */
#ifndef QB_SETUP_H
#define QB_SETUP_H

#include "campaign/hosts.h"
#include "campaign/runtime.h"
#include "config/scenario.h"
#include "verdict/signatures.h"

struct setup {
	char *results; /* folder of campaigns */
	char *catalog; /* folder of candidates */
	char *made;    /* folder that keeps initramfs and disk images */
	struct signatures signatures;
	struct scenario_list scenarios;
	struct hosts *hosts;	 /* NULL until setup_connect(), and when boots take place elsewhere */
	struct runtime *runtime; /* NULL until setup_connect() */
};
#define SETUP_INIT                                                                                           \
	{                                                                                                    \
		.results = NULL                                                                              \
	}

/* Finds the folders for --home (`home` may be NULL) and reads the tables. */
int setup_open(const char *home, struct setup *setup, struct err *err);

/* Opens what is behind --runtime and --connect: `runtime` as runtime_open() takes it, and for boots from here the hosts
 * (`uris` as hosts_open() takes it). ERR_USAGE, ERR_HOST. */
int setup_connect(struct setup *setup, const char *uris, const char *runtime, struct err *err);

/* The hosts alone. `cache_dir` as for backend_open(). ERR_HOST. */
int setup_hosts(struct setup *setup, const char *uris, const char *cache_dir, struct err *err);

void setup_close(struct setup *setup);
AUTO_DEFINE(setup, struct setup, setup_close);

/* Reads configs/signatures.json. */
int setup_signatures(struct signatures *signatures, struct err *err);

/* The guest binary for an architecture; the caller's to free(). NULL and ERR_HOST when it was not built. */
char *setup_init(const char *arch, struct err *err);

#endif
