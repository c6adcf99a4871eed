/* The tags of templates (template.h): what stands between {{ and }}. Pure. */
#ifndef BELAY_EDIT_TEMPLATE_TAG_H
#define BELAY_EDIT_TEMPLATE_TAG_H

#include "base/vec.h"
#include "edit/word_case.h"

#include <stdbool.h>
#include <stddef.h>

#define TAG_NAME_MAX 64
#define TAG_WORD_MAX 128

enum template_tag_kind { TAG_TEXT, TAG_VALUE, TAG_IF, TAG_ELSE, TAG_EACH, TAG_END };

struct template_tag {
	enum template_tag_kind kind;
	size_t at, end;               /* of TEXT: bytes of the template */
	char name[TAG_NAME_MAX + 1];  /* the variable; of EACH: the one that gets an item */
	char word[TAG_WORD_MAX + 1];  /* of EACH: the list; of IF that compares: what with */
	enum word_case word_case;
	bool compares, negated;
};

/*
 * Reads the tag at text, which begins with "{{". Gives its length; 0 when it is none, but text. *why gets what is wrong
 * with one that is meant as a tag (a literal), else it is left alone.
 */
size_t template_tag_read(struct template_tag *tag, const char *text, size_t n, const char **why);

/* The items of a list: its lines, or what stands between commas where it is one line; trimmed, empty ones left out. */
void template_split(const char *list, struct strings *out);

#endif
