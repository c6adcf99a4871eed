{{#if summary}}
/* {{summary}} */
{{#end}}
#ifndef {{name.macro}}_H
#define {{name.macro}}_H

#include <stddef.h>

struct {{name.snake}} {
	size_t n_items;
};

void {{name.snake}}_init(struct {{name.snake}} *self);
void {{name.snake}}_release(struct {{name.snake}} *self); /* accepts a zeroed struct */
{{#each function in functions}}
int {{name.snake}}_{{function.snake}}(struct {{name.snake}} *self); /* 0, or -1 */
{{#end}}

#endif
