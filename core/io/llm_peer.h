/*
 * What is learnt of a model on a server while it is asked. How many questions it answers at a time: no limit until it
 * says "too many requests"; that halves what is in flight, and every answer lets one more in. And which parameters it
 * refuses. Not locked: the owner does that.
 */
#ifndef BELAY_IO_LLM_PEER_H
#define BELAY_IO_LLM_PEER_H

#include <stdbool.h>
#include <stddef.h>

struct llm_peer {
	char *name;       /* "PROVIDER/MODEL"; owned */
	int in_flight;
	int limit;        /* 0: none */
	unsigned refused; /* enum llm_parameter */
};

struct llm_peers {
	struct llm_peer *peer; /* owned */
	size_t n_peers, cap_peers;
};

enum llm_passage { PASSAGE_ANSWERED, PASSAGE_FAILED, PASSAGE_TOO_MANY };

/* The one of this name, made when it is new; borrowed until the next call. */
struct llm_peer *llm_peers_find(struct llm_peers *peers, const char *name);
void llm_peers_release(struct llm_peers *peers);

bool llm_peer_enter(struct llm_peer *peer); /* false: full, wait for somebody to leave */
void llm_peer_leave(struct llm_peer *peer, enum llm_passage passage);

#endif
