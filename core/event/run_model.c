#include "event/run_model.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define OUTPUT_MAX (1024 * 1024)
#define OUTPUT_SLACK (256 * 1024) /* dropped in one go, so that a long output is not moved for each event */
#define ANSWER_MAX (16 * 1024 * 1024)
#define NOTICES_MAX 1000

static const char *const state_names[STEP_N_STATES] = {
	[STEP_PENDING] = "pending",     [STEP_READY] = "ready",         [STEP_RUNNING] = "running",
	[STEP_WAITING] = "waiting",     [STEP_LANDED] = "landed",       [STEP_DONE] = "done",
	[STEP_FAILED] = "failed",       [STEP_SKIPPED] = "skipped",     [STEP_DECLINED] = "declined",
	[STEP_CANCELLED] = "cancelled", [STEP_TAKEN_BACK] = "taken_back",
};

const char *step_state_name(enum step_state state)
{
	return state_names[state];
}

bool step_state_is_final(enum step_state state)
{
	return state >= STEP_DONE;
}

static void set_str(char **to, const char *s)
{
	char *copy = xstrdup(s ? s : "");
	free(*to);
	*to = copy;
}

static void set_state(struct run_model *model, struct model_step *step, enum step_state state)
{
	model->n_in_state[step->state]--;
	step->state = state;
	model->n_in_state[state]++;
}

static void add_list(struct strings *to, const struct event_list *from)
{
	strings_release(to);
	for (size_t i = 0; i < from->n_items; i++)
		strings_add(to, from->item[i]);
}

static void drop_string(struct strings *list, const char *s)
{
	int at = strings_find(list, s);
	if (at < 0)
		return;
	free(list->item[at]);
	list->n_items--;
	memmove(&list->item[at], &list->item[at + 1], (list->n_items - (size_t)at) * sizeof *list->item);
}

static void release_files(struct model_step *step)
{
	for (size_t i = 0; i < step->n_files; i++)
		free(step->file[i].path);
	free(step->file);
	step->file = NULL;
	step->n_files = 0;
	step->added = step->removed = 0;
}

static void release_checks(struct model_step *step)
{
	for (size_t i = 0; i < step->n_checks; i++) {
		free(step->check[i].name);
		diags_release(&step->check[i].diags);
	}
	free(step->check);
	step->check = NULL;
	step->n_checks = step->cap_checks = 0;
}

static void release_reads(struct model_step *step)
{
	const struct map_entry *entry;
	for (size_t i = 0; (entry = map_next(&step->read_hash, &i));)
		free(entry->value);
	map_release(&step->read_hash);
	strings_release(&step->reads);
	step->n_reads = 0;
}

static void release_approval(struct model_approval *approval)
{
	free(approval->request);
	free(approval->risk);
	free(approval->what);
	free(approval->why);
	free(approval->word);
	strings_release(&approval->covered);
	strings_release(&approval->not_covered);
	*approval = (struct model_approval){ 0 };
}

static void clear_patch(struct model_step *step)
{
	free(step->patch_blob);
	step->patch_blob = NULL;
	buf_clear(&step->patch);
}

static void free_step(struct model_step *step)
{
	char *const text[] = { step->id, step->verb, step->title, step->parent, step->risk, step->phase, step->reason,
		               step->category, step->message, step->hint, step->provider, step->model, step->origin,
		               step->patch_blob };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		free(text[i]);
	strings_release(&step->needs);
	release_reads(step);
	buf_release(&step->output);
	buf_release(&step->answer);
	buf_release(&step->patch);
	release_files(step);
	release_checks(step);
	release_approval(&step->approval);
	free(step);
}

void run_model_init(struct run_model *model)
{
	*model = (struct run_model){ 0 };
}

static void free_notice(struct model_notice *notice)
{
	free(notice->step);
	free(notice->category);
	free(notice->message);
	free(notice->hint);
}

void run_model_release(struct run_model *model)
{
	char *const text[] = { model->run,  model->plan,    model->plan_hash, model->root,
		               model->head, model->version, model->mode,      model->from };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		free(text[i]);
	for (size_t i = 0; i < model->n_steps; i++)
		free_step(model->step[i]);
	free(model->step);
	map_release(&model->by_id);
	for (size_t i = 0; i < model->n_notices; i++)
		free_notice(&model->notice[i]);
	free(model->notice);
	strings_release(&model->cut_edges);
	strings_release(&model->open_intent);
	strings_release(&model->undone);
	*model = (struct run_model){ 0 };
}

struct model_step *run_model_step(const struct run_model *model, const char *id)
{
	return id ? map_get(&model->by_id, id) : NULL;
}

/* One line for the events pane. Takes `message`. */
static void note(struct run_model *model, const struct event *event, const char *category, char *message)
{
	if (model->n_notices == NOTICES_MAX) {
		size_t drop = NOTICES_MAX / 4;
		for (size_t i = 0; i < drop; i++)
			free_notice(&model->notice[i]);
		model->n_notices -= drop;
		memmove(model->notice, model->notice + drop, model->n_notices * sizeof *model->notice);
	}
	model->notice = vec_room(model->notice, model->n_notices, &model->cap_notices, sizeof *model->notice);
	model->notice[model->n_notices++] = (struct model_notice){ .seq = event->seq,
		                                                   .at_ms = event->at_ms,
		                                                   .step = xstrdup(event->step),
		                                                   .category = xstrdup(category ? category : ""),
		                                                   .message = message,
		                                                   .hint = xstrdup(event->hint ? event->hint : "") };
}

/* ---- the run ---- */

static void fold_run_started(struct run_model *model, const struct event *event)
{
	set_str(&model->run, event->run);
	set_str(&model->plan, event->plan);
	set_str(&model->plan_hash, event->plan_hash);
	set_str(&model->root, event->root);
	set_str(&model->head, event->head);
	set_str(&model->version, event->version);
	set_str(&model->mode, event->mode);
	set_str(&model->from, event->from);
	model->started_ms = event->at_ms;
}

static void end_approval(struct run_model *model, struct model_step *step)
{
	if (!step->approval.request || !*step->approval.request)
		return;
	release_approval(&step->approval);
	set_str(&step->approval.request, "");
	model->n_approvals--;
}

/* What was under way when the run stopped did not survive it; what landed did. */
static void fold_run_resumed(struct run_model *model)
{
	model->finished = false;
	model->ended_ms = 0;
	for (size_t i = 0; i < model->n_steps; i++) {
		struct model_step *step = model->step[i];
		end_approval(model, step);
		if (step->state == STEP_RUNNING || step->state == STEP_WAITING)
			set_state(model, step, step->landed ? STEP_LANDED : STEP_PENDING);
		set_str(&step->phase, "");
		step->retry_at_ms = 0;
	}
}

static void fold_run_finished(struct run_model *model, const struct event *event)
{
	model->finished = true;
	model->exit_code = event->exit_code;
	model->ended_ms = event->at_ms;
}

static struct model_step *new_step(struct run_model *model, const char *id)
{
	struct model_step *step = xcalloc(1, sizeof *step);
	step->id = xstrdup(id);
	char **const text[] = { &step->phase, &step->reason, &step->category, &step->message, &step->hint,
		                &step->provider, &step->model, &step->origin, &step->approval.request };
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		*text[i] = xstrdup("");
	buf_init(&step->answer, ANSWER_MAX);
	model->step = vec_room(model->step, model->n_steps, &model->cap_steps, sizeof *model->step);
	model->step[model->n_steps++] = step;
	map_put(&model->by_id, id, step);
	model->n_in_state[STEP_PENDING]++;
	return step;
}

static void fold_step_declared(struct run_model *model, const struct event *event)
{
	struct model_step *step = run_model_step(model, event->step);
	if (!step)
		step = new_step(model, event->step);
	else if (step->state != STEP_PENDING)
		set_state(model, step, STEP_PENDING);
	set_str(&step->verb, event->verb);
	set_str(&step->title, event->title);
	set_str(&step->parent, event->parent);
	set_str(&step->risk, event->risk);
	add_list(&step->needs, &event->needs);
	step->changed_seq = event->seq;
}

/* ---- an attempt ---- */

static void fold_step_started(struct run_model *model, struct model_step *step, const struct event *event)
{
	end_approval(model, step);
	step->attempt = event->attempt;
	step->started_ms = event->at_ms;
	step->ended_ms = 0;
	step->retry_at_ms = 0;
	step->taken_back = false;
	set_str(&step->phase, "");
	set_str(&step->reason, event->reason);
	set_str(&step->category, "");
	set_str(&step->message, "");
	set_str(&step->hint, "");
	buf_clear(&step->output);
	step->output_dropped = 0;
	buf_clear(&step->answer);
	release_reads(step);
	release_checks(step);
	if (!step->landed) {
		release_files(step);
		clear_patch(step);
	}
	set_state(model, step, STEP_RUNNING);
}

/* A step that had begun and then will not run was cancelled; one that a person declined stays so. */
static void fold_step_skipped(struct run_model *model, struct model_step *step, const struct event *event)
{
	end_approval(model, step);
	set_str(&step->reason, event->reason);
	set_str(&step->phase, "");
	if (step->state == STEP_DECLINED)
		return;
	bool begun = step->state == STEP_RUNNING || step->state == STEP_WAITING || step->state == STEP_LANDED;
	set_state(model, step, begun ? STEP_CANCELLED : STEP_SKIPPED);
	if (begun)
		step->ended_ms = event->at_ms;
}

static void fold_file_read(struct model_step *step, const struct event *event)
{
	const char *path = event->path ? event->path : "";
	step->n_reads++;
	if (!map_has(&step->read_hash, path))
		strings_add(&step->reads, path);
	free(map_get(&step->read_hash, path));
	map_put(&step->read_hash, path, xstrdup(event->hash ? event->hash : ""));
}

static void fold_phase_changed(struct model_step *step, const struct event *event)
{
	set_str(&step->phase, event->phase);
	step->phase_ms = event->at_ms;
	step->phase_limit_ms = event->limit_ms;
	step->phase_try = event->try_no;
	step->phase_tries = event->tries;
	step->retry_at_ms = 0;
}

static void fold_output(struct model_step *step, const struct event *event)
{
	const struct event_text *text = &event->text;
	const char *stream = event->stream ? event->stream : "";
	if (strcmp(stream, "reasoning") == 0)
		return;
	if (!text->data) {
		step->output_dropped += text->len;
		return;
	}
	if (strcmp(stream, "model") == 0)
		(void)buf_add(&step->answer, text->data, text->len);
	(void)buf_add(&step->output, text->data, text->len);
	if (step->output.len > OUTPUT_MAX + OUTPUT_SLACK) {
		size_t drop = step->output.len - OUTPUT_MAX;
		buf_consume(&step->output, drop);
		step->output_dropped += drop;
	}
}

static void set_files(struct model_step *step, const struct event_files *files)
{
	release_files(step);
	step->file = xcalloc(files->n_files, sizeof *step->file);
	step->n_files = files->n_files;
	for (size_t i = 0; i < files->n_files; i++) {
		const struct event_file *from = &files->file[i];
		step->file[i] = (struct model_file){ .path = xstrdup(from->path),
			                             .change = from->change,
			                             .before = from->before.hash,
			                             .after = from->after.hash,
			                             .has_before = from->before.present,
			                             .has_after = from->after.present,
			                             .added = from->added,
			                             .removed = from->removed };
		step->added += from->added > 0 ? from->added : 0;
		step->removed += from->removed > 0 ? from->removed : 0;
	}
}

static void fold_change_proposed(struct model_step *step, const struct event *event)
{
	set_files(step, &event->files);
	clear_patch(step);
	if (event->text.blob)
		step->patch_blob = xstrdup(event->text.blob);
	else if (event->text.data)
		(void)buf_add(&step->patch, event->text.data, event->text.len);
}

/* ---- approvals and checks ---- */

static void fold_approval_asked(struct run_model *model, struct model_step *step, const struct event *event)
{
	end_approval(model, step);
	release_approval(&step->approval);
	struct model_approval *approval = &step->approval;
	set_str(&approval->request, event->request);
	set_str(&approval->risk, event->risk);
	set_str(&approval->what, event->what);
	set_str(&approval->why, event->why);
	set_str(&approval->word, event->word);
	add_list(&approval->covered, &event->covered);
	add_list(&approval->not_covered, &event->not_covered);
	approval->asked_ms = event->at_ms;
	if (*approval->request)
		model->n_approvals++;
	set_state(model, step, STEP_WAITING);
}

static void fold_approval_answered(struct run_model *model, struct model_step *step, const struct event *event)
{
	end_approval(model, step);
	if (event->kind == EVENT_APPROVAL_REFUSED) {
		set_str(&step->reason, event->reason);
		step->ended_ms = event->at_ms;
		set_state(model, step, STEP_DECLINED);
	} else if (step->state == STEP_WAITING) {
		set_state(model, step, step->landed ? STEP_LANDED : STEP_RUNNING);
	}
}

static struct model_check *find_check(struct model_step *step, const char *name)
{
	for (size_t i = 0; i < step->n_checks; i++)
		if (strcmp(step->check[i].name, name) == 0)
			return &step->check[i];
	step->check = vec_room(step->check, step->n_checks, &step->cap_checks, sizeof *step->check);
	step->check[step->n_checks] = (struct model_check){ .name = xstrdup(name) };
	return &step->check[step->n_checks++];
}

static void fold_check(struct model_step *step, const struct event *event)
{
	struct model_check *check = find_check(step, event->check ? event->check : "");
	diags_release(&check->diags);
	check->diags = (struct diags){ 0 };
	check->finished = event->kind == EVENT_CHECK_FINISHED;
	check->cached = event->cached;
	check->exit_code = event->exit_code;
	check->ms = event->ms;
	for (size_t i = 0; i < event->diagnostics.n_diags; i++) {
		const struct diag *diag = &event->diagnostics.diag[i];
		diags_add(&check->diags, diag->severity, diag->file, diag->line, diag->column, "%s",
		          diag->message ? diag->message : "");
	}
}

/* ---- the tree ---- */

static void land_step(struct run_model *model, const char *id, const struct event *event)
{
	struct model_step *step = run_model_step(model, id);
	drop_string(&model->open_intent, id);
	drop_string(&model->undone, id);
	if (!step)
		return;
	step->landed = true;
	step->landed_seq = event->seq;
	step->changed_seq = event->seq;
	set_state(model, step, step->state == STEP_TAKEN_BACK ? STEP_DONE : STEP_LANDED);
	step->taken_back = false;
}

static void take_step_back(struct run_model *model, const char *id, const struct event *event)
{
	struct model_step *step = run_model_step(model, id);
	drop_string(&model->open_intent, id);
	if (!step)
		return;
	step->changed_seq = event->seq;
	step->taken_back = step->landed;
	step->landed = false;
	if (step->state == STEP_DONE || (step->state == STEP_LANDED && event->step_list.n_items))
		set_state(model, step, STEP_TAKEN_BACK);
	else if (step->state == STEP_LANDED)
		set_state(model, step, STEP_RUNNING);
}

static void open_intent(struct run_model *model, const char *id, const struct event *event)
{
	(void)event;
	if (strings_find(&model->open_intent, id) < 0)
		strings_add(&model->open_intent, id);
}

static void each_step(struct run_model *model, const struct event *event,
                      void (*fold)(struct run_model *, const char *, const struct event *))
{
	for (size_t i = 0; i < event->step_list.n_items; i++)
		fold(model, event->step_list.item[i], event);
	if (!event->step_list.n_items && event->step)
		fold(model, event->step, event);
}

static void fold_landed(struct run_model *model, struct model_step *step, const struct event *event)
{
	if (step && !event->step_list.n_items && event->files.n_files)
		set_files(step, &event->files);
	each_step(model, event, land_step);
	note(model, event, "ok", xasprintf("landed %zu file%s", event->files.n_files, event->files.n_files == 1 ? "" : "s"));
}

static void fold_taken_back(struct run_model *model, const struct event *event)
{
	each_step(model, event, take_step_back);
	if (event->step_list.n_items)
		add_list(&model->undone, &event->step_list);
	note(model, event, "ok",
	     xasprintf("rolled back %zu file%s", event->files.n_files, event->files.n_files == 1 ? "" : "s"));
}

static void fold_conflict(struct run_model *model, const struct event *event)
{
	note(model, event, "conflict",
	     xasprintf("'%s' is not what it was%s%s", event->path ? event->path : "", event->answer ? ": " : "",
	               event->answer ? event->answer : ""));
}

/* ---- the end of a step ---- */

static void end_step(struct run_model *model, struct model_step *step, const struct event *event)
{
	end_approval(model, step);
	step->ended_ms = event->at_ms;
	step->retry_at_ms = 0;
	set_str(&step->phase, "");
}

static void fold_step_failed(struct run_model *model, struct model_step *step, const struct event *event)
{
	bool cancelled = event->category && strcmp(event->category, "cancelled") == 0;
	end_step(model, step, event);
	set_str(&step->category, event->category);
	set_str(&step->message, event->message);
	set_str(&step->hint, event->hint);
	if (event->landed_back) {
		step->taken_back = step->taken_back || step->landed;
		step->landed = false;
	}
	if (step->state != STEP_DECLINED)
		set_state(model, step, cancelled ? STEP_CANCELLED : STEP_FAILED);
	note(model, event, event->category, xstrdup(event->message ? event->message : "the step failed"));
}

static void fold_retry(struct run_model *model, struct model_step *step, const struct event *event)
{
	step->retry_at_ms = event->at_ms + event->delay_ms;
	step->phase_try = event->try_no;
	step->phase_tries = event->tries;
	set_str(&step->reason, event->reason);
	model->n_retries++;
}

static void fold_usage(struct run_model *model, const struct event *event)
{
	model->tokens_in += event->tokens_in;
	model->tokens_out += event->tokens_out;
	model->tokens_cached += event->tokens_cached;
	model->tokens_reasoning += event->tokens_reasoning;
	model->usd += event->usd;
}

/* Kinds that concern the run as a whole, or steps that another run declared. True when it was one. */
static bool fold_for_run(struct run_model *model, const struct event *event)
{
	switch (event->kind) {
	case EVENT_RUN_STARTED: fold_run_started(model, event); return true;
	case EVENT_RUN_RESUMED: fold_run_resumed(model); return true;
	case EVENT_RUN_FINISHED: fold_run_finished(model, event); return true;
	case EVENT_EDGE_CUT:
		strings_take(&model->cut_edges, xasprintf("%s -> %s", event->from ? event->from : "",
		                                          event->to ? event->to : ""));
		return true;
	case EVENT_STEP_DECLARED: fold_step_declared(model, event); return true;
	case EVENT_USAGE_COUNTED: fold_usage(model, event); return true;
	case EVENT_INTENT: each_step(model, event, open_intent); return true;
	case EVENT_LANDED: fold_landed(model, run_model_step(model, event->step), event); return true;
	case EVENT_TAKEN_BACK: fold_taken_back(model, event); return true;
	case EVENT_CONFLICT: fold_conflict(model, event); return true;
	case EVENT_NOTICE: note(model, event, event->category, xstrdup(event->message ? event->message : "")); return true;
	default: return false;
	}
}

static void fold_for_step(struct run_model *model, struct model_step *step, const struct event *event)
{
	switch (event->kind) {
	case EVENT_STEP_READY:
		set_state(model, step, STEP_READY);
		set_str(&step->reason, event->reason);
		break;
	case EVENT_STEP_STARTED: fold_step_started(model, step, event); break;
	case EVENT_STEP_SKIPPED: fold_step_skipped(model, step, event); break;
	case EVENT_FILE_READ: fold_file_read(step, event); break;
	case EVENT_PROMPT_SENT:
		set_str(&step->provider, event->provider);
		set_str(&step->model, event->model);
		set_str(&step->origin, event->origin);
		break;
	case EVENT_PHASE_CHANGED: fold_phase_changed(step, event); break;
	case EVENT_OUTPUT: fold_output(step, event); break;
	case EVENT_RETRY_SCHEDULED: fold_retry(model, step, event); break;
	case EVENT_CHANGE_PROPOSED: fold_change_proposed(step, event); break;
	case EVENT_CHANGE_DECIDED:
		if (event->files.n_files)
			set_files(step, &event->files);
		break;
	case EVENT_APPROVAL_ASKED: fold_approval_asked(model, step, event); break;
	case EVENT_APPROVAL_GIVEN:
	case EVENT_APPROVAL_REFUSED: fold_approval_answered(model, step, event); break;
	case EVENT_CHECK_STARTED:
	case EVENT_CHECK_FINISHED: fold_check(step, event); break;
	case EVENT_STEP_FAILED: fold_step_failed(model, step, event); break;
	case EVENT_STEP_DONE:
		end_step(model, step, event);
		set_state(model, step, STEP_DONE);
		break;
	default: break;
	}
}

int run_model_apply(struct run_model *model, const struct event *event, struct err *err)
{
	const char *wire = event_kind_info(event->kind)->wire;
	if ((event->kind == EVENT_RUN_STARTED) != !model->run)
		return err_set(err, ERR_CORRUPT, "event %llu, '%s', cannot stand there", (unsigned long long)event->seq, wire);
	if (event->seq <= model->seq)
		return err_set(err, ERR_CORRUPT, "event %llu comes after event %llu", (unsigned long long)event->seq,
		               (unsigned long long)model->seq);
	if (event->kind == EVENT_STEP_DECLARED && !event->step)
		return err_set(err, ERR_CORRUPT, "event %llu declares no step", (unsigned long long)event->seq);
	if (!fold_for_run(model, event) && event->step) {
		struct model_step *step = run_model_step(model, event->step);
		if (!step)
			return err_set(err, ERR_CORRUPT, "event %llu, '%s', names an unknown step '%s'",
			               (unsigned long long)event->seq, wire, event->step);
		fold_for_step(model, step, event);
	}
	struct model_step *step = run_model_step(model, event->step);
	if (step)
		step->changed_seq = event->seq;
	model->seq = event->seq;
	model->now_ms = event->at_ms;
	return 0;
}
