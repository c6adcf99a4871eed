libpure_a_SOURCES += \
	core/edit/answer.c core/edit/answer.h \
	core/edit/answer_diff.c core/edit/answer_form.c core/edit/answer_path.c core/edit/answer_parser.h \
	core/edit/breaking.c core/edit/breaking.h \
	core/edit/apply.c core/edit/apply.h \
	core/edit/block.c core/edit/block.h \
	core/edit/changeset.c core/edit/changeset.h \
	core/edit/elide.c core/edit/elide.h \
	core/edit/guess.c core/edit/guess.h \
	core/edit/code_graph.c core/edit/code_graph.h \
	core/edit/code_levels.c \
	core/edit/code_tree.c core/edit/code_tree.h \
	core/edit/import_path.c core/edit/import_path.h \
	core/edit/language.c core/edit/language.h \
	core/edit/lex.c core/edit/lex.h \
	core/edit/lex_quote.c core/edit/lex_quote.h \
	core/edit/match.c core/edit/match.h \
	core/edit/merge.c core/edit/merge.h \
	core/edit/outline.c core/edit/outline.h core/edit/outline_scan.h \
	core/edit/outline_c.c core/edit/outline_keyword.c core/edit/outline_line.c \
	core/edit/patch.c core/edit/patch.h \
	core/edit/patch_binary.c core/edit/patch_binary.h \
	core/edit/patch_format.c \
	core/edit/patch_name.c core/edit/patch_name.h \
	core/edit/patch_place.c core/edit/patch_place.h \
	core/edit/patch_read.c core/edit/patch_read.h \
	core/edit/picture.c core/edit/picture.h \
	core/edit/progress.c core/edit/progress.h \
	core/edit/rename.c core/edit/rename.h \
	core/edit/rewrite.c core/edit/rewrite.h \
	core/edit/rewrite_match.c core/edit/rewrite_match.h \
	core/edit/rewrite_part.c core/edit/rewrite_part.h \
	core/edit/rewrite_pattern.c core/edit/rewrite_pattern.h \
	core/edit/template.c core/edit/template.h \
	core/edit/template_tag.c core/edit/template_tag.h \
	core/edit/text_edit.c core/edit/text_edit.h \
	core/edit/symbol.c core/edit/symbol.h \
	core/edit/textdiff.c core/edit/textdiff.h \
	core/edit/word_case.c core/edit/word_case.h \
	core/edit/worddiff.c
