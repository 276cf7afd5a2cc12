/*
 * The workloads without a boot, for developers and tests:
 *
 *	init WORKLOAD [options] FOLDER
 *	init exec [options] FOLDER PROGRAM [ARGUMENT]...
 *
 * runs in FOLDER as a guest would and writes the events to stdout. An option is a key of the plan and its
 * value, `--blocksize 4096`, or one of aiocp's: -b, -s, -n, -f; sizes may end in k or M. `--nonce` gives the
 * nonce.
 */
#ifndef GUEST_COMMAND_H
#define GUEST_COMMAND_H

/* Returns the exit code: 0 the scenario ran to its end, whatever it found; 2 usage or `broken`. */
int command_run(int argc, char **argv);

#endif
