#include <stdio.h>

int main(void)
{
	puts("belay");
	return 0;
}
