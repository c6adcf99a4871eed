#include "tests/unit.h"

#include "base/buf.h"
#include "edit/code_graph.h"
#include "edit/outline.h"

#include <stdio.h>

static const char kind_letter[] = "ftvm";

/* One line a symbol: kind, "d" for a declaration, "l" for local, depth, name; then the imports. */
static char *describe(const char *path, const char *text)
{
	struct outline outline;
	struct buf out = { 0 };
	outline_scan(&outline, path, text, strlen(text));
	for (size_t i = 0; i < outline.n_symbols; i++) {
		const struct outline_symbol *s = &outline.symbol[i];
		assert_true(s->begin <= s->name && s->name + s->n_name <= s->end && s->head <= s->end && s->end <= strlen(text));
		buf_printf(&out, "%c%s%s%d %.*s\n", kind_letter[s->kind], s->is_declared ? "d" : "", s->is_local ? "l" : "",
		           s->depth, (int)s->n_name, text + s->name);
	}
	for (size_t i = 0; i < outline.import.n_items; i++)
		buf_printf(&out, "> %s\n", outline.import.item[i]);
	outline_release(&outline);
	return buf_take(&out, NULL);
}

static void check(const char *path, const char *text, const char *expected)
{
	char *got = describe(path, text);
	assert_string_equal(got ? got : "", expected);
	free(got);
}

static void test_c_declares_functions_types_values_and_macros(void **state)
{
	(void)state;
	check("a.c",
	      "#include <stdio.h>\n#include \"x/y.h\"\n#define MAX(a) \\\n\t(a)\n"
	      "static int helper(int a) { return a; }\n"
	      "API int (braced) (int a);\nint *get(void) __attribute__((nonnull));\n"
	      "typedef int (*callback)(int a);\ntypedef struct node { int field; } node_t;\n"
	      "enum colour { RED, GREEN = 2 };\nstruct thing;\nstruct thing { int a; };\n"
	      "const char *const names[] = { \"int fake(void) {\" };\nextern int shared;\n"
	      "/* int in_comment(void) {} */\nint last(void)\n{\n\tif (helper(1)) {\n\t}\n\treturn 0;\n}\n",
	      "m0 MAX\nfl0 helper\nfd0 braced\nfd0 get\nt0 callback\nt0 node_t\nt0 colour\nv1 RED\nv1 GREEN\nt0 thing\n"
	      "v0 names\nv0 shared\nf0 last\n> <stdio.h\n> \"x/y.h\n");
}

static void test_cpp_and_java_declare_members(void **state)
{
	(void)state;
	check("a.cc",
	      "namespace n {\ntemplate <class T> class V : public W<T> {\npublic:\n  V(int a) : a_(a) {}\n  void f() const;\n"
	      "private:\n  int a_;\n};\n}\nextern \"C\" {\nint c_fn(int);\n}\n",
	      "t0 n\nt1 V\nf2 V\nfd2 f\nfd0 c_fn\n");
	check("A.java", "package a.b;\nimport java.util.List;\npublic class A {\n  private int x;\n  public A(int y) { }\n"
	                "  public List<String> f(int a) throws E { return null; }\n}\n",
	      "t0 A\nf1 A\nf1 f\n> .a.b\n> .java.util.List\n");
}

static void test_python_declares_by_indentation(void **state)
{
	(void)state;
	check("a.py",
	      "import os, sys as system\nfrom .pkg import (a,\n    b)\nfrom . import mod\nLIMIT = 3\nclass A(Base):\n"
	      "    \"\"\"doc\n    def nope\n    \"\"\"\n    def f(self, x: int) -> str:\n        return f\"{x}\"\n\n"
	      "    async def g(self):\n        pass\ndef top(a,\n        b):\n    pass\n",
	      "v0 LIMIT\nt0 A\nf1 f\nf1 g\nf0 top\n> pos\n> psys\n> p.pkg\n> p.pkg.a\n> p.pkg.b\n> p.\n> p.mod\n");
}

static void test_typescript_go_and_rust_declare_by_word(void **state)
{
	(void)state;
	check("a.ts",
	      "import { x } from \"./lib/x\";\nimport type Foo from '../foo.js';\nexport class Big<T> extends Base {\n"
	      "  async run(a: number): Promise<void> { if (a) { foo(); } }\n}\nexport interface Shape { area(): number; }\n"
	      "type Id = string | number;\nexport const add = (a: number) => { const c = a; return c; };\n"
	      "const K = 3\nexport function go(a: string): void { function inner() {} }\nconst m = require(\"mod\");\n",
	      "t0 Big\nf1 run\nt0 Shape\nt0 Id\nv0 add\nv0 K\nf0 go\nv0 m\n> j./lib/x\n> j../foo.js\n> jmod\n");
	check("a.go",
	      "package main\nimport (\n\t\"fmt\"\n\tx \"example.com/mod/pkg\"\n)\ntype T struct {\n\ta int\n}\n"
	      "type F func(a int) error\n\nfunc (t *T) Run() error {\n\treturn nil\n}\nfunc Gen[K any](k K) {}\n"
	      "const (\n\tA = 1\n\tB = 2\n)\n",
	      "t0 T\nt0 F\nf0 Run\nf0 Gen\nv0 A\nv0 B\n> gfmt\n> gexample.com/mod/pkg\n");
	check("a.rs",
	      "use crate::a::b::{c, d};\nmod util;\npub struct P<'a> { x: &'a str }\nimpl<'a> P<'a> {\n"
	      "    pub fn new(x: &'a str) -> Self { P { x } }\n}\npub trait Tr { fn f(&self); }\nconst N: usize = 3;\n",
	      "t0 util\nt0 P\nf1 new\nt0 Tr\nf1 f\nv0 N\n> ucrate::a::b\n> mutil\n");
}

static void test_shell_declares_functions_and_sources(void **state)
{
	(void)state;
	check("a.sh", ". ./lib/common.sh\nsource \"$dir/x.sh\"\nfoo() {\n\tbar\n}\nfunction baz {\n\tfoo\n}\n",
	      "f0 foo\nf0 baz\n> s./lib/common.sh\n> s$dir/x.sh\n");
}

static void test_words_of_code_are_counted_and_those_of_comments_and_strings_are_not(void **state)
{
	(void)state;
	struct outline outline;
	const char *text = "/* quiet */ int loud = loud2 + loud2; char *s = \"quiet\";\n";
	struct buf out = { 0 };
	outline_scan(&outline, "a.c", text, strlen(text));
	for (size_t i = 0; i < outline.n_words; i++)
		buf_printf(&out, "%.*s:%u ", (int)outline.word[i].n, text + outline.word[i].at, outline.word[i].count);
	assert_string_equal(buf_str(&out), "int:1 loud:1 loud2:2 char:1 ");
	buf_release(&out);
	outline_release(&outline);
	assert_true(outline_knows("x/a.tsx"));
	assert_false(outline_knows("README.md"));
}

/* ---- graphs ---- */

struct source {
	const char *path, *text;
};

static void make_tree(struct code_tree *out, const struct source *source, size_t n)
{
	struct code_builder *builder = code_builder_new();
	for (size_t i = 0; i < n; i++) {
		struct outline outline;
		outline_scan(&outline, source[i].path, source[i].text, strlen(source[i].text));
		code_builder_add(builder, source[i].path, source[i].text, &outline);
		outline_release(&outline);
	}
	code_builder_finish(builder, out);
	assert_true(code_tree_is_sound(out));
}

/* "a>b" for each import edge. */
static char *imports_of(const struct source *source, size_t n)
{
	struct code_tree tree;
	struct code_graph graph;
	struct buf out = { 0 };
	make_tree(&tree, source, n);
	code_graph_make(&graph, &tree);
	for (size_t i = 0; i < n; i++)
		for (size_t e = graph.first[i]; e < graph.first[i + 1]; e++)
			if (graph.edge[e].name == CODE_NO_NAME)
				buf_printf(&out, "%s>%s ", source[i].path, source[graph.edge[e].to].path);
	code_graph_release(&graph);
	code_tree_release(&tree);
	return buf_take(&out, NULL);
}

static void test_imports_are_found_by_the_rules_of_each_language(void **state)
{
	(void)state;
	const struct source source[] = {
		{ "c/inc/far/x.h", "int far;\n" },
		{ "c/main.c", "#include \"x.h\"\n#include <far/x.h>\n#include <stdio.h>\n" },
		{ "c/x.h", "int near;\n" },
		{ "go/cmd/m.go", "package main\nimport \"example.com/go/pkg\"\n" },
		{ "go/pkg/p.go", "package pkg\n" },
		{ "go/pkg/p_test.go", "package pkg\n" },
		{ "js/a.ts", "import x from './lib';\nimport y from './b.js';\nimport fs from 'fs';\n" },
		{ "js/b.ts", "export const y = 1;\n" },
		{ "js/lib/index.ts", "export * from '../b';\n" },
		{ "py/pkg/__init__.py", "from . import util\n" },
		{ "py/pkg/sub/deep.py", "from ..util import f\n" },
		{ "py/pkg/util.py", "import os\nfrom pkg.sub.deep import thing\n" },
		{ "rs/a/b.rs", "use super::c::X;\n" },
		{ "rs/a/c.rs", "struct X;\n" },
		{ "rs/main.rs", "mod util;\nuse crate::a::b::thing;\nuse std::io;\n" },
		{ "rs/util/mod.rs", "fn f() {}\n" },
		{ "sh/lib/common.sh", "f() { :; }\n" },
		{ "sh/run.sh", ". \"$(dirname \"$0\")/lib/common.sh\"\n. ./lib/common.sh\n" },
	};
	char *got = imports_of(source, sizeof source / sizeof *source);
	assert_string_equal(got,
	                    "c/main.c>c/x.h c/main.c>c/inc/far/x.h go/cmd/m.go>go/pkg/p.go js/a.ts>js/lib/index.ts "
	                    "js/a.ts>js/b.ts js/lib/index.ts>js/b.ts py/pkg/__init__.py>py/pkg/util.py "
	                    "py/pkg/sub/deep.py>py/pkg/util.py py/pkg/util.py>py/pkg/sub/deep.py rs/a/b.rs>rs/a/c.rs "
	                    "rs/main.rs>rs/util/mod.rs rs/main.rs>rs/a/b.rs sh/run.sh>sh/lib/common.sh ");
	free(got);
}

static void test_ranks_follow_references_from_the_seeds(void **state)
{
	(void)state;
	const struct source source[] = {
		{ "a.c", "#include \"b.h\"\nint run_all(void) { return deep_call(1) + deep_call(2); }\n" },
		{ "b.h", "int deep_call(int a);\n" },
		{ "other.c", "#include \"other.h\"\nint unrelated(void) { return alone(); }\n" },
		{ "other.h", "int alone(void);\n" },
	};
	struct code_tree tree;
	struct code_graph graph;
	double rank[4];
	make_tree(&tree, source, 4);
	code_graph_make(&graph, &tree);
	code_graph_rank(&graph, (double[]){ 1, 0, 0, 0 }, rank);
	assert_true(rank[0] > rank[1] && rank[1] > 0.2);
	assert_true(rank[2] < 1e-9 && rank[3] < 1e-9);
	code_graph_rank(&graph, (double[]){ 0, 0, 1, 0 }, rank);
	assert_true(rank[3] > 0.2 && rank[1] < 1e-9);
	assert_true(rank[0] + rank[1] + rank[2] + rank[3] > 0.999 && rank[0] + rank[1] + rank[2] + rank[3] < 1.001);
	code_graph_release(&graph);
	code_tree_release(&tree);
}

static void test_levels_put_interfaces_first_and_circles_together(void **state)
{
	(void)state;
	const struct source source[] = {
		{ "a.c", "#include \"a.h\"\n" },
		{ "a.h", "#include \"b.h\"\n" },
		{ "b.h", "#include \"a.h\"\n#include \"base.h\"\n" },
		{ "base.h", "int base_call(void);\n" },
		{ "c.c", "#include \"base.h\"\n" },
		{ "x.go", "package p\nfunc use() { defined_elsewhere() }\n" },
		{ "y.go", "package p\nfunc defined_elsewhere() {}\n" },
	};
	struct code_tree tree;
	struct code_graph graph;
	uint32_t level[7], group[7];
	make_tree(&tree, source, 7);
	code_graph_make(&graph, &tree);
	assert_int_equal(code_graph_levels(&graph, (uint32_t[]){ 0, 1, 2, 3, 4, 5, 6 }, 7, level, group), 3);
	assert_int_equal(level[3], 0);
	assert_int_equal(level[1], 1);
	assert_int_equal(group[1], group[2]);
	assert_int_equal(level[0], 2);
	assert_int_equal(level[4], 1);
	assert_int_equal(level[6], 0);
	assert_int_equal(level[5], 1);
	assert_int_not_equal(group[0], group[1]);
	code_graph_release(&graph);
	code_tree_release(&tree);
}

static void test_a_copied_file_is_the_same_in_another_tree(void **state)
{
	(void)state;
	const struct source source[] = { { "a.c", "int one(void) { return two(); }\n" }, { "b.c", "#include \"a.c\"\nint two(void);\n" } };
	struct code_tree tree, copy;
	make_tree(&tree, source, 2);
	struct code_builder *builder = code_builder_new();
	code_builder_copy(builder, &tree, 1, "c.c");
	code_builder_finish(builder, &copy);
	assert_true(code_tree_is_sound(&copy));
	assert_int_equal(code_tree_find(&copy, "c.c"), 0);
	assert_int_equal(code_tree_find(&copy, "a.c"), -1);
	assert_string_equal(code_tree_name(&copy, copy.symbol[0].name), "two");
	assert_string_equal(code_tree_name(&copy, copy.import[0]), "\"a.c");
	code_tree_release(&copy);
	code_tree_release(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_c_declares_functions_types_values_and_macros),
		cmocka_unit_test(test_cpp_and_java_declare_members),
		cmocka_unit_test(test_python_declares_by_indentation),
		cmocka_unit_test(test_typescript_go_and_rust_declare_by_word),
		cmocka_unit_test(test_shell_declares_functions_and_sources),
		cmocka_unit_test(test_words_of_code_are_counted_and_those_of_comments_and_strings_are_not),
		cmocka_unit_test(test_imports_are_found_by_the_rules_of_each_language),
		cmocka_unit_test(test_ranks_follow_references_from_the_seeds),
		cmocka_unit_test(test_levels_put_interfaces_first_and_circles_together),
		cmocka_unit_test(test_a_copied_file_is_the_same_in_another_tree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
