/*
 * Paths as plans, answers and the journal name them: relative to the repository's root, '/' between
 * components, no '.', '..' or empty component, no trailing slash; "" is the root itself. Pure:
 * nothing here touches the disk. Globs are in glob.h.
 */
#ifndef BELAY_BASE_PATH_H
#define BELAY_BASE_PATH_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Normalises a path from a plan, a command line or an answer: '\' counts as '/', "./" and doubled slashes
 * vanish, ".." is resolved. Refused with ERR_ACCESS: an absolute path or drive letter, one that leaves the
 * root, control characters or NUL, a component over 255 bytes, a whole over 4,096. *out is to be freed.
 */
int path_normalise(const char *text, char **out, struct err *err) MUST_CHECK;

/*
 * May belay write here? Refuses with ERR_ACCESS a `.git` component or `.gitmodules` in any spelling: after
 * NFC, case folding, stripping of ignorable code points (as HFS+ does), of trailing dots and spaces, of
 * NTFS streams (":...") and 8.3 short forms ("git~1").
 */
int path_check_writable(const char *path, struct err *err) MUST_CHECK;

/*
 * May a *new* file be called so? Refuses what Windows reserves: CON, PRN, AUX, NUL, COM0-9, LPT0-9 (with or
 * without an extension), a trailing dot or space, and < > : " | ? * and '\' in a component.
 */
int path_check_new_name(const char *path, struct err *err) MUST_CHECK;

/* Writes here ask always, at medium risk: files that become code (.envrc, .husky/, CI workflows, editor
 * and agent settings, build files). Returns the reason, or NULL. */
const char *path_asks_always(const char *path);

const char *path_base(const char *path);              /* the last component; borrowed */
void path_dir(const char *path, struct buf *out);     /* all before it; "" at the root */
void path_join(struct buf *out, const char *dir, const char *name);
bool path_is_below(const char *path, const char *dir); /* equal counts; "" is above all */

#endif
