librun_a_SOURCES += \
	core/run/accept.c core/run/accept.h \
	core/run/approve.c core/run/coverage.c \
	core/run/baseline.c core/run/baseline.h \
	core/run/budget.c core/run/budget.h \
	core/run/check.c core/run/check_cache.c core/run/check_cache.h \
	core/run/confine.c core/run/confine.h \
	core/run/control.c \
	core/run/decide.c \
	core/run/dialogue.c core/run/dialogue.h \
	core/run/draft.c core/run/draft.h \
	core/run/each.c \
	core/run/engine.h \
	core/run/event_batch.c core/run/event_batch.h \
	core/run/executor.c core/run/executor.h \
	core/run/export.c core/run/export.h \
	core/run/export_html.c core/run/export_json.c core/run/export_junit.c core/run/export_md.c core/run/export_patch.c \
	core/run/finish.c \
	core/run/forms.c core/run/forms.h \
	core/run/flow.c core/run/flow_answer.c \
	core/run/grow.c \
	core/run/guard.c \
	core/run/job.c \
	core/run/land.c core/run/land.h core/run/land_back.c \
	core/run/land_command.c \
	core/run/land_merge.c core/run/land_move.c core/run/land_move.h \
	core/run/land_names.c core/run/land_names.h \
	core/run/land_plan.c core/run/land_recover.c core/run/land_write.c \
	core/run/lineage.c core/run/lineage.h \
	core/run/live_feed.c core/run/live_feed.h \
	core/run/lsp_judge.c core/run/lsp_judge.h \
	core/run/matcher.c core/run/matcher.h core/run/matcher_document.c \
	core/run/matcher_tools.c core/run/matcher_tools.h \
	core/run/opening.c \
	core/run/preview.c \
	core/run/prompt.c core/run/prompt.h \
	core/run/prompt_ask.c core/run/prompt_use.c \
	core/run/prompt_map.c core/run/prompt_map.h \
	core/run/question.c core/run/question.h \
	core/run/record.c \
	core/run/recover.c core/run/recover.h \
	core/run/rerun.c core/run/rerun.h \
	core/run/review.c core/run/review.h \
	core/run/rollback.c \
	core/run/scaffold.c core/run/scaffold.h core/run/scaffold_make.c core/run/scaffold_manifest.c \
	core/run/schedule.c core/run/schedule.h \
	core/run/step.c core/run/step.h \
	core/run/step_ask.c \
	core/run/step_command.c \
	core/run/step_delete.c \
	core/run/step_propose.c \
	core/run/step_read.c \
	core/run/step_refactor.c \
	core/run/rename_server.c \
	core/run/step_edit.c core/run/step_edit.h \
	core/run/step_rename.c core/run/step_rename.h \
	core/run/step_rewrite.c \
	core/run/step_run.c \
	core/run/step_scaffold.c \
	core/run/step_test.c \
	core/run/test_framework.c core/run/test_framework.h \
	core/run/test_proof.c core/run/test_proof.h \
	core/run/step_validate.c \
	core/run/step_write.c \
	core/run/check_plan.c \
	core/run/take.c core/run/take.h \
	core/run/undo.c core/run/undo.h
