/*
 * UTF-8 text: validity, width in cells, and the one sanitiser that everything passes before it reaches
 * a terminal, a cell or a log line. Widths and graphemes come from utf8proc. Nothing here changes data
 * that is written to files.
 */
#ifndef BELAY_BASE_TEXT_H
#define BELAY_BASE_TEXT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the code point at s (n bytes are there, n > 0). Returns its length in bytes; an invalid or
 * cut sequence gives 1 and *cp = -1. Overlong forms, surrogates and values above U+10FFFF are invalid
 * (RFC 3629).
 */
size_t text_decode(const char *s, size_t n, int32_t *cp);
size_t text_encode(int32_t cp, char out[4]);
bool text_is_utf8(const char *s, size_t n);

/* Length of the longest prefix that does not end in the middle of a sequence that may yet be completed. */
size_t text_whole_prefix(const char *s, size_t n);

/* True when the first 8,000 bytes hold a NUL: git's own rule for "binary". */
bool text_is_binary(const char *s, size_t n);

/*
 * Appends the form in which names are compared by file systems that fold them: NFC, case folded, without ignorable
 * code points. What is not UTF-8 only has its ASCII letters lowered.
 */
void text_fold(struct buf *out, const char *s, size_t n);

/* Cells that one code point takes: 0, 1 or 2; -1 for controls and what has no certain width. */
int text_cp_width(int32_t cp);

/* Cells of a sanitised line. */
size_t text_width(const char *s, size_t n);

/* Bytes of the longest prefix of a sanitised line of at most `cells` cells; *used gets its width. */
size_t text_fit(const char *s, size_t n, size_t cells, size_t *used);

/* Bytes of the grapheme cluster that begins at s (UAX #29); at least 1 while n > 0. */
size_t text_grapheme(const char *s, size_t n);

enum text_flags {
	TEXT_KEEP_NEWLINES = 1, /* LF stays LF; otherwise it is shown as a token */
	TEXT_EXPAND_TABS = 2,   /* tabs become spaces to columns of 8, counted from the line's start */
	TEXT_KEEP_TABS = 4,     /* tabs stay tabs */
	TEXT_ASCII = 8,         /* what is not ASCII becomes '?' tokens (C locale) */
	TEXT_UNICODE_NATIVE = 16 /* keep ZWJ, VS16, regional and modifier clusters as they are */
};

/*
 * Appends s with everything that could drive a terminal or deceive a reader made visible:
 * C0 and DEL as ^X (CR as ^M, ESC as ^[), C1 as <80>..<9f>, invalid bytes as <xx>, bidirectional
 * controls, zero-width and tag characters as <U+202E>. Without TEXT_UNICODE_NATIVE, clusters whose
 * width terminals disagree on keep their base character followed by '~'. The output is valid UTF-8 and
 * holds no byte below 0x20 but those that the flags keep.
 */
void text_sanitise(struct buf *out, const char *s, size_t n, unsigned flags);

/* The nearest of n words by edit distance, or NULL when none is near enough to be a likely slip. */
const char *text_nearest(const char *word, const char *const *words, size_t n);

/* Edit distance (Levenshtein, with transpositions) between two short words, at most `limit` + 1. */
size_t text_distance(const char *a, const char *b, size_t limit);

#endif
