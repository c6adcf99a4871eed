/* A scratch folder for tests that touch the disk, and short ways to fill it and look at it. */
#ifndef BELAY_TESTS_SCRATCH_H
#define BELAY_TESTS_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A new folder below $TMPDIR or /tmp; free it with scratch_remove, which removes all that is in it. */
char *scratch_make(void);
void scratch_remove(char *dir);

/* Paths are dir + "/" + name. Each stops the test when it cannot be done. */
void scratch_write(const char *dir, const char *name, const char *text);
void scratch_write_bytes(const char *dir, const char *name, const void *data, size_t n, mode_t mode);
void scratch_mkdir(const char *dir, const char *name); /* with its parents */
void scratch_link(const char *dir, const char *name, const char *target);
char *scratch_read(const char *dir, const char *name); /* to be freed; NULL when it is not there */
bool scratch_has(const char *dir, const char *name);
mode_t scratch_mode(const char *dir, const char *name);

/* Every path below dir, sorted, one a line: "d name", "f mode size hash name", "l target name". To be freed. */
char *scratch_list(const char *dir);

#endif
