/*
 * How many questions one provider answers at a time: no limit until it says "too many requests"; that halves what is
 * in flight, and every answer lets one more in. Not locked: the owner does that.
 */
#ifndef BELAY_IO_LLM_GATE_H
#define BELAY_IO_LLM_GATE_H

#include <stdbool.h>
#include <stddef.h>

struct llm_gate {
	char *name;     /* of the provider; owned */
	int in_flight;
	int limit;      /* 0: none */
};

struct llm_gates {
	struct llm_gate *gate; /* owned */
	size_t n_gates, cap_gates;
};

enum llm_passage { PASSAGE_ANSWERED, PASSAGE_FAILED, PASSAGE_TOO_MANY };

bool llm_gate_enter(struct llm_gates *gates, const char *name); /* false: full, wait for somebody to leave */
void llm_gate_leave(struct llm_gates *gates, const char *name, enum llm_passage passage);
void llm_gates_release(struct llm_gates *gates);

#endif
