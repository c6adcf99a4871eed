#include "run/check_cache.h"

#include "base/xalloc.h"
#include "io/cache.h"
#include "io/tree_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OUTPUT_MAX (256 * 1024) /* bytes that are kept of what a check said; one that says more is not kept */

bool check_cache_state(const struct step_job *job, bool with_set, struct hash *out)
{
	struct err err;
	const struct tree_query query = {
		.root = &job->ws->root, .over = with_set ? &job->set : NULL, .n_threads = job->ws->n_threads,
		.cancel = &job->cancel,
	};
	return job->cache != CACHE_OFF && job->memo && tree_state(job->memo, &query, out, &err) == 0;
}

static void add_str(struct hasher *hasher, const char *text)
{
	hasher_add(hasher, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_env(struct hasher *hasher)
{
	struct strings names = { 0 };
	proc_env_names(&names);
	strings_sort(&names);
	for (size_t i = 0; i < names.n_items; i++) {
		add_str(hasher, names.item[i]);
		add_str(hasher, getenv(names.item[i]));
	}
	strings_release(&names);
}

/* A program that is put in, replaced or removed changes the time of its folder. */
static void add_programs(struct hasher *hasher)
{
	struct stat st;
	const char *path = getenv("PATH");
	char *copy = xstrdup(path ? path : "");
	char *rest = copy;
	for (char *dir; (dir = strsep(&rest, ":"));) {
		if (stat(*dir ? dir : ".", &st) != 0)
			continue;
		hasher_add(hasher, &st.st_ino, sizeof st.st_ino);
		hasher_add(hasher, &st.st_mtim.tv_sec, sizeof st.st_mtim.tv_sec);
		hasher_add(hasher, &st.st_mtim.tv_nsec, sizeof st.st_mtim.tv_nsec);
	}
	free(copy);
}

static void add_file_state(struct hasher *hasher, const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return;
	hasher_add(hasher, &st.st_ino, sizeof st.st_ino);
	hasher_add(hasher, &st.st_size, sizeof st.st_size);
	hasher_add(hasher, &st.st_ctim.tv_sec, sizeof st.st_ctim.tv_sec);
	hasher_add(hasher, &st.st_ctim.tv_nsec, sizeof st.st_ctim.tv_nsec);
}

/* A program that is written over leaves its folder as it was: what the command may name is looked at itself. */
static void add_named(struct hasher *hasher, const char *command)
{
	static const char in_names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-./";
	const char *path = getenv("PATH");
	struct buf file = { 0 };
	for (const char *word = command + strcspn(command, in_names); *word; word += strcspn(word, in_names)) {
		size_t n = strspn(word, in_names);
		for (const char *dir = path ? path : ""; *dir; dir += *dir == ':') {
			size_t len = strcspn(dir, ":");
			buf_clear(&file);
			if (*word != '/')
				buf_printf(&file, "%.*s/", (int)len, dir);
			buf_add(&file, word, n);
			add_file_state(hasher, buf_str(&file));
			dir += len;
		}
		word += n;
	}
	buf_release(&file);
}

bool check_cache_is_in_tree(const struct step_job *job)
{
	return !job->copy && !job->previews && job->step->verb == VERB_VALIDATE;
}

void check_cache_key(const struct step_job *job, const struct plan_check *check, const struct hash *state,
                     char key[HASH_HEX_SIZE])
{
	struct hasher *hasher = hasher_new();
	struct hash hash;
	const char place = check_cache_is_in_tree(job) ? 't' : 'c';
	add_str(hasher, "belay check " PACKAGE_VERSION);
	hasher_add(hasher, &place, 1);
	add_str(hasher, key);
	add_str(hasher, job->shown_root);
	add_str(hasher, proc_sandbox_name(job->sandbox));
	add_str(hasher, check->errors);
	add_str(hasher, check->run.shell ? "sh" : "argv");
	for (size_t i = 0; i < check->run.argv.n_items; i++)
		add_str(hasher, check->run.argv.item[i]);
	for (size_t i = 0; i < check->run.argv.n_items; i++)
		add_named(hasher, check->run.argv.item[i]);
	add_env(hasher);
	add_programs(hasher);
	hasher_add(hasher, state->byte, sizeof state->byte);
	hasher_finish(hasher, &hash);
	hash_format(&hash, key);
}

bool check_cache_get(const struct step_job *job, const char *key, struct buf *output)
{
	struct cache_answer kept;
	if (job->cache == CACHE_REFRESH || cache_get(key, &kept, NULL) != 1)
		return false;
	buf_add(output, buf_str(&kept.text), kept.text.len);
	cache_answer_release(&kept);
	return true;
}

/* That it cannot be kept is no fault of the check: it will run again. */
void check_cache_put(const struct step_job *job, const char *key, const struct buf *output)
{
	struct err err;
	struct cache_answer kept = { 0 };
	if (job->cache == CACHE_OFF || output->len > OUTPUT_MAX)
		return;
	buf_add(&kept.text, buf_str(output), output->len);
	int rc = cache_put(key, &kept, &err);
	(void)rc;
	cache_answer_release(&kept);
}
