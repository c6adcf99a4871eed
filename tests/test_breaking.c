/* Functions are found and broken so that what compiled still does. */
#include "tests/unit.h"

#include "edit/breaking.h"

/* The text with the function of that name broken. */
static void check(const char *path, const char *text, const char *name, const char *expected)
{
	struct breakables list = { 0 };
	struct buf out = { 0 };
	breakables_find(&list, path, text, strlen(text));
	for (size_t i = 0; i < list.n_items; i++)
		if (strcmp(list.item[i].name, name) == 0)
			breakable_apply(&list.item[i], text, strlen(text), &out);
	assert_string_equal(buf_str(&out), expected);
	buf_release(&out);
	breakables_release(&list);
}

static void test_functions_of_c_return_a_value_of_their_type(void **state)
{
	(void)state;
	check("a.c", "#define A 1\nint f(void)\n{\n}\n", "f", "#define A 1\nint f(void)\n{ if (1) return (int){ 0 };\n}\n");
	check("a.c", "int x;\nstatic inline const char *g(int a)\n{}", "g",
	      "int x;\nstatic inline const char *g(int a)\n{ if (1) return (const char *){ 0 };}");
	check("a.c", "struct s { int a; };\nstruct s h(struct s *p) { return *p; }", "h",
	      "struct s { int a; };\nstruct s h(struct s *p) { if (1) return (struct s){ 0 }; return *p; }");
	check("a.c", "/* it */ void v() {}", "v", "/* it */ void v() { if (1) return;}");
	check("a.c", "void v() { if (x) { } }\n", "if", "");
	check("a.c", "int main(void) {}\n", "main", "");
	check("a.c", "int a[] = { f(1) };\n", "f", "");
	check("a.c", "ATTR(x) int f(void) {}", "f", "ATTR(x) int f(void) { if (1) return (int){ 0 };}");
	check("a.cpp", "std::string f() { }", "f", "");
	check("a.cpp", "string f() { }", "f", "string f() { if (1) return {}; }");
}

static void test_functions_of_other_languages_return_or_panic(void **state)
{
	(void)state;
	check("a.py", "class A:\n    def f(self, a=(1, 2)):  # x\n        \"\"\"d\"\"\"\n        return 1\n", "f",
	      "class A:\n    def f(self, a=(1, 2)):  # x\n        return None\n        \"\"\"d\"\"\"\n        return 1\n");
	check("a.py", "def g(): return 1\n", "g", "");
	check("a.py", "def h(a: int,\n      b) -> dict[str, int]:\n\treturn {}\n", "h",
	      "def h(a: int,\n      b) -> dict[str, int]:\n\treturn None\n\treturn {}\n");
	check("a.ts", "export function f(a: number): string { return ''; }", "f",
	      "export function f(a: number): string { if (1) return undefined; return ''; }");
	check("a.go", "func (s *T) F(a int) (int, error) {\n}", "F",
	      "func (s *T) F(a int) (int, error) { if true { panic(\"broken on purpose\") };\n}");
	check("a.rs", "pub fn f(a: u8) -> u8 { a }", "f",
	      "pub fn f(a: u8) -> u8 { if true { panic!(\"broken on purpose\") } a }");
	check("a.txt", "int f(void) { }", "f", "");
}

static void test_broken_texts_are_looked_through_all_the_same(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "{", ")", "){", "f(){", "f)({", "def ", "def f", "def f(:", "fn {", "func ( {" };
	static const char *const paths[] = { "a.c", "a.cc", "a.py", "a.js", "a.go", "a.rs" };
	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
		for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
			struct breakables list = { 0 };
			breakables_find(&list, paths[p], texts[t], strlen(texts[t]));
			for (size_t i = 0; i < list.n_items; i++)
				assert_true(list.item[i].at <= strlen(texts[t]));
			breakables_release(&list);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions_of_c_return_a_value_of_their_type),
		cmocka_unit_test(test_functions_of_other_languages_return_or_panic),
		cmocka_unit_test(test_broken_texts_are_looked_through_all_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
