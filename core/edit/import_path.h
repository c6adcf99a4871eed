/*
 * Which files of a tree an include or import means, by the rules of its language as far as the tree alone tells them:
 * C (include paths are not known: the nearest file whose path ends so), JavaScript, Python, Go (a folder), Rust, Java
 * and shell. An import in an outline begins with a letter that says how it is meant. Pure.
 */
#ifndef BELAY_EDIT_IMPORT_PATH_H
#define BELAY_EDIT_IMPORT_PATH_H

#include "edit/code_tree.h"

struct import_paths;

struct import_paths *import_paths_new(const struct code_tree *tree); /* borrows the tree */
void import_paths_free(struct import_paths *paths);

/* Calls found(arg, file) for each file that is meant; nothing for what is not of the tree. */
void import_paths_find(const struct import_paths *paths, size_t from, const char *import,
                       void (*found)(void *arg, size_t file), void *arg);

#endif
