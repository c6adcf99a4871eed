#include "run/baseline.h"

#include "base/map.h"
#include "base/xalloc.h"
#include "io/shadow.h"
#include "run/export.h"
#include "run/matcher.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_MAX (8 << 20)

static char *fingerprint(const struct diag *diag)
{
	return xasprintf("%s\n%s\n%s", diag->file ? diag->file : "", diag->code ? diag->code : "", diag->message);
}

static void count(struct map *map, const struct diag *diag)
{
	char *key = fingerprint(diag);
	map_put(map, key, (void *)((uintptr_t)map_get(map, key) + 1));
	free(key);
}

/* True, and one less, when there is one in the map. */
static bool take(struct map *map, const struct diag *diag)
{
	char *key = fingerprint(diag);
	uintptr_t n = (uintptr_t)map_get(map, key);
	if (n)
		map_put(map, key, (void *)(n - 1));
	free(key);
	return n > 0;
}

size_t diags_subtract(struct diags *diags, const struct diags *before)
{
	struct map known = { 0 };
	size_t n_kept = 0;
	size_t n = diags->n_diags;
	for (size_t i = 0; i < before->n_diags; i++)
		count(&known, &before->diag[i]);
	for (size_t i = 0; i < n; i++) {
		struct diag *diag = &diags->diag[i];
		if (!take(&known, diag)) {
			diags->diag[n_kept++] = *diag;
			continue;
		}
		diags->n_errors -= diag->severity == DIAG_ERROR;
		free(diag->file);
		free(diag->code);
		free(diag->message);
	}
	diags->n_diags = n_kept;
	map_release(&known);
	return n - n_kept;
}

/* A step's own change is in its job; that of the run is in its journal. */
static int make_before(struct step_job *job, struct shadow *shadow, struct err *err)
{
	if (job->step->verb != VERB_VALIDATE)
		return shadow_put(shadow, &job->set, false, err);
	struct export_run run;
	const struct run_info info = { .id = (char *)job->run_id, .dir = (char *)job->run_dir };
	int rc = export_read(&run, &info, err);
	if (rc == 0)
		rc = shadow_put(shadow, &run.set, false, err);
	export_release(&run);
	return rc;
}

static int run_before(struct step_job *job, const struct plan_check *check, const struct shadow *shadow,
                      struct diags *out, struct err *err)
{
	struct buf output;
	struct proc_result result = { 0 };
	const struct step_command command = {
		.command = &check->run, .timeout_ms = check->timeout_ms, .keep = &output, .copy = shadow->root.path,
	};
	buf_init(&output, KEEP_MAX);
	int rc = step_run_command(job, &command, &result, err);
	if (rc == 0 && result.cancelled)
		rc = err_set(err, ERR_CANCELLED, "the check '%s' was stopped", check->name);
	if (rc == 0)
		matcher_read(check->errors ? check->errors : "", buf_str(&output), output.len,
		             step_sees_root(job, shadow->root.path), out);
	buf_release(&output);
	return rc;
}

int baseline_subtract(struct step_job *job, const struct plan_check *check, struct diags *diags, size_t *n_old,
                      struct err *err)
{
	struct shadow shadow = { .root.fd = -1 };
	struct diags before = { 0 };
	*n_old = 0;
	if (job->step->verb != VERB_VALIDATE && !job->set.n_changes)
		return 0;
	step_phase(job, "looking at what was there before", 0);
	int rc = shadow_make(&shadow, &job->ws->root, job->spool_dir, job->ws->n_threads, &job->cancel, err);
	if (rc == 0 && !step_hides_copies(job))
		rc = shadow_link_git(&shadow, job->shown_root, err);
	if (rc == 0)
		rc = make_before(job, &shadow, err);
	if (rc == 0)
		rc = run_before(job, check, &shadow, &before, err);
	if (rc == 0)
		*n_old = diags_subtract(diags, &before);
	diags_release(&before);
	shadow_remove(&shadow);
	return rc;
}
