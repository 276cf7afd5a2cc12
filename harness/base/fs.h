/*
 * Files and folders. Paths that are returned are the caller's to free(). Errors are ERR_HOST unless said
 * otherwise and name the path.
 */
#ifndef QB_FS_H
#define QB_FS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* "a/b"; one slash between them. */
char *path_join(const char *dir, const char *name);

/* The part behind the last slash, inside `path`. */
const char *path_base(const char *path);

/* Makes the folder and those above it, mode 0700; one that exists is success. */
int fs_mkdirs(const char *path, struct err *err);

bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
bool fs_is_link(const char *path);

/* Reads a whole regular file into *out (replaced). More than `limit` bytes is an error. */
int fs_read(const char *path, size_t limit, struct buf *out, struct err *err);

/* Writes through a temporary name in the same folder, fsync, rename, fsync of the folder: all or nothing. */
int fs_write_atomic(const char *path, const void *data, size_t len, struct err *err);

/* Renames, and has the new name on the disk when it returns. */
int fs_move(const char *from, const char *to, struct err *err);

/* Has a folder's own files and their names on the disk when it returns; not those of folders in it. */
int fs_sync_folder(const char *path, struct err *err);

/* write(2) until all is written. Returns -1 with errno set on failure. */
int fs_write_all(int fd, const void *data, size_t len);

/* Copies a file; holes stay holes. The target must not exist. */
int fs_copy_sparse(const char *from, const char *to, struct err *err);

/* Removes a file or a whole folder, never following symbolic links. Not there is success. */
int fs_remove_tree(const char *path, struct err *err);

/* Names in a folder without "." and "..", sorted bytewise, appended to *out. */
int fs_list(const char *path, struct strv *out, struct err *err);

/* We can write nothing more to the file system that the path is on. False where that is not told. */
bool fs_is_full(const char *path);

/* Lets a network file system ask what is new in a folder, which opening it does. */
void fs_look_again(const char *folder);

/*
 * Takes the lock of the file `path` (made when missing), waiting for another process that holds it and saying
 * so. Returns a descriptor; closing it, also by dying, gives the lock back. -1 on error.
 */
int fs_lock(const char *path, struct err *err);

/* fs_lock() that waits so many milliseconds (fs_lock(): ten minutes). */
int fs_lock_within(const char *path, int64_t ms, struct err *err);

/* fs_lock() that does not wait. 0: *lock is the descriptor. 1: another process has it. -1. */
int fs_lock_try(const char *path, int *lock, struct err *err);

/*
 * Takes the lock of a folder (made when missing), DIR/.lock, for who writes into it by temporary names
 * (fs_write_atomic()'s, "*.part"): files of such names were left by one that was killed, and are removed.
 */
int fs_lock_folder(const char *dir, struct err *err);

/* Makes a fresh folder `prefix`XXXXXX (mode 0700) and returns its path, or NULL. */
char *fs_temp_dir(const char *prefix, struct err *err);

#endif
