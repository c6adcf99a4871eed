#include "run/dialogue.h"

void dialogue_clear(struct dialogue *dialogue)
{
	apply_stage_free(dialogue->stage);
	cache_answer_release(&dialogue->counts);
	*dialogue = (struct dialogue){ 0 };
}

int dialogue_keep(const struct dialogue *dialogue, const struct buf *answer, struct err *err)
{
	struct cache_answer whole = dialogue->counts;
	whole.text = (struct buf){ 0 };
	if (dialogue->stage)
		apply_stage_write(dialogue->stage, &whole.text);
	buf_add(&whole.text, buf_str(answer), answer->len);
	int rc = cache_put(dialogue->cache_key, &whole, err);
	buf_release(&whole.text);
	return rc;
}
