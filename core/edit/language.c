#include "edit/language.h"

#include <ctype.h>
#include <string.h>

#define C_LIKE (LANG_SLASHES | LANG_DOUBLE | LANG_SINGLE | LANG_FREE_SPACE)
#define HASHED (LANG_HASH | LANG_DOUBLE | LANG_SINGLE | LANG_LINES)

enum { PLAIN_TEXT = N_LANGUAGES - 1 };

const struct language languages[N_LANGUAGES] = {
	{ "C", C_LIKE | LANG_DIRECTIVES, " c m y l inc " },
	{ "C++", C_LIKE | LANG_DIRECTIVES | LANG_RAW_CPP,
	  " h hh hpp hxx h++ cc cpp cxx c++ cu cuh inl ipp tcc tpp ixx cppm mm ino glsl vert frag comp hlsl " },
	{ "C#", C_LIKE | LANG_DIRECTIVES | LANG_VERBATIM | LANG_TRIPLE_DOUBLE, " cs " },
	{ "Java", C_LIKE | LANG_TRIPLE_DOUBLE, " java proto zig d v sv vala " },
	{ "Kotlin", C_LIKE | LANG_NESTED | LANG_TRIPLE_DOUBLE | LANG_TRIPLE_SINGLE | LANG_DOLLAR_BRACES | LANG_LINES,
	  " kt kts scala sc swift dart groovy gradle " },
	{ "Rust", LANG_SLASHES | LANG_NESTED | LANG_DOUBLE_LINES | LANG_LIFETIMES | LANG_RAW_RUST | LANG_FREE_SPACE, " rs " },
	{ "Go", C_LIKE | LANG_BACKTICK_RAW | LANG_LINES, " go " },
	{ "JavaScript", C_LIKE | LANG_TEMPLATE | LANG_REGEX | LANG_LINES | LANG_DOLLAR_WORD,
	  " js jsx mjs cjs ts tsx mts cts vue svelte " },
	{ "Python", HASHED | LANG_TRIPLE_DOUBLE | LANG_TRIPLE_SINGLE | LANG_FSTRINGS | LANG_FREE_SPACE,
	  " py pyi pyw pyx bzl star build bazel sconstruct " },
	{ "shell", LANG_HASH_WORD | LANG_DOUBLE_LINES | LANG_SINGLE_RAW | LANG_SUBSTITUTES | LANG_HERE | LANG_LINES,
	  " sh bash zsh ksh dash bats ebuild bashrc zshrc profile bash_profile " },
	{ "Ruby", HASHED, " rb rake gemspec pl pm r R jl ex exs tcl rakefile gemfile cr nim " },
	{ "TOML", HASHED | LANG_TRIPLE_DOUBLE | LANG_TRIPLE_SINGLE, " toml conf cfg properties cmake cmakelists.txt " },
	{ "make", LANG_HASH_WORD | LANG_LINES, " mk mak am makefile gnumakefile dockerfile " },
	{ "YAML", LANG_HASH_WORD | LANG_SCALARS | LANG_LINES, " yaml yml " },
	{ "JSON", LANG_SLASHES | LANG_DOUBLE | LANG_FREE_SPACE, " json jsonc json5 webmanifest ipynb " },
	{ "PHP", C_LIKE | LANG_HASH | LANG_DOUBLE_LINES | LANG_DOLLAR_WORD, " php php5 phtml " },
	{ "CSS", LANG_BLOCK_ONLY | LANG_DOUBLE | LANG_SINGLE | LANG_FREE_SPACE, " css " },
	{ "Sass", C_LIKE, " scss sass less " },
	{ "SQL", LANG_DASHES | LANG_BLOCK_ONLY | LANG_DOUBLE | LANG_SINGLE | LANG_FREE_SPACE,
	  " sql lua ada adb ads vhd vhdl hs elm " },
	[PLAIN_TEXT] = { "text", LANG_LINES, "" },
};

static bool lists_word(const char *list, const char *word, size_t n)
{
	for (const char *s = list; (s = strchr(s, ' ')) != NULL && s[1]; s++)
		if (strncmp(s + 1, word, n) == 0 && s[1 + n] == ' ')
			return true;
	return false;
}

static size_t find_ending(const char *ending)
{
	char lower[24];
	size_t n = strlen(ending);
	if (!n || n >= sizeof lower || strchr(ending, ' '))
		return PLAIN_TEXT;
	for (size_t i = 0; i <= n; i++)
		lower[i] = (char)tolower((unsigned char)ending[i]);
	for (size_t i = 0; i < PLAIN_TEXT; i++)
		if (lists_word(languages[i].endings, lower, n))
			return i;
	return PLAIN_TEXT;
}

size_t language_of_path(const char *path)
{
	const char *name = strrchr(path, '/');
	name = name ? name + 1 : path;
	size_t whole = find_ending(name[0] == '.' ? name + 1 : name);
	const char *dot = strrchr(name, '.');
	/* A file that is called "c" is no C; names of makefiles and the like are longer. */
	if (whole != PLAIN_TEXT && (name[0] == '.' || strlen(name) > 6))
		return whole;
	return dot ? find_ending(dot + 1) : PLAIN_TEXT;
}

bool language_is_word(const struct language *language, char c)
{
	unsigned char u = (unsigned char)c;
	return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '_' || u >= 0x80 ||
	       (u == '$' && (language->flags & LANG_DOLLAR_WORD));
}

bool language_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
