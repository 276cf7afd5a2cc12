/*
 * KVM or TCG. That /dev/kvm opens, and even that a virtual machine can be made, is no proof that guests run
 * (facts: they hang or QEMU aborts on some hosts, and on some only now and then). So a probe guest is booted, a
 * boot sector that leaves through a debug port, several times with a short deadline; the answer is kept until
 * the next boot of the host or another QEMU, or until a guest tells better.
 */
#ifndef QB_ACCELERATOR_H
#define QB_ACCELERATOR_H

#include "guest/backend.h"

/*
 * Decides for guests of `arch`. `wanted` is auto, tcg or kvm. *accelerator becomes "kvm" or "tcg"; `why` (may
 * be NULL) gets one line for people, the caller's to free(). `cache_dir` keeps the answer. ERR_HOST: kvm was
 * asked for and does not work.
 */
int accelerator_choose(const struct arch *arch, const char *wanted, const char *cache_dir,
		       const char **accelerator, char **why, struct err *err);

/*
 * Boots the probe under KVM where a back end's guests run, which is another host: `where` is what it and its QEMU are called,
 * `emulator` its path there. The answer is kept for a day. *fault is what is wrong with KVM, the caller's to free(); NULL:
 * nothing, or there is no probe for `arch`. -1: that could not be found out. ERR_HOST, ERR_INTERRUPTED.
 */
int accelerator_probe_away(struct backend *backend, const char *where, const struct arch *arch,
			   const char *emulator, const char *cache_dir, char **fault, struct err *err);

/* As accelerator_distrust(), for a day. */
void accelerator_distrust_away(const char *where, const struct arch *arch, const char *cache_dir,
			       const char *reason);

/*
 * Whether guests of several processors can meet this fault of QEMU: before 8.1, TCG can translate an instruction while another
 * processor of the guest replaces it, and run the old one afterwards. On x86 the kernel replaces code through
 * int3, so a kernel in order then dies of an int3 that nobody set
 * (lore.kernel.org/lkml, "qemu-x86_64 booting with 8.0.0 stil see int3", July 2023). `version` is the first line
 * of the emulator's --version; one that cannot be read is taken for a new one.
 */
bool accelerator_may_run_stale_code(const struct arch *arch, const char *accelerator, const char *version);

/* KVM has failed a guest after all: from now on accelerator_choose() answers that, with `reason`. */
void accelerator_distrust(const struct arch *arch, const char *cache_dir, const char *reason);

#endif
