/*
 * Descriptors: whole reads and writes, over short counts and EINTR; sync. For the files of io and run that handle
 * descriptors themselves. 0 or -1 with errno set, no struct err: the caller knows what the descriptor is.
 */
#ifndef BELAY_IO_FD_H
#define BELAY_IO_FD_H

#include "base/attr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int fd_write(int fd, const void *data, size_t n) MUST_CHECK; /* all n bytes */
int fd_write_at(int fd, const void *data, size_t n, off_t at) MUST_CHECK;
/* Up to n bytes, fewer only at the end of the file; -1 with errno. */
ssize_t fd_read(int fd, void *data, size_t n) MUST_CHECK;
ssize_t fd_read_at(int fd, void *data, size_t n, off_t at) MUST_CHECK;

/* From where `from` stands to its end: into `to` (-1: nowhere), hashed (hash may be NULL). *n gets the count of bytes. */
int fd_copy(int from, int to, struct hash *hash, int64_t *n) MUST_CHECK;

int fd_sync(int fd) MUST_CHECK;      /* fsync */
int fd_sync_data(int fd) MUST_CHECK; /* fdatasync */
int fd_sync_dir(int fd) MUST_CHECK;  /* of a folder; a file system that syncs none is left alone */
/* Opens a folder by its path, syncs it, closes it. */
int fd_sync_folder(const char *path) MUST_CHECK;

void fd_close(int *fd); /* sets it to -1; keeps errno; accepts -1 */

#endif
