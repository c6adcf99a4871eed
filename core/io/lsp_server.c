/* Which server a language has, and how files are called in the protocol. */
#include "io/lsp.h"

#include "base/path.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct lsp_server servers[] = {
	{ { "clangd", "--background-index=false", "--log=error", NULL }, "c", " c h " },
	{ { "clangd", "--background-index=false", "--log=error", NULL }, "cpp", " cc cpp cxx hh hpp hxx " },
	{ { "pyright-langserver", "--stdio", NULL }, "python", " py pyi " },
	{ { "typescript-language-server", "--stdio", NULL }, "typescript", " ts mts cts " },
	{ { "typescript-language-server", "--stdio", NULL }, "typescriptreact", " tsx " },
	{ { "typescript-language-server", "--stdio", NULL }, "javascript", " js mjs cjs jsx " },
	{ { "gopls", NULL }, "go", " go " },
	{ { "rust-analyzer", NULL }, "rust", " rs " },
};

const struct lsp_server *lsp_server_of(const char *path)
{
	char ending[16];
	const char *dot = strrchr(path_base(path), '.');
	if (!dot || strlen(dot) > 8)
		return NULL;
	ending[0] = ' ';
	strcpy(ending + 1, dot + 1);
	strcat(ending, " ");
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
		if (strstr(servers[i].endings, ending))
			return &servers[i];
	return NULL;
}

static void put_encoded(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("/-._~", *text))
			buf_add_char(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

void lsp_put_uri(struct buf *out, const char *root, const char *path)
{
	buf_add_str(out, "file://");
	put_encoded(out, root);
	if (*path)
		buf_add_char(out, '/');
	put_encoded(out, path);
}

static void decode(struct buf *out, const char *text)
{
	for (; *text; text++) {
		char digits[3] = { 0 };
		if (*text == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2])) {
			memcpy(digits, text + 1, 2);
			buf_add_char(out, (char)strtol(digits, NULL, 16));
			text += 2;
		} else {
			buf_add_char(out, *text);
		}
	}
}

char *lsp_path_of_uri(const char *root, const char *uri)
{
	static const char scheme[] = "file://";
	struct buf whole = { 0 };
	struct err err;
	char *path = NULL;
	size_t n = strlen(root);
	if (strncmp(uri, scheme, sizeof scheme - 1) == 0)
		decode(&whole, uri + sizeof scheme - 1);
	if (strlen(buf_str(&whole)) == whole.len && strncmp(buf_str(&whole), root, n) == 0 && buf_str(&whole)[n] == '/' &&
	    path_normalise(buf_str(&whole) + n + 1, &path, &err) != 0)
		path = NULL;
	buf_release(&whole);
	return path;
}
