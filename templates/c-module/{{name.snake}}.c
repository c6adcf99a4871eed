#include "{{name.snake}}.h"

void {{name.snake}}_init(struct {{name.snake}} *self)
{
	*self = (struct {{name.snake}}){ 0 };
}

void {{name.snake}}_release(struct {{name.snake}} *self)
{
	*self = (struct {{name.snake}}){ 0 };
}
{{#each function in functions}}

int {{name.snake}}_{{function.snake}}(struct {{name.snake}} *self)
{
	self->n_items++;
	return 0;
}
{{#end}}
