/* Loading a plan as the verbs check, show and run do: the file, what it includes, --var, the graph. */
#include "base/path.h"
#include "base/xalloc.h"
#include "io/file.h"
#include "plan/plan_yaml.h"
#include "plan/vars.h"
#include "run/executor.h"
#include "tui/verb.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One byte over what the loader takes, so that it is the loader that says so. */
#define READ_MAX (1024 * 1024 + 1)

/* Where includes may come from. */
struct reach {
	const char *root;
	char *plan_dir; /* owned, real */
};

static int read_stdin(struct buf *out, struct err *err)
{
	char data[65536];
	ssize_t n;
	while (out->len < READ_MAX && (n = read(STDIN_FILENO, data, sizeof data)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, errno, "cannot read stdin");
		buf_add(out, data, (size_t)n);
	}
	return 0;
}

/* The beginning of a file that may be too large: the loader refuses it by its length. */
static int read_plan_file(const char *file, struct buf *out, struct err *err)
{
	struct stat st;
	if (stat(file, &st) != 0)
		return err_errno(err, errno, "cannot open");
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, "is a folder, not a plan file");
	if (st.st_size >= READ_MAX)
		return err_set(err, ERR_LIMIT, "the plan is larger than 1 MiB");
	return file_slurp(file, READ_MAX, out, err);
}

static bool is_below(const char *real, const char *dir)
{
	size_t n = strlen(dir);
	return strncmp(real, dir, n) == 0 && (real[n] == '/' || n == 1);
}

/* Only files of the repository, or of the plan's own folder: a plan cannot look around on the machine. */
static int read_include(void *arg, const char *from, const char *name, char **out_path, char **text, size_t *n,
                        struct err *err)
{
	const struct reach *reach = arg;
	char real[PATH_MAX];
	struct buf path = { 0 };
	struct buf data = { 0 };
	if (*name != '/') {
		path_dir(from, &path);
		if (path.len)
			buf_add_char(&path, '/');
	}
	buf_add_str(&path, name);
	int rc = 0;
	if (!realpath(buf_str(&path), real))
		rc = err_errno(err, errno, "cannot open '%s'", buf_str(&path));
	else if (!is_below(real, reach->root) && !(reach->plan_dir && is_below(real, reach->plan_dir)))
		rc = err_set(err, ERR_ACCESS, "'%s' is outside the repository", name);
	if (rc == 0)
		rc = read_plan_file(real, &data, err);
	if (rc == 0) {
		*out_path = buf_take(&path, NULL);
		*text = buf_take(&data, n);
	}
	buf_release(&path);
	buf_release(&data);
	return rc;
}

static void take_vars(const struct cli *cli, struct name_values *out, struct diags *diags)
{
	const char *given;
	for (size_t i = 0; (given = cli_get_nth(cli, CLI_VAR, i)); i++) {
		const char *equals = strchr(given, '=');
		char *name = xstrndup(given, equals ? (size_t)(equals - given) : strlen(given));
		if (equals && vars_is_name(name))
			name_values_set(out, name, equals + 1);
		else
			diags_add(diags, DIAG_ERROR, NULL, 0, 0, "'--var %s' is not of the form NAME=VALUE", given);
		free(name);
	}
}

void verb_plan_request_init(struct verb_plan_request *request, const struct cli *cli, const char *root, const char *file,
                            struct verb_plan *plan)
{
	*plan = (struct verb_plan){ 0 };
	*request = (struct verb_plan_request){ .file = file, .root = root,
		                               .break_cycles = cli_has(cli, CLI_BREAK_CYCLES) };
	take_vars(cli, &request->vars, &plan->diags);
}

void verb_plan_request_release(struct verb_plan_request *request)
{
	name_values_release(&request->vars);
}

static int make_graph(struct verb_plan *out, bool break_cycles)
{
	struct err err = { 0 };
	struct dag_edge cut;
	const struct plan *plan = out->plan;
	if (dag_build(&out->dag, plan, break_cycles || plan->break_cycles, &out->cuts, &out->n_cuts, &cut, &err) == 0)
		return 0;
	const struct place *place = &plan->step[cut.from].place;
	diags_add(&out->diags, DIAG_ERROR, place->file, place->line, place->column,
	          "%s; --break-cycles would cut the need of '%s' for '%s'", err.msg, plan->step[cut.from].id,
	          plan->step[cut.to].id);
	return -1;
}

int verb_plan_load(struct verb_plan *out, const struct verb_plan_request *request)
{
	bool is_stdin = strcmp(request->file, "-") == 0;
	const char *name = request->name ? request->name : is_stdin ? "<stdin>" : request->file;
	char real[PATH_MAX];
	struct err err = { 0 };
	struct buf dir = { 0 };
	if (out->diags.n_errors)
		return -1;
	int rc = is_stdin ? read_stdin(&out->text, &err) : read_plan_file(request->file, &out->text, &err);
	if (rc != 0)
		diags_add(&out->diags, DIAG_ERROR, name, 0, 0, "%s", err.msg);
	path_dir(request->file, &dir);
	struct reach reach = { request->root, realpath(dir.len ? buf_str(&dir) : ".", real) ? xstrdup(real) : NULL };
	struct plan_load_options options = {
		.vars = &request->vars,
		.read_file = read_include,
		.arg = &reach,
		.allow_unset = request->allow_unset,
		.break_cycles = request->break_cycles,
	};
	if (rc == 0)
		rc = plan_load(&out->plan, name, buf_str(&out->text), out->text.len, &options, &out->diags);
	if (rc == 0)
		rc = make_graph(out, request->break_cycles);
	if (rc == 0)
		rc = run_check_plan(out->plan, &out->diags);
	if (!request->keep_text)
		buf_release(&out->text);
	diags_sort(&out->diags);
	free(reach.plan_dir);
	buf_release(&dir);
	return rc;
}

int verb_plan_open(struct verb_plan *out, const struct cli *cli, const char *root, const char *file)
{
	struct verb_plan_request request;
	verb_plan_request_init(&request, cli, root, file, out);
	request.allow_unset = true;
	int rc = verb_plan_load(out, &request);
	verb_plan_request_release(&request);
	return rc;
}

void verb_plan_release(struct verb_plan *plan)
{
	dag_free(plan->dag);
	plan_free(plan->plan);
	free(plan->cuts);
	buf_release(&plan->text);
	diags_release(&plan->diags);
	*plan = (struct verb_plan){ 0 };
}

void verb_say_diags(const struct diags *diags)
{
	for (size_t i = 0; i < diags->n_diags; i++) {
		struct buf text = { 0 };
		diag_format(&text, &diags->diag[i]);
		verb_put_clean(stderr, &text);
		buf_release(&text);
	}
}
