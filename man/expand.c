/*
 * Makes a manual page from its template: lines such as @events@ are replaced by what the program's own tables say, so
 * that a page cannot tell of a kind, a key or an option that is not there. usage: expand TEMPLATE >PAGE
 */
#include "event/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* roff reads a backslash, and a dot or quote at the start of a line. */
static void put_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
}

static void put_events(void)
{
	puts(".Bl -tag -width Ds");
	for (int kind = 0; kind < EVENT_N_KINDS; kind++) {
		const struct event_kind_info *info = event_kind_info((enum event_kind)kind);
		printf(".It Va %s\n", info->wire);
		put_text(info->help);
		putchar('\n');
		for (size_t i = 0; i < info->n_fields; i++)
			printf("%s%s", i ? " , " : ".br\nFields:\n.Va ",
			       event_field_info((enum event_field)info->field[i])->wire);
		puts(info->n_fields ? " ." : "");
	}
	puts(".El");
}

static const struct {
	const char *mark;
	void (*put)(void);
} table[] = {
	{ "@events@\n", put_events },
};

static bool put_table(const char *line)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(line, table[i].mark) == 0) {
			table[i].put();
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	char line[1024];
	FILE *in = argc == 2 ? fopen(argv[1], "r") : NULL;
	if (!in) {
		fprintf(stderr, "usage: expand TEMPLATE\n");
		return 2;
	}
	while (fgets(line, sizeof line, in)) {
		if (put_table(line))
			continue;
		if (line[0] == '@') {
			fprintf(stderr, "%s: unknown table %s", argv[1], line);
			return 1;
		}
		fputs(line, stdout);
	}
	return ferror(in) || fclose(in) != 0 || fflush(stdout) != 0;
}
