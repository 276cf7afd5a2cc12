/* What a guest boots from: the files and texts of a domain_spec, made from a trial's spec. */
#ifndef QB_GUEST_IMAGE_H
#define QB_GUEST_IMAGE_H

#include "guest/trial.h"

#define GUEST_DISK "disk.img" /* in the trial's folder */

struct guest_image {
	char *emulator, *kernel, *initrd, *cmdline, *console, *events; /* owned */
	char *disk;	 /* the trial's own, thrown away behind it; NULL: it is made on another host; owned */
	char *kept_disk; /* what it is a copy of; owned */
	char name[32];	 /* of the domain */
};

/* Makes the trial's folder and what stands in it but the serials. `nonce` goes to the command line. */
int guest_image_make(const struct trial_spec *spec, const char *nonce, struct guest_image *image,
		     char **disk_tool, struct err *err);

/* Fills a domain_spec that points into `image` and `spec`. */
void guest_image_domain(const struct trial_spec *spec, const struct guest_image *image, const char *firmware,
			struct domain_spec *domain);

void guest_image_release(struct guest_image *image);
AUTO_DEFINE(guest_image, struct guest_image, guest_image_release);

#endif
