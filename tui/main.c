#include <stdio.h>
#include <string.h>

#define EXIT_USAGE 2

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("belay %s\n", VERSION) < 0;
	fprintf(stderr, "belay: no verb can be run by this version yet; only --version\n");
	return EXIT_USAGE;
}
