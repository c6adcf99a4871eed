#include "io/llm_peer.h"

#include "base/vec.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define NO_LIMIT_FROM 64

struct llm_peer *llm_peers_find(struct llm_peers *peers, const char *name)
{
	for (size_t i = 0; i < peers->n_peers; i++)
		if (strcmp(peers->peer[i].name, name) == 0)
			return &peers->peer[i];
	peers->peer = vec_room(peers->peer, peers->n_peers, &peers->cap_peers, sizeof *peers->peer);
	peers->peer[peers->n_peers] = (struct llm_peer){ .name = xstrdup(name) };
	return &peers->peer[peers->n_peers++];
}

bool llm_peer_enter(struct llm_peer *peer)
{
	if (peer->limit && peer->in_flight >= peer->limit)
		return false;
	peer->in_flight++;
	return true;
}

void llm_peer_leave(struct llm_peer *peer, enum llm_passage passage)
{
	if (passage == PASSAGE_TOO_MANY) {
		int half = peer->in_flight / 2;
		if (half < 1)
			half = 1;
		if (!peer->limit || half < peer->limit)
			peer->limit = half;
	} else if (passage == PASSAGE_ANSWERED && peer->limit && ++peer->limit >= NO_LIMIT_FROM) {
		peer->limit = 0;
	}
	peer->in_flight--;
}

void llm_peers_release(struct llm_peers *peers)
{
	for (size_t i = 0; i < peers->n_peers; i++)
		free(peers->peer[i].name);
	free(peers->peer);
	*peers = (struct llm_peers){ 0 };
}
