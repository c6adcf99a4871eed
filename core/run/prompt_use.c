/* What becomes of a model's answer: refused with its reasons, or edits in the change set. */
#include "run/prompt.h"

#include "base/path.h"
#include "edit/apply.h"
#include "io/habits.h"

#include <stdint.h>

static int load_other(void *arg, const char *path, struct image *out, struct err *err)
{
	struct step_job *job = arg;
	if (!job->may_make || !path_is_below(path, job->may_make_below))
		return err_set(err, ERR_ANSWER, "the answer edits '%.200s', which the step does not name", path);
	if (step_check_writable(job, path, err) != 0 || path_check_new_name(path, err) != 0 ||
	    step_load(job, path, false, out, err) != 0)
		return -1;
	if (out->kind == IMAGE_ABSENT)
		return 0;
	image_release(out);
	return err_set(err, ERR_ANSWER, "the answer makes '%.200s', which is there already", path);
}

static bool replaces_whole_file(const struct step_job *job, const struct answer *answer)
{
	for (size_t i = 0; i < answer->n_blocks; i++) {
		const struct change *change =
			answer->block[i].kind == EDIT_WHOLE_FILE ? changeset_find(&job->set, answer->block[i].path) : NULL;
		if (change && change->before.kind != IMAGE_ABSENT)
			return true;
	}
	return false;
}

/* What is wrong with an answer before it is applied. -1 with feedback where another attempt may help. */
static int check_answer(struct step_job *job, const struct llm_result *result, const struct answer *answer,
                        struct err *err)
{
	if (result->finish == LLM_REFUSAL)
		return err_set(err, ERR_ANSWER, "the model refused to answer");
	if (result->finish == LLM_LENGTH || answer->unterminated) {
		buf_add_str(&job->feedback, "Your answer was cut before its end. Answer again, with fewer or smaller edits.\n");
		return err_set(err, ERR_ANSWER, "the answer was cut before its end");
	}
	if (!answer->n_blocks) {
		buf_add_str(&job->feedback, "Your answer holds no edit in the form that was asked for. Answer again in that form.\n");
		return err_set(err, ERR_ANSWER, "the answer holds no edit");
	}
	return 0;
}

/* The form that an answer came in. Hunks of an envelope look like search and replace once they are read. */
static enum edit_kind form_of(const struct answer *answer, enum edit_kind asked)
{
	size_t n_whole = 0;
	for (size_t i = 0; i < answer->n_blocks; i++) {
		if (answer->block[i].kind == EDIT_SYMBOL)
			return EDIT_SYMBOL;
		n_whole += answer->block[i].kind == EDIT_WHOLE_FILE;
	}
	if (n_whole && n_whole == answer->n_blocks)
		return EDIT_WHOLE_FILE;
	return asked == EDIT_PATCH ? EDIT_PATCH : EDIT_SEARCH_REPLACE;
}

/* Remembers how the model did: in the form that it chose when it did well, else in the one that it was asked for. */
static void note_form(struct step_job *job, const struct answer *answer, bool is_good)
{
	const struct dialogue *dialogue = job->dialogue;
	const struct forms *forms = &dialogue->forms;
	struct err err = { 0 };
	if (!job->habits || !dialogue->is_from_server || forms->n_forms < 2 || !dialogue->counts.model)
		return;
	enum edit_kind asked = forms->form[forms->at];
	const struct habit which = {
		.model = dialogue->counts.model,
		.size = (char *)(uintptr_t)forms_size(&job->set),
		.form = (char *)(uintptr_t)forms_name(is_good ? form_of(answer, asked) : asked),
	};
	if (habits_note(job->habits, &which, is_good, &err) != 0)
		step_notice(job, "access", err.msg, "what the model is good at is not remembered");
}

int prompt_use(struct step_job *job, struct answer_parser *parser, const struct llm_result *result, bool may_create,
               struct err *err)
{
	struct answer answer = { 0 };
	if (!job->dialogue->stage)
		job->dialogue->stage = apply_stage_new();
	struct apply_rules apply = {
		.may_create = may_create, .load = load_other, .arg = job, .stage = job->dialogue->stage,
		.may_guess = job->may_guess, .guessed = &job->guesses_place,
	};
	answer_parser_finish(parser, &answer);
	int rc = check_answer(job, result, &answer, err);
	if (rc == 0) {
		step_phase(job, "matching", 0);
		rc = apply_answer(&job->set, &answer, &apply, &job->feedback, err);
		job->replaces_from_model = rc == 0 && replaces_whole_file(job, &answer);
	}
	if (rc == 0 || (err->code == ERR_ANSWER && result->finish == LLM_STOP && !answer.unterminated))
		note_form(job, &answer, rc == 0);
	answer_release(&answer);
	return rc;
}
