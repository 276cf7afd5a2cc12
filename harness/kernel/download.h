/*
 * Files over http, https or from a file: URL, by curl. Proxies and certificates are those of curl's variables
 * in the environment (https_proxy, CURL_CA_BUNDLE, ...); its configuration file is not read.
 */
#ifndef QB_DOWNLOAD_H
#define QB_DOWNLOAD_H

#include "base/buf.h"
#include "base/err.h"

struct download {
	const char *url;
	const char *path; /* made anew; the caller checks what is in it */
	const char *what; /* for people: what it is called while it runs and in errors */
	uint64_t size;	  /* bytes expected, for the progress line; 0: not known */
	uint64_t limit;	  /* more bytes are an error */
};

/*
 * 0: the file is there, as long as the server said. 1: the server has no such file. ERR_HOST: anything else
 * that went wrong. But for 0 nothing stays at the path. A transfer that stands still is given up after half
 * a minute, and tried again twice.
 */
int download(const struct download *download, struct err *err);

#endif
