/* What this program is and runs on, for the records. */
#ifndef QB_HOST_H
#define QB_HOST_H

/* Which qbisect this is; main() sets it. */
extern const char *host_version;

/* "lab1, Linux 6.1.0-50-amd64 x86_64, qbisect 3f2a1bc"; the caller's to free(). */
char *host_describe(void);

/* The same of another host: its name, and what it is. */
char *host_describe_as(const char *name, const char *system);

/* Names those whose pids we see: no other machine, no other boot of this one and no other container has that name. The
 * caller's to free(). */
char *host_of_pids(void);

/* Such a text without the host's name, for what is shown to others: a part of it. */
const char *host_without_name(const char *description);

#endif
