#include "run/scaffold.h"

#include "base/glob.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "edit/template.h"
#include "io/datadir.h"
#include "plan/vars.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MANIFEST "template.yaml"

static struct scaffold_file *add_file(struct scaffold *scaffold, const char *name, const char *text, size_t n)
{
	scaffold->file = vec_room(scaffold->file, scaffold->n_files, &scaffold->cap_files, sizeof *scaffold->file);
	struct scaffold_file *file = &scaffold->file[scaffold->n_files++];
	*file = (struct scaffold_file){ .name = xstrdup(name), .text = xstrndup(text, n), .n = n };
	return file;
}

static void load_inline(const struct plan_step *step, struct scaffold *out)
{
	for (size_t i = 0; i < step->files.n_pairs; i++)
		add_file(out, step->files.pair[i].name, step->files.pair[i].value, strlen(step->files.pair[i].value));
}

/* ---- folders ---- */

static void tell_read(struct step_job *job, const struct workspace_file *file)
{
	char hex[HASH_HEX_SIZE];
	hash_format(&file->hash, hex);
	struct event event = { .kind = EVENT_FILE_READ, .path = file->path, .bytes = (int64_t)file->size, .hash = hex };
	job->emit(job, &event);
}

static int take_file(struct scaffold *out, const struct workspace_file *file, const char *name, struct err *err)
{
	if (file->err.code != ERR_NONE) {
		*err = file->err;
		return -1;
	}
	if (file->is_link)
		return err_set(err, ERR_UNSUPPORTED, "the template '%s' is a symbolic link; expected a file", file->path);
	if (strcmp(name, MANIFEST) == 0)
		return scaffold_read_manifest(out, file->path, file->data, file->size, err);
	struct scaffold_file *made = add_file(out, name, file->data, file->size);
	made->mode = file->mode & 0111 ? 0755 : 0;
	return 0;
}

/* All files of a folder of a tree. */
static int load_folder(struct step_job *job, const struct workspace *ws, const char *folder, struct scaffold *out,
                       struct err *err)
{
	struct strings pattern = { 0 };
	struct strings paths = { 0 };
	struct workspace_batch batch = { 0 };
	size_t skip = *folder ? strlen(folder) + 1 : 0;
	strings_add(&pattern, folder);
	int rc = workspace_expand(ws, &pattern, false, &paths, err);
	if (rc == 0)
		rc = workspace_read(ws, &paths, 0, &job->cancel, &batch, err);
	for (size_t i = 0; rc == 0 && i < batch.n_files; i++) {
		rc = take_file(out, &batch.file[i], batch.file[i].path + skip, err);
		if (rc == 0 && ws == job->ws)
			tell_read(job, &batch.file[i]);
	}
	workspace_batch_release(&batch);
	strings_release(&paths);
	strings_release(&pattern);
	return rc;
}

static int tell_missing(const char *name, struct err *err)
{
	struct strings known = { 0 };
	struct buf list = { 0 };
	datadir_list("templates", &known);
	for (size_t i = 0; i < known.n_items; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", known.item[i]);
	err_set(err, ERR_NOT_FOUND, "there is no folder of templates '%s'", name);
	err_hint(err, "those that come with belay: %.120s", list.len ? buf_str(&list) : "none are installed");
	strings_release(&known);
	buf_release(&list);
	return -1;
}

/* One that comes with the program, or of the user's own. */
static int load_shipped(struct step_job *job, const char *name, struct scaffold *out, struct err *err)
{
	struct workspace ws;
	char *below = xasprintf("templates/%s", name);
	char *path = datadir_find(below);
	int rc = path ? 0 : tell_missing(name, err);
	if (rc == 0)
		rc = workspace_open(&ws, path, 1, err);
	if (rc == 0) {
		rc = load_folder(job, &ws, "", out, err);
		workspace_close(&ws);
	}
	free(path);
	free(below);
	return rc;
}

static bool is_named(const struct strings *globs, const char *name)
{
	struct err err;
	for (size_t i = 0; i < globs->n_items; i++) {
		struct glob *glob;
		if (glob_compile(&glob, globs->item[i], &err) != 0)
			continue; /* the manifest's reader refused it */
		bool match = glob_match(glob, name);
		glob_free(glob);
		if (match)
			return true;
	}
	return false;
}

/* What the manifest says of single files. */
static int apply_manifest(struct scaffold *out, struct err *err)
{
	for (size_t i = 0; i < out->n_files; i++) {
		struct scaffold_file *file = &out->file[i];
		const char *mode = name_values_get(&out->modes, file->name);
		file->verbatim = is_named(&out->verbatim, file->name) || text_is_binary(file->text, file->n);
		file->append = strings_find(&out->append, file->name) >= 0;
		if (mode)
			file->mode = (mode_t)strtol(mode, NULL, 8);
	}
	for (size_t i = 0; i < out->modes.n_pairs; i++) {
		bool found = false;
		for (size_t k = 0; k < out->n_files; k++)
			found = found || strcmp(out->file[k].name, out->modes.pair[i].name) == 0;
		if (!found)
			return err_set(err, ERR_PLAN, "'modes' of " MANIFEST " names '%s', which is no file of the template",
			               out->modes.pair[i].name);
	}
	return 0;
}

int scaffold_load(struct step_job *job, struct scaffold *out, struct err *err)
{
	const struct plan_step *step = job->step;
	struct stat st;
	load_inline(step, out);
	if (!step->template_dir)
		return 0;
	int rc = file_stat(&job->ws->root, step->template_dir, &st, err);
	if (rc == 0 && S_ISDIR(st.st_mode))
		rc = load_folder(job, job->ws, step->template_dir, out, err);
	else if (rc == 0)
		rc = err_set(err, ERR_NOT_FOUND, "'%s' is a file; expected a folder of templates", step->template_dir);
	else if (err->code == ERR_NOT_FOUND)
		rc = load_shipped(job, step->template_dir, out, err);
	if (rc == 0)
		rc = apply_manifest(out, err);
	if (rc == 0 && !out->n_files)
		rc = err_set(err, ERR_NOT_FOUND, "the folder '%s' holds no templates", step->template_dir);
	return rc;
}

void scaffold_release(struct scaffold *scaffold)
{
	for (size_t i = 0; i < scaffold->n_files; i++) {
		free(scaffold->file[i].name);
		free(scaffold->file[i].text);
	}
	free(scaffold->file);
	free(scaffold->about);
	name_values_release(&scaffold->defaults);
	name_values_release(&scaffold->required);
	name_values_release(&scaffold->modes);
	strings_release(&scaffold->verbatim);
	strings_release(&scaffold->append);
	*scaffold = (struct scaffold){ 0 };
}

int scaffold_check_inline(const struct plan_step *step, struct err *err)
{
	for (size_t i = 0; i < step->files.n_pairs; i++) {
		const struct name_value *file = &step->files.pair[i];
		const char *part[] = { file->name, file->value };
		for (size_t k = 0; k < 2; k++) {
			struct template *t;
			if (template_compile(&t, file->name, part[k], strlen(part[k]), err) != 0)
				return -1;
			template_free(t);
		}
	}
	return 0;
}
