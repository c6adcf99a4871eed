#include "run/dialogue.h"

void dialogue_clear(struct dialogue *dialogue)
{
	apply_stage_free(dialogue->stage);
	cache_answer_release(&dialogue->counts);
	*dialogue = (struct dialogue){ 0 };
}

int dialogue_keep(const struct dialogue *dialogue, const struct buf *answer, const struct redactor *secrets,
                  struct err *err)
{
	struct cache_answer whole = dialogue->counts;
	whole.text = (struct buf){ 0 };
	if (dialogue->stage)
		apply_stage_write(dialogue->stage, &whole.text);
	buf_add(&whole.text, buf_str(answer), answer->len);
	int rc = redactor_finds(secrets, buf_str(&whole.text), whole.text.len) ? 0 : cache_put(dialogue->cache_key, &whole, err);
	buf_release(&whole.text);
	return rc;
}

bool dialogue_next_form(struct dialogue *dialogue, struct buf *feedback)
{
	struct forms *forms = &dialogue->forms;
	if (forms->at + 1 >= forms->n_forms)
		return false;
	forms->at++;
	buf_add_str(feedback, "\nUse another form this time, for all edits. ");
	answer_describe_format(feedback, forms->form[forms->at], dialogue->marker);
	return true;
}
