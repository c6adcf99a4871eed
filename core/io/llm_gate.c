#include "io/llm_gate.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define NO_LIMIT_FROM 64

static struct llm_gate *find(struct llm_gates *gates, const char *name)
{
	for (size_t i = 0; i < gates->n_gates; i++)
		if (strcmp(gates->gate[i].name, name) == 0)
			return &gates->gate[i];
	gates->gate = vec_room(gates->gate, gates->n_gates, &gates->cap_gates, sizeof *gates->gate);
	gates->gate[gates->n_gates] = (struct llm_gate){ .name = xstrdup(name) };
	return &gates->gate[gates->n_gates++];
}

bool llm_gate_enter(struct llm_gates *gates, const char *name)
{
	struct llm_gate *gate = find(gates, name);
	if (gate->limit && gate->in_flight >= gate->limit)
		return false;
	gate->in_flight++;
	return true;
}

void llm_gate_leave(struct llm_gates *gates, const char *name, enum llm_passage passage)
{
	struct llm_gate *gate = find(gates, name);
	if (passage == PASSAGE_TOO_MANY) {
		int half = gate->in_flight / 2;
		if (half < 1)
			half = 1;
		if (!gate->limit || half < gate->limit)
			gate->limit = half;
	} else if (passage == PASSAGE_ANSWERED && gate->limit && ++gate->limit >= NO_LIMIT_FROM) {
		gate->limit = 0;
	}
	gate->in_flight--;
}

void llm_gates_release(struct llm_gates *gates)
{
	for (size_t i = 0; i < gates->n_gates; i++)
		free(gates->gate[i].name);
	free(gates->gate);
	*gates = (struct llm_gates){ 0 };
}
