/* A scratch folder for tests, and a shell in it. The user's and the system's git configuration are out of reach. */
#ifndef BELAY_TESTS_SHELL_H
#define BELAY_TESTS_SHELL_H

/* cmocka's set-up and tear-down. */
int shell_set_up(void **state);
int shell_tear_down(void **state);

const char *shell_dir(void);           /* real path */
const char *shell_path(const char *name); /* absolute; one of a few static buffers */

/* Runs the script by sh -e in the folder; a failure fails the test. */
void shell_run(const char *script);
void shell_write(const char *name, const char *text);
/* One hash over names, types, modes and bytes of all files and links below the folder `name`, but what is below
 * `except` (may be ""). */
void shell_digest(const char *name, const char *except, char out[65]);

#endif
