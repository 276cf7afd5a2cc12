/*
 * Resources end with their scope.
 *
 *	AUTO(buf) text = BUF_INIT;	buf_release(&text) runs when the scope ends
 *	AUTO_FREE char *s = NULL;	free(s)
 *	AUTO_CLOSE int fd = -1;		close(fd) when fd >= 0
 *
 * A type takes part by defining its clean-up beside itself: AUTO_DEFINE(buf, struct buf, buf_release).
 * To hand a pointer over, return steal_pointer(&p): it leaves NULL behind.
 */
#ifndef QB_CLEANUP_H
#define QB_CLEANUP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO_DEFINE(name, type, release)                                                                     \
	static inline void auto_release_##name(__typeof__(type) *p)                                          \
	{                                                                                                    \
		release(p);                                                                                  \
	}                                                                                                    \
	typedef type auto_type_##name

#define AUTO(name) __attribute__((cleanup(auto_release_##name))) auto_type_##name

static inline void auto_free_(void *p)
{
	free(*(void **)p);
}

static inline void auto_close_(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void auto_fclose_(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define AUTO_FREE   __attribute__((cleanup(auto_free_)))
#define AUTO_CLOSE  __attribute__((cleanup(auto_close_)))
#define AUTO_FCLOSE __attribute__((cleanup(auto_fclose_)))

static inline void *steal_pointer_(void *pp)
{
	void **p = pp, *value = *p;

	*p = NULL;
	return value;
}
#define steal_pointer(pp) ((__typeof__(*(pp)))steal_pointer_(pp))

static inline int steal_fd(int *fd)
{
	int value = *fd;

	*fd = -1;
	return value;
}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
