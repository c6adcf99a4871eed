#include "event/fold.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (16 * 1024 * 1024)

void fold_set_str(char **to, const char *s)
{
	char *copy = xstrdup(s ? s : "");
	free(*to);
	*to = copy;
}

void fold_set_state(struct run_model *model, struct model_step *step, enum step_state state)
{
	model->n_in_state[step->state]--;
	step->state = state;
	model->n_in_state[state]++;
}

void fold_set_list(struct strings *to, const struct event_list *from)
{
	strings_release(to);
	for (size_t i = 0; i < from->n_items; i++)
		strings_add(to, from->item[i]);
}

void fold_join_list(struct strings *to, const struct event_list *from)
{
	for (size_t i = 0; i < from->n_items; i++)
		if (strings_find(to, from->item[i]) < 0)
			strings_add(to, from->item[i]);
}

void fold_clear_files(struct model_step *step)
{
	for (size_t i = 0; i < step->n_files; i++)
		free(step->file[i].path);
	free(step->file);
	step->file = NULL;
	step->n_files = 0;
	step->added = step->removed = 0;
}

void fold_clear_checks(struct model_step *step)
{
	for (size_t i = 0; i < step->n_checks; i++) {
		free(step->check[i].name);
		diags_release(&step->check[i].diags);
	}
	free(step->check);
	step->check = NULL;
	step->n_checks = step->cap_checks = 0;
}

void fold_clear_reads(struct model_step *step)
{
	const struct map_entry *entry;
	for (size_t i = 0; (entry = map_next(&step->read_hash, &i));)
		free(entry->value);
	map_release(&step->read_hash);
	strings_release(&step->reads);
	step->n_reads = 0;
}

void fold_clear_approval(struct model_approval *approval)
{
	free(approval->request);
	free(approval->risk);
	free(approval->what);
	free(approval->why);
	free(approval->word);
	free(approval->cwd);
	strings_release(&approval->env);
	strings_release(&approval->reach);
	strings_release(&approval->covered);
	strings_release(&approval->not_covered);
	*approval = (struct model_approval){ 0 };
}

void fold_clear_patch(struct model_step *step)
{
	free(step->patch_blob);
	step->patch_blob = NULL;
	buf_clear(&step->patch);
}

void fold_end_approval(struct run_model *model, struct model_step *step)
{
	if (!step->approval.request || !*step->approval.request)
		return;
	fold_clear_approval(&step->approval);
	fold_set_str(&step->approval.request, "");
	model->n_approvals--;
}

/* Two changes of one file, one after the other, are one. */
static void change_again(struct model_file *file, const struct event_file *from)
{
	file->after = from->after.hash;
	file->has_after = from->after.present;
	file->change = !file->has_after ? EVENT_DELETED : file->has_before ? EVENT_MODIFIED : EVENT_CREATED;
	file->added += from->added > 0 ? from->added : 0;
	file->removed += from->removed > 0 ? from->removed : 0;
}

void fold_add_files(struct model_step *step, const struct event_files *files)
{
	struct map by_path = { 0 };
	step->file = xrealloc(step->file, (step->n_files + files->n_files) * sizeof *step->file);
	for (size_t i = 0; i < step->n_files; i++)
		map_put(&by_path, step->file[i].path, &step->file[i]);
	for (size_t i = 0; i < files->n_files; i++) {
		const struct event_file *from = &files->file[i];
		struct model_file *there = map_get(&by_path, from->path);
		step->added += from->added > 0 ? from->added : 0;
		step->removed += from->removed > 0 ? from->removed : 0;
		if (there) {
			change_again(there, from);
			continue;
		}
		step->file[step->n_files++] = (struct model_file){ .path = xstrdup(from->path),
			                                           .change = from->change,
			                                           .before = from->before.hash,
			                                           .after = from->after.hash,
			                                           .has_before = from->before.present,
			                                           .has_after = from->after.present,
			                                           .added = from->added,
			                                           .removed = from->removed };
	}
	map_release(&by_path);
}

void fold_set_files(struct model_step *step, const struct event_files *files)
{
	fold_clear_files(step);
	if (files->n_files)
		fold_add_files(step, files);
}

void model_step_free(struct model_step *step)
{
	char *const text[] = { step->id, step->verb, step->title, step->parent, step->risk, step->phase, step->reason,
		               step->category, step->message, step->hint, step->provider, step->model, step->origin,
		               step->patch_blob, step->value };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		free(text[i]);
	strings_release(&step->needs);
	fold_clear_reads(step);
	buf_release(&step->output);
	buf_release(&step->answer);
	buf_release(&step->patch);
	fold_clear_files(step);
	fold_clear_checks(step);
	strings_release(&step->not_covered);
	fold_clear_approval(&step->approval);
	free(step);
}

struct model_step *model_step_new(struct run_model *model, const char *id)
{
	struct model_step *step = xcalloc(1, sizeof *step);
	step->id = xstrdup(id);
	char **const text[] = { &step->phase, &step->reason, &step->category, &step->message, &step->hint,
		                &step->provider, &step->model, &step->origin, &step->approval.request, &step->value };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		*text[i] = xstrdup("");
	buf_init(&step->answer, ANSWER_MAX);
	model->step = vec_room(model->step, model->n_steps, &model->cap_steps, sizeof *model->step);
	model->step[model->n_steps++] = step;
	map_put(&model->by_id, id, step);
	model->n_in_state[STEP_PENDING]++;
	return step;
}
