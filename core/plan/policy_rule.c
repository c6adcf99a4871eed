/* Which commands and paths the rules of a policy are about. */
#include "plan/policy.h"

#include "base/glob.h"
#include "base/path.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SHELLS 4 /* sh -c "sh -c ..." */

bool policy_rule_writes(const struct policy_rule *rule, const char *path)
{
	struct glob *glob;
	if (!rule->write || glob_compile(&glob, rule->write, NULL) != 0)
		return false;
	bool matches = glob_match(glob, path) || (glob_is_literal(rule->write) && path_is_below(path, rule->write));
	glob_free(glob);
	return matches;
}

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* Words that stand before a command without being it. */
static bool is_before_command(const char *word)
{
	static const char *const list[] = { "sudo", "doas", "env", "exec", "command", "builtin", "nohup", "time",
		"nice", "setsid", "stdbuf", "xargs", "!", "{", "then", "do", "else", "if", "elif", "while", "until",
		NULL };
	const char *equals = strchr(word, '=');
	if (equals && equals > word && strcspn(word, "/") > (size_t)(equals - word))
		return true;
	return is_one_of(path_base(word), list);
}

/* Options of such words are passed over too: `env -i git push`. */
static size_t first_word(const struct strings *word)
{
	size_t i = 0;
	while (i < word->n_items && is_before_command(word->item[i]))
		for (i++; i < word->n_items && word->item[i][0] == '-' && word->item[i][1];)
			i++;
	return i;
}

static bool text_runs(const struct policy_rule *rule, const char *text, int shells);

static bool words_run(const struct policy_rule *rule, const struct strings *word, int shells)
{
	static const char *const shell[] = { "sh", "bash", "dash", "zsh", "ksh", "ash", NULL };
	size_t first = first_word(word);
	size_t n = word->n_items - first;
	if (!n)
		return false;
	char *const *item = &word->item[first];
	if (is_one_of(path_base(item[0]), shell) && shells < MAX_SHELLS)
		for (size_t i = 1; i + 1 < n && item[i][0] == '-'; i++)
			if (item[i][1] != '-' && strchr(item[i], 'c') && text_runs(rule, item[i + 1], shells + 1))
				return true;
	if (n < rule->run.n_items || !rule->run.n_items)
		return false;
	const char *program = strchr(rule->run.item[0], '/') ? item[0] : path_base(item[0]);
	if (strcmp(program, rule->run.item[0]) != 0)
		return false;
	for (size_t i = 1; i < rule->run.n_items; i++)
		if (strcmp(item[i], rule->run.item[i]) != 0)
			return false;
	return true;
}

/* One command of a shell's text at work. */
struct splitter {
	const struct policy_rule *rule;
	struct strings word;
	struct buf part;
	bool in_word;
	bool matches;
	int shells;
};

static void end_word(struct splitter *s)
{
	if (s->in_word)
		strings_add(&s->word, buf_str(&s->part));
	buf_clear(&s->part);
	s->in_word = false;
}

static void end_command(struct splitter *s)
{
	end_word(s);
	s->matches = s->matches || words_run(s->rule, &s->word, s->shells);
	strings_release(&s->word);
}

/* Length of the substitution at text, "$(...)" or "`...`"; 0 when there is none. */
static size_t substitution_at(const char *text)
{
	size_t n = 1;
	size_t depth = 0;
	if (*text == '`') {
		n += strcspn(text + 1, "`");
		return text[n] ? n + 1 : n;
	}
	if (text[0] != '$' || text[1] != '(')
		return 0;
	while (text[n]) {
		depth += text[n] == '(';
		depth -= text[n] == ')';
		n++;
		if (!depth)
			break;
	}
	return n;
}

/* A substitution runs its commands even inside double quotes. */
static void take_substitution(struct splitter *s, const char *text, size_t n)
{
	size_t head = *text == '`' ? 1 : 2;
	size_t tail = n > head && (text[n - 1] == '`' || text[n - 1] == ')');
	char *inner = xstrndup(text + head, n > head + tail ? n - head - tail : 0);
	s->matches = s->matches || (s->shells < MAX_SHELLS && text_runs(s->rule, inner, s->shells + 1));
	free(inner);
}

static const char *take_quoted(struct splitter *s, const char *text)
{
	char quote = *text++;
	s->in_word = true;
	while (*text && *text != quote) {
		size_t n = quote == '"' ? substitution_at(text) : 0;
		if (n)
			take_substitution(s, text, n);
		if (quote == '"' && *text == '\\' && text[1])
			text++;
		buf_add(&s->part, text, n ? n : 1);
		text += n ? n : 1;
	}
	return *text ? text + 1 : text;
}

static bool text_runs(const struct policy_rule *rule, const char *text, int shells)
{
	struct splitter s = { .rule = rule, .shells = shells };
	while (*text) {
		if (*text == '\'' || *text == '"') {
			text = take_quoted(&s, text);
		} else if (*text == '\\' && text[1] == '\n') {
			text += 2;
		} else if (strchr(";&|\n()`", *text)) {
			end_command(&s);
			text++;
		} else if (strchr(" \t\r", *text)) {
			end_word(&s);
			text++;
		} else {
			text += *text == '\\' && text[1];
			s.in_word = true;
			buf_add_char(&s.part, *text++);
		}
	}
	end_command(&s);
	buf_release(&s.part);
	return s.matches;
}

bool policy_rule_runs(const struct policy_rule *rule, const struct plan_command *command)
{
	return rule->run.n_items && words_run(rule, &command->argv, 0);
}
