#include "{{name.snake}}.h"

#include <stdio.h>

static int n_failed;

static void check(int holds, const char *what)
{
	printf("%s - %s\n", holds ? "ok" : "not ok", what);
	n_failed += !holds;
}

static void test_begins_empty(void)
{
	struct {{name.snake}} self;
	{{name.snake}}_init(&self);
	check(self.n_items == 0, "begins empty");
	{{name.snake}}_release(&self);
}
{{#each function in functions}}

static void test_{{function.snake}}_succeeds(void)
{
	struct {{name.snake}} self;
	{{name.snake}}_init(&self);
	check({{name.snake}}_{{function.snake}}(&self) == 0, "{{function.snake}} succeeds");
	check(self.n_items == 1, "{{function.snake}} counts an item");
	{{name.snake}}_release(&self);
}
{{#end}}

int main(void)
{
	test_begins_empty();
{{#each function in functions}}
	test_{{function.snake}}_succeeds();
{{#end}}
	return n_failed != 0;
}
